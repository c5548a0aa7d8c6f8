"""``kangdang fill`` as a process behind pipes, answered by a Person."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.entry.person import MORE, PROMPT, Person

ROOT = Path(__file__).parents[2]


class Screen:
    """The process; ``until_prompt`` reads what it shows."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._rest = b""

    def until_prompt(self) -> tuple[str, str] | None:
        """(text, prompt), or None when the process has ended."""
        assert self.process.stdout is not None
        prompts = (PROMPT.encode(), MORE.encode())
        while True:
            for prompt in prompts:
                at = self._rest.find(b"\n" + prompt)
                if at >= 0 or self._rest.startswith(prompt):
                    at = max(at, 0)
                    shown = self._rest[: at + 1]
                    self._rest = self._rest[at + 1 + len(prompt) :] if at else self._rest[len(prompt) :]
                    return shown.decode(), prompt.decode()
            block = os.read(self.process.stdout.fileno(), 65536)
            if not block:
                return None
            self._rest += block

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self, *, kill: bool = False) -> int:
        if kill:
            self.process.kill()
        code = self.process.wait(20)
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        return code


def answer(screen: Screen, person: Person, limit: int | None = None) -> int:
    """Answer until the process ends, or ``limit`` lines have been typed; returns how many were."""
    typed = 0
    while typed != limit:
        shown = screen.until_prompt()
        if shown is None:
            break
        try:
            screen.type(person.decide(*shown))
        except BrokenPipeError:
            break
        typed += 1
    return typed
