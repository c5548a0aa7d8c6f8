"""The prints whose pages come home: page map, answers as printed, picture as issued; each fetched once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archives.archive import Archive, Unit
from archives.items.documents import DocumentFacts, content_of, sheet_of
from archives.items.records import payload_of
from archives.ports import Actor
from generator.errors import GeneratorError
from generator.forms.catalogue import load_form
from generator.identity.page_map import PageMap
from generator.identity.sheet import read_sheet

if TYPE_CHECKING:
    from generator.forms.definition import FormDefinition
    from generator.reading.page_image import Grey
    from generator.reading.report import PrintedPages

_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Print:
    """One issued print as a reader of its pages needs it."""

    document: DocumentFacts
    form: FormDefinition
    answers: Mapping[str, Any] = field(repr=False)
    page_map: PageMap = field(repr=False)


class Prints:
    """Fetches prints; remembers the latest, for the pages of a stack come in heaps."""

    def __init__(self, archive: Archive, actor: Actor) -> None:
        self._archive = archive
        self._actor = actor
        self.get = lru_cache(_REMEMBERED)(self._get)
        self.picture = lru_cache(4)(self._picture)
        self._pages = lru_cache(2)(self._open)

    def _get(self, document: DocumentFacts) -> Print:
        """Raises ItemUnreadable, NotFound, and what reading a print record raises."""
        with self._archive.looking(self._actor) as unit:
            return print_of(unit, document)

    def _picture(self, document: DocumentFacts, page: int) -> Grey | None:
        """The page as it was issued; None when it cannot be drawn."""
        if document.media_type != "application/pdf":
            return None
        try:
            return self._pages(document).page(page)
        except GeneratorError:
            return None

    def _open(self, document: DocumentFacts) -> PrintedPages:
        from generator.reading.report import PrintedPages

        return PrintedPages(content_of(self._archive, document))


def print_of(unit: Unit, document: DocumentFacts) -> Print:
    """Everything of a print.  Raises ItemUnreadable, NotFound, PrintRecordInvalid."""
    raw = sheet_of(unit, document)
    page_map = read_sheet(raw).page_map if raw else PageMap()
    version, payload = payload_of(unit, document.record or 0, document.revision or 1)
    form_id = _form_of(unit, document)
    return Print(document, load_form(form_id, version), json.loads(payload), page_map)


def _form_of(unit: Unit, document: DocumentFacts) -> str:
    from archives.items.records import record_facts

    return record_facts(unit, document.record or 0).form_id
