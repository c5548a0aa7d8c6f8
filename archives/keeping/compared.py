"""Plain columns that repeat sealed facts, compared with what is sealed.

Lists, searches and rules read the plain columns; whoever changes one there cannot change what is sealed.
What was sealed before it said these facts is compared in what it does say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from archives.archive import Archive
from archives.keeping.finding import KeepingFinding
from archives.keys.derive import id_hash
from archives.store.tables import facts
from archives.store.tables_people import events

Slip = Mapping[str, Any]
COLUMNS: Final[Mapping[str, str]] = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "phone": "电话", "id_hash": "证件号码",
    "form_id": "表单", "title": "题名", "document_date": "日期", "facts": "索引", "events": "期限日期",
    "form_version": "表单版本", "state": "状态", "kind": "种类", "print_id": "打印编号", "copy": "份号",
    "media_type": "格式", "pages": "页数", "size": "大小", "sha256": "校验值", "revision": "稿次",
    "of_document": "对应的打印件", "record_id": "所属文书",
}  # fmt: skip
"""What the columns are called where a finding names them."""
_NOTED: Final = ("retention.event", "record.state")
"""What noting a date is called on the log, and what it was called before."""
PERSON_COLUMNS: Final = ("name", "sex", "birth_date", "phone")
DOCUMENT_COLUMNS: Final = (
    "kind", "print_id", "copy", "media_type", "pages", "size", "sha256", "form_version", "revision",
    "of_document", "record_id",
)  # fmt: skip


def named(place: str, columns: Sequence[str]) -> str:
    """The place of a finding with the columns that differ."""
    return f"{place}（{'、'.join(COLUMNS[name] for name in columns)}）"


def document_differs(row: Any, said: Slip, content: bytes | None) -> list[str]:
    """Columns of a row of ``documents`` that say something else than its sheet, or than its bytes."""
    wrong = [name for name in DOCUMENT_COLUMNS if name in said and getattr(row, name) != said[name]]
    if said.get("record_id") is None and "record_id" in wrong:
        wrong.remove("record_id")  # a loose document joined an item
    if content is not None and hashlib.sha256(content).hexdigest() != said["sha256"]:
        wrong.append("sha256")
    return list(dict.fromkeys(wrong))


def person_differs(archive: Archive, row: Any, sealed: Slip) -> list[str]:
    """Columns of a row of ``persons`` that say something else than the sealed identity."""
    wrong = [name for name in PERSON_COLUMNS if name in sealed and getattr(row, name) != sealed[name]]
    number = sealed.get("id_number")
    hashed = id_hash(archive.id_key, number) if number and row.state == "present" else None
    return wrong if row.id_hash == hashed else [*wrong, "id_hash"]


def revision_differs(row: Any, said: Slip) -> list[str]:
    """Columns of a row of ``revisions`` that say something else than its slip."""
    pairs = (("form_version", "version"), ("state", "state"))
    return [name for name, of in pairs if getattr(row, name) != said[of]]


def record_differs(archive: Archive, row: Any, said: Sequence[Slip | None]) -> list[str]:
    """Columns of a row of ``records``, and its facts, that say something else than its revisions.

    ``said``: the slips of all its revisions, the newest last; None for one sealed before there were slips.
    """
    newest = said[-1] if said else None
    if newest is None:
        return []
    pairs = (("form_id", "form"), ("title", "title"), ("document_date", "date"))
    wrong = [name for name, of in pairs if getattr(row, name) != newest[of]]
    with archive.data.reading() as connection:
        found = connection.execute(select(facts).where(facts.c.record_id == row.id))
        if {one.name: one.value for one in found} != newest["facts"]:
            wrong.append("facts")
        if None not in said and not _dates_agree(connection, row, [one for one in said if one is not None]):
            wrong.append("events")
    return wrong


def _dates_agree(connection: Connection, row: Any, said: Sequence[Slip]) -> bool:
    """Whether every date that decides a period was in the answers once, or noted by an act."""
    stands: dict[str, str] = json.loads(row.events)
    if stands == said[-1]["events"]:
        return True
    known = {(name, day) for slip in said for name, day in slip["events"].items()}
    # A merger may have moved the record since: its events are on the chain of the file it was in then.
    query = select(events.c.detail).where(events.c.action.in_(_NOTED), events.c.subject == f"record:{row.id}")
    noted = [json.loads(detail) for detail in connection.execute(query).scalars()]
    known |= {(one["kind"], one["on"]) for one in noted if "kind" in one and "on" in one}
    return known >= set(stands.items()) and stands.keys() >= said[-1]["events"].keys()


def differs(kind: str, place: str, columns: Sequence[str]) -> Iterator[KeepingFinding]:
    """The finding, when there is something to find."""
    if columns:
        yield KeepingFinding(kind, named(place, columns))
