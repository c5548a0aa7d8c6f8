"""Records: filled forms as append-only revisions, encrypted, each with its state.

draft ─► final ─► signed ─► archived; final and signed ones are corrected by a further revision with a reason;
void ends what was a mistake.  Only disposal removes content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import delete, func, insert, select, update

from archives.archive import Archive, Unit, canonical_json
from archives.errors import InputRefused, NotFound, StateForbids
from archives.items.codes import item_ref, next_item
from archives.items.ending import require_lasting
from archives.items.placing import place_for
from archives.items.slips import parted, with_slip
from archives.keys.bindings import REVISION, REVISION_REASON
from archives.people.episodes import require_open_volume
from archives.people.files import file_facts, require_open
from archives.people.naming import clean
from archives.store.next_id import NextRecord
from archives.store.prepared import Prepared
from archives.store.rows import the_value
from archives.store.tables import facts as facts_table
from archives.store.tables import records, revisions

RecordState = Literal["draft", "final", "signed", "archived", "void", "destroying", "destroyed"]
LIVE = ("draft", "final", "signed", "archived")
MOST_NAMED: Final = 100
"""Changed fields an event names; it counts all of them."""
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_ADD_RECORD: Final = Prepared(
    insert(records).values(id=NextRecord()),
    "file_id", "volume_id", "form_id", "title", "item_no", "ref_code", "state", "document_date",
    "events", "item_key", "source_record", "added_at", "added_by",
    gives=records.c.id,
)  # fmt: skip
_ADD_REVISION: Final = Prepared(insert(revisions), *revisions.c.keys())
_ADD_FACT: Final = Prepared(insert(facts_table), *facts_table.c.keys())


@dataclass(frozen=True, slots=True)
class Content:
    """One filled form: the whole answer object as JSON bytes, and what lists and rules need of it."""

    form_id: str
    form_version: int
    title: str
    """Name of the form and its number (个案服务记录表（第3次）); never a person's name."""
    payload: bytes
    state: Literal["draft", "final", "signed"] = "final"
    document_date: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    """Retention events of this record alone, ISO dates."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record as its row says."""

    id: int
    file: int
    volume: int | None
    form_id: str
    title: str
    item_no: int | None
    ref_code: str | None
    state: RecordState
    document_date: date | None
    item_key: str | None
    revision: int


def add_record(unit: Unit, file_id: int, content: Content, *, source_record: int | None = None) -> int:
    """Put a record into a file; returns its id.  Raises StateForbids, InputRefused, NotFound."""
    place = place_for(unit, file_id, numbered=content.state != "draft")
    key_name, key = unit.archive.keys.new()
    record = unit.added(
        _ADD_RECORD,
        {
            "file_id": file_id, "volume_id": place.volume,
            "form_id": content.form_id,
            "title": clean(content.title, "题名"), "item_no": place.item_no, "ref_code": place.ref_code,
            "state": content.state,
            "document_date": _iso(content.document_date), "events": canonical_json(content.events),
            "item_key": key_name, "source_record": source_record, "added_at": unit.at,
            "added_by": unit.staff(),
        },
    )  # fmt: skip
    _append(unit, record, 1, content, key, None)
    _add_facts(unit, record, content.facts)
    unit.log(
        "record.add", f"record:{record}", chain=file_id,
        detail={"form": content.form_id, "version": str(content.form_version), "state": content.state},
    )  # fmt: skip
    return record


