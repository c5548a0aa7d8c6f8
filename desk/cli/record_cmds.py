"""``kangdang record``: filled forms of a file: entering, showing, correcting, printing as official."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    font_options,
    font_set,
    home_option,
    json_option,
    read_answers,
    show_report,
    station_home,
)
from desk.cli._duties import Day, coded, purpose_option, show_rows
from desk.cli.file_cmds import ITEMS, item_row
from desk.cli.print_options import captions_option, looks

if TYPE_CHECKING:
    from datetime import date

    from archives.log.purposes import Purpose
    from desk.station.records import Entered
    from generator.validation.report import ValidationReport

_KNOWN = ("person", "case", "station", "computed")
_EVENTS = {"expired": "到期", "replaced": "被新版取代", "staff_left": "离职", "last_entry": "末次登记"}
_HISTORY = {"number": "稿次", "at": "时间", "by": "录入人", "state": "状态", "reason": "原因"}


@click.group(cls=Group)
def record() -> None:
    """文书：录入、查看、更正、正式打印、摘录；每一稿都留存。件用档号或 #编号 指明。"""


def _not_saved(report: ValidationReport, what: str, as_json: bool) -> int:
    if as_json:
        echo_json({"record": None, **report.to_dict()})
    else:
        show_report(report, err=True)
        click.echo(f"数据有 {len(report.errors)} 个错误，{what}。请改正后再试。", err=True)
    return EXIT_FINDINGS


def _saved(made: Entered, word: str, as_json: bool) -> int:
    from archives.items.records import STATE_NAMES

    told = made.record
    if told is None:
        return _not_saved(made.report, "没有保存", as_json)
    number = told.ref_code or f"#{told.id}"
    if as_json:
        filled = [{"field": label, "source": source} for label, source in made.filled]
        echo_json({"record": number, "id": told.id, "title": told.title, "state": told.state,
                   "revision": told.revision, "filled": filled, "replaced": list(made.replaced),
                   "alike": list(made.alike),
                   **made.report.to_dict()})  # fmt: skip
        return 0
    show_report(made.report, err=True)
    added = f"，自动补入 {len(made.filled)} 项" if made.filled else ""
    click.echo(f"{word} {number} {told.title}（{STATE_NAMES[told.state]}，第 {told.revision} 稿{added}）。")
    copied = [label for label, source in made.filled if source.split(".")[0] not in _KNOWN]
    if copied:
        click.echo(f"取自本卷其他文书，请核对：{'、'.join(copied)}。")
    for sentence in made.alike:
        click.echo(f"提醒：{sentence}；如果是同一件，请用 kangdang record void 作废多余的。", err=True)
    if made.replaced:
        click.echo(f"已登记 {len(made.replaced)} 件旧版被取代，其保管期限从今天这一版的日期起算。")
    return 0


@record.command()
@click.argument("form_id", metavar="表单")
@click.argument("data", metavar="数据文件")
@click.option("--person", metavar="档号", help="归入谁的档案：档号、申请编号或个案编号")
@click.option("--site", is_flag=True, help="归入站点档案（多人共用的文书）")
@click.option("--draft", is_flag=True, help="存为草稿，可以不填全")
@home_option
@json_option
def add(form_id: str, data: str, home: Path | None, as_json: bool, **how: Any) -> int:
    """录入一份文书：补入已知的项，检查，归入档案。数据文件为 JSON，用 - 从标准输入读取。"""
    from desk.cli._station import open_station
    from desk.station.records import enter, place_of

    if (how["person"] is None) != how["site"]:
        raise click.UsageError("请用 --person 指明档案，或用 --site 归入站点档案，二者选一。")
    with open_station(home) as station:
        place = place_of(station, form_id, how["person"])
        made = enter(station, form_id, read_answers(data), place, draft=how["draft"], again=_again)
    if made.record is None and made.alike and not made.report.errors:
        click.echo("没有保存。", err=True)
        return EXIT_FINDINGS
    return _saved(made, "已录入", as_json)


