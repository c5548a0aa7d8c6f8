"""Handing files over to another office (移交): only what is whole leaves; all that is not is said at once.

Refused is a running case, what is not filed, drafts, what is missing or unsigned without a note (备考表)
that gives the reason, scans that lack pages or wait for a person, and what is 封存, lent, held, under a
request, on a live list of destruction, or handed over before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from archives.archive import Unit
from archives.disposal.lists import LIST_STATES
from archives.duties.transfers import Receiver, check_receiver, handed_over, make_transfer
from archives.errors import StateForbids
from archives.items.holds import REASONS, open_holds
from archives.items.lists import Item, facts_in, items_of
from archives.items.records import read_record
from archives.people.files import FileFacts, file_facts
from archives.store.rows import the_row
from archives.store.tables import documents, records, volumes
from archives.store.tables_duties import (
    disposal_items,
    disposal_lists,
    loans,
    rights_requests,
)
from archives.store.tables_scans import scan_pages, scan_questions
from desk.station.completeness import Held, held, look
from desk.station.opening import OpenStation
from desk.station.volume_contents import MOST_TITLE, NOTE, unsigned_row

_STATES: Final = {"restricted": "已封存", "merged": "已并入另一份档案", "destroyed": "已销毁"}
_SHOWN: Final = 60
"""Findings in one message; the rest is counted."""


@dataclass(frozen=True, slots=True)
class NotWhole:
    """Why something of a file may not leave: the number of the file or paper, and the reason."""

    number: str
    reason: str
    to_sign: str = ""
    """Number of the filed file that must be open for the signed scan of this paper to come in."""

    @property
    def sentence(self) -> str:
        """``PZ01-…：还有进行中的服务``"""
        return f"{self.number}：{self.reason}"


def hand_over(station: OpenStation, file_ids: Sequence[int], receiver: Receiver) -> int:
    """Make the list of a handover; the findings are asked for in the same act.

    Raises StateForbids with every finding, SeparationBroken, InputRefused, NotFound.
    """
    chosen = list(dict.fromkeys(file_ids))
    with station.acting("transfer.make") as unit:
        check_receiver(unit, "handover", receiver)
        found = [one for file in chosen for one in not_whole(unit, file)]
        if found:
            raise StateForbids(_told(found), hint=_cure(found))
        return make_transfer(unit, "handover", chosen, receiver)


def _told(found: Sequence[NotWhole]) -> str:
    lines = [one.sentence for one in found[:_SHOWN]]
    lines += [f"等共 {len(found)} 处"] if len(found) > _SHOWN else []
    return f"有 {len(found)} 处不能移交，没有编制清单：\n" + "；\n".join(lines) + "。"


def _cure(found: Sequence[NotWhole]) -> str:
    """What to do; a volume that is filed takes in a signed paper only while its file is open again."""
    cure = "请逐项办好，或用 kangdang file catalogue 在卷内备考表中写明原因并归档后再移交。"
    filed = list(dict.fromkeys(one.to_sign for one in found if one.to_sign))
    if not filed:
        return cure
    number = filed[0] if len(filed) == 1 else "档号"
    return (
        f"{cure}已归档的卷补签字：先用 kangdang file reopen {number} 重新启用，签好的纸件扫描归入"
        f"（kangdang scan add 或 document add --signed），再用 kangdang file takeback {number} 撤回空的新卷。"
    )


def not_whole(unit: Unit, file_id: int) -> list[NotWhole]:
    """Everything that keeps a file from being handed over, in the order it is read."""
    file = file_facts(unit, file_id)
    if file.state in ("merged", "destroyed"):
        return [NotWhole(file.number, _STATES[file.state])]
    return [*_of_state(unit, file), *_of_duties(unit, file), *_of_papers(unit, file)]


# --- the file ---------------------------------------------------------------------------------------------


def _of_state(unit: Unit, file: FileFacts) -> Iterator[NotWhole]:
    if file.state in _STATES:
        yield NotWhole(file.number, _STATES[file.state])
    if file.kind == "person":
        for volume in _volumes(unit, file.id):
            if volume.closed_on is None and volume.outcome is None:
                yield NotWhole(_volume_number(file, volume), "还有进行中的服务，没有结案")
        if file.state == "open":
            yield NotWhole(file.number, "没有归档")
    given = handed_over(unit, file.id)
    there = {volume.number for volume in _volumes(unit, file.id)} or {1}
    if there <= given.keys():
        yield NotWhole(file.number, f"已经移交过（清单 {given[max(there)]}）")


def _of_duties(unit: Unit, file: FileFacts) -> Iterator[NotWhole]:
    for hold in open_holds(unit, file=file.id):
        where = file.number if hold.record is None else _paper(unit, hold.record)
        yield NotWhole(where, f"已冻结（第 {hold.id} 号，{REASONS[hold.reason]}）")
    for row in unit.execute(
        select(loans).where(loans.c.file_id == file.id, loans.c.returned_on.is_(None)).order_by(loans.c.id)
    ).all():
        where = file.number if row.record_id is None else _paper(unit, row.record_id)
        yield NotWhole(where, f"借出未还（{row.ref_code}）")
    asked = select(rights_requests.c.ref_code).where(
        rights_requests.c.file_id == file.id, rights_requests.c.state == "open"
    )
    for code in unit.execute(asked).scalars():
        yield NotWhole(file.number, f"权利请求 {code} 正在办理")
    yield from _of_disposal(unit, file)


def _of_disposal(unit: Unit, file: FileFacts) -> Iterator[NotWhole]:
    query = (
        select(disposal_items.c.record_id, disposal_lists.c.ref_code, disposal_lists.c.state)
        .join(records, records.c.id == disposal_items.c.record_id)
        .join(disposal_lists, disposal_lists.c.id == disposal_items.c.list_id)
        .where(
            records.c.file_id == file.id,
            disposal_lists.c.state.not_in(("done", "withdrawn")),
            disposal_items.c.state.in_(("proposed", "listed", "destroying")),
        )
    )
    for row in unit.execute(query).all():
        reason = f"列在销毁清册 {row.ref_code} 中（{LIST_STATES[row.state]}）"
        yield NotWhole(_paper(unit, row.record_id), reason)


# --- the papers -------------------------------------------------------------------------------------------


def _of_papers(unit: Unit, file: FileFacts) -> Iterator[NotWhole]:
    items, facts = items_of(unit, file.id), facts_in(unit, file.id)
    for item in items:
        if item.state == "draft":
            yield NotWhole(_named(item), "还是草稿")
    short = _scans_lacking(unit, file.id)
    if file.kind != "person":
        yield from _unsound(file, held(items, facts), short)
        return
    for volume in _volumes(unit, file.id):
        mine = held([item for item in items if item.volume == volume.number], facts)
        explained = _explained(unit, mine)
        yield from _missing(file, volume, mine, explained)
        yield from _unsound(file, mine, short, explained)


def _missing(
    file: FileFacts, volume: Any, mine: Sequence[Held], explained: Collection[str]
) -> Iterator[NotWhole]:
    end = date.fromisoformat(volume.closed_on or volume.outcome_on or volume.opened_on)
    started = file.accepted_on if volume.number == 1 else date.fromisoformat(volume.opened_on)
    for line in look(mine, (started, end), case=volume.case_no is not None).missing:
        if line.title not in explained:
            yield NotWhole(_volume_number(file, volume), f"{line.sentence}，备考表中没有写明原因")


def _unsound(
    file: FileFacts, mine: Sequence[Held], short: dict[int, str], explained: Collection[str] = ()
) -> Iterator[NotWhole]:
    to_sign = file.number if file.state == "filed" else ""
    for one in mine:
        title = one.item.title
        if one.item.state == "draft" or one.signed:
            pass
        elif one.item.form_id == NOTE:  # what it excuses stands only when two people signed it
            yield NotWhole(_named(one.item), "没有签字，所写的原因还不算数", to_sign)
        elif unsigned_row(title) not in explained:
            yield NotWhole(_named(one.item), "没有签字，备考表中没有写明原因", to_sign)
        if one.item.id in short and title[:MOST_TITLE] not in explained:
            yield NotWhole(_named(one.item), short[one.item.id])


def _explained(unit: Unit, mine: Sequence[Held]) -> set[str]:
    """What the notes of a volume give a reason for, row by row; reading them is on the log."""
    told: set[str] = set()
    for one in mine:
        if one.item.form_id == NOTE and one.item.state in ("final", "signed", "archived"):
            answers = json.loads(read_record(unit, one.item.id)[2])
            rows = answers.get("missing") or []
            told |= {str(row["item"]) for row in rows if row.get("item") and row.get("reason")}
    return told


def _scans_lacking(unit: Unit, file_id: int) -> dict[int, str]:
    """Record → what its scans lack: pages of the print, pages that wait, differences nobody settled."""
    prints, scans = documents.alias("prints"), documents.alias("scans")
    mine = (scans.c.file_id == file_id) & (scans.c.kind == "scan") & (scans.c.state == "present")
    told: dict[int, str] = {}
    query = (
        select(scans.c.record_id, scans.c.pages, prints.c.pages.label("printed"))
        .join(prints, prints.c.id == scans.c.of_document)
        .where(mine, scans.c.pages < prints.c.pages)
    )
    for row in unit.execute(query):
        told[row.record_id] = f"扫描件缺页（印了 {row.printed} 页，扫描 {row.pages} 页）"
    asked = (
        select(scans.c.record_id)
        .join(scan_questions, scan_questions.c.document_id == scans.c.id)
        .where(mine, scan_questions.c.state == "open")
    )
    for record in unit.execute(asked).scalars():
        told.setdefault(record, "扫描件与录入有差异，还没有人核对")
    waiting = (
        select(prints.c.record_id)
        .join(scan_pages, scan_pages.c.print_document == prints.c.id)
        .where(prints.c.file_id == file_id, scan_pages.c.state == "waiting")
    )
    for record in unit.execute(waiting).scalars():
        told.setdefault(record, "有扫描页在待处理")
    return {record: reason for record, reason in told.items() if record is not None}


def _volumes(unit: Unit, file_id: int) -> list[Any]:
    query = select(volumes).where(volumes.c.file_id == file_id).order_by(volumes.c.number)
    return list(unit.execute(query))


def _volume_number(file: FileFacts, volume: Any) -> str:
    return file.number if volume.number == 1 else f"{file.number} 第 {volume.number} 卷"


def _named(item: Item) -> str:
    return f"{item.number}《{item.title}》"


def _paper(unit: Unit, record: int) -> str:
    query = select(records.c.ref_code, records.c.title).where(records.c.id == record)
    row = the_row(unit.execute(query), f"文书 #{record}")
    return f"{row.ref_code or f'#{record}'}《{row.title}》"