def revise(unit: Unit, record_id: int, content: Content, reason: str | None = None) -> int:
    """Append a revision; what was final needs the reason.  Returns its number.

    Raises StateForbids (archived, void, destroyed), InputRefused, NotFound.
    """
    record = record_facts(unit, record_id)
    require_open(file_facts(unit, record.file))
    require_open_volume(unit, record.file, record.volume)
    require_lasting(unit, record_id)
    if record.state not in ("draft", "final", "signed"):
        raise StateForbids(f"这一件的状态是“{STATE_NAMES[record.state]}”，不能再修改。")
    if content.form_id != record.form_id:
        raise InputRefused("修改时不能换成另一种表单。")
    if record.state != "draft":
        reason = clean(reason or "", "更正原因", most=500)
        if content.state == "draft":
            raise StateForbids(
                "已定稿的件不能退回草稿。", hint="请用 kangdang record revise 直接更正并说明原因。"
            )
    number = record.revision + 1
    changed = changed_fields(payload_of(unit, record_id, record.revision)[1], content.payload)
    _append(unit, record_id, number, content, _key(unit.archive, record), reason)
    _set_facts(unit, record_id, content.facts)
    # Dates noted on the record itself (已离职、已取代) stay; the answers do not know of them.
    noted = json.loads(
        the_value(
            unit.execute(select(records.c.events).where(records.c.id == record_id)), f"第 {record_id} 件"
        )
    )
    values: dict[str, Any] = {
        "state": content.state, "title": clean(content.title, "题名"),
        "document_date": _iso(content.document_date), "events": canonical_json({**noted, **content.events}),
    }  # fmt: skip
    if record.item_no is None and content.state != "draft":
        values["item_no"] = next_item(unit, record.file)
        values["ref_code"] = item_ref(unit, record.file, record.volume, values["item_no"])
    unit.execute(update(records).where(records.c.id == record_id).values(**values))
    unit.log(
        "record.revise", f"record:{record_id}", chain=record.file,
        detail={"revision": number, "version": str(content.form_version), "state": content.state,
                "state_before": record.state, "count": len(changed), **_named(changed)},
    )  # fmt: skip
    return number


def changed_fields(before: bytes, after: bytes) -> list[str]:
    """Names of the fields of the form whose answers differ, in the order of the alphabet; never an answer.

    Of answers that are no JSON object nothing is told.
    """
    try:
        one, other = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return []
    if not isinstance(one, dict) or not isinstance(other, dict):
        return []
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _named(fields: list[str]) -> dict[str, str]:
    """For the event: a name no form has (the answers were written by another program) tells no more."""
    told = [name for name in fields if _FIELD.fullmatch(name)][:MOST_NAMED]
    return {"fields": ",".join(told)} if told else {}


def read_record(
    unit: Unit, record_id: int, *, revision: int | None = None, purpose: str | None = None
) -> tuple[RecordFacts, int, bytes]:
    """(facts, form version, answers) of a record, or of one of its revisions; the reading is on the log.

    Raises NotFound, ItemUnreadable.
    """
    record = record_facts(unit, record_id)
    if record.item_key is None or record.state in ("destroying", "destroyed"):
        raise NotFound("这一件已销毁，内容不存在。")
    number = revision or record.revision
    row = unit.execute(
        select(revisions).where(revisions.c.record_id == record_id, revisions.c.number == number)
    ).first()
    if row is None:
        raise NotFound(f"这一件没有第 {number} 稿。")
    plain = answers_in(unit.archive, record.item_key, row)
    unit.log(
        "record.read", f"record:{record_id}", chain=record.file, purpose=purpose, detail={"revision": number}
    )
    return record, int(row.form_version), plain


def history(unit: Unit, record_id: int) -> list[tuple[int, str, int, str, str | None]]:
    """(number, at, by, state, reason) of every revision, oldest first."""
    record = record_facts(unit, record_id)
    rows = unit.execute(
        select(revisions).where(revisions.c.record_id == record_id).order_by(revisions.c.number)
    )
    told = []
    for row in rows:
        reason = None
        if row.reason is not None and record.item_key is not None:
            reason = unit.archive.decrypt(record.item_key, row.reason, REVISION_REASON.of_row(row)).decode()
        told.append((row.number, row.at, row.by, row.state, reason))
    return told


def mark_signed(unit: Unit, record_id: int) -> None:
    """All signatures are on the paper that came home.  Raises StateForbids."""
    _step(unit, record_id, "final", "signed")


def void(unit: Unit, record_id: int, reason: str) -> None:
    """End a record that was a mistake; its content stays until disposal.  Raises StateForbids."""
    record = record_facts(unit, record_id)
    require_open(file_facts(unit, record.file))
    require_open_volume(unit, record.file, record.volume)
    if record.state not in ("draft", "final", "signed"):
        raise StateForbids(f"这一件的状态是“{STATE_NAMES[record.state]}”，不能作废。")
    unit.execute(update(records).where(records.c.id == record_id).values(state="void"))
    unit.log(
        "record.void", f"record:{record_id}", chain=record.file,
        detail={"state_before": record.state}, note=clean(reason, "作废原因", most=500),
    )  # fmt: skip


