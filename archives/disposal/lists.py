"""Disposal lists (销毁清册, AR7): proposed, appraised by three or more, listed with a hash, approved.

proposed ─► appraised ─► approved ─► executing ─► done;  withdrawn from any state before execution.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit, canonical_json
from archives.disposal.plan import decisions_for
from archives.disposal.schedules import schedule_in_force
from archives.errors import (
    AlreadyThere,
    DisposalRefused,
    InputRefused,
    ListChanged,
    NotFound,
    SeparationBroken,
    StateForbids,
)
from archives.items.codes import next_item
from archives.numbering import next_number, series_code
from archives.people.naming import clean
from archives.ports import Role
from archives.retention.decision import Decision
from archives.retention.prolong import Override
from archives.store.tables import documents, files, placements, records, revisions
from archives.store.tables_duties import (
    appraisals,
    disposal_approvals,
    disposal_items,
    disposal_lists,
    overrides,
)
from archives.store.tables_people import staff_roles

Opinion = Literal["destroy", "prolong", "permanent", "defer"]
OPINIONS: Mapping[str, str] = {"destroy": "销毁", "prolong": "续存", "permanent": "转永久", "defer": "暂缓"}
LIST_STATES: Mapping[str, str] = {
    "proposed": "待鉴定",
    "appraised": "已鉴定，待审批",
    "listed": "已列入清册，待审批",
    "approved": "已批准",
    "executing": "正在销毁",
    "done": "已销毁完毕",
    "withdrawn": "已撤回",
}
APPRAISERS = 3
"""鉴定小组 (spec E2 AR6): 档案人员 + 业务人员 + 负责人."""
_GROUPS: tuple[tuple[str, frozenset[Role]], ...] = (
    ("档案员", frozenset({"records"})),
    ("业务人员（社工或督导）", frozenset({"worker", "supervisor"})),
    ("机构负责人", frozenset({"director"})),
)
_LISTED = (
    "record_id", "position", "ref_code", "form_id", "title", "document_date", "retention_class", "start_on",
    "held_through", "pages", "content_sha256", "paper_place", "opinion", "opinion_years", "opinion_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list as its row says."""

    id: int
    ref_code: str
    state: str
    made_by: int
    schedule_version: str
    list_sha256: str | None
    not_before: date | None


def propose_list(unit: Unit, record_ids: Sequence[int]) -> int:
    """Begin a list with eligible items; one permanent item refuses the whole list.  Returns its id.

    Raises DisposalRefused, AlreadyThere (in another list), InputRefused.
    """
    chosen = list(dict.fromkeys(record_ids))
    if not chosen:
        raise InputRefused("清册中没有档案。")
    decisions = decisions_for(unit, chosen, unit.today)
    _refuse_unfit(unit, chosen, decisions)
    year = unit.today.year
    number = next_number(unit, f"AR7:{year}", "disposal_list")
    code = f"{series_code(unit.archive.station.fonds, 'GL', year)}-AR7-{number:04d}"
    result = unit.execute(
        insert(disposal_lists),
        {
            "ref_code": code, "state": "proposed", "schedule_version": schedule_in_force(unit).version,
            "made_by": unit.staff(), "made_at": unit.at,
        },
    )  # fmt: skip
    list_id = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    try:
        for position, record in enumerate(chosen, start=1):
            unit.execute(insert(disposal_items), _entry(unit, list_id, position, record, decisions[record]))
    except IntegrityError as error:
        raise AlreadyThere("有的档案已在另一份清册中。", hint="请先办完或撤回那一份清册。") from error
    unit.log("disposal.list", f"disposal:{list_id}", detail={"items": len(chosen)})
    return list_id


def _refuse_unfit(unit: Unit, chosen: Sequence[int], decisions: Mapping[int, Decision]) -> None:
    unfit = [record for record in chosen if record not in decisions or decisions[record].status != "eligible"]
    if not unfit:
        return
    first = decisions.get(unfit[0])
    row = unit.execute(select(records.c.ref_code).where(records.c.id == unfit[0])).first()
    code = (row.ref_code if row else None) or f"第 {chosen.index(unfit[0]) + 1} 件"
    why = first.sentence if first else "没有这一件，或已销毁。"
    raise DisposalRefused(f"整份清册不予受理：{len(unfit)} 件不能销毁，其中 {code}：{why}")


def _entry(unit: Unit, list_id: int, position: int, record_id: int, decision: Decision) -> dict[str, Any]:
    record = unit.execute(select(records).where(records.c.id == record_id)).one()
    return {
        "list_id": list_id, "record_id": record_id, "position": position,
        "ref_code": _reference(unit, record), "form_id": record.form_id, "title": record.title,
        "document_date": record.document_date, "retention_class": decision.retention_class,
        "start_on": _iso(decision.start_on), "held_through": _iso(decision.held_through),
        "pages": _pages(unit, record_id), "content_sha256": content_hash(unit, record_id),
        "paper_place": _place(unit, record.file_id), "state": "proposed",
    }  # fmt: skip


