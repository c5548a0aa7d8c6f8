"""What a batch has done already: ``.kangdang-batch/`` in the output folder.

``batch.json`` holds the seed of the print ids; ``done.jsonl`` one line for each finished row: its key, and
its files with size and hash.  A line is written after its files are on the disk; a line cut off by a kill is
no line.  Neither file holds a name or an answer.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from archives.system_words import reason
from desk.batch.work import TEMPORARY, Made
from desk.entry.durable import write_whole
from generator.errors import OutputUnwritable

FOLDER = ".kangdang-batch"


def open_seed(out: Path, fresh: bytes) -> bytes:
    """The seed of the folder's batch; ``fresh`` becomes it when there is none."""
    path = out / FOLDER / "batch.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        seed = bytes.fromhex(json.loads(path.read_bytes())["seed"])
        if len(seed) >= 16:
            return seed
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(f"无法建立文件夹 {path.parent}：{reason(error)}。") from error
    write_whole(path, json.dumps({"format": "kangdang-batch-1", "seed": fresh.hex()}).encode())
    return fresh


class Ledger:
    """The rows finished so far, by key.  A context manager; only the main process writes."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out / FOLDER / "done.jsonl"
        self._done: dict[str, Made] = {}
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Ledger:
        """Read what is there and open it for more."""
        for made in self._read():
            self._done[made.key] = made
        try:
            # Written anew whole: what a kill cut off must not stand in front of the next line.
            write_whole(self._path, b"".join(map(_line, self._done.values())))
            self._stream = self._path.open("ab")
        except OSError as error:
            raise OutputUnwritable(f"无法写入文件 {self._path}：{reason(error)}。") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()

    def find(self, key: str) -> Made | None:
        """The finished row of that key, when all its files are still there in their size."""
        made = self._done.get(key)
        if made is None:
            return None
        for name, (size, _) in made.files.items():
            try:
                if (self._out / name).stat().st_size != size:
                    return None
            except OSError:
                return None
        return made

    def add(self, made: Made) -> None:
        """Note a row whose files are on the disk."""
        assert self._stream is not None  # noqa: S101 - the context manager opened it
        self._stream.write(_line(made))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._done[made.key] = made

    def _read(self) -> Iterator[Made]:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return
        for line in raw.split(b"\n"):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                yield _made(line)


def _line(made: Made) -> bytes:
    content = {
        "key": made.key,
        "stem": made.stem,
        "files": {name: list(known) for name, known in made.files.items()},
        "print_ids": list(made.print_ids),
        "pages": made.pages,
        "documents": made.documents,
        "notes": list(made.notes),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _made(line: bytes) -> Made:
    content = json.loads(line)
    return Made(
        row=0,
        stem=str(content["stem"]),
        key=str(content["key"]),
        files={str(name): (int(size), str(digest)) for name, (size, digest) in content["files"].items()},
        print_ids=tuple(content["print_ids"]),
        pages=int(content["pages"]),
        documents=int(content["documents"]),
        notes=tuple(content["notes"]),
    )


def sweep(out: Path) -> None:
    """Remove the unfinished files of a killed run."""
    for path in out.glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            path.unlink()
