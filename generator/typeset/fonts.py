"""Which font file stands behind a font name of the docx, and how wide its characters are.

Owns the bundled set (Noto Serif SC and Sans SC), the station's own fonts and the fallback for rare
characters.  Fonts are not subset or drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.errors import FontMissing, GlyphMissing
from generator.typeset.sfnt import FontFile
from generator.typeset.wml import BOX_EMPTY, BOX_TICKED, LINE_BREAK, OBJECT, PAGE_BREAK, TAB

SERIF = "Noto Serif SC"
SANS = "Noto Sans SC"

BUNDLED = {
    **dict.fromkeys(
        ("宋体", "SimSun", "NSimSun", "新宋体", "仿宋", "FangSong", "仿宋_GB2312", "FangSong_GB2312",
         "华文仿宋", "STFangsong", "楷体", "KaiTi", "楷体_GB2312", "KaiTi_GB2312",
         "华文楷体", "STKaiti", "华文宋体",
         "STSong", "方正小标宋简体", "方正仿宋_GBK", "Times New Roman", "Times", "Cambria",
         "Liberation Serif", SERIF),
        SERIF,
    ),
    **dict.fromkeys(
        ("黑体", "SimHei", "华文黑体", "STHeiti", "微软雅黑", "Microsoft YaHei", "等线", "DengXian",
         "等线 Light", "DengXian Light", "Arial", "Helvetica", "Calibri", "Calibri Light",
         "Aptos", "Aptos Display",
         "Liberation Sans", SANS),
        SANS,
    ),
}  # fmt: skip
"""Font names a docx may use → bundled family."""

NO_BREAK_HYPHEN = "\u2011"
"""Shown as an ordinary hyphen: Chinese fonts do not have it."""
_WIDTHLESS = (TAB, LINE_BREAK, PAGE_BREAK, OBJECT)


class Advances(dict[str, float]):
    """Character → advance as a fraction of the em, filled on demand; -1 for a missing glyph."""

    def __init__(self, file: FontFile) -> None:
        super().__init__()
        self._file = file
        self._forms = file.chinese_forms()
        # Drawn, not set: always one em.
        self[BOX_EMPTY] = self[BOX_TICKED] = 1.0
        for char in _WIDTHLESS:
            self[char] = 0.0
        self[NO_BREAK_HYPHEN] = self["-"]

    def __missing__(self, char: str) -> float:
        glyph = self._file.glyph(ord(char))
        glyph = self._forms.get(glyph, glyph)
        width = self[char] = self._file.advance(glyph) if glyph else -1.0
        return width


class Face:
    """One family with its widths.  ``ascent`` and ``descent`` are fractions of the em."""

    __slots__ = ("advances", "ascent", "descent", "family", "file")

    def __init__(self, family: str, file: FontFile) -> None:
        self.family = family
        self.file = file
        self.ascent = file.ascent
        self.descent = file.descent
        self.advances = Advances(file)

    def has(self, char: str) -> bool:
        """Return whether the face can show ``char``."""
        return self.advances[char] >= 0.0


class FontRecord(NamedTuple):
    """A font of a set, for the print register."""

    family: str
    path: Path


class FontSet:
    """The fonts of one station.  Safe to share between threads; build it once per process."""

    def __init__(self, faces: Iterable[tuple[str, Face]], extra: Sequence[Face] = ()) -> None:
        self._by_name = dict(faces)
        self.extra = tuple(extra)
        self._chains: dict[str, tuple[Face, ...]] = {}

    def face(self, name: str) -> Face:
        """Return the face for a font name of the docx.  Raises FontMissing."""
        found = self._by_name.get(name) or self._by_name.get(name.strip().lower())
        if found is None:
            raise FontMissing(
                f"模板使用了字体“{name}”，当前字体设置中没有它。",
                hint="请在模板中改用宋体、黑体、仿宋或楷体，或安装该字体。",
            )
        return found

    def fallback(self, char: str) -> Face | None:
        """Return the first face of the whole set that has ``char``."""
        for face in (*self.extra, *dict.fromkeys(self._by_name.values())):
            if face.has(char):
                return face
        return None

    def records(self) -> list[FontRecord]:
        """Return the files of the set, each once."""
        faces = dict.fromkeys((*self._by_name.values(), *self.extra))
        return [FontRecord(face.family, face.file.path) for face in faces]

    def paths(self) -> list[Path]:
        """Return the font files, each once, in a stable order."""
        return list(dict.fromkeys(record.path for record in self.records()))


def _open(path: Path, index: int = 0) -> Face:
    file = FontFile(path, index)
    names = sorted(file.families(), key=lambda name: (not name.isascii(), name))
    if not names:
        raise FontMissing(f"字体文件 {path.name} 没有字体名称。")
    return Face(names[0], file)


def _extra_faces(extra: Sequence[Path]) -> list[Face]:
    faces: list[Face] = []
    for path in extra:
        if not path.is_file():
            raise FontMissing(f"找不到字体文件 {path.name}。", hint="请检查 --font 指定的文件位置。")
        faces.extend(_open(path, index) for index in range(FontFile.count(path)))
    return faces


def bundled_fonts(extra: Sequence[Path] = ()) -> FontSet:
    """Return the fonts shipped with the program; ``extra`` files are used for rare characters only.

    Raises FontMissing when the font package is not installed or an extra file cannot be read.
    """
    try:
        import pylopdf_fonts_zh_cn as package
    except ImportError:
        raise FontMissing(
            "没有安装随软件附带的字体。", hint="请重新安装康档（字体包 pylopdf-fonts-zh-cn）。"
        ) from None
    faces = {SERIF: _open(Path(package.serif_path())), SANS: _open(Path(package.sans_path()))}
    return FontSet(_named((name, faces[family]) for name, family in BUNDLED.items()), _extra_faces(extra))


def _named(pairs: Iterable[tuple[str, Face]]) -> Iterable[tuple[str, Face]]:
    for name, face in pairs:
        yield name, face
        yield name.lower(), face


def system_fonts(folders: Sequence[Path], extra: Sequence[Path] = ()) -> FontSet:
    """Return the fonts found in ``folders`` by their own family names (宋体, SimSun …).

    Raises FontMissing when no font file is there.
    """
    pairs: list[tuple[str, Face]] = []
    for path in sorted(p for folder in folders for p in folder.rglob("*")):
        if path.suffix.lower() not in (".ttf", ".otf", ".ttc"):
            continue
        for index in range(FontFile.count(path)):
            face = _open(path, index)
            pairs.extend((name, face) for name in sorted(face.file.families()))
    if not pairs:
        raise FontMissing(
            "系统字体文件夹中没有找到字体。", hint="请安装字体，或改用随软件附带的字体（--fonts bundled）。"
        )
    return FontSet(_named(pairs), _extra_faces(extra))


def glyph_missing(char: str, field: str | None) -> GlyphMissing:
    """Build the error for a character that no font has; ``field`` is the bookmark around it."""
    place = f"（位置：{field}）" if field else ""
    return GlyphMissing(f"字体中没有字符 U+{ord(char):04X}{place}。")
