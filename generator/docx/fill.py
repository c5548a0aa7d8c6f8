"""A docx template compiled once and filled many times.

docxtpl decides what the tags mean: its preprocessing runs once per template, its fill is only the rendering
of the prepared parts and a zip of what changed.  Constructs that need docxtpl's own objects or its table
repair (rich text, sub-documents, images, column loops) are filled by docxtpl itself.  Both ways give the same
document, header and footer parts; a test compares them for every template.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from generator.docx.environment import NeedsDocxtpl, environment
from generator.docx.package import Package, PackageWriter, read_package, write_package
from generator.errors import TemplateDamaged, TemplateTagInvalid, TemplateUnsafe

DOCUMENT = "word/document.xml"
_FILLED = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml\Z")
_CONTROL = re.compile(r"[\n\t\a\f]")
_ANY_BOOKMARK = re.compile(r"<w:bookmark(Start|End)\s([^>]*?)/>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_BOOKMARK = re.compile(r'<w:bookmark(?:End w:id="(\d+)"|Start w:id="(\d+)" w:name="([^"]*)")')
# What only docxtpl can do: objects placed by {{r}} and {{p}}, loops over columns, spans computed in tags.
_SLOW_TAGS = re.compile(r"\{\{\s?[rp]\s|\{%\s?r\s|\{[%{#]tc\s|\{%\s*(?:colspan|cellbg|hm|vm)\b")


@dataclass(frozen=True, slots=True)
class _Part:
    """A prepared part: the text around the rendered fragment and the compiled fragment."""

    prefix: str
    template: Template
    suffix: str


class CompiledTemplate:
    """One template, ready to be filled; safe to share between threads."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.package: Package = read_package(raw)
        if DOCUMENT not in self.package.parts:
            raise TemplateDamaged("模板中没有正文（word/document.xml）。")
        sources = _prepared_sources(raw, self.package)
        self.sources: Mapping[str, str] = {name: text[1] for name, text in sources.items()}
        self.fast = not any(_SLOW_TAGS.search(xml) for xml in _flat_texts(self.package).values())
        self._parts = {name: _compile(name, *text) for name, text in sources.items()}
        self._loops = any("{% for" in text or "{%p for" in text for text in self.sources.values())
        self._writer = PackageWriter(self.package.parts, changing=frozenset(self._parts))

    def fill(self, context: Mapping[str, Any], media: Mapping[str, bytes] | None = None) -> bytes:
        """The filled docx; ``media`` replaces parts such as the page-code picture.

        Raises TemplateTagInvalid for names the context does not have, TemplateUnsafe for forbidden access.
        """
        if self.fast:
            try:
                return self._writer.assemble({**self.render(context), **(media or {})})
            except NeedsDocxtpl:
                pass
        return self._fill_slowly(context, media or {})

    def render(self, context: Mapping[str, Any]) -> dict[str, bytes]:
        """The changed parts, by name."""
        rendered = {}
        for name, part in self._parts.items():
            text = _render(name, part.template, context)
            if self._loops and name == DOCUMENT:
                text = renumber_bookmarks(text)
            rendered[name] = (part.prefix + text + part.suffix).encode()
        return rendered

    def _fill_slowly(self, context: Mapping[str, Any], media: Mapping[str, bytes]) -> bytes:
        from docxtpl import DocxTemplate

        document = DocxTemplate(io.BytesIO(self._raw))
        with _told(DOCUMENT):
            document.render(dict(context), jinja_env=_docxtpl_environment(), autoescape=True)
        out = io.BytesIO()
        document.save(out)
        parts = dict(read_package(out.getvalue()).parts)
        parts[DOCUMENT] = renumber_bookmarks(tidy_bookmarks(parts[DOCUMENT].decode())).encode()
        return write_package({**parts, **media})


def _docxtpl_environment() -> SandboxedEnvironment:
    return environment().overlay(finalize=lambda value: value)


def _flat_texts(package: Package) -> dict[str, str]:
    """The text of each filled part without XML tags, since Word splits docxtpl tags over runs."""
    return {
        name: re.sub(r"<[^>]+>", "", raw.decode())
        for name, raw in package.parts.items()
        if _FILLED.match(name)
    }


def _prepared_sources(raw: bytes, package: Package) -> dict[str, tuple[str, str, str]]:
    """(prefix, Jinja source, suffix) of every filled part, by docxtpl's own preprocessing."""
    from docxtpl import DocxTemplate

    try:
        template = DocxTemplate(io.BytesIO(raw))
        template.init_docx()
        body = template.patch_xml(template.get_xml())
    except (KeyError, ValueError, AttributeError, SyntaxError) as error:
        raise TemplateDamaged("模板不是完整的 Word 文档。") from error
    head, tail = _root_around_body(template)
    sources = {DOCUMENT: (head, tidy_bookmarks(re.sub(r"<w:body[^>]*>", "<w:body>", body, count=1)), tail)}
    for name, part in package.parts.items():
        if name != DOCUMENT and _FILLED.match(name):
            sources[name] = ("", template.patch_xml(template.xml_to_string(_parsed(part))), "")
    return sources


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


