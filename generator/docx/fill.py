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
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.docx.bookmarks import base_name
from generator.docx.package import (
    IDENTITY_NAME,
    IDENTITY_PART,
    PackageWriter,
    read_package,
    write_package,
)
from generator.docx.plain import NeedsDocxtpl, ready
from generator.docx.prepared import DOCUMENT, Prepared, filled
from generator.docx.repair import Emptied, is_sound, repaired
from generator.errors import GeneratorError, TemplateDamaged

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

    from generator.docx.preparing import Programs

RESTORE_CODE = "请从标准模板的页眉复制识别码图片（右上角的方块），贴回原处再安装。"
_BRACE = "\ufdd0"
"""No character: keeps docxtpl from taking braces of an answer for its own."""
_CONTROL = re.compile(r"[\n\t\a\f]")
_BOOKMARK = re.compile(r'<w:bookmark(?:End w:id="(\d+)"|Start w:id="(\d+)" w:name="([^"]*)")')


class Way(NamedTuple):
    """A template filled with its conditions going one way: what holds, in words, and the changed parts."""

    holds: str
    parts: Mapping[str, bytes]
    emptied_cells: int


class CompiledTemplate:
    """One template, ready to be filled; safe to share between threads."""

    def __init__(self, raw: bytes, prepared: Prepared | None = None) -> None:
        """``prepared``: what docxtpl made of just this ``raw``, as it stands beside a standard template."""
        if prepared is not None:
            self._raw, self.package = raw, read_package(raw, known=True)
            self._identity: tuple[str, ...] = (IDENTITY_PART,)
        else:
            from generator.docx.canonical import station_template

            self._raw, self.package, self._identity = station_template(raw)
        self._made: Prepared | Programs = prepared or self._programs
        self._plain = {name: ready(part.steps) for name, part in prepared.parts.items()} if prepared else {}
        self.fast = prepared is not None or self._programs.fast

    @cached_property
    def _programs(self) -> Programs:
        """The parts as programs for Jinja; for a standard template only where plain steps do not do."""
        from generator.docx.preparing import prepare

        return prepare(self._raw, self.package)

    @cached_property
    def _writer(self) -> PackageWriter:
        return PackageWriter(self.package.parts, changing=frozenset(self._made.parts))

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The Jinja source of every filled part, as docxtpl prepares it."""
        from generator.docx.preparing import prepared_sources

        return {name: source for name, (_, source, _) in prepared_sources(self._raw, self.package).items()}

    def fill(self, context: Mapping[str, Any], media: Mapping[str, bytes] | None = None) -> bytes:
        """The filled docx; ``media`` gives the page-code picture (IDENTITY_PART).

        Raises TemplateTagInvalid for names the context does not have, TemplateUnsafe for forbidden access,
        TemplateDamaged where the code picture is asked for and there is none.
        """
        if self.fast:
            try:
                return self._writer.assemble({**self.render(context), **placed(media or {}, self._identity)})
            except NeedsDocxtpl:
                pass
        return self._fill_slowly(context, media or {})

    @property
    def shows_code(self) -> bool:
        """Whether the header has the picture of the page code."""
        return bool(self._identity)

    def fill_parts(self, context: Mapping[str, Any]) -> Mapping[str, bytes]:
        """The parts of the filled docx by name, for whoever would only unzip it.  Raises as ``fill`` does."""
        if self.fast:
            try:
                return {**self.package.parts, **self.render(context)}
            except NeedsDocxtpl:
                pass
        return read_package(self._fill_slowly(context, {}), known=True).parts

    def pack(self, parts: Mapping[str, bytes], media: Mapping[str, bytes] | None = None) -> bytes:
        """The docx of filled ``parts``, whatever was done to them since; ``media`` and errors as ``fill``."""
        if parts.keys() == self.package.parts.keys():
            changed = {n: data for n, data in parts.items() if data is not self.package.parts[n]}
            return self._writer.assemble({**changed, **placed(media or {}, self._identity)})
        from generator.docx.canonical import identity_parts

        return write_package({**parts, **placed(media or {}, identity_parts(parts))})

    def render(self, context: Mapping[str, Any]) -> dict[str, bytes]:
        """The changed parts, by name."""
        return {name: self._finished(name, self._text(name, context))[0] for name in self._made.parts}

    def render_every_way(self, context: Mapping[str, Any]) -> Iterator[Way]:
        """Every way its conditions can go; one that these answers do not allow is passed over."""
        from generator.docx.branches import ways
        from generator.docx.sandboxed import render, told

        for holds, programs in ways(self.sources) if self.fast else ():
            rendered: dict[str, bytes] = {}
            emptied: list[Emptied] = []
            try:
                for name, program in programs.items():
                    with told(name):
                        text = _as_docxtpl_ends(render(program, context))
                        rendered[name], left = self._finished(name, text)
                        emptied.append(left)
            except (GeneratorError, NeedsDocxtpl):
                continue
            yield Way(holds, rendered, sum(left.cells for left in emptied))

    def _finished(self, name: str, text: str) -> tuple[bytes, Emptied]:
        """A whole part: what was rendered between its prefix and suffix."""
        part = self._made.parts[name]
        if self._made.loops and name == DOCUMENT:
            text = renumber_bookmarks(text)
        whole = part.prefix + text + part.suffix
        whole, emptied = (whole, Emptied()) if is_sound(text) else repaired(whole)
        return whole.encode(), emptied

    def _text(self, name: str, context: Mapping[str, Any]) -> str:
        """What stands in a part between prefix and suffix."""
        text = self._plain[name](context) if name in self._plain else None
        if text is None:
            from generator.docx.sandboxed import render, told

            with told(name):
                text = render(self._programs.parts[name].program, context)
        return _as_docxtpl_ends(text)

    def _fill_slowly(self, context: Mapping[str, Any], media: Mapping[str, bytes]) -> bytes:
        from generator.docx.preparing import docxtpl_template, tidy_bookmarks
        from generator.docx.sandboxed import told

        document = docxtpl_template(self._raw)
        with told(DOCUMENT):
            document.render(dict(context), jinja_env=_docxtpl_environment(), autoescape=True)
        out = io.BytesIO()
        document.save(out)
        parts = dict(read_package(out.getvalue()).parts)
        for name in filter(filled, parts):
            text = parts[name].decode().replace(_BRACE, "")
            if name == DOCUMENT:
                text = renumber_bookmarks(tidy_bookmarks(text))
            parts[name] = repaired(text)[0].encode()
        from generator.docx.canonical import identity_parts

        return write_package({**parts, **placed(media, identity_parts(parts))})


def placed(media: Mapping[str, bytes], identity: tuple[str, ...]) -> dict[str, bytes]:
    """``media`` by the names of this package.  Raises TemplateDamaged without a place for the code."""
    made = {name: data for name, data in media.items() if name != IDENTITY_PART}
    if IDENTITY_PART in media:
        if not identity:
            raise TemplateDamaged(f"模板的页眉里没有页面识别码的图片（{IDENTITY_NAME}）。", hint=RESTORE_CODE)
        made.update(dict.fromkeys(identity, media[IDENTITY_PART]))
    return made


def _docxtpl_environment() -> SandboxedEnvironment:
    from generator.docx.environment import environment

    def kept(value: Any) -> Any:
        if type(value) is not str or ("{_" not in value and "_}" not in value):
            return value
        return value.replace("_", f"{_BRACE}_{_BRACE}")

    return environment().overlay(finalize=kept)


def _as_docxtpl_ends(text: str) -> str:
    """What docxtpl does to a rendered part: line breaks and tabs in answers."""
    broken = "\n" in text or "\a" in text or "\t" in text or "\f" in text
    return _resolve_breaks(text) if broken else text


def _resolve_breaks(text: str) -> str:
    """Docxtpl's handling of line breaks and tabs in answers, only on the paragraphs that have any."""
    from docxtpl import DocxTemplate

    out: list[str] = []
    at = 0
    # Ends: each round goes on behind the match.
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


def renumber_bookmarks(text: str) -> str:
    """Give bookmarks ids and names of their own in the order they are printed (``f_x``, ``f_x__2`` …).

    Their tags are tidy.  A template numbers places of one field of which only some are printed, too.
    """
    ids: dict[str, int] = {}
    seen: dict[str, int] = {}

    numbers = itertools.count(1)

    def replace(match: re.Match[str]) -> str:
        end, number, name = match.groups()
        if end is not None:
            return f'<w:bookmarkEnd w:id="{ids.get(end, end)}"'
        name = base_name(name)
        ids[number] = count = next(numbers)
        seen[name] = times = seen.get(name, 0) + 1
        suffix = f"__{times}" if times > 1 else ""
        return f'<w:bookmarkStart w:id="{count}" w:name="{name}{suffix}"'

    return _BOOKMARK.sub(replace, text)
