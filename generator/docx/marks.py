"""Tags and marks as they stand in the paragraphs of a template, before docxtpl has read them.

What docxtpl takes for a tag is filled; what only looks like one prints as it stands, and words beside a
paragraph or row tag vanish with it.  Both are found by paragraph, so that a sentence can quote the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml import etree

from generator.docx.prepared import filled, part_title

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
LEFT = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{|\[\[|\]\]|[{}｛｝«»]")
"""Marks of docxtpl, of full-width typing, of mail merge and of other template programs."""
_ELSEWHERE = re.compile(r"\{\{|\{%|｛｛")
_IN_WORDS = re.compile(r"\{\{|\{%|｛｛|\$\{|\[\[|[«»]")
_WORDS_OF_A_READER = ("docProps/", "word/footnotes", "word/endnotes", "word/comments")
_UNIT = re.compile(r"\{[%#](p|tr|tc) ")
_OBJECT = re.compile(r"\{\{(?:r|p|tr|tc)\s|\{%-?\s*r\s")
_WORD = re.compile(r"\{%[-+]?\s*(?:(?:p|tr|tc|r)\s+)?(\w+)")
_OPENING = frozenset(("if", "for", "filter", "with", "call", "macro", "block", "autoescape"))
_BETWEEN = {"elif": ("if",), "else": ("if", "for")}
_UNITS = {"p": ("段落", "段", f"{W}p"), "tr": ("表格行", "行", f"{W}tr"), "tc": ("单元格", "格", f"{W}tc")}
_SHOWN = 28


class Mistake(NamedTuple):
    """What is wrong, with the place quoted, and what to do."""

    message: str
    hint: str


class _Place(NamedTuple):
    part: str
    element: Any
    text: str
    after: str
    """The words before a paragraph that has none of its own."""

    def __str__(self) -> str:
        behind = f"（在“{self.after[-12:]}”之后）" if self.after else ""
        return f"{part_title(self.part)}“{_short(self.text.strip())}”处{behind}"


def mistakes(parts: Mapping[str, bytes]) -> Iterator[Mistake]:
    """Everything that would print as a mark, vanish, or leave a tag without its end, in document order."""
    for name, data in parts.items():
        if filled(name):
            places = _places(name, etree.fromstring(data))
            for place in places:
                yield from _left(place)
                yield from _beside(place)
                yield from _objects(place)
            yield from _ends(places)
        elif name.endswith((".xml", ".rels")):
            yield from _in_other_part(name, data)


def _places(part: str, root: Any) -> list[_Place]:
    found: list[_Place] = []
    words = ""
    for paragraph in root.iter(f"{W}p"):
        text = paragraph_text(paragraph)
        own = TAG.sub("", text).strip()
        found.append(_Place(part, paragraph, text, "" if own else words))
        words = own or words
    return found


def paragraph_text(paragraph: Any) -> str:
    """The text of a paragraph without that of paragraphs inside it; a tab or break is a space."""
    found = []
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        if next(node.iterancestors(f"{W}p")) is paragraph:
            found.append(node.text or "" if node.tag == f"{W}t" else " ")
    return "".join(found)


def left_marks(text: str) -> list[str]:
    """Marks in a text that no tag takes."""
    return LEFT.findall(TAG.sub("\0", text))


def _left(place: _Place) -> Iterator[Mistake]:
    marks = left_marks(place.text)
    if marks:
        shown = "”“".join(dict.fromkeys(marks))
        yield Mistake(
            f"{place}：标签写错了：“{shown}”不成标签，会原样印在纸上。",
            "标签用半角花括号成对写在同一段里，如 {{ f.client_name }}；不是标签的括号请换成圆括号。",
        )


def _beside(place: _Place) -> Iterator[Mistake]:
    """A paragraph or row tag takes the whole of its paragraph or row away."""
    for tag in TAG.findall(place.text):
        unit = _UNIT.match(tag)
        if unit is None:
            continue
        kind, short, element = _UNITS[unit[1]]
        around = next((e for e in (place.element, *place.element.iterancestors()) if e.tag == element), None)
        if around is None:
            yield Mistake(
                f"{place}：标签写错了：{_short(tag)} 不在表格里。", "段落用 {%p … %}，表格行用 {%tr … %}。"
            )
            continue
        inside = "".join(paragraph_text(p) for p in around.iter(f"{W}p")).replace(tag, "", 1).strip()
        pictures = next(around.iter(f"{W}drawing", f"{W}pict", f"{W}fldSimple", f"{W}fldChar"), None)
        if inside or pictures is not None:
            lost = f"“{_short(inside)}”" if inside else "图片或域"
            yield Mistake(
                f"{place}：{_short(tag)} 是{kind}标签，连同整{short}去掉，同一{short}里的{lost}印不出来。",
                f"请让这个标签独占一{short}，或改用不带 {unit[1]} 的 {{% … %}}。",
            )


def _objects(place: _Place) -> Iterator[Mistake]:
    for tag in TAG.findall(place.text):
        if _OBJECT.match(tag):
            yield Mistake(
                f"{place}：{_short(tag)} 只能放格式文本，答案不是，印出来会缺内容。",
                "请写成 {{ f.字段 }}，不带 r、p、tr、tc。",
            )


def _ends(places: list[_Place]) -> Iterator[Mistake]:
    """Conditions and loops that do not end, or end what was not begun."""
    waiting: list[tuple[str, str, _Place]] = []
    for place in places:
        for tag in TAG.findall(place.text):
            word = _WORD.match(tag)
            if word is None:
                continue
            if word[1] == "raw":
                return  # nothing inside is a tag; Jinja judges it
            if word[1] in _OPENING:
                waiting.append((word[1], tag, place))
            elif word[1] in _BETWEEN and (not waiting or waiting[-1][0] not in _BETWEEN[word[1]]):
                yield _alone(place, tag, "{% if … %}")
            elif word[1].startswith("end") and word[1][3:] in _OPENING:
                if waiting and waiting[-1][0] == word[1][3:]:
                    waiting.pop()
                else:
                    yield _alone(place, tag, f"{{% {word[1][3:]} … %}}")
                    return
    for kind, tag, place in waiting:
        yield Mistake(
            f"{place}：标签写错了：{_short(tag)} 后面没有与它成对的 {{% end{kind} %}}。", "请补上结尾的标签。"
        )


def _alone(place: _Place, tag: str, begin: str) -> Mistake:
    return Mistake(
        f"{place}：标签写错了：{_short(tag)} 前面没有与它成对的 {begin}。", "请补上开头的标签，或删去这一个。"
    )


def _in_other_part(name: str, data: bytes) -> Iterator[Mistake]:
    """Parts that are not filled: properties, notes, comments, styles."""
    root = etree.fromstring(data)
    words = " ".join("".join(root.itertext()).split())
    values = " ".join(value for element in root.iter("*") for value in element.attrib.values())
    marks = _IN_WORDS if name.startswith(_WORDS_OF_A_READER) else _ELSEWHERE
    for text in (words, values):
        found = marks.search(text)
        if found:
            shown = _short(text[max(found.start() - 6, 0) :])
            yield Mistake(
                f"部件 {name} 里有标签“{shown}”，这里的标签不会填写。",
                "标签只能写在正文、页眉和页脚里；文档属性、脚注、批注中的请删去。",
            )
            return


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
