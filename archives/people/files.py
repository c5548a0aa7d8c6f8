"""Person files: acceptance and 档号, episodes as volumes (分卷), closing, 封存, where the paper lies."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, NotFound, StateForbids
from archives.items.codes import number_items
from archives.numbering import next_number, person_file_code
from archives.people.case_numbers import case_number
from archives.people.naming import clean, number_terms
from archives.people.persons import add_terms
from archives.people.volume_facts import note_accepted, own_numbers
from archives.store.prepared import Prepared
from archives.store.tables import files, persons, placements, records, volumes
from archives.store.tables_people import assignments
from archives.store.tables_volumes import volume_facts

Outcome = Literal["rejected", "referred_out", "served_briefly"]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as its rows say."""

    id: int
    kind: str
    person: int | None
    ref_code: str | None
    application_no: str | None
    state: str
    accepted_on: date | None
    series: str | None = None

    @property
    def number(self) -> str:
        """The 档号, before acceptance the 申请编号."""
        return self.ref_code or self.application_no or "未编号"


FACTS: Final = tuple(
    files.c[name]
    for name in ("id", "kind", "person_id", "ref_code", "application_no", "state", "accepted_on", "series")
)
"""The columns ``facts_of_row`` asks of a row."""
_BY_ID: Final = Prepared(select(*FACTS).where(files.c.id == bindparam("file")))


def file_facts(unit: Unit, file_id: int) -> FileFacts:
    """The file.  Raises NotFound."""
    found = unit.prepared(_BY_ID, {"file": file_id})
    if not found:
        raise NotFound("没有这份档案。")
    return facts_of_row(found[0])


def facts_of_row(row: Any) -> FileFacts:
    """What the columns of FACTS say."""
    return FileFacts(
        row.id, row.kind, row.person_id, row.ref_code, row.application_no, row.state,
        date.fromisoformat(row.accepted_on) if row.accepted_on else None, row.series,
    )  # fmt: skip


def find_file(unit: Unit, number: str) -> FileFacts:
    """The file with this 档号 or 申请编号, or the volume with this 个案编号.  Raises NotFound."""
    told = unicodedata.normalize("NFKC", number).strip().upper()
    code = told.replace("_", "·")
    query = (
        select(files)
        .where(or_(files.c.ref_code == code, files.c.application_no == told))
        .union_all(
            select(files).join(volumes, volumes.c.file_id == files.c.id).where(volumes.c.case_no == told)
        )
    )
    row = unit.execute(query).first() or unit.execute(_BY_LATER_APPLICATION, {"number": told}).first()
    if row is None:
        raise NotFound("没有这个编号的档案。", hint="请用 kangdang person search 查找。")
    return facts_of_row(row)


_BY_LATER_APPLICATION: Final = (
    select(files)
    .join(volume_facts, volume_facts.c.file_id == files.c.id)
    .where(volume_facts.c.application_no == bindparam("number"))
)


def numbers_of(unit: Unit, file_id: int) -> tuple[str, ...]:
    """Every number the person's papers may carry: 申请编号 and 个案编号 of all volumes, merged files' too."""
    person = select(files.c.person_id).where(files.c.id == file_id).scalar_subquery()
    same = select(persons.c.id).where(or_(persons.c.id == person, persons.c.merged_into == person))
    applications = unit.execute(select(files.c.application_no).where(files.c.person_id.in_(same))).scalars()
    cases = unit.execute(select(volumes.c.case_no).where(volumes.c.file_id == file_id)).scalars()
    return tuple(number for number in (*cases, *applications, *own_numbers(unit, file_id)) if number)


def require_open(facts: FileFacts) -> FileFacts:
    """A file that can be added to.  Raises StateForbids."""
    reasons = {
        "filed": "已归档",
        "restricted": "已封存",
        "merged": "已并入另一份档案",
        "destroyed": "已销毁",
    }
    if facts.state in reasons:
        raise StateForbids(f"档案 {facts.number} {reasons[facts.state]}，不能再添加内容。")
    return facts


