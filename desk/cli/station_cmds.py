"""``kangdang station settings``: the settings in force, and accepting a change of station.json."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from desk.cli import _station
from desk.cli._chinese import Command, Group
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option


@click.group(cls=Group)
def station() -> None:
    """站点设置：settings show 查看，settings accept 确认 station.json 的改动。"""


@station.group(cls=Group)
def settings() -> None:
    """决定档号、期限和安全的设置：show 查看，accept 确认改动。"""


@settings.command(cls=Command)
@home_option
@json_option
def show(home: Path | None, as_json: bool) -> int:
    """列出已确认的设置；station.json 里与之不同的逐项标出。"""
    from archives.keeping.accepted import NAMES
    from desk.station.station_settings import settings_of

    with _station.open_station(home) as opened:
        opened.allow("station.settings")
        rows, files = settings_of(opened)
    if as_json:
        echo_json({"settings": [asdict(one) for one in rows], "changed_files": list(files)})
    else:
        for one in rows:
            more = "" if one.same else f"    station.json 中是 {one.given}，未确认"
            click.echo(f"{NAMES[one.member]}（{one.member}）：{one.in_force}{more}")
        for name in files:
            click.echo(f"文件 {name} 在上次确认之后改动过、新增或不见了。")
    return 0 if all(one.same for one in rows) else EXIT_FINDINGS


@settings.command(cls=Command)
@home_option
def accept(home: Path | None) -> None:
    """确认 station.json 和本站文件现在的内容：从此按它办理，并记入日志。"""
    from archives.keeping.accepted import shown
    from desk.station.station_settings import accept_settings

    with _station.open_station(home) as opened:
        changed = accept_settings(opened)
    click.echo(
        f"已确认{shown(changed)}，从现在起按 station.json 办理。" if changed else "已确认，设置没有改动。"
    )
