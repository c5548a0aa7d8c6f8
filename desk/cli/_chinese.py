"""The command line speaks Chinese: Click's own words through gettext, and how help and usage errors look.

Click looks its words up in gettext's default domain; ``chinese`` makes our catalogue that domain while a
command runs.  What Click does not put through gettext (``[OPTIONS]``) is set by the classes here.
"""

from __future__ import annotations

import errno
import gettext
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from archives.system_words import reason

_FOLDER = Path(__file__).parent / "locale"
_DOMAIN = "kangdang"


@contextmanager
def chinese() -> Iterator[None]:
    """Click's words are Chinese inside, whatever language the computer is set to."""
    domain, language = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(_DOMAIN, _FOLDER)
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = "zh_CN"
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if language is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = language


class _Path(click.Path):
    """A file or folder; a pipe or device would keep the command waiting, or be written over."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "\0" in str(value):
            self.fail("名称中有不能用的字符。", param, ctx)
        found = super().convert(value, param, ctx)
        try:
            mode = os.stat(found).st_mode  # noqa: PTH116 - also what is no text
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
                self.fail(f"{click.format_filename(found)}：{reason(error)}。", param, ctx)
            return found
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            self.fail(f"{click.format_filename(found)} 是管道或设备，不是文件。", param, ctx)
        return found


def path_type(**kinds: Any) -> click.Path:
    """``click.Path`` for pathlib; it takes its Chinese name (文件, 文件夹) when it is made."""
    with chinese():
        return _Path(path_type=Path, **kinds)


def columns(text: str) -> int:
    """How wide a text stands on a screen: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class _Formatter(click.HelpFormatter):
    """Help with Chinese headings and columns that line up."""

    def write_heading(self, heading: str) -> None:
        self.write(f"{heading}：\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        paragraphs = re.split(r"\n\s*\n", text)
        for number, paragraph in enumerate(paragraphs):
            self.write("\n" if number else "")
            joined = re.sub(r"\s*\n\s*", "", re.sub(r"(?<=[!-~])\s*\n\s*(?=[!-~])", " ", paragraph))
            for line in _folded(joined, max(self.width - self.current_indent, 20)):
                self.write(f"{indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        pairs = list(rows)
        first = min(max(columns(term) for term, _ in pairs), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in pairs:
            fits = columns(term) <= first - col_spacing
            if not fits:
                self.write(f"{indent}{term}\n")
            head = term if fits else ""
            for line in _folded(text, max(self.width - self.current_indent - first, 20)):
                self.write(f"{indent}{head}{' ' * (first - columns(head))}{line}\n")
                head = ""


_UNITS = re.compile(r"[!-~]+|.")
"""What a line break does not part: a Latin word; a Chinese character by itself."""


def _folded(text: str, room: int) -> list[str]:
    """The text in lines of at most ``room`` columns; no line begins with a closing mark."""
    lines, line = [], ""
    for unit in _UNITS.findall(text):
        if columns(line + unit) > room and unit[0] not in "，。、；：）〕]":
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
    return [*lines, line]


class _Context(click.Context):
    formatter_class = _Formatter


class Command(click.Command):
    """A command whose help is Chinese."""

    context_class = _Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[选项]")
        super().__init__(*args, **kwargs)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Click words it when it is first asked for, and keeps it: it must be Chinese whoever asks."""
        with chinese():
            return super().get_help_option(ctx)


class Group(click.Group):
    """A group whose help is Chinese and whose commands are ours."""

    context_class = _Context
    command_class = Command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """As of a command."""
        with chinese():
            return super().get_help_option(ctx)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", "[选项]")
        kwargs.setdefault("subcommand_metavar", "命令 [参数]...")
        super().__init__(*args, **kwargs)


def usage_sentence(error: click.UsageError) -> str:
    """What is wrong with the command as typed, in Chinese punctuation throughout."""
    match error:
        case click.NoSuchOption() | click.NoSuchCommand():
            near = [name for name in error.possibilities or () if name != "--help"]
            return f"{error.message}是否想用 {'、'.join(near)}？" if near else error.message
        case click.MissingParameter(param=click.Parameter() as param):
            return f"缺少{'选项' if isinstance(param, click.Option) else '参数'} {_name(param)}。"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_name(param)} 的值不合适：{error.message}"
    return error.format_message()


def _name(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return " / ".join(param.opts)
    return param.human_readable_name.strip("[].")
