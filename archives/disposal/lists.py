"""Disposal lists (销毁清册, AR7): their numbers, states, entries and hashes.

proposed ─► appraised ─► approved ─► executing ─► done;  withdrawn from any state before execution.
The steps are in ``proposal``, ``appraisal``, ``approval``, ``execution``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import func, select

from archives.archive import Unit, canonical_json
from archives.errors import NotFound, StateForbids
from archives.store.tables_duties import disposal_items, disposal_lists, tombstones

Opinion = Literal["destroy", "prolong", "permanent", "defer"]
OPINIONS: Final[Mapping[str, str]] = {
    "destroy": "销毁",
    "prolong": "续存",
    "permanent": "转永久",
    "defer": "暂缓",
}
LIST_STATES: Final[Mapping[str, str]] = {
    "proposed": "待鉴定",
    "appraised": "已鉴定，待审批",
    "approved": "已批准",
    "executing": "正在销毁",
    "done": "已销毁完毕",
    "withdrawn": "已撤回",
}
ITEM_STATES: Final[Mapping[str, str]] = {
    "proposed": "待鉴定",
    "kept": "留存",
    "listed": "待销毁",
    "destroying": "正在销毁",
    "destroyed": "已销毁",
    "withdrawn": "未销毁",
}
_NEXT: Final[Mapping[str, str]] = {
    "proposed": "请先填写鉴定意见、由鉴定小组签字并结束鉴定。",
    "appraised": "请机构负责人先审批。",
    "approved": "等待期过后由档案员执行；不再执行的请撤回。",
    "executing": "请由执行人继续执行，或由机构负责人中止。",
    "done": "清册已经办完，不再改动。",
    "withdrawn": "请重新提出清册。",
}
"""What comes next in each state."""
MOST_ITEMS: Final = 500
"""The printed list (AR7) holds as many."""
_NUMBER = re.compile(r"XH-\d{4}-\d{3,}\Z", re.ASCII)
_LISTED = (
    "record_id", "position", "ref_code", "form_id", "title", "document_date", "retention_class", "years",
    "start_on", "held_through", "pages", "paper_pages", "paper_place", "content_sha256", "opinion",
    "opinion_years", "opinion_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list as its row says.  ``not_before``: the first day it may be executed."""

    id: int
    ref_code: str
    state: str
    made_by: int
    made_at: str
    schedule_version: str
    list_sha256: str | None
    not_before: date | None
    method: str | None
    place: str | None
    done_at: str | None

    @property
    def appraisal_no(self) -> str:
        """鉴定批次: the same number under its own letters."""
        return "JD" + self.ref_code[2:]


def list_facts(unit: Unit, list_id: int) -> ListFacts:
    """The list.  Raises NotFound."""
    row = unit.execute(select(disposal_lists).where(disposal_lists.c.id == list_id)).first()
    if row is None:
        raise _no_list()
    return facts_from(row)


def all_lists(unit: Unit) -> list[ListFacts]:
    """Every list there ever was, the newest first."""
    query = select(disposal_lists).order_by(disposal_lists.c.id.desc())
    return [facts_from(row) for row in unit.execute(query)]


def find_list(unit: Unit, number: str) -> ListFacts:
    """The list of this number (XH-2026-001; the 鉴定批次 JD-2026-001 names it too).  Raises NotFound."""
    code = number.strip().upper()
    code = "XH" + code[2:] if code.startswith("JD-") else code
    if not _NUMBER.match(code):
        raise _no_list()
    found = unit.execute(select(disposal_lists.c.id).where(disposal_lists.c.ref_code == code)).scalar()
    if found is None:
        raise _no_list()
    return list_facts(unit, found)


def _no_list() -> NotFound:
    return NotFound("没有这份销毁清册。", hint="请用 kangdang disposal list 查看清册编号，例如 XH-2026-001。")


def facts_from(row: Any) -> ListFacts:
    """The list of a row of ``disposal_lists``."""
    return ListFacts(
        row.id, row.ref_code, row.state, row.made_by, row.made_at, row.schedule_version, row.list_sha256,
        date.fromisoformat(row.not_before) if row.not_before else None, row.method, row.place, row.done_at,
    )  # fmt: skip


def entries(unit: Unit, list_id: int, *states: str) -> list[Any]:
    """Rows of a list in their order, all or those in some states."""
    query = (
        select(disposal_items).where(disposal_items.c.list_id == list_id).order_by(disposal_items.c.position)
    )
    if states:
        query = query.where(disposal_items.c.state.in_(states))
    return list(unit.execute(query))


def items_of_list(unit: Unit, list_id: int) -> int:
    """How many items a list has; of one a restore put back what its tombstones name."""
    of_list = len(entries(unit, list_id))
    if of_list:
        return of_list
    query = select(func.count()).select_from(tombstones).where(tombstones.c.list_id == list_id)
    return int(unit.execute(query).scalar_one())


def require_state(facts: ListFacts, *states: str) -> None:
    """Raises StateForbids."""
    if facts.state not in states:
        raise StateForbids(
            f"清册 {facts.ref_code} 的状态是“{LIST_STATES[facts.state]}”，现在不能办理这一步。",
            hint=_NEXT[facts.state],
        )


def entries_hash(code: str, rows: Sequence[Any]) -> str:
    """SHA-256 (hexadecimal) over the list's number and these entries as they stand."""
    body = [code, [[getattr(row, name) for name in _LISTED] for row in rows]]
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()


def opinions_hash(unit: Unit, list_id: int) -> str:
    """Hash over all entries with the opinions as they stand: what the appraisers sign."""
    return entries_hash(list_facts(unit, list_id).ref_code, entries(unit, list_id))


def listed_hash(unit: Unit, list_id: int) -> str:
    """Hash over what was listed for destruction, as the rows are at this moment."""
    rows = [
        row
        for row in entries(unit, list_id, "listed", "destroying", "destroyed", "withdrawn")
        if row.opinion == "destroy"
    ]
    return entries_hash(list_facts(unit, list_id).ref_code, rows)
