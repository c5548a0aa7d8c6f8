"""One process with a module loaded that runs its ``main`` again and again, each time in a fork of its own.

For tests that need many processes (to kill them, to see them start where another died): a fork starts in a
hundredth of the time, and what it shares with the others was loaded before any of them began.  POSIX only.

``python -m tests.forked MODULE`` reads lines of JSON, the words for ``main``, and answers each with
``[code, output, errors]``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]


class Ended(NamedTuple):
    """How one run ended: the exit code (minus the signal that ended it), what it printed."""

    code: int
    out: str
    err: str


@contextlib.contextmanager
def forked(module: str) -> Iterator[Callable[..., Ended]]:
    """Call ``main`` of the module in forks of one process, which ends with this context."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.forked", module],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    ) as server:  # fmt: skip

        def run(*words: object) -> Ended:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps([str(word) for word in words]) + "\n")
            server.stdin.flush()
            return Ended(*json.loads(server.stdout.readline()))

        yield run
        assert server.stdin is not None
        server.stdin.close()


def _serve(main: Callable[..., Any]) -> None:
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                _run(main, json.loads(line), out.fileno(), err.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told = [_text(out), _text(err)]
        print(json.dumps([code, *told]), flush=True)


def _text(file: Any) -> str:
    file.seek(0)
    text: str = file.read().decode("utf-8", "replace")
    return text


def _run(main: Callable[..., Any], words: list[str], out: int, err: int) -> None:
    os.dup2(out, 1)
    os.dup2(err, 2)
    code = 0
    try:
        main(*words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # whatever it is, the one who asked is told
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(importlib.import_module(sys.argv[1]).main)
