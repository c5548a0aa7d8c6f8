"""``kangdang doctor``: what is there, what is missing, what to do."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from desk.cli._chinese import Command
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option


@click.command(cls=Command)
@home_option
@json_option
def doctor(home: Path | None, as_json: bool) -> int:
    """检查程序是否齐全；给出站点时，也检查站点：权限、密钥、备份、人员、待办。"""
    from archives.settings import SETTINGS
    from desk.home import StationHome
    from desk.probes import examine

    results = examine(StationHome(home))
    if home is not None and (home / SETTINGS).exists():
        import secrets

        from desk.cli._station import station_now
        from desk.station.doctor import examine_station

        results += examine_station(home, station_now, secrets.token_bytes)
    if as_json:
        echo_json([asdict(result) for result in results])
    else:
        for result in results:
            word = {"ok": "正常", "note": "说明", "bad": "缺失"}[result.state]
            click.echo(f"{word}  {result.name}：{result.detail}")
            if result.cure:
                click.echo(f"      办法：{result.cure}")
    return EXIT_FINDINGS if any(result.state == "bad" for result in results) else 0