def _again(alike: tuple[str, ...]) -> bool:
    """A person who sits there is asked; a script is told afterwards."""
    from desk.cli._common import at_terminal

    if not at_terminal():
        return True
    for sentence in alike:
        click.echo(f"{sentence}。", err=True)
    return click.confirm("可能是同一件，仍要录入吗", default=False, err=True)


@record.command("list")
@click.argument("number", metavar="档号")
@click.option("--form", "form_id", metavar="表单", help="只列一种表单")
@purpose_option()
@home_option
@json_option
def list_command(
    number: str, form_id: str | None, purpose: Purpose | None, home: Path | None, as_json: bool
) -> None:
    """列出一份档案的各件；站点档案用它的档号。"""
    from desk.cli._station import open_station
    from desk.station.files import overview

    with open_station(home) as station:
        told = overview(station, number, purpose)
    rows = [item_row(item) for item in told.items if form_id in (None, item.form_id)]
    show_rows(rows, ITEMS, "没有文书。", as_json=as_json)


@record.command()
@click.argument("number", metavar="件")
@click.option("--revision", type=click.IntRange(1), metavar="稿次", help="看哪一稿，默认最后一稿")
@click.option("-o", "--output", "out", type=path_type(dir_okay=False), help="把内容写成 JSON 文件（未加密）")
@purpose_option()
@home_option
@json_option
def show(number: str, out: Path | None, home: Path | None, as_json: bool, **how: Any) -> None:
    """查看一件的内容；查看先记入日志。"""
    from archives.items.records import STATE_NAMES
    from archives.items.written import Of
    from desk.cli._station import open_station
    from desk.station.handing_out import hand_out
    from desk.station.records import read

    with open_station(home) as station:
        facts, version, answers = read(station, number, revision=how["revision"], purpose=how["purpose"])
        if out is not None:
            content = json.dumps(answers, ensure_ascii=False, indent=2).encode() + b"\n"
            hand_out(station, "record.show", [Of(facts.file, facts.id)], {out: content})
    if out is not None:
        click.echo(f"已写出 {out}。", err=True)
    shown = how["revision"] or facts.revision
    if as_json:
        echo_json({"record": facts.ref_code or f"#{facts.id}", "form": facts.form_id, "version": version,
                   "state": facts.state, "revision": shown, "answers": answers})  # fmt: skip
    elif out is None:
        click.echo(
            f"{facts.ref_code or f'#{facts.id}'} {facts.title}（{STATE_NAMES[facts.state]}，第 {shown} 稿）"
        )
        _show_answers(facts.form_id, version, answers)


def _show_answers(form_id: str, version: int, answers: dict[str, Any]) -> None:
    from generator.forms.catalogue import load_form

    labels = {spec.name: spec.label for spec in load_form(form_id, version).fields.values()
              if spec.pointer.count("/") == 1}  # fmt: skip
    for name, value in answers.items():
        told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{labels.get(name, name)}：{told}")


@record.command()
@click.argument("number", metavar="件")
@purpose_option()
@home_option
@json_option
def history(number: str, purpose: Purpose | None, home: Path | None, as_json: bool) -> None:
    """列出一件的历次修改：谁、何时、为什么；旧稿用 record show --revision 查看。"""
    from archives.duties.staff import names_of
    from archives.items.records import STATE_NAMES
    from desk.cli._station import open_station
    from desk.station.records import read_history

    with open_station(home) as station:
        steps = read_history(station, number, purpose)
        with station.archive.looking(station.actor) as unit:
            names = names_of(unit)
    rows = [
        {"number": step.number, "at": step.at[:16], "by": names[step.by], "state": STATE_NAMES[step.state],
         "reason": step.reason}
        for step in steps
    ]  # fmt: skip
    show_rows(rows, _HISTORY, "没有修改。", as_json=as_json)


