"""The body of a docx as elements: rows of tables and paragraphs outside them, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from generator.typeset.ooxml import W
from generator.typeset.package import Package
from generator.typeset.styles import parse_xml


class Body(NamedTuple):
    """``elements`` stand for the items of ``standing.items``; what is done to them is in ``root``."""

    parts: Mapping[str, bytes]
    part: str
    root: _Element
    elements: list[_Element]

    def changed(self) -> dict[str, bytes]:
        """The parts with what was done to the elements."""
        data = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return {**self.parts, self.part: data}


def open_body(parts: Mapping[str, bytes], count: int) -> Body | None:
    """The body; None where it has another number of rows and paragraphs than the typesetter has read."""
    part = Package(parts).main
    root = parse_xml(parts[part], part)
    elements = [e for e in root.iter(W + "tr", W + "p") if e.tag == W + "tr" or not _in_row(e)]
    return Body(parts, part, root, elements) if len(elements) == count else None


def _in_row(element: _Element) -> bool:
    return any(ancestor.tag == W + "tr" for ancestor in element.iterancestors())
