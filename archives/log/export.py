"""The export of an access log: JSON Lines that ``tools/verify_log.py`` and an outside examiner can read.

Header, seals, heads, events, closing line; seals stand first so that events can be checked as they stream by.
The array of an event line is the very text that is hashed.  The file holds ids, no names and no contents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

from archives.errors import LogExportInvalid
from archives.log.event import ROW_LENGTH, canonical_text
from archives.log.seal import Seal
from archives.log.verify import SealHead

FORMAT: Final = "kangdang-log"
VERSION: Final = 1
MAX_LINE: Final = 1_000_000


class Counts(NamedTuple):
    """How many lines of each kind an export holds; its closing line says the same."""

    seals: int
    heads: int
    events: int


class Header(NamedTuple):
    """First line of an export."""

    station: str
    made_at: str


def write_export(
    out: BinaryIO,
    header: Header,
    seals: Iterable[Seal],
    seal_heads: Iterable[Sequence[Any]],
    events: Iterable[Sequence[Any]],
) -> Counts:
    """Write an export as it streams; ``events`` are rows of WIDTH values ordered by (chain, seq).

    The rows are written as they lie, changed ones too.  Raises LogExportInvalid for a row JSON cannot hold,
    and OSError from ``out``.
    """
    counts = [0, 0, 0]
    opening = {"format": FORMAT, "version": VERSION, "made_at": header.made_at, "station": header.station}
    out.write(_line(opening))
    for seal in seals:
        counts[0] += 1
        hashes = seal.prev_seal_hash.hex(), seal.heads_root.hex()
        keys = seal.public_key.hex(), seal.signature.hex()
        out.write(_line(["seal", seal.number, seal.day, seal.made_at, *hashes, seal.count_events, *keys]))
    for number, chain, seq, hash_ in seal_heads:
        counts[1] += 1
        out.write(_line(["head", number, chain, seq, hash_.hex()]))
    for row in events:
        counts[2] += 1
        out.write(_event_line(row))
    out.write(_line(["end", *counts]))
    return Counts(*counts)


def _event_line(row: Sequence[Any]) -> bytes:
    try:
        return f'["event",{canonical_text(row)},"{row[ROW_LENGTH].hex()}"]\n'.encode()
    except (TypeError, ValueError, AttributeError):
        raise LogExportInvalid(
            "日志中有一条的内容不是文字或数字，无法导出。",
            hint="请先运行 kangdang log verify，查明是哪一条。",
        ) from None


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class ExportFile:
    """An export being read: seals and heads at once, then ``events`` once, streaming.

    Raises LogExportInvalid, naming the line, for anything that is not an export; ``events`` raises it at the
    end when the closing line is missing or counts something else.
    """

    header: Header
    seals: list[Seal]
    seal_heads: list[SealHead]

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._number = source, 0
        self.header = self._opening()
        self.seals, self.seal_heads = [], []
        line = self._next()
        # Ends: each round reads a line; the end of the file is none.
        while line[:1] == ["seal"]:
            self.seals.append(self._seal(line))
            line = self._next()
        # Ends: each round reads a line; the end of the file is none.
        while line[:1] == ["head"]:
            self.seal_heads.append(self._head(line))
            line = self._next()
        self._first = line

    def events(self) -> Iterator[tuple[Any, ...]]:
        """Rows of WIDTH values in the order of the file."""
        line, count = self._first, 0
        # Ends: each round reads a line; the end of the file is none.
        while line[:1] == ["event"]:
            count += 1
            yield self._event(line)
            line = self._next()
        if line != ["end", len(self.seals), len(self.seal_heads), count] or self._source.read(1):
            raise self._refused()

    def _refused(self) -> LogExportInvalid:
        return LogExportInvalid(f"日志导出文件第 {self._number} 行不符合格式，文件不完整或被改动。")

    def _load(self) -> Any:
        self._number += 1
        raw = self._source.readline(MAX_LINE)
        try:
            if not raw.endswith(b"\n"):
                raise ValueError  # noqa: TRY301 - one refusal for all that is no line
            return json.loads(raw.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise self._refused() from None

    def _opening(self) -> Header:
        line = self._load()
        if not isinstance(line, dict) or (line.get("format"), line.get("version")) != (FORMAT, VERSION):
            raise LogExportInvalid("这个文件不是康档日志导出文件，或版本不认识。")
        if not _types(list(line.values()), (str, int, str, str)):
            raise self._refused()
        return Header(line["station"], line["made_at"])

    def _next(self) -> list[Any]:
        line = self._load()
        if not isinstance(line, list):
            raise self._refused()
        return line

    def _seal(self, line: list[Any]) -> Seal:
        if not _types(line, (str, int, str, str, str, str, int, str, str)):
            raise self._refused()
        _, number, day, made_at, prev, root, count, key, signature = line
        return Seal(
            number,
            day,
            made_at,
            self._hex(prev),
            self._hex(root),
            count,
            self._hex(key),
            self._hex(signature, 64),
        )

    def _head(self, line: list[Any]) -> SealHead:
        if not _types(line, (str, int, int, int, str)):
            raise self._refused()
        return SealHead(line[1], line[2], line[3], self._hex(line[4]))

    def _event(self, line: list[Any]) -> tuple[Any, ...]:
        if not _types(line, (str, list, str)) or len(line[1]) != ROW_LENGTH or type(line[1][0]) is not int:
            raise self._refused()
        return (*line[1], self._hex(line[2]))

    def _hex(self, text: str, length: int = 32) -> bytes:
        try:
            value = bytes.fromhex(text)
        except ValueError:
            raise self._refused() from None
        if len(value) != length or value.hex() != text:
            raise self._refused()
        return value


def _types(values: Sequence[Any], types: tuple[type, ...]) -> bool:
    return len(values) == len(types) and all(
        type(value) is kind for value, kind in zip(values, types, strict=True)
    )


def _no_constant(name: str) -> Any:
    raise ValueError(name)
