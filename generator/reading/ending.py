"""Whether a scanned file has its end: what a writer puts last, looked for without reading the file whole.

Only the end is looked at; whether the pages are sound is for whoever takes them.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

FileKind = Literal["pdf", "tiff", "jpeg", "png", "empty", "other"]
_TAIL: Final = 4096
_END_OF_PDF: Final = re.compile(rb"startxref\s+(\d{1,18})\s+%%EOF")
_MOST_READ: Final = 50_000_000
"""Of the directories of a TIFF, in all; a chain that goes on longer has no end."""
_PNG_END: Final = b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
_JPEG_END: Final = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Ending:
    """``whole``: what closes such a file is there.  ``tail``: stands for its last bytes."""

    kind: FileKind
    whole: bool
    tail: str

    @property
    def whole_after_each_page(self) -> bool:
        """Whether a file of this kind may have its end and still get further pages."""
        return self.kind in ("pdf", "tiff")


def ending_of(path: Path) -> Ending:
    """How the file ends now.  Raises OSError."""
    with path.open("rb") as file:
        head = file.read(16)
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL, 0))
        tail = file.read(_TAIL)
        kind = _kind(head)
        return Ending(kind, _whole(kind, file, head, tail, size), hashlib.sha256(tail).hexdigest())


def _kind(head: bytes) -> FileKind:
    if not head:
        return "empty"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "tiff"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "pdf" if b"%PDF" in head else "other"


def _whole(kind: FileKind, file: IO[bytes], head: bytes, tail: bytes, size: int) -> bool:
    if kind == "pdf":
        found = _END_OF_PDF.findall(tail)
        return bool(found) and int(found[-1]) < size
    if kind == "jpeg":
        return _JPEG_END in tail.rstrip(b"\x00\n\r")[-64:]
    if kind == "png":
        return _PNG_END in tail
    return _chain_ends(file, head, size) if kind == "tiff" else kind == "other"


def _chain_ends(file: IO[bytes], head: bytes, size: int) -> bool:
    """Whether a TIFF's directories and pictures lie within the file, and the last one ends the chain."""
    layout = _Layout("<" if head.startswith(b"II") else ">", head[2:4] in (b"+\x00", b"\x00+"))
    at = layout.number(head[8:16] if layout.big else head[4:8])
    seen: set[int] = set()
    spent = 0
    # Ends: no directory is passed twice, and what is read of them is bounded.
    while at:
        if at in seen or at >= size or spent > _MOST_READ:
            return False
        seen.add(at)
        file.seek(at)
        counted = layout.count(file.read(layout.count_size))
        length = counted * layout.entry_size if counted is not None else size
        if at + layout.count_size + length + layout.pointer_size > size:
            return False
        entries = file.read(length)
        at = layout.number(file.read(layout.pointer_size))
        end, read = _end_of_pictures(file, layout, entries, size)
        spent += length + read + 1000
        if end > size:
            return False
    return bool(seen) and at == 0


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a TIFF writes its numbers: the order of bytes, and whether it is the large kind."""

    order: str
    big: bool

    @property
    def pointer_size(self) -> int:
        return 8 if self.big else 4

    @property
    def count_size(self) -> int:
        return 8 if self.big else 2

    @property
    def entry_size(self) -> int:
        return 20 if self.big else 12

    def number(self, raw: bytes) -> int | None:
        """A place in the file; None where it is cut off."""
        if len(raw) < self.pointer_size:
            return None
        return int(struct.unpack(self.order + ("Q" if self.big else "I"), raw)[0])

    def count(self, raw: bytes) -> int | None:
        """How many entries follow."""
        if len(raw) < self.count_size:
            return None
        return int(struct.unpack(self.order + ("Q" if self.big else "H"), raw)[0])


def _end_of_pictures(file: IO[bytes], layout: _Layout, entries: bytes, size: int) -> tuple[int, int]:
    """(where the last strip or tile of a page ends, how many places and lengths were read)."""
    values: dict[int, tuple[int, ...]] = {}
    for start in range(0, len(entries), layout.entry_size):
        entry = entries[start : start + layout.entry_size]
        tag, kind = struct.unpack(layout.order + "HH", entry[:4])
        if tag in _STRIPS or tag in _STRIPS.values():
            values[tag] = _values(file, layout, kind, entry[4:], size)
    ends = (
        at + length
        for where, lengths in _STRIPS.items()
        for at, length in zip(values.get(where, ()), values.get(lengths, ()), strict=False)
    )
    return max(ends, default=0), sum(map(len, values.values()))


def _values(file: IO[bytes], layout: _Layout, kind: int, rest: bytes, size: int) -> tuple[int, ...]:
    """The numbers of an entry; none for a kind that holds no places."""
    letter = _NUMBERS.get(kind)
    amount = layout.number(rest[: layout.pointer_size])
    if letter is None or amount is None or amount > _MOST_STRIPS:
        return ()
    form, inline = f"{layout.order}{amount}{letter}", rest[layout.pointer_size :]
    length = struct.calcsize(form)
    if length > len(inline):
        where = layout.number(inline)
        if where is None or where + length > size:
            return (_NOWHERE,)
        back = file.tell()
        file.seek(where)
        inline = file.read(length)
        file.seek(back)
    return struct.unpack(form, inline[:length]) if len(inline) >= length else (_NOWHERE,)


_STRIPS: Final = {273: 279, 324: 325}
"""Tag of places → tag of lengths, of strips and of tiles."""
_NUMBERS: Final = {3: "H", 4: "I", 16: "Q"}
_MOST_STRIPS: Final = 1_000_000
_NOWHERE: Final = 2**63
"""A place outside of any file."""
