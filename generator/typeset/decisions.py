"""What is done about each property of Word that the typesetter does not set: one table.

``same``: no difference on paper, for the reason given.  ``refused``: would print differently.  ``said``:
prints nearly alike; ``template check`` says where it may differ.  A property that stands neither here nor
among those that are set is refused.  ``docs/word-properties.md`` is written from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from lxml import etree
from lxml.etree import _Element

from generator.typeset.ooxml import W, local

Kind = Literal["same", "refused", "said"]
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
OFF = frozenset({"0", "false", "off", "none"})
ON = frozenset({"", "1", "true", "on"})

_LINING = frozenset({"", "default", "lining"})
_TABULAR = frozenset({"", "default", "tabular"})


class Decision(NamedTuple):
    """``harmless`` are the values that change nothing ("" is no value); ``words`` go into a sentence."""

    kind: Kind
    why: str
    harmless: frozenset[str] = frozenset()
    words: str = ""
    space: str = W

    def bites(self, element: _Element) -> bool:
        """Whether this element asks for something that is not done."""
        value = element.get(f"{self.space}val") or ""
        return self.kind != "same" and value not in self.harmless


def _same(why: str, space: str = W) -> Decision:
    return Decision("same", why, space=space)


_COMPLEX = "only for scripts written from right to left or joined, which no form uses"
_CACHE = "what Word has worked out for itself; the conditions of table styles are refused"
_WEB = "only for web pages"
_GRID = "only with a grid of characters, which is refused"

RUN: Mapping[str, Decision] = {
    "bCs": _same(_COMPLEX),
    "iCs": _same(_COMPLEX),
    "szCs": _same(_COMPLEX),
    "cs": Decision("refused", "sets the run in the font for complex scripts", OFF),
    "lang": _same("for spelling; line breaking is that of Chinese everywhere"),
    "noProof": _same("for spelling"),
    "kern": _same("pairs of Latin letters move by hundredths of a millimetre; Chinese has none"),
    "snapToGrid": _same(_GRID),
    "webHidden": _same(_WEB),
    "specVanish": _same("only together with hidden text, which is refused"),
    "effect": _same("moves on the screen, is not printed"),
    "ligatures": _same("the fonts for Chinese have none that our texts meet", _W14),
    "cntxtAlts": _same("the fonts for Chinese have none", _W14),
    "numForm": Decision("refused", "digits of another form", _LINING, space=_W14),
    "numSpacing": Decision("refused", "digits of another width", _TABULAR, space=_W14),
    "stylisticSets": _same("the fonts for Chinese have none", _W14),
}
PARAGRAPH: Mapping[str, Decision] = {
    "suppressLineNumbers": _same("line numbers are refused"),
    "kinsoku": Decision("refused", "marks would stand at the wrong end of a line", ON),
    "wordWrap": Decision(
        "said",
        "a long Latin word moves whole to the next line",
        ON,
        "“允许西文在单词中间换行”，印出时西文单词不拆开",
    ),
    "topLinePunct": Decision(
        "said", "marks at the start of a line keep their width", OFF, "“允许行首标点压缩”，印出时不压缩"
    ),
    "adjustRightInd": _same(_GRID),
    "textAlignment": Decision(
        "said",
        "differs only where sizes or pictures are mixed in a line",
        frozenset({"", "auto", "baseline"}),
        "“文本对齐方式”（同一行里大小不同的字怎样对齐），印出时都按基线对齐",
    ),
    "outlineLvl": _same("for the navigation pane"),
    "mirrorIndents": Decision("refused", "indents would change sides on every other page", OFF),
    "suppressAutoHyphens": _same("no word is divided"),
    "divId": _same(_WEB),
    "cnfStyle": _same(_CACHE),
    "suppressOverlap": _same("only for frames, which are refused"),
    "textboxTightWrap": _same("only for text boxes, which are refused"),
}
ROW: Mapping[str, Decision] = {
    "cnfStyle": _same(_CACHE),
    "divId": _same(_WEB),
    "gridAfter": _same("the columns behind the last cell stay empty"),
    "wBefore": _same("columns have the widths of tblGrid, which Word keeps alike"),
    "wAfter": _same("columns have the widths of tblGrid, which Word keeps alike"),
}
CELL: Mapping[str, Decision] = {
    "tcW": _same("columns have the widths of tblGrid, which Word keeps alike"),
    "noWrap": Decision(
        "said", "text wraps at the width of the column", OFF, "单元格“不换行”，印出时照常换行"
    ),
    "tcFitText": Decision("refused", "characters would be squeezed to the width of the cell", OFF),
    "hideMark": Decision(
        "said", "an empty cell is as high as a line", OFF, "单元格“隐藏标记”，印出时空单元格仍有一行高"
    ),
    "cnfStyle": _same(_CACHE),
}
TABLE: Mapping[str, Decision] = {
    "tblW": _same("columns have the widths of tblGrid, which Word keeps alike"),
    "tblLayout": _same("Word keeps the widths it worked out in tblGrid; longer words widen no column"),
    "tblLook": _same(_CACHE),
    "tblOverlap": _same("only for floating tables, which are refused"),
    "tblStyleRowBandSize": _same(_CACHE),
    "tblStyleColBandSize": _same(_CACHE),
    "tblCaption": _same("for screen readers"),
    "tblDescription": _same("for screen readers"),
}
SECTION: Mapping[str, Decision] = {
    "headerReference": _same("followed for the header of all pages; others are refused with their switch"),
    "footerReference": _same("followed for the footer of all pages"),
    "footnotePr": _same("footnotes are refused"),
    "endnotePr": _same("endnotes are refused"),
    "type": _same("there is only one section"),
    "paperSrc": _same("which tray the printer takes"),
    "printerSettings": _same("which printer"),
    "formProt": _same("for typing into forms on the screen"),
    "noEndnote": _same("endnotes are refused"),
    "vAlign": Decision("refused", "the text would stand elsewhere on the page", frozenset({"", "top"})),
}
SETTINGS: Mapping[str, Decision] = {
    "autoHyphenation": _same("LibreOffice writes it always; Chinese has no hyphens, Latin words move whole"),
    "characterSpacingControl": Decision(
        "said",
        "marks keep their width",
        frozenset({"", "doNotCompress"}),
        "“压缩标点符号”，印出时标点不压缩，个别行的断行与 Word 中不同",
    ),
    "noLineBreaksAfter": _same("read: the marks that may not end a line"),
    "noLineBreaksBefore": _same("read: the marks that may not begin a line"),
}
TABLES: Mapping[str, Mapping[str, Decision]] = {
    "run": RUN,
    "paragraph": PARAGRAPH,
    "table": TABLE,
    "row": ROW,
    "cell": CELL,
    "section": SECTION,
    "settings": SETTINGS,
}
_SAID = {
    f"{decision.space}{name}": decision
    for table in TABLES.values()
    for name, decision in table.items()
    if decision.kind == "said"
}


def tags(table: Mapping[str, Decision]) -> frozenset[str]:
    """The properties of a table by tag."""
    return frozenset(f"{decision.space}{name}" for name, decision in table.items())


def refused(element: _Element, table: Mapping[str, Decision]) -> bool:
    """Whether this element stands in ``table`` as refused and asks for it."""
    decision = table.get(local(element))
    return decision is not None and decision.kind == "refused" and decision.bites(element)


def said(parts: Mapping[str, bytes]) -> Iterator[str]:
    """What a template asks for that prints nearly, not quite, as in Word; each once."""
    found: dict[str, None] = {}
    for name, data in parts.items():
        if name.startswith("word/") and name.endswith(".xml"):
            for element in etree.fromstring(data).iter(*_SAID):
                decision = _SAID[element.tag]
                if decision.bites(element):
                    found[decision.words] = None
    yield from found
