"""Whether a list is what the access log tells of it: every hash counted again, every name against its event.

What a certificate prints is read from rows; rows can be changed by whoever has the database key, the log not
without its seals showing it.  So nothing of a list is printed that its rows and its events do not both say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from archives.archive import Unit
from archives.disposal.lists import ListFacts, entries_hash
from archives.errors import CheckFailed
from archives.log.event import NO_HASH, digest_row
from archives.store.tables_duties import (
    appraisals,
    disposal_approvals,
    disposal_executions,
    disposal_items,
    disposal_witnesses,
    tombstones,
)
from archives.store.tables_people import events

PARTS: Final[Mapping[str, str]] = {
    "list": "清册校验值与所列各件不符",
    "opinions": "鉴定意见与鉴定小组所签的不符",
    "made": "列册人或列册时间与日志不符",
    "members": "鉴定小组与日志不符",
    "approval": "审批与日志不符",
    "execution": "执行与日志不符",
    "witnesses": "监销人与日志不符",
    "tombstones": "销毁登记与所列各件或日志不符",
    "complete": "完成时间或件数与日志不符",
    "events": "日志中关于这份清册的事件被改动",
    "restored": "清册是恢复备份时从销毁登记补上的，没有逐件登记",
}
"""What can disagree, as a reader is told."""
_SIGNED: Final = ("appraised", "approved", "executing", "done")
_AGAIN: Final = "disposal.repeat"
_DESTROYED: Final = ("disposal.destroyed", _AGAIN)
_FINISHED: Final = ("disposal.finish", "disposal.list")
_SIGNED_BY: Final = ("disposal.sign", "disposal.appraise")
"""What the act is called on the log, and what it was called before."""


@dataclass
class Told:
    """What the log tells of one list."""

    own: list[Any] = field(default_factory=list)
    """Events about the list, oldest first."""
    destroyed: dict[str, str] = field(default_factory=dict)
    """Item (``record:7``) → hash of its content, of everything that was destroyed by it."""
    repeated: set[str] = field(default_factory=set)
    """What of it was destroyed again after a restore; the list itself may not have come back with it."""
    changed: bool = False
    """An event is not what its hash says."""

    def last(self, *actions: str) -> Any:
        """The newest event of an act that went through and named the list's hash."""
        found = None
        for row in self.own:
            detail = json.loads(row.detail)
            done = row.result == "ok" and not detail.get("dry_run")
            if row.action in actions and done and "list_sha256" in detail:
                found = row
        return found

    def all(self, key: str, *actions: str) -> list[Any]:
        """(event, value) of all events of an act that name this."""
        pairs = [(row, json.loads(row.detail)) for row in self.own if row.action in actions]
        return [(row, detail[key]) for row, detail in pairs if row.result == "ok" and key in detail]


def told_of(connection: Connection, list_id: int) -> Told:
    """Everything the log tells of a list."""
    e = events.c
    told = Told()
    own = select(events).where(e.chain == 0, e.subject == f"disposal:{list_id}").order_by(e.seq)
    told.own = list(connection.execute(own))
    gone = select(events).where(e.approval == f"disposal:{list_id}", e.action.in_(_DESTROYED))
    destroyed = list(connection.execute(gone.order_by(e.id)))
    for row in destroyed:
        detail = json.loads(row.detail)
        if "sha256" in detail:
            told.destroyed[row.subject] = detail["sha256"]
        if row.action == _AGAIN or detail.get("state") == "restored":
            told.repeated.add(row.subject)
    told.changed = any(not _genuine(connection, row) for row in (*told.own, *destroyed))
    return told


def _genuine(connection: Connection, row: Any) -> bool:
    query = select(events.c.hash).where(events.c.chain == row.chain, events.c.seq == row.seq - 1)
    before = connection.execute(query).scalar() if row.seq > 1 else NO_HASH
    try:
        return before is not None and digest_row(tuple(row)[1:], bytes(before)) == bytes(row.hash)
    except (TypeError, ValueError):
        return False


def disagreements(connection: Connection, facts: ListFacts) -> list[str]:
    """Which PARTS of a list do not agree; empty for a list that is what the log tells."""
    told = told_of(connection, facts.id)
    rows = list(
        connection.execute(
            select(disposal_items)
            .where(disposal_items.c.list_id == facts.id)
            .order_by(disposal_items.c.position)
        )
    )
    if not told.own and not rows and bool(told.repeated):
        return []
    found = {
        "events": told.changed,
        "made": not _made(facts, told),
        "tombstones": not _stones_agree(connection, facts, rows, told),
    }
    if facts.state in _SIGNED:
        found |= {
            "list": not _list_agrees(facts, rows, told),
            "opinions": not _opinions_agree(connection, facts, rows),
            "members": not _members_agree(connection, facts, told),
        }
    if facts.state in _SIGNED[1:]:
        found["approval"] = not _approval_agrees(connection, facts, told)
    if facts.state in _SIGNED[2:]:
        found |= {
            "execution": not _execution_agrees(connection, facts, rows, told),
            "witnesses": not _witnesses_agree(connection, facts, told),
        }
    if facts.state == "done":
        found["complete"] = not _complete(facts, rows, told)
    return [part for part in PARTS if found.get(part)]


