"""A Jinja template as a program: its constant texts, and Python source that puts answers between them.

Jinja parses and generates the code (``program_code``); here it is run.  Programs are plain data: those of the
standard templates come with them (``prepared``), so that a new process neither parses nor generates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, NamedTuple

from jinja2.runtime import Context
from markupsafe import escape

from generator.docx.environment import Names, environment

_Part = Callable[[Context], Iterator[str]]


class Program(NamedTuple):
    """``texts`` never change; ``code`` defines ``root(context)``, which yields them and what goes between."""

    texts: tuple[str, ...]
    code: str


def program(source: str) -> Program:
    """Translate Jinja source.  Raises jinja2.TemplateSyntaxError."""
    from generator.docx.program_code import ProgramCode

    code = StringIO()
    writer = ProgramCode(environment(), None, None, code)
    writer.visit(environment().parse(source))
    return Program(tuple(writer.texts), code.getvalue())


def render(made: Program, context: Mapping[str, Any]) -> str:
    """Run a program with the names of ``context``; raises what Jinja raises."""
    root, blocks = _ready(made)
    return "".join(root(Names(environment(), dict(context), None, blocks)))


@lru_cache(maxsize=512)
def _ready(made: Program) -> tuple[_Part, dict[str, _Part]]:
    """The function of a program and those of its blocks."""
    env = environment()
    finalize: Callable[[Any], Any] = env.finalize  # type: ignore[assignment]

    def put(value: Any) -> str:
        return escape(value if type(value) is str else finalize(value))

    scope: dict[str, Any] = {
        "environment": env, "text": made.texts, "put": put, "get": env.getattr, "item": env.getitem
    }  # fmt: skip
    # Jinja made this code out of a template, for the sandbox: it does what the template may and no more.
    exec(compile(made.code, "<template>", "exec"), scope)  # noqa: S102
    return scope["root"], scope["blocks"]
