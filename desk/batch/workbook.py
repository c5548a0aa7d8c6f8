"""What a workbook says of itself: its sheets, shared texts, and the formats of its cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.batch.package import MAX_UNPACKED, Damaged, check_kind, guarded, too_large, walk
from generator.errors import DataUnreadable

GENERAL = "General"
MAX_SHEETS = 100
_MAX_PARTS = 20_000
_READ = ("sharedStrings", "styles")
_YES = ("1", "true", "on")
_DAY, _TIME = 'yyyy"年"m"月"d"日"', 'h"时"mm"分"'
_EAST_ASIAN = {
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), _DAY),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), _TIME),
}
"""Formats that a Chinese Excel writes by number alone."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the look of a cell says about its value."""

    format: str = GENERAL
    struck: bool = False


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet: its name, whether it is hidden, and the part that holds it."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True)
class Workbook:
    """An opened workbook without its sheets."""

    path: Path
    sheets: tuple[SheetPart, ...]
    texts: tuple[str, ...]
    styles: tuple[Style, ...]
    since_1904: bool


def truth(attributes: Mapping[str, str], name: str, default: str = "0") -> bool:
    """A yes/no attribute."""
    return attributes.get(name, default).strip().lower() in _YES


def open_workbook(path: Path) -> Workbook:
    """The workbook at ``path``.  Raises DataUnreadable."""
    with guarded(path):
        check_kind(path)
        with zipfile.ZipFile(path) as package:
            if len(package.infolist()) > _MAX_PARTS:
                raise Damaged
            return _Reading(package).workbook(path)


class _Reading:
    """The parts around the sheets, each found by its relation, whatever it is called."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = {name.lower(): name for name in package.namelist()}

    def workbook(self, path: Path) -> Workbook:
        main = next((target for kind, target in self._links("").values() if kind == "officeDocument"), None)
        if main is None:
            raise Damaged
        links = self._links(main)
        sheets, since_1904 = self._sheets(main, links)
        parts = dict(links.values())
        if not sheets:
            raise Damaged
        read = [*(sheet.part for sheet in sheets), *(parts[kind] for kind in _READ if kind in parts)]
        if sum(self._package.getinfo(self._part(name)).file_size for name in read) > MAX_UNPACKED:
            raise too_large()
        return Workbook(
            path,
            sheets,
            self._texts(parts["sharedStrings"]) if "sharedStrings" in parts else (),
            self._styles(parts["styles"]) if "styles" in parts else (),
            since_1904,
        )

    def _part(self, name: str) -> str:
        """The part as the package spells it.  Raises Damaged when it is not there."""
        found = self._names.get(name.lower())
        if found is None:
            raise Damaged
        return found

    def _links(self, source: str) -> dict[str, tuple[str, str]]:
        """Relation id → (kind, part) of a part; of the package itself for an empty name."""
        folder, name = posixpath.split(source)
        links: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = given["Target"].replace("\\", "/")
                whole = target if target.startswith("/") else posixpath.join("/", folder, target)
                kind = given["Type"].rpartition("/")[2]
                links[given["Id"]] = (kind, posixpath.normpath(whole).lstrip("/"))

        walk(self._package, self._part(posixpath.join(folder, "_rels", f"{name}.rels")), start, _nothing)
        return links

    def _sheets(self, main: str, links: Mapping[str, tuple[str, str]]) -> tuple[tuple[SheetPart, ...], bool]:
        sheets: list[SheetPart] = []
        since_1904 = False

        def start(tag: str, given: Mapping[str, str]) -> None:
            nonlocal since_1904
            if tag == "workbookPr":
                since_1904 = truth(given, "date1904")
            elif tag == "sheet":
                link = next(value for name, value in given.items() if name.endswith("}id"))
                kind, part = links[link]
                # A sheet that is a chart holds nobody.
                if kind == "worksheet":
                    if len(sheets) >= MAX_SHEETS:
                        raise DataUnreadable(
                            f"名册超过 {MAX_SHEETS} 页。", hint="请只保留要打印的一页，另存后再试。"
                        )
                    hidden = given.get("state", "visible") != "visible"
                    sheets.append(SheetPart(given["name"], hidden, self._part(part)))

        walk(self._package, self._part(main), start, _nothing)
        if len({sheet.part for sheet in sheets}) < len(sheets):
            raise Damaged
        return tuple(sheets), since_1904

    def _texts(self, part: str) -> tuple[str, ...]:
        """The shared texts; readings above Chinese characters (``rPh``) are no part of them."""
        texts: list[str] = []
        pieces: list[str] = []
        reading = False

        def start(tag: str, given: Mapping[str, str]) -> None:
            nonlocal reading
            if tag == "si":
                pieces.clear()
            elif tag == "rPh":
                reading = True

        def end(tag: str, text: str) -> None:
            nonlocal reading
            if tag == "t" and not reading:
                pieces.append(unescaped(text))
            elif tag == "rPh":
                reading = False
            elif tag == "si":
                texts.append("".join(pieces))

        walk(self._package, self._part(part), start, end)
        return tuple(texts)

    def _styles(self, part: str) -> tuple[Style, ...]:
        """The style of each ``s`` number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        formats: dict[int, str] = {**BUILTIN_FORMATS, **_EAST_ASIAN}
        struck: list[bool] = []
        looks: list[tuple[int, int]] = []
        inside: list[str] = []

        def start(tag: str, given: Mapping[str, str]) -> None:
            inside.append(tag)
            above = inside[-2] if len(inside) > 1 else ""
            if tag == "numFmt" and above == "numFmts":
                formats[int(given["numFmtId"])] = given["formatCode"]
            elif tag == "font" and above == "fonts":
                struck.append(False)
            elif tag == "strike" and above == "font" and "fonts" in inside:
                struck[-1] = truth(given, "val", "1")
            elif tag == "xf" and above == "cellXfs":
                looks.append((int(given.get("numFmtId", 0)), int(given.get("fontId", 0))))

        def end(tag: str, text: str) -> None:
            inside.pop()

        walk(self._package, self._part(part), start, end)
        return tuple(
            Style(formats.get(shape, GENERAL), 0 <= font < len(struck) and struck[font])
            for shape, font in looks
        )


def _nothing(tag: str, text: str) -> None:
    """Nothing to do at the end of an element."""


def unescaped(text: str) -> str:
    """``_x000D_`` is how the format writes a character that XML has no place for."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
