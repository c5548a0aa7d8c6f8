"""LibreOffice as the second opinion on a page: same docx, same fonts, two PDFs compared.

``convert`` makes PDFs with soffice under a font configuration of its own, in which 宋体, 黑体, 仿宋 and 楷体
are the bundled fonts; without that LibreOffice picks others.  ``compare`` says how far the two are apart.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from generator.typeset.fonts import BUNDLED
from generator.typeset.model import Layout

TOLERANCE = 3 / 25.4 * 72
_SKIPPED = frozenset("\u25a1\u2611\u00ad\ufffe\uffff")


class Char(NamedTuple):
    """A visible character: page, baseline origin from the top left corner in points."""

    page: int
    x: float
    y: float
    text: str


@dataclass
class Comparison:
    """``pages`` of (ours, theirs); share of characters within 3 mm; cells whose characters differ."""

    pages: tuple[int, int]
    characters: tuple[int, int]
    matched_share: float
    worst: float
    """Largest distance in mm among the matched."""
    cells: list[str] = field(default_factory=list)

    def problems(self, share: float = 0.95) -> list[str]:
        """Everything a reader would call a difference."""
        found = list(self.cells)
        if self.pages[0] != self.pages[1]:
            found.append(f"pages: ours {self.pages[0]}, LibreOffice {self.pages[1]}")
        if self.matched_share < share:
            found.append(f"only {self.matched_share:.1%} of the characters within 3 mm")
        return found


def soffice_path() -> str | None:
    """The LibreOffice program, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def _font_config(folder: Path) -> Path:
    import pylopdf_fonts_zh_cn as package

    rules = "".join(
        '<match target="pattern"><test qual="any" name="family"><string>' + escape(name) + "</string></test>"
        '<edit name="family" mode="assign" binding="same"><string>' + family + "</string></edit></match>"
        for name, family in BUNDLED.items()
        if name != family
    )
    path = folder / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"<dir>{Path(package.serif_path()).parent}</dir><cachedir>{folder / 'cache'}</cachedir>"
        f"{rules}</fontconfig>",
        encoding="utf-8",
    )
    return path


def convert(docx_paths: Sequence[Path], outdir: Path) -> list[Path]:
    """Convert all files in one LibreOffice call; returns the PDFs in order."""
    program = soffice_path()
    assert program is not None
    outdir = outdir.resolve()
    outdir.mkdir(parents=True, exist_ok=True)
    home = outdir / "soffice-home"
    home.mkdir(exist_ok=True)
    env = {**os.environ, "FONTCONFIG_FILE": str(_font_config(home)), "HOME": str(home)}
    command = [
        program, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
        "--outdir", str(outdir), *map(str, docx_paths),
    ]  # fmt: skip
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=300)
    return [outdir / f"{path.stem}.pdf" for path in docx_paths]


def characters(pdf: bytes | Path) -> tuple[int, list[Char]]:
    """Page count and the visible characters of a PDF in content order."""
    import pypdfium2
    import pypdfium2.raw as raw

    document = pypdfium2.PdfDocument(pdf)
    found: list[Char] = []
    x, y = ctypes.c_double(), ctypes.c_double()
    for number, page in enumerate(document):
        height, text = page.get_height(), page.get_textpage()
        for index in range(text.count_chars()):
            char = chr(raw.FPDFText_GetUnicode(text, index))
            if char.isspace() or char in _SKIPPED or ord(char) < 32:
                continue
            raw.FPDFText_GetCharOrigin(text, index, x, y)
            found.append(Char(number, x.value, height - y.value, char))
        text.close()
    pages = len(document)
    document.close()
    return pages, found


def compare(ours: bytes, layout: Layout, theirs: bytes | Path) -> Comparison:
    """Compare our PDF (and its layout, for the cells) with LibreOffice's."""
    our_pages, our_chars = characters(ours)
    their_pages, their_chars = characters(theirs)
    matched, worst = _match(our_chars, their_chars)
    total = max(len(our_chars), len(their_chars), 1)
    result = Comparison(
        (our_pages, their_pages), (len(our_chars), len(their_chars)), matched / total, worst / 72 * 25.4
    )
    ours_by_cell, theirs_by_cell = _by_cell(our_chars, layout), _by_cell(their_chars, layout)
    for number in sorted(set(ours_by_cell) | set(theirs_by_cell)):
        if (mine := ours_by_cell.get(number, "")) != (other := theirs_by_cell.get(number, "")):
            result.cells.append(f"cell {number}: {_difference(mine, other)}")
    return result


def _match(ours: Sequence[Char], theirs: Sequence[Char]) -> tuple[int, float]:
    """Pair equal characters on the same page, nearest first; count those within 3 mm."""
    waiting: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    for char in theirs:
        waiting[char.page, char.text].append((char.x, char.y))
    matched, worst = 0, 0.0
    for char in ours:
        places = waiting[char.page, char.text]
        if not places:
            continue
        distance, index = min(
            (((px - char.x) ** 2 + (py - char.y) ** 2) ** 0.5, i) for i, (px, py) in enumerate(places)
        )
        if distance <= TOLERANCE:
            matched += 1
            worst = max(worst, distance)
            del places[index]
    return matched, worst


def _by_cell(chars: Sequence[Char], layout: Layout) -> dict[int, str]:
    """Text of each cell in reading order, by the cell rectangles of the layout."""
    found: dict[int, list[Char]] = defaultdict(list)
    for char in chars:
        if char.page >= len(layout.pages):
            continue
        for part in layout.pages[char.page].cells:
            rect = part.rect
            if rect.x <= char.x + 1 <= rect.x + rect.width and rect.y <= char.y <= rect.y + rect.height + 2:
                found[part.number].append(char)
                break
    return {number: _reading_order(part) for number, part in found.items()}


def _reading_order(chars: Sequence[Char]) -> str:
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda c: (c.page, c.y)):
        if lines and lines[-1][0].page == char.page and abs(lines[-1][0].y - char.y) < 4:
            lines[-1].append(char)
        else:
            lines.append([char])
    return "".join(char.text for line in lines for char in sorted(line, key=lambda c: c.x))


def _difference(mine: str, other: str) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), min(len(mine), len(other))
    )
    here, there = mine[at : at + 12], other[at : at + 12]
    return f"at {at}: ours {here!r} ({len(mine)}), LibreOffice {there!r} ({len(other)})"
