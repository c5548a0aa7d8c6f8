"""The one place that makes a Jinja environment: sandboxed, escaping, and strict about missing names.

docxtpl's own defaults drop ``& Sons>`` after ``<`` without a word, print missing names as nothing and let a
template walk to Python's internals; none of that may happen to a person's record.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from generator.docx.formats import Rows
from generator.docx.plain import finalize

ALLOWED_FILTERS = (
    "default",
    "first",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "replace",
    "select",
    "sort",
    "string",
    "sum",
    "trim",
    "upper",
)


class Names(Context):
    """The names of a print context."""

    def known(self, name: str) -> Any:
        """The value of a name; where there is none, Jinja's object that is an error as soon as it is used."""
        value = self.resolve_or_missing(name)
        return self.environment.undefined(name=name) if value is missing else value


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with answers looked up by key before anything else.

    A print context is made of dicts, whose methods no template needs: looking there first halves the time of
    filling a form and keeps a field named ``items`` from turning into a method.  Tags call nothing but the
    padding of rows and compute no products: a template cannot be made to fill the memory.
    """

    context_class = Names
    intercepted_binops = frozenset(("*", "**", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"operator {operator}")

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(getattr(obj, "__self__", None), Rows)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@lru_cache(maxsize=1)
def environment() -> ImmutableSandboxedEnvironment:
    """The environment all templates are compiled in."""
    env = _Sandbox(autoescape=True, undefined=StrictUndefined, finalize=finalize)
    env.filters = {name: env.filters[name] for name in ALLOWED_FILTERS}
    env.globals = {}
    return env
