"""A kangdang that is started already: every command is a fork of one process that has its modules loaded.

The hundred commands of the manual take seconds and not a minute.  Each has the arguments, folder, variables
and streams of the shell that called it, and a process of its own, as the installed program has; that a cold
start works is shown where the README is run, and by the wheel.  POSIX only.

``python -m tests.contracts.warm SOCKET`` serves until its input ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CLIENT = """#!{python} -ISs
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = [os.getcwd(), dict(os.environ), sys.argv[1:]]
socket.send_fds(server, [json.dumps(call).encode("utf-8", "surrogateescape") + b"\\n"], [0, 1, 2])
server.shutdown(socket.SHUT_WR)
sys.exit(int(server.recv(16)))
"""


@contextlib.contextmanager
def warm(folder: Path) -> Iterator[str]:
    """The text of a program ``kangdang`` that asks a warm process, which ends with this context."""
    address = str(folder / "s")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KANGDANG_", "XDG_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contracts.warm", address],
        cwd=ROOT, env={**clean, "PYTHONUTF8": "1"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield CLIENT.format(python=sys.executable, address=address)
        server.stdin.close()


def load() -> None:
    """Every module of the product, and what each process would read anew."""
    for room in ("generator", "archives", "desk"):
        for found in pkgutil.walk_packages([str(ROOT / room)], f"{room}."):
            if "migrations" not in found.name:
                importlib.import_module(found.name)
    from generator.forms.catalogue import list_forms
    from generator.typeset.fonts import bundled_fonts

    list_forms(), bundled_fonts()
    gc.collect()
    gc.freeze()


def _stretch_quickly() -> None:
    """Passwords with the least work: what the product takes is asked by the tests of keys."""
    from archives.keys import wrapping

    real = wrapping.hash_secret_raw

    def quick(secret: bytes, salt: bytes, _passes: int, _memory: int, _lanes: int, *rest: Any) -> bytes:
        return real(secret, salt, 1, 8, 1, *rest)

    wrapping.hash_secret_raw = quick


def _serve(address: str) -> None:
    load()
    _stretch_quickly()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    print("ready", flush=True)
    while True:
        asked, _, _ = select.select([listening, 0], [], [])
        if 0 in asked:  # nothing is ever written there: it has ended
            return
        connection, _ = listening.accept()
        if not os.fork():
            os.close(0)
            listening.close()
            _answer(connection)
        connection.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _answer(connection: socket.socket) -> None:
    """One call: the command in a process of its own, its exit code to who asked."""
    said, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while not said.endswith(b"\n"):
        said += connection.recv(1 << 20)
    folder, environment, arguments = json.loads(said.decode("utf-8", "surrogateescape"))
    child = os.fork()
    if not child:
        connection.close()
        _run(streams, folder, environment, arguments)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _run(streams: list[int], folder: str, environment: dict[str, str], arguments: list[str]) -> None:
    """Never returns: ends as the program does."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # lives as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["kangdang", *arguments]
    code = 70
    try:
        from desk.cli.main import main

        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    finally:
        for file in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                file.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
