"""``kangdang transfer`` and ``kangdang copy``: files handed over, copies outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import coded, show_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from archives.archive import Unit
    from archives.duties.transfers import Receiver
    from desk.station.opening import OpenStation
    from desk.station.standing import Part

_KINDS = {"filing": "归档", "handover": "移交"}
_COPY_KINDS = {"backup": "备份", "export": "导出件"}
_TRANSFERS = {
    "list": "清单编号",
    "kind": "类别",
    "on": "日期",
    "files": "卷数",
    "handed_by": "移交人",
    "to": "接收",
}
_COPIES = {
    "copy": "副本编号", "kind": "种类", "name": "名称", "file": "档号", "made_on": "形成",
    "gone_by": "应销毁", "gone_on": "已销毁", "note": "提示",
}  # fmt: skip


@click.group(cls=Group)
def transfer() -> None:
    """归档、移交清单（AR8）。"""


@transfer.command()
@click.argument("numbers", metavar="档号", nargs=-1, required=True)
@click.option("--kind", default="filing", callback=coded(_KINDS), metavar="类别", help="归档（默认）或移交")
@click.option("--to", "receiver", metavar="账号", help="接收人的账号（本站人员）")
@click.option("--to-name", metavar="姓名", help="接收人姓名（外单位人员）")
@click.option("--to-unit", metavar="单位", help="接收单位；移交时必填")
@click.option("--basis", metavar="文字", help="移交依据；移交时必填")
@click.option("--supervisor", metavar="账号", help="监交人的账号；移交时必填")
@home_option
@json_option
def make(numbers: tuple[str, ...], kind: Any, home: Path | None, as_json: bool, **how: Any) -> None:
    """编制清单；移交人是当前登录的人员。

    移交给外单位的须是完整的：没有结案、没有归档、缺件、没有签字又没有在备考表中写明原因、封存、借出、冻结、移交过的都不受理，
    一次列出全部问题。
    """
    from archives.duties.transfers import all_transfers
    from archives.people.files import find_file
    from desk.cli._station import open_station
    from desk.station.attempting import attempting

    with open_station(home) as station:
        with station.archive.looking(station.actor) as unit:
            files = [find_file(unit, number).id for number in numbers]
        for file in files:
            station.allow("transfer.make", file=file)
        receiver = _receiver(station, how)
        with attempting(station, "transfer.list", "station:1"):
            made = _made(station, kind, files, receiver)
        with station.archive.looking(station.actor) as unit:
            code = next(one.ref_code for one in all_transfers(unit) if one.id == made)
    if as_json:
        echo_json({"list": code, "files": len(set(files))})
    else:
        click.echo(f"已编制清单 {code}，共 {len(set(files))} 卷。请用 kangdang register print AR8 打印。")


def _made(station: OpenStation, kind: Any, files: list[int], receiver: Receiver) -> int:
    from archives.duties.transfers import make_transfer
    from desk.station.handing_over import hand_over

    if kind == "handover":
        return hand_over(station, files, receiver)
    with station.acting("transfer.make") as unit:
        return make_transfer(unit, kind, files, receiver)


def _receiver(station: OpenStation, how: dict[str, Any]) -> Receiver:
    from archives.duties.staff import staff_of_login
    from archives.duties.transfers import Receiver

    with station.archive.looking(station.actor) as unit:

        def person(login: str | None) -> int | None:
            return None if login is None else staff_of_login(unit, login)

        return Receiver(
            person(how["receiver"]), how["to_name"], how["to_unit"], how["basis"], person(how["supervisor"])
        )


@transfer.command("list")
@home_option
@json_option
def transfer_list(home: Path | None, as_json: bool) -> None:
    """列出归档、移交清单。"""
    from archives.duties.staff import names_of
    from archives.duties.transfers import all_transfers
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("register.print")
        with station.acting("register.read") as unit:
            names = names_of(unit)
            rows = [
                {
                    "list": one.ref_code, "kind": _KINDS[one.kind], "on": one.at.date().isoformat(),
                    "files": one.files, "handed_by": names[one.handed_by],
                    "to": one.more.get("unit") or names.get(one.received_by or 0),
                }
                for one in all_transfers(unit)
            ]  # fmt: skip
            unit.log("register.read", "form:transfer_list", detail={"rows": len(rows)})
    show_rows(rows, _TRANSFERS, "没有归档、移交清单。", as_json=as_json)


@click.group(cls=Group)
def copy() -> None:
    """馆外副本：导出件和备份，应在什么时候销毁。"""


@copy.command("list")
@click.option("--all", "everything", is_flag=True, help="连同已销毁的")
@home_option
@json_option
def copy_list(everything: bool, home: Path | None, as_json: bool) -> None:
    """列出馆外副本，最早应销毁的在前。"""
    from archives.duties.copies import all_copies
    from desk.cli._station import open_station
    from desk.station.standing import telling

    with open_station(home) as station:
        station.allow("copy.gone")
        with station.acting("register.read") as unit:
            tells = telling(unit)
            rows = [
                {
                    "copy": one.id, "kind": _COPY_KINDS[one.kind], "name": one.name,
                    "file": _number(unit, one.file, tells),
                    "made_on": one.made_at[:10], "gone_by": one.gone_by.isoformat(),
                    "gone_on": one.gone_on.isoformat() if one.gone_on else None,
                    "note": "已过期，请销毁" if one.gone_on is None and one.gone_by < unit.today else None,
                }
                for one in all_copies(unit, standing_only=not everything)
            ]  # fmt: skip
            unit.log("register.read", "station:1", detail={"kind": "copies", "rows": len(rows)})
    show_rows(rows, _COPIES, "没有馆外副本。", as_json=as_json)


def _number(unit: Unit, file: int | None, tells: Callable[[int, Part], bool]) -> str | None:
    """The number of the file a copy is of, where the reader may know it."""
    from archives.people.files import file_facts

    if file is None:
        return None
    return file_facts(unit, file).number if tells(file, "running") else "（不显示）"


@copy.command()
@click.argument("number", metavar="副本编号", type=int)
@home_option
@json_option
def gone(number: int, home: Path | None, as_json: bool) -> None:
    """登记一份副本已经销毁。"""
    from archives.duties.copies import copy_gone
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("copy.gone")
        with station.acting("copy.gone") as unit:
            copy_gone(unit, number)
    if as_json:
        echo_json({"copy": number, "gone": True})
    else:
        click.echo(f"已登记副本 {number} 销毁。")
