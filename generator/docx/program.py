"""A part of a template as a program: its constant texts, and Python source that puts answers between them.

Jinja parses tags and generates the source (``sandboxed``).  Programs are plain data: those of the standard
templates come with them (``prepared``).  What these do is mostly to look up a key of a dict and to escape a
text; that much is done here, without loading Jinja.  Whatever goes beyond is Jinja's, sandbox and all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any, ClassVar, NamedTuple

from markupsafe import escape

from generator.docx.formats import Rows

_Part = Callable[[Any], Iterator[str]]


class Program(NamedTuple):
    """``texts`` never change; ``code`` defines ``root(context)``, which yields them and what goes between."""

    texts: tuple[str, ...]
    code: str


class NeedsDocxtpl(Exception):
    """A value is a docxtpl object (rich text, image, sub-document), which only docxtpl can place."""


def finalize(value: Any) -> Any:
    """The value as it is printed, which is itself.  Raises NeedsDocxtpl."""
    if type(value).__module__.startswith("docxtpl"):
        raise NeedsDocxtpl
    return value


def render_plainly(made: Program, context: Mapping[str, Any]) -> str | None:
    """The text of a program that comes with Kangdang; None where it takes more than dicts and texts.

    Everything allowed here gives what Jinja gives, and no attribute of any object is within reach: the only
    call is the padding of rows.  A name that is missing, a filter, a wrong type end it, and Jinja says what
    that means.
    """
    try:
        return "".join(_root(made)(_Context(context)))
    except Exception:
        return None


@lru_cache(maxsize=512)
def compiled(code: str) -> CodeType:
    """The source of a program, compiled; most forms have the same header and footer."""
    return compile(code, "<template>", "exec")


class _Beyond(Exception):
    """A program asks for something that is not plain."""


class _Context:
    """The names of a print context."""

    resolve_or_missing = eval_ctx = None

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.known = names.__getitem__


def _join(_: None, texts: Iterable[Any], between: str) -> str:
    listed = list(texts)
    if not all(type(text) is str for text in listed):
        raise _Beyond
    return between.join(listed)


def _map(_: _Context, rows: Iterable[Any], *, attribute: str) -> Iterator[Any]:
    return (_item(row, attribute) for row in rows)


def _int(text: Any) -> int:
    if type(text) is str and text.isdecimal():
        return int(text)
    raise _Beyond


class _World:
    """What generated source expects of an environment."""

    undefined = concat = None
    filters: ClassVar = {"int": _int, "join": _join, "map": _map}

    @staticmethod
    def call(_: _Context, function: Callable[..., Any], *args: Any) -> Any:
        if type(getattr(function, "__self__", None)) is Rows:
            return function(*args)
        raise _Beyond


@lru_cache(maxsize=512)
def _root(made: Program) -> _Part:
    scope: dict[str, Any] = {
        "environment": _World, "text": made.texts, "put": _put, "get": _get, "item": _item,
        "missing": None, "Undefined": None,
    }  # fmt: skip
    # Jinja made this code out of a standard template when that was built.
    exec(compiled(made.code), scope)  # noqa: S102
    root: _Part = scope["root"]
    return root


def _put(value: Any) -> str:
    return escape(value if type(value) is str else finalize(value))


def _get(of: Any, name: str) -> Any:
    if isinstance(of, dict) and name in of:
        return of[name]
    if type(of) is Rows and name == "at_least":
        return of.at_least
    raise _Beyond


def _item(of: Any, key: Any) -> Any:
    if isinstance(of, dict) and key in of:
        return of[key]
    raise _Beyond
