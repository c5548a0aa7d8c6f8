"""``kangdang scan``: signed paper comes home: receiving, batches, differences, separators."""

from __future__ import annotations

import time
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
)
from desk.cli._duties import purpose_option, show_rows

if TYPE_CHECKING:
    from archives.errors import ArchiveError
    from archives.log.purposes import Purpose
    from desk.station.opening import OpenStation
    from desk.station.scanning.inbox import Outcome
    from desk.station.scanning.receiving import Received
    from generator.errors import GeneratorError

_LEAST_PAUSE = 2.0


@click.group(cls=Group)
def scan() -> None:
    """扫描件：接收、处理、核对差异。"""


# --- receiving --------------------------------------------------------------------------------------------


@scan.command()
@click.argument("paths", metavar="文件…", nargs=-1, required=True, type=path_type())
@click.option("--keep", is_flag=True, help="收好之后原文件留在原处；不加时最后删除原文件")
@home_option
@json_option
def add(paths: tuple[Path, ...], keep: bool, home: Path | None, as_json: bool) -> None:
    """接收扫描文件（PDF、TIFF、JPEG、PNG）：逐页登记，能认出的归入个人档案，其余待处理。"""
    from archives.errors import ArchiveError, StoreUnusable
    from desk.cli._station import open_station
    from desk.station.scanning.receiving import receive
    from generator.errors import GeneratorError

    told, code = [], 0
    with open_station(home) as station:
        for path in paths:
            try:
                received = receive(station, path, keep=keep)
            except StoreUnusable:
                raise
            except (ArchiveError, GeneratorError) as error:
                code = code or error.exit_code
                told.append(_trouble(path.name, error, as_json=as_json))
                continue
            told.append(_received(station, path.name, received, kept=keep, as_json=as_json))
    if as_json:
        echo_json(told)
    if code:
        raise SystemExit(code)


@scan.command()
@click.argument("folder", metavar="文件夹", type=path_type(file_okay=False, exists=True))
@click.option("--once", is_flag=True, help="看两遍、收一次就结束，不一直守着")
@click.option("--every", default=10.0, metavar="秒", type=click.FloatRange(_LEAST_PAUSE), help="多久看一次")
@home_option
def watch(folder: Path, once: bool, every: float, home: Path | None) -> None:
    """守着收件文件夹：文件写完（两次看大小和时间都不变）就接收；出错的留在原处。按 Ctrl+C 结束。"""
    from desk.cli._station import open_station
    from desk.station.scanning.inbox import Inbox

    inbox = Inbox(folder)
    inbox.still()
    while True:
        time.sleep(_LEAST_PAUSE if once else every)
        with open_station(home) as station:  # each look: the session ends when nobody is there
            taken = inbox.take(station, lambda one: _outcome(station, one))
        if once:
            click.echo(f"接收了 {taken} 个文件。")
            return


def _outcome(station: OpenStation, one: Outcome) -> None:
    if one.received is not None:
        _received(station, one.name, one.received, kept=False, as_json=False)
    elif one.error is not None:
        _trouble(one.name, one.error, as_json=False)


def _trouble(name: str, error: ArchiveError | GeneratorError, *, as_json: bool) -> dict[str, Any]:
    if not as_json:
        click.echo(f"{name}：", err=True)
        show_error(error, type(error).__name__, error.exit_code, as_json=False)
    return {"file": name, "error": error.message, "hint": error.hint}