def require_agreement(unit: Unit, facts: ListFacts) -> None:
    """What is printed of a list agrees with the log.  Raises CheckFailed, naming what does not."""
    parts = disagreements(unit.connection, facts)
    if not parts and facts.state == "done" and not told_of(unit.connection, facts.id).own:
        parts = ["restored"]
    if parts:
        raise CheckFailed(
            f"清册 {facts.ref_code} 不能打印：{'；'.join(PARTS[part] for part in parts)}。",
            hint="请运行 kangdang check，并与当时签字的纸质清册和备份核对。",
        )


def _made(facts: ListFacts, told: Told) -> bool:
    first = next((row for row in told.own if row.action == "disposal.list"), None)
    return first is not None and (first.staff, first.at) == (facts.made_by, facts.made_at)


def _list_agrees(facts: ListFacts, rows: Sequence[Any], told: Told) -> bool:
    listed = [row for row in rows if row.opinion == "destroy" and row.state != "kept"]
    event = told.last(*_FINISHED)
    if event is None or facts.list_sha256 is None:
        return False
    detail = json.loads(event.detail)
    counted = entries_hash(facts.ref_code, listed)
    return bool(counted == facts.list_sha256 == detail["list_sha256"] and detail["items"] == len(listed))


def _opinions_agree(connection: Connection, facts: ListFacts, rows: Sequence[Any]) -> bool:
    signed = select(appraisals.c.list_sha256).where(appraisals.c.list_id == facts.id)
    newest = connection.execute(signed.order_by(appraisals.c.at.desc()).limit(1)).scalar()
    return newest == entries_hash(facts.ref_code, rows)


def _members_agree(connection: Connection, facts: ListFacts, told: Told) -> bool:
    rows = connection.execute(select(appraisals).where(appraisals.c.list_id == facts.id))
    signed = {(row.staff, row.at, sha256) for row, sha256 in told.all("list_sha256", *_SIGNED_BY)}
    return {(row.staff_id, row.at, row.list_sha256) for row in rows} == signed


def _approval_agrees(connection: Connection, facts: ListFacts, told: Told) -> bool:
    row = connection.execute(
        select(disposal_approvals).where(disposal_approvals.c.list_id == facts.id)
    ).first()
    event = told.last("disposal.approval")
    if row is None or event is None or facts.not_before is None:
        return False
    said = (event.staff, event.at, json.loads(event.detail)["list_sha256"])
    same = (row.approver, row.at, row.list_sha256) == said and row.list_sha256 == facts.list_sha256
    # A waiting period is never negative, whatever the station's was.
    return same and facts.not_before >= date.fromisoformat(row.at[:10])


def _execution_agrees(connection: Connection, facts: ListFacts, rows: Sequence[Any], told: Told) -> bool:
    row = connection.execute(
        select(disposal_executions).where(disposal_executions.c.list_id == facts.id)
    ).first()
    event = told.last("disposal.execute")
    if row is None or event is None:
        return False
    detail = json.loads(event.detail)
    listed = [one for one in rows if one.opinion == "destroy" and one.state != "kept" and one.paper_pages]
    paper = (len(listed), sum(one.paper_pages for one in listed))
    said = (event.staff, event.at, detail["list_sha256"], detail["items"], detail["pages"])
    return (row.executor, row.at, row.list_sha256, row.paper_items, row.paper_pages) == said and (
        paper == (row.paper_items, row.paper_pages) and row.list_sha256 == facts.list_sha256
    )


def _witnesses_agree(connection: Connection, facts: ListFacts, told: Told) -> bool:
    rows = connection.execute(
        select(disposal_witnesses).where(disposal_witnesses.c.list_id == facts.id)
    ).all()
    came = {
        (witness, json.loads(row.detail)["kind"]) for row, witness in told.all("witness", "disposal.witness")
    }
    first = told.last("disposal.execute")
    at = None if first is None else first.at
    return (
        {(row.witness, row.proof) for row in rows} <= came
        and len(rows) == 2
        and (
            {witness for witness, _ in came} == {row.witness for row in rows}
            and {row.at for row in rows} == {at}
        )
    )


def _stones_agree(connection: Connection, facts: ListFacts, rows: Iterable[Any], told: Told) -> bool:
    stones = {
        row.record_id: row
        for row in connection.execute(select(tombstones).where(tombstones.c.list_id == facts.id))
    }
    gone = {row.record_id: row for row in rows if row.state == "destroyed"}
    bare = {record for record in stones.keys() - gone.keys() if f"record:{record}" in told.repeated}
    if gone.keys() | bare != stones.keys():
        return False
    if {f"record:{record}" for record in stones} != told.destroyed.keys():
        return False
    if any(told.destroyed[f"record:{record}"] != stones[record].content_sha256 for record in bare):
        return False
    return all(
        (stone.ref_code, stone.form_id, stone.title, stone.content_sha256)
        == (row.ref_code, row.form_id, row.title, row.content_sha256)
        and told.destroyed[f"record:{record}"] == stone.content_sha256
        for record, stone in stones.items()
        if record in gone
        for row in (gone[record],)
    )


def _complete(facts: ListFacts, rows: Iterable[Any], told: Told) -> bool:
    event = told.last("disposal.complete")
    if event is None:
        return bool(told.repeated)
    detail = json.loads(event.detail)
    gone = sum(row.state == "destroyed" for row in rows)
    said = (event.at, detail["list_sha256"], detail["items"])
    return (facts.done_at, facts.list_sha256, gone) == said
