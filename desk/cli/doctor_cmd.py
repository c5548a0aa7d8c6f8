"""``kangdang doctor``: what is there, what is missing, what to do."""

from __future__ import annotations

from pathlib import Path

import click

from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option, station_home


@click.command()
@home_option
@json_option
def doctor(home: Path | None, as_json: bool) -> int:
    """检查这台电脑上的康档是否齐全。"""
    from desk.probes import examine

    results = examine(station_home(home))
    if as_json:
        echo_json([{"name": r.name, "state": r.state, "detail": r.detail, "cure": r.cure} for r in results])
    else:
        for result in results:
            word = {"ok": "正常", "note": "说明", "bad": "缺失"}[result.state]
            click.echo(f"{word}  {result.name}：{result.detail}")
            if result.cure:
                click.echo(f"      办法：{result.cure}")
    return EXIT_FINDINGS if any(result.state == "bad" for result in results) else 0
