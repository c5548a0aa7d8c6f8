"""Which answers of a record were changed since a print: captions of fields, never an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from archives.archive import Unit
from archives.items.documents import DocumentFacts
from archives.items.records import payload_of, record_facts
from generator.forms.catalogue import load_form
from generator.forms.definition import FormDefinition


def changed_since(unit: Unit, printed: DocumentFacts) -> tuple[str, ...]:
    """Captions of the fields whose answers are not what ``printed`` says, in form order.

    Raises NotFound, ItemUnreadable.
    """
    record = record_facts(unit, printed.record or 0)
    if printed.revision is None or printed.revision == record.revision:
        return ()
    version, before = payload_of(unit, record.id, printed.revision)
    _, now = payload_of(unit, record.id, record.revision)
    return changed_fields(load_form(record.form_id, version), json.loads(before), json.loads(now))


def changed_fields(
    form: FormDefinition, before: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[str, ...]:
    """Captions of the fields that differ, in form order; rows of a list count as one field each."""
    places = dict(_leaves(before)).items() ^ dict(_leaves(now)).items()
    pointers = {form_pointer for (form_pointer, _), _ in places}
    known = sorted((form.order.get(pointer, len(form.order)), pointer) for pointer in pointers)
    told = [form.fields[pointer].label if pointer in form.fields else pointer for _, pointer in known]
    return tuple(dict.fromkeys(told))


def _leaves(value: Any, pointer: str = "", place: str = "") -> Iterator[tuple[tuple[str, str], str]]:
    """((pointer as the form names it, pointer with row numbers), answer as text)."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{pointer}/{name}", f"{place}/{name}")
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/*", f"{place}/{number}")
    else:
        yield (pointer, place), json.dumps(value, ensure_ascii=False, sort_keys=True)
