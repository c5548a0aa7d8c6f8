"""A look through a PDF for streams that unpack to far more than they are, before anything unpacks them.

Owns the limits on what is no picture: page descriptions, object streams, fonts.  Pictures have limits of
their own, by their dots.  Streams are never hidden in other streams, so one pass over the bytes sees all.
"""

from __future__ import annotations

import mmap
import re
import zlib
from pathlib import Path

from generator.errors import ScanTooLarge

MAX_UNPACKED = 4_000_000
"""A page description beyond this is no scan; reading it would take seconds and hundreds of megabytes."""
MAX_UNPACKED_FONT = 40_000_000
MAX_UNPACKED_ALL = 400_000_000
_MAX_PACKED = 1_000_000
"""For packings that are not unpacked here."""

_START = re.compile(rb"stream\r?\n")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DICTIONARY_BYTES = 2_000
_PICTURE = re.compile(rb"/(DCTDecode|DCT|JPXDecode|CCITTFaxDecode|CCF|JBIG2Decode)\b|/Subtype\s*/Image\b")
_FONT = re.compile(rb"/(Length1|CIDFontType0C|Type1C|OpenType|N\s+[134])\b")
_OTHER = re.compile(rb"/(LZWDecode|LZW|RunLengthDecode|RL)\b")
_PIECE = 65_536


def check_streams(path: Path) -> None:
    """Raise ScanTooLarge when a stream that is no picture unpacks beyond its limit."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        total = 0
        for match in _START.finditer(raw):
            about = _dictionary(raw, match.start())
            if about is None or _PICTURE.search(about):
                continue
            limit = MAX_UNPACKED_FONT if _FONT.search(about) else MAX_UNPACKED
            size = _unpacked(raw, match.end(), limit, about)
            total += size
            if size > limit or total > MAX_UNPACKED_ALL:
                raise ScanTooLarge(
                    "该 PDF 解压后的内容过大，不像扫描件，没有读取。", hint="请在扫描仪上重新扫描成 PDF。"
                )


def _dictionary(raw: mmap.mmap, end: int) -> bytes | None:
    """The dictionary before a stream, escapes in names undone; None when there is none: chance bytes."""
    before = raw[max(0, end - _DICTIONARY_BYTES) : end]
    start = before.rfind(b" obj")
    if start < 0 or not before.rstrip().endswith(b">>"):
        return None
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), before[start:])


def _unpacked(raw: mmap.mmap, start: int, limit: int, about: bytes) -> int:
    """How much a stream unpacks to, counted no further than just beyond ``limit``."""
    if _OTHER.search(about) or about.count(b"/FlateDecode") + about.count(b"/Fl ") > 1:
        end = raw.find(b"endstream", start)
        return limit + 1 if end - start > _MAX_PACKED or about.count(b"/FlateDecode") > 1 else 0
    unpacker = zlib.decompressobj()
    size, at = 0, start
    pending = b""
    try:
        # Ends: each round takes bytes in or gives bytes out, at most ``limit``.
        while size <= limit and not unpacker.eof:
            piece = pending or raw[at : at + _PIECE]
            if not piece:
                break
            if not pending:
                at += len(piece)
            size += len(unpacker.decompress(piece, _PIECE * 16))
            pending = unpacker.unconsumed_tail
    except zlib.error:
        return 0  # not packed this way: what it is, it is at its own length
    return size
