"""``kangdang tidy``: plain files that commands wrote are taken away again, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from desk.cli._chinese import Command
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.station.opening import OpenStation
    from desk.station.tidying import Plain, Standing

_SAID: Final[Mapping[Standing, str]] = {
    "there": "在", "missing": "没有找到（可能已移走、改名，或在没有接上的盘上）",
    "changed": "写出以后改过，或已是别的内容，没有动它",
    "elsewhere": "写在另一台电脑上，这里看不到",
    "unreadable": "打不开（没有权限，或正被其他程序打开），没有动它",
}  # fmt: skip
_ONLY: Final = "只是从登记的位置移除，不等于销毁：别处可能还有副本（邮件、U 盘、回收站、备份、打印件）。"


@click.command(cls=Command)
@click.argument("number", metavar="[档号]", required=False)
@click.option("--list", "only_list", is_flag=True, help="只列出，不移除")
@click.option("--execute", "really", is_flag=True, help="不逐个询问，移除全部仍是原样的（供脚本使用）")
@click.option("--drop-missing", is_flag=True, help="没有找到的不再列出（记为“未找到”）")
@home_option
@json_option
def tidy(
    number: str | None, only_list: bool, really: bool, drop_missing: bool, home: Path | None, as_json: bool
) -> int:
    """清理写出的未加密文件：列出登记过的，逐个询问后移除；只移除与写出时一字不差的。

    自己写出的由自己清理，档案员可以清理全部。改过的不动，没有找到的说明；别处的副本须自行清理。
    """
    from desk.cli._station import open_station
    from desk.station.tidying import known_plain

    if only_list and (really or drop_missing):
        raise click.UsageError("--list 只列出，不能与 --execute、--drop-missing 一起用。")
    if as_json and not (only_list or really or drop_missing):
        raise click.UsageError("--json 时不能询问，请加 --list 或 --execute。")
    with open_station(home) as station:
        found = known_plain(station, number)
        rows = [_tidied(station, one, only_list, really, drop_missing, as_json=as_json) for one in found]
    left = [row for row in rows if row["done"] is None]
    if as_json:
        echo_json(rows)
    else:
        _sum_up(rows, left)
    return EXIT_FINDINGS if left and not only_list else 0


def _tidied(
    station: OpenStation, one: Plain, only_list: bool, really: bool, drop_missing: bool, *, as_json: bool
) -> dict[str, Any]:
    from desk.station.tidying import drop, take_away

    standing: Standing = one.standing
    done: str | None = None
    if not as_json:
        click.echo(f"{one.path}（{one.kind}，{one.on}，{'、'.join(one.files)}）：{_SAID[standing]}")
    if standing == "there" and not only_list and (really or _asked(drop_missing, "移除这个文件吗")):
        instead = take_away(station, one)
        done, standing = ("removed", standing) if instead is None else (None, instead)
        if not as_json:
            click.echo("　已移除。" if instead is None else f"　没有移除：{_SAID[instead]}。")
    elif standing == "missing" and not only_list and (drop_missing or _asked(really, "不再列出它吗")):
        drop(station, one, "missing")
        done = "missing"
    return {"path": str(one.path), "kind": one.kind, "on": one.on, "files": list(one.files),
            "computer": one.client, "standing": standing, "done": done}  # fmt: skip


def _asked(otherwise: bool, question: str) -> bool:
    """The person's word; a script that decided about other files is not asked."""
    return False if otherwise else click.confirm(f"　{question}", default=False)


def _sum_up(rows: list[dict[str, Any]], left: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("没有登记过的未加密文件。没有登记的（render、packet、batch 等写出的）须自行删除。")
        return
    removed = sum(row["done"] == "removed" for row in rows)
    dropped = sum(row["done"] == "missing" for row in rows)
    parts = [f"已移除 {removed} 个"] if removed else []
    parts += [f"未找到、不再列出 {dropped} 个"] if dropped else []
    parts += [f"还登记着 {len(left)} 个"] if left else []
    click.echo(f"{'，'.join(parts)}。")
    if removed:
        click.echo(_ONLY)
