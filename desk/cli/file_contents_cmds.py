"""``kangdang file complete`` and ``file catalogue``: what a file lacks, and its cover, contents and note."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    font_set,
    home_option,
    json_option,
    problem_line,
    station_home,
)
from desk.cli._duties import coded, purpose_option

if TYPE_CHECKING:
    from desk.station.catalogue import Catalogue
    from desk.station.completeness import Completeness
    from desk.station.volume_contents import LeftOut

_TRACKS = {"sw": "个案工作", "inst": "机构康复", "both": "两者"}
track_option = click.option(
    "--track", callback=coded(_TRACKS), metavar="方式", help="个案工作、机构康复、两者；默认按已有文书判断"
)


@click.command(cls=Command)
@click.argument("number", metavar="档号")
@track_option
@purpose_option()
@home_option
@json_option
def complete(number: str, home: Path | None, as_json: bool, **how: Any) -> int:
    """核对资料是否齐全（000 4.7.3.1、5.4.1，002 五(三)），逐项说明缺什么。"""
    from desk.cli._station import open_station
    from desk.station.files import completeness

    with open_station(home) as station:
        one, told = completeness(station, number, how["track"], how["purpose"])
    if as_json:
        echo_json(_completeness_json(one.number, told))
    else:
        _show_completeness(one.number, told)
    return 0 if told.complete else EXIT_FINDINGS


def _completeness_json(number: str, told: Completeness) -> dict[str, Any]:
    return {
        "number": number, "track": told.track, "complete": told.complete,
        "lists": [
            {"title": section.title, "clause": section.clause,
             "items": [{"title": line.title, "answer": line.answer, "lacking": line.lacking}
                       for line in section.lines]}
            for section in told.sections
        ],
        "missing": [line.sentence for line in told.missing],
        "drafts": [item.number for item in told.drafts],
        "unsigned": [item.number for item in told.unsigned],
    }  # fmt: skip


def _show_completeness(number: str, told: Completeness) -> None:
    for section in told.sections:
        click.echo(f"{section.title}（{section.clause}）")
        for line in section.lines:
            click.echo(f"　{line.answer}　{line.title}")
    for line in told.missing:
        click.echo(f"{line.sentence}。", err=True)
    for item in told.drafts:
        click.echo(f"还是草稿：{item.number} {item.title}。", err=True)
    for item in told.unsigned:
        click.echo(f"未见签字扫描件：{item.number} {item.title}。", err=True)
    click.echo(f"档案 {number} {'资料齐全。' if told.complete else '资料不齐全。'}")


def _reasons(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        name, mark, why = value.replace("＝", "=").partition("=")
        if not mark or not name.strip() or not why.strip():
            raise click.BadParameter(f"“{value}”应写成 资料名称=原因。", ctx, param)
        found[name.strip()] = why.strip()
    return found


@click.command(cls=Command)
@click.argument("number", metavar="档号")
@click.option("-o", "--output", "out", required=True, type=path_type(file_okay=False), help="输出文件夹")
@click.option("--situation", metavar="文字", help="本卷情况说明（缺损、修改、移出等）；给出时印卷内备考表")
@click.option("--checker", metavar="账号", help="检查人的账号，须为立卷人以外的人")
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    callback=_reasons,
    metavar="资料=原因",
    help="缺少的资料及原因，可多次给出；未签字的写 未签字=原因，没有列入目录的写 未列入目录=原因",
)
@click.option(
    "--photos", type=click.IntRange(0, 9999), default=0, show_default=True, metavar="张", help="照片张数"
)
@click.option(
    "--discs", type=click.IntRange(0, 999), default=0, show_default=True, metavar="张", help="光盘张数"
)
@click.option("--filing-no", metavar="编号", help="归档号")
@track_option
@home_option
@json_option
def catalogue(number: str, out: Path, home: Path | None, as_json: bool, **how: Any) -> int:
    """编目：按卷内实有文书印档案封面、卷内文件目录；给出 --situation 时再印卷内备考表。"""
    from archives.duties.staff import staff_of_login
    from desk.cli._station import open_station
    from desk.station.catalogue import print_catalogue
    from desk.station.issuing import Look
    from desk.station.volume_contents import Told
    from generator.render import PrintOptions

    if (how["situation"] is None) != (how["checker"] is None):
        raise click.UsageError("印卷内备考表须同时给出 --situation 和 --checker。")
    with open_station(home) as station:
        told = None
        if how["situation"] is not None:
            with station.archive.looking(station.actor) as unit:
                checker = staff_of_login(unit, how["checker"])
            told = Told(how["situation"], checker, how["reasons"], how["photos"], how["discs"],
                        how["filing_no"], how["track"])  # fmt: skip
        made = print_catalogue(
            station,
            number,
            told,
            Look(PrintOptions(station_home(home).captions), font_set("bundled", ())),
            out,
        )
    if as_json:
        echo_json(_catalogue_json(made))
    else:
        _show_catalogue(made)
    unexplained = made.contents.unexplained if told is not None else ()
    return EXIT_FINDINGS if made.reports or unexplained else 0


def _catalogue_json(made: Catalogue) -> dict[str, Any]:
    return {
        "number": made.contents.file.number, "items": len(made.contents.rows),
        "pages": made.contents.pages, "written": [str(path) for path in made.written],
        "left_out": [{"title": one.title, "reason": one.reason} for one in made.contents.left_out],
        "unexplained": [one.named for one in made.contents.unexplained],
        "problems": {form: report.to_dict() for form, report in made.reports.items()},
    }  # fmt: skip


def _cure(made: Catalogue, left: LeftOut) -> str:
    """What is to be done about a paper that is not in the contents; nothing where its reason was given."""
    if made.contents.file.state != "open" or left.lack not in made.contents.unexplained:
        return ""
    if left.why == "draft":
        return "请先用 kangdang record revise 定稿，或用 kangdang record void 作废。"
    way = "请用 kangdang record issue 打印；" if left.why == "unprinted" else ""
    return f"{way}不补的，备考表须写明原因，用 --reason {left.title}=原因。"


def _show_catalogue(made: Catalogue) -> None:
    for path in made.written:
        click.echo(f"已生成 {path}")
    click.echo(f"卷内共 {len(made.contents.rows)} 件 {made.contents.pages} 页。")
    for left in made.contents.left_out:
        click.echo(f"未列入目录：{left.title}（{left.reason}）。{_cure(made, left)}", err=True)
    if made.note is not None:
        click.echo("备考表请由立卷人、检查人签字，扫描归入后再归档：没有签字的，移交时不受理。")
    for report in made.reports.values():
        for problem in report.errors:
            click.echo(problem_line(problem), err=True)
    if made.contents.file.state != "open":
        return
    for one in made.contents.unexplained:
        if one.lack == "missing":
            click.echo(f"缺少{one.title}：备考表须写明原因，用 --reason {one.title}=原因。", err=True)
    unsigned = [one.title for one in made.contents.unexplained if one.lack == "unsigned"]
    if unsigned:
        names = "、".join(unsigned)
        click.echo(
            f"未见签字 {len(unsigned)} 件：{names}。备考表须写明原因，用 --reason 未签字=原因。", err=True
        )
