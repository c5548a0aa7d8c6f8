"""What Word wants of a docx and no schema says: tables, bookmarks, ids, relations."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
ORDER: Mapping[str, tuple[str, ...]] = {
    "pPr": ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "tabs", "spacing", "ind",
            "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr"),
    "rPr": ("rStyle", "rFonts", "b", "color", "sz", "szCs", "u", "vertAlign", "lang"),
    "tblPr": ("tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"),
    "tcPr": ("tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "vAlign"),
    "sectPr": ("headerReference", "footerReference", "pgSz", "pgMar", "cols", "docGrid"),
    "tc": ("tcPr", "p"),
    "settings": ("updateFields", "defaultTabStop", "characterSpacingControl", "noLineBreaksAfter",
                 "noLineBreaksBefore", "compat", "themeFontLang"),
    "compat": ("ulTrailSpace", "doNotExpandShiftReturn", "compatSetting"),
    "sdt": ("sdtPr", "sdtContent"),
}  # fmt: skip
"""Children in the order of the schema, those our templates use."""
_LOOSE = {"bookmarkStart", "bookmarkEnd", "sdt"}


def unsound(parts: Mapping[str, bytes]) -> list[str]:
    """Everything that Word would refuse, mend in silence or leave out."""
    found = list(_relations(parts))
    drawings: Counter[str] = Counter()
    for name, data in parts.items():
        if not (name.startswith("word/") and name.endswith(".xml")):
            continue
        root = etree.fromstring(data)
        found += [f"{name}: {problem}" for problem in (*_order(root), *_bookmarks(root), *_texts(root))]
        for table in root.iter(f"{W}tbl"):
            found += [f"{name}: {problem}" for problem in _table(table)]
        drawings.update(e.get("id", "") for e in root.iter(f"{DRAWING}docPr"))
    found += [f"drawing {number} stands twice" for number, count in drawings.items() if count > 1]
    return found


def _order(root: Any) -> Iterator[str]:
    for element in root.iter(*(f"{W}{name}" for name in ORDER)):
        name = etree.QName(element).localname
        known = ORDER[name]
        names = [etree.QName(child).localname for child in element if child.tag.startswith(W)]
        names = [n for n in names if n not in _LOOSE]
        if strange := set(names) - set(known):
            yield f"{name} holds {sorted(strange)}"
        elif names != sorted(names, key=known.index):
            yield f"{name} has its children in another order: {names}"


def _bookmarks(root: Any) -> Iterator[str]:
    starts = Counter(e.get(f"{W}id") for e in root.iter(f"{W}bookmarkStart"))
    ends = Counter(e.get(f"{W}id") for e in root.iter(f"{W}bookmarkEnd"))
    names = Counter((e.get(f"{W}name") or "").lower() for e in root.iter(f"{W}bookmarkStart"))
    if starts != ends:
        yield f"bookmarks without their other end: {sorted(map(str, (starts - ends) + (ends - starts)))}"
    for value, count in (starts | names).items():
        if count > 1 or len(str(value)) > 40:
            yield f"bookmark {value} stands twice or is too long"


def _texts(root: Any) -> Iterator[str]:
    for text in root.iter(f"{W}t"):
        shown = text.text or ""
        if shown != shown.strip() and text.get(SPACE) != "preserve":
            yield f"spaces are not kept in “{shown[:20]}”"
        if "\n" in shown or "\t" in shown:
            yield f"a line break or tab as a character in “{shown[:20]}”"


def _table(table: Any) -> Iterator[str]:
    grid = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
    above: dict[int, int] = {}
    following = table.getnext()
    if following is not None and following.tag == f"{W}tbl":
        yield "two tables without a paragraph between: Word joins them"
    rows = table.findall(f"{W}tr")
    if not rows:
        yield "a table without rows"
    for number, row in enumerate(rows, 1):
        at, merged = 0, {}
        for cell in row.findall(f"{W}tc"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            count = 1 if span is None else int(span.get(f"{W}val"))
            width = cell.find(f"{W}tcPr/{W}tcW")
            if width is not None and int(width.get(f"{W}w")) != sum(grid[at : at + count]):
                yield f"row {number}: a cell is not as wide as its columns"
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None:
                merged[at] = count
                if merge.get(f"{W}val", "continue") == "continue" and above.get(at) != count:
                    yield f"row {number}: a merged cell goes on that was not begun"
            if cell[-1].tag != f"{W}p":
                yield f"row {number}: a cell does not end with a paragraph"
            at += count
        if at != len(grid):
            yield f"row {number}: {at} of {len(grid)} columns"
        above = merged


def _relations(parts: Mapping[str, bytes]) -> Iterator[str]:
    types = etree.fromstring(parts["[Content_Types].xml"])
    kinds = {e.get("Extension") for e in types.iter(f"{TYPES}Default")}
    overrides = {e.get("PartName", "")[1:] for e in types.iter(f"{TYPES}Override")}
    yield from (f"a type for {name}, which is not there" for name in overrides - parts.keys())
    for name in parts.keys() - overrides - {"[Content_Types].xml"}:
        if name.rpartition(".")[2] not in kinds:
            yield f"{name} has no type"
    used = set()
    for name in (n for n in parts if n.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        owner = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
        ids = {}
        for relation in etree.fromstring(parts[name]):
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            ids[relation.get("Id")] = posixpath.normpath(path)
        used |= set(ids.values())
        yield from (f"{name}: {target} is not there" for target in ids.values() if target not in parts)
        if owner in parts:
            root = etree.fromstring(parts[owner])
            asked = {v for e in root.iter("*") for k, v in e.attrib.items() if k.startswith(R)}
            yield from (f"{owner}: {relation} leads nowhere" for relation in asked - ids.keys())
    left = parts.keys() - used - {"[Content_Types].xml"}
    yield from (f"nothing leads to {name}" for name in left if not name.endswith(".rels"))