def _reference(unit: Unit, record: Any) -> str:
    """The 档号 of an item; papers of an application that never became a case are named by its number."""
    if record.ref_code is not None:
        return str(record.ref_code)
    number = record.item_no or next_item(unit, record.file_id)
    file = unit.execute(
        select(files.c.ref_code, files.c.application_no).where(files.c.id == record.file_id)
    ).one()
    code = f"{file.ref_code or file.application_no}-{number:03d}"
    unit.execute(update(records).where(records.c.id == record.id).values(item_no=number, ref_code=code))
    return code


def _pages(unit: Unit, record_id: int) -> int:
    query = select(func.coalesce(func.sum(documents.c.pages), 0)).where(
        documents.c.record_id == record_id, documents.c.kind != "issued"
    )
    return int(unit.execute(query).scalar_one())


def _place(unit: Unit, file_id: int) -> str:
    row = unit.execute(
        select(placements).where(placements.c.file_id == file_id).order_by(placements.c.id.desc()).limit(1)
    ).first()
    return "未登记存放位置" if row is None else f"{row.cabinet}柜{row.shelf}架{row.box}盒"


def content_hash(unit: Unit, record_id: int) -> str:
    """Hash over everything an item consists of as it lies in the stores (encrypted), in a fixed order."""
    kept = [
        hashlib.sha256(bytes(row.payload)).hexdigest()
        for row in unit.execute(
            select(revisions.c.payload).where(revisions.c.record_id == record_id).order_by(revisions.c.number)
        )
    ]
    papers = [
        row.sha256
        for row in unit.execute(
            select(documents.c.sha256).where(documents.c.record_id == record_id).order_by(documents.c.id)
        )
    ]
    return hashlib.sha256(canonical_json([kept, papers]).encode()).hexdigest()


def list_facts(unit: Unit, list_id: int) -> ListFacts:
    """The list.  Raises NotFound."""
    row = unit.execute(select(disposal_lists).where(disposal_lists.c.id == list_id)).first()
    if row is None:
        raise NotFound("没有这份销毁清册。")
    return ListFacts(
        row.id, row.ref_code, row.state, row.made_by, row.schedule_version, row.list_sha256,
        date.fromisoformat(row.not_before) if row.not_before else None,
    )  # fmt: skip


def find_list(unit: Unit, ref_code: str) -> ListFacts:
    """The list of this number.  Raises NotFound."""
    code = ref_code.strip().replace("_", "·")
    found = unit.execute(select(disposal_lists.c.id).where(disposal_lists.c.ref_code == code)).scalar()
    if found is None:
        raise NotFound("没有这份销毁清册。", hint="请用 kangdang disposal list 查看清册编号。")
    return list_facts(unit, found)


def entries(unit: Unit, list_id: int, *states: str) -> list[Any]:
    """Rows of a list in their order, all or those in some states."""
    query = (
        select(disposal_items).where(disposal_items.c.list_id == list_id).order_by(disposal_items.c.position)
    )
    if states:
        query = query.where(disposal_items.c.state.in_(states))
    return list(unit.execute(query))


def require_state(facts: ListFacts, *states: str) -> None:
    """Raises StateForbids."""
    if facts.state not in states:
        raise StateForbids(
            f"清册 {facts.ref_code} 的状态是“{LIST_STATES[facts.state]}”，现在不能办理这一步。"
        )


def set_opinion(
    unit: Unit, list_id: int, record_id: int, opinion: Opinion, reason: str, years: int | None = None
) -> None:
    """Note the group's opinion on one item.  Raises StateForbids, InputRefused, NotFound."""
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed")
    if opinion not in OPINIONS:
        raise InputRefused(f"鉴定意见应为：{'、'.join(OPINIONS.values())}。")
    if opinion != "destroy":
        Override(opinion, years, unit.today, facts.ref_code)
    elif years is not None:
        raise InputRefused("鉴定意见为销毁时不填年数。")
    changed = unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(opinion=opinion, opinion_years=years, opinion_reason=clean(reason, "鉴定理由", most=200))
    )
    if changed.rowcount != 1:
        raise NotFound("清册中没有这一件。")
    unit.log("disposal.appraise", f"disposal:{list_id}", detail={"record": record_id, "opinion": opinion})


def opinions_hash(unit: Unit, list_id: int) -> str:
    """Hash over all entries with the opinions as they stand: what the appraisers sign."""
    return _hash(unit, list_id, entries(unit, list_id))


def _hash(unit: Unit, list_id: int, rows: Sequence[Any]) -> str:
    code = list_facts(unit, list_id).ref_code
    body = [code, [[getattr(row, name) for name in _LISTED] for row in rows]]
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()


