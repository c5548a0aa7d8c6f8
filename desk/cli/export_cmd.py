"""``kangdang export``: a whole person file as an encrypted ZIP, and opening one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import asked_password, password_file_option, purpose_option


def _zip(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".zip":
        raise click.BadParameter("扩展名应为 .zip。", ctx, param)
    return value


@click.group(cls=Group)
def export() -> None:
    """导出整卷档案（加密 ZIP），或打开导出件。"""


@export.command()
@click.argument("number", metavar="档号")
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), callback=_zip,
              help="输出的 ZIP 文件；不能已存在")  # fmt: skip
@purpose_option(required=True)
@click.option(
    "--days", type=int, default=30, show_default=True, metavar="天数", help="对方应在多少天内用毕销毁"
)
@password_file_option
@click.option("--draw", is_flag=True, help="由系统生成密码并显示一次；请与文件分开送交")
@home_option
@json_option
def make(number: str, out: Path, home: Path | None, as_json: bool, **how: Any) -> None:
    """导出一卷档案；导出件登记为馆外副本。"""
    from archives.people.files import find_file
    from desk.cli._station import open_station
    from desk.station.exporting import Order, drawn_password, export_file

    with open_station(home) as station:
        with station.archive.looking(station.actor) as unit:
            file = find_file(unit, number).id
        station.allow("file.export", file=file, purpose=how["purpose"])
        drawn = drawn_password(station.archive.random) if how["draw"] else None
        password = drawn or asked_password(how["password_file"], confirm=True)
        made = export_file(station, Order(file, how["purpose"], password, how["days"]), out)
    if as_json:
        echo_json(
            {"output": str(out), "copy": made.copy, "sha256": made.sha256, "size": made.size,
             "records": made.records, "documents": made.documents, "gone_by": made.gone_by.isoformat(),
             **({"password": drawn} if drawn else {})}
        )  # fmt: skip
        return
    click.echo(f"已导出 {out}：{made.records} 件、{made.documents} 个文件，AES-256 加密。")
    click.echo(f"登记为副本 {made.copy}，应于 {made.gone_by} 前销毁；销毁后用 kangdang copy gone 登记。")
    if drawn:
        click.echo(f"密码（只显示这一次，请与文件分开送交）：{drawn}")


@export.command("open")
@click.argument("source", metavar="导出件", type=path_type(dir_okay=False))
@click.option("-o", "--output", "folder", required=True, type=path_type(file_okay=False), help="新的文件夹")
@password_file_option
@json_option
def open_command(source: Path, folder: Path, password_file: Path | None, as_json: bool) -> None:
    """打开导出件；没有康档的单位可用 7-Zip、WinRAR 等打开。"""
    from desk.station.exporting import open_export

    count = open_export(source, asked_password(password_file, confirm=False), folder)
    if as_json:
        echo_json({"output": str(folder), "files": count})
        return
    click.echo(f"已取出 {count} 个文件，请用浏览器打开 {folder / 'index.html'}。")
