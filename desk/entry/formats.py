"""What to type, said where it is typed: the widget's words, the range of a number, the example of a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from desk.entry.questions import Question
from generator.forms import pointer
from generator.forms.definition import FieldSpec, FormDefinition

_TELLS = re.compile(r"如 ?[“\dA-Z]|写成|\d 位|不填|没有|都不|至少|不少于|无")
"""A hint with one of these says how; one without repeats the name of the field."""


def how(form: FormDefinition, question: Question) -> str:
    """The words in brackets behind a question's name."""
    spec = question.spec
    parts = [question.widget.how]
    if question.widget.kind in ("integer", "number"):
        parts += _range(_node(form, spec))
    if question.widget.kind in ("text", "items", "integer", "number", "rows", "choices"):
        parts += [spec.hint.rstrip("。")] if spec.hint and _TELLS.search(spec.hint) else []
    if question.optional and not question.widget.groups:
        parts.append("可不填")
    return "；".join(parts)


def _range(node: Mapping[str, Any]) -> list[str]:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return [f"{low} 至 {high}"]
    if low is not None:
        return [f"不小于 {low}"]
    return [f"不大于 {high}"] if high is not None else []


def _node(form: FormDefinition, spec: FieldSpec) -> Mapping[str, Any]:
    """The field in the schema."""
    node: Mapping[str, Any] = form.schema
    for token in pointer.split(spec.pointer):
        node = node["items"] if token == "*" else node["properties"][token]  # noqa: S105 - no secret
    return node