def _compile(name: str, prefix: str, source: str, suffix: str) -> _Part:
    try:
        return _Part(prefix, environment().from_string(source), suffix)
    except TemplateSyntaxError as error:
        raise TemplateTagInvalid(tag_error_sentence(name, source, error.lineno)) from error


def _render(name: str, template: Template, context: Mapping[str, Any]) -> str:
    with _told(name):
        text = template.render(context)
    if "{_" in text or "_}" in text:
        text = text.replace("{_{", "{{").replace("}_}", "}}").replace("{_%", "{%").replace("%_}", "%}")
    broken = "\n" in text or "\a" in text or "\t" in text or "\f" in text
    return _resolve_breaks(text) if broken else text


class _told:  # noqa: N801 - reads as a word in `with _told(part)`
    """Turns Jinja's errors while rendering one part into ours."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        place = part_title(self._part)
        if isinstance(error, SecurityError):
            raise TemplateUnsafe(f"模板{place}的标签试图访问程序内部。") from error
        if isinstance(error, UndefinedError):
            raise TemplateTagInvalid(
                f"模板{place}的标签用了不存在的名称：{_unknown_name(error)}。"
            ) from error
        if isinstance(error, (TemplateError, TypeError, ValueError, ZeroDivisionError, OverflowError)):
            raise TemplateTagInvalid(f"模板{place}的标签无法计算（{type(error).__name__}）。") from error


def _unknown_name(error: UndefinedError) -> str:
    """The name itself out of Jinja's English sentence, where it is the last thing quoted."""
    quoted = re.findall(r"'([^']*)'", error.message or "")
    return quoted[-1] if quoted else "未知"


def _resolve_breaks(text: str) -> str:
    """Docxtpl's handling of line breaks and tabs in answers, only on the paragraphs that have any."""
    from docxtpl import DocxTemplate

    out: list[str] = []
    at = 0
    while match := _CONTROL.search(text, at):
        start = max(text.rfind("<w:p>", at, match.start()), text.rfind("<w:p ", at, match.start()))
        end = text.find("</w:p>", match.start()) + len("</w:p>")
        if start < 0 or end < len("</w:p>"):
            break
        out.append(text[at:start])
        out.append(DocxTemplate.resolve_listing(None, text[start:end]))
        at = end
    out.append(text[at:])
    return "".join(out)


def tidy_bookmarks(text: str) -> str:
    """Put id and name first in every bookmark tag, so that renumbering can read them at a glance."""

    def tidied(match: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(match.group(2)))
        first = {name: attributes.pop(name) for name in ("w:id", "w:name") if name in attributes}
        written = "".join(f' {name}="{value}"' for name, value in {**first, **attributes}.items())
        return f"<w:bookmark{match.group(1)}{written}/>"

    return _ANY_BOOKMARK.sub(tidied, text)


def renumber_bookmarks(text: str) -> str:
    """Give bookmarks repeated by a loop ids and names of their own (``f_x``, ``f_x__2`` …); tags are tidy."""
    ids: dict[str, int] = {}
    seen: dict[str, int] = {}

    numbers = itertools.count(1)

    def replace(match: re.Match[str]) -> str:
        end, number, name = match.groups()
        if end is not None:
            return f'<w:bookmarkEnd w:id="{ids.get(end, end)}"'
        ids[number] = count = next(numbers)
        seen[name] = times = seen.get(name, 0) + 1
        suffix = f"__{times}" if times > 1 else ""
        return f'<w:bookmarkStart w:id="{count}" w:name="{name}{suffix}"'

    return _BOOKMARK.sub(replace, text)


def part_title(name: str) -> str:
    """``word/header1.xml`` → 页眉."""
    return {"document": "正文", "header": "页眉", "footer": "页脚"}[re.sub(r"\d", "", name[5:-4])]


def tag_error_sentence(part: str, source: str, line: int | None) -> str:
    """Where in the document a tag is wrong, in words a Word user can search for."""
    lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", source).split("\n") if line is None else source.split("\n")
    nearby = re.sub(r"<[^>]+>", "", lines[min(max((line or 1) - 1, 0), len(lines) - 1)])
    tag = re.search(r"\{[{%#].{0,60}", nearby)
    return f"模板{part_title(part)}的标签写错了：{(tag.group() if tag else nearby)[:60]}。"
