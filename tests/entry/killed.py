"""Runs ``kangdang fill`` and kills itself at the n-th write: ``python -m tests.entry.killed N fill …``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

POINTS = ("os.open", "os.fsync", "Path.replace", "Path.unlink", "os.fdopen")


def kill_at(point: int) -> None:
    """Let the process die, as by ``kill -9``, just before its ``point``-th write call."""
    count = 0

    def counted(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    os.open, os.fsync, os.fdopen = counted(os.open), counted(os.fsync), counted(os.fdopen)  # type: ignore[assignment]
    Path.replace, Path.unlink = counted(Path.replace), counted(Path.unlink)  # type: ignore[method-assign]


if __name__ == "__main__":
    from desk.cli.main import main

    kill_at(int(sys.argv[1]))
    main(sys.argv[2:])
