"""``kangdang file request`` and what becomes of it: leave to read a closed file, or to reopen one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import purpose_option, show_rows
from desk.cli.file_cmds import file

if TYPE_CHECKING:
    from archives.archive import Unit
    from archives.duties.requests import AccessRequest
    from archives.log.purposes import Purpose

_REQUESTS = {
    "request": "申请", "kind": "事项", "file": "档号", "who": "申请人", "purpose": "目的", "note": "说明",
    "asked": "申请时间",
}  # fmt: skip


@file.command()
@click.argument("number", metavar="档号")
@purpose_option(required=True)
@click.option("--note", metavar="文字", help="申请说明，加密保存；申请重新启用的必须写明原因")
@click.option("--reopen", "reopening", is_flag=True, help="申请重新启用，不是查阅；批准只用一次")
@home_option
@json_option
def request(
    number: str, purpose: Purpose, note: str | None, reopening: bool, home: Path | None, as_json: bool
) -> None:
    """申请查阅已归档的档案或以前的卷，或申请重新启用，由机构负责人批准。"""
    from archives.duties.requests import ask, ask_to_reopen
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("file.request", file=one.id)
        with station.acting("file.request") as unit:
            if reopening:
                asked = ask_to_reopen(unit, one.id, purpose, note or "")
            else:
                asked = ask(unit, one.id, purpose, note)
    if as_json:
        echo_json({"request": asked, "kind": "reopen" if reopening else "read"})
    else:
        what = "重新启用" if reopening else "查阅"
        click.echo(f"已提出{what}申请 #{asked}，请机构负责人批准。")


@file.command()
@click.argument("request", metavar="申请", type=click.IntRange(1))
@click.option("--days", type=int, default=7, show_default=True, metavar="天数", help="有效几天，含当天")
@click.option("--refuse", is_flag=True, help="不批准")
@home_option
def grant(request: int, days: int, refuse: bool, home: Path | None) -> None:
    """批准（或不批准）查阅申请或重新启用申请；两种批准不能互相代替。"""
    from archives.duties.requests import decide_request, is_to_reopen
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("file.grant")
        with station.acting("file.grant") as unit:
            until = decide_request(unit, request, granted=not refuse, days=days)
            what = "重新启用" if is_to_reopen(unit, request) else "查阅"
    click.echo(
        f"{what}申请 #{request} 未批准。" if until is None else f"{what}申请 #{request} 已批准，至 {until}。"
    )


@file.command()
@home_option
@json_option
def requests(home: Path | None, as_json: bool) -> None:
    """列出等待批准的查阅申请和重新启用申请。"""
    from archives.duties.requests import waiting
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("file.grant")
        with station.acting("file.requests") as unit:
            rows = [_row(unit, one) for one in waiting(unit)]
            unit.log("register.read", "form:access_register", detail={"rows": len(rows)})
    show_rows(rows, _REQUESTS, "没有等待批准的申请。", as_json=as_json)


def _row(unit: Unit, one: AccessRequest) -> dict[str, Any]:
    from archives.duties.requests import words_of_request
    from archives.duties.staff import names_of
    from archives.log.purposes import PURPOSE_NAMES, Purpose
    from archives.people.files import file_facts

    return {
        "request": one.id, "kind": "重新启用" if one.reopening else "查阅",
        "file": file_facts(unit, one.file).number, "who": names_of(unit)[one.requester],
        "purpose": PURPOSE_NAMES[Purpose(one.purpose)], "note": words_of_request(unit, one.id),
        "asked": one.asked_at[:16],
    }  # fmt: skip
