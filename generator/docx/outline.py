"""The text of a docx as a canonical outline: paragraphs, tables by cell, header and footer.

Bytes of documents differ for many innocent reasons; an outline differs only when a reader would see it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def outline(docx: bytes) -> str:
    """One line for each paragraph or cell: where it is, its spans, its text with ¶ between paragraphs."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        names = sorted(n for n in package.namelist() if n.startswith(("word/header", "word/footer")))
        parts = {name: etree.fromstring(package.read(name)) for name in ["word/document.xml", *names]}
    lines: list[str] = []
    for name, root in parts.items():
        blocks = root.find(f"{W}body") if root.tag == f"{W}document" else root
        lines.append(f"[{name.removeprefix('word/').removesuffix('.xml')}]")
        lines.extend(_blocks(blocks))
    return "\n".join(lines) + "\n"


def cell_texts(docx: bytes) -> list[str]:
    """The text of the body in reading order, one item for each paragraph outside tables and each cell."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        body = etree.fromstring(package.read("word/document.xml")).find(f"{W}body")
    texts: list[str] = []
    for block in body:
        if block.tag == f"{W}p":
            texts.append(text_of(block))
        elif block.tag == f"{W}tbl":
            texts.extend("\n".join(text_of(p) for p in cell.iter(f"{W}p")) for cell in block.iter(f"{W}tc"))
    return texts


def text_of(paragraph: Any) -> str:
    """The text of one paragraph; tabs and breaks as themselves."""
    out = []
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        if node.tag == f"{W}t":
            out.append(node.text or "")
        elif node.getparent().tag == f"{W}r":
            out.append("\t" if node.tag == f"{W}tab" else "\n")
    return "".join(out)


def _blocks(parent: Any) -> Iterator[str]:
    table = 0
    for block in parent:
        if block.tag == f"{W}p":
            style = block.find(f"{W}pPr/{W}pStyle")
            yield f"¶ {style.get(f'{W}val') if style is not None else '-'}: {text_of(block)}"
        elif block.tag == f"{W}tbl":
            table += 1
            yield from _table(block, table)


def _table(table: Any, number: int) -> Iterator[str]:
    for row_number, row in enumerate(table.findall(f"{W}tr"), start=1):
        column = 1
        for cell in row.findall(f"{W}tc"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            width = int(span.get(f"{W}val")) if span is not None else 1
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            mark = "" if merge is None else (" ┐" if merge.get(f"{W}val") == "restart" else " │")
            text = " ¶ ".join(text_of(p) for p in cell.findall(f"{W}p"))
            yield f"  T{number} R{row_number} C{column}+{width}{mark}: {text}"
            column += width
