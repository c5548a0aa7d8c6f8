"""What the commands of the archive's duties share: days, purposes, passwords, lists on the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from archives.errors import InputRefused
from archives.log.purposes import PURPOSE_NAMES, Purpose
from desk.cli._chinese import columns, path_type
from desk.cli._common import echo_json


class Day(click.ParamType[date]):
    """A calendar day, 2026-11-22."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or Click's usage error."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，应写成 2026-11-22。", param, ctx)


def purpose_option(*, required: bool = False) -> Callable[..., Any]:
    """``--purpose`` by its code or its Chinese name."""
    return click.option(
        "--purpose", callback=_purpose, metavar="目的", required=required,
        help=f"利用目的：{'、'.join(PURPOSE_NAMES.values())}",
    )  # fmt: skip


def _purpose(ctx: click.Context, param: click.Parameter, value: str | None) -> Purpose | None:
    if value is None:
        return None
    for purpose, name in PURPOSE_NAMES.items():
        if value in (str(purpose), name):
            return purpose
    raise click.BadParameter(f"没有“{value}”这一项，可选：{'、'.join(PURPOSE_NAMES.values())}。", ctx, param)


def coded(names: Mapping[str, str]) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """A callback that takes a code or its Chinese name and gives the code."""

    def code_of(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        for code, name in names.items():
            if value in (code, name):
                return code
        if value is None:
            return None
        raise click.BadParameter(f"没有“{value}”这一项，可选：{'、'.join(names.values())}。", ctx, param)

    return code_of


password_file_option = click.option(
    "--password-file", type=path_type(dir_okay=False), help="从文件第一行读取密码（供脚本使用）"
)


def asked_password(source: Path | None, *, confirm: bool) -> str:
    """A password typed without echo, or the first line of a file; never from the command line itself."""
    if source is None:
        typed: str = click.prompt(
            "密码", hide_input=True, confirmation_prompt="再输一次" if confirm else False
        )
        return typed
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"无法读取密码文件 {source.name}。", hint="请检查文件名、权限和编码。") from error
    if not lines or not lines[0]:
        raise InputRefused(f"密码文件 {source.name} 的第一行是空的。", hint="请把密码写在第一行。")
    return lines[0]


def show_rows(
    rows: Iterable[Mapping[str, Any]], headings: Mapping[str, str], empty: str, *, as_json: bool
) -> None:
    """A list: as data, or in columns under ``headings`` (key → heading); ``empty`` says there is nothing."""
    told = list(rows)
    if as_json:
        echo_json(told)
        return
    if not told:
        click.echo(empty)
        return
    table = [list(headings.values())]
    table += [["" if row[key] is None else str(row[key]) for key in headings] for row in told]
    widths = [max(columns(line[place]) for line in table) for place in range(len(headings))]
    for line in table:
        padded = (cell + " " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def paged(lines: Iterable[str]) -> None:
    """A long text: page by page where somebody reads it, else as it is."""
    text = "\n".join(lines) + "\n"
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def confirmed_word(word: str, typed: str | None) -> None:
    """The person typed the word that says what is being done.  Raises InputRefused."""
    known_word(word, click.prompt(f"确定时请输入“{word}”") if typed is None else typed)


def known_word(word: str, told: str | None) -> None:
    """A word given with the command is right, before anything long is shown.  Raises InputRefused."""
    if told is not None and told.strip().strip("“”\"'") != word:
        raise InputRefused(f"没有输入“{word}”，没有办理。", hint=f"确定时请完整输入“{word}”二字。")


def confirmed_count(count: int, typed: int | None, what: str) -> None:
    """The person typed how many ``what`` there are, as read from the list shown.  Raises ListChanged."""
    from archives.errors import ListChanged

    told: int = click.prompt(f"{what}共几件", type=int) if typed is None else typed
    if told != count:
        raise ListChanged(f"输入的件数与{what}不符。", hint="请逐件看过上面列出的清册，再输入件数。")


def confirmed_hash(sha256: str, typed: str | None) -> None:
    """The person typed the beginning (8 characters) of the hash of what was read.  Raises ListChanged."""
    from archives.errors import ListChanged

    told: str = click.prompt("所核对内容的校验值前 8 位") if typed is None else typed
    if len(told.strip()) < 8 or not sha256.startswith(told.strip().lower()):
        raise ListChanged(
            "输入的校验值与所办理的内容不符。", hint="请重新核对内容，再输入它的校验值前 8 位。"
        )


def say(sentence: str, data: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done: a sentence for people, or data for programs."""
    if as_json:
        echo_json(dict(data))
    else:
        click.echo(sentence)
