"""``kangdang scan blanks``: the blank pages of a batch on one sheet, one key for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import path_type
from desk.cli._common import at_terminal, echo_json, home_option, json_option
from desk.cli._duties import say
from desk.cli.scan_cmds import scan

if TYPE_CHECKING:
    from desk.station.scanning.blanks import BlankSheet

_YES = frozenset("yY")


@scan.command()
@click.argument("batch", metavar="批号", type=click.IntRange(1))
@click.option(
    "-o", "--output", "out", type=path_type(dir_okay=False), help="写出图片，不在屏幕上打开（输出 PDF）"
)
@click.option("--sha256", metavar="校验值", help="看过写出的图片，都是空白：它的校验值前 8 位")
@home_option
@json_option
def blanks(batch: int, out: Path | None, sha256: str | None, home: Path | None, as_json: bool) -> None:
    """看一批里判为空白的页（只限档案员）：都在一份图上，按一个键表示都是空白；没有看过的不清除。"""
    if out is not None and sha256 is not None:
        raise click.UsageError("请先用 -o 写出图片，看过再用 --sha256，二者选一。")
    if sha256 is not None:
        _confirm(home, batch, sha256, as_json=as_json)
        return
    if out is None and (as_json or not at_terminal()):
        raise click.UsageError("这里不能打开图片：请用 -o 写出图片，看过再用 --sha256 表示都是空白。")
    sheet = _sheet(home, batch)
    if not sheet.pages and not sheet.unreadable:
        say(f"第 {batch} 批没有还没看过的空白页。", _data(sheet), as_json=as_json)
    elif out is not None:
        _write(home, sheet, out, as_json=as_json)
    elif looked_at(sheet):
        _confirm(home, batch, sheet.sha256, as_json=False)
    else:
        click.echo("没有登记。不是空白的页：kangdang scan back 页号；其余的再看一次。")


def _sheet(home: Path | None, batch: int) -> BlankSheet:
    from desk.cli._station import open_station
    from desk.station.scanning.blanks import blank_sheet

    with open_station(home) as station:
        return blank_sheet(station, batch)


def _confirm(home: Path | None, batch: int, sha256: str, *, as_json: bool) -> None:
    from desk.cli._station import open_station
    from desk.station.scanning.blanks import all_blank

    with open_station(home) as station:
        count = all_blank(station, batch, sha256)
    say(f"第 {batch} 批 {count} 页已看过，都是空白。", {"batch": batch, "seen": count}, as_json=as_json)


def _write(home: Path | None, sheet: BlankSheet, out: Path, *, as_json: bool) -> None:
    from desk.cli._station import open_station
    from desk.station.handing_out import hand_out_pages

    with open_station(home) as station:
        hand_out_pages(station, "scan.blanks", {out: sheet.pdf}, batch=sheet.batch)
    if as_json:
        echo_json({**_data(sheet), "output": str(out)})
        return
    _tell(sheet)
    click.echo(f"已写出 {out}。")
    if sheet.pages:
        click.echo(f"都是空白的：kangdang scan blanks {sheet.batch} --sha256 {sheet.sha256[:8]}")
    click.echo("不是空白的：kangdang scan back 页号")


def _data(sheet: BlankSheet) -> dict[str, object]:
    return {
        "batch": sheet.batch, "pages": list(sheet.pages), "unreadable": list(sheet.unreadable),
        "sha256": sheet.sha256,
    }  # fmt: skip


def _tell(sheet: BlankSheet) -> None:
    from desk.station.scanning.blanks import numbers

    if sheet.pages:
        told = f"第 {sheet.batch} 批有 {len(sheet.pages)} 页空白还没有人看过：页号 {numbers(sheet.pages)}。"
        click.echo(told)
    if sheet.unreadable:
        click.echo(
            f"图像读不出来、不能算看过的：页号 {numbers(sheet.unreadable)}。"
            "请退回：kangdang scan reject 页号 --reason 读不出来"
        )


def looked_at(sheet: BlankSheet) -> bool:
    """Show the sheet from a private file until one key is pressed; whether it says that all are blank."""
    from desk.station.private_view import private_view

    _tell(sheet)
    with private_view("blanks.pdf", sheet.pdf) as path:
        if click.launch(str(path)):
            click.echo("这台电脑打不开 PDF，请自己打开：")
        click.echo(f"{path}（为看清淡的笔迹加深过，每页下面是页号；看完自动删除）")
        if not sheet.pages:
            click.pause("看完请按任意键")
            return False
        click.echo("都是空白请按 y；有不是空白的，按其他键。")
        return click.getchar() in _YES
