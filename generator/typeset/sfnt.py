"""Reads the few numbers of an OpenType file that line breaking needs, without loading the file.

Owns table lookup in .ttf, .otf and .ttc files: family names, character map, advance widths, ascent and
descent.  A 20 MB font costs microseconds: the file is mapped and each character is looked up on demand.
"""

from __future__ import annotations

import mmap
import struct
import sys
from array import array
from bisect import bisect_right
from functools import cached_property
from pathlib import Path

from generator.errors import FontMissing


def _u16(data: mmap.mmap, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _i16(data: mmap.mmap, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big", signed=True)


def _u32(data: mmap.mmap, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


class FontFile:
    """One face of a font file.  ``ascent`` and ``descent`` are fractions of the em, both positive."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self.path = path
        self.index = index
        try:
            with path.open("rb") as stream:
                self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._tables = self._directory()
            self._read_metrics()
            self._cmap = self._find_cmap()
        except (OSError, ValueError, KeyError, IndexError, struct.error, ZeroDivisionError):
            raise FontMissing(f"字体文件 {path.name} 无法读取。") from None

    @staticmethod
    def count(path: Path) -> int:
        """Return the number of faces in a file (more than one in a .ttc)."""
        with path.open("rb") as stream:
            head = stream.read(12)
        return int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1

    def _directory(self) -> dict[bytes, int]:
        data = self._data
        start = _u32(data, 12 + 4 * self.index) if data[:4] == b"ttcf" else 0
        records = range(start + 12, start + 12 + 16 * _u16(data, start + 4), 16)
        return {data[at : at + 4]: _u32(data, at + 8) for at in records}

    def _read_metrics(self) -> None:
        data, hhea = self._data, self._tables[b"hhea"]
        self.units = _u16(data, self._tables[b"head"] + 18)
        self.ascent = _i16(data, hhea + 4) / self.units
        self.descent = -_i16(data, hhea + 6) / self.units
        self._h_metrics = _u16(data, hhea + 34)

    def _find_cmap(self) -> tuple[int, int]:
        """Return format and offset of the best Unicode map."""
        data, cmap = self._data, self._tables[b"cmap"]
        found: dict[int, int] = {}
        for at in range(cmap + 4, cmap + 4 + 8 * _u16(data, cmap + 2), 8):
            if (_u16(data, at), _u16(data, at + 2)) in ((3, 10), (3, 1), (0, 3), (0, 4), (0, 6)):
                offset = cmap + _u32(data, at + 4)
                found[_u16(data, offset)] = offset
        return (12, found[12]) if 12 in found else (4, found[4])

    def glyph(self, code: int) -> int:
        """Return the glyph index of a code point, 0 when the font lacks it."""
        kind, offset = self._cmap
        return self._glyph12(code) if kind == 12 else self._glyph4(offset, code)

    @cached_property
    def _groups(self) -> tuple[array[int], array[int], array[int]]:
        """Of each group of the map: its first and last code point, and the glyph of the first."""
        offset = self._cmap[1]
        size = 12 * _u32(self._data, offset + 12)
        numbers = array("I", self._data[offset + 16 : offset + 16 + size])
        if sys.byteorder == "little":
            numbers.byteswap()
        return numbers[0::3], numbers[1::3], numbers[2::3]

    def _glyph12(self, code: int) -> int:
        starts, ends, glyphs = self._groups
        at = bisect_right(starts, code) - 1
        return glyphs[at] + code - starts[at] if at >= 0 and code <= ends[at] else 0

    def _glyph4(self, offset: int, code: int) -> int:
        if code > 0xFFFF:
            return 0
        data, doubled = self._data, _u16(self._data, offset + 6)
        ends = offset + 14
        for i in range(0, doubled, 2):
            if _u16(data, ends + i) < code:
                continue
            starts = ends + doubled + 2
            start = _u16(data, starts + i)
            if start > code:
                return 0
            delta = _u16(data, starts + doubled + i)
            place = starts + 2 * doubled + i
            reach = _u16(data, place)
            if reach == 0:
                return (code + delta) & 0xFFFF
            glyph = _u16(data, place + reach + 2 * (code - start))
            return (glyph + delta) & 0xFFFF if glyph else 0
        return 0

    def advance(self, glyph: int) -> float:
        """Return the advance width of a glyph as a fraction of the em."""
        last = min(glyph, self._h_metrics - 1)
        return _u16(self._data, self._tables[b"hmtx"] + 4 * last) / self.units

    def families(self) -> set[str]:
        """Return every family name the face carries, in any language."""
        data, base = self._data, self._tables[b"name"]
        strings = base + _u16(data, base + 4)
        found: set[str] = set()
        for at in range(base + 6, base + 6 + 12 * _u16(data, base + 2), 12):
            platform, name_id = _u16(data, at), _u16(data, at + 6)
            if platform in (0, 3) and name_id in (1, 16):
                start = strings + _u16(data, at + 10)
                found.add(data[start : start + _u16(data, at + 8)].decode("utf-16-be", "ignore"))
        return found

    def chinese_forms(self) -> dict[int, int]:
        """Return the glyphs a font changes for Simplified Chinese (GSUB ``locl``), such as a longer dash."""
        base = self._tables.get(b"GSUB")
        if base is None:
            return {}
        data = self._data
        features, lookups = base + _u16(data, base + 6), base + _u16(data, base + 8)
        forms: dict[int, int] = {}
        for index in self._chinese_features(base + _u16(data, base + 4)):
            if data[features + 2 + 6 * index : features + 6 + 6 * index] != b"locl":
                continue
            feature = features + _u16(data, features + 6 + 6 * index)
            for number in self._shorts(feature + 4, _u16(data, feature + 2)):
                lookup = lookups + _u16(data, lookups + 2 + 2 * number)
                for offset in self._shorts(lookup + 6, _u16(data, lookup + 4)):
                    self._single_forms(_u16(data, lookup), lookup + offset, forms)
        return forms

    def _shorts(self, at: int, count: int) -> list[int]:
        return [_u16(self._data, at + 2 * i) for i in range(count)]

    def _chinese_features(self, scripts: int) -> list[int]:
        data = self._data
        for at in range(scripts + 2, scripts + 2 + 6 * _u16(data, scripts), 6):
            if data[at : at + 4] != b"hani":
                continue
            script = scripts + _u16(data, at + 4)
            for lang in range(script + 4, script + 4 + 6 * _u16(data, script + 2), 6):
                if data[lang : lang + 4] == b"ZHS ":
                    system = script + _u16(data, lang + 4)
                    return self._shorts(system + 6, _u16(data, system + 4))
        return []

    def _single_forms(self, kind: int, at: int, forms: dict[int, int]) -> None:
        data = self._data
        if kind == 7:
            kind, at = _u16(data, at + 2), at + _u32(data, at + 4)
        if kind != 1:
            return
        glyphs = self._coverage(at + _u16(data, at + 2))
        if _u16(data, at) == 1:
            delta = _u16(data, at + 4)
            forms.update({glyph: (glyph + delta) & 0xFFFF for glyph in glyphs})
        else:
            forms.update(zip(glyphs, self._shorts(at + 6, _u16(data, at + 4)), strict=False))

    def _coverage(self, at: int) -> list[int]:
        data, count = self._data, _u16(self._data, at + 2)
        if _u16(data, at) == 1:
            return self._shorts(at + 4, count)
        found: list[int] = []
        for place in range(at + 4, at + 4 + 6 * count, 6):
            found.extend(range(_u16(data, place), _u16(data, place + 2) + 1))
        return found
