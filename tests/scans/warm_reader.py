"""The process that takes a file into pages, begun as a fork of one that has its modules loaded.

    receiving ── path, streams ──► server ── fork ──► one for each file ── fork ──► child of ``apart``

Each file has a process of its own with its limits, as in the product, that can be killed; it begins in a
hundredth of the time.  That the real program begins is shown where this is not used.  POSIX only.

``python -m tests.scans.warm_reader SOCKET`` serves until its input ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO

from desk.station.scanning import apart

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def warm_reader() -> Iterator[SimpleNamespace]:
    """What takes the place of ``subprocess`` in ``apart``."""
    with (
        tempfile.TemporaryDirectory(prefix="kangdang-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "tests.scans.warm_reader", f"{folder}/s"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as server,
    ):  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"

        def begun(command: Sequence[str], *, stdin: int, stdout: int, stderr: IO[bytes]) -> Reader:
            assert (command[0], stdin, stdout) == (sys.executable, subprocess.DEVNULL, subprocess.PIPE)
            return Reader(f"{folder}/s", command[-1], stderr)

        yield SimpleNamespace(Popen=begun, DEVNULL=subprocess.DEVNULL, PIPE=subprocess.PIPE)
        server.stdin.close()


class Reader:
    """What ``apart`` needs of a process."""

    def __init__(self, address: str, path: str, said: IO[bytes]) -> None:
        self._asked = socket.socket(socket.AF_UNIX)
        self._asked.connect(address)
        pages, written = os.pipe()
        socket.send_fds(self._asked, [json.dumps(path).encode() + b"\n"], [written, said.fileno()])
        os.close(written)
        self.stdout = os.fdopen(pages, "rb")  # apart closes it
        self._pid: int | None = int(self._asked.recv(16))

    def kill(self) -> None:
        """As the real one: nothing when it was waited for."""
        if self._pid is not None:  # its number is nobody else's until it is waited for
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended."""
        self._asked.shutdown(socket.SHUT_WR)
        assert self._asked.recv(1) == b"."
        self._asked.close()
        self._pid = None


def _load() -> None:
    """All that taking a file into pages imports."""
    import cv2  # noqa: F401
    import numpy as np  # noqa: F401
    import pypdf  # noqa: F401
    import pypdfium2.raw  # noqa: F401
    from PIL import Image

    from generator.reading import container, pdf_pages, programs  # noqa: F401

    Image.init()


def _serve(address: str) -> None:
    _load()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    print("ready", flush=True)
    # Ends: its input ends with the tests.
    while True:
        asked, _, _ = select.select([listening, 0], [], [])
        if 0 in asked:
            return
        connection, _ = listening.accept()
        if not os.fork():
            listening.close()
            _one(connection)
        connection.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _one(connection: socket.socket) -> None:
    """One file; never returns."""
    said, streams, _, _ = socket.recv_fds(connection, 1 << 16, 2)
    child = os.fork()
    if not child:
        connection.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, stream in enumerate((nothing, *streams)):
            os.dup2(stream, number)
        os.closerange(3, 256)
        apart.child(json.loads(said))
    for stream in streams:
        os.close(stream)
    connection.sendall(str(child).encode())
    connection.recv(1)  # whoever asked waits, or is dead
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        connection.sendall(b".")
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])
