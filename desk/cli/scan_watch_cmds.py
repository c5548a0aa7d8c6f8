"""``kangdang scan watch``: a folder the scanner writes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli import _pace
from desk.cli._chinese import path_type
from desk.cli._common import home_option, show_error
from desk.cli.scan_cmds import scan, shown_name, told_received, trouble

if TYPE_CHECKING:
    from archives.errors import ArchiveError
    from desk.station.opening import OpenStation
    from desk.station.scanning.inbox import Inbox, Outcome

_LEAST_PAUSE = 2.0


@scan.command()
@click.argument("folder", metavar="文件夹", type=path_type(file_okay=False, exists=True))
@click.option("--once", is_flag=True, help="把现在的文件等到写完、收一次就结束，不一直守着")
@click.option("--every", default=10.0, metavar="秒", type=click.FloatRange(_LEAST_PAUSE), help="多久看一次")
@home_option
def watch(folder: Path, once: bool, every: float, home: Path | None) -> None:
    """守着收件文件夹：文件写完、没有程序开着才接收；出错的留在原处。按 Ctrl+C 结束。"""
    from desk.cli._station import open_station
    from desk.station.scanning.inbox import Inbox
    from desk.station.scanning.stillness import UNFINISHED_WAIT

    inbox = Inbox(folder, _pace.PACE.clock)
    with open_station(home) as station:
        station.allow("scan.add")
        inbox.still()
        inbox.tend(station, _pace.queueing())
    watching, pause = _Watching(folder, home, once=once), _LEAST_PAUSE if once else every
    last = _pace.PACE.clock() + UNFINISHED_WAIT + 2 * pause
    # Ends: watching goes on until a person stops it; once, when nothing is left or the longest wait is over.
    while True:
        _pace.PACE.pause(pause)
        watching.look(inbox)
        left = inbox.unsettled()
        if once and (not left or _pace.PACE.clock() > last):
            click.echo(f"接收了 {watching.taken} 个文件。")
            if left:
                click.echo(f"还没写完、没有接收：{left} 个。")
            return


class _Watching:
    """One look after the other; trouble that stays the same is told once."""

    def __init__(self, folder: Path, home: Path | None, *, once: bool) -> None:
        self.folder, self.home, self.once, self.taken = folder, home, once, 0
        self._gone: str | None = None

    def look(self, inbox: Inbox) -> None:
        """Look into the folder; receive what is whole."""
        from archives.errors import InputRefused, StoreUnusable
        from desk.cli._station import open_station

        try:
            found = inbox.still()
        except InputRefused as error:
            self._trouble(error, again=self._gone == error.message)
            self._gone = error.message  # a share or a stick may come back
            return
        self._gone = None
        for name in inbox.newly_held():
            click.echo(f"{shown_name(name)}：还被其他程序打开着，等它写完、关闭以后接收。", err=True)
        if not found:  # looking into a folder keeps nobody logged in, receiving does
            return
        with open_station(self.home) as station:
            try:
                self.taken += inbox.take(station, lambda one: _tell(station, one), found, _pace.queueing())
            except StoreUnusable as error:
                self._trouble(error, again=False)

    def _trouble(self, error: ArchiveError, *, again: bool) -> None:
        if self.once:
            raise error
        if not again:
            show_error(error, type(error).__name__, error.exit_code, as_json=False)


def _tell(station: OpenStation, one: Outcome) -> None:
    if one.received is not None:
        where = "原文件在“正在接收”里，这一批结清后删除" if one.lies_aside else "原文件已删除"
        told_received(station, one.name, one.received, where)
        if one.whole_of is not None:
            click.echo(f"  第 {one.whole_of} 批是这个文件没写完时接收的，完整的是这一批。")
    elif one.error is not None:
        trouble(one.name, one.error, as_json=False)
