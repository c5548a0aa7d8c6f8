"""The parts of a docx the typesetter needs: raw bytes, and relations by id.

Owns zip reading only.  Hostile packages are refused before they come here (``generator.docx``).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache

from generator.errors import TemplateDamaged
from generator.typeset.styles import parse_xml

_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"


@lru_cache(maxsize=256)
def _relations(data: bytes, folder: str) -> dict[str, tuple[str, str]]:
    root = parse_xml(data, "关系表")
    found: dict[str, tuple[str, str]] = {}
    for rel in root.iterchildren("*"):
        kind = (rel.get("Type") or "").removeprefix(_TYPE)
        target = rel.get("Target") or ""
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        found[rel.get("Id") or ""] = (kind, posixpath.normpath(path))
    return found


class _Zipped(Mapping[str, bytes]):
    """The parts of a zipped docx, unpacked when they are asked for."""

    def __init__(self, docx: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(docx))
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise TemplateDamaged("文件不是 Word 文档（.docx）。") from None
        self._names = frozenset(self._zip.namelist())

    def __contains__(self, part: object) -> bool:
        return part in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, part: str) -> bytes:
        try:
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
            raise TemplateDamaged(f"Word 文件的 {part} 已损坏。") from None


class Package:
    """Read access to the parts of one docx.  Raises TemplateDamaged for anything that is not one."""

    def __init__(self, docx: bytes | Mapping[str, bytes]) -> None:
        self._parts = _Zipped(docx) if isinstance(docx, bytes) else docx
        main = [path for kind, path in self.relations("").values() if kind == "officeDocument"]
        if any(kind.startswith(_STRICT) for kind, _ in self.relations("").values()):
            raise TemplateDamaged(
                "文件以“严格 Open XML”格式保存。", hint="请在 Word 中另存为普通的 .docx 格式。"
            )
        if not main or main[0] not in self._parts:
            raise TemplateDamaged("文件中没有 Word 正文。")
        self.main = main[0]

    def read(self, part: str) -> bytes:
        """Bytes of a part; empty when the part is absent."""
        return self._parts.get(part, b"")

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id → (kind, part name) of a part; "" asks for the package's own."""
        folder, name = posixpath.split(part)
        data = self.read(posixpath.join(folder, "_rels", f"{name}.rels"))
        return _relations(data, folder) if data else {}

    def related(self, kind: str) -> bytes:
        """Bytes of the first part the main part names with ``kind`` (``styles``, ``settings``)."""
        for found, path in self.relations(self.main).values():
            if found == kind:
                return self.read(path)
        return b""
