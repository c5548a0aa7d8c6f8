"""Putting shared definitions in place: every ``$ref`` becomes what it points to.

Only one shape is allowed, ``<file>#/$defs/<name>`` (or ``#/$defs/<name>`` in the same file); keywords beside
the ``$ref`` win over the shared ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.forms.finding import Finding
from generator.forms.suggest import did_you_mean

Library = Callable[[str], Mapping[str, Any] | None]
"""File name → its JSON document; None when there is no such file."""


class Resolver:
    """Resolves one document; what is wrong is collected in ``findings``."""

    def __init__(self, subject: str, document: Mapping[str, Any], library: Library) -> None:
        self._subject = subject
        self._documents: dict[str, Mapping[str, Any] | None] = {"": document}
        self._library = library
        self._resolved: dict[str, dict[str, Any]] = {}
        self.findings: list[Finding] = []

    def resolve(self, node: Any, place: str = "", home: str = "", seen: tuple[str, ...] = ()) -> Any:
        """The node with all references inside it replaced; ``home`` is the file its own ``#`` means."""
        if isinstance(node, list):
            return [
                self.resolve(item, f"{place}/{i}", home, seen) if isinstance(item, (dict, list)) else item
                for i, item in enumerate(node)
            ]
        if not isinstance(node, dict):
            return node
        resolved = {
            name: self.resolve(value, f"{place}/{name}", home, seen)
            if isinstance(value, (dict, list))
            else value
            for name, value in node.items()
            if name not in ("$ref", "$defs")
        }
        if "$ref" not in node:
            return resolved
        return {**self._target(node["$ref"], f"{place}/$ref", home, seen), **resolved}

    def _target(self, reference: Any, place: str, home: str, seen: tuple[str, ...]) -> dict[str, Any]:
        file, _, fragment = str(reference).partition("#")
        file = file or home
        marker = f"{file}#{fragment}"
        if marker in self._resolved:
            return self._resolved[marker]
        if marker in seen:
            self._report(place, f"$ref {reference} 绕回了自己。")
            return {}
        target = self._definition(file, fragment, reference, place)
        if target is None:
            return {}
        before = len(self.findings)
        resolved: dict[str, Any] = self.resolve(target, place, file, (*seen, marker))
        if len(self.findings) == before:  # what is wrong is told at each place that refers to it
            self._resolved[marker] = resolved
        return resolved

    def _definition(self, file: str, fragment: str, reference: Any, place: str) -> Any:
        if file not in self._documents:
            self._documents[file] = self._library(file)
        document = self._documents[file]
        if document is None:
            self._report(place, f"$ref 指向的文件 {file} 不存在。")
            return None
        shared = document.get("$defs", {})
        name = fragment.removeprefix("/$defs/")
        if not fragment.startswith("/$defs/") or name not in shared:
            self._report(place, f"$ref {reference} 没有对应的共用定义。", did_you_mean(name, shared))
            return None
        return shared[name]

    def _report(self, place: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(self._subject, place, message, hint))