def sign_appraisal(unit: Unit, list_id: int, sha256: str) -> int:
    """A member of the group signs the opinions as read (their hash); returns how many have signed these.

    Raises ListChanged, StateForbids, AlreadyThere.
    """
    require_state(list_facts(unit, list_id), "proposed")
    if opinions_hash(unit, list_id) != sha256:
        raise ListChanged("鉴定意见在您阅读之后有改动。", hint="请重新查看后再签。")
    if any(row.opinion is None for row in entries(unit, list_id)):
        raise StateForbids("还有档案没有鉴定意见。", hint="请先逐件填写鉴定意见。")
    try:
        unit.execute(
            insert(appraisals),
            {"list_id": list_id, "staff_id": unit.staff(), "list_sha256": sha256, "at": unit.at},
        )
    except IntegrityError as error:
        raise AlreadyThere("您已经签过这份鉴定意见。", hint="意见有改动时，请撤回清册重新编制。") from error
    unit.log("disposal.appraise", f"disposal:{list_id}", detail={"list_sha256": sha256})
    return len(_signed(unit, list_id, sha256))


def _signed(unit: Unit, list_id: int, sha256: str) -> list[int]:
    query = select(appraisals.c.staff_id).where(
        appraisals.c.list_id == list_id, appraisals.c.list_sha256 == sha256
    )
    return list(unit.execute(query).scalars())


def finish_appraisal(unit: Unit, list_id: int) -> str:
    """Close the appraisal: what stays leaves the list with its opinion, the rest is listed; returns the hash.

    An empty hash: nothing is left, the list is withdrawn.

    Raises StateForbids (too few signatures, a group missing).
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed")
    signed = _signed(unit, list_id, opinions_hash(unit, list_id))
    _require_group(unit, signed)
    for row in entries(unit, list_id):
        _settle(unit, list_id, row)
    listed = entries(unit, list_id, "listed")
    if not listed:
        unit.execute(update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="withdrawn"))
        unit.log("disposal.withdraw", f"disposal:{list_id}", detail={"items": 0})
        return ""
    sha256 = _hash(unit, list_id, listed)
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(state="appraised", list_sha256=sha256)
    )
    unit.log("disposal.list", f"disposal:{list_id}", detail={"items": len(listed), "list_sha256": sha256})
    return sha256


def _require_group(unit: Unit, signed: Sequence[int]) -> None:
    if len(signed) < APPRAISERS:
        raise StateForbids(f"鉴定小组至少 {APPRAISERS} 人签字，现在 {len(signed)} 人。")
    rows = unit.execute(select(staff_roles).where(staff_roles.c.staff_id.in_(signed)))
    roles = {row.role for row in rows}
    for name, group in _GROUPS:
        if not roles & group:
            raise StateForbids(f"鉴定小组中还缺{name}的签字。")


def _settle(unit: Unit, list_id: int, row: Any) -> None:
    state = "listed" if row.opinion == "destroy" else "kept"
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == row.record_id)
        .values(state=state)
    )
    if state == "kept":
        unit.execute(
            insert(overrides),
            {
                "record_id": row.record_id, "kind": row.opinion, "years": row.opinion_years,
                "decided_on": unit.today.isoformat(), "list_id": list_id,
            },
        )  # fmt: skip
        unit.log(
            "retention.override",
            f"record:{row.record_id}",
            detail={"opinion": row.opinion, "years": row.opinion_years},
        )


def approve_list(unit: Unit, list_id: int, sha256: str) -> date:
    """The leader approves exactly this list; returns the first day it may be executed.

    Raises StateForbids, ListChanged, SeparationBroken.
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "appraised")
    if facts.made_by == unit.staff():
        raise SeparationBroken("编制清册的人不能审批这份清册。")
    if facts.list_sha256 != sha256 or _hash(unit, list_id, entries(unit, list_id, "listed")) != sha256:
        raise ListChanged("清册内容与所核对的不一致。")
    unit.execute(
        insert(disposal_approvals),
        {"list_id": list_id, "approver": unit.staff(), "list_sha256": sha256, "at": unit.at},
    )
    not_before = unit.today + timedelta(days=unit.archive.station.waiting_days)
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(state="approved", not_before=not_before.isoformat())
    )
    unit.log("disposal.approval", f"disposal:{list_id}", detail={"list_sha256": sha256})
    return not_before


def withdraw_list(unit: Unit, list_id: int) -> None:
    """Give up a list before its execution.  Raises StateForbids."""
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed", "appraised", "approved")
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.state.in_(("proposed", "listed")))
        .values(state="withdrawn")
    )
    unit.execute(update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="withdrawn"))
    unit.log("disposal.withdraw", f"disposal:{list_id}")


def listed_hash(unit: Unit, list_id: int) -> str:
    """The hash of the list as its rows and its items' content are at this moment."""
    rows = [
        row
        for row in entries(unit, list_id, "listed", "destroying", "destroyed", "withdrawn")
        if row.opinion == "destroy"
    ]
    return _hash(unit, list_id, rows)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
