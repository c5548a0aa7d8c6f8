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

    def _get(self, document: DocumentFacts) -> Print:
        """Raises ItemUnreadable, NotFound, and what reading a print record raises."""
        with self._archive.looking(self._actor) as unit:
            return print_of(unit, document)

    def _picture(self, document: DocumentFacts, page: int) -> Grey | None:
        """The page as it was issued, where a code is lost; None when it cannot be drawn."""
        from generator.reading.report import printed_page

        if document.media_type != "application/pdf":
            return None
        try:
            return printed_page(content_of(self._archive, document), page)
        except GeneratorError:
            return None


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
