"""``kangdang validate``: all problems of one data file at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    json_option,
    now,
    read_answers,
    show_report,
    strict_option,
)

if TYPE_CHECKING:
    from generator.forms.definition import Level


@click.command(cls=Command)
@click.argument("form_id", metavar="表单")
@click.argument("data", metavar="数据文件")
@click.option(
    "--level",
    type=click.Choice(["draft", "final", "signed"]),
    default="final",
    show_default=True,
    help="draft 草稿；final 可打印；signed 已签字，可归档",
)
@click.option("--drop-hidden", is_flag=True, help="去掉不再适用的答案，并列出去掉了什么")
@click.option(
    "-o",
    "--output",
    type=path_type(dir_okay=False),
    help="把补全计算项后的数据写到这个文件",
)
@strict_option
@json_option
def validate(
    form_id: str,
    data: str,
    level: Level,
    drop_hidden: bool,
    output: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """检查一份数据。数据文件为 JSON，用 - 从标准输入读取。"""
    from desk.documents import check_answers
    from desk.output import write_output
    from generator.forms.catalogue import load_form

    form = load_form(form_id)
    report, completed = check_answers(form, read_answers(data), level, now(), drop_hidden=drop_hidden)
    if output:
        write_output(output, (json.dumps(completed, ensure_ascii=False, indent=2) + "\n").encode())
    if as_json:
        echo_json(report.to_dict())
    else:
        show_report(report)
        click.echo(f"共 {len(report.errors)} 个错误，{len(report.warnings)} 个提醒。")
    return EXIT_FINDINGS if report.errors or (strict and report.warnings) else 0
