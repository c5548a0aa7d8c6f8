"""Draws the borders of a table on one page.

Owns the choice between two borders on one edge (the wider wins) and joining edges into long lines.
"""

from __future__ import annotations

from generator.typeset.model import PageLayout, Rule
from generator.typeset.wml import Border

_Key = tuple[float, str | None]


class BorderSheet:
    """Edges of one table on one page.

    Horizontal edges lie on a row line (by its height on the page) above or below a grid column, vertical
    edges on a column line beside a row.  Both are kept per grid cell, so that merged cells need no care.
    """

    def __init__(self, columns: list[float]) -> None:
        self._columns = columns
        self._across: dict[float, dict[int, Border]] = {}
        self._down: dict[int, list[tuple[float, float, Border]]] = {}

    def across(self, y: float, first: int, last: int, border: Border) -> None:
        """Add a horizontal edge at ``y`` over grid columns ``first`` to ``last`` (exclusive)."""
        if not border.width:
            return
        row = self._across.setdefault(round(y, 2), {})
        for column in range(first, last):
            if column not in row or row[column].width < border.width:
                row[column] = border

    def down(self, line: int, top: float, bottom: float, border: Border) -> None:
        """Add a vertical edge on column line ``line`` from ``top`` to ``bottom``."""
        if not border.width:
            return
        edges = self._down.setdefault(line, [])
        for at, (other_top, other_bottom, other) in enumerate(edges):
            if abs(other_top - top) < 0.01 and abs(other_bottom - bottom) < 0.01:
                if other.width < border.width:
                    edges[at] = (top, bottom, border)
                return
        edges.append((top, bottom, border))

    def draw(self, page: PageLayout) -> None:
        """Add the joined lines to ``page``."""
        for y in sorted(self._across):
            self._draw_across(page, y, self._across[y])
        for line in sorted(self._down):
            self._draw_down(page, self._columns[line], sorted(self._down[line], key=lambda e: e[:2]))

    def _draw_across(self, page: PageLayout, y: float, row: dict[int, Border]) -> None:
        run: tuple[int, int, Border] | None = None
        for column in sorted(row):
            if run is not None and run[1] == column and run[2] == row[column]:
                run = (run[0], column + 1, run[2])
                continue
            if run is not None:
                self._rule(page, self._columns[run[0]], y, self._columns[run[1]], y, run[2])
            run = (column, column + 1, row[column])
        if run is not None:
            self._rule(page, self._columns[run[0]], y, self._columns[run[1]], y, run[2])

    def _draw_down(self, page: PageLayout, x: float, edges: list[tuple[float, float, Border]]) -> None:
        top, bottom, border = edges[0]
        for next_top, next_bottom, next_border in edges[1:]:
            if next_border == border and next_top <= bottom + 0.01:
                bottom = max(bottom, next_bottom)
                continue
            self._rule(page, x, top, x, bottom, border)
            top, bottom, border = next_top, next_bottom, next_border
        self._rule(page, x, top, x, bottom, border)

    @staticmethod
    def _rule(page: PageLayout, x1: float, y1: float, x2: float, y2: float, border: Border) -> None:
        page.rules.append(Rule(x1, y1, x2, y2, border.width, border.color))
