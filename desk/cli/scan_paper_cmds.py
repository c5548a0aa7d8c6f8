"""``kangdang scan differences`` and its kin: what the paper says against what the record says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import path_type
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import purpose_option, say, show_rows
from desk.cli.scan_cmds import scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archives.log.purposes import Purpose
    from desk.station.opening import OpenStation


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
            if cut_outs is not None:
                pictures = spine.cut_outs(station, document, told)
                _put_out(station, document, cut_outs, pictures)
    if document is None:
        headings = {"document": "文件", "item": "文书", "questions": "待核对"}
        show_rows(waiting, headings, "没有待核对的扫描件。", as_json=as_json)
        return
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


def _put_out(station: OpenStation, document: int, folder: Path, pictures: Mapping[int, bytes]) -> None:
    from archives.items.written import of_document
    from desk.output import make_folder
    from desk.station.handing_out import hand_out

    make_folder(folder)
    with station.archive.looking(station.actor) as unit:
        concerned = of_document(unit, document)
    files = {folder / f"{number}.png": content for number, content in pictures.items()}
    hand_out(station, "scan.cutouts", [concerned], files)


@scan.command()
@click.argument("question", metavar="编号", type=click.IntRange(1))
@click.option("--paper", "holds", flag_value="paper", help="以纸为准：随后用 record revise 更正档案")
@click.option("--record", "holds", flag_value="record", help="以档案为准：纸上没有改动，是看错了")
@home_option
@json_option
def answer(question: int, holds: str | None, home: Path | None, as_json: bool) -> None:
    """处理一处差异。签名处：--paper 表示确已签字。"""
    from desk.cli._station import open_station
    from desk.station.scanning.differences import answer as settle

    if holds is None:
        raise click.UsageError("请说明以什么为准：--paper 或 --record，二者选一。")
    with open_station(home) as station:
        signed = settle(station, question, holds)  # type: ignore[arg-type]  # one of the two flags
    sentence = f"第 {question} 处已处理{'，这一件转为已签字' if signed else ''}。"
    say(sentence, {"question": question, "holds": holds, "signed": signed}, as_json=as_json)
    if not as_json and holds == "paper" and not signed:
        click.echo("档案中的答案还没有改；请用 kangdang record revise 更正并写明原因。")


@scan.command()
@click.argument("document", metavar="文件编号", type=click.IntRange(1))
@home_option
@json_option
def confirm(document: int, home: Path | None, as_json: bool) -> None:
    """人工确认：这份扫描件上的签名齐全。"""
    from desk.cli._station import open_station
    from desk.station.scanning.differences import confirm_signed

    with open_station(home) as station:
        signed = confirm_signed(station, document)
    sentence = f"文件 {document} 的签名已确认{'，这一件转为已签字' if signed else ''}。"
    say(sentence, {"document": document, "signed": signed}, as_json=as_json)


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
            pictures = {number: one.picture for number, one in enumerate(found, start=1)}
            _put_out(station, document, cut_outs, pictures)
    rows = [
        {"number": number, "page": one.page, "pointer": one.pointer, "label": one.label, "text": one.text,
         "confidence": round(one.confidence, 2)}
        for number, one in enumerate(found, start=1)
    ]  # fmt: skip
    headings = {"number": "序", "page": "页", "label": "栏目", "text": "辨认的文字"}
    show_rows(rows, headings, "没有在空栏里读到手写的字。", as_json=as_json)
