"""``kangdang init``: a new station."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import echo_json, json_option
from desk.cli._duties import coded

if TYPE_CHECKING:
    from desk.station.init import Created
    from desk.station.newcomers import Newcomer


_START_RULES = {"next_year": "次年", "trigger_day": "次日"}


def _days(name: str, usual: int, told: str) -> Callable[..., Any]:
    return click.option(name, type=int, default=usual, show_default=True, metavar="天数", help=told)


@click.command(cls=Command)
@click.argument("home", metavar="站点文件夹", type=path_type())
@click.option("--keys", required=True, type=path_type(), help="密钥文件夹，宜在另一个磁盘上")
@click.option("--sheet", type=path_type(), help="恢复单 PDF 放到哪里；印出后删除该文件")
@click.option("--name", metavar="名称", help="站点名称")
@click.option("--fonds", metavar="全宗号", help="全宗号，2 至 6 位字母和数字；没有时用站点代码")
@click.option("--medical/--not-medical", default=None, help="是否医疗机构（病历保存不少于 30 年）")
@click.option(
    "--start-rule", callback=coded(_START_RULES), default="次年", show_default=True, metavar="起算",
    help="保管期限从何时起算：次年（1 月 1 日）、次日",
)  # fmt: skip
@_days("--waiting-days", 7, "销毁审批后的等待天数，至少 7 天")
@_days("--backup-days", 90, "数据备份保留的天数")
@_days("--loan-days", 7, "原件借阅的最长天数")
@click.option("--people", type=path_type(), help="人员名单（.json 或 .yaml），不给时逐项询问系统管理员")
@click.option("--sample", is_flag=True, help="样例站点，供练习：名称须含“样例”，等待天数可以少于 7")
@json_option
def init(
    home: Path, keys: Path, sheet: Path | None, people: Path | None, sample: bool, as_json: bool, **facts: Any
) -> None:
    """建立站点：人员、密钥、数据库、恢复单。要么全部建成，要么什么都不留下。"""
    from archives.settings import StationFacts
    from desk.cli._common import read_bytes
    from desk.cli._station import station_now
    from desk.station.init import InitPlan, create_station, station_schedule
    from desk.station.newcomers import check_first_people, read_people
    from desk.station.places import place_of, refuse_places
    from desk.station.recovery_sheet import recovery_pdf
    from generator.resources import data_dir

    refuse_places(place_of(home), place_of(keys))  # before anybody has answered ten questions
    known = None if people is None else read_people(read_bytes(str(people)), people.parent)
    told = _asked(facts)
    if known is None:
        known = [_first_admin()]
    known = [_with_password(who) for who in known]
    check_first_people(known, told["name"])
    where = sheet or Path(click.prompt("恢复单 PDF 放到哪里（例如 恢复单.pdf）"))
    station = StationFacts(station_id="", **told)
    schedule = station_schedule((data_dir("schemas") / "retention.json").read_bytes(), station)
    plan = InitPlan(home, keys, station, known, where, schedule, sample)
    created = create_station(plan, station_now, secrets.token_bytes, recovery_pdf)
    _show(created, where, as_json=as_json)


def _asked(facts: dict[str, Any]) -> dict[str, Any]:
    told = dict(facts)
    if not told["name"]:
        told["name"] = click.prompt("站点名称")
    if not told["fonds"]:
        told["fonds"] = click.prompt("全宗号（没有时用站点代码，如 PZ01）")
    if told["medical"] is None:
        told["medical"] = click.confirm("本站是医疗机构吗", default=False)
    return told


def _first_admin() -> Newcomer:
    from desk.station.newcomers import Newcomer

    click.echo("先登记一位系统管理员；其他人以后用 kangdang user add 登记。")
    return Newcomer(
        click.prompt("姓名"), click.prompt("证件号码（只保存密文，用来认出同一个人）"), ("admin",),
        click.prompt("用户名"),
    )  # fmt: skip


def _with_password(who: Newcomer) -> Newcomer:
    if who.login is None or who.password is not None:
        return who
    typed = click.prompt(f"{who.login} 的密码", hide_input=True, confirmation_prompt="再输一次")
    return replace(who, password=typed)


def _show(created: Created, sheet: Path, *, as_json: bool) -> None:
    from desk.cli._plain import SHEET_PLAIN

    facts = created.settings.station
    if as_json:
        echo_json(
            {
                "station_id": facts.station_id, "home": str(created.layout.home),
                "keys": str(created.layout.keys), "sheet": str(sheet), "fingerprint": created.fingerprint,
                "warnings": list(created.warnings),
            }
        )  # fmt: skip
        return
    click.echo(f"站点“{facts.name}”已建立：{created.layout.home}")
    click.echo(f"密钥文件夹：{created.layout.keys}")
    click.echo(f"恢复单：{sheet}（指纹 {created.fingerprint}）。{SHEET_PLAIN}")
    brought = f"由 {created.proposer} 提交" if created.proposer else "随建站登记，是软件附带的一版"
    click.echo(f"保管期限表已{brought}，等机构负责人批准后生效。")
    for warning in created.warnings:
        click.echo(f"提醒 {warning}")
    click.echo(f"下一步：设置 KANGDANG_HOME={created.layout.home}，运行 kangdang login。")
