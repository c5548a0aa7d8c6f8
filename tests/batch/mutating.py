"""Rosters changed at random by a seed: bytes, the zip around the parts, the XML inside them, values."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

import openpyxl
from openpyxl.styles import Font

WILD = (
    "", "0", "-1", "1", "99999999", "99999999999", "1e308", "-1e308", "NaN", "inf", "1E+400", "A0", "ZZZZ1",
    "XFD1048576", "A1:XFD1048576", "true", "s", "b", "d", "e", "str", "inlineStr", "nonsense", "样例", "&#0;",
    "&#65535;", "&x;",
    "_x0000_", "_xD800_", "../../a", "[h]:mm", "yyyy", "0.00;;;", '"', "'", "<", "1_000", "１", "x" * 5000,
    "2026-02-30T25:00:00",
)  # fmt: skip
Change = Callable[[Random, dict[str, bytes]], dict[str, bytes]]


def workbook(headings: list[str], rows: list[list[Any]]) -> bytes:
    """A sound roster with what rosters have: dates, formats, formulas, a second sheet, hidden rows."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    sheet.append([*rows[0][:-2], 0.85, "=1+1"])
    sheet.cell(3, 3).number_format = "000"
    sheet.cell(2, 1).font = Font(strike=True)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[4].hidden = True
    book.create_sheet("备查").append(["样例"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def mutated(seed: int, sound: bytes) -> bytes:
    """The roster with one to four changes."""
    random = Random(seed)
    with zipfile.ZipFile(io.BytesIO(sound)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    # When it was made would make each run another one.
    parts["docProps/core.xml"] = re.sub(
        rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", parts["docProps/core.xml"]
    )
    for _ in range(random.randint(1, 4)):
        parts = random.choice(CHANGES)(random, parts)
    return random.choice(WRAPS)(random, packed(parts))


def packed(parts: dict[str, bytes]) -> bytes:
    """The parts as a package, the same at any time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _part(random: Random, parts: dict[str, bytes]) -> str:
    # Mostly the parts that are read for their content.
    likely = [name for name in parts if re.search(r"sheet1|sharedStrings|styles|workbook", name)]
    return random.choice(likely if likely and random.random() < 0.8 else list(parts))


def _attribute(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    return _replaced(random, parts, rb'(?<==")[^"]*(?=")')


def _text(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    return _replaced(random, parts, rb"(?<=>)[^<>]+(?=<)")


def _replaced(random: Random, parts: dict[str, bytes], pattern: bytes) -> dict[str, bytes]:
    name = _part(random, parts)
    found = list(re.finditer(pattern, parts[name]))
    if not found:
        return parts
    place = random.choice(found)
    part = parts[name]
    return {**parts, name: part[: place.start()] + random.choice(WILD).encode() + part[place.end() :]}


def _tag(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    """An element gone, twice, renamed, or many times."""
    name = _part(random, parts)
    part = parts[name]
    found = list(re.finditer(rb"<(\w+)(?:\s[^<>]*)?(?:/>|>[^<>]*</\1>)", part))
    if not found:
        return parts
    place = random.choice(found)
    whole = place[0]
    new = random.choice(
        (
            b"",
            whole * 2,
            whole * 5000,
            whole.replace(place[1], b"x"),
            b"<a>" * 300 + whole,
            b"<!-- " + whole + b" -->",
        )
    )
    return {**parts, name: part[: place.start()] + new + part[place.end() :]}


def _flip(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    name = _part(random, parts)
    raw = bytearray(parts[name])
    for _ in range(random.randint(1, 8)):
        if raw:
            raw[random.randrange(len(raw))] = random.randrange(256)
    return {**parts, name: bytes(raw)}


def _cut(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    name = _part(random, parts)
    return {**parts, name: parts[name][: random.randrange(len(parts[name]) + 1)]}


def _gone(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    name = _part(random, parts)
    return {key: part for key, part in parts.items() if key != name} or parts


def _swapped(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    one, other = random.choice(list(parts)), random.choice(list(parts))
    return {**parts, one: parts[other]}


def _recoded(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    name = _part(random, parts)
    encoding = random.choice(("utf-16", "gb18030", "utf-32", "latin-1"))
    return {**parts, name: parts[name].decode("utf-8", "replace").encode(encoding, "replace")}


def _doctype(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    name = _part(random, parts)
    bomb = b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>".encode() for at in range(9)
    )
    return {
        **parts,
        name: re.sub(rb"^(<\?xml[^>]*\?>)?", lambda m: m[0] + bomb + b"]>", parts[name], count=1),
    }


def _swollen(random: Random, parts: dict[str, bytes]) -> dict[str, bytes]:
    """A part of many megabytes, small when packed."""
    name = _part(random, parts)
    part = parts[name]
    at = part.rfind(b"</")
    filler = random.choice((b" ", b"<x/>", b"<row/>", b"<si><t>a</t></si>", b'<c t="n"><v>1</v></c>'))
    return {
        **parts,
        name: part[:at] + filler * (random.choice((1_000_000, 8_000_000)) // len(filler)) + part[at:],
    }


def _as_it_is(random: Random, raw: bytes) -> bytes:
    return raw


def _bytes_flipped(random: Random, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(random.randint(1, 20)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _bytes_cut(random: Random, raw: bytes) -> bytes:
    return raw[: random.randrange(len(raw))]


def _header_changed(random: Random, raw: bytes) -> bytes:
    """A number in a directory entry: method, flags, sizes, place."""
    places = [found.start() for found in re.finditer(rb"PK\x01\x02|PK\x03\x04", raw)]
    if not places:
        return raw
    at = random.choice(places) + random.choice((6, 8, 10, 16, 20, 24, 28, 42))
    new = struct.pack("<I", random.choice((0, 1, 9, 99, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF)))
    return raw[:at] + new + raw[at + 4 :]


CHANGES: tuple[Change, ...] = (
    _attribute, _attribute, _attribute, _text, _text, _tag, _tag, _flip, _cut, _gone, _swapped, _recoded,
    _doctype, _swollen,
)  # fmt: skip
WRAPS = (_as_it_is, _as_it_is, _as_it_is, _as_it_is, _bytes_flipped, _bytes_cut, _header_changed)
