"""``kangdang scan queue`` and what a person does with pages that wait."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import path_type
from desk.cli._common import at_terminal, echo_json, home_option, json_option
from desk.cli._duties import coded, purpose_option, say, show_rows
from desk.cli._pace import queueing
from desk.cli.scan_cmds import scan

if TYPE_CHECKING:
    from archives.log.purposes import Purpose

_HEADINGS = {
    "page": "页号",
    "batch": "批",
    "number": "第几张",
    "state": "状态",
    "belongs": "属于",
    "reason": "说明",
}
_REJECTIONS = {
    "not_wanted": "不需要归档",
    "rescanned": "已重新扫描",
    "twice": "重复扫描",
    "sample": "样例打印件",
    "unreadable": "读不出来",
    "superseded": "旧稿",
    "destroyed": "文书已销毁",
}
_page = click.argument("page", metavar="页号", type=click.IntRange(1))
_pages = click.argument("pages", metavar="页号…", nargs=-1, required=True, type=click.IntRange(1))


def _rows(found: Any) -> list[dict[str, Any]]:
    from archives.scans.batches import STATE_NAMES

    return [
        {"page": one.page.id, "batch": one.page.batch, "number": one.page.number,
         "state": STATE_NAMES[one.page.state], "belongs": one.belongs, "reason": one.sentence,
         "code": one.page.reason}
        for one in found
    ]  # fmt: skip


@scan.command()
@click.option("--all", "everything", is_flag=True, help="也列出只在等其他页的")
@home_option
@json_option
def queue(everything: bool, home: Path | None, as_json: bool) -> None:
    """列出等人处理的页，每页说明原因（只限档案员）。"""
    from desk.cli._station import open_station
    from desk.station.scanning.queue import waiting

    with open_station(home) as station:
        rows = _rows(waiting(station, everything=everything))
    show_rows(rows, _HEADINGS, "没有待处理的页。", as_json=as_json)


@scan.command()
@click.argument("batch", metavar="批号", type=click.IntRange(1))
@home_option
@json_option
def pages(batch: int, home: Path | None, as_json: bool) -> None:
    """一批里的每一页和它的去处。"""
    from desk.cli._station import open_station
    from desk.station.scanning.queue import pages_of

    with open_station(home) as station:
        rows = _rows(pages_of(station, batch))
    show_rows(rows, _HEADINGS, "这一批没有页。", as_json=as_json)


@scan.command()
@_page
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), help="输出 JPEG")
@click.option(
    "--hint", "hinting", is_flag=True, help="辨认页上的文字，提示可能属于哪份档案（需要文字识别组件）"
)
@purpose_option()
@home_option
@json_option
def show(
    page: int, out: Path, hinting: bool, purpose: Purpose | None, home: Path | None, as_json: bool
) -> None:
    """看一页：转正拉直的图片；重复的页写明 --purpose 时右边并排已归档的那一页；旧稿列出改过的栏目。"""
    from desk.cli._station import open_station
    from desk.station.handing_out import hand_out_pages
    from desk.station.scanning.beside import side_by_side
    from desk.station.scanning.hints import hint
    from desk.station.scanning.queue import show as look

    with open_station(home) as station:
        shown = look(station, page, purpose)
        hinted = hint(station, page) if hinting else None
        picture = shown.picture
        if picture is not None and shown.filed is not None:
            picture = side_by_side(picture, shown.filed)
        picture = picture or shown.filed
        if picture is not None:
            hand_out_pages(station, "scan.show", {out: picture}, page=page)
    if as_json:
        echo_json({
            **_rows([shown.waiting])[0], "output": str(out) if picture is not None else None,
            "filed_beside": shown.filed is not None, "changed": list(shown.changed),
            "forms": list(hinted.forms) if hinted else [],
            "files": [{"number": number, "why": why} for number, why in hinted.files] if hinted else [],
        })  # fmt: skip
        return
    click.echo(f"第 {page} 号扫描页：{shown.waiting.sentence}。")
    if shown.waiting.belongs:
        click.echo(f"属于：{shown.waiting.belongs}")
    if shown.changed:
        click.echo(f"打印之后改过：{'、'.join(shown.changed)}")
    if hinted is not None:
        click.echo(f"可能是：{'、'.join(hinted.forms) or '认不出是什么表'}")
        for number, why in hinted.files:
            click.echo(f"可能属于：{number}（依据{why}），请核对后再指定")
    if shown.twin and shown.filed is None:
        click.echo("要并排看已归档的那一页，请加 --purpose 说明目的。")
    click.echo(f"已写出 {out}。" if picture is not None else "图像不在暂存区。")


@scan.command()
@_page
@home_option
@json_option
def accept(page: int, home: Path | None, as_json: bool) -> None:
    """照页码归档：缺页的、打印之后更正过的，人工决定仍然归入。"""
    from desk.cli._station import open_station
    from desk.station.scanning.queue import accept as take

    with open_station(home) as station:
        filed = take(station, page)
    data = {"document": filed.document, "pages": filed.pages, "questions": filed.questions}
    say(f"已归档，{filed.pages} 页（文件 {filed.document}）。", data, as_json=as_json)


@scan.command()
@_pages
@click.option("--to", "number", metavar="档号或件", help="作为附件归入哪份档案、哪一件")
@click.option("--title", metavar="题名", help="附件名称，不写姓名，例如 诊断证明复印件；与 --to 同用")
@click.option("--print", "print_id", metavar="打印编号", help="它是哪份打印件的一页（页码读不出来时）")
@click.option(
    "--page", "page_number", metavar="页", type=click.IntRange(1, 99), help="第几页，与 --print 同用"
)
@home_option
@json_option
def assign(
    pages: tuple[int, ...],
    number: str | None,
    title: str | None,
    print_id: str | None,
    page_number: int | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """指定没有页码的页归入哪里；有页码的页只能去它自己的地方。"""
    from desk.cli._station import open_station
    from desk.station.scanning.queue import assign_to_file, assign_to_print

    if (number is None) == (print_id is None):
        raise click.UsageError("请用 --to 指明归入哪里，或用 --print 和 --page 指明是哪一页，二者选一。")
    if print_id is not None and (page_number is None or len(pages) != 1):
        raise click.UsageError("用 --print 时一次指定一页，并用 --page 写明第几页。")
    if title is not None and number is None:
        raise click.UsageError("--title 是附件的题名，与 --to 同用。")
    if number is not None and title is None and at_terminal():
        title = click.prompt("附件题名（不写姓名，例如 诊断证明复印件）")
    with open_station(home) as station:
        if number is not None:
            filed = assign_to_file(station, pages, number, title)
            sentence = f"已作为附件归入，{filed.pages} 页（文件 {filed.document}）。"
            say(sentence, {"document": filed.document, "pages": filed.pages}, as_json=as_json)
        else:
            assign_to_print(station, pages[0], print_id or "", page_number or 1)
            sentence = f"第 {pages[0]} 号扫描页已指定为 {print_id} 的第 {page_number} 页。"
            say(sentence, {"page": pages[0], "print_id": print_id, "number": page_number}, as_json=as_json)


@scan.command()
@_pages
@home_option
def blank(pages: tuple[int, ...], home: Path | None) -> None:
    """这些页是空白页，不归档。"""
    _decide(home, pages, "blank", None, "记为空白")


@scan.command()
@_pages
@click.option(
    "--reason",
    required=True,
    callback=coded(_REJECTIONS),
    metavar="原因",
    help="、".join(_REJECTIONS.values()),
)
@home_option
def reject(pages: tuple[int, ...], reason: str, home: Path | None) -> None:
    """退回这些页，不归档；图像在这一批清除时销毁。"""
    _decide(home, pages, "rejected", reason, "退回")


@scan.command()
@_pages
@home_option
def back(pages: tuple[int, ...], home: Path | None) -> None:
    """把记为空白、分隔页或重复的页放回待处理。"""
    _decide(home, pages, "waiting", None, "放回待处理")


@scan.command()
@click.argument("document", metavar="文件编号", type=click.IntRange(1))
@click.option("--reason", required=True, metavar="原因", help="为什么作废，例如 归错了人")
@home_option
@json_option
def split(document: int, reason: str, home: Path | None, as_json: bool) -> None:
    """归错了的扫描件或附件：原文件作废，各页按页码重新归入，没有页码的放回待处理。"""
    from desk.cli._station import open_station
    from desk.cli.scan_cmds import received_data, show_received
    from desk.station.scanning.splitting import split as take_apart

    with open_station(home) as station:
        received = take_apart(station, document, reason, turn=queueing())
        if as_json:
            echo_json({"void": document, **received_data(station, received)})
        else:
            click.echo(f"文件 {document} 已作废。")
            show_received(station, received)


def _decide(home: Path | None, pages: tuple[int, ...], state: Any, reason: str | None, word: str) -> None:
    from desk.cli._station import open_station
    from desk.station.scanning.queue import decide

    with open_station(home) as station:
        decide(station, pages, state, reason)
    click.echo(f"{len(pages)} 页已{word}。")
