"""Waiting for one's turn: one window receives at a time, the next one queues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from archives.errors import StoreUnusable

LONGEST_WAIT: Final = 3600.0
"""Seconds: no file takes as long as that; a window that holds on longer hangs."""
_PAUSE: Final = 0.5


@dataclass
class Turn:
    """How to wait: ``tell`` says so once, ``pause`` waits so many seconds, ``clock`` is monotonic."""

    tell: Callable[[str], None]
    pause: Callable[[float], None]
    clock: Callable[[], float]
    _since: float | None = field(default=None, init=False)

    def wait(self) -> None:
        """Another window receives: wait a little.  Raises StoreUnusable when it does not come to an end."""
        if self._since is None:
            self._since = self.clock()
            self.tell("另一个窗口正在接收扫描件，排队等候……")
        elif self.clock() - self._since > LONGEST_WAIT:
            raise StoreUnusable(
                "另一个窗口一直在接收扫描件，没有再等。", hint="请看看那个窗口；文件原样保留，稍后再试。"
            )
        self.pause(_PAUSE)

    def come(self) -> None:
        """It is our turn."""
        self._since = None
