"""``kangdang check``: is everything there, does it open, is it what was registered."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archives.errors import DateUnconfirmed
from desk.cli._chinese import Command, path_type
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option
from desk.cli._station import open_station

if TYPE_CHECKING:
    from archives.keeping.check import CheckReport

_UNFINISHED = 75
"""As CheckFailed."""


@click.command(cls=Command)
@home_option
@click.option("--limit", type=click.IntRange(1), metavar="件数", help="这一次最多检查多少件内容；下次接着查")
@click.option("--sweep", "sweeping", is_flag=True, help="删除半个月以前留下的无主密钥和文件")
@click.option(
    "--anchor", "anchors", multiple=True, type=path_type(exists=True, dir_okay=False),
    help="站外保存的封签凭证，可多次给出",
)  # fmt: skip
@json_option
def check(
    home: Path | None, limit: int | None, sweeping: bool, anchors: tuple[Path, ...], as_json: bool
) -> int:
    """全面检查：每个文件、每份文书能否打开并与登记相符，编号、日志、密钥是否完好。"""
    from archives.keeping.check import check as run_check
    from archives.log.anchor import read_anchors

    kept = [anchor for path in anchors for anchor in read_anchors(path.read_bytes())]
    with open_station(home) as station:
        station.allow("station.check")
        report = run_check(
            station.archive, station.layout, station.actor, station.master, anchors=kept, limit=limit,
            sweeping=sweeping, progress=_silent if as_json else _progress,
        )  # fmt: skip
    if as_json:
        echo_json(_data(report))
    else:
        _show(report)
    if not report.finished:
        return _UNFINISHED
    return EXIT_FINDINGS if report.findings else 0


def _silent(_what: str, _count: int) -> None:
    return


def _progress(what: str, count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K正在检查 {what} {count or ''}", nl=False, err=True)


def _show(report: CheckReport) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    for found in report.findings:
        click.echo(f"问题 {found.sentence}")
    click.echo("本次检查：" + "、".join(f"{name} {count}" for name, count in report.checked.items()) + "。")
    if report.swept:
        click.echo(f"已清除无主的密钥和文件 {report.swept} 个。")
    elif len(report.orphans):
        click.echo(f"说明：有 {len(report.orphans)} 个无主的密钥或文件，无害；可用 --sweep 清除。")
    for remark in report.remarks:
        click.echo(f"说明：{remark}")
    if report.unconfirmed:
        click.echo(f"提醒 {report.unconfirmed}{DateUnconfirmed.default_hint}没有查找无主的密钥和文件。")
    if not report.finished:
        click.echo("检查没有完成，不能当作通过；请再次运行 kangdang check 接着检查。")
    elif report.findings:
        click.echo(f"检查完成：发现 {len(report.findings)} 处问题。请保留现场，不要清理文件，并从备份核对。")
    else:
        click.echo("检查完成：没有发现问题。")


def _data(report: CheckReport) -> dict[str, Any]:
    return {
        "started": report.started,
        "finished": report.finished,
        "findings": [
            {"kind": found.kind, "place": found.place, "sentence": found.sentence}
            for found in report.findings
        ],
        "checked": report.checked,
        "counts": report.counts,
        "orphans": {"keys": len(report.orphans.keys), "blobs": len(report.orphans.blobs),
                    "half_written": len(report.orphans.half_written)},
        "swept": report.swept,
        "remarks": list(report.remarks),
        "date_confirmed": not report.unconfirmed,
    }  # fmt: skip
