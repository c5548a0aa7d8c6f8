"""``kangdang render`` and ``kangdang blank``: one document on paper."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    font_set,
    read_answers,
    show_report,
    station_home,
)
from desk.cli.print_options import issue_time, looks, print_options

if TYPE_CHECKING:
    from desk.documents import Issue
    from desk.output import Plain
    from generator.render import PrintIdentity, Rendered
    from generator.validation.report import ValidationReport


def _output_name(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() not in (".pdf", ".docx"):
        raise click.UsageError(f"输出文件 {value.name} 的扩展名应为 .pdf（正式件）或 .docx（工作稿）。", ctx)
    return value


_output = click.option(
    "-o",
    "--output",
    "out",
    required=True,
    callback=_output_name,
    type=path_type(dir_okay=False),
    help="输出文件：.pdf 为正式件，.docx 为工作稿",
)


@click.command(cls=Command)
@click.argument("form_id", metavar="表单")
@click.argument("data", metavar="数据文件")
@_output
@print_options
@click.option("--print-id", metavar="编号", help="打印编号（10 位），默认自动生成")
@click.option("--drop-hidden", is_flag=True, help="去掉不再适用的答案后打印，并列出去掉了什么")
@click.option("--strict", is_flag=True, help="有提醒也不打印")
def render(form_id: str, data: str, print_id: str | None, drop_hidden: bool, strict: bool, **how: Any) -> int:
    """把一份数据打印成 PDF（正式件，附打印记录 .print.json）或 docx（工作稿）。"""
    from desk.documents import check_answers, identity, issue_document, kit_for

    home, at = station_home(how["home"]), issue_time(how)
    kit = kit_for(form_id, home)
    who = identity(home, secrets.token_bytes, print_id=_copy_id(print_id), at=at)
    report, completed = check_answers(kit.form, read_answers(data), "final", at, drop_hidden=drop_hidden)
    if report.errors or (strict and report.warnings):
        return _refused(report, how)
    rendered = issue_document(kit, completed, _issue(how, who), how["out"])
    return _told(rendered, who, report, how)


@click.command(cls=Command)
@click.argument("form_id", metavar="表单")
@_output
@print_options
@click.option("--person", metavar="数据文件", help="某人的基本数据（JSON），只印表头；用 - 从标准输入读取")
@click.option("--print-id", metavar="编号", help="打印编号（10 位），印表头时默认自动生成")
def blank(form_id: str, person: str | None, print_id: str | None, **how: Any) -> int:
    """打印空白表，供手写。给出 --person 时印上该人的表头。"""
    from desk.documents import (
        blank_identity,
        check_answers,
        header_answers,
        identity,
        issue_document,
        kit_for,
        station_answers,
    )
    from desk.entry.person_file import facts_of
    from generator.errors import DataInvalid

    home, at = station_home(how["home"]), issue_time(how)
    kit = kit_for(form_id, home)
    if person is None:
        if print_id is not None:
            raise click.UsageError("不印表头的空白表没有打印编号，请去掉 --print-id，或加上 --person。")
        who, answers = blank_identity(kit.form, home, at), {}
    else:
        who = identity(home, secrets.token_bytes, print_id=_copy_id(print_id), at=at)
        answers = header_answers(kit.form, facts_of(read_answers(person)))
    header = list(answers)
    answers = {**station_answers(kit.form, home.facts), **answers}
    report, completed = check_answers(kit.form, answers, "draft", at)
    if report.errors:
        return _refused(report, how)
    # As checking leaves it (white space is no answer); what it computes belongs to no header.
    answers = {name: completed[name] for name in answers if name in completed}
    if person is not None and not any(name in answers for name in header):
        raise DataInvalid(
            f"人员数据文件中没有《{kit.form.title}》表头要印的栏目。",
            hint="请写上 client_name（姓名）等栏目；不印表头时去掉 --person。",
        )
    plain: Plain = "nobody" if person is None else "unknown"
    made = issue_document(kit, answers, _issue(how, who, "blank"), how["out"], plain=plain)
    return _told(made, who, report, how)


def _copy_id(print_id: str | None) -> str | None:
    """A print id given by hand must be one of a document, not of a blank or a service sheet."""
    from generator.errors import PrintIdInvalid
    from generator.identity.print_id import PrintKind, kind_of

    if print_id is not None and kind_of(print_id) is not PrintKind.COPY:
        raise PrintIdInvalid("这个打印编号是空白表或服务页的，不能用于某人的文书。")
    return print_id


def _issue(how: dict[str, Any], who: PrintIdentity, level: str = "final") -> Issue:
    from desk.documents import Issue

    home = None if level == "blank" else station_home(how["home"])
    return Issue(looks(how, home), who, font_set(how["fonts"], how["extra_fonts"]), level)


def _refused(report: ValidationReport, how: dict[str, Any]) -> int:
    if how["as_json"]:
        echo_json({"output": None, **report.to_dict()})
        return EXIT_FINDINGS
    show_report(report, err=True)
    counts = f"{len(report.errors)} 个错误、{len(report.warnings)} 个提醒"
    click.echo(f"数据有 {counts}，没有打印。请改正后再打印。", err=True)
    return EXIT_FINDINGS


def _told(rendered: Rendered, who: PrintIdentity, report: ValidationReport, how: dict[str, Any]) -> int:
    gaps = list(rendered.glyph_gaps)
    if how["as_json"]:
        echo_json({"output": str(how["out"]), "print_id": who.print_id, "pages": rendered.pages,
                   "glyph_gaps": gaps, **report.to_dict()})  # fmt: skip
        return 0
    show_report(report, err=True)
    pages = f"，共 {rendered.pages} 页" if rendered.pages else "（工作稿）"
    click.echo(f"已生成 {how['out']}{pages}，打印编号 {who.print_id}。")
    if gaps:
        click.echo(f"有 {len(gaps)} 处缺字已留空，请打印后手写：{'、'.join(gaps)}", err=True)
    return 0
