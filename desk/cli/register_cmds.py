"""``kangdang register print``: the registers of the archive on paper."""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, font_options, font_set, home_option, json_option, problem_line
from desk.cli._duties import Day

if TYPE_CHECKING:
    from desk.station.registers import Printed

_CODES = ("AR4", "AR5", "AR6", "AR7", "AR8", "AR9", "AR10")


def _pdf(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".pdf":
        raise click.BadParameter("扩展名应为 .pdf。", ctx, param)
    return value


@click.group(cls=Group)
def register() -> None:
    """登记簿：查阅、借阅、鉴定、销毁、移交、扫描、权利请求。"""


@register.command("print")
@click.argument("code", metavar="登记簿", type=click.Choice(_CODES, case_sensitive=False))
@click.option("--from", "first", type=Day(), metavar="日期", help="AR4、AR5：起始日期")
@click.option("--to", "last", type=Day(), metavar="日期", help="AR4、AR5：截止日期")
@click.option(
    "--number", metavar="编号", help="AR6–AR8 清单编号，AR9 档号，AR10 请求编号；AR4 只印一卷时的档号"
)
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), callback=_pdf,
              help="输出的 PDF 文件")  # fmt: skip
@font_options
@home_option
@json_option
def print_command(
    code: str, first: date | None, last: date | None, number: str | None, out: Path, home: Path | None,
    as_json: bool, **how: Any,
) -> None:  # fmt: skip
    """从档案中取出登记并打印成 PDF；档案中没有的栏目留空，打印后手写。

    登记簿：AR4 查阅，AR5 借阅归还，AR6 鉴定意见表，AR7 销毁清册，AR8 归档移交清单，AR9 扫描登记，
    AR10 权利请求处理单。
    """
    from desk.cli._station import open_station
    from desk.station.registers import Wanted, print_register

    fonts = font_set(how["fonts"], how["extra_fonts"])
    with open_station(home) as station:
        station.allow("register.print")
        printed = print_register(station, Wanted(code, first, last, number), out, fonts, secrets.token_bytes)
    _told(printed, out, as_json=as_json)


def _told(printed: Printed, out: Path, *, as_json: bool) -> None:
    if as_json:
        by_pen = [found.to_dict() for found in printed.by_pen]
        echo_json(
            {"output": str(out), "pages": printed.pages, "print_id": printed.print_id, "rows": printed.rows,
             "by_pen": by_pen}
        )  # fmt: skip
        return
    click.echo(f"已生成 {out}，共 {printed.pages} 页，打印编号 {printed.print_id}。")
    if printed.by_pen:
        click.echo(f"有 {len(printed.by_pen)} 处档案中没有，请打印后手写：", err=True)
        for found in printed.by_pen:
            click.echo(problem_line(found), err=True)
