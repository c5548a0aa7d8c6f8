"""A terminal for an interview: reads lines, writes lines, opens the editor.  Knows nothing of forms."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from generator.errors import OutputUnwritable


class Terminal(Protocol):
    """What an interview needs of a screen."""

    def write(self, line: str) -> None:
        """Show one line."""

    def read(self, prompt: str) -> str:
        """One typed line.  Raises EOFError at the end of input, KeyboardInterrupt on Ctrl-C."""

    def edit(self, path: Path) -> bool:
        """Let the person edit a text file; False when there is no editor."""


class Console:
    """The terminal of this process."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> None:
        self._write = write
        self._environment = environment
        _prepare_line_editing()

    def write(self, line: str) -> None:
        """Show one line on standard output."""
        self._write(line)

    def read(self, prompt: str) -> str:
        """One typed line; bytes that are no text come back as lone surrogates, which checking refuses."""
        try:
            return input(prompt)
        except UnicodeDecodeError:
            return "\udc80"

    def edit(self, path: Path) -> bool:
        """Run the user's editor ($VISUAL, $EDITOR, Notepad on Windows) and wait for it."""
        command = editor_command(self._environment, sys.platform)
        if command is None:
            return False
        try:
            subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the user's own editor
        except OSError as error:
            raise OutputUnwritable(
                f"无法打开编辑器 {command[0]}。", hint="请检查环境变量 VISUAL、EDITOR，或直接逐行输入。"
            ) from error
        return True


def editor_command(environment: Mapping[str, str], platform: str) -> list[str] | None:
    """The editor's command line; None when none is set and the system has no usual one."""
    chosen = environment.get("VISUAL") or environment.get("EDITOR")
    if chosen:
        return shlex.split(chosen, posix=platform != "win32")
    return ["notepad"] if platform == "win32" else None


def _prepare_line_editing() -> None:
    # Without readline the system cuts a typed or pasted line after 4,096 bytes (1,365 Chinese characters)
    # and says nothing.
    if not sys.stdin.isatty():
        return
    try:
        import readline
    except ImportError:  # Windows reads whole lines by itself
        return
    if sys.platform != "win32":
        # One person's answers must not come back with the arrow keys, and Tab must not offer file names.
        readline.set_auto_history(False)
        readline.parse_and_bind("set disable-completion on")
