"""A template filled with every condition taken both ways, whatever the answers are.

A blank meets only one side of each condition.  What the other side prints, or leaves empty, is met here:
the conditions of the Jinja source are replaced by yes and no until each branch was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import nodes

from generator.docx.environment import environment
from generator.docx.sandboxed import Program, program_of

Choice = Callable[[int], bool]
"""Depth of a condition among conditions (``elif`` counts as one more) → whether it holds."""


DEEPEST = 12
"""Conditions inside conditions beyond this are taken as those above them: no form has more than three."""


def ways(sources: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Program]]]:
    """What holds, in words, and the programs of all parts under that; every branch is in one of them."""
    trees = {name: environment().parse(source) for name, source in sources.items()}
    deepest = max((_depth(tree) for tree in trees.values()), default=0)
    for level in range(min(deepest, DEEPEST)):
        for holds in (True, False):
            yield (
                "条件成立时" if holds else "条件不成立时",
                {
                    name: program_of(_chosen(environment().parse(source), _choice(level, holds=holds)))
                    for name, source in sources.items()
                },
            )


def _choice(level: int, *, holds: bool) -> Choice:
    """Not above ``level``, at it yes, below it ``holds``; at level 0 all alike."""
    if level == 0:
        return lambda _: holds
    return lambda depth: depth == level or (depth > level and holds)


def _depth(node: nodes.Node) -> int:
    """How deep conditions nest."""
    if isinstance(node, nodes.If):
        inside = [_depth_of(node.body)]
        inside += [number + _depth_of(branch.body) for number, branch in enumerate(node.elif_, 1)]
        inside.append(len(node.elif_) + _depth_of(node.else_))
        return 1 + max(inside)
    return _depth_of(node.iter_child_nodes())


def _depth_of(children: Any) -> int:
    return max(map(_depth, children), default=0)


def _chosen(node: nodes.Node, choice: Choice, depth: int = 0) -> Any:
    """The tree with constants for the tests of its conditions."""
    if isinstance(node, nodes.If):
        node.test = nodes.Const(choice(depth))
        for child in node.body:
            _chosen(child, choice, depth + 1)
        for number, branch in enumerate(node.elif_, 1):
            branch.test = nodes.Const(choice(depth + number))
            for child in branch.body:
                _chosen(child, choice, depth + number + 1)
        for child in node.else_:
            _chosen(child, choice, depth + len(node.elif_) + 1)
        return node
    for child in node.iter_child_nodes():
        _chosen(child, choice, depth)
    return node
