"""Writing text straight onto a page: for the few sheets of a packet that no docx template stands behind."""

from __future__ import annotations

from typing import Literal

from generator.typeset.fonts import Face, FontSet, glyph_missing
from generator.typeset.model import PageLayout, Rule, TextSpan

MM = 72 / 25.4
SONG, HEI = "宋体", "黑体"
Align = Literal["left", "centre", "right"]
_NOT_FIRST = "，。、；：？！）》〉」』】〕”’·…—"
"""Marks no line begins with."""


class Pen:
    """Writes in one font set; ``gap`` leaves an em free for a character no font has."""

    def __init__(self, fonts: FontSet, *, gap: bool = False) -> None:
        self._fonts = fonts
        self._gap = gap
        self.gaps: list[str] = []

    def width(self, text: str, size: float, family: str = SONG) -> float:
        """How wide ``text`` stands, in points."""
        return sum(self._face(char, family).advances[char] for char in text if self._can(char, family)) * size

    def fold(self, text: str, size: float, room: float, family: str = SONG) -> list[str]:
        """``text`` in lines of at most ``room`` points; at least one."""
        lines, line = [], ""
        for char in " ".join(text.split("\n")):
            if line and self.width(line + char, size, family) > room and char not in _NOT_FIRST:
                lines.append(line)
                line = ""
            line += char
        return [*lines, line]

    def write(
        self,
        page: PageLayout,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        family: str = SONG,
        align: Align = "left",
    ) -> None:
        """Set one line with its baseline at ``y``; ``x`` is its left end, middle or right end."""
        width = self.width(text, size, family)
        x -= {"left": 0.0, "centre": width / 2, "right": width}[align]
        for part, face in self._runs(text, family):
            if face is None:
                self.gaps += [f"U+{ord(char):04X}" for char in part]
                x += size * len(part)
                continue
            advance = sum(face.advances[char] for char in part) * size
            if part.strip():
                page.spans.append(TextSpan(x, y, part, face.family, size, advance))
            x += advance

    def _runs(self, text: str, family: str) -> list[tuple[str, Face | None]]:
        """The text in pieces of one face each; None for characters left as gaps."""
        runs: list[tuple[str, Face | None]] = []
        for char in text:
            face = self._face(char, family) if self._can(char, family) else None
            if runs and runs[-1][1] is face:
                runs[-1] = (runs[-1][0] + char, face)
            else:
                runs.append((char, face))
        return runs

    def _can(self, char: str, family: str) -> bool:
        return self._fonts.face(family).has(char) or self._fonts.fallback(char) is not None or not self._gap

    def _face(self, char: str, family: str) -> Face:
        face = self._fonts.face(family)
        if face.has(char):
            return face
        found = self._fonts.fallback(char)
        if found is None:
            raise glyph_missing(char, None)
        return found


def ruled_box(page: PageLayout, x: float, y: float, width: float, height: float, pen: float = 0.75) -> None:
    """The four sides of a box."""
    right, bottom = x + width, y + height
    for x1, y1, x2, y2 in (
        (x, y, right, y),
        (right, y, right, bottom),
        (x, bottom, right, bottom),
        (x, y, x, bottom),
    ):
        page.rules.append(Rule(x1, y1, x2, y2, pen))
