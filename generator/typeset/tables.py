"""Lays a table out over pages.

Owns row heights, vertical merges, splitting of rows at line boundaries and repeated header rows.
Nothing is clipped: a row of exact height grows when its content needs more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from generator.typeset.borders import BorderSheet
from generator.typeset.emit import LinePainter
from generator.typeset.flow import TOLERANCE, Column, Slot, fitting, height_of, paint, stack
from generator.typeset.lines import Setter
from generator.typeset.model import CellPart, Fill, Rect
from generator.typeset.wml import Border, Cell, Row, Table


@dataclass(slots=True, eq=False, repr=False)
class _Flow:
    """Content of one cell (or of one vertical merge) on its way over pages.

    ``first_row`` to ``last_row`` are the rows it covers; ``inside`` is the upper inner edge of the part on
    the current page, ``done`` counts the lines already placed.
    """

    cell: Cell
    slots: list[Slot]
    first_row: int
    last_row: int
    top: float
    bottom: float
    inside: float = 0.0
    done: int = 0

    def rest(self) -> float:
        """Return the height still needed, margins included."""
        return self.top + height_of(self.slots, self.done, len(self.slots)) + self.bottom

    def fits(self, room: float) -> int:
        """Return the end of the lines that fit into ``room``, margins included."""
        return fitting(self.slots, self.done, room - self.top - self.bottom, in_cell=True)

    def reach(self, room: float) -> float:
        """Return the height of all paragraphs up to the second that does not fit into ``room``."""
        end, count = self.fits(room), len(self.slots)
        for _ in range(2):
            if end < count:
                end += len(self.slots[end].paragraph.lines) - self.slots[end].number
        return self.upto(end)

    def upto(self, end: int) -> float:
        """Return the height of a part that ends before line ``end``."""
        return self.top + height_of(self.slots, self.done, end) + self.bottom


_NOWHERE: Mapping[int, float] = {}


def _always(_room: float) -> bool:
    return True


def lines_in(table: Table, cell: Cell, setter: Setter) -> list[Slot]:
    """Set the paragraphs of a cell; lines of a cell shared between documents are kept."""
    _, right, _, left = cell.margins
    width = sum(table.grid[cell.column : cell.column + cell.span]) - left - right
    key = (width, setter.context)
    if cell.memo is None or key not in cell.memo:
        gaps = len(setter.gaps)
        slots = stack([setter.set(paragraph, width) for paragraph in cell.paragraphs])
        if cell.memo is None or len(setter.gaps) > gaps:
            return slots
        cell.memo[key] = slots
    found: list[Slot] = cell.memo[key]
    return found


class TableLayout:
    """Places one table into a column."""

    def __init__(
        self, table: Table, column: Column, setter: Setter, goes_on: Callable[[float], bool] = _always
    ) -> None:
        """``goes_on`` says whether what follows the table, if kept with it, begins within so many points."""
        self._table = table
        self._column = column
        self._setter = setter
        self._goes_on = goes_on
        self._edges = self._column_edges()
        self._sheet = BorderSheet(self._edges)
        self._flows = self._make_flows()
        self._ending: list[list[_Flow]] = [[] for _ in table.rows]
        self._starting: list[list[_Flow]] = [[] for _ in table.rows]
        for flow in self._flows:
            self._ending[flow.last_row].append(flow)
            self._starting[flow.first_row].append(flow)
        self._above_widths: list[float | None] = [None] * len(table.rows)
        self._below_widths: list[float | None] = [None] * len(table.rows)
        self._open: list[_Flow] = []
        self._waiting: list[tuple[_Flow, float]] = []
        """Cells that end with the last row placed, and their lower edge; drawn when the next row is known."""
        self._headers = self._header_count()
        self._continued = False
        self._placed = 0.0
        """Height of the parts of the current row on earlier pages."""
        self._bare = True
        """No body row stands on this page yet."""

    def _column_edges(self) -> list[float]:
        table, column = self._table, self._column
        x = column.x + table.indent
        if table.align == "left":
            left = table.rows[0].cells[0].borders[3] if table.rows else None
            x += (left or table.borders[3]).width / 2
        elif table.align == "center":
            x = column.x + (column.width - sum(table.grid)) / 2
        else:
            x = column.x + column.width - sum(table.grid)
        edges = [x]
        for width in table.grid:
            edges.append(edges[-1] + width)
        return edges

    def _header_count(self) -> int:
        count = 0
        # Ends: each round goes on by a row.
        while count < len(self._table.rows) and self._table.rows[count].header:
            count += 1
        # A cell merged from the header into the body would begin anew on every page and never end.
        crossed = any(flow.first_row < count <= flow.last_row for flow in self._flows)
        return 0 if crossed or count == len(self._table.rows) else count

    def _make_flows(self) -> list[_Flow]:
        flows: list[_Flow] = []
        merges: dict[int, _Flow] = {}
        for index, row in enumerate(self._table.rows):
            top = max(cell.margins[0] for cell in row.cells)
            for cell in row.cells:
                above = merges.get(cell.column)
                if cell.merge == "continue" and above is not None and above.last_row == index - 1:
                    above.last_row = index
                    continue
                bottom = cell.margins[2]
                flow = _Flow(cell, lines_in(self._table, cell, self._setter), index, index, top, bottom)
                flows.append(flow)
                if cell.merge != "none":
                    merges[cell.column] = flow
        return flows

    def place(self) -> None:
        """Place all rows, taking new pages as needed."""
        column = self._column
        if not self._table.rows:
            return
        if not column.fresh and not self.begins_here():
            column.advance()
        for index in range(len(self._table.rows)):
            self._row(index)
        self._flush()
        self._close_page(None)

    def begins_here(self) -> bool:
        """Return whether header rows and the beginning of the first body row fit on this page."""
        y = self._column.y
        for index in range(self._headers):
            y += self._full_height(index, y)
        return self._begins(self._headers, y)

    def _begins(self, index: int, y: float) -> bool:
        """Return whether row ``index`` may begin at ``y``, with the rows that are kept with it."""
        rows, insides = self._table.rows, dict[int, float]()
        # Ends: each round goes on by a row.
        while True:
            insides.update((id(flow), y + self._line_width(index)) for flow in self._starting[index])
            lower = y + self._full_height(index, y, insides)
            whole = lower <= self._limit(index) + TOLERANCE
            # As in LibreOffice a table of one row is not kept with what follows it.
            if not rows[index].keep_next or len(rows) == 1:
                return whole or (not rows[index].cant_split and self._beginning(index, y))
            if not whole:
                return False
            y, index = lower, index + 1
            if index == len(rows):
                # As in LibreOffice a table that came from the page before is not kept with what follows it.
                return self._continued or self._goes_on(
                    self._column.limit - y - self._bottom_width(index - 1)
                )

    def _full_height(self, index: int, y: float, insides: Mapping[int, float] = _NOWHERE) -> float:
        """Return the height of a row that is not split, its upper border included.

        ``insides`` are the upper inner edges of cells that begin in rows above it, not yet placed.
        """
        line = self._line_width(index)
        height = max(self._table.rows[index].height, line)
        for flow in self._ending[index]:
            inside = flow.inside if flow in self._open else insides.get(id(flow), y + line)
            height = max(height, inside + flow.rest() - y)
        return height

    def _limit(self, index: int) -> float:
        return self._column.limit - self._bottom_width(index)

    def _beginning(self, index: int, y: float) -> bool:
        """Return whether the row may be split and at least one line of every cell fits below ``y``."""
        row = self._table.rows[index]
        room = self._limit(index) - y - self._line_width(index)
        if row.header or row.exact or (row.cant_split and not self._oversized(index, y)):
            return False
        if row.height > room + TOLERANCE and self._reach(index, room) < row.height:
            return False
        flows = [f for f in self._active(index) if f.first_row == index and f.done < len(f.slots)]
        return all(flow.fits(room) > flow.done for flow in flows)

    def _reach(self, index: int, room: float) -> float:
        """Return the height of content that a minimum height must not exceed if the row is to be split.

        As in LibreOffice: all content on the first page of the table, later only as far as one paragraph
        behind the first that does not fit into ``room``.
        """
        flows = [f for f in self._starting[index] if f.last_row == index]
        heights = [f.reach(room) if self._continued else f.rest() for f in flows]
        return self._line_width(index) + max(heights, default=0.0)

    def _oversized(self, index: int, y: float) -> bool:
        """Return whether the row is higher than a page, so that it has to be split in any case."""
        return self._full_height(index, y) > self._column.limit - self._column.top

    def _active(self, index: int) -> list[_Flow]:
        """Return the flows with content in row ``index``."""
        return [*self._open, *(f for f in self._starting[index] if f not in self._open)]

    def _row(self, index: int) -> None:
        column, again = self._column, False
        self._placed = 0.0
        if self._table.rows[index].keep_next and not self._bare and self._moves(index):
            self._turn(index)
        # Ends: a row that does not fit turns the page; each part of it then holds a line or is the last.
        while True:
            y, limit = column.y, self._limit(index)
            height = self._full_height(index, y) if not again else self._rest_height(index, y)
            if y + height <= limit + TOLERANCE:
                self._put(index, height)
                return
            splits = again or self._bare or self._beginning(index, y)
            if splits and self._split(index, y, limit):
                return
            if not splits:
                if index < self._headers:
                    self._headers = 0
                self._turn(index)
                continue
            again = True

    def _moves(self, index: int) -> bool:
        """Return whether a row that is kept with the next has to go to a new page with it."""
        if self._begins(index, self._column.y):
            return False
        # Of a chain higher than a page only the last rows, as many as fit on one, are kept together.
        opens = not (index > 0 and self._table.rows[index - 1].keep_next)
        return opens or self._begins(index, self._column.top)

    def _rest_height(self, index: int, y: float) -> float:
        line = self._line_width(index)
        least = max(line, self._table.rows[index].height - self._placed)
        return max([least, *(f.inside + f.rest() - y for f in self._ending[index] if f in self._open)])

    def _split(self, index: int, y: float, limit: float) -> bool:
        """Place as much of a row as fits and turn the page.  True when the whole row is placed."""
        line = self._line_width(index)
        ends = self._ends(index, y + line, limit)
        bottom, complete = y + line, True
        for flow in self._active(index):
            inside, end = flow.inside if flow in self._open else y + line, ends[id(flow)]
            if flow.last_row == index:
                complete = complete and end == len(flow.slots)
                bottom = max(bottom, min(inside + flow.upto(end), max(limit, inside)))
        least = min(limit, y + self._table.rows[index].height - self._placed)
        if complete:
            self._put(index, max(bottom, least) - y)
            return True
        # As in LibreOffice the lines of a part stand at the top unless its minimum height stretches it.
        self._put(index, max(bottom, least) - y, ends=ends, aligned=least > bottom)
        bottom = max(bottom, least)
        self._placed += bottom - y
        self._turn(index, split=True)
        return False

    def _ends(self, index: int, top: float, limit: float) -> dict[int, int]:
        """Return where each flow of a row ends on this page; on a bare page at least one line is placed."""
        ends: dict[int, int] = {}
        for flow in self._active(index):
            inside = flow.inside if flow in self._open else top
            ends[id(flow)] = flow.fits(limit - inside)
        unfinished = [flow for flow in self._active(index) if ends[id(flow)] == flow.done < len(flow.slots)]
        stuck = all(ends[id(flow)] == flow.done for flow in self._active(index))
        for flow in unfinished if self._bare else ():
            if flow.first_row == index or (stuck and flow.last_row == index):
                ends[id(flow)] += 1
        return ends

    def _put(
        self, index: int, height: float, *, ends: dict[int, int] | None = None, aligned: bool = True
    ) -> None:
        """Place row ``index`` at the column's position, or with ``ends`` a part of it."""
        self._flush()
        column = self._column
        y, line = column.y, self._line_width(index)
        for flow in self._starting[index]:
            if flow not in self._open:
                flow.inside = y + line
                self._open.append(flow)
        column.y = y + height
        column.fresh = False
        self._draw_edges(index, y, y + height)
        if index >= self._headers:
            self._bare = False
        if ends is not None:
            for flow in [f for f in self._open if f.last_row == index]:
                self._finish(flow, column.y, ends[id(flow)], aligned=aligned)
            return
        for flow in [f for f in self._open if f.last_row == index]:
            self._waiting.append((flow, column.y))
            self._open.remove(flow)

    def _flush(self, *, aligned: bool = True) -> None:
        """Draw the cells that end with the last row placed."""
        for flow, bottom in self._waiting:
            self._finish(flow, bottom, len(flow.slots), aligned=aligned)
        self._waiting.clear()

    def _finish(self, flow: _Flow, bottom: float, end: int, *, aligned: bool = True) -> None:
        """Draw the part of ``flow`` that ends at ``bottom`` on this page."""
        cell, page = flow.cell, self._column.page
        left, right = self._edges[cell.column], self._edges[cell.column + cell.span]
        rect = Rect(left, flow.inside, right - left, bottom - flow.inside)
        page.cells.append(CellPart(cell.number, rect))
        if cell.fill:
            page.fills.append(Fill(rect, cell.fill))
        part = flow.slots[flow.done : end]
        spare = rect.height - flow.upto(end)
        shift = 0.0
        if aligned and spare > 0:
            shift = {"top": 0.0, "center": spare / 2, "bottom": spare}[cell.valign]
        painter = LinePainter(page, left + cell.margins[3], cell.number, rect)
        paint(painter, part, flow.inside + flow.top + shift)
        flow.done = end

    def _turn(self, index: int, *, split: bool = False) -> None:
        """Close the page and begin a new one, with header rows repeated."""
        self._continued = True
        column = self._column
        bottom = column.y
        # As in LibreOffice the last row of a page stands at the top where a merge is cut below it.
        self._flush(aligned=not self._open)
        for flow in self._open:
            if split and flow.last_row == index:
                continue
            self._finish(flow, bottom, flow.fits(bottom - flow.inside), aligned=False)
        self._close_page(index if split else index - 1)
        column.advance()
        self._bare = True
        open_flows, self._open = self._open, []
        if index >= self._headers:
            self._repeat_headers()
        self._open = open_flows
        line = self._line_width(index)
        for flow in self._open:
            flow.inside = column.y + line

    def _repeat_headers(self) -> None:
        for index in range(self._headers):
            for flow in self._starting[index]:
                flow.done = 0
            self._put(index, self._full_height(index, self._column.y))

    def _close_page(self, index: int | None) -> None:
        """Draw the borders of this page; ``index`` is the last row on it (None: the last of the table)."""
        column = self._column
        last = len(self._table.rows) - 1 if index is None else index
        if last < 0 or column.fresh:
            return
        width = self._bottom_width(last)
        middle = column.y + width / 2
        for cell in self._table.rows[last].cells:
            self._sheet.across(middle, cell.column, cell.column + cell.span, self._below(cell, last))
        self._sheet.draw(column.page)
        self._sheet = BorderSheet(self._edges)
        column.y += width

    def _draw_edges(self, index: int, top: float, bottom: float) -> None:
        sheet, row = self._sheet, self._table.rows[index]
        upper = top + self._line_width(index) / 2
        following = self._line_width(index + 1) if index + 1 < len(self._table.rows) else 0.0
        lower = bottom + (following or self._bottom_width(index)) / 2
        starts = {flow.cell.column for flow in self._starting[index]}
        ends = {flow.cell.column for flow in self._ending[index]}
        for cell in row.cells:
            first, last = cell.column, cell.column + cell.span
            if first in starts or self._page_start(index, top):
                sheet.across(upper, first, last, self._above(cell, index))
            if first in ends:
                sheet.across(lower, first, last, self._below(cell, index))
            sheet.down(first, upper, lower, self._side(cell, 3))
            sheet.down(last, upper, lower, self._side(cell, 1))

    def _page_start(self, index: int, top: float) -> bool:
        return index == 0 or (self._bare and index >= self._headers)

    def _above(self, cell: Cell, index: int) -> Border:
        own = cell.borders[0]
        return own if own is not None else self._table.borders[0 if index == 0 else 4]

    def _below(self, cell: Cell, index: int) -> Border:
        own = cell.borders[2]
        return own if own is not None else self._table.borders[2 if index == len(self._table.rows) - 1 else 4]

    def _side(self, cell: Cell, side: int) -> Border:
        own = cell.borders[side]
        if own is not None:
            return own
        outer = cell.column == 0 if side == 3 else cell.column + cell.span == len(self._table.grid)
        return self._table.borders[side if outer else 5]

    def _line_width(self, index: int) -> float:
        """Return the width of the line above row ``index``."""
        found = self._above_widths[index]
        if found is None:
            found = self._above_widths[index] = self._widest_above(index)
        return found

    def _widest_above(self, index: int) -> float:
        row: Row = self._table.rows[index]
        width = max(self._above(cell, index).width for cell in row.cells)
        if index:
            above = self._table.rows[index - 1]
            width = max(width, *(self._below(cell, index - 1).width for cell in above.cells))
        return width

    def _bottom_width(self, index: int) -> float:
        """Return the width of the line below row ``index`` where a page or the table ends."""
        found = self._below_widths[index]
        if found is None:
            found = self._below_widths[index] = self._widest_below(index)
        return found

    def _widest_below(self, index: int) -> float:
        return max(self._below(cell, index).width for cell in self._table.rows[index].cells)
