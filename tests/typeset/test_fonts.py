"""Fonts: widths read by our own reader, fallback, station fonts."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from generator.errors import FontMissing
from generator.typeset.fonts import SANS, SERIF, bundled_fonts, system_fonts
from generator.typeset.layout import typeset
from generator.typeset.sfnt import FontFile
from tests.typeset.making import docx, para


@pytest.mark.parametrize("name", ["宋体", "黑体"])
def test_widths_and_heights_are_those_of_the_font(name: str) -> None:
    face = bundled_fonts().face(name)
    with TTFont(face.file.path) as font:
        cmap, widths = font.getBestCmap(), font["hmtx"]
        for char in "Aa1 中，（《。\U00020000龘":
            if ord(char) in cmap:
                assert face.advances[char] == widths[cmap[ord(char)]][0] / 1000
        assert (face.ascent, face.descent) == (font["hhea"].ascent / 1000, -font["hhea"].descent / 1000)
        assert font["name"].getDebugName(1) in face.file.families()


def test_chinese_dash_is_a_full_em() -> None:
    assert bundled_fonts().face("宋体").advances["—"] == 1.0


def test_names_of_chinese_fonts_lead_to_the_bundled_ones() -> None:
    fonts = bundled_fonts()
    assert {fonts.face(n).family for n in ("宋体", "SimSun", "仿宋_GB2312", "KaiTi", "楷体")} == {SERIF}
    assert {fonts.face(n).family for n in ("黑体", "simhei", "Arial")} == {SANS}


def test_extra_font_is_used_only_for_what_the_others_lack(tmp_path: Path) -> None:
    small = tmp_path / "Rare.ttf"
    _rare_font(small)
    fonts = bundled_fonts([small])
    spans = typeset(docx(para("张\U0002a6b2三")), fonts).pages[0].spans
    assert [(s.text, s.family) for s in spans if 70 < s.y < 700] == [
        ("张", SERIF), ("\U0002a6b2", "Rare Sample"), ("三", SERIF)
    ]  # fmt: skip


def test_system_fonts_are_found_by_their_own_names(tmp_path: Path) -> None:
    _rare_font(tmp_path / "Rare.ttf")
    assert system_fonts([tmp_path]).face("Rare Sample").advances["\U0002a6b2"] == 1.0
    with pytest.raises(FontMissing, match="宋体"):
        system_fonts([tmp_path]).face("宋体")


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match=r"没有\.ttf"):
        bundled_fonts([tmp_path / "没有.ttf"])
    (tmp_path / "坏.ttf").write_bytes(b"not a font")
    with pytest.raises(FontMissing, match=r"坏\.ttf"):
        bundled_fonts([tmp_path / "坏.ttf"])
    with pytest.raises(FontMissing, match="没有找到字体"):
        system_fonts([tmp_path / "leer"])


def test_a_cmap_of_format_4_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Small.ttf"
    _rare_font(path, char="A")
    file = FontFile(path)
    assert file.glyph(ord("A")) == 1
    assert file.glyph(ord("B")) == 0


def _rare_font(path: Path, char: str = "\U0002a6b2") -> None:
    """A font of one square glyph."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((900, 0), (900, 800), (100, 800)):
        pen.lineTo(point)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({ord(char): "rare"})
    builder.setupGlyf({".notdef": pen.glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 100)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Rare Sample", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