@record.command()
@click.argument("number", metavar="件")
@click.argument("data", metavar="数据文件")
@click.option("--reason", metavar="文字", help="更正原因；改草稿时可以不写")
@click.option("--draft", is_flag=True, help="仍存为草稿")
@home_option
@json_option
def revise(number: str, data: str, home: Path | None, as_json: bool, **how: Any) -> int:
    """更正一件：给出整份数据，旧稿留存；已签字的更正后须重新打印签字。"""
    from desk.cli._station import open_station
    from desk.station.records import correct

    with open_station(home) as station:
        made = correct(station, number, read_answers(data), how["reason"], draft=how["draft"])
    return _saved(made, "已更正", as_json)


@record.command()
@click.argument("number", metavar="件")
@click.option("--reason", required=True, metavar="文字", help="作废原因，加密保存")
@home_option
def void(number: str, reason: str, home: Path | None) -> None:
    """作废录错的一件；内容保留到依法销毁，编号不再使用。"""
    from desk.cli._station import open_station
    from desk.station.records import make_void

    with open_station(home) as station:
        told = make_void(station, number, reason)
    click.echo(f"已作废 {told.ref_code or f'#{told.id}'} {told.title}。")


@record.command()
@click.argument("number", metavar="件")
@click.argument("event", metavar="事项", callback=coded(_EVENTS))
@click.argument("on", metavar="日期", type=Day())
@home_option
def event(number: str, event: str, on: date, home: Path | None) -> None:
    """登记保管期限从哪一天起算：到期、被新版取代、离职、末次登记。"""
    from desk.cli._station import open_station
    from desk.station.records import note_event

    with open_station(home) as station:
        note_event(station, number, event, on)
    click.echo(f"已登记：{number} {_EVENTS[event]} {on}。")


@record.command()
@click.argument("number", metavar="活动记录")
@click.option("--person", required=True, metavar="档号", help="摘录谁的一行：档号、申请编号或个案编号")
@home_option
@json_option
def extract(number: str, person: str, home: Path | None, as_json: bool) -> int:
    """把多人活动记录中本人的一行摘录到个人档案；他人的姓名和编号不带入。"""
    from desk.cli._station import open_station
    from desk.station.extracting import extract

    with open_station(home) as station:
        made = extract(station, number, person)
    return _saved(made, "已摘录", as_json)


def _pdf(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".pdf":
        raise click.UsageError(f"输出文件 {value.name} 的扩展名应为 .pdf。", ctx)
    return value


@record.command()
@click.argument("number", metavar="件")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    callback=_pdf,
    type=path_type(dir_okay=False),
    help="输出 PDF；一式多份的加 -1、-2",
)
@captions_option
@click.option("--typo-fix", is_flag=True, help="更正原文正文中的错字（见 errata）")
@click.option("--no-name", is_flag=True, help="页眉不印姓名")
@purpose_option()
@click.option("--glyph-gap", is_flag=True, help="缺字处留空，打印后手写")
@font_options
@home_option
@json_option
def issue(number: str, out: Path, home: Path | None, as_json: bool, **how: Any) -> int:
    """正式打印一件并登记打印编号：先登记，后出纸；每份编号不同，第 1 份签字后归档。"""
    from desk.cli._station import open_station
    from desk.station.issuing import Look, issue_record

    options = looks(how, station_home(home))
    look = Look(options, font_set(how["fonts"], how["extra_fonts"]))
    with open_station(home) as station:
        made = issue_record(station, number, look, out, how["purpose"])
    if not made.copies:
        return _not_saved(made.report, "没有打印", as_json)
    if as_json:
        echo_json({"record": number, "copies": [
            {"output": str(copy.path), "print_id": copy.print_id, "copy": copy.copy,
             "pages": copy.rendered.pages, "document": copy.document} for copy in made.copies
        ]})  # fmt: skip
        return 0
    for copy in made.copies:
        click.echo(
            f"已生成 {copy.path}，第 {copy.copy} 份，共 {copy.rendered.pages} 页，打印编号 {copy.print_id}。"
        )
        if copy.rendered.glyph_gaps:
            gaps = "、".join(copy.rendered.glyph_gaps)
            click.echo(f"有 {len(copy.rendered.glyph_gaps)} 处缺字已留空，请打印后手写：{gaps}", err=True)
    return 0
