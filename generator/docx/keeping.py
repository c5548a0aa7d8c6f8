"""What of a template source stands on one page with what follows it.

A heading, a declaration or a row of signatures means nothing alone at the edge of a page.  Owns that rule for
our own sources; ``build`` writes it as ``w:keepNext``, which Word, LibreOffice and our layout obey alike.
What depends on the answers (the row before the signatures, long or short) is ``settling``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generator.docx import markup
from generator.docx.markup import Piece
from generator.docx.source import BlockSource, ParagraphSource, RowSource

_LONG = 160
"""Characters from which fixed wording is a text of its own and may be divided."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A row or a paragraph in the order of the print; ``key`` is the identity of its source."""

    key: int
    signs: bool
    """Someone signs there; a row for each entry of a register does not count."""
    asks: bool
    """It has answers."""
    text: str
    note: bool
    repeated: bool
    breakable: bool
    """A paragraph of the body, which is divided between lines only where it is long."""

    @property
    def heads(self) -> bool:
        """Whether it only leads to what follows: a heading, the head of a list, a declaration, a role."""
        return not (self.signs or self.asks or self.note) and len(self.text) < _LONG


def kept_with_next(blocks: Sequence[BlockSource]) -> frozenset[int]:
    """``id`` of the rows and paragraphs of ``blocks`` that stay with what follows, and of such seams."""
    kept: set[int] = set()
    for run in _runs(blocks):
        items = [item for item in run if not isinstance(item, int)]
        for item, after in pairwise(items):
            if not item.repeated and _together(item, after):
                kept.add(item.key)
        kept.update(_seams(run, kept))
    kept.update(_last_rows(blocks))
    return frozenset(kept)


def _together(item: _Item, after: _Item) -> bool:
    if item.heads:
        return bool(item.text.strip()) or after.signs
    if after.note:
        return True
    return after.signs and (item.signs or item.breakable)


def _runs(blocks: Sequence[BlockSource]) -> Iterator[list[_Item | int]]:
    """What follows one another on paper, seams as their identity; a condition is a run of its own."""
    run: list[_Item | int] = []
    for block in blocks:
        if block.when or block.caption:
            yield run
            run = []
            if block.when:
                yield from _runs(block.blocks)
        elif block.seam:
            run.append(id(block))
        elif block.table:
            run.extend(_row(row) for row in block.table.rows)
        else:
            run.extend(_paragraph(paragraph) for paragraph in block.text)
    yield run


def _seams(run: Sequence[_Item | int], kept: set[int]) -> Iterator[int]:
    """Seams behind a row that stays with the next."""
    for before, seam in pairwise(run):
        if isinstance(seam, int) and isinstance(before, _Item) and before.key in kept:
            yield seam


def _last_rows(blocks: Sequence[BlockSource]) -> Iterator[int]:
    """The last row stays with the empty paragraph behind the table, which else makes a page of its own."""
    last = blocks[-1] if blocks else None
    if last is not None and last.table and not last.table.rows[-1].loop:
        yield id(last.table.rows[-1])


def _row(row: RowSource) -> _Item:
    paragraphs = [paragraph for cell in row.cells for paragraph in cell.text]
    styles = {paragraph.style or cell.style for cell in row.cells for paragraph in cell.text}
    pieces = _pieces(paragraphs)
    return _Item(
        id(row),
        signs=any(piece.kind == "sign" for piece in pieces) and not row.loop,
        asks=row.loop is not None or _asks(pieces),
        text=_words(pieces),
        note=styles == {"Note"} and not _asks(pieces),
        repeated=row.loop is not None,
        breakable=False,
    )


def _paragraph(paragraph: ParagraphSource) -> _Item:
    pieces = _pieces([paragraph])
    return _Item(
        id(paragraph),
        signs=any(piece.kind == "sign" for piece in pieces),
        asks=_asks(pieces) or paragraph.style != "Note",
        text=_words(pieces),
        note=False,
        repeated=paragraph.loop is not None or paragraph.when is not None,
        breakable=True,
    )


def _pieces(paragraphs: Iterable[ParagraphSource]) -> list[Piece]:
    found: list[Piece] = []
    waiting = [piece for paragraph in paragraphs for piece in markup.parse(paragraph.text, place="")]
    # Ends: each round takes a piece; what it holds is shorter than itself.
    while waiting:
        piece = waiting.pop()
        found.append(piece)
        waiting.extend(piece.inner)
    return found


def _asks(pieces: Iterable[Piece]) -> bool:
    return any(piece.kind in ("field", "box", "mark", "check", "tag") for piece in pieces)


def _words(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in ("text", "erratum"))
