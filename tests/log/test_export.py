"""The export file: what is written comes back, both readers refuse damage in the same words."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import LogExportInvalid
from archives.log.event import digest_row
from archives.log.export import Counts, ExportFile, Header, write_export
from archives.log.verify import verify
from tests.log.station import Station, build, export_of
from tools import verify_log

MADE = Header("PZ01", "2026-11-20T18:00:00.000+08:00")


def read(raw: bytes) -> tuple[ExportFile, list[tuple[Any, ...]]]:
    export = ExportFile(io.BytesIO(raw))
    return export, list(export.events())


def refusals(raw: bytes) -> list[str]:
    """What each reader says of a file."""
    said = []
    try:
        read(raw)
    except LogExportInvalid as problem:
        said.append(problem.message)
    try:
        verify_log.Examination(verify_log.Export(io.BytesIO(raw)), [], []).run()
    except verify_log.Refused as problem:
        said.append(str(problem))
    return said


def test_round_trip() -> None:
    station = build()
    out = io.BytesIO()
    counts = write_export(out, MADE, station.seals, station.heads, station.rows)
    assert counts == Counts(seals=4, heads=9, events=26)
    export, rows = read(out.getvalue())
    assert (export.header, export.seals, export.seal_heads) == (MADE, station.seals, station.heads)
    assert [list(row) for row in rows] == station.rows
    assert verify(rows, export.seals, export.seal_heads).ok


def test_lines_to_the_byte() -> None:
    station = build()
    lines = export_of(station).decode().splitlines()
    assert (
        lines[0]
        == '{"format":"kangdang-log","version":1,"made_at":"2026-11-20T18:00:00.000+08:00","station":"PZ01"}'
    )
    seal, head, row = station.seals[0], station.heads[0], station.rows[0]
    assert lines[1] == (
        f'["seal",1,"2026-11-16","2026-11-16T23:30:00.000+08:00","{"00" * 32}","{seal.heads_root.hex()}",7,'
        f'"{seal.public_key.hex()}","{seal.signature.hex()}"]'
    )
    assert lines[5] == f'["head",1,0,3,"{head.hash.hex()}"]'
    assert lines[14] == (
        '["event",[0,1,"2026-11-16T09:00:00.000+08:00",3,5,"worker","login","user:3",null,null,"样例电脑","ok",'
        f'"{{\\"pages\\":0}}",null],"{row[-1].hex()}"]'
    )
    assert lines[-1] == '["end",4,9,26]'
    assert all(json.loads(line) for line in lines)


json_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(st.characters(exclude_categories=["Cs"]))
)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), *[json_values] * 13, st.binary(min_size=32, max_size=32)), max_size=4
    )
)
def test_any_row_comes_back(rows: list[tuple[Any, ...]]) -> None:
    out = io.BytesIO()
    write_export(out, MADE, [], [], rows)
    assert read(out.getvalue())[1] == rows
    assert refusals(out.getvalue()) == []


EXPORT = export_of(build())


@given(st.integers(0, len(EXPORT) - 1))
def test_a_file_cut_short_is_refused(length: int) -> None:
    said = refusals(EXPORT[:length])
    assert len(said) == 2
    assert said[0] == said[1]


@given(st.integers(0, len(EXPORT) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unseen_behind_the_header(at: int, mask: int) -> None:
    """Both readers refuse the file, or both find the change, in the same words."""
    header = EXPORT.index(b"\n") + 1
    if at < header:
        return
    raw = EXPORT[:at] + bytes([EXPORT[at] ^ mask]) + EXPORT[at + 1 :]
    said = refusals(raw)
    if said:
        assert len(said) == 2
        assert said[0] == said[1]
        return
    export, rows = read(raw)
    report = verify(rows, export.seals, export.seal_heads)
    tool = verify_log.Examination(verify_log.Export(io.BytesIO(raw)), [], [])
    assert tool.run() == report.sentences
    same = rows == [tuple(row) for row in build().rows] and export.seals == build().seals
    assert not report.ok or same  # white space between values and the spelling of a character are no change


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (b'["seal",2', b'["seal","2"', 3),
        (b'["head",1,0', b'["head",1.0,0', 6),
        (b'["event",[0,1,', b'["event",["0",1,', 15),
        (b'["event",[0,1,', b'["event",[1,', 15),
        (b'["event",[0,1,', b'["evnt",[0,1,', 15),
        (b'["event",[0,1,', b'["event",[0,NaN,', 15),
        (b'["event",[0,1,', b"[" * 100_000, 15),
        (b'["end",4,9,26]', b'["end",4,9,25]', 41),
        (b'["end",4,9,26]\n', b"", 41),
        (b'["end",4,9,26]\n', b'["end",4,9,26]\n\n', 41),
        (b'"made_at"', b'"extra":1,"made_at"', 1),
    ],
)
def test_damaged_lines_are_named(old: bytes, new: bytes, line: int) -> None:
    sentence = f"日志导出文件第 {line} 行不符合格式，文件不完整或被改动。"
    assert EXPORT.count(old) >= 1
    assert refusals(EXPORT.replace(old, new, 1)) == [sentence] * 2


@pytest.mark.parametrize(
    "raw", [b"{}\n", b'{"format":"kangdang-log","version":2}\n', b"[]\n", b"1\n", b'"x"\n']
)
def test_other_files_are_no_export(raw: bytes) -> None:
    assert refusals(raw) == ["这个文件不是康档日志导出文件，或版本不认识。"] * 2


def test_a_row_json_cannot_hold_is_refused() -> None:
    station = build()
    station.rows[3][10] = b"\xff"
    with pytest.raises(LogExportInvalid, match="无法导出。请先运行 kangdang log verify，查明是哪一条。"):
        write_export(io.BytesIO(), MADE, [], [], station.rows)


def test_memory_stays_flat_over_many_events() -> None:
    def rows(count: int) -> Iterator[tuple[Any, ...]]:
        prev = bytes(32)
        base = build().rows[0]
        for seq in range(1, count + 1):
            row = [base[0], seq, *base[2:14]]
            prev = digest_row(row, prev)
            yield (*row, prev)

    def peak(count: int) -> int:
        class Lines(io.RawIOBase):
            """Counts and forgets."""

            def writable(self) -> bool:
                return True

            def write(self, data: Any) -> int:
                return len(data)

        tracemalloc.start()
        write_export(Lines(), MADE, [], [], rows(count))  # type: ignore[arg-type]
        assert verify(rows(count), [], []).events == count
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(4_000) < peak(400) + 100_000


def test_station_is_what_it_was() -> None:
    assert export_of(Station()).count(b"\n") == 2
