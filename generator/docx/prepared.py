"""Standard templates as docxtpl prepares them: plain steps by part, kept as data beside the templates.

docxtpl decides what tags mean, but asking it takes longer than anything else in printing a form.  So
``template build`` asks once and writes ``templates/prepared/<form>.json``; a file whose docx has another
content is passed over and docxtpl asked again.  Only the data that comes with Kangdang is read: a station's
own templates are always prepared where they are used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator.docx.plain import Steps

DOCUMENT = "word/document.xml"
FOLDER = "prepared"
_FILLED = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml\Z")


class PlainPart(NamedTuple):
    """The text around the filled fragment of a part, and the steps that fill it."""

    prefix: str
    steps: Steps
    suffix: str


class Prepared(NamedTuple):
    """A template as plain data.  ``loops``: some part repeats."""

    parts: Mapping[str, PlainPart]
    loops: bool


def filled(name: str) -> bool:
    """Whether the tags of a part are filled."""
    return _FILLED.match(name) is not None


def part_title(name: str) -> str:
    """``word/header1.xml`` → 页眉."""
    return {"document": "正文", "header": "页眉", "footer": "页脚"}[name[5:-4].rstrip("0123456789")]


def to_json(raw: bytes, made: Prepared) -> bytes:
    """What stands beside the template ``raw``: its prepared parts, a step a line, and its hash."""
    parts = ",\n".join(
        f'{_json(name)}: {{\n"prefix": {_json(part.prefix)},\n"steps": [\n'
        + ",\n".join(map(_json, part.steps))
        + f'\n],\n"suffix": {_json(part.suffix)}\n}}'
        for name, part in made.parts.items()
    )
    head = f'"docx": {_json(hashlib.sha256(raw).hexdigest())},\n"loops": {_json(made.loops)}'
    return f'{{\n{head},\n"parts": {{\n{parts}\n}}\n}}\n'.encode()


def beside(template: Path) -> Path:
    """Where the prepared parts of ``templates/<form>.docx`` stand."""
    return template.parent / FOLDER / f"{template.stem}.json"


def read_beside(template: Path, sha256: str) -> Prepared | None:
    """The prepared parts of a standard template, if there are any made of just this docx."""
    try:
        data = json.loads(beside(template).read_bytes())
    except FileNotFoundError:
        return None
    if data.get("docx") != sha256:
        return None
    parts = {
        name: PlainPart(part["prefix"], part["steps"], part["suffix"]) for name, part in data["parts"].items()
    }
    return Prepared(parts, data["loops"])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
