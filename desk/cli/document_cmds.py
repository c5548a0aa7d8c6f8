"""``kangdang document``: scans and attachments filed by hand, and what was issued."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, home_option, json_option, read_bytes
from desk.cli._duties import coded, purpose_option, show_rows

if TYPE_CHECKING:
    from archives.items.documents import DocumentFacts
    from archives.log.purposes import Purpose

_KINDS = {"scan": "签字扫描件", "attachment": "附件"}
_STATES = {"present": "在档", "void": "作废", "destroying": "正在销毁", "destroyed": "已销毁"}
_ALL_KINDS = {"issued": "打印件", **_KINDS}
_HEADINGS = {
    "id": "编号", "kind": "种类", "title": "题名", "copy": "份", "pages": "页数", "print_id": "打印编号",
    "at": "归入时间", "state": "状态", "sha256": "校验值",
    "programs": "提示",
}  # fmt: skip


@click.group(cls=Group)
def document() -> None:
    """文件：归入签字扫描件和附件，列出、导出。"""


@document.command()
@click.argument("path", metavar="文件")
@click.option("--record", metavar="件", help="归入哪一件：档号或 #编号")
@click.option("--file", metavar="档号", help="附件直接归入案卷")
@click.option(
    "--kind", default="scan", callback=coded(_KINDS), metavar="种类", help="、".join(_KINDS.values())
)
@click.option("--title", metavar="题名", help="附件的题名，不写姓名，例如 诊断证明复印件")
@click.option("--print-id", metavar="编号", help="是哪一份打印件的扫描；默认最近一次打印的第 1 份")
@click.option("--signed", is_flag=True, help="全部签字盖章齐全：这一件转为已签字")
@click.option(
    "--paper-pages", type=click.IntRange(1, 9999), metavar="页数", help="没有打印登记时，纸质原件的页数"
)
@click.option(
    "--with-programs", is_flag=True, help="文件里有程序（脚本、宏、内嵌文件等）也原样保存，并作标记"
)
@home_option
@json_option
def add(path: str, home: Path | None, as_json: bool, **how: Any) -> None:
    """归入 PDF、JPEG、PNG、TIFF；按内容识别并清点页数，原样加密保存。"""
    from desk.cli._station import open_station
    from desk.station.paper import Brought, file_paper
    from desk.station.programs import warning

    if how["title"] is not None and how["kind"] != "attachment":
        raise click.UsageError("--title 是附件的题名，与 --kind 附件 同用。")
    with open_station(home) as station:
        brought = Brought(
            read_bytes(path), how["kind"], how["record"], how["file"], how["print_id"], how["signed"],
            how["paper_pages"], how["with_programs"],
            how["title"],
        )  # fmt: skip
        filed = file_paper(station, brought)
    target = filed.file.number if filed.record is None else filed.record.ref_code or f"#{filed.record.id}"
    if as_json:
        echo_json({"document": filed.document, "record": target, "pages": filed.pages,
                   "media_type": filed.media_type, "sha256": filed.sha256, "print_id": filed.of_print,
                   "printed_pages": filed.printed_pages, "programs": filed.programs,
                   "state": filed.record.state if filed.record else None})  # fmt: skip
        return
    signed = "，已转为已签字" if how["signed"] else ""
    click.echo(f"已归入{_KINDS[how['kind']]} {filed.document}：{target}，{filed.pages} 页{signed}。")
    if filed.programs:
        click.echo(f"注意：{warning(filed.programs)}已作标记，导出时写明。", err=True)
    if filed.printed_pages is not None and filed.pages != filed.printed_pages:
        click.echo(f"注意：打印件 {filed.printed_pages} 页，这个文件 {filed.pages} 页。", err=True)


@document.command("list")
@click.argument("number", metavar="档号或件")
@purpose_option()
@home_option
@json_option
def list_command(number: str, purpose: Purpose | None, home: Path | None, as_json: bool) -> None:
    """列出一份档案或一件的打印件、扫描件、附件。"""
    from archives.items.programs import marked
    from desk.cli._station import open_station
    from desk.station.paper import papers

    with open_station(home) as station:
        told, titles = papers(station, number, purpose)
        with station.archive.looking(station.actor) as unit:
            marks = marked(unit, [one.id for one in told])
        rows = [_row(one, titles.get(one.id), marks.get(one.id, ()), whole=as_json) for one in told]
    show_rows(rows, _HEADINGS, "没有文件。", as_json=as_json)


def _row(one: DocumentFacts, title: str | None, programs: tuple[str, ...], *, whole: bool) -> dict[str, Any]:
    from desk.station.programs import named

    return {
        "programs": (list(programs) if whole else f"有程序：{named(programs)}") if programs else None,
        "id": one.id, "kind": _ALL_KINDS[one.kind], "title": title, "copy": one.copy, "pages": one.pages,
        "print_id": one.print_id, "at": one.at[:16], "state": _STATES[one.state],
        "sha256": one.sha256 if whole else one.sha256[:12], "record": one.record,
    }  # fmt: skip


@document.command()
@click.argument("number", metavar="编号", type=click.IntRange(1))
@click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), help="输出文件")
@purpose_option()
@home_option
@json_option
def export(number: int, out: Path, purpose: Purpose | None, home: Path | None, as_json: bool) -> None:
    """把一个文件原样写到硬盘（不加密）；整卷的加密导出用 kangdang export。"""
    from archives.items.written import Of
    from desk.cli._station import open_station
    from desk.station.handing_out import hand_out
    from desk.station.paper import read_paper
    from desk.station.programs import warning
    from generator.reading.programs import programs_in

    with open_station(home) as station:
        facts, content = read_paper(station, number, purpose)
        hand_out(station, "document.export", [Of(facts.file, facts.record)], {out: content})
    programs = programs_in(content).kinds
    if as_json:
        echo_json({"output": str(out), "pages": facts.pages, "sha256": facts.sha256, "programs": programs})
    else:
        click.echo(f"已写出 {out}（{facts.pages} 页）。")
        if programs:
            click.echo(f"注意：{warning(programs)}", err=True)


@document.command()
@click.argument("number", metavar="编号", type=click.IntRange(1))
@click.option("--reason", required=True, metavar="文字", help="作废原因，加密保存")
@home_option
def void(number: int, reason: str, home: Path | None) -> None:
    """作废归错的文件；它留在档案中，标为作废。"""
    from desk.cli._station import open_station
    from desk.station.paper import make_paper_void

    with open_station(home) as station:
        make_paper_void(station, number, reason)
    click.echo(f"已作废文件 {number}。")
