"""The QR symbol of a page code: always version 2 (25 × 25 modules), level Q, one fixed mask.

Owns the bits of the symbol, its rectangles and its picture.  Nothing varies but the text, so a symbol is
an exclusive-or of constants: version, level and mask fixed, every data bit flips the same modules whatever
the other bits are (its own module and those of its error correction; Reed–Solomon coding is linear).  That
makes one symbol cost microseconds where a general encoder takes 0.4 ms, more than filling the whole docx.
The tests hold each symbol against one made by segno.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache

from generator.errors import PageCodeRefused
from generator.identity.check import QR_ALPHABET
from generator.typeset.model import Rect

SIZE = 25
"""Modules on a side."""
QUIET = 4
"""White modules needed on every side of the symbol."""
MASK = 7
"""Of the eight masks the one with the least mean penalty over page codes."""

_DARK = re.compile("1+")
Modules = tuple[tuple[bool, ...], ...]
Block = tuple[int, int, int, int]
"""Left, top, width, height of a dark rectangle, in modules."""

_MAX_CHARS = 29
_DATA_BYTES, _CHECK_BYTES = 22, 22
_LEVEL_Q = 0b11
_PICTURE_SCALE = 8
_VALUE = {char: index for index, char in enumerate(QR_ALPHABET)}


def symbol(text: str) -> Modules:
    """List the dark (True) and light modules of ``text``, row by row from the top left.

    Raises PageCodeRefused when the text is over 29 characters or not in the QR alphanumeric set.
    """
    rows = _rows(text)
    return tuple(tuple(bit == "1" for bit in row) for row in rows)


def blocks(text: str) -> tuple[Block, ...]:
    """Merge the dark modules into few rectangles: runs in a row, and equal runs in rows that follow."""
    return tuple(_blocks(_rows(text)))


def rects(dark: tuple[Block, ...], x: float, y: float, side: float) -> tuple[Rect, ...]:
    """``blocks`` drawn ``side`` points wide, the top left corner of the symbol at (x, y)."""
    return tuple(_rect(block, x, y, side / SIZE) for block in dark)


@lru_cache(maxsize=1 << 13)  # pages have their symbols at the same place, and many blocks in common
def _rect(block: Block, x: float, y: float, module: float) -> Rect:
    left, top, width, height = block
    return Rect(x + left * module, y + top * module, width * module, height * module)


def symbol_png(text: str, *, quiet: int = 0) -> bytes:
    """Draw the symbol as a PNG with one bit a pixel and eight pixels a module; equal text, equal bytes.

    ``quiet`` white modules stand on every side.  In a docx header the white of the page margin is the quiet
    zone, and a picture without one puts the symbol exactly where the overlay of the PDF has it.
    (Eight pixels: a picture of one pixel a module is smeared by the programs that enlarge it.)
    """
    margin = b"\xff" * quiet
    return _png([margin + row.encode("ascii").translate(_PIXELS) + margin for row in _rows(text)], quiet)


def placeholder_png(*, quiet: int = 0) -> bytes:
    """Draw a white picture of the same size, for templates and for sheets without a code."""
    return _png([b"\xff" * (SIZE + 2 * quiet)] * SIZE, quiet)


_PIXELS = bytes.maketrans(b"01", b"\xff\x00")
"""A module of eight pixels is one byte of a one-bit picture: light 0xFF, dark 0x00."""


def _png(rows: list[bytes], quiet: int) -> bytes:
    """Rows of modules (a byte each) between ``quiet`` white rows above and below, enlarged eightfold."""
    width = len(rows[0])
    same = b"\x02" + bytes(width)
    white = [b"\xff" * width] * quiet
    lines = b"".join(b"\x00" + row + same * (_PICTURE_SCALE - 1) for row in (*white, *rows, *white))
    side = width * _PICTURE_SCALE
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _blocks(rows: list[str]) -> Iterator[Block]:
    open_runs: dict[tuple[int, int], int] = {}
    for top, row in enumerate([*rows, ""]):
        runs = _runs(row)
        for run in [run for run in open_runs if run not in runs]:
            yield run[0], open_runs[run], run[1], top - open_runs.pop(run)
        for run in runs:
            open_runs.setdefault(run, top)


def _runs(row: str) -> tuple[tuple[int, int], ...]:
    """(left, width) of the dark runs of one row, from the left."""
    return tuple((run.start(), run.end() - run.start()) for run in _DARK.finditer(row))


def _rows(text: str) -> list[str]:
    shell, effects = _constants()
    bits = _data_bits(text)
    modules = shell
    for bit, effect in zip(f"{bits:0{_DATA_BYTES * 8}b}", effects, strict=True):
        if bit == "1":
            modules ^= effect
    flat = f"{modules:0{SIZE * SIZE}b}"
    return [flat[at : at + SIZE] for at in range(0, SIZE * SIZE, SIZE)]


def _data_bits(text: str) -> int:
    """Give the 22 data bytes as one number: mode, count, characters, end mark, padding."""
    if len(text) > _MAX_CHARS or not set(text) <= _VALUE.keys():
        raise PageCodeRefused(f"页码不能印成二维码：最多 {_MAX_CHARS} 个字符，只能用数字、大写字母和 *。")
    bits, length = 0b0010 << 9 | len(text), 13
    for at in range(0, len(text) - 1, 2):
        bits = bits << 11 | (_VALUE[text[at]] * 45 + _VALUE[text[at + 1]])
        length += 11
    if len(text) % 2:
        bits = bits << 6 | _VALUE[text[-1]]
        length += 6
    capacity = _DATA_BYTES * 8
    end = min(4, capacity - length)
    end += -(length + end) % 8
    bits, length = bits << end, length + end
    for index in range((capacity - length) // 8):
        bits = bits << 8 | (0x11 if index % 2 else 0xEC)
    return bits


@cache
def _constants() -> tuple[int, tuple[int, ...]]:
    """Prepare the symbol of all-zero data and, for each of the 176 data bits, the modules it flips.

    Both as numbers of 625 bits, row by row.
    """
    places = [1 << (SIZE * SIZE - 1 - (row * SIZE + col)) for row, col in _data_places()]
    shell = _function_modules()
    for place, (row, col) in zip(places, _data_places(), strict=True):
        if _masked(row, col):
            shell |= place
    halves = _halves(places[_DATA_BYTES * 8 :])
    effects: list[int] = []
    for index, unit in enumerate(_check_bytes_of_units()):
        of_byte, values = [], unit
        for place in reversed(places[index * 8 : index * 8 + 8]):
            of_byte.append(place ^ _spread(values, halves))
            values = [value << 1 ^ 0x11D if value & 0x80 else value << 1 for value in values]
        effects += reversed(of_byte)
    return shell, tuple(effects)


def _halves(places: list[int]) -> list[list[int]]:
    """The modules of each value of the upper and the lower half of every check byte, in turn."""
    found = []
    for at in range(0, _CHECK_BYTES * 8, 4):
        one, two, four, eight = places[at + 3], places[at + 2], places[at + 1], places[at]
        low = [0, one, two, one ^ two]
        low += [four ^ modules for modules in low]
        found.append(low + [eight ^ modules for modules in low])
    return found


def _spread(values: list[int], halves: list[list[int]]) -> int:
    """The modules of check bytes."""
    flipped = 0
    for at, value in enumerate(values):
        flipped ^= halves[2 * at][value >> 4 & 15] ^ halves[2 * at + 1][value & 15]
    return flipped


def _masked(row: int, col: int) -> bool:
    return ((row + col) % 2 + row * col % 3) % 2 == 0


def _data_places() -> Iterator[tuple[int, int]]:
    """Row and column of every data module in the order of the bits: up and down in double columns."""
    upward = True
    for right in (24, 22, 20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        for step in range(SIZE):
            row = SIZE - 1 - step if upward else step
            for col in (right, right - 1):
                if not _reserved(row, col):
                    yield row, col
        upward = not upward


def _reserved(row: int, col: int) -> bool:
    """Whether a module belongs to the finders, the format, the timing lines or the alignment square."""
    corner = (row < 9 and (col < 9 or col > 16)) or (row > 16 and col < 9)
    return corner or row == 6 or col == 6 or (16 <= row <= 20 and 16 <= col <= 20)


def _function_modules() -> int:
    dark: set[tuple[int, int]] = {(17, 8)}
    for top, left in ((0, 0), (0, 18), (18, 0)):
        for row in range(7):
            for col in range(7):
                if max(abs(row - 3), abs(col - 3)) != 2:
                    dark.add((top + row, left + col))
    dark.update((6, at) for at in range(8, 17, 2))
    dark.update((at, 6) for at in range(8, 17, 2))
    dark.update(
        (row, col) for row in range(16, 21) for col in range(16, 21) if max(abs(row - 18), abs(col - 18)) != 1
    )
    dark |= _format_modules()
    return sum(1 << (SIZE * SIZE - 1 - (row * SIZE + col)) for row, col in dark)


def _format_modules() -> set[tuple[int, int]]:
    """Level and mask, protected by a BCH code and written twice."""
    data = _LEVEL_Q << 3 | MASK
    remainder = data << 10
    for shift in range(4, -1, -1):
        if remainder >> (10 + shift) & 1:
            remainder ^= 0b10100110111 << shift
    bits = (data << 10 | remainder) ^ 0b101010000010010
    around = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8)]
    around += [(5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8)]
    split = [(24 - at, 8) for at in range(7)] + [(8, 17 + at) for at in range(8)]
    return {place for copy in (around, split) for at, place in enumerate(copy) if bits >> (14 - at) & 1}


def _check_bytes_of_units() -> list[list[int]]:
    """For each data byte the 22 Reed–Solomon check bytes of the message with 1 there and 0 elsewhere."""
    generator = [1]
    root = 1
    for _ in range(_CHECK_BYTES):
        longer = [*generator, 0]
        for at, value in enumerate(generator):
            longer[at + 1] ^= _times(value, root)
        generator, root = longer, _times(root, 2)
    unit = generator[1:]
    units = [unit]
    for _ in range(_DATA_BYTES - 1):
        first = unit[0]
        unit = [
            after ^ _times(first, value) for after, value in zip([*unit[1:], 0], generator[1:], strict=True)
        ]
        units.append(unit)
    return units[::-1]


def _times(a: int, b: int) -> int:
    """Product in GF(256), modulus x⁸ + x⁴ + x³ + x² + 1."""
    product = 0
    # Ends: each round shifts one bit of ``b`` out.
    while b:
        if b & 1:
            product ^= a
        b >>= 1
        a <<= 1
        if a & 0x100:
            a ^= 0x11D
    return product
