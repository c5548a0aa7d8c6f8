"""``kangdang log``: reading, sealing, anchoring, verifying and exporting the access log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from archives.log.purposes import Purpose
from desk.cli._chinese import Group, path_type
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option
from desk.cli._duties import Day, purpose_option

_out = click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False), help="输出文件")


@click.group(cls=Group)
def log() -> None:
    """访问日志：查看、封签、外存、核对、导出。"""


@log.command()
@click.option("--file", "number", metavar="档号", help="只看一卷")
@click.option("--from", "first", type=Day(), metavar="日期", help="起始日期")
@click.option("--to", "last", type=Day(), metavar="日期", help="截止日期")
@purpose_option()
@home_option
@json_option
def show(
    number: str | None, first: date | None, last: date | None, purpose: Purpose | None, home: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """查看日志（审计员）；查看本身也记入日志。

    每行说明谁、做了什么、哪份档案哪件文书、改了哪些项目。办理时写的理由是加密的，只有能打开该档案的人看得到（别人的个案另给
    --purpose）。
    """
    from desk.cli._station import open_station
    from desk.station.logbook import sentences, show

    with open_station(home) as station:
        station.allow("log.read")
        shown = show(station, number=number, first=first, last=last, purpose=purpose)
    if as_json:
        echo_json([{**asdict(line), "sentence": line.sentence} for line in shown.lines])
        return
    for sentence in sentences(shown.lines):
        click.echo(sentence)
    if shown.more:
        click.echo(f"只列出最近 {len(shown.lines)} 条，更早的请缩短起止日期查看。", err=True)


@log.command()
@home_option
@json_option
def seal(home: Path | None, as_json: bool) -> None:
    """封签：把到现在为止的日志封存签名（每天首次打开站点时也会自动封签）。"""
    from desk.cli._station import open_station
    from desk.station.logbook import seal

    with open_station(home) as station:
        station.allow("log.seal")
        made = seal(station)
    if as_json:
        echo_json({"seal": made.number if made else None})
    elif made is None:
        click.echo("上次封签以后没有新的事件。")
    else:
        click.echo(f"已作第 {made.number} 号封签，到此共 {made.count_events} 个事件。")


@log.command()
@_out
@home_option
@json_option
def anchor(out: Path, home: Path | None, as_json: bool) -> None:
    """外存：封签，并写出凭证文件和可打印的一行；请存到本站管理员改不到的地方。"""
    from desk.cli._station import open_station
    from desk.station.logbook import anchor

    with open_station(home) as station:
        station.allow("log.seal")
        newest, line = anchor(station, out)
    if as_json:
        echo_json({"seal": newest.number, "output": str(out), "line": line})
    else:
        click.echo(line)
        click.echo(f"已写出 {out}。请把文件或上面这一行打印件交机构负责人或主管单位保存。")


@log.command()
@click.option("--anchor", "anchors", multiple=True, type=path_type(dir_okay=False), metavar="文件",
              help="外存凭证（JSON 文件，或抄录的凭证行），可多次给出")  # fmt: skip
@home_option
@json_option
def verify(anchors: tuple[Path, ...], home: Path | None, as_json: bool) -> int:
    """核对全部日志；有问题时退出码为 1。"""
    from desk.cli._station import open_station
    from desk.station.logbook import verify

    with open_station(home) as station:
        station.allow("log.verify")
        report = verify(station, anchors)
    if as_json:
        echo_json(
            {"ok": report.ok, "events": report.events, "chains": report.chains, "seals": report.seals,
             "findings": [found.sentence for found in report.findings],
             "notes": [note.sentence for note in report.notes],
             "unanchored_since": report.unanchored_since, "unsealed": report.unsealed}
        )  # fmt: skip
    else:
        for sentence in report.sentences:
            click.echo(sentence)
    return 0 if report.ok else EXIT_FINDINGS


@log.command()
@_out
@home_option
@json_option
def export(out: Path, home: Path | None, as_json: bool) -> None:
    """导出全部日志，供外单位用 tools/verify_log.py 独立核对；其中没有姓名。"""
    from desk.cli._station import open_station
    from desk.station.logbook import export

    with open_station(home) as station:
        station.allow("log.export")
        counts = export(station, out)
    if as_json:
        echo_json({"output": str(out), "events": counts.events, "seals": counts.seals})
    else:
        click.echo(f"已导出 {out}：{counts.events} 个事件、{counts.seals} 个封签。")
