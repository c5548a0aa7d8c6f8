"""A table ended before a row, to go on at the top of the next page under the same head."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree
from lxml.etree import _Element

from generator.typeset.ooxml import VAL, W

_TURN = (
    f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:pageBreakBefore/>'
    '<w:spacing w:before="0" w:after="0" w:line="14" w:lineRule="exact"/>'
    '<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
)


def break_before(row: _Element) -> bool:
    """Let ``row`` begin a page, with those behind it; whether that can be: no cell may cross the place."""
    table = row.getparent()
    if table is None or table.tag != W + "tbl" or any(_goes_on(cell) for cell in row.iter(W + "tc")):
        return False
    rest = etree.Element(table.tag, nsmap=table.nsmap)
    for child in table:
        if child.tag != W + "tr" or _is_head(child):
            rest.append(deepcopy(child))
    following = [row, *row.itersiblings(W + "tr")]
    turn = etree.fromstring(_TURN)
    table.addnext(turn)
    turn.addnext(rest)
    rest.extend(following)
    return True


def _goes_on(cell: _Element) -> bool:
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(VAL) != "restart"


def _is_head(row: _Element) -> bool:
    return row.find(f"{W}trPr/{W}tblHeader") is not None
