"""``kangdang demo``: a look at everything without any set-up."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import echo_json, json_option, now

if TYPE_CHECKING:
    from desk.sample.walk import CameHome, Prepared


@click.command(cls=Command)
@click.argument("folder", metavar="[文件夹]", default="康档样例", type=path_type(file_okay=False))
@click.option("--scan", is_flag=True, help="另建一个样例站点：打印、签字、扫描、接收，看归入、缺页和差异")
@json_option
def demo(folder: Path, scan: bool, as_json: bool) -> None:
    """把一位虚构服务对象（样例）的全部文书打印到文件夹，并生成可浏览的 index.html。"""
    from desk.output import outbox

    started = time.perf_counter()
    with outbox():  # invented people: nobody need take care of what is written
        if scan:
            _scan(folder, as_json=as_json)
        else:
            _papers(folder, as_json=as_json)
    if not as_json:
        click.echo(f"用时 {time.perf_counter() - started:.1f} 秒。")


def _papers(folder: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from desk.demo import make_demo

    made = make_demo(folder, now(), secrets.token_bytes)
    if as_json:
        echo_json(asdict(made))
        return
    for packet in made.packets:
        click.echo(f"文书包  {packet.title}：{packet.pdf}（{packet.documents} 件，{packet.page_count} 页）")
    for item in made.forms:
        click.echo(f"{item.code}  {item.title}：{item.pdf}（{len(item.pages)} 页）、{item.docx}")
    counts = f"共 {len(made.packets)} 个文书包、{len(made.forms)} 份文书"
    click.echo(f"{counts}。请打开 {folder / 'index.html'}")


def _scan(folder: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from desk.cli._station import station_now
    from desk.sample.walk import bring_home, prepare

    prepared = prepare(folder, station_now, secrets.token_bytes)
    if not as_json:
        _show_prepared(prepared)
    home = bring_home(prepared, station_now, secrets.token_bytes)
    if as_json:
        echo_json({"home": str(prepared.sample.layout.home), "scan": prepared.scan.name, **asdict(home)})
    else:
        _show_home(home, folder)
        _show_next(prepared, home)


def _show_prepared(prepared: Prepared) -> None:
    issued = prepared.issued
    pages = sum(paper.pages for paper in issued)
    click.echo(f"样例站点：{prepared.sample.layout.home}（人物都是虚构的）")
    clients = dict.fromkeys(paper.client for paper in issued)
    who = "、".join(f"{one.name}（{one.case_no}）" for one in clients)
    click.echo(f"打印：{who}的文书 {len(issued)} 件 {pages} 页；签字、勾画，少放一页，混入一封外来信函")
    click.echo(
        f"扫描：{prepared.scan}，{len(prepared.stack.faces)} 页，次序打乱，有的倒置、歪斜，有的背面空白"
    )


def _show_home(home: CameHome, folder: Path) -> None:
    click.echo(f"\n第 {home.batch} 批：{home.ledger}")
    click.echo("\n自动归入：")
    for paper in home.filed:
        asked = f"，{paper.questions} 处待核对" if paper.questions else ""
        signed = "，已签字" if paper.signed else ""
        click.echo(f"  {paper.number}  {paper.title}，{paper.pages} 页{signed}{asked}")
    _show_some("还缺：", home.missing)
    _show_some(
        f"等人处理（图在 {folder / '待处理'}）：",
        [f"扫描件第 {'、'.join(map(str, one.pages))} 页：{one.reason}" for one in home.waiting],
    )
    _show_some(
        "纸上与档案不同：",
        [
            f"{one.number}  {one.title}：{one.sentence}" + (f"　{folder / one.cut}" if one.cut else "")
            for one in home.differences
        ],
    )


def _show_some(heading: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{heading}")
        for line in lines:
            click.echo(f"  {line}")


def _show_next(prepared: Prepared, home: CameHome) -> None:
    sample = prepared.sample
    options = f"--home {sample.layout.home} --password-file {sample.password_file}"
    click.echo(f"\n接着试：kangdang login {home.keeper} {options}")
