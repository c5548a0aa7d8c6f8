"""Where a place stands among groups and rows; what an interview needs to go on, back and aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.entry.answers import MISSING, get
from desk.entry.questions import Question
from generator.forms.pointer import split


def within(place: str, group: str) -> bool:
    """Whether a place is the group itself or stands in it."""
    return place == group or place.startswith(f"{group}/")


def row_of(place: str) -> str | None:
    """The innermost row around a place."""
    tokens = split(place)
    for end in range(len(tokens), 0, -1):
        if tokens[end - 1].isdigit():
            return "/" + "/".join(tokens[:end])
    return None


def empty_group(question: Question, answers: Mapping[str, Any]) -> str | None:
    """The group that is passed over whole because the field it cannot do without was left empty.

    Never a row: what is not known of a row may be just its first field.
    """
    parent = question.parent
    inside_row = parent == row_of(question.pointer)
    if not parent or inside_row or question.spec.required != "final":
        return None
    return parent if get(answers, parent) in ({}, MISSING) else None


def named_is_done(named: str, following: Question | None, row: str | None) -> bool:
    """Whether going on to ``following`` leaves what the person named; ``row`` is the row gone on from."""
    inside = following is not None and within(following.pointer, named)
    return not inside and (row is None or within(named, row))


def without_empty_rows(node: Any) -> Any:
    """Rows begun and left empty are no rows."""
    if isinstance(node, dict):
        return {name: without_empty_rows(value) for name, value in node.items()}
    if isinstance(node, list):
        return [without_empty_rows(item) for item in node if item != {}]
    return node
