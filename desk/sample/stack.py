"""What the people of the sample station do with their papers before they scan them, and the stack that makes.

The stack shows one of each: a box ticked and one crossed out by hand, a signature forgotten, a page left on
the desk, a print older than its record, an attachment behind its separator sheet, a stranger's letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from archives.scans.separators import Separator, register_separator
from desk.sample.copier import Box, Paper
from desk.sample.papers import IssuedPaper
from desk.station.files import file_named
from desk.station.issuing import page_code_key
from desk.station.opening import OpenStation
from desk.station.standing import RUNNING
from generator.identity.print_id import PrintKind, new_print_id
from generator.packets.pen import HEI, MM, Pen
from generator.packets.separator import SeparatorSheet, render_separator
from generator.packets.sheets import HEIGHT, LEFT, RIGHT, WIDTH
from generator.render import PrintIdentity
from generator.typeset.fonts import FontSet
from generator.typeset.model import Layout, PageLayout

FORGOTTEN: Final = ("样例甲", "risk_assessment", 2)
"""Whose page of which form stays on the desk."""
_TICKED: Final = {
    ("样例甲", "application_b"): Box("/channel", "主动求助"),
    ("样例乙", "needs_survey"): Box("/health_need", "高"),
}
_CROSSED_OUT: Final = {("样例乙", "needs_survey"): Box("/health_need", "中")}
_ONLY_THE_CLIENT: Final = {("样例乙", "consent_a"): frozenset({"/client_signature"})}
_CERTIFICATE: Final = (
    "诊断证明书（样例复印件）",
    (
        "姓名：样例乙　　性别：男　　门诊号：YL00001",
        "诊断：精神分裂症（样例）。",
        "病情平稳，建议继续服药，参加社区康复训练，三个月后复诊。",
        "样例市第三人民医院　　样例医师　　2025年3月1日",
    ),
)
_LETTER: Final = (
    "关于开展消防安全检查的通知（样例）",
    (
        "各单位：",
        "　　定于本月下旬开展消防安全检查，请检查灭火器、疏散通道和用电线路，发现隐患及时整改。",
        "　　请确定一名联络人，于月底前报街道办事处。",
        "样例街道办事处",
    ),
)


def signed_papers(issued: Sequence[IssuedPaper]) -> list[Paper]:
    """The issued papers with what was written on them by hand."""
    return [_signed(paper) for paper in issued]


def _signed(paper: IssuedPaper) -> Paper:
    name = (paper.client.name, paper.form_id)
    return Paper(
        paper.content,
        paper.page_map,
        sign=_ONLY_THE_CLIENT.get(name, True),
        tick=(_TICKED[name],) if name in _TICKED else (),
        cross_out=(_CROSSED_OUT[name],) if name in _CROSSED_OUT else (),
        missing=frozenset({FORGOTTEN[2]} if name == FORGOTTEN[:2] else ()),
    )


def attachment(station: OpenStation, number: str, fonts: FontSet) -> list[Paper]:
    """A separator sheet for one file, registered, and the copy of a certificate behind it.

    Raises AccessDenied, StateForbids, NotFound, KeyInvalid.
    """
    file = file_named(station, number)
    station.allow("document.file", file=file.id, part=RUNNING)
    archive = station.archive
    who = PrintIdentity(
        new_print_id(archive.random, PrintKind.SERVICE), archive.now(), page_code_key(station)
    )
    with station.acting("scan.separate") as unit:
        register_separator(unit, Separator(who.print_id, file.id, None, 1))
    sheet = render_separator(SeparatorSheet(file.number, "诊断证明复印件", 1), who, fonts)
    return [Paper(sheet), Paper(_typed(*_CERTIFICATE, fonts, archive.now()), behind=True)]


def stranger(fonts: FontSet, at: datetime) -> Paper:
    """A letter of somebody else that lay between the papers."""
    return Paper(_typed(*_LETTER, fonts, at))


def _typed(title: str, lines: Sequence[str], fonts: FontSet, at: datetime) -> bytes:
    """One page that is none of ours."""
    from generator.typeset.pdf import to_pdf

    pen, page = Pen(fonts), PageLayout(WIDTH, HEIGHT)
    pen.write(page, WIDTH / 2, 50 * MM, title, 18, family=HEI, align="centre")
    y = 72 * MM
    for line in lines:
        for part in pen.fold(line, 14, RIGHT - LEFT):
            pen.write(page, LEFT, y, part, 14)
            y += 10 * MM
    return to_pdf(Layout([page]), [], title=title, timestamp=at, fonts=fonts)
