"""What a filled part needs after its tags took paragraphs and rows away.

A cell without a paragraph and a table without a row are no Word document: Word refuses the whole file.
A cell that conditions emptied gets an empty paragraph, a table without rows goes.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def is_sound(text: str) -> bool:
    """Whether every cell ends with a paragraph and every table with a row, at a glance."""
    return (
        text.count("</w:tc>") == text.count("</w:p></w:tc>")
        and text.count("</w:tbl>") == text.count("</w:tr></w:tbl>")
        and ("<w:p>" in text or "<w:p " in text)
    )


class Emptied(NamedTuple):
    """How much tags had left empty."""

    cells: int = 0
    tables: int = 0


def repaired(part: str) -> tuple[str, Emptied]:
    """A whole part with its emptied cells and tables made good; one that is no XML comes back as it is."""
    try:
        root = etree.fromstring(part.encode())
    except etree.XMLSyntaxError:
        return part, Emptied()
    emptied = _repair(root)
    if not any(emptied):
        return part, emptied
    head = part[: part.index("?>") + 2] + "\n" if part.startswith("<?xml") else ""
    body: str = etree.tostring(root, encoding="unicode")
    return head + body, emptied


def _repair(root: etree._Element) -> Emptied:
    tables = 0
    for row in list(root.iter(f"{W}tr")):
        if next(row.iter(f"{W}tc"), None) is None:
            _remove(row)
    for table in list(root.iter(f"{W}tbl")):
        if next(table.iter(f"{W}tr"), None) is None:
            _remove(table)
            tables += 1
    empty = [
        block
        for block in root.iter(f"{W}tc", f"{W}hdr", f"{W}ftr")
        if next(block.iter(f"{W}p"), None) is None
    ]
    for block in empty:
        etree.SubElement(block, f"{W}p")
    return Emptied(len(empty), tables)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
