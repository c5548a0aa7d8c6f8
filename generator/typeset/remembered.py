"""Table cells met before: documents of one template share most of them, word for word.

Owns the choice of cells that can be taken over from an earlier document, and the cutting of those out of
the XML before it is parsed.  A cell is kept from its second appearance on, so what occurs once is not kept.
"""

from __future__ import annotations

import re

from generator.typeset.wml import Cell

MARK = "kangdang-cell"
"""Attribute of an empty ``w:tc`` that stands for a remembered cell."""

_CELL = re.compile(rb"<w:tc>.*?</w:tc>", re.DOTALL)
_START, _END = b"<w:bookmarkStart ", b"<w:bookmarkEnd "
_UNSAFE = (MARK.encode(), b"<!--", b"<![CDATA[", b"Theme=", b"<w:gridCol/>")
_LIMIT = 3000
"""Cells kept in a process (about 5 KB each); the one not used for the longest time goes first."""

Key = tuple[object, bytes, str | None, tuple[float, float, float, float]]


class RememberedCells:
    """Cells by styles of the document, XML, table style and margins of the table."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._cells: dict[Key, Cell] = {}

    def shorten(self, data: bytes) -> tuple[bytes, list[bytes]]:
        """Return a part with empty cells for those seen before, and the XML of each of them."""
        found: list[bytes] = []
        if any(mark in data for mark in _UNSAFE):
            return data, found
        if len(self._seen) > 16 * _LIMIT:
            self._seen.clear()

        def swap(match: re.Match[bytes]) -> bytes:
            raw = match.group()
            number = hash(raw)
            if number not in self._seen:
                self._seen.add(number)
                return raw
            if not _is_whole(raw):
                return raw
            found.append(raw)
            return b'<w:tc %s="%d"/>' % (MARK.encode(), len(found) - 1)

        return _CELL.sub(swap, data), found

    def get(self, key: Key) -> Cell | None:
        """Return a cell read before."""
        found = self._cells.pop(key, None)
        if found is not None:
            self._cells[key] = found
        return found

    def keep(self, key: Key, cell: Cell) -> None:
        """Keep ``cell`` for later documents."""
        # Ends: each round takes a cell away or stops.
        while len(self._cells) >= _LIMIT:
            try:
                del self._cells[next(iter(self._cells))]
            except (KeyError, RuntimeError, StopIteration):
                break  # another thread was quicker
        cell.memo = {}
        self._cells[key] = cell


def _is_whole(raw: bytes) -> bool:
    """Return whether a cell stands for itself: no other cell, picture or open bookmark in it."""
    return raw.count(b"<w:tc>") == 1 and b"<w:drawing" not in raw and raw.count(_START) == raw.count(_END)


REMEMBERED = RememberedCells()
"""The cells of this process."""
