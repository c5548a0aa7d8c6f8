"""``kangdang hold``: nothing of a held file or item is destroyed until the hold is released."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import Day, coded, show_rows

if TYPE_CHECKING:
    from archives.items.records import RecordFacts

_REASONS = {
    "litigation": "诉讼", "complaint": "投诉", "audit": "审计", "accident": "事故调查",
    "rights_request": "权利请求办理中", "other": "其他",
}  # fmt: skip
_HEADINGS = {
    "id": "编号", "file": "档号", "item": "件", "reason": "原因", "owner": "提出人", "placed": "提出",
    "until": "复核日期",
}  # fmt: skip


@click.group(cls=Group)
def hold() -> None:
    """冻结：有冻结的档案和件一律不销毁，直到解除。"""


@hold.command()
@click.argument("number", metavar="档号")
@click.option("--record", metavar="件", help="只冻结一件：档号或 #编号")
@click.option(
    "--reason", required=True, callback=coded(_REASONS), metavar="原因", help="、".join(_REASONS.values())
)
@click.option("--until", type=Day(), metavar="日期", help="到这一天再问提出人；冻结不会自己解除")
@click.option("--note", metavar="文字", help="说明，加密保存")
@home_option
@json_option
def place(number: str, home: Path | None, as_json: bool, **how: Any) -> None:
    """冻结一份档案或其中一件。"""
    from archives.errors import InputRefused
    from archives.items.holds import place_hold
    from archives.items.lists import find_record
    from desk.cli._station import open_station
    from desk.station.files import file_named

    with open_station(home) as station:
        one = file_named(station, number)
        station.allow("hold.place", file=one.id)
        with station.acting("hold.place") as unit:
            until: date | None = how["until"]
            if until is not None and until < unit.today:
                raise InputRefused("复核日期不能早于今天。")
            record = find_record(unit, how["record"]).id if how["record"] else None
            placed = place_hold(unit, one.id, how["reason"], record=record, until=until, note=how["note"])
    if as_json:
        echo_json({"hold": placed, "file": one.number})
    else:
        click.echo(f"已冻结 {how['record'] or one.number}，冻结编号 {placed}。解除前不会销毁。")


@hold.command()
@click.argument("number", metavar="冻结编号", type=click.IntRange(1))
@home_option
def release(number: int, home: Path | None) -> None:
    """解除冻结，由机构负责人办理。"""
    from archives.items.holds import release_hold
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("hold.release")
        with station.acting("hold.release") as unit:
            release_hold(unit, number)
    click.echo(f"已解除冻结 {number}。")


@hold.command("list")
@click.argument("number", metavar="[档号]", required=False)
@home_option
@json_option
def list_command(number: str | None, home: Path | None, as_json: bool) -> None:
    """列出未解除的冻结，全站或一份档案的；督导只看到所督导个案的。"""
    from archives.duties.staff import names_of
    from archives.items.holds import open_holds
    from archives.items.records import record_facts
    from archives.people.files import file_facts
    from desk.cli._station import open_station
    from desk.station.files import file_named
    from desk.station.standing import telling

    with open_station(home) as station:
        one = file_named(station, number) if number else None
        station.allow("hold.list", file=one.id if one else None)
        with station.acting("hold.list") as unit:
            names, tells = names_of(unit), telling(unit)
            rows = [
                {
                    "id": held.id,
                    "file": file_facts(unit, held.file).number,
                    "item": None if held.record is None else _item(record_facts(unit, held.record)),
                    "reason": _REASONS[held.reason],
                    "owner": names[held.owner],
                    "placed": held.placed_at[:10],
                    "until": held.until.isoformat() if held.until else None,
                }
                for held in open_holds(unit, file=one.id if one else None)
                if tells(held.file, "running")
            ]
            unit.log("register.read", "station:1", detail={"rows": len(rows), "kind": "holds"})
    show_rows(rows, _HEADINGS, "没有未解除的冻结。", as_json=as_json)


def _item(record: RecordFacts) -> str:
    return record.ref_code or f"#{record.id}"
