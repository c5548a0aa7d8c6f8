"""The package of an Excel workbook: its parts as bounded streams of XML elements.

Whatever is wrong with the bytes ends as one sentence.  Nothing is kept of an element that nobody asks for,
and no size that the file claims is believed: bytes, elements and texts are counted as they come.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from xml.parsers import expat

from generator.errors import DataUnreadable, GeneratorError

MAX_UNPACKED = 300_000_000
MAX_ELEMENTS = 5_000_000
"""Ten thousand people with a hundred and fifty cells each; they are read in about six seconds."""
MAX_TEXT = 1_000_000
"""Of one element.  A cell of Excel holds 32,767 characters."""
_BLOCK = 1 << 16
T = TypeVar("T")
_OLD = b"\xd0\xcf\x11\xe0"


class Damaged(Exception):
    """Something in the package is not as the format has it; no detail helps a user."""


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Any error of reading becomes the sentence that the file cannot be read."""
    try:
        yield
    except (GeneratorError, GeneratorExit):
        raise
    except Exception as error:
        # zipfile, zlib, expat and numbers each have their own errors for damage; all mean only that.
        raise unreadable(path) from error


def guarded_rows(path: Path, rows: Iterator[T]) -> Iterator[T]:
    """``rows``; only reading them is guarded, not what the caller does with one."""
    # Ends: the rows end.
    while True:
        with guarded(path):
            row = next(rows, None)
        if row is None:
            return
        yield row


def unreadable(path: Path) -> DataUnreadable:
    """The sentence for every kind of damage."""
    return DataUnreadable(
        f"名册 {path.name} 不是可以读取的 Excel 文件。",
        hint="请在 Excel 或 WPS 中打开，另存为 .xlsx 后再试。",
    )


def too_large() -> DataUnreadable:
    """The sentence for what nobody fills in by hand."""
    return DataUnreadable("名册展开后超过 300 MB。", hint="请只保留名册一页，删去空行，另存后再试。")


def check_kind(path: Path) -> None:
    """Raises DataUnreadable for the old format and for a password, which look alike."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == _OLD:
        raise DataUnreadable(
            f"名册 {path.name} 是旧版（.xls）或设了密码的 Excel 文件。",
            hint="请在 Excel 或 WPS 中去掉密码，另存为 .xlsx 后再试。",
        )


class Elements:
    """Elements of a part, given to handlers by local name; the namespace is Excel's or the strict one's."""

    def __init__(
        self,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str, str], None],
    ) -> None:
        self._start, self._end = start, end
        self._local: dict[str, str] = {}
        self._text: list[str] = []
        self._length = self._count = 0
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed
        parser.CharacterDataHandler = self._said
        # Excel writes none; entities are how a small file becomes a large one.
        parser.StartDoctypeDeclHandler = self._refuse
        self._parser = parser

    def feed(self, block: bytes, *, last: bool) -> None:
        """The next bytes."""
        self._parser.Parse(block, last)

    def _refuse(self, *declaration: object) -> None:
        raise Damaged

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise DataUnreadable("名册的内容太多，无法读取。", hint="请只保留要打印的人，另存后再试。")
        local = self._local.get(name)
        if local is None:
            if len(self._local) > 10_000:
                raise Damaged
            local = self._local[name] = name.rpartition("}")[2]
        self._text, self._length = [], 0
        self._start(local, attributes)

    def _closed(self, name: str) -> None:
        self._end(self._local[name], "".join(self._text))
        self._text, self._length = [], 0

    def _said(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise Damaged
        self._text.append(text)


def blocks(package: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bool]]:
    """(bytes, whether they are the last) of a part.  Raises DataUnreadable when it is too large."""
    taken = 0
    with package.open(part) as stream:
        block = stream.read(_BLOCK)
        # Ends: the part ends.
        while block:
            taken += len(block)
            if taken > MAX_UNPACKED:
                raise too_large()
            following = stream.read(_BLOCK)
            yield block, not following
            block = following


def walk(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str, str], None],
) -> None:
    """A whole part through the handlers."""
    elements = Elements(start, end)
    for block, last in blocks(package, part):
        elements.feed(block, last=last)