def accept(unit: Unit, file_id: int, on: date, case_no: str | None = None) -> str:
    """接案: the file gets its 档号, its running volume the 个案编号 (the next one unless given).

    Returns the 档号.  Raises AlreadyThere, StateForbids, InputRefused, NotFound.
    """
    unit.lock_file(file_id)
    facts = require_open(file_facts(unit, file_id))
    volume = current_volume(unit, file_id)
    if volume.case_no is not None:
        raise AlreadyThere(f"这一卷已经接案（{facts.number}）。")
    if volume.outcome is not None:
        raise StateForbids(
            f"档案 {facts.number} 的申请已经办结。", hint="再次申请的请先用 kangdang file reopen。"
        )
    _check_day(unit, on, "接案日期")
    code = facts.ref_code
    if code is None:
        year = on.year
        number = next_number(unit, f"file:{year}", f"file:{file_id}")
        code = person_file_code(unit.archive.station.fonds, year, number)
        unit.execute(
            update(files).where(files.c.id == file_id).values(ref_code=code, accepted_on=on.isoformat())
        )
    case_no = case_number(unit, case_no, file_id)
    try:
        unit.execute(update(volumes).where(volumes.c.id == volume.id).values(case_no=case_no))
    except IntegrityError as error:
        raise AlreadyThere("这个个案编号已经用过。", hint="请换一个个案编号。") from error
    note_accepted(unit, file_id, volume.id, on)
    number_items(unit, file_id)
    if facts.person is not None:
        terms = (*number_terms(code), *number_terms(case_no))
        add_terms(unit, facts.person, dict.fromkeys(terms))
    unit.log(
        "file.accept",
        f"file:{file_id}",
        chain=file_id,
        detail={"volume": volume.number, "on": on.isoformat()},
    )
    return code


def _check_day(unit: Unit, on: date, name: str) -> None:
    # Papers of years before the archive was there are entered later, so any past day may be right.
    if on > unit.today:
        raise InputRefused(f"{name}不能晚于今天。")


_VOLUMES: Final = Prepared(select(volumes).where(volumes.c.file_id == bindparam("file")))


def running_first(volume: Any) -> tuple[bool, int]:
    """The running volume has the highest of these, else the last."""
    # A merger can put ended volumes of the other file after the one that is running.
    return volume.closed_on is None and volume.outcome is None, volume.number


def current_volume(unit: Unit, file_id: int) -> Any:
    """The row of the running volume, else of the last.  Raises NotFound."""
    found = unit.prepared(_VOLUMES, {"file": file_id})
    if not found:
        raise NotFound("这份档案没有卷。")
    return max(found, key=running_first)


def close_case(unit: Unit, file_id: int, on: date) -> None:
    """结案 of the running volume.  Raises StateForbids."""
    _end(unit, file_id, on, None)


def end_application(unit: Unit, file_id: int, on: date, outcome: Outcome) -> None:
    """The running volume never became a case: refused, referred, or served briefly.  Raises StateForbids."""
    _end(unit, file_id, on, outcome)


def _end(unit: Unit, file_id: int, on: date, outcome: Outcome | None) -> None:
    volume = current_volume(unit, file_id)
    if volume.closed_on is not None or volume.outcome is not None:
        raise StateForbids("这一卷已经结束。")
    if (volume.case_no is None) != (outcome is not None):
        word = "没有接案，不能结案" if outcome is None else "已经接案，应办理结案"
        raise StateForbids(f"这一卷{word}。")
    _check_day(unit, on, "结束日期")
    values: dict[str, Any] = (
        {"closed_on": on.isoformat()}
        if outcome is None
        else {"outcome": outcome, "outcome_on": on.isoformat()}
    )
    unit.execute(update(volumes).where(volumes.c.id == volume.id).values(**values))
    unit.log(
        "case.close" if outcome is None else "application.end", f"file:{file_id}", chain=file_id,
        detail={"volume": volume.number, "kind": outcome or "closed", "on": on.isoformat()},
    )  # fmt: skip


