"""What keeps an item, or a whole list, from being destroyed now: asked before and inside the act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select

from archives.archive import Unit
from archives.clock.reference import sentence
from archives.disposal.content import content_hash
from archives.disposal.lists import ListFacts, entries, list_facts, listed_hash
from archives.disposal.plan import decisions_for
from archives.disposal.proposal import LENT, lent
from archives.items.ending import keys_gone
from archives.items.written import Written, out_of_record
from archives.retention.decision import Decision
from archives.store.tables import records
from archives.store.tables_duties import disposal_items, rights_looks, rights_requests

Because = Literal["held", "permanent", "not_due", "changed", "lent", "stopped"]
BECAUSE: Final[Mapping[Because, str]] = {
    "held": "执行前被冻结",
    "permanent": "执行前转为永久保存",
    "not_due": "执行前保管期限未满或停止计算",
    "changed": "列入清册后内容有变动",
    "lent": "执行前原件借出未还",
    "stopped": "执行中止，未销毁",
}
"""Why an item left its list: code → what the register says."""
_BY_STATUS: Final[Mapping[str, Because]] = {"held": "held", "permanent": "permanent"}
UNLOOKED = "有权利请求等档案员核对，核对或办结以前不能执行"
CHANGED = "内容在列入清册之后有变动。"


@dataclass(frozen=True, slots=True)
class Stay:
    """An item that stays: its 档号, the code of the reason, the sentence."""

    ref_code: str
    because: Because
    sentence: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an execution would do on this day; nothing is changed."""

    destroy: tuple[str, ...]
    """档号 of what would be destroyed."""
    stay: tuple[Stay, ...]
    obstacles: tuple[str, ...]
    """Sentences: what keeps the whole list from being executed."""
    paper_items: int
    paper_pages: int
    """The paper on the list, to be counted before."""
    written: tuple[Written, ...] = ()
    """Plain files of these items that are known to be out: a destruction does not reach them."""


def rehearse(unit: Unit, list_id: int) -> Rehearsal:
    """The dry run: every check of an execution, without one.  Raises NotFound."""
    facts = list_facts(unit, list_id)
    rows = entries(unit, list_id, "listed")
    decisions = decisions_for(unit, [row.record_id for row in rows], unit.settled)
    stay = [found for row in rows if (found := stays(unit, row, decisions.get(row.record_id)))]
    staying = {one.ref_code for one in stay}
    items, pages = paper_of(unit, list_id)
    return Rehearsal(
        tuple(row.ref_code for row in rows if row.ref_code not in staying),
        tuple(stay),
        tuple(_obstacles(unit, facts, stay)),
        items,
        pages,
        _written(unit, [row.record_id for row in rows if row.ref_code not in staying]),
    )


def _written(unit: Unit, record_ids: Sequence[int]) -> tuple[Written, ...]:
    """Each plain file once, also when it is about several of the items."""
    found = {one.id: one for record in record_ids for one in out_of_record(unit, record)}
    return tuple({(one.client, one.path): one for one in found.values()}.values())


def _obstacles(unit: Unit, facts: ListFacts, stay: list[Stay]) -> list[str]:
    told = []
    if facts.state == "done":
        told.append("清册已经执行完毕。")
    elif facts.state not in ("approved", "executing"):
        told.append("清册还没有批准。")
    elif not unit.confirmed:
        told.append(sentence(unit.reckoned))
    elif facts.not_before and not unit.reference().reached(facts.not_before):
        told.append(f"批准后的等待期到 {facts.not_before.isoformat()}，此前不能执行。")
    told += list_changes(unit, facts)
    waiting = unlooked(unit, facts.id)
    if waiting:
        told.append(f"{UNLOOKED}：{'、'.join(waiting)}。")
    kept = sum(one.because == "permanent" for one in stay)
    if kept:
        told.append(f"{kept} 件应永久保存，整份清册不能执行，请撤回后重新编制。")
    return told


def unlooked(unit: Unit, list_id: int) -> list[str]:
    """Numbers of persons' requests about what is listed that the 档案员 has still to look at."""
    query = (
        select(rights_requests.c.ref_code)
        .join(rights_looks, rights_looks.c.request_id == rights_requests.c.id)
        .join(records, records.c.file_id == rights_requests.c.file_id)
        .join(disposal_items, disposal_items.c.record_id == records.c.id)
        .where(
            disposal_items.c.list_id == list_id,
            disposal_items.c.state == "listed",
            rights_requests.c.state == "open",
            rights_looks.c.looked_at.is_(None),
        )
    )
    return sorted(set(unit.execute(query).scalars()))


def list_changes(unit: Unit, facts: ListFacts) -> list[str]:
    """Sentences: what is not as it was approved."""
    if facts.list_sha256 is not None and listed_hash(unit, facts.id) != facts.list_sha256:
        return ["清册内容与批准时不一致。"]
    return []


def stays(unit: Unit, row: Any, decision: Decision | None) -> Stay | None:
    """Why a listed item may not be destroyed at this moment; None when it may.

    An item whose keys are gone is destroyed already; nothing can keep it.
    """
    if keys_gone(unit, row.record_id):
        return None
    found: tuple[Because, str] | None = None
    if decision is None:
        found = "not_due", "没有这一件，或已销毁。"
    elif decision.status != "eligible":
        found = _BY_STATUS.get(decision.status, "not_due"), decision.sentence
    elif lent(unit, row.record_id):
        found = "lent", LENT
    elif content_hash(unit, row.record_id) != row.content_sha256:
        found = "changed", CHANGED
    return Stay(row.ref_code, *found) if found else None


def paper_of(unit: Unit, list_id: int) -> tuple[int, int]:
    """(items with paper, pages of paper) among what was listed for destruction."""
    rows = [
        row
        for row in entries(unit, list_id, "listed", "destroying", "destroyed", "withdrawn")
        if row.opinion == "destroy" and row.paper_pages
    ]
    return len(rows), sum(row.paper_pages for row in rows)
