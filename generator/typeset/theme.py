"""Fonts a docx takes from its theme (标题字体、正文字体) instead of naming them.

Owns the lookup in ``word/theme/theme1.xml`` and writing the names found into ``w:rFonts``, so that the rest
of the reader knows names only.
"""

from __future__ import annotations

from functools import lru_cache

from lxml import etree
from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset.ooxml import A, W

_LATIN = "Times New Roman"
_EAST = "宋体"
_TARGETS = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia", "cstheme": "cs"}
_SCRIPTS = {"zh-tw": "Hant", "zh-hk": "Hant", "zh-mo": "Hant", "ja": "Jpan", "ko": "Hang"}


def east_script(language: str) -> str:
    """Return the theme's name of the East Asian script of ``language`` (as in ``w:themeFontLang``)."""
    low = language.lower()
    return _SCRIPTS.get(low) or _SCRIPTS.get(low[:2], "Hans")


@lru_cache(maxsize=64)
def theme_fonts(data: bytes, script: str) -> dict[str, str]:
    """Return font names by theme value (``minorEastAsia`` …).

    An East Asian font left open is the theme's one for ``script``, or 宋体; a missing theme gives 宋体 and
    Times New Roman.
    """
    scheme = _parse(data).find(f".//{A}fontScheme") if data else None
    found: dict[str, str] = {}
    for kind in ("major", "minor"):
        fonts = scheme.find(f"{A}{kind}Font") if scheme is not None else None
        latin = _face(fonts, "latin") or _LATIN
        east = _face(fonts, "ea") or _for_script(fonts, script) or _EAST
        found |= {f"{kind}Ascii": latin, f"{kind}HAnsi": latin, f"{kind}EastAsia": east, f"{kind}Bidi": latin}
    return found


def _parse(data: bytes) -> _Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise TemplateDamaged("Word 文件的主题（theme）不是有效的 XML。") from None


def _face(fonts: _Element | None, name: str) -> str:
    element = fonts.find(A + name) if fonts is not None else None
    return "" if element is None else element.get("typeface") or ""


def _for_script(fonts: _Element | None, script: str) -> str:
    for font in fonts.iterchildren(A + "font") if fonts is not None else ():
        if font.get("script") == script:
            return font.get("typeface") or ""
    return ""


def name_fonts(root: _Element, fonts: dict[str, str]) -> None:
    """Write the names of theme fonts into every ``w:rFonts`` below ``root``; the theme wins over a name."""
    for element in root.iter(W + "rFonts"):
        for attribute, target in _TARGETS.items():
            value = element.attrib.pop(W + attribute, None)
            if value in fonts:
                element.set(W + target, fonts[value])
