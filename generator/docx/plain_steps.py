"""Tags of a template as plain data (``plain``), as far as they are of the kinds standard templates use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import nodes

from generator.docx.environment import environment
from generator.docx.plain import unescaped

_COMPARISONS = {"eq": "==", "ne": "!=", "in": "in", "notin": "not in"}


class _Beyond(Exception):
    """A tag of another kind."""


def plain_steps(source: str) -> list[Any] | None:
    """The steps of Jinja source; None where a tag goes beyond them.  Raises jinja2.TemplateSyntaxError."""
    parsed = environment().parse(source)
    try:
        return list(_steps(parsed.body))
    except _Beyond:
        return None


def _steps(body: Iterable[nodes.Node]) -> Iterator[Any]:
    for node in body:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if isinstance(part, nodes.TemplateData):
                        yield unescaped(part.data)
                    else:
                        yield ["put", _value(part)]
            case nodes.If():
                yield _if(node)
            case nodes.For(target=nodes.Name(name=name), else_=[], test=None, recursive=False):
                yield ["for", name, _value(node.iter), list(_steps(node.body))]
            case _:
                raise _Beyond


def _if(node: nodes.If) -> list[Any]:
    other: list[Any] = list(_steps(node.else_))
    for branch in reversed(node.elif_):
        other = [["if", _value(branch.test), list(_steps(branch.body)), other]]
    return ["if", _value(node.test), list(_steps(node.body)), other]


def _value(node: nodes.Node) -> list[Any]:
    for kind in (_looked_up, _combined, _called):
        found = kind(node)
        if found is not None:
            return found
    raise _Beyond


def _looked_up(node: nodes.Node) -> list[Any] | None:
    match node:
        case nodes.Name(name=name) if name not in ("loop", "self"):
            return ["name", name]
        case nodes.Const(value=str() | int() | None as value):
            return ["const", value]
        case nodes.Getattr(node=of, attr=key) | nodes.Getitem(node=of, arg=nodes.Const(value=str() as key)):
            return ["get", _value(of), key]
        case nodes.Getitem(
            node=of, arg=nodes.Slice(start=None, stop=nodes.Const(value=int() as end), step=None)
        ):
            return ["cut", _value(of), end]
    return None


def _combined(node: nodes.Node) -> list[Any] | None:
    match node:
        case nodes.And() | nodes.Or() | nodes.Add():
            return [node.operator, _value(node.left), _value(node.right)]
        case nodes.Not(node=of):
            return ["not", _value(of)]
        case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]) if op in _COMPARISONS:
            return [_COMPARISONS[op], _value(left), _value(right)]
        case nodes.CondExpr(test=test, expr1=then, expr2=nodes.Node() as other):
            return ["pick", _value(test), _value(then), _value(other)]
    return None


def _called(node: nodes.Node) -> list[Any] | None:
    """The padding of rows, and the filters there are: ``int``, ``map`` with ``join``."""
    match node:
        case nodes.Call(
            node=nodes.Getattr(node=of, attr="at_least"), args=[nodes.Const(value=int() as count)], kwargs=[]
        ):
            return ["at_least", _value(of), count]
        case nodes.Filter(node=nodes.Expr() as of, name="int", args=[], kwargs=[]):
            return ["int", _value(of)]
        case nodes.Filter(
            node=nodes.Filter(node=nodes.Expr() as of, name="map", args=[], kwargs=[named]),
            name="join", args=[nodes.Const(value=str() as between)], kwargs=[],
        ):  # fmt: skip
            return ["joined", _value(of), _attribute(named), between]
    return None


def _attribute(named: Any) -> str:
    """The key of ``map(attribute='key')``; a path of several keys goes beyond."""
    if (
        named.key == "attribute"
        and isinstance(named.value, nodes.Const)
        and str(named.value.value).isidentifier()
    ):
        return str(named.value.value)
    raise _Beyond
