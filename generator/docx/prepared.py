"""Templates as docxtpl prepares them: programs by part, kept as data beside the standard templates.

docxtpl decides what tags mean, but asking it takes longer than anything else in printing a form.  So
``template build`` asks once and writes ``templates/prepared/<form>.json``; a file whose docx has another
content is passed over and docxtpl asked again.  Only the data that comes with Kangdang is read: a station's
own templates are always prepared here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from generator.docx.program import Program

DOCUMENT = "word/document.xml"
FOLDER = "prepared"


class Part(NamedTuple):
    """A prepared part: the text around the rendered fragment, and the program of the fragment."""

    prefix: str
    program: Program
    suffix: str


class Prepared(NamedTuple):
    """A template as programs.  ``fast``: they do all that docxtpl would; ``loops``: some part repeats."""

    parts: Mapping[str, Part]
    fast: bool
    loops: bool
    jinja2: str
    """The version of Jinja that generated the programs; in its sandbox no other may run them."""


def part_title(name: str) -> str:
    """``word/header1.xml`` → 页眉."""
    return {"document": "正文", "header": "页眉", "footer": "页脚"}[name[5:-4].rstrip("0123456789")]


def to_json(raw: bytes, made: Prepared) -> bytes:
    """What stands beside the template ``raw``: its prepared parts, and of what and by what they were made."""
    data = {
        "docx": hashlib.sha256(raw).hexdigest(),
        "jinja2": made.jinja2,
        "fast": made.fast,
        "loops": made.loops,
        "parts": {
            name: {
                "prefix": part.prefix,
                "texts": list(part.program.texts),
                "code": part.program.code.split("\n"),
                "suffix": part.suffix,
            }
            for name, part in made.parts.items()
        },
    }
    return (json.dumps(data, ensure_ascii=False, indent=0) + "\n").encode()


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
        name: Part(
            part["prefix"], Program(tuple(part["texts"]), "\n".join(part["code"])), part["suffix"]
        )
        for name, part in data["parts"].items()
    }  # fmt: skip
    return Prepared(parts, data["fast"], data["loops"], data["jinja2"])
