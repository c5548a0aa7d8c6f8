"""The command in a real pseudo-terminal."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix")
ROOT = Path(__file__).parents[2]


class Pty:
    """A child on its own terminal."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        import pty
        import subprocess

        self.master, slave = pty.openpty()
        program = "from desk.cli.main import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "xterm", **environment},
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        # A terminal echoes byte by byte; a character may come in three reads.
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def interrupt(self, answer: str) -> None:
        """Press Ctrl-C as a person does: again when nothing happens.

        Python's readline can swallow one that comes in the instant of a keystroke.
        """
        for _ in range(20):
            os.write(self.master, b"\x03")
            with contextlib.suppress(AssertionError):
                self.until(answer, 2)
                return
        raise AssertionError(f"no answer to Ctrl-C: {self.seen[-400:]}")

    def until(self, text: str, seconds: float = 120) -> str:
        import select

        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"never saw {text!r}: {self.seen[-400:]}"
            try:
                self.seen += self._decode(os.read(self.master, 65536))
            except OSError:
                raise AssertionError(f"ended before {text!r}: {self.seen[-400:]}") from None
        found, self.seen = self.seen.split(text, 1)
        return found

    def type(self, line: str) -> None:
        data = line.encode() + b"\r"
        while data:  # a terminal takes a few kilobytes at a time and echoes them
            import select

            readable, writable, _ = select.select([self.master], [self.master], [], 120)
            if readable:
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
            if writable:
                data = data[os.write(self.master, data[:512]) :]

    def end(self) -> int:
        code = self.process.wait(120)
        os.close(self.master)
        return code


def draft(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "x.draft.json").read_text(encoding="utf-8"))
    return found


def test_chinese_questions_and_the_prompt(tmp_path: Path) -> None:
    screen = Pty(tmp_path, "fill", "application_b", "-o", "x.json")
    screen.until("[1/")
    screen.until("> ")
    screen.type("SQ-2026-0001")
    screen.until("申请日期")
    screen.until("> ")
    screen.type("２０２６年３月５日")
    screen.until("负责社工")
    screen.until("> ")
    screen.type("!")
    screen.until("已保存到草稿")
    assert screen.end() == 1
    assert draft(tmp_path)["answers"] == {"application_no": "SQ-2026-0001", "application_date": "2026-03-05"}


def test_ctrl_c_keeps_every_answer(tmp_path: Path) -> None:
    screen = Pty(tmp_path, "fill", "application_b", "-o", "x.json")
    screen.until("> ")
    screen.type("SQ-2026-0001")
    screen.until("申请日期")
    screen.until("> ")
    os.write(screen.master, "打了一半".encode())
    screen.until("一半")
    screen.interrupt("已保存到草稿")
    assert screen.end() == 1
    assert draft(tmp_path)["answers"] == {"application_no": "SQ-2026-0001"}


def test_a_closed_window_keeps_every_answer(tmp_path: Path) -> None:
    screen = Pty(tmp_path, "fill", "application_b", "-o", "x.json")
    screen.until("> ")
    screen.type("SQ-2026-0001")
    screen.until("申请日期")
    os.close(screen.master)  # the terminal is gone; the system sends SIGHUP
    assert screen.process.wait(20) in (1, -signal.SIGHUP)
    assert draft(tmp_path)["answers"] == {"application_no": "SQ-2026-0001"}


def test_a_long_pasted_line_arrives_whole(tmp_path: Path) -> None:
    """A plain terminal line ends after 4,096 bytes without a word; ours does not."""
    screen = Pty(tmp_path, "fill", "application_b", "-o", "x.json")
    screen.until("> ")
    screen.type("=")
    screen.until("> ")
    for _ in range(2):
        screen.type("-")
        screen.until("> ")
    (tmp_path / "x.draft.json").read_text(encoding="utf-8")
    text = "样例长文" * 1500
    screen.type(text)
    screen.until("请改正")
    screen.type("!")
    screen.until("已保存到草稿")
    screen.end()
    assert draft(tmp_path)["answers"] == {"responsible_worker": text}


def test_a_long_text_in_the_editor(tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nprintf '第一段\\n第二段\\n' > \"$1\"\n", encoding="utf-8")
    editor.chmod(0o755)
    start = {"form": "application_b", "version": 1, "level": "final", "answers": {},
             "position": "/client_needs", "reviewing": False, "lines": [], "origins": {},
             "replaces": None, "saved_at": "", "format": "kangdang-draft-1"}  # fmt: skip
    (tmp_path / "x.draft.json").write_text(json.dumps(start), encoding="utf-8")
    screen = Pty(tmp_path, "fill", "application_b", "-o", "x.json", VISUAL=str(editor))
    screen.until("> ")
    screen.type("e")
    screen.until("跟进")
    screen.type("!")
    screen.until("已保存到草稿")
    screen.end()
    assert draft(tmp_path)["answers"] == {"client_needs": "第一段\n第二段"}
    assert not (tmp_path / "x.edit.txt").exists()
