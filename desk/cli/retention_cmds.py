"""``kangdang retention``: what may go and why, what falls due, the schedule and its approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, home_option, json_option, read_bytes
from desk.cli._duties import Day, confirmed_hash, confirmed_word, known_word, paged, say, show_rows

if TYPE_CHECKING:
    from archives.retention.decision import Decision
    from desk.station.opening import OpenStation
    from desk.station.schedule_page import SchedulePage

STATUSES: Final[Mapping[str, str]] = {
    "permanent": "永久", "held": "冻结", "running": "在办", "undated": "未定", "retained": "保管",
    "eligible": "到期",
}  # fmt: skip
_FIRST: Final = {word: at for at, word in enumerate(("到期", "未定", "冻结", "在办", "保管", "永久"))}
"""What asks for an act stands first."""
_SHOWN: Final = {"ref": "档号", "title": "题名", "status": "状态", "sentence": "说明"}


@click.group(cls=Group)
def retention() -> None:
    """保管期限：每件为什么留、何时可以提出鉴定；保管期限表的提交和批准。"""


@retention.command()
@click.option("--at", type=Day(), metavar="日期", help="按哪一天计算，默认今天")
@click.option("--status", type=click.Choice(list(STATUSES)), help="只列一种状态，如 eligible 到期")
@click.option("-o", "--output", "out", type=path_type(dir_okay=False), help="写成 .xlsx 或 .csv 文件")
@json_option
@home_option
def plan(at: date | None, status: str | None, out: Path | None, as_json: bool, home: Path | None) -> None:
    """到期计划：逐件列出保管到哪一天、有无冻结、为什么留或可以走，到期的在前。不改动任何内容。"""
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("retention.plan")
        doubt = _doubt(station, at)
        rows = _planned(station, at, status)
        if out is not None:
            from desk.station.handing_out import hand_out
            from desk.station.plan_file import plan_file

            hand_out(station, "retention.plan", [], {out: plan_file(out, rows)})
    if as_json:
        echo_json(rows)
        return
    if out is None:
        show_rows(rows, _SHOWN, "没有这样的件。", as_json=False)
    counts = Counter(row["status"] for row in rows)
    told = "，".join(f"{word} {counts[word]} 件" for word in STATUSES.values() if counts[word])
    click.echo(f"共 {len(rows)} 件{'：' + told if told else ''}。" + (f"已写入 {out}。" if out else ""))
    _mark(doubt)


def _planned(station: OpenStation, at: date | None, status: str | None) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from archives.disposal.plan import plan as planned
    from archives.store.tables import records

    with station.archive.looking(station.actor) as unit:
        titles = {row.id: row.title for row in unit.execute(select(records.c.id, records.c.title))}
        rows = [
            _row(decision, item.ref or f"#{item.key}", titles[int(item.key)])
            for item, decision in planned(unit, at or unit.settled)
            if status is None or decision.status == status
        ]
    _log(station, at, len(rows))
    return sorted(
        rows, key=lambda row: (_FIRST[row["status"]], row["eligible_on"] or row["held_through"] or "")
    )


def _doubt(station: OpenStation, at: date | None) -> str:
    """That the date the list counts by is unconfirmed, in a sentence; empty when a day was given."""
    from archives.clock.reference import sentence

    with station.archive.looking(station.actor) as unit:
        return "" if at is not None or unit.confirmed else sentence(unit.reckoned)


def _mark(doubt: str) -> None:
    if doubt:
        click.echo(f"日期未确认：{doubt}以上按上次确认的日期列出，仅供参考。", err=True)


def _row(decision: Decision, ref: str, title: str | None = None) -> dict[str, Any]:
    from archives.retention.schedule import CLASSES

    days = {
        name: day.isoformat() if (day := getattr(decision, name)) else None
        for name in ("start_on", "held_through", "eligible_on")
    }
    kept = CLASSES[decision.retention_class] if decision.retention_class else None
    return {
        "ref": ref, "title": title, "class": kept, "status": STATUSES[decision.status], **days,
        "sentence": decision.sentence,
    }  # fmt: skip


def _log(station: OpenStation, at: date | None, rows: int) -> None:
    with station.acting("retention.plan") as unit:
        unit.log("retention.plan", "station:1", detail={"on": (at or unit.today).isoformat(), "rows": rows})


@retention.command()
@click.option(
    "--months", metavar="月数", type=click.IntRange(1, 120), default=12, show_default=True, help="今后几个月"
)
@click.option("--at", type=Day(), metavar="日期", help="从哪一天算起，默认今天")
@json_option
@home_option
def due(months: int, at: date | None, as_json: bool, home: Path | None) -> None:
    """今后几个月内保管期满的件，最早的在前；冻结的也列出。"""
    from archives.disposal.plan import falling_due
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("retention.plan")
        doubt = _doubt(station, at)
        with station.archive.looking(station.actor) as unit:
            decisions = falling_due(unit, at or unit.settled, months)
            known = _known(unit, [int(decision.key) for decision in decisions])
        rows = [_row(decision, *known[int(decision.key)]) for decision in decisions]
        _log(station, at, len(rows))
    headings = {"eligible_on": "可提出鉴定日", **_SHOWN}
    show_rows(rows, headings, f"今后 {months} 个月没有到期的件。", as_json=as_json)
    _mark(doubt)


def _known(unit: Any, ids: list[int]) -> dict[int, tuple[str, str | None]]:
    """Number and title of each record."""
    from sqlalchemy import select

    from archives.store.tables import records

    found: dict[int, tuple[str, str | None]] = {}
    for start in range(0, len(ids), 500):
        query = select(records.c.id, records.c.ref_code, records.c.title)
        query = query.where(records.c.id.in_(ids[start : start + 500]))
        found |= {row.id: (row.ref_code or f"#{row.id}", row.title) for row in unit.execute(query)}
    return found


@retention.group(cls=Group)
def schedule() -> None:
    """保管期限表：由档案员提交，机构负责人核对后批准。"""


@schedule.command()
@click.argument("file", metavar="文件", required=False)
@json_option
@home_option
def propose(file: str | None, as_json: bool, home: Path | None) -> None:
    """提交一版保管期限表（JSON）；不给文件时提交随软件附带的那一版。"""
    from archives.disposal.schedules import propose_schedule
    from desk.cli._station import open_station
    from generator.resources import data_dir

    raw = read_bytes(file) if file else (data_dir("schemas") / "retention.json").read_bytes()
    with open_station(home) as station:
        station.allow("schedule.propose")
        with station.acting("schedule.propose") as unit:
            version = propose_schedule(unit, raw)
    told = {"version": version.version, "rules": len(version.rules), "sha256": version.sha256}
    say(
        f"已提交保管期限表 {version.version} 版，{len(version.rules)} 条规则，校验值 {version.sha256}。\n"
        f"请机构负责人看过全文后批准：kangdang retention schedule approve {version.version}",
        told, as_json=as_json,
    )  # fmt: skip


@schedule.command()
@click.argument("version", metavar="版本", required=False)
@click.option("-o", "--output", "out", type=path_type(dir_okay=False), help="全文写成文本文件")
@json_option
@home_option
def show(version: str | None, out: Path | None, as_json: bool, home: Path | None) -> None:
    """列出各版保管期限表，哪一版有效；给出版本时显示全文和与现行版的不同。"""
    from archives.disposal.schedules import all_schedules
    from desk.cli._station import open_station
    from desk.station.schedule_page import schedule_page

    if out is not None and version is None:
        raise click.UsageError("写出全文时请指定版本。")
    with open_station(home) as station:
        station.allow("retention.plan")
        if version is None:
            with station.archive.looking(station.actor) as unit:
                rows = all_schedules(unit)
        else:
            page = schedule_page(station, version)
    if version is not None:
        _show_page(page, out, as_json=as_json)
        return
    headings = {"version": "版本", "state": "状态", "approved_on": "批准日期", "sha256": "校验值"}
    show_rows(rows, headings, "还没有提交过保管期限表。", as_json=as_json)


def _show_page(page: SchedulePage, out: Path | None, *, as_json: bool) -> None:
    if out is not None:
        from desk.output import write_output

        write_output(out, ("\n".join(page.lines) + "\n").encode("utf-8-sig"), plain="nobody")
    if as_json:
        echo_json({"version": page.schedule.version, "sha256": page.schedule.sha256,
                   "changes": page.changes, "lines": page.lines})  # fmt: skip
    elif out is None:
        paged(page.lines)
    else:
        for line in page.changes:
            click.echo(line)
        click.echo(f"已写出 {out}，共 {len(page.lines)} 行。")


@schedule.command()
@click.argument("version", metavar="版本")
@click.option("--word", metavar="批准", help="看过全文，输入“批准”二字，不给时会询问")
@click.option("--sha256", "prefix", metavar="前8位", help="所看全文的校验值前 8 位，给了就核对")
@json_option
@home_option
def approve(version: str, word: str | None, prefix: str | None, as_json: bool, home: Path | None) -> None:
    """批准一版保管期限表，使它生效（机构负责人；不能批准自己提交的）。先显示全文和与现行版的不同。"""
    from archives.disposal.schedules import approve_schedule, require_approvable
    from desk.cli._station import open_station
    from desk.station.attempting import attempting
    from desk.station.schedule_page import schedule_page

    with open_station(home) as station:
        station.allow("schedule.approve")
        with attempting(station, "schedule.approve", "station:1"):
            with station.archive.looking(station.actor) as unit:
                require_approvable(unit, version)
            known_word("批准", word)
            page = schedule_page(station, version)
            if prefix is not None:
                confirmed_hash(page.schedule.sha256, prefix)
            if not as_json:
                paged(page.lines)
            confirmed_word("批准", word)
            with station.acting("schedule.approve") as unit:
                approve_schedule(unit, version, page.schedule.sha256)
    told = {"version": version, "sha256": page.schedule.sha256, "changes": page.changes}
    say(f"保管期限表 {version} 版已批准，即日生效。", told, as_json=as_json)
