"""The reason a person gave for an act, where it lies sealed beside the event.

It is content of the file: whoever may not open the file learns that there is one, and no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Select, select

from archives.archive import Unit
from archives.keys.bindings import (
    AMENDMENT_REASON,
    HOLD_NOTE,
    LOAN_BASIS,
    NOTE,
    REQUEST_NOTE,
    REVISION_REASON,
    RIGHTS_REASON,
    Binding,
)
from archives.store.tables import amendments, files, holds, persons, records, revisions
from archives.store.tables_duties import loans, rights_requests
from archives.store.tables_people import access_requests, notes


def has_reason(unit: Unit, event: Any) -> bool:
    """Whether a reason in words lies sealed for this event."""
    return _place(unit, event) is not None


def reason_of(unit: Unit, event: Any) -> str | None:
    """The reason in words; None when there is none.  Raises ItemUnreadable."""
    place = _place(unit, event)
    if place is None:
        return None
    key, sealed, binding, row = place
    bound = NOTE.of() if binding is NOTE else binding.of_row(row)
    return unit.archive.decrypt(key, sealed, bound).decode()


def _place(unit: Unit, event: Any) -> tuple[str, bytes, Binding, Any] | None:
    """(name of the key, sealed bytes, binding, row) of the reason of an event."""
    if event.note_sha256 is not None:
        row = unit.execute(select(notes).where(notes.c.event_id == event.id)).first()
        return _sealed(_note_key(unit, event.chain), row, "body", NOTE)
    found = _WHERE.get(event.action)
    if found is None or event.result != "ok":
        return None
    query, column, binding = found
    number = int(event.subject.partition(":")[2])
    detail = json.loads(event.detail)
    row = unit.execute(query(number, event, detail)).first()
    if row is None:
        return None
    if binding is REVISION_REASON:
        key = unit.execute(select(records.c.item_key).where(records.c.id == number)).scalar()
    elif binding is AMENDMENT_REASON:
        key = unit.execute(select(persons.c.identity_key).where(persons.c.id == number)).scalar()
    else:
        key = _note_key(unit, event.chain)
    return _sealed(key, row, column, binding)


def _sealed(
    key: str | None, row: Any, column: str, binding: Binding
) -> tuple[str, bytes, Binding, Any] | None:
    if key is None or row is None or getattr(row, column) is None:
        return None
    return key, getattr(row, column), binding, row


def _note_key(unit: Unit, file: int) -> str | None:
    found: str | None = unit.execute(select(files.c.note_key).where(files.c.id == file)).scalar()
    return found


def _revision(number: int, _event: Any, detail: Mapping[str, Any]) -> Select[Any]:
    return select(revisions).where(
        revisions.c.record_id == number, revisions.c.number == detail.get("revision")
    )


def _amendment(number: int, event: Any, detail: Mapping[str, Any]) -> Select[Any]:
    return select(amendments).where(
        amendments.c.person_id == number,
        amendments.c.field == detail.get("kind"),
        amendments.c.at == event.at,
    )


def _by_number(table: Any) -> Callable[[int, Any, Mapping[str, Any]], Select[Any]]:
    return lambda number, _event, _detail: select(table).where(table.c.id == number)


_WHERE: Final[Mapping[str, tuple[Callable[[int, Any, Mapping[str, Any]], Select[Any]], str, Binding]]] = {
    "record.revise": (_revision, "reason", REVISION_REASON),
    "person.amend": (_amendment, "reason", AMENDMENT_REASON),
    "hold.place": (_by_number(holds), "note", HOLD_NOTE),
    "file.request": (_by_number(access_requests), "note", REQUEST_NOTE),
    "reopen.request": (_by_number(access_requests), "note", REQUEST_NOTE),
    "loan.lend": (_by_number(loans), "basis", LOAN_BASIS),
    "rights.decide": (_by_number(rights_requests), "decision_reason", RIGHTS_REASON),
}
"""Act → where its reason lies."""
