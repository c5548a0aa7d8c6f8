"""The rows of AR4 档案查阅登记, from the access events of the files.

What one person did with one file for one purpose in one sitting is one row.  What the log does not know (the
letter of an outside reader, the relation to the person) stays blank for the pen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from archives.archive import Unit
from archives.duties.requests import READS
from archives.duties.staff import names_of, posts_of
from archives.log.event import SITE_CHAIN
from archives.log.purposes import PURPOSE_NAMES, Purpose
from archives.store.tables import documents, files, records
from archives.store.tables_people import access_requests, events
from desk.station.access import ACTS

SITTING: Final = timedelta(minutes=30)
"""Looks further apart than this are two rows."""
WAYS: Final[Mapping[str, str]] = {
    "person.read": "屏幕查看",
    "file.open": "屏幕查看",
    "file.complete": "屏幕查看",
    "document.list": "屏幕查看",
    "person.compare": "屏幕查看",
    "record.read": "屏幕查看",
    "log.reasons": "屏幕查看",
    "document.read": "屏幕查看",
    "file.print": "打印",
    "record.print": "打印",
    "document.print": "打印",
    "record.export": "导出",
    "document.export": "导出",
    "file.export": "导出",
}
"""Actions that are 查阅 → 利用方式."""
_DENIED: Final = "access.denied"
_SHOWN_ITEMS: Final = 20
_OUTSIDE: Final = ("评估检查", "司法", "本人查询", "监护人查询", "其他")
"""Purposes that need more than one's post as basis."""


@dataclass(slots=True)
class _Look:
    """One sitting."""

    staff: int
    chain: int
    purpose: str
    way: str
    result: str
    start: datetime
    end: datetime
    actions: set[str] = field(default_factory=set)
    records: dict[int, None] = field(default_factory=dict)
    documents: dict[int, None] = field(default_factory=dict)
    copied: set[int] = field(default_factory=set)
    refused: str = ""


def access_rows(unit: Unit, first: date, last: date, file: int | None = None) -> list[dict[str, Any]]:
    """Rows of AR4 ``entries`` from ``first`` to ``last``, both included, in the order of time."""
    looks = _looks(_relevant(unit, first, last, file))
    known = _Known(unit, looks)
    return [_row(unit, known, look) for look in sorted(looks, key=lambda look: look.start)]


def _relevant(unit: Unit, first: date, last: date, file: int | None) -> Iterator[Any]:
    query = (
        select(events)
        .where(
            events.c.chain == file if file is not None else events.c.chain != SITE_CHAIN,
            events.c.at >= first.isoformat(),
            events.c.at < (last + timedelta(days=1)).isoformat(),
            events.c.staff.is_not(None),
            events.c.action.in_([*WAYS, _DENIED]),
        )
        .order_by(events.c.id)
    )
    yield from unit.execute(query)


def _looks(rows: Iterable[Any]) -> list[_Look]:
    looks: list[_Look] = []
    running: dict[tuple[int, int, str, str], _Look] = {}
    for row in rows:
        refused = _refused_act(row)
        if row.action == _DENIED and refused is None:
            continue
        at = datetime.fromisoformat(row.at)
        result = "准予" if refused is None else "拒绝"
        key = (row.staff, row.chain, _purpose(row), result)
        look = running.get(key)
        if look is None or at - look.end > SITTING or at.date() != look.start.date():
            look = running[key] = _Look(row.staff, row.chain, key[2], "屏幕查看", result, at, at)
            looks.append(look)
        _add(look, row, at, refused)
    return looks


def _refused_act(row: Any) -> str | None:
    """Name of the act that was refused, when it was one that shows content."""
    if row.action != _DENIED:
        return None
    rule = ACTS.get(json.loads(row.detail).get("command", ""))
    return rule.name if rule is not None and rule.content and not rule.changes else None


def _purpose(row: Any) -> str:
    if row.purpose is not None:
        return PURPOSE_NAMES[Purpose(row.purpose)]
    roles = row.role.split("+")
    return "个案服务" if "worker" in roles else "督导" if "supervisor" in roles else "其他"


