"""``kangdang rights``: requests of persons about their own information."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option, read_answers
from desk.cli._duties import coded, show_rows

if TYPE_CHECKING:
    from archives.archive import Unit
    from archives.duties.rights import RightsRequest

_KINDS = {
    "consult": "查阅", "copy": "复制", "correct": "更正补充", "delete": "删除", "restrict": "限制处理",
    "withdraw_consent": "撤回同意", "explain": "解释说明",
}  # fmt: skip
_DECISIONS = {"granted": "同意", "partly": "部分同意", "refused": "不同意", "restricted": "封存"}
_HEADINGS = {
    "request": "请求编号", "file": "档号", "kind": "事项", "received_on": "收到", "due_on": "办理期限",
    "state": "状态", "days_late": "逾期天数",
}  # fmt: skip
_data = click.option(
    "--data", metavar="数据文件", help="AR10 的其他栏目（JSON）：请求人、关系、电话、核验证件等"
)


@click.group(cls=Group)
def rights() -> None:
    """权利请求：查阅、复制、更正、删除、撤回同意等（个人信息保护法）。"""


@rights.command()
@click.argument("number", metavar="档号")
@click.option(
    "--kind", required=True, callback=coded(_KINDS), metavar="事项", help="、".join(_KINDS.values())
)
@click.option("--scope", required=True, metavar="文字", help="请求内容和范围")
@_data
@home_option
@json_option
def register(number: str, kind: Any, scope: str, data: str | None, home: Path | None, as_json: bool) -> None:
    """受理请求：15 个工作日内办理，办结前该档案不得销毁。

    自己负责的档案当即冻结；别人负责的，由档案员当天核对后冻结。
    """
    from archives.duties.rights import WORKING_DAYS, register, request_facts
    from archives.people.files import find_file
    from desk.cli._station import open_station
    from desk.station.access import freezes_at_once
    from desk.station.duties import station_calendar, words_of_form
    from desk.station.standing import relation_to

    with open_station(home) as station:
        with station.archive.looking(station.actor) as unit:
            file = find_file(unit, number).id
        station.allow("rights.register", file=file)
        more = words_of_form(read_answers(data), station.archive.now()) if data is not None else {}
        calendar = station_calendar(station.layout)
        with station.acting("rights.register") as unit:
            held = freezes_at_once(unit.actor.roles, relation_to(unit, file))
            due = calendar.add_workdays(unit.reference().day, WORKING_DAYS)
            guardian = more.get("relation") == "监护人"
            request = register(unit, file, kind, scope, due.on, by_guardian=guardian, more=more, held=held)
            told = request_facts(unit, request)
    if as_json:
        echo_json({"request": told.ref_code, "due_on": due.on.isoformat(), "provisional": due.provisional,
                   "held": held})  # fmt: skip
        return
    frozen = (
        "办结前该档案已冻结"
        if held
        else (f"办结前该档案不得销毁，请档案员今天核对后冻结：kangdang rights look {told.ref_code}")
    )
    click.echo(f"已受理，请求编号 {told.ref_code}，应于 {due.on} 前办理。{frozen}。")
    if due.provisional:
        click.echo("办理期限为暂定：其间的放假安排尚未公布，公布后请录入 calendar_overrides.csv。")


@rights.command()
@click.argument("number", metavar="请求编号")
@home_option
@json_option
def look(number: str, home: Path | None, as_json: bool) -> None:
    """核对别人受理的请求（档案员，当天）：核对后冻结该档案；受理有误的请机构负责人办结。"""
    from archives.duties.rights import find_request, look, request_facts
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("rights.look")
        with station.acting("rights.look") as unit:
            request = find_request(unit, number)
            hold = look(unit, request)
            told = request_facts(unit, request)
    if as_json:
        echo_json({"request": told.ref_code, "hold": hold})
    else:
        click.echo(f"权利请求 {told.ref_code} 已核对，该档案已冻结，冻结编号 {hold}。")


@rights.command("list")
@click.option("--open", "open_only", is_flag=True, help="只列未办理的")
@home_option
@json_option
def list_command(open_only: bool, home: Path | None, as_json: bool) -> None:
    """列出权利请求和办理期限。"""
    from archives.duties.rights import requests_of
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("register.print")
        with station.acting("register.read") as unit:
            rows = [_row(unit, one) for one in requests_of(unit, open_only=open_only)]
            unit.log("register.read", "form:rights_request", detail={"rows": len(rows)})
    show_rows(rows, _HEADINGS, "没有权利请求。", as_json=as_json)


def _row(unit: Unit, one: RightsRequest) -> dict[str, Any]:
    from archives.people.files import file_facts

    return {
        "request": one.ref_code, "file": file_facts(unit, one.file).number, "kind": _KINDS[one.kind],
        "received_on": one.received_on.isoformat(), "due_on": one.due_on.isoformat(),
        "state": _state(one), "days_late": one.days_late,
    }  # fmt: skip


def _state(one: RightsRequest) -> str:
    if one.decision is not None:
        return _DECISIONS[one.decision]
    return "办理中" if one.waits_since is None else f"待档案员核对（{one.waits_since[:10]} 受理）"


@rights.command()
@click.argument("number", metavar="请求编号")
@click.option("--decision", required=True, callback=coded(_DECISIONS), metavar="决定",
              help="、".join(_DECISIONS.values()))  # fmt: skip
@click.option("--reason", required=True, metavar="文字", help="办理理由")
@click.option("--legal-note", metavar="文字", help="法律意见；请求删除、撤回同意的必须写明")
@_data
@home_option
@json_option
def decide(number: str, home: Path | None, as_json: bool, **how: Any) -> None:
    """由机构负责人决定；决定封存的，该档案只保存、不使用。"""
    from archives.duties.rights import Answer, decide, find_request, request_facts
    from desk.cli._station import open_station
    from desk.station.duties import words_of_form

    with open_station(home) as station:
        station.allow("rights.decide")
        at = station.archive.now()
        more = words_of_form(read_answers(how["data"]), at) if how["data"] is not None else {}
        with station.acting("rights.decide") as unit:
            request = find_request(unit, number)
            decide(unit, request, Answer(how["decision"], how["reason"], how["legal_note"], more))
            told = request_facts(unit, request)
    if as_json:
        echo_json({"request": told.ref_code, "decision": told.decision})
    else:
        sealed = "该档案已封存，只保存、不使用。" if told.decision == "restricted" else ""
        click.echo(f"权利请求 {told.ref_code} 已办理：{_DECISIONS[told.decision or '']}。{sealed}")


@rights.command()
@click.argument("number", metavar="请求编号")
@home_option
@json_option
def lift(number: str, home: Path | None, as_json: bool) -> None:
    """解除因权利请求而作的封存。"""
    from archives.duties.rights import find_request, lift, request_facts
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("rights.decide")
        with station.acting("rights.lift") as unit:
            request = find_request(unit, number)
            lift(unit, request)
            told = request_facts(unit, request)
    if as_json:
        echo_json({"request": told.ref_code, "restricted": False})
    else:
        click.echo("已解除封存。")
