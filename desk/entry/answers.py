"""Reading and changing one place of the answers, by its pointer; the given answers are never changed."""

from __future__ import annotations

from typing import Any

from generator.forms import pointer

Answers = dict[str, Any]
MISSING: Any = object()


def get(answers: Any, place: str) -> Any:
    """The value at ``place``, or ``MISSING``."""
    here = answers
    for token in pointer.split(place):
        if isinstance(here, dict) and token in here:
            here = here[token]
        elif isinstance(here, list) and token.isdigit() and int(token) < len(here):
            here = here[int(token)]
        else:
            return MISSING
    return here


def put(answers: Answers, place: str, value: Any) -> Answers:
    """The answers with ``value`` at ``place``; objects and rows on the way are made."""
    made: Answers = _put(answers, list(pointer.split(place)), value)
    return made


def _put(node: Any, tokens: list[str], value: Any) -> Any:
    if not tokens:
        return value
    head, rest = tokens[0], tokens[1:]
    if isinstance(node, list):
        at = int(head)
        rows = [*node, *([{}] * (at + 1 - len(node)))]
        rows[at] = _put(rows[at], rest, value)
        return rows
    inner = node.get(head, [] if rest and rest[0].isdigit() else {}) if isinstance(node, dict) else {}
    return {**(node if isinstance(node, dict) else {}), head: _put(inner, rest, value)}


def remove(answers: Answers, place: str) -> Answers:
    """The answers without what stands at ``place``; objects left empty go too, rows stay."""
    made: Answers = _remove(answers, list(pointer.split(place)))
    return made


def _remove(node: Any, tokens: list[str]) -> Any:
    head, rest = tokens[0], tokens[1:]
    if isinstance(node, list):
        at = int(head)
        if at >= len(node):
            return node
        if not rest:
            return [*node[:at], *node[at + 1 :]]
        return [*node[:at], _remove(node[at], rest), *node[at + 1 :]]
    if not isinstance(node, dict) or head not in node:
        return node
    kept = {name: value for name, value in node.items() if name != head}
    inner = _remove(node[head], rest) if rest else None
    return {**node, head: inner} if inner not in (None, {}, []) else kept
