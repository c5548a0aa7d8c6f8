"""Preparing a template: docxtpl's own preprocessing, once, and what of it is left to do for each document.

docxtpl decides what the tags mean.  Nothing here is needed to print a form whose prepared parts stand beside
its template (``prepared``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2.exceptions import TemplateSyntaxError

from generator.docx.bookmarks import base_name, without_copy
from generator.docx.package import Package
from generator.docx.plain_steps import plain_steps
from generator.docx.prepared import DOCUMENT, PlainPart, Prepared, filled, part_title
from generator.docx.sandboxed import Program, program
from generator.errors import TemplateDamaged, TemplateTagInvalid

_ANY_BOOKMARK = re.compile(r"<w:bookmark(Start|End)\s([^>]*?)/>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
# What only docxtpl can do: objects placed by {{r}} and {{p}}, loops over columns, spans computed in tags.
_SLOW_TAGS = re.compile(r"\{\{\s?[rp]\s|\{%\s?r\s|\{[%{#]tc\s|\{%\s*(?:colspan|cellbg|hm|vm)\b")
_INSIDE = re.compile(r"(?<=\{[{%])(.*?)(?=[}%]\})")
_NAME = re.compile(r'<w:bookmarkStart[^>]* w:name="([^"]*)"')
_LOOP = re.compile(r"\{%p? for")


class Part(NamedTuple):
    """The text around the filled fragment of a part, and the program that fills it."""

    prefix: str
    program: Program
    suffix: str


class Programs(NamedTuple):
    """A template as programs.  ``fast``: they do all that docxtpl would; ``loops``: some part repeats."""

    parts: Mapping[str, Part]
    fast: bool
    loops: bool


def prepare(raw: bytes, package: Package) -> Programs:
    """Let docxtpl prepare a template.  Raises TemplateDamaged, TemplateTagInvalid."""
    sources = prepared_sources(raw, package)
    parts = {
        name: Part(prefix, _program(name, source), suffix)
        for name, (prefix, source, suffix) in sources.items()
    }
    return Programs(parts, _is_fast(package), _has_loops(sources))


def prepare_plainly(raw: bytes, package: Package) -> Prepared | None:
    """A template as plain data; None where its tags go beyond that.  Raises TemplateDamaged."""
    sources = prepared_sources(raw, package)
    parts: dict[str, PlainPart] = {}
    for name, (prefix, source, suffix) in sources.items():
        steps = plain_steps(source)
        if steps is None or not _is_fast(package):
            return None
        parts[name] = PlainPart(prefix, steps, suffix)
    return Prepared(parts, _has_loops(sources))


def _is_fast(package: Package) -> bool:
    return not any(_SLOW_TAGS.search(text) for text in _flat_texts(package))


def _has_loops(sources: Mapping[str, tuple[str, str, str]]) -> bool:
    """Whether a bookmark can be printed more than once, or has a number of its own."""
    document = sources[DOCUMENT][1]
    names = [base_name(name) for name in _NAME.findall(document)]
    return len(set(names)) < len(names) or any(_LOOP.search(source) for _, source, _ in sources.values())


def prepared_sources(raw: bytes, package: Package) -> dict[str, tuple[str, str, str]]:
    """(prefix, Jinja source, suffix) of every filled part, by docxtpl's own preprocessing."""
    try:
        template = docxtpl_template(raw)
        template.init_docx()
        body = template.patch_xml(template.get_xml())
    except (KeyError, ValueError, AttributeError, SyntaxError, TypeError) as error:
        raise TemplateDamaged("模板不是完整的 Word 文档。") from error
    head, tail = _root_around_body(template)
    sources = {DOCUMENT: (head, tidy_bookmarks(re.sub(r"<w:body[^>]*>", "<w:body>", body, count=1)), tail)}
    for name, part in package.parts.items():
        if name != DOCUMENT and filled(name):
            sources[name] = ("", template.patch_xml(template.xml_to_string(_parsed(part))), "")
    return sources


def docxtpl_template(raw: bytes) -> Any:
    """A template as docxtpl reads it; ``&`` may stand in a tag as ``<`` and ``>`` may."""
    return _docxtpl_class()(io.BytesIO(raw))


@lru_cache(maxsize=1)
def _docxtpl_class() -> Any:
    from docxtpl import DocxTemplate

    class Template(DocxTemplate):  # type: ignore[misc]
        def patch_xml(self, src_xml: str) -> str:
            return unescape_in_tags(super().patch_xml(src_xml))

    return Template


def unescape_in_tags(source: str) -> str:
    """Jinja source with ``&`` in tags as typed: docxtpl puts back only ``<`` and ``>``."""
    return _INSIDE.sub(lambda tag: tag.group().replace("&amp;", "&"), source) if "&amp;" in source else source


def _program(name: str, source: str) -> Program:
    try:
        return program(source)
    except TemplateSyntaxError as error:
        raise TemplateTagInvalid(tag_error_sentence(name, source)) from error
    except RecursionError as error:
        raise TemplateTagInvalid(
            f"模板{part_title(name)}中的标签嵌套太深。", hint="请减少层层相套的条件和括号。"
        ) from error


def _flat_texts(package: Package) -> list[str]:
    """The text of each filled part without XML tags, since Word splits docxtpl tags over runs."""
    return [re.sub(r"<[^>]+>", "", raw.decode()) for name, raw in package.parts.items() if filled(name)]


def _parsed(part: bytes) -> Any:
    from docx.opc.oxml import parse_xml

    # Declared to take str, but only bytes may carry an XML declaration.
    return parse_xml(part)  # type: ignore[arg-type]


def _root_around_body(template: Any) -> tuple[str, str]:
    from lxml import etree

    root = etree.fromstring(etree.tostring(template.docx._element))  # noqa: SLF001 - docxtpl offers no other way
    for child in list(root):
        root.remove(child)
    root.text = "\x1f".replace("\x1f", "KANGDANG-BODY")
    head, _, tail = etree.tostring(root, encoding="unicode").partition("KANGDANG-BODY")
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + head, tail


def tidy_bookmarks(text: str) -> str:
    """Put id and name first in every bookmark tag, the name as the template means it.

    Renumbering can then read them at a glance.
    """

    def tidied(match: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(match.group(2)))
        first = {name: attributes.pop(name) for name in ("w:id", "w:name") if name in attributes}
        if "w:name" in first:
            first["w:name"] = without_copy(first["w:name"])
        written = "".join(f' {name}="{value}"' for name, value in {**first, **attributes}.items())
        return f"<w:bookmark{match.group(1)}{written}/>"

    return _ANY_BOOKMARK.sub(tidied, text)


def tag_error_sentence(part: str, source: str) -> str:
    """Where in the document a tag is wrong: the paragraph quoted, for a Word user to search for."""
    lined = by_paragraph(source)
    try:
        program(lined)
        line = 1
    except TemplateSyntaxError as error:
        line = error.lineno
    lines = lined.split("\n")
    text = re.sub(r"<[^>]+>", "", lines[min(max(line - 1, 0), len(lines) - 1)]).strip()
    return f"模板{part_title(part)}的标签写错了：“{text[:60]}”。"


def by_paragraph(source: str) -> str:
    """Jinja source with a line for each paragraph, so that a line number is a place."""
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", source.replace("\n", " "))
