"""docx bytes → placed pages.  The whole way in one call."""

from __future__ import annotations

from collections.abc import Mapping

from generator.typeset.fonts import FontSet
from generator.typeset.model import Layout
from generator.typeset.pages import compose
from generator.typeset.reader import read_document


def typeset(docx: bytes | Mapping[str, bytes], fonts: FontSet, *, glyph_gap: bool = False) -> Layout:
    """Lay a docx (its bytes, or its parts by name) out on pages.

    Raises TemplateUnsupported for a construct that cannot be printed exactly, TemplateDamaged for a broken
    package, FontMissing for a font name the set lacks, GlyphMissing for a character no font has (with
    ``glyph_gap`` an empty em is left instead and listed in ``Layout.glyph_gaps``).
    """
    return compose(read_document(docx), fonts, glyph_gap=glyph_gap)
