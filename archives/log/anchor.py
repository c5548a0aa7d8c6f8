"""Anchors: what is kept of a seal outside the station, and reading it back.

Two forms of the same: a JSON file with the whole seal, and one printed line that can be typed in again.
A line carries its own check, so that a slip of the pen is told apart from a changed log.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from archives.errors import SealInvalid
from archives.log.seal import Seal, readable, seal_hash

FORMAT: Final = "kangdang-anchor"
VERSION: Final = 1
MAX_BYTES: Final = 4_000_000

_LINE = re.compile(
    r"康档封签 *第? *(?P<number>[0-9]{1,9}) *号? +(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}) +"
    r"(?P<hash>(?:[0-9a-f]{8} *){8}) *签 *(?P<signature>[0-9a-f]{8}) *核 *(?P<check>[0-9a-f]{4})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is known outside of one seal."""

    number: int
    day: str
    hash: bytes
    """``seal_hash`` of the seal, 32 bytes."""
    public_key: bytes | None = None
    """Of the seal; None from a printed line."""


def anchor_line(seal: Seal) -> str:
    """The line to print: number, day, seal hash, fingerprint of the signature, check of the line."""
    whole = seal_hash(seal).hex()
    groups = " ".join(whole[at : at + 8] for at in range(0, 64, 8))
    mark = hashlib.sha256(seal.signature).hexdigest()[:8]
    check = _line_check(seal.number, seal.day, whole, mark)
    return f"康档封签 第{seal.number}号 {seal.day} {groups} 签 {mark} 核 {check}"


def anchor_file(seal: Seal) -> bytes:
    """The JSON file to keep outside: the whole seal and its hash, and the same as a line."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "number": seal.number,
        "day": seal.day,
        "made_at": seal.made_at,
        "prev_seal_hash": seal.prev_seal_hash.hex(),
        "heads_root": seal.heads_root.hex(),
        "count_events": seal.count_events,
        "public_key": seal.public_key.hex(),
        "signature": seal.signature.hex(),
        "seal_hash": seal_hash(seal).hex(),
        "line": anchor_line(seal),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def read_anchors(raw: bytes) -> list[Anchor]:
    """The anchors of a file: one JSON object, or text with any number of printed lines.

    Full-width characters, capitals and other spacing are forgiven.  Raises SealInvalid for a file without an
    anchor, a line whose check does not hold (named by its number), a JSON file that contradicts itself.
    """
    if len(raw) > MAX_BYTES:
        raise SealInvalid("外存凭证文件过大。")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SealInvalid("外存凭证文件不是文本文件。") from None
    return [_from_json(text)] if text.lstrip().startswith("{") else _from_lines(text)


def _from_lines(text: str) -> list[Anchor]:
    anchors = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", line)).strip().lower()
        if not plain.startswith("康档封签"):
            continue
        match = _LINE.fullmatch(plain)
        if match is None:
            raise SealInvalid(f"外存凭证第 {number} 行不完整。", hint="请对照打印件重新抄录这一行。")
        whole = match["hash"].replace(" ", "")
        if _line_check(int(match["number"]), match["day"], whole, match["signature"]) != match["check"]:
            raise SealInvalid(f"外存凭证第 {number} 行有抄写错误。", hint="请对照打印件重新抄录这一行。")
        anchors.append(Anchor(int(match["number"]), match["day"], bytes.fromhex(whole)))
    if not anchors:
        raise SealInvalid("文件里没有封签的外存凭证。")
    return anchors


def _from_json(text: str) -> Anchor:
    try:
        content: Any = json.loads(text)
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise SealInvalid("外存凭证文件的格式或版本不认识。")
        seal = Seal(
            content["number"],
            content["day"],
            content["made_at"],
            bytes.fromhex(content["prev_seal_hash"]),
            bytes.fromhex(content["heads_root"]),
            content["count_events"],
            bytes.fromhex(content["public_key"]),
            bytes.fromhex(content["signature"]),
        )
        stated = bytes.fromhex(content["seal_hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SealInvalid("外存凭证文件的内容不完整。") from None
    if not readable(seal) or seal_hash(seal) != stated:
        raise SealInvalid("外存凭证文件的内容前后不一致。")
    return Anchor(seal.number, seal.day, stated, seal.public_key)


def _line_check(number: int, day: str, whole: str, mark: str) -> str:
    return hashlib.sha256(f"kangdang-line {number} {day} {whole} {mark}".encode()).hexdigest()[:4]
