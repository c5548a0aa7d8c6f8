"""``kangdang file``: a person's file from acceptance to filing; requests to see a closed one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import Day, coded, purpose_option, show_rows
from desk.cli.file_contents_cmds import catalogue, complete, track_option
from desk.cli.person_cmds import FILE_STATES

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from desk.station.files import Overview, Volume

_OUTCOMES = {"rejected": "不予接案", "referred_out": "转介", "served_briefly": "简短服务后结束"}
ITEMS = {"number": "件", "title": "题名", "date": "日期", "state": "状态", "pages": "页数"}
_on = click.option("--on", type=Day(), metavar="日期", help="办理日期，默认今天")


@click.group(cls=Group)
def file() -> None:
    """个人档案：查看、接案、结案、归档、存放、指派、申请查阅、齐全核对、编目。"""


file.add_command(complete)
file.add_command(catalogue)


# --- looking ----------------------------------------------------------------------------------------------


@file.command()
@click.argument("number", metavar="档号")
@purpose_option()
@home_option
@json_option
def show(number: str, purpose: Purpose | None, home: Path | None, as_json: bool) -> None:
    """打开一份档案：分卷、各件、存放位置、冻结。不是自己负责的个案须说明利用目的。"""
    from desk.cli._station import open_station
    from desk.station.files import overview

    with open_station(home) as station:
        told = overview(station, number, purpose)
    if as_json:
        echo_json(_overview_json(told))
        return
    _show_overview(told)


def _overview_json(told: Overview) -> dict[str, Any]:
    return {
        "number": told.file.number, "state": told.file.state, "name": told.name, "worker": told.worker,
        "place": told.place, "volumes": [asdict(volume) for volume in told.volumes],
        "records": [item_row(item) for item in told.items],
        "holds": [{"id": hold.id, "reason": hold.reason, "placed_at": hold.placed_at} for hold in told.holds],
        "closed_records": told.closed,
    }  # fmt: skip


def item_row(item: Any) -> dict[str, Any]:
    """A record as a line of a list."""
    from archives.items.records import STATE_NAMES

    return {
        "number": item.number, "id": item.id, "title": item.title, "form": item.form_id,
        "date": item.document_date.isoformat() if item.document_date else None,
        "state": STATE_NAMES[item.state], "pages": item.paper.pages or None, "revision": item.revision,
    }  # fmt: skip


def _show_overview(told: Overview) -> None:
    from archives.items.holds import REASONS

    parts = [told.name, FILE_STATES[told.file.state]]
    parts += [f"负责 {told.worker}"] if told.worker else []
    parts += [f"存放 {told.place}"] if told.place else []
    click.echo(f"档案 {told.file.number}　{'　'.join(part for part in parts if part)}")
    for volume in told.volumes:
        ended = f"{volume.closed_on} 结案" if volume.closed_on else ""
        ended = f"{volume.outcome_on} {_OUTCOMES[volume.outcome]}" if volume.outcome else ended
        case_no = volume.case_no or "未接案"
        click.echo(f"第 {volume.number} 卷　{case_no}　{_begun(volume)}　{ended or '进行中'}")
    for hold in told.holds:
        click.echo(f"冻结 #{hold.id}　{REASONS[hold.reason]}　自 {hold.placed_at[:10]}")
    show_rows((item_row(item) for item in told.items), ITEMS, "还没有文书。", as_json=False)
    if told.closed:
        click.echo(f"以前的卷中另有 {told.closed} 件，查看须先申请：kangdang file request。")


def _begun(volume: Volume) -> str:
    """The day the volume began by its papers; the day of entry is told as that."""
    if volume.accepted_on:
        return f"{volume.accepted_on} 接案立卷"
    if volume.applied_on:
        return f"{volume.applied_on} 申请"
    return f"{volume.opened_on} 录入"


# --- the way of a case ------------------------------------------------------------------------------------


@file.command()
@click.argument("number", metavar="申请编号")
@click.option("--on", type=Day(), metavar="日期", help="接案日期，默认按接案依据的日期")
@click.option("--case-no", metavar="编号", help="个案编号（GA-2026-0001），默认自动编号")
@home_option
@json_option
def accept(number: str, on: date | None, case_no: str | None, home: Path | None, as_json: bool) -> None:
    """接案：须已有写明“接案”的个案申请表，或已签字的协议；取得档号和个案编号。"""
    from desk.cli._station import open_station
    from desk.station.files import accept_case

    with open_station(home) as station:
        told = accept_case(station, number, on=on, case_no=case_no)
    if as_json:
        echo_json({"ref_code": told.ref_code, "case_no": told.case_no, "on": told.on.isoformat(),
                   "ground": told.ground.number})  # fmt: skip
    else:
        click.echo(f"已接案：档号 {told.ref_code}，个案编号 {told.case_no}，依据 {told.ground.title}。")


@file.command()
@click.argument("number", metavar="档号")
@_on
@home_option
def close(number: str, on: date | None, home: Path | None) -> None:
    """结案：本次服务结束。"""
    from archives.people.files import close_case
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("file.close", file=one.id, part="running")
        with station.acting("file.close") as unit:
            close_case(unit, one.id, on or unit.reference().day)
    click.echo(f"档案 {one.number} 已结案。")


@file.command()
@click.argument("number", metavar="申请编号")
@click.option("--outcome", required=True, callback=coded(_OUTCOMES), metavar="结果",
              help="、".join(_OUTCOMES.values()))  # fmt: skip
@_on
@home_option
def end(number: str, outcome: Any, on: date | None, home: Path | None) -> None:
    """申请办结而没有接案：不予接案、转介、简短服务后结束。"""
    from archives.people.files import end_application
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("file.close", file=one.id, part="running")
        with station.acting("file.end") as unit:
            end_application(unit, one.id, on or unit.reference().day, outcome)
    click.echo(f"申请 {one.number} 已办结：{_OUTCOMES[outcome]}。")


@file.command()
@click.argument("number", metavar="档号")
@track_option
@click.option("--reason", "why", metavar="文字", help="没有接案、没有档号的申请：缺签字等的原因，加密保存")
@home_option
@json_option
def archive(number: str, track: Any, why: str | None, home: Path | None, as_json: bool) -> None:
    """归档：资料齐全，或备考表已写明原因（没有档号的用 --reason）；归档后内容不能改动。"""
    from desk.cli._station import open_station
    from desk.station.files import archive_file

    with open_station(home) as station:
        one, count = archive_file(station, number, track, why=why)
    if as_json:
        echo_json({"number": one.number, "archived": count})
    else:
        click.echo(f"档案 {one.number} 已归档，共 {count} 件。")


@file.command()
@click.argument("number", metavar="档号")
@click.option("--reason", required=True, metavar="文字", help="为什么重新启用，加密保存")
@home_option
@json_option
def reopen(number: str, reason: str, home: Path | None, as_json: bool) -> None:
    """重新启用：再次服务在同一份档案中另立一卷，档号不变；以前的卷仍不开放。

    由原负责社工或档案员办理；其他社工先用 file request --reopen 申请，经机构负责人批准，批准只用一次。
    """
    from desk.cli._station import open_station
    from desk.station.reopening import reopen_file

    with open_station(home) as station:
        made = reopen_file(station, number, reason)
    if as_json:
        echo_json({"number": made.number, "volume": made.volume, "handed_over": list(made.handed_over)})
        return
    click.echo(f"档案 {made.number} 已重新启用，本次为第 {made.volume} 卷；以前的卷须申请才能查看。")
    if made.handed_over:
        click.echo(
            f"以前的卷已移交（清单 {'、'.join(made.handed_over)}），原件不在本站；"
            "再次来站的记入新卷，误开的请用 kangdang file takeback 撤回。"
        )


@file.command()
@click.argument("number", metavar="档号")
@click.option("--reason", required=True, metavar="文字", help="为什么撤回，加密保存")
@home_option
@json_option
def takeback(number: str, reason: str, home: Path | None, as_json: bool) -> None:
    """撤回误开的新卷：只限还没有接案、没有任何文书的一卷；档案回到重新启用以前。"""
    from desk.cli._station import open_station
    from desk.station.reopening import take_back_volume

    with open_station(home) as station:
        told, volume = take_back_volume(station, number, reason)
    if as_json:
        echo_json({"number": told, "volume": volume})
    else:
        click.echo(f"档案 {told} 的第 {volume} 卷已撤回。")


@file.command()
@click.argument("number", metavar="档号")
@click.option("--cabinet", required=True, metavar="柜", help="柜号")
@click.option("--shelf", required=True, metavar="架", help="架（层）号")
@click.option("--box", required=True, metavar="盒", help="盒号")
@click.option(
    "--volume", type=click.IntRange(1, 99), default=1, show_default=True, metavar="卷", help="第几卷"
)
@home_option
def place(number: str, home: Path | None, **where: Any) -> None:
    """登记纸质档案放在哪里（柜、架、盒）。"""
    from archives.people.files import place
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("file.place", file=one.id)
        with station.acting("file.place") as unit:
            place(unit, one.id, where["cabinet"], where["shelf"], where["box"], volume=where["volume"])
    click.echo(f"已登记 {one.number} 第 {where['volume']} 卷的存放位置。")


@file.command()
@click.argument("number", metavar="档号")
@click.argument("login", metavar="账号")
@home_option
def assign(number: str, login: str, home: Path | None) -> None:
    """指派个案给一位社工；原负责人从此不再能直接查看。"""
    from archives.duties.staff import staff_of_login
    from archives.people.files import assign
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("file.assign", file=one.id)
        with station.acting("file.assign") as unit:
            assign(unit, one.id, staff_of_login(unit, login))
    click.echo(f"档案 {one.number} 已指派给 {login}。")


# They add their commands to the group above.
from desk.cli import file_request_cmds  # noqa: E402

__all__ = ["ITEMS", "file", "file_request_cmds", "item_row"]
