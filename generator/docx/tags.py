"""The tags of a template as facts: which field, option or sheet text each of them names, and where.

Reads the Jinja syntax tree of the prepared parts, so tags that Word has split over runs are seen whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from generator.docx.environment import environment
from generator.docx.fill import CompiledTemplate
from generator.docx.prepared import part_title
from generator.docx.preparing import by_paragraph

ROOMS = ("f", "v", "box", "mark", "sheet")


@dataclass(frozen=True, slots=True)
class TagUse:
    """One name used by a tag: ``room`` is f, v, box, mark or sheet; ``path`` is what follows it."""

    room: str
    path: tuple[str, ...]
    option: str | None
    place: str

    @property
    def written(self) -> str:
        """The name as a Word user sees it."""
        return ".".join((self.room, *self.path)) + (f"['{self.option}']" if self.option is not None else "")

    @property
    def pointer(self) -> str:
        """The field it names, as a JSON pointer."""
        return "/" + "/".join(self.path)


def tag_uses(template: CompiledTemplate) -> list[TagUse]:
    """Every name used by the tags of a template, in document order."""
    uses: list[TagUse] = []
    for part, source in template.sources.items():
        lined = by_paragraph(source)
        texts = [re.sub(r"<[^>]+>", "", line) for line in lined.split("\n")]
        try:
            tree = environment().parse(lined)
        except TemplateSyntaxError:
            continue  # already refused when the template was compiled
        uses.extend(_Walker(part_title(part), texts).walk(tree, {}))
    return uses


class _Walker:
    """Walks one part; ``scope`` maps loop variables to the path of their rows."""

    def __init__(self, part: str, texts: list[str]) -> None:
        self._part = part
        self._texts = texts

    def walk(self, node: nodes.Node, scope: Mapping[str, tuple[str, ...]]) -> Iterator[TagUse]:
        if isinstance(node, nodes.For):
            yield from self.walk(_rows_of(node.iter), scope)
            found = _path(_rows_of(node.iter), scope)
            inner = dict(scope)
            if found and found[0] == "f" and isinstance(node.target, nodes.Name):
                inner[node.target.name] = (*found[1], "*")
            for child in (*node.body, *node.else_):
                yield from self.walk(child, inner)
            return
        found = _path(node, scope)
        if found:
            yield TagUse(found[0], found[1], found[2], self._place(node.lineno))
            return
        if (
            isinstance(node, nodes.Name)
            and node.ctx == "load"
            and node.name not in scope
            and node.name != "loop"
        ):
            yield TagUse(node.name, (), None, self._place(node.lineno))
        for child in node.iter_child_nodes():
            yield from self.walk(child, scope)

    def _place(self, line: int) -> str:
        own = self._texts[min(line - 1, len(self._texts) - 1)].strip()
        for text in reversed(self._texts[: line - 1]):
            label = re.sub(r"\{[{%#].*?[}%#]\}", "", text).strip()
            if label and not re.sub(r"\{[{%#].*?[}%#]\}", "", own).strip():
                return f"{self._part}“{label[-12:]}”之后"
        label = re.sub(r"\{[{%#].*?[}%#]\}", "…", own).strip()
        return f"{self._part}“{label[:20]}”处"


def _rows_of(node: nodes.Node) -> nodes.Node:
    """``f.plan_rows.at_least(3)`` → ``f.plan_rows``."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "at_least":
        return node.node.node
    return node


def _path(
    node: nodes.Node, scope: Mapping[str, tuple[str, ...]]
) -> tuple[str, tuple[str, ...], str | None] | None:
    """``f.a.b`` → ("f", ("a", "b"), None); ``box.a['x']`` → ("box", ("a",), "x"); ``r.b`` by its loop."""
    parts: list[str] = []
    option: str | None = None
    # Ends: each round goes one node down.
    while isinstance(node, (nodes.Getattr, nodes.Getitem)):
        if isinstance(node, nodes.Getattr):
            parts.insert(0, node.attr)
        elif (
            isinstance(node.arg, nodes.Const)
            and isinstance(node.arg.value, str)
            and not parts
            and option is None
        ):
            option = node.arg.value
        elif isinstance(node.arg, nodes.Const):
            parts.insert(0, str(node.arg.value))
        else:
            return None
        node = node.node
    if not isinstance(node, nodes.Name):
        return None
    if node.name in scope and (parts or option):
        return "f", (*scope[node.name], *parts), option
    if node.name in ROOMS and (parts or option):
        if option is not None and not parts:
            return node.name, (option,), None
        return node.name, tuple(parts), option
    return None
