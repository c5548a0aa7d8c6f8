"""``kangdang clock``: is today's date confirmed, and confirming it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import Day


@click.group(cls=Group)
def clock() -> None:
    """日期：查看今天的日期是否已确认；由档案员或系统管理员确认。"""


@clock.command()
@home_option
@json_option
def show(home: Path | None, as_json: bool) -> None:
    """电脑显示的日期、上次确认的日期，以及今天的日期是否算数。"""
    from desk.cli._station import open_station
    from desk.station.clock import clock_facts

    with open_station(home) as station:
        facts = clock_facts(station)
    if as_json:
        echo_json({
            "reading": facts.reading.isoformat(), "confirmed": facts.confirmed,
            "last_confirmed": facts.last.isoformat() if facts.last is not None else None,
        })  # fmt: skip
        return
    click.echo(f"电脑显示 {facts.reading:%Y-%m-%d %H:%M}。")
    if facts.last is not None:
        click.echo(f"上次确认 {facts.last:%Y-%m-%d %H:%M}。")
    click.echo(facts.told)


@clock.command()
@click.argument("day", metavar="[今天的日期]", type=Day(), required=False)
@home_option
@json_option
def confirm(day: date | None, home: Path | None, as_json: bool) -> None:
    """确认今天的日期（档案员、系统管理员）：请看日历或手机，不要照抄电脑；电脑的日期不对时先校正。"""
    from desk.cli._station import open_station
    from desk.station.clock import clock_facts, confirm_date

    with open_station(home) as station:
        station.allow("clock.confirm")
        facts = clock_facts(station)
    if day is None:
        if not sys.stdin.isatty():  # nobody is there to look at a calendar
            raise click.UsageError("请写明今天的日期，例如 kangdang clock confirm 2026-11-23。")
        click.echo(facts.told, err=True)
        day = click.prompt("今天是哪一天（如 2026-11-23）", type=Day())
    with open_station(home) as station:
        changed = confirm_date(station, day)
    if as_json:
        echo_json({"day": day.isoformat(), "changed": changed})
        return
    click.echo(
        f"已确认今天是 {day}，已记入日志。" if changed else f"今天的日期 {day} 已经确认过，不必再确认。"
    )
