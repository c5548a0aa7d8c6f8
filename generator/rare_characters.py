"""Characters of the answers that no configured font can print, told by field label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from generator.errors import GlyphMissing
from generator.forms.definition import FormDefinition

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet


def missing_characters(
    form: FormDefinition, answers: Mapping[str, Any], fonts: FontSet
) -> GlyphMissing | None:
    """One error naming every answer with such a character, so that a person looks for fonts only once.

    None when the answers are fine: then the character stands in the template.
    """
    places: list[str] = []
    for label, text in _texts(form, answers, ""):
        codes = [f"U+{ord(char):04X}" for char in text if char >= " " and not fonts.fallback(char)]
        if codes:
            places.append(f"“{label}”中的 {'、'.join(dict.fromkeys(codes))}")
    return GlyphMissing(f"所用字体缺少这些字：{'；'.join(places)}。") if places else None


def _texts(form: FormDefinition, node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """(label, text) of every text in the answers."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _texts(form, value, f"{pointer}/{name}")
    elif isinstance(node, list):
        for value in node:
            yield from _texts(form, value, f"{pointer}/*")
    elif isinstance(node, str):
        spec = form.fields.get(pointer) or form.fields.get(pointer.removesuffix("/*"))
        yield (spec.label if spec else pointer), node
