"""Taking a file into pages in a process of its own, with limits of time and memory.

    receiving ── starts ──► child: pages_of ── header, stream; header, stream; … ──► receiving

A file made to fill the memory, to take hours or to break the reader ends the child, and nothing else.  The
child is given no key and writes nothing.  What it sends is a header of JSON and a stream, never a program.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from generator.errors import GeneratorError, ScanTooLarge, ScanUnusable
from generator.reading.container import MAX_STREAM_BYTES, BadPage, SourcePage, pages_of
from generator.reading.programs import programs_in_file

PATIENCE: Final = 60.0
"""Seconds for one page; a page of a copier takes a fiftieth of one."""
FIRST_PATIENCE: Final = 240.0
"""Until the first page: a file of four gigabytes is looked through before."""
MEMORY: Final = 3 * 2**29
"""Bytes of address space of the child, beyond the file itself.  Windows has no such limit."""
_LENGTH: Final = struct.Struct(">I")
_MOST_HEADER: Final = 100_000
_MOST_STREAM: Final = 4 * MAX_STREAM_BYTES
"""A page drawn without loss may be larger than a stream of a file."""
_ROOT: Final = Path(__file__).parents[3]
_CODE: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    "from desk.station.scanning.apart import child; child(sys.argv[1])"
)
_ERRORS: Final = {"ScanUnusable": ScanUnusable, "ScanTooLarge": ScanTooLarge}


class Apart(NamedTuple):
    """A file in its child: the kinds of programs it holds, and its pages."""

    programs: tuple[str, ...]
    pages: Iterator[SourcePage | BadPage]


@contextmanager
def pages_apart(path: Path) -> Iterator[Apart]:
    """The pages of a file as ``pages_of`` gives them; the child ends with the block.

    Taking a page raises what ``pages_of`` raises, and ScanUnusable when the child was ended or broke down.
    """
    # -P: the folder somebody happens to be in is no place to look for programs.
    command = [sys.executable, "-P", "-c", _CODE, str(_ROOT), str(path.absolute())]
    with tempfile.TemporaryFile() as said:  # the child hears its decoders there; it goes with the block
        process = subprocess.Popen(  # noqa: S603 - this very program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            header, _ = _heard(process, process.stdout, FIRST_PATIENCE)
            yield Apart(tuple(header["found"]), _received(process, process.stdout))
        finally:
            process.kill()
            process.stdout.close()
            process.wait()


def _received(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> Iterator[SourcePage | BadPage]:
    patience = FIRST_PATIENCE
    # Ends: the reader says at most MAX_PAGES pages and is stopped when it is silent.
    while True:
        header, stream = _heard(process, pipe, patience)
        patience = PATIENCE
        if header["kind"] == "end":
            return
        yield _page(header, stream)


def _heard(
    process: subprocess.Popen[bytes], pipe: IO[bytes], patience: float
) -> tuple[dict[str, Any], bytes]:
    """The next message, waited for so long; a child that stays silent is ended."""
    watch = threading.Timer(patience, process.kill)
    watch.start()
    try:
        return _message(pipe)
    finally:
        watch.cancel()


def _message(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next header and its stream.  Raises ScanUnusable when the child ended before the file did."""
    length = _exactly(pipe, _LENGTH.size)
    header: dict[str, Any] = json.loads(_exactly(pipe, min(_LENGTH.unpack(length)[0], _MOST_HEADER)))
    return header, _exactly(pipe, min(int(header.get("bytes", 0)), _MOST_STREAM))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise ScanUnusable(
            "文件读到这里时出了故障，或用时、内存超过上限，不像扫描件。",
            hint="请在扫描仪上重新扫描成 PDF 后再试；文件原样保留。",
        )
    return content


def _page(header: dict[str, Any], stream: bytes) -> SourcePage | BadPage:
    if header["kind"] == "page":
        dpi = tuple(header["dpi"]) if header["dpi"] else None
        return SourcePage(
            header["number"], stream, header["type"], header["width"], header["height"], dpi, header["turn"],
            header["doubt"],
        )  # fmt: skip
    if header["kind"] == "bad":
        return BadPage(header["number"], header["reason"])
    raise _ERRORS.get(header["error"], ScanUnusable)(header["reason"], hint=header["hint"])


# --- the child --------------------------------------------------------------------------------------------


def child(path: str) -> None:
    """Send the pages of a file to standard output."""
    out = sys.stdout.buffer
    with contextlib.suppress(BrokenPipeError):
        _limit(path)
        # What could not be read is no reason to refuse a scan: its pages are taken as pictures.
        _send(out, {"kind": "programs", "found": list(programs_in_file(Path(path)).kinds)})
        try:
            for page in pages_of(Path(path)):
                _send_page(out, page)
            _send(out, {"kind": "end"})
        except GeneratorError as error:
            name = type(error).__name__
            _send(out, {"kind": "error", "error": name, "reason": error.message, "hint": error.hint})
        out.flush()
    os._exit(0)  # nothing to tidy up, and a reader that was led astray may not want to end


def _send_page(out: IO[bytes], page: SourcePage | BadPage) -> None:
    if isinstance(page, BadPage):
        _send(out, {"kind": "bad", "number": page.number, "reason": page.reason})
        return
    header = {
        "kind": "page", "number": page.number, "type": page.media_type, "width": page.width,
        "height": page.height, "dpi": page.dpi, "turn": page.rotation, "doubt": page.doubt,
        "bytes": len(page.stream),
    }  # fmt: skip
    _send(out, header, page.stream)


def _send(out: IO[bytes], header: dict[str, Any], stream: bytes = b"") -> None:
    raw = json.dumps(header, ensure_ascii=False).encode()
    out.write(_LENGTH.pack(len(raw)) + raw)
    out.write(stream)
    out.flush()


def _limit(path: str) -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):  # a smaller limit stands already
            most = MEMORY + Path(path).stat().st_size  # the file is looked through where it lies
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a picture of a person is not left in a dump