def _received(
    station: OpenStation, name: str, received: Received, *, kept: bool, as_json: bool
) -> dict[str, Any]:
    from desk.station.scanning.queue import after_receiving

    after = after_receiving(station, received)
    if not as_json:
        click.echo(f"{name}：第 {received.batch.id} 批，{received.ledger.line()}")
        for filed in after.filed:
            asked = f"，{filed.questions} 处请核对" if filed.questions else ""
            click.echo(f"  已归档 {filed.where}，{filed.pages} 页{'，已签字' if filed.signed else ''}{asked}")
        for where, pages in after.missing:
            click.echo(f"  {where}：缺{_numbers(pages)}")
        for sentence, count in after.waiting:
            click.echo(f"  待处理 {count} 页：{sentence}")
        click.echo("  原文件留在原处。" if kept else "  原文件已删除，加密的副本在隔离区，结清 30 天后销毁。")
    ledger = received.ledger
    return {
        "file": name, "batch": received.batch.id, "pages": ledger.pages_in, "filed": ledger.filed,
        "waiting": ledger.waiting, "duplicate": ledger.duplicate, "blank": ledger.blank,
        "service": ledger.service, "rejected": ledger.rejected, "resumed": received.resumed,
        "documents": [
            {"document": one.document, "item": one.where, "pages": one.pages, "signed": one.signed,
             "questions": one.questions}
            for one in after.filed
        ],
        "missing": [{"item": where, "pages": list(pages)} for where, pages in after.missing],
        "reasons": dict(after.waiting),
    }  # fmt: skip


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
    from desk.station.scanning.queue import overview

    with open_station(home) as station:
        seen, asked = overview(station, batch), pending(station)
    if as_json:
        echo_json({
            "batches": [
                {"batch": one.id, "state": one.state, "received_at": one.received_at.isoformat(),
                 "gone_by": one.gone_by, "adds_up": one.ledger.adds_up, "line": one.ledger.line()}
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
        click.echo(f"第 {one.id} 批（{BATCH_NAMES[one.state]}{until}）：{one.ledger.line()}")
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
    from desk.output import write_output
    from desk.station.scanning.queue import take_original

    with open_station(home) as station:
        content = b"".join(take_original(station, batch))
    write_output(out, content)
    click.echo(f"已写出 {out}。文件没有加密，用完请删除。")


@scan.command()
@click.argument("batch", metavar="批号", type=click.IntRange(1))
@click.option("--execute", is_flag=True, help="真正销毁；不加时只说会销毁什么")
@home_option
def clear(batch: int, execute: bool, home: Path | None) -> None:
    """提前销毁一批的隔离副本和没有归档的页（空白、重复、退回）；账目保留。"""
    from desk.cli._station import open_station
    from desk.station.scanning.queue import clear_batch, overview

    with open_station(home) as station:
        if execute:
            clear_batch(station, batch)
            click.echo(f"第 {batch} 批已清除，账目保留。")
            return
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
def separator(
    number: str,
    pages: int,
    title: str,
    out: Path,
    fonts: str,
    extra_fonts: tuple[Path, ...],
    home: Path | None,
) -> None:
    """打印附件分隔页：扫描时放在附件前面，后面的页自动归入这份档案（这一件）。"""
    from desk.cli._station import open_station
    from desk.station.scanning.separating import make_separator

    with open_station(home) as station:
        made = make_separator(station, number, title, pages, font_set(fonts, extra_fonts), out)
    click.echo(f"已写出分隔页 {out}（打印编号 {made.print_id}），后面放 {pages} 页附件。")


# --- paper against record ---------------------------------------------------------------------------------


@scan.command()
@click.argument("document", metavar="[文件编号]", required=False, type=click.IntRange(1))
@click.option(
    "--cut-outs", type=path_type(file_okay=False), metavar="文件夹", help="把每一处的剪图写到文件夹"
)
@purpose_option()
@home_option
@json_option
def differences(
    document: int | None, cut_outs: Path | None, purpose: Purpose | None, home: Path | None, as_json: bool
) -> None:
    """纸上与档案不同、或没有把握的地方；不给编号时列出有待核对的扫描件。"""
    from desk.cli._station import open_station
    from desk.station.scanning import differences as spine

    with open_station(home) as station:
        if document is None:
            waiting = [
                {"document": one.document, "item": one.item, "questions": one.questions}
                for one in spine.pending(station)
            ]
        else:
            told = spine.differences(station, document, purpose)
            pictures = spine.cut_outs(station, document, told) if cut_outs is not None else {}
    if document is None:
        headings = {"document": "文件", "item": "文书", "questions": "待核对"}
        show_rows(waiting, headings, "没有待核对的扫描件。", as_json=as_json)
        return
    if cut_outs is not None:
        from desk.output import make_folder, write_together

        make_folder(cut_outs)
        write_together({cut_outs / f"{number}.png": content for number, content in pictures.items()})
    rows = [
        {"question": one.question.id, "page": one.question.page, "kind": one.question.kind,
         "sentence": one.sentence}
        for one in told
    ]  # fmt: skip
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        click.echo(f"{row['question']}  {row['sentence']}")
    if rows:
        click.echo("以纸为准：scan answer 编号 --paper；以档案为准：scan answer 编号 --record。")
    else:
        click.echo("没有待核对的地方。")


@scan.command()
@click.argument("question", metavar="编号", type=click.IntRange(1))
@click.option("--paper", "holds", flag_value="paper", help="以纸为准：随后用 record revise 更正档案")
@click.option("--record", "holds", flag_value="record", help="以档案为准：纸上没有改动，是看错了")
@home_option
def answer(question: int, holds: str | None, home: Path | None) -> None:
    """处理一处差异。签名处：--paper 表示确已签字。"""
    from desk.cli._station import open_station
    from desk.station.scanning.differences import answer as settle

    if holds is None:
        raise click.UsageError("请说明以什么为准：--paper 或 --record，二者选一。")
    with open_station(home) as station:
        signed = settle(station, question, holds)  # type: ignore[arg-type]  # one of the two flags
    click.echo(f"第 {question} 处已处理{'，这一件转为已签字' if signed else ''}。")
    if holds == "paper" and not signed:
        click.echo("档案中的答案还没有改；请用 kangdang record revise 更正并写明原因。")


@scan.command()
@click.argument("document", metavar="文件编号", type=click.IntRange(1))
@home_option
def confirm(document: int, home: Path | None) -> None:
    """人工确认：这份扫描件上的签名齐全。"""
    from desk.cli._station import open_station
    from desk.station.scanning.differences import confirm_signed

    with open_station(home) as station:
        signed = confirm_signed(station, document)
    click.echo(f"文件 {document} 的签名已确认{'，这一件转为已签字' if signed else ''}。")


@scan.command()
@click.argument("document", metavar="文件编号", type=click.IntRange(1))
@click.option(
    "--cut-outs", type=path_type(file_okay=False), metavar="文件夹", help="把每一处的剪图写到文件夹"
)
@purpose_option()
@home_option
@json_option
def written(
    document: int, cut_outs: Path | None, purpose: Purpose | None, home: Path | None, as_json: bool
) -> None:
    """辨认手写在空栏里的字（需要文字识别组件），只作参考，不写入档案。"""
    from desk.cli._station import open_station
    from desk.station.scanning.written import written_on

    with open_station(home) as station:
        found = written_on(station, document, purpose=purpose)
    if cut_outs is not None:
        from desk.output import make_folder, write_together

        make_folder(cut_outs)
        write_together({cut_outs / f"{number}.png": one.picture for number, one in enumerate(found, start=1)})
    rows = [
        {"number": number, "page": one.page, "pointer": one.pointer, "label": one.label, "text": one.text,
         "confidence": round(one.confidence, 2)}
        for number, one in enumerate(found, start=1)
    ]  # fmt: skip
    headings = {"number": "序", "page": "页", "label": "栏目", "text": "辨认的文字"}
    show_rows(rows, headings, "没有在空栏里读到手写的字。", as_json=as_json)


from desk.cli import scan_queue_cmds  # noqa: E402 - it adds its commands to the group above

__all__ = ["scan", "scan_queue_cmds"]
