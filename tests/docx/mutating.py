"""Templates changed at random, by seed: what careless hands, other programs and bad disks make of them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lxml import etree

from generator.docx.package import write_package
from tests.docx.editing import DOCUMENT, parts_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NUMBERS = ("0", "-1", "-20", "1", "22.5", "3.0", "NaN", "inf", "1e308", "-1e308", "99999999", "x", "",
           "31680", "-31680", "10000000000000000000000", "0x1F", "１２")  # fmt: skip
WORDS = ("{{", "}}", "{%", "{% if v.x %}", "{%p else %}", "{% endif %}", "{{ f.no }}", "{{r f.x }}", "｛｛",
         "&", "<", "{{ f.x.y.z }}", "{% for r in f.x %}", "{%tr endfor %}", "«甲»", "{{ 9**9 }}", "{#",
         "\t\n", "龘𠮷☐☒",
         "{{ f['a'] }}", "{{ v }}", "{{ sheet.title[0:2] }}", "{%- if v %}")  # fmt: skip
VALUES = ("", "0", "on", "center", "restart", "auto", "nil", "FF", "甲", "rId99")
ELEMENTS = ("p", "r", "t", "tc", "tr", "tbl", "tblGrid", "gridCol", "tcPr", "pPr", "rPr", "bookmarkStart",
            "bookmarkEnd", "sectPr", "pgSz", "pgMar", "tblPr", "spacing", "style", "drawing",
            "body")  # fmt: skip
Parts = dict[str, bytes]


def mutated(form_id: str, seed: int) -> bytes:
    """A template of ``form_id`` with one to three changes; the same for the same seed."""
    source = random.Random(seed)
    parts = dict(parts_of(form_id))
    for _ in range(source.choice((1, 1, 2, 3))):
        _one(parts, source)
    raw = write_package(parts)
    if source.random() < 0.06:
        return _with_damaged_bytes(raw, source)
    return raw


def _one(parts: Parts, source: random.Random) -> None:
    name = source.choice((DOCUMENT,) * 6 + tuple(sorted(parts)))
    if name not in parts:
        return
    if not name.endswith((".xml", ".rels")):
        parts[name] = source.choice((b"", b"GIF89a", parts[name][:40]))
        return
    change = source.choice(CHANGES)
    try:
        change(parts, name, source)
    except etree.XMLSyntaxError:  # a change before this one broke the part
        parts[name] = parts[name][: source.randrange(len(parts[name]) + 1)]


def _number(parts: Parts, name: str, source: random.Random) -> None:
    text = parts[name].decode("utf-8", "replace")
    places = list(re.finditer(r'="(-?\d+)"', text))
    if places:
        place = source.choice(places)
        parts[name] = (text[: place.start(1)] + source.choice(NUMBERS) + text[place.end(1) :]).encode()


def _value(parts: Parts, name: str, source: random.Random) -> None:
    root = etree.fromstring(parts[name])
    elements = [e for e in root.iter("*") if e.attrib]
    if elements:
        element = source.choice(elements)
        key = source.choice(sorted(element.attrib))
        element.set(
            key, source.choice(("", "0", "on", "center", "restart", "auto", "nil", "FF", "甲", "rId99"))
        )
        parts[name] = etree.tostring(root)


def _words(parts: Parts, name: str, source: random.Random) -> None:
    root = etree.fromstring(parts[name])
    texts = list(root.iter(f"{W}t"))
    if texts:
        text = source.choice(texts)
        was = text.text or ""
        at = source.randrange(len(was) + 1)
        cut = source.choice((at, at, min(at + 2, len(was))))
        text.text = was[:at] + source.choice((*WORDS, "")).replace("\0", "") + was[cut:]
        parts[name] = etree.tostring(root)


def _element(parts: Parts, name: str, source: random.Random) -> None:
    root = etree.fromstring(parts[name])
    found = [e for e in root.iter(f"{W}{source.choice(ELEMENTS)}") if e.getparent() is not None]
    if not found:
        return
    element = source.choice(found)
    parent = element.getparent()
    assert parent is not None
    act = source.randrange(5)
    if act == 0:
        parent.remove(element)
    elif act == 1:
        parent.append(etree.fromstring(etree.tostring(element)))
    elif act == 2:
        element.tag = f"{W}{source.choice(ELEMENTS)}"
    elif act == 3:
        element.append(etree.SubElement(element, f"{W}{source.choice(ELEMENTS)}"))
    else:
        for child in list(element):
            element.remove(child)
    parts[name] = etree.tostring(root)


def _part(parts: Parts, name: str, source: random.Random) -> None:
    data = parts[name]
    act = source.randrange(5)
    if act == 0:
        del parts[name]
    elif act == 1:
        parts[name] = data[: source.randrange(len(data) + 1)]
    elif act == 2:
        encoding = source.choice(("utf-16", "utf-8-sig", "gb18030", "utf-16-le", "utf-32"))
        parts[name] = data.decode("utf-8", "replace").encode(encoding, "replace")
    elif act == 3:
        parts[name] = data.replace(b"w:", b"q:")
    else:
        other = source.choice(sorted(parts))
        parts[name] = parts[other]


CHANGES: tuple[Callable[[Parts, str, random.Random], None], ...] = (
    _number, _number, _number, _value, _words, _words, _element, _element, _part,
)  # fmt: skip


def _with_damaged_bytes(raw: bytes, source: random.Random) -> bytes:
    damaged = bytearray(raw)
    for _ in range(source.randint(1, 8)):
        damaged[source.randrange(len(damaged))] = source.randrange(256)
    return bytes(damaged[: source.choice((len(damaged), len(damaged), source.randrange(len(damaged))))])
