"""``kangdang render`` and ``kangdang blank``: one document on paper."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from desk.cli._common import EXIT_FINDINGS, echo_json, font_options, font_set, home_option, json_option, now, problem_line
from desk.cli._common import read_bytes, station_home


def _print_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("-o", "--output", "out", required=True, type=click.Path(path_type=Path, dir_okay=False),
                     help="输出文件：.pdf 为正式件，.docx 为工作稿"),
        click.option("--captions", type=click.Choice(["corrected", "verbatim", "none"]), default="corrected",
                     show_default=True, help="表题：更正原文误植 / 照原文 / 不印"),
        click.option("--typo-fix", is_flag=True, help="更正原文正文中的错字（见 errata）"),
        click.option("--no-name", is_flag=True, help="页眉不印姓名"),
        click.option("--glyph-gap", is_flag=True, help="缺字处留空，打印后手写"),
        click.option("--at", "at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
                     help="签发时间，默认当前时间"),
        font_options, home_option, json_option,
    ):
        command = option(command)
    return command


@click.command()
@click.argument("form_id", metavar="表单")
@click.argument("data", metavar="数据文件")
@click.option("--print-id", help="打印编号（10 位），默认自动生成")
@click.option("--drop-hidden", is_flag=True, help="去掉不再适用的答案后打印")
@click.option("--strict", is_flag=True, help="有提醒也不打印")
@_print_options
def render(form_id: str, data: str, print_id: str | None, drop_hidden: bool, strict: bool, **how: Any) -> int:  # noqa: ANN401
    """把一份数据打印成 PDF（正式件，附打印记录 .print.json）或 docx（工作稿）。"""
    from desk.documents import check_answers, identity, issue_document, kit_for, load_answers

    home, at = station_home(how["home"]), _issue_time(how["at"])
    kit = kit_for(form_id, home)
    answers = load_answers(read_bytes(data))
    report, completed = check_answers(kit.form, answers, "final", at, drop_hidden=drop_hidden)
    for problem in (*report.errors, *report.warnings):
        click.echo(problem_line(problem), err=True)
    if report.dropped:
        click.echo(f"已去掉不再适用的答案：{'、'.join(report.dropped)}", err=True)
    if report.errors or (strict and report.warnings):
        click.echo(f"数据有 {len(report.errors)} 个错误、{len(report.warnings)} 个提醒，没有打印。", err=True)
        return EXIT_FINDINGS
    who = identity(home, secrets.token_bytes, print_id=print_id, at=at)
    _told(issue_document(kit, completed, _issue(how, who), _checked(how["out"])), who.print_id, how)
    return 0


@click.command()
@click.argument("form_id", metavar="表单")
@click.option("--person", type=click.Path(path_type=Path), help="某人的基本数据（JSON），只印表头")
@click.option("--print-id", help="打印编号（10 位），印表头时默认自动生成")
@_print_options
def blank(form_id: str, person: Path | None, print_id: str | None, **how: Any) -> int:  # noqa: ANN401
    """打印空白表，供手写。给出 --person 时印上该人的表头。"""
    from desk.documents import blank_identity, check_answers, header_answers, identity, issue_document, kit_for
    from desk.documents import load_answers, require_final

    home, at = station_home(how["home"]), _issue_time(how["at"])
    kit = kit_for(form_id, home)
    if person is None:
        who, answers = blank_identity(kit.form, home, at), {}
    else:
        who = identity(home, secrets.token_bytes, print_id=print_id, at=at)
        answers = header_answers(kit.form, load_answers(read_bytes(str(person))))
        report, _ = check_answers(kit.form, answers, "draft", at)
        for problem in report.errors:
            click.echo(problem_line(problem), err=True)
        require_final(report, kit.form)
    _told(issue_document(kit, answers, _issue(how, who, level="blank"), _checked(how["out"])), who.print_id, how)
    return 0


def _issue(how: dict[str, Any], who: Any, level: str = "final") -> Any:  # noqa: ANN401 - imported late
    from desk.documents import Issue
    from generator.render import PrintOptions

    options = PrintOptions(how["captions"], how["typo_fix"], not how["no_name"], how["glyph_gap"])
    return Issue(options, who, font_set(how["fonts"], how["extra_fonts"]), level)


def _issue_time(given: datetime | None) -> datetime:
    return given.astimezone() if given else now()


def _checked(out: Path) -> Path:
    if out.suffix.lower() not in (".pdf", ".docx"):
        raise click.UsageError(f"输出文件 {out.name} 的扩展名应为 .pdf 或 .docx。")
    return out


def _told(rendered: Any, print_id: str, how: dict[str, Any]) -> None:  # noqa: ANN401 - imported late
    if how["as_json"]:
        echo_json({"output": str(how["out"]), "print_id": print_id, "pages": rendered.pages,
                   "glyph_gaps": list(rendered.glyph_gaps)})
        return
    pages = f"，共 {rendered.pages} 页" if rendered.pages else "（工作稿）"
    click.echo(f"已生成 {how['out']}{pages}，打印编号 {print_id}。")
    if rendered.glyph_gaps:
        click.echo(f"有 {len(rendered.glyph_gaps)} 处缺字已留空，请打印后手写：{'、'.join(rendered.glyph_gaps)}", err=True)