def file_away(unit: Unit, file_id: int, *, complete: Collection[int] = (), why: str | None = None) -> None:
    """归档: the file becomes read-only; its signed records are archived.

    ``complete``: final records whose form asks for no signature; ``why``: what is missing from it is, kept
    encrypted.  Raises StateForbids while an episode is
    running or a draft is left.
    """
    facts = require_open(file_facts(unit, file_id))
    volume = require_ended(unit, facts)
    _refuse_drafts(unit, facts)
    unit.execute(update(volumes).where(volumes.c.id == volume.id).values(pages_frozen_at=unit.at))
    unit.execute(update(files).where(files.c.id == file_id).values(state="filed"))
    finished = or_(
        records.c.state == "signed", (records.c.state == "final") & records.c.id.in_(list(complete))
    )
    unit.execute(update(records).where(records.c.file_id == file_id, finished).values(state="archived"))
    unit.log("file.archive", f"file:{file_id}", chain=file_id, detail={"volume": volume.number}, note=why)


def require_ended(unit: Unit, facts: FileFacts) -> Any:
    """The row of the last volume, whose episode is over.  Raises StateForbids."""
    volume = current_volume(unit, facts.id)
    if volume.closed_on is None and volume.outcome is None:
        raise StateForbids(
            f"档案 {facts.number} 还有进行中的服务，不能归档。", hint="请先办理结案：kangdang file close。"
        )
    return volume


def _refuse_drafts(unit: Unit, facts: FileFacts) -> None:
    query = select(func.count()).select_from(records)
    left = unit.execute(query.where(records.c.file_id == facts.id, records.c.state == "draft")).scalar_one()
    if left:
        raise StateForbids(
            f"档案 {facts.number} 还有 {left} 件草稿，不能归档。",
            hint="请先定稿（kangdang record revise），或说明原因后作废（kangdang record void）。",
        )


def restrict(unit: Unit, file_id: int, approval: str) -> None:
    """封存: nothing but storage, until released (PIPL 47).  Raises StateForbids."""
    facts = file_facts(unit, file_id)
    if facts.state not in ("open", "filed"):
        raise StateForbids(f"档案 {facts.number} 现在不能封存。")
    unit.execute(update(files).where(files.c.id == file_id).values(state="restricted"))
    unit.log(
        "file.restrict", f"file:{file_id}", chain=file_id, approval=approval,
        detail={"state_before": facts.state},
    )  # fmt: skip


def unrestrict(unit: Unit, file_id: int, approval: str) -> None:
    """End of 封存; a file whose last episode is over is filed again.  Raises StateForbids."""
    facts = file_facts(unit, file_id)
    if facts.state != "restricted":
        raise StateForbids(f"档案 {facts.number} 没有封存。")
    volume = current_volume(unit, file_id)
    state = "filed" if volume.pages_frozen_at else "open"
    unit.execute(update(files).where(files.c.id == file_id).values(state=state))
    unit.log("file.unrestrict", f"file:{file_id}", chain=file_id, approval=approval)


def place(unit: Unit, file_id: int, cabinet: str, shelf: str, box: str, *, volume: int = 1) -> None:
    """Note where the paper lies (柜/架/盒)."""
    file_facts(unit, file_id)
    unit.execute(
        insert(placements),
        {
            "file_id": file_id, "volume": volume, "cabinet": clean(cabinet, "柜", most=20),
            "shelf": clean(shelf, "架", most=20), "box": clean(box, "盒", most=20), "at": unit.at,
            "by": unit.staff(),
        },
    )  # fmt: skip
    unit.log("file.place", f"file:{file_id}", chain=file_id, detail={"volume": volume})


def assign(unit: Unit, file_id: int, staff_id: int) -> None:
    """Give the case to a worker from today on; the one before keeps no access."""
    today = unit.today.isoformat()
    unit.execute(
        update(assignments)
        .where(assignments.c.file_id == file_id, assignments.c.to_on.is_(None))
        .values(to_on=today)
    )
    unit.execute(insert(assignments), {"file_id": file_id, "staff_id": staff_id, "from_on": today})
    unit.log("assignment.set", f"file:{file_id}", chain=file_id, detail={"staff": staff_id})
