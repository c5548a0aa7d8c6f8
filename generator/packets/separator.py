"""The separator sheet: says that the pages scanned behind it are attachments of one file.

A service sheet: recognised and counted by its codes, never filed.  It names the file by its number and the
attachment by its title, nobody by name: it travels on top of a stack of paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.errors import PrintIdInvalid, TooManyPages
from generator.identity.placement import overlay
from generator.identity.print_id import PrintKind, kind_of
from generator.packets.pen import HEI, MM, Pen, ruled_box
from generator.packets.sheets import HEIGHT, LEFT, RIGHT, WIDTH
from generator.render import MAX_PAGES, PrintIdentity, page_codes
from generator.typeset.model import Layout, PageLayout

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet

HEADLINE = "附件分隔页"
LONGEST_TITLE = 100
_LABELS = {"SQ-": "申请编号", "GA-": "个案编号"}
_LABEL, _VALUE = 34 * MM, 128 * MM
_SIZE, _LEADING = 16, 8.5 * MM


@dataclass(frozen=True, slots=True)
class SeparatorSheet:
    """What stands on the sheet."""

    number: str
    """档号 of the file, before acceptance its 申请编号."""
    title: str = field(repr=False)
    """What the attachment is, e.g. 诊断证明复印件; no name.  Cut beyond ``LONGEST_TITLE`` characters."""
    pages: int
    """Scanned pages that follow, 1–99; empty backs are not counted."""


def render_separator(sheet: SeparatorSheet, identity: PrintIdentity, fonts: FontSet) -> bytes:
    """One page of A4 as PDF/A-2b with both codes.

    Raises PrintIdInvalid unless the id names a service sheet, TooManyPages, GlyphMissing, KeyInvalid.
    """
    from generator.typeset.pdf import to_pdf

    if kind_of(identity.print_id) is not PrintKind.SERVICE:
        raise PrintIdInvalid("分隔页要用服务页的打印编号。", hint="服务页的打印编号以 S 开头。")
    if not 1 <= sheet.pages <= MAX_PAGES:
        raise TooManyPages(f"分隔页后面的附件应为 1 至 {MAX_PAGES} 页。", hint="更多时请分成几份附件。")
    page = _drawn(sheet, Pen(fonts))
    (code,) = page_codes(identity, 1)
    over = overlay(code, (page.width, page.height), demo=identity.demo)
    return to_pdf(Layout([page]), [over], title=HEADLINE, timestamp=identity.issued_at, fonts=fonts)


def _drawn(sheet: SeparatorSheet, pen: Pen) -> PageLayout:
    page = PageLayout(WIDTH, HEIGHT)
    middle = (LEFT + RIGHT) / 2
    pen.write(page, middle, 88 * MM, HEADLINE, 56, family=HEI, align="centre")
    pen.write(page, middle, 114 * MM, f"其后 {sheet.pages} 页为附件", 36, family=HEI, align="centre")
    label = _LABELS.get(sheet.number[:3], "档　　号")
    y = 140 * MM
    for name, told in (
        (label, sheet.number),
        ("题　　名", _shown(sheet.title)),
        ("页　　数", f"{sheet.pages} 页"),
    ):
        y = _row(page, y, name, told, pen)
    use = "放在附件上面，与附件一起扫描；本页只作识别，不归入案卷。"
    for row, line in enumerate(pen.fold(use, 14, RIGHT - LEFT)):
        pen.write(page, middle, y + (16 + 7 * row) * MM, line, 14, align="centre")
    return page


def _shown(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def _row(page: PageLayout, y: float, name: str, told: str, pen: Pen) -> float:
    """One line of the table; returns where the next one goes."""
    lines = pen.fold(told, _SIZE, _VALUE - 6 * MM)
    height = max(15 * MM, len(lines) * _LEADING + 6 * MM)
    x = LEFT
    ruled_box(page, x, y, _LABEL, height)
    ruled_box(page, x + _LABEL, y, _VALUE, height)
    base = y + height / 2 + _SIZE * 0.36
    pen.write(page, x + _LABEL / 2, base, name, _SIZE, align="centre")
    for row, line in enumerate(lines):
        at = base + (row - (len(lines) - 1) / 2) * _LEADING
        pen.write(page, x + _LABEL + 3 * MM, at, line, _SIZE)
    return y + height
