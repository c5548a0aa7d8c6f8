"""Whether a PDF page names pictures, drawn or not: asked of pages on which no picture was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_DEEPEST = 4


def refers_to_pictures(path: Path, number: int) -> bool:
    """Whether page ``number`` (from 1) names pictures, be they lost, or cannot be understood."""
    from pypdf import PdfReader

    try:
        page = PdfReader(path, strict=False).pages[number - 1]
        return _has_pictures(page.get("/Resources"), 0)
    except Exception:  # pypdf raises whatever a broken file makes it raise: what is broken hid something
        return True


def _has_pictures(resources: Any, depth: int) -> bool:
    from pypdf.generic import DictionaryObject, NullObject, StreamObject

    resources = resources.get_object() if resources is not None else None
    if not isinstance(resources, DictionaryObject):
        return False
    named = resources.get("/XObject")
    named = named.get_object() if named is not None else {}
    for reference in named.values() if isinstance(named, DictionaryObject) else ():
        item = reference.get_object()
        if item is None or isinstance(item, NullObject) or not isinstance(item, StreamObject):
            return True
        if item.get("/Subtype") != "/Form":
            return True
        if depth < _DEEPEST and _has_pictures(item.get("/Resources"), depth + 1):
            return True
    return False
