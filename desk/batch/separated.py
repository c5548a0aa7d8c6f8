"""The rows of a CSV file, in whatever encoding and with whatever mark between cells Excel or WPS wrote it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from desk.batch.sheets import Line
from generator.errors import DataUnreadable

MAX_LINES = 1_048_576
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ENCODINGS = ("utf-8", "gb18030", "big5hkscs", "cp950", "utf-16-le", "utf-16-be")
_MARKS = (",", ";", "\t", "，", "；", "|")
_LOOKED_AT = 20
Known = Callable[[str], bool]


def lines(path: Path, known: Known) -> Iterator[Line]:
    """The rows that hold anything; ``known`` tells a heading.  Raises DataUnreadable."""
    content = decoded(path, known)
    mark, content = _mark(content, known)
    table = csv.reader(io.StringIO(content, newline=""), delimiter=mark, strict=True)
    number = 0
    try:
        for number, cells in enumerate(table, 1):
            if number > MAX_LINES:
                raise DataUnreadable(f"名册超过 {MAX_LINES} 行。", hint="请删去名册后面的空行，另存后再试。")
            filled = {at: cell for at, cell in enumerate(cells, 1) if cell.strip()}
            if filled:
                yield Line(number, filled)
    except csv.Error as error:
        raise DataUnreadable(
            f"名册 {path.name} 不是正确的 CSV：引号没有成对，或一格过长。",
            hint="请在 Excel 或 WPS 中另存为 .xlsx 后再试。",
        ) from error


def decoded(path: Path, known: Known) -> str:
    """The text of the file: by its mark, else as UTF-8, else in the encoding in which headings are found."""
    raw = path.read_bytes()
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                # Joined files have the mark twice.
                return raw.decode(encoding).lstrip("\ufeff")
            except UnicodeDecodeError:
                break
    texts: list[str] = []
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Without zeros UTF-8 is never something else by chance; with them it is UTF-16 without its mark.
        if encoding == "utf-8" and "\0" not in text:
            return text
        texts.append(text)
    if not texts:
        raise DataUnreadable(
            f"名册 {path.name} 的编码无法识别。",
            hint="请在 Excel 或 WPS 中另存为 .xlsx，或 UTF-8 编码的 CSV。",
        )
    return max(texts, key=lambda text: _headings(text, known))


def _headings(text: str, known: Known) -> int:
    """How many headings are found, whatever stands between them."""
    count = 0
    for line in text[:200_000].splitlines()[:_LOOKED_AT]:
        cells = re.split(f"[{re.escape(''.join(_MARKS))}]", line)
        count = max(count, sum(known(cell.strip(' "')) for cell in cells if cell.strip(' "')))
    return count


def _mark(text: str, known: Known) -> tuple[str, str]:
    """What stands between cells, and the text with ``sep=`` blanked: rows keep their numbers."""
    said = re.match(r'"?sep=(.)"?[ \t,;]*(?=\r?\n|\r|$)', text, re.I)
    if said is not None:
        return said[1], text[said.end() :]
    best, most = ",", 0
    for line in text[:200_000].splitlines()[:_LOOKED_AT]:
        for mark in _MARKS:
            found = sum(known(cell.strip(' "')) for cell in line.split(mark) if cell.strip(' "'))
            if found > most:
                best, most = mark, found
    return best, text
