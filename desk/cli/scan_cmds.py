"""``kangdang scan``: signed paper comes home: receiving, batches, separators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import (
    echo_json,
    font_options,
    font_set,
    home_option,
    json_option,
    show_error,
    visible,
)
from desk.cli._duties import say
from desk.cli._pace import queueing

if TYPE_CHECKING:
    from archives.errors import ArchiveError
    from desk.station.opening import OpenStation
    from desk.station.scanning.receiving import Received
    from generator.errors import GeneratorError


@click.group(cls=Group)
def scan() -> None:
    """扫描件：接收、处理、核对差异。"""


# --- receiving --------------------------------------------------------------------------------------------


@scan.command()
@click.argument("paths", metavar="文件…", nargs=-1, required=True, type=path_type())
@click.option("--keep", is_flag=True, help="收好之后原文件留在原处；不加时最后删除原文件")
@click.option("--with-programs", is_flag=True, help="文件里有程序也接收：页面存成图像，原文件在隔离区作标记")
@home_option
@json_option
def add(paths: tuple[Path, ...], keep: bool, with_programs: bool, home: Path | None, as_json: bool) -> int:
    """接收扫描文件（PDF、TIFF、JPEG、PNG）：逐页登记，能认出的归入个人档案，其余待处理。"""
    from archives.errors import ArchiveError, StoreUnusable
    from desk.cli._station import open_station
    from desk.station.scanning.receiving import receive
    from generator.errors import GeneratorError

    told, code = [], 0
    with open_station(home) as station:
        station.allow("scan.add")
        for path in paths:
            try:
                received = receive(station, path, keep=keep, turn=queueing(), with_programs=with_programs)
            except StoreUnusable:
                raise
            except (ArchiveError, GeneratorError) as error:
                code = code or error.exit_code
                told.append(trouble(path.name, error, as_json=as_json))
                continue
            if as_json:
                told.append({"file": path.name, **received_data(station, received)})
                continue
            told_received(station, path.name, received, "原文件留在原处" if path.exists() else "原文件已删除")
    if as_json:
        echo_json(told)
    return code


def trouble(name: str, error: ArchiveError | GeneratorError, *, as_json: bool) -> dict[str, Any]:
    """Say, or give as data, why a file was not received."""
    if not as_json:
        click.echo(f"{shown_name(name)}：", err=True)
        show_error(error, type(error).__name__, error.exit_code, as_json=False)
    return {"file": name, "error": error.message, "hint": error.hint}


def told_received(station: OpenStation, name: str, received: Received, where: str) -> None:
    """Say what came of a file, and where it is now (a sentence without its end)."""
    from archives.scans.batches import QUARANTINE_DAYS
    from desk.station.programs import warning

    click.echo(f"{shown_name(name)}：", nl=False)
    show_received(station, received)
    gone_by = received.batch.gone_by
    until = f"{gone_by} 销毁" if gone_by else f"这一批结清后 {QUARANTINE_DAYS} 天销毁"
    if received.ledger.blank:
        until = f"空白页看过以后，{until}"
    click.echo(f"  {where}；加密的副本在隔离区，{until}。")
    if received.programs:
        click.echo(f"  提醒 {warning(received.programs)}页面已存成图像；隔离区里的原文件已作标记。")
    if received.doubt:
        click.echo(f"  提醒 {received.doubt}")


def shown_name(name: str) -> str:
    """A file name as a terminal can show it."""
    return visible(name.replace("\n", "\r"))


def received_data(station: OpenStation, received: Received) -> dict[str, Any]:
    """What ``show_received`` shows, as data."""
    from desk.station.scanning.reception import after_receiving

    after, ledger = after_receiving(station, received), received.ledger
    return {
        "batch": received.batch.id, "pages": ledger.pages_in, "filed": ledger.filed,
        "waiting": ledger.waiting, "duplicate": ledger.duplicate, "blank": ledger.blank,
        "service": ledger.service, "rejected": ledger.rejected, "resumed": received.resumed,
        "doubt": received.doubt, "programs": received.programs,
        "documents": [
            {"document": one.document, "item": one.where, "pages": one.pages, "signed": one.signed,
             "questions": one.questions}
            for one in after.filed
        ],
        "missing": [{"item": where, "pages": list(pages)} for where, pages in after.missing],
        "reasons": dict(after.waiting),
    }  # fmt: skip


def show_received(station: OpenStation, received: Received) -> None:
    """The account of a batch, what was filed, what is missing, what waits and why."""
    from desk.station.scanning.reception import after_receiving

    after = after_receiving(station, received)
    click.echo(f"第 {received.batch.id} 批，{received.ledger.line()}")
    for filed in after.filed:
        asked = f"，{filed.questions} 处请核对" if filed.questions else ""
        signed = "，已签字" if filed.signed else ""
        click.echo(f"  已归档 {filed.where}，{filed.pages} 页{signed}{asked}（文件 {filed.document}）")
    for where, pages in after.missing:
        click.echo(f"  {where}：缺{_numbers(pages)}")
    for sentence, count in after.waiting:
        click.echo(f"  待处理 {count} 页：{sentence}")


def _numbers(pages: tuple[int, ...]) -> str:
    return "、".join(f"第{page}页" for page in pages)


# --- batches ----------------------------------------------------------------------------------------------


@scan.command()
@click.argument("batch", metavar="[批号]", required=False, type=click.IntRange(1))
@home_option
@json_option
def status(batch: int | None, home: Path | None, as_json: bool) -> None:
    """各批扫描件的账：每一页归到了哪里；哪些文书还缺页。"""
    from archives.scans.batches import BATCH_NAMES
    from desk.cli._station import open_station
    from desk.station.scanning.differences import pending
    from desk.station.scanning.queue import overview, unfinished

    with open_station(home) as station:
        seen, asked = overview(station, batch), pending(station)
    if as_json:
        echo_json({
            "batches": [
                {"batch": one.id, "state": one.state, "received_at": one.received_at.isoformat(),
                 "gone_by": one.gone_by, "whole_in": one.whole_in, "unseen_blanks": one.unseen,
                 "adds_up": one.ledger.adds_up, "line": one.ledger.line()}
                for one in seen.batches
            ],
            "missing": [{"item": where, "pages": list(one.missing)} for where, one in seen.missing],
            "questions": [
                {"document": one.document, "item": one.item, "questions": one.questions} for one in asked
            ],
        })  # fmt: skip
        return
    if not seen.batches:
        click.echo("还没有接收过扫描件。")
    for one in seen.batches:
        until = f"，副本保存至 {one.gone_by}" if one.gone_by and one.state == "balanced" else ""
        until += f"，{one.unseen} 页空白没有人看过" if one.unseen else ""
        click.echo(f"第 {one.id} 批（{BATCH_NAMES[one.state]}{until}）：{one.ledger.line()}")
        if one.whole_in is not None:
            click.echo(f"  {unfinished(one.whole_in)}。")
    for where, missing in seen.missing:
        click.echo(f"缺页：{where} 缺{_numbers(missing.missing)}")
    for asking in asked:
        click.echo(f"待核对：文件 {asking.document} {asking.item}，{asking.questions} 处")


@scan.command()
@click.argument("batch", metavar="批号", type=click.IntRange(1))
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), help="输出文件")
@home_option
def original(batch: int, out: Path, home: Path | None) -> None:
    """从隔离区取回接收时的原文件（只限档案员）；写出的文件没有加密。"""
    from desk.cli._station import open_station
    from desk.station.handing_out import hand_out_pages
    from desk.station.programs import warning
    from desk.station.scanning.incoming import take_original
    from generator.reading.programs import programs_in

    with open_station(home) as station:
        content = b"".join(take_original(station, batch))
        hand_out_pages(station, "scan.original", {out: content}, batch=batch)
    click.echo(f"已写出 {out}。")
    programs = programs_in(content).kinds
    if programs:
        click.echo(f"注意：{warning(programs)}", err=True)


@scan.command()
@click.argument("batch", metavar="批号", type=click.IntRange(1))
@click.option("--execute", is_flag=True, help="真正销毁；不加时只说会销毁什么")
@home_option
def clear(batch: int, execute: bool, home: Path | None) -> None:
    """提前销毁一批的隔离副本和没有归档的页（空白、重复、退回）；账目保留。"""
    from desk.cli._station import open_station
    from desk.station.scanning.incoming import clear_batch, clearable
    from desk.station.scanning.queue import overview

    with open_station(home) as station:
        if execute:
            clear_batch(station, batch)
            click.echo(f"第 {batch} 批已清除，账目保留。")
            return
        clearable(station, batch)
        (one,) = overview(station, batch).batches
    click.echo(f"第 {batch} 批：{one.ledger.line()}")
    click.echo("会销毁原文件的加密副本和没有归档的页。确认后加 --execute。")


@scan.command()
@click.argument("number", metavar="档号或件")
@click.option(
    "--pages",
    required=True,
    metavar="页数",
    type=click.IntRange(1, 99),
    help="后面跟几页附件（空白背面不算）",
)
@click.option("--title", required=True, metavar="题名", help="附件名称，不写姓名，例如 诊断证明复印件")
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), help="输出 PDF")
@font_options
@home_option
@json_option
def separator(
    number: str,
    pages: int,
    title: str,
    out: Path,
    fonts: str,
    extra_fonts: tuple[Path, ...],
    home: Path | None,
    as_json: bool,
) -> None:
    """打印附件分隔页：扫描时放在附件前面，后面的页自动归入这份档案（这一件）。"""
    from desk.cli._station import open_station
    from desk.station.scanning.separating import make_separator

    with open_station(home) as station:
        made = make_separator(station, number, title, pages, font_set(fonts, extra_fonts), out)
    sentence = f"已写出分隔页 {out}（打印编号 {made.print_id}），后面放 {pages} 页附件。"
    say(sentence, {"print_id": made.print_id, "pages": pages, "output": str(out)}, as_json=as_json)


# They add their commands to the group above.
from desk.cli import scan_blank_cmds, scan_paper_cmds, scan_queue_cmds, scan_watch_cmds  # noqa: E402

__all__ = ["scan", "scan_blank_cmds", "scan_paper_cmds", "scan_queue_cmds", "scan_watch_cmds"]
