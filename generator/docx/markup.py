"""The inline marks of a template source (``templates/<form>.yaml``): text → a sequence of pieces.

    {name}            the answer, by its printed form          {address.street} for a part
    {name|blank}      the same; ``blank`` is printed while there is no answer
    {?field=option}   a tick box of one option
    {!field=option}   the option word with √ before it when chosen (forms that tick words)
    {^field=option}   only the √, or three spaces (forms that tick between brackets)
    {@field:n}        room for a signature, n characters wide
    {~text}           wording with a recorded erratum: printed as the source has it, or corrected on request
    {_text}           underlined text (may hold the marks above)
    {{ … }}, {% … %}  docxtpl tags, handed on untouched

Owns the syntax only; ``build`` turns pieces into WordprocessingML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from generator.errors import TemplateTagInvalid

PieceKind = Literal["text", "tag", "field", "box", "mark", "check", "sign", "erratum", "underline"]

_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{_(?:[^{}]|\{[^{}]*\})*\}|\{[^{}]*\}", re.DOTALL)
WIDE_SPACE = "\u3000"
_OPTION_KINDS: dict[str, PieceKind] = {"?": "box", "!": "mark", "^": "check"}
_NAME = re.compile(r"[a-z][a-z0-9_.]*\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a paragraph; which members are used depends on ``kind``."""

    kind: PieceKind
    text: str = ""
    field: str = ""
    option: str = ""
    inner: tuple[Piece, ...] = ()


def parse(text: str, *, place: str) -> tuple[Piece, ...]:
    """Split one paragraph of a template source into pieces; ``place`` names it in errors."""
    pieces: list[Piece] = []
    at = 0
    for match in _TOKEN.finditer(text):
        _add_text(pieces, text[at : match.start()], place)
        pieces.append(_piece(match.group(), place))
        at = match.end()
    _add_text(pieces, text[at:], place)
    return tuple(pieces)


def _add_text(pieces: list[Piece], text: str, place: str) -> None:
    if "{" in text or "}" in text:
        raise TemplateTagInvalid(f"模板源 {place}：花括号没有成对。", hint="请补上缺少的 { 或 }。")
    if text:
        pieces.append(Piece("text", text=text))


def _piece(token: str, place: str) -> Piece:
    if token.startswith(("{{", "{%")):
        return Piece("tag", text=token)
    body = token[1:-1]
    head, rest = body[:1], body[1:]
    if head in _OPTION_KINDS:
        field, _, option = rest.partition("=")
        return Piece(_OPTION_KINDS[head], field=_name(field, place), option=option)
    if head == "@":
        field, _, width = rest.partition(":")
        return Piece("sign", field=_name(field, place), text=WIDE_SPACE * int(width or 10))
    if head == "~":
        return Piece("erratum", text=rest)
    if head == "_":
        return Piece("underline", inner=parse(rest, place=place))
    field, _, blank = body.partition("|")
    return Piece("field", field=_name(field, place), text=_wide(blank))


def _wide(blank: str) -> str:
    """Room to write by hand: the source's half-width spaces become full-width ones, half as many.

    A space of a proportional font is a quarter of a character, too narrow for a handwritten month.
    """
    return re.sub(r" {2,}", lambda run: WIDE_SPACE * (len(run.group()) // 2), blank)


def _name(name: str, place: str) -> str:
    if not _NAME.match(name):
        raise TemplateTagInvalid(
            f"模板源 {place}：标记 {{{name}}} 不是字段名。", hint="字段名由小写字母、数字和下划线组成。"
        )
    return name