def _step(unit: Unit, record_id: int, before: str, after: str) -> None:
    record = record_facts(unit, record_id)
    if record.state != before:
        raise StateForbids(f"这一件的状态是“{STATE_NAMES[record.state]}”，不是“{STATE_NAMES[before]}”。")
    unit.execute(update(records).where(records.c.id == record_id).values(state=after))
    unit.log(
        "record.state", f"record:{record_id}", chain=record.file,
        detail={"state_before": before, "state_after": after},
    )  # fmt: skip


STATE_NAMES: Mapping[str, str] = {
    "draft": "草稿",
    "final": "定稿",
    "signed": "已签字",
    "archived": "已归档",
    "void": "作废",
    "destroying": "正在销毁",
    "destroyed": "已销毁",
}


def record_facts(unit: Unit, record_id: int) -> RecordFacts:
    """The record.  Raises NotFound."""
    last = select(func.max(revisions.c.number)).where(revisions.c.record_id == record_id).scalar_subquery()
    row = unit.execute(select(records, last.label("revision")).where(records.c.id == record_id)).first()
    if row is None:
        raise NotFound("没有这一件。")
    return RecordFacts(
        row.id, row.file_id, row.volume_id, row.form_id, row.title, row.item_no, row.ref_code, row.state,
        date.fromisoformat(row.document_date) if row.document_date else None, row.item_key, row.revision or 0,
    )  # fmt: skip


def _append(unit: Unit, record: int, number: int, content: Content, key: bytes, reason: str | None) -> None:
    of = {"record_id": record, "number": number}
    sealed = unit.archive.encrypt(key, with_slip(_slip(content), content.payload), REVISION.of(**of))
    why = unit.archive.encrypt(key, reason.encode(), REVISION_REASON.of(**of)) if reason else None
    unit.prepared(
        _ADD_REVISION,
        {
            "record_id": record, "number": number, "form_version": content.form_version,
            "state": content.state,
            "payload": sealed, "at": unit.at, "by": unit.staff(), "reason": why,
        },
    )  # fmt: skip


def _slip(content: Content) -> dict[str, Any]:
    """What the rows of the record and of this revision repeat in plain."""
    return {
        "form": content.form_id, "version": content.form_version, "state": content.state,
        "title": clean(content.title, "题名"), "date": _iso(content.document_date),
        "facts": dict(content.facts), "events": dict(content.events),
    }  # fmt: skip


def _set_facts(unit: Unit, record: int, values: Mapping[str, str]) -> None:
    unit.execute(delete(facts_table).where(facts_table.c.record_id == record))
    _add_facts(unit, record, values)


def _add_facts(unit: Unit, record: int, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        unit.prepared(_ADD_FACT, {"record_id": record, "name": name, "value": value})


def facts_of(unit: Unit, record: int) -> dict[str, str]:
    """The index facts of a record."""
    rows = unit.execute(select(facts_table).where(facts_table.c.record_id == record))
    return {row.name: row.value for row in rows}


def events_of(raw: str) -> dict[str, date]:
    """Retention events as stored with a record."""
    return {name: date.fromisoformat(value) for name, value in json.loads(raw).items()}


def _key(archive: Archive, record: RecordFacts) -> bytes:
    if record.item_key is None:
        raise StateForbids("这一件已销毁。")
    return archive.keys.get(record.item_key)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def payload_of(unit: Unit, record_id: int, number: int) -> tuple[int, bytes]:
    """(form version, answers) of a revision for the program itself; nobody sees it, so nothing is logged.

    Raises NotFound, ItemUnreadable.
    """
    record = record_facts(unit, record_id)
    row = unit.execute(
        select(revisions).where(revisions.c.record_id == record_id, revisions.c.number == number)
    ).first()
    if row is None or record.item_key is None:
        raise NotFound(f"这一件没有第 {number} 稿。")
    return int(row.form_version), answers_in(unit.archive, record.item_key, row)


def answers_in(archive: Archive, item_key: str, row: Any) -> bytes:
    """The answers a row of ``revisions`` holds.  Raises ItemUnreadable."""
    return parted(archive.decrypt(item_key, row.payload, REVISION.of_row(row)))[1]
