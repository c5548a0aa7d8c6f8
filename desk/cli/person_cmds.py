"""``kangdang person``: opening a person's one file, finding it, correcting who the person is, merging."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option, problem_line, read_answers
from desk.cli._duties import purpose_option, show_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archives.log.purposes import Purpose
    from generator.validation.report import Problem

_HITS = {"number": "档号/申请编号", "name": "姓名", "birth_year": "出生年", "state": "状态"}
FILE_STATES = {
    "open": "在用", "filed": "已归档", "restricted": "已封存", "merged": "已并入", "destroyed": "已销毁",
}  # fmt: skip
_LABELS = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "phone": "电话", "id_number": "证件号码",
}  # fmt: skip


@click.group(cls=Group)
def person() -> None:
    """服务对象：一人一档；建档、检索、查看、更正、合并。"""


def _refused(problems: Iterable[Problem], as_json: bool) -> int:
    found = list(problems)
    if as_json:
        echo_json({"problems": [problem.to_dict() for problem in found]})
    else:
        for problem in found:
            click.echo(problem_line(problem), err=True)
        click.echo(f"人员资料有 {len(found)} 个错误，没有保存。请改正后再试。", err=True)
    return EXIT_FINDINGS


@person.command("open")
@click.argument("data", metavar="[数据文件]", required=False)
@click.option("--name", metavar="姓名", help="不用数据文件时直接给出")
@click.option("--sex", metavar="性别", help="男、女")
@click.option("--birth", "birth_date", metavar="日期", help="出生日期，写成 1990-05-17")
@click.option("--phone", metavar="号码", help="联系电话")
@click.option("--id-number", metavar="号码", help="身份证件号码；一个号码只建一份档案")
@click.option("--id-type", metavar="类型", help="证件类型，默认按号码判断")
@click.option("--application-no", metavar="编号", help="已有的申请编号（SQ-2026-0001），默认自动编号")
@click.option("--another", is_flag=True, help="已核对：与列出的相似人员不是同一人")
@home_option
@json_option
def open_command(data: str | None, home: Path | None, as_json: bool, **how: Any) -> int:
    """建档：登记一位服务对象，开立唯一的一份档案。数据文件为 JSON，用 - 从标准输入读取。"""
    from archives.people.persons import open_person
    from desk.cli._station import open_station
    from desk.station.identity import read_person

    names = ("name", "sex", "birth_date", "phone", "id_number", "id_type")
    typed = {name: how[name] for name in names if how[name] is not None}
    if (data is None) == (not typed):
        raise click.UsageError("请给出数据文件，或用 --name 等选项给出资料，二者选一。")
    with open_station(home) as station:
        station.allow("person.open")
        document = typed if data is None else read_answers(data)
        facts, problems = read_person(document, station.archive.now())
        if problems:
            return _refused(problems, as_json)
        with station.acting("person.open") as unit:
            opened = open_person(unit, facts, application_no=how["application_no"], another=how["another"])
    if as_json:
        echo_json({"application_no": opened.application_no, "volume": opened.volume})
    else:
        click.echo(f"已建档，申请编号 {opened.application_no}。接案后取得档号。")
    return 0


@person.command()
@click.argument("typed", metavar="检索词")
@home_option
@json_option
def search(typed: str, home: Path | None, as_json: bool) -> None:
    """按姓名、拼音或首字母、电话尾号、档号、申请编号、个案编号检索。"""
    from archives.people.search import search
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("person.search")
        with station.acting("person.search") as unit:
            hits = search(unit, typed)
    rows = [
        {"number": hit.number, "name": hit.name, "birth_year": hit.birth_year,
         "state": FILE_STATES[hit.state]}
        for hit in hits
    ]  # fmt: skip
    show_rows(rows, _HITS, "没有找到。", as_json=as_json)


@person.command()
@click.argument("number", metavar="档号")
@purpose_option()
@home_option
@json_option
def show(number: str, purpose: Purpose | None, home: Path | None, as_json: bool) -> None:
    """查看一个人的资料和历次更正；不是自己负责的个案须说明利用目的。"""
    from archives.people.persons import amendments_of, read_identity
    from desk.cli._station import open_station
    from desk.station.people_facts import file_of_person
    from desk.station.standing import RUNNING

    with open_station(home) as station:
        file = file_of_person(station, number)
        station.allow("file.open", file=file.id, purpose=purpose, part=RUNNING)
        with station.acting("person.read") as unit:
            facts = read_identity(unit, file.person or 0)
            changes = amendments_of(unit, file.person or 0)
            unit.log("person.read", f"person:{file.person}", chain=file.id, purpose=purpose)
    if as_json:
        told = [{"field": one.field, "before": one.before, "at": one.at, "reason": one.reason}
                for one in changes]  # fmt: skip
        echo_json({"number": file.number, "person": facts, "amendments": told})
        return
    click.echo(f"档案 {file.number}（{FILE_STATES[file.state]}）")
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(f"{_label(name)}：{_told(value)}")
    for one in changes:
        click.echo(f"更正 {one.at[:10]} {_label(one.field)}：原为 {_told(one.before)}；原因：{one.reason}")


def _label(name: str) -> str:
    from desk.station.identity import person_facts

    if name in _LABELS:
        return _LABELS[name]
    known = person_facts().get(name)
    return known[1].label if known else name


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "".join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return "、".join(_told(one) for one in value)
    return "无" if value in (None, "") else str(value)


@person.command()
@click.argument("number", metavar="档号")
@click.argument("field", metavar="栏目")
@click.argument("value", metavar="内容")
@click.option("--reason", required=True, metavar="文字", help="为什么更正；原内容、更正人和原因一并留存")
@home_option
@json_option
def amend(number: str, field: str, value: str, reason: str, home: Path | None, as_json: bool) -> int:
    """更正一项个人资料，例如 person amend SQ-2026-0001 phone 13900000002 --reason 换号。"""
    from archives.people.persons import amend
    from desk.cli._station import open_station
    from desk.station.identity import amendable, amended_value
    from desk.station.people_facts import file_of_person
    from desk.station.standing import RUNNING

    with open_station(home) as station:
        file = file_of_person(station, number)
        station.allow("person.amend", file=file.id, part=RUNNING)
        name = amendable(field)
        fresh, problems = amended_value(field, value, station.archive.now())
        if problems:
            return _refused(problems, as_json)
        with station.acting("person.amend") as unit:
            amend(unit, file.person or 0, name, fresh, reason)
    if as_json:
        echo_json({"number": file.number, "field": name})
    else:
        click.echo(f"已更正档案 {file.number} 的{_label(name)}，原内容已留存。")
    return 0


@person.command()
@click.argument("kept", metavar="保留的档号")
@click.argument("merged", metavar="并入的档号")
@click.option("--reason", required=True, metavar="文字", help="怎样确认是同一个人")
@click.option("--execute", is_flag=True, help="真正合并；不加时只说明将怎样合并")
@home_option
@json_option
def merge(kept: str, merged: str, reason: str, execute: bool, home: Path | None, as_json: bool) -> None:
    """把确认为同一个人的两份档案合为一份；不能撤销，默认只说明将怎样合并。"""
    from desk.cli._station import open_station
    from desk.station.people_facts import merge_named

    with open_station(home) as station:
        told = merge_named(station, kept, merged, reason, execute=execute)
    if as_json:
        echo_json({"kept": told.kept, "merged": told.merged, "records": told.records,
                   "documents": told.documents, "executed": execute})  # fmt: skip
        return
    what = f"{told.merged} 的 {told.records} 件、{told.documents} 个文件"
    if execute:
        click.echo(f"已把 {what}并入 {told.kept}。{told.merged} 不再使用，编号不再给出。")
    else:
        click.echo(f"将把 {what}并入 {told.kept}。合并不能撤销；确认后加 --execute。")
