"""Packages for tests: a small sound docx as parts, and zips made by hand to be wrong in one way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = "word/_rels/document.xml.rels"
DOCUMENT = "word/document.xml"
TYPES = "[Content_Types].xml"


def types(more: str = "", main: str = MAIN) -> bytes:
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{more}</Types>'
    ).encode()


def relations(*more: str) -> bytes:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(more)}</Relationships>'.encode()


def relation(kind: str, target: str, mode: str = "") -> str:
    return f'<Relationship Id="r{len(target)}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'


def document(body: str = "<w:p><w:r><w:t>样例</w:t></w:r></w:p>") -> bytes:
    return (
        f'<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    ).encode()


def sound() -> dict[str, bytes]:
    """A docx that Word, python-docx and LibreOffice open."""
    return {
        TYPES: types(),
        "_rels/.rels": relations(relation("officeDocument", "word/document.xml")),
        DOCUMENT: document(),
        RELATIONS: relations(),
    }


def zipped(
    parts: dict[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, data)
    return out.getvalue()
