"""Jinja's own code generator, spelling the same program shorter.

Reading generated source in is most of what a prepared template costs.  So constant texts stand in a list,
each name of the context is looked up once, and what is done for every answer has a short name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE


class ProgramCode(CodeGenerator):
    """Writes code that finds ``text``, ``put``, ``get`` and ``item`` in its scope, and ``context.known``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts: list[str] = []
        self._places: dict[str, int] = {}

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        text = "".join(map(str, group))
        place = self._places.setdefault(text, len(self.texts))
        if place == len(self.texts):
            self.texts.append(text)
        return f"text[{place}]"

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("put(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")

    def get_resolve_func(self) -> str:  # noqa: D102 - this and what follows are Jinja's
        return f"{self.get_context_ref()}.known"

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: D102, N802
        ref = frame.symbols.ref(node.name)
        load = frame.symbols.find_load(ref)
        if node.ctx == "load" and load is not None and load[0] == VAR_LOAD_RESOLVE:
            self.write(ref)
        else:
            super().visit_Name(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: D102, N802
        self._call("get", node.node, repr(node.attr), frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: D102, N802
        if isinstance(node.arg, nodes.Const):
            self._call("item", node.node, repr(node.arg.value), frame)
        else:
            super().visit_Getitem(node, frame)

    def _call(self, name: str, of: nodes.Expr, key: str, frame: Frame) -> None:
        self.write(f"{name}(")
        self.visit(of, frame)
        self.write(f", {key})")
