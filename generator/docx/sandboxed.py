"""A part of a template as a program in Jinja's sandbox: translated from tags, run, its errors in our words.

A station's own templates are filled so, and what a standard template asks beyond plain steps (``plain``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, NamedTuple

from jinja2 import nodes, runtime
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from markupsafe import escape

from generator.docx.environment import Names, environment
from generator.docx.plain import unescaped
from generator.docx.prepared import part_title
from generator.docx.program_code import ProgramCode
from generator.errors import TemplateTagInvalid, TemplateUnsafe

_Part = Callable[[runtime.Context], Iterator[str]]


class Program(NamedTuple):
    """``texts`` never change; ``code`` defines ``root(context)``, which yields them and what goes between."""

    texts: tuple[str, ...]
    code: str


def program(source: str) -> Program:
    """Translate Jinja source.  Raises jinja2.TemplateSyntaxError."""
    return program_of(environment().parse(source))


def program_of(tree: nodes.Template) -> Program:
    """Translate a syntax tree."""
    code = StringIO()
    writer = ProgramCode(environment(), None, None, code)
    writer.visit(tree)
    return Program(tuple(map(unescaped, writer.texts)), code.getvalue())


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


class told:  # noqa: N801 - reads as a word in `with told(part)`
    """Turns Jinja's errors while rendering one part into ours."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        place = part_title(self._part)
        if isinstance(error, SecurityError):
            raise TemplateUnsafe(f"模板{place}的标签试图访问程序内部。") from error
        if isinstance(error, UndefinedError):
            raise TemplateTagInvalid(
                f"模板{place}的标签用了不存在的名称：{_unknown_name(error)}。"
            ) from error
        if isinstance(error, (TemplateError, TypeError, ValueError, ZeroDivisionError, OverflowError)):
            raise TemplateTagInvalid(f"模板{place}的标签无法计算（{type(error).__name__}）。") from error


def _unknown_name(error: UndefinedError) -> str:
    """The name itself out of Jinja's English sentence, where it is the last thing quoted."""
    quoted = re.findall(r"'([^']*)'", error.message or "")
    return quoted[-1] if quoted else "未知"