def _add(look: _Look, row: Any, at: datetime, refused: str | None) -> None:
    look.end = at
    look.refused = refused or look.refused
    look.actions.add(row.action)
    kind, _, number = row.subject.partition(":")
    copied = WAYS.get(row.action) in ("打印", "导出")
    if kind == "record":
        look.records[int(number)] = None
    elif kind == "document":
        look.documents[int(number)] = None
        if copied:
            look.copied.add(int(number))
    order = ("屏幕查看", "打印", "导出")
    look.way = max(look.way, WAYS.get(row.action, "屏幕查看"), key=order.index)


class _Known:
    """What rows need beside the events, asked once for all of them."""

    def __init__(self, unit: Unit, looks: Iterable[_Look]) -> None:
        looks = list(looks)
        self.names = names_of(unit)
        self.posts = posts_of(unit)
        chains = {look.chain for look in looks}
        self.files = {row.id: row for row in _chosen(unit, files, chains)}
        papers = {number for look in looks for number in look.documents}
        self.documents = {row.id: row for row in _chosen(unit, documents, papers)}
        items = {number for look in looks for number in look.records}
        items |= {row.record_id for row in self.documents.values() if row.record_id is not None}
        self.records = {row.id: row for row in _chosen(unit, records, items)}


def _chosen(unit: Unit, table: Any, ids: Iterable[int]) -> Iterator[Any]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        yield from unit.execute(select(table).where(table.c.id.in_(wanted[start : start + 500])))


def _row(unit: Unit, known: _Known, look: _Look) -> dict[str, Any]:
    file = known.files.get(look.chain)
    number = file.ref_code if file is not None else None
    kind = "站点业务卷" if file is not None and file.kind == "series" else "个案服务档案"
    row: dict[str, Any] = {
        "date": look.start.date().isoformat(),
        "start_time": look.start.strftime("%H:%M"),
        "reader": known.names[look.staff],
        "unit_post": known.posts[look.staff][:60],
        "title": kind if number or file is None else f"{kind}（{file.application_no}）",
        "scope": _scope(known, look),
        "purpose": look.purpose,
        "way": look.way,
        "copied_pages": sum(known.documents[one].pages for one in look.copied if one in known.documents),
        "result": look.result,
    }
    if number:
        row["file_no"] = number
    if look.result == "准予":
        row["end_time"] = look.end.strftime("%H:%M")
    else:
        row["refused_reason"] = f"{look.refused}：没有权限或没有说明目的"
    return row | _basis(unit, known, look)


def _basis(unit: Unit, known: _Known, look: _Look) -> dict[str, str]:
    """The grant that allowed it; one's post for work inside the house; else for the pen."""
    grant = unit.execute(
        select(access_requests)
        .where(
            access_requests.c.file_id == look.chain,
            access_requests.c.requester == look.staff,
            access_requests.c.granted == 1,
            access_requests.c.decided_at <= look.start.isoformat(timespec="milliseconds"),
            access_requests.c.until >= look.start.date().isoformat(),
            READS,
        )
        .order_by(access_requests.c.id.desc())
    ).first()
    if grant is not None and look.result == "准予":
        note = f"查阅申请第 {grant.id} 号"
        return {"basis": "授权", "basis_note": note, "approver": known.names[grant.decided_by]}
    return {} if look.purpose in _OUTSIDE else {"basis": "岗位职责"}


def _scope(known: _Known, look: _Look) -> str:
    if "file.export" in look.actions:
        return "全卷"
    items = dict.fromkeys(look.records)
    for number in look.documents:
        document = known.documents.get(number)
        if document is not None and document.record_id is not None:
            items[document.record_id] = None
    told = []
    for number in items:
        record = known.records.get(number)
        told.append(f"{record.item_no:03d}" if record is not None and record.item_no else "未编件号")
    told = list(dict.fromkeys(told))
    if told:
        more = f"等 {len(told)} 件" if len(told) > _SHOWN_ITEMS else f"共 {len(told)} 件"
        return f"第 {'、'.join(told[:_SHOWN_ITEMS])} 件，{more}"
    if "file.print" in look.actions:
        return "封面、目录、备考表"
    return "基本信息" if look.actions == {"person.read"} else "案卷目录"
