"""Person files: acceptance and 档号, episodes as volumes (分卷), closing, 封存, where the paper lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.errors import AlreadyThere, NotFound, StateForbids
from archives.items.codes import number_items
from archives.numbering import next_number, person_file_code
from archives.people.naming import clean, number_terms
from archives.people.persons import add_terms
from archives.store.tables import files, placements, records, volumes
from archives.store.tables_people import assignments

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

    @property
    def number(self) -> str:
        """The 档号, before acceptance the 申请编号."""
        return self.ref_code or self.application_no or "未编号"


def file_facts(unit: Unit, file_id: int) -> FileFacts:
    """The file.  Raises NotFound."""
    row = unit.execute(select(files).where(files.c.id == file_id)).first()
    if row is None:
        raise NotFound("没有这份档案。")
    return FileFacts(
        row.id, row.kind, row.person_id, row.ref_code, row.application_no, row.state,
        date.fromisoformat(row.accepted_on) if row.accepted_on else None,
    )  # fmt: skip


def find_file(unit: Unit, number: str) -> FileFacts:
    """The file with this 档号 or 申请编号, or the volume with this 个案编号.  Raises NotFound."""
    told = number.strip().replace("_", "·")
    row = unit.execute(
        select(files.c.id).where((files.c.ref_code == told) | (files.c.application_no == number.strip()))
    ).scalar()
    if row is None:
        row = unit.execute(select(volumes.c.file_id).where(volumes.c.case_no == number.strip())).scalar()
    if row is None:
        raise NotFound("没有这个编号的档案。", hint="请用 kangdang person search 查找。")
    return file_facts(unit, row)


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


def accept(unit: Unit, file_id: int, on: date, case_no: str) -> str:
    """接案: the file gets its 档号, its running volume the 个案编号; returns the 档号.

    Raises AlreadyThere, StateForbids, NotFound.
    """
    unit.lock_file(file_id)
    facts = require_open(file_facts(unit, file_id))
    volume = current_volume(unit, file_id)
    if volume.case_no is not None:
        raise AlreadyThere(f"这一卷已经接案（{facts.number}）。")
    code = facts.ref_code
    if code is None:
        year = on.year
        number = next_number(unit, f"file:{year}", f"file:{file_id}")
        code = person_file_code(unit.archive.station.fonds, year, number)
        unit.execute(
            update(files).where(files.c.id == file_id).values(ref_code=code, accepted_on=on.isoformat())
        )
    try:
        unit.execute(
            update(volumes).where(volumes.c.id == volume.id).values(case_no=clean(case_no, "个案编号"))
        )
    except IntegrityError as error:
        raise AlreadyThere("这个个案编号已经用过。", hint="请换一个个案编号。") from error
    number_items(unit, file_id)
    if facts.person is not None:
        terms = (*number_terms(code), *number_terms(case_no))
        add_terms(unit, facts.person, dict.fromkeys(terms))
    unit.log(
        "file.volume", f"file:{file_id}", chain=file_id, detail={"volume": volume.number, "kind": "accepted"}
    )
    return code


def current_volume(unit: Unit, file_id: int) -> Any:
    """The row of the last volume.  Raises NotFound."""
    row = unit.execute(
        select(volumes).where(volumes.c.file_id == file_id).order_by(volumes.c.number.desc()).limit(1)
    ).first()
    if row is None:
        raise NotFound("这份档案没有卷。")
    return row


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
    values: dict[str, Any] = (
        {"closed_on": on.isoformat()}
        if outcome is None
        else {"outcome": outcome, "outcome_on": on.isoformat()}
    )
    unit.execute(update(volumes).where(volumes.c.id == volume.id).values(**values))
    unit.log(
        "file.close", f"file:{file_id}", chain=file_id,
        detail={"volume": volume.number, "kind": outcome or "closed", "on": on.isoformat()},
    )  # fmt: skip


def file_away(unit: Unit, file_id: int) -> None:
    """归档: the file becomes read-only.  Raises StateForbids while an episode is running."""
    facts = require_open(file_facts(unit, file_id))
    volume = current_volume(unit, file_id)
    if volume.closed_on is None and volume.outcome is None:
        raise StateForbids(f"档案 {facts.number} 还有进行中的服务，不能归档。", hint="请先办理结案。")
    unit.execute(update(volumes).where(volumes.c.id == volume.id).values(pages_frozen_at=unit.at))
    unit.execute(update(files).where(files.c.id == file_id).values(state="filed"))
    unit.execute(
        update(records)
        .where(records.c.file_id == file_id, records.c.state == "signed")
        .values(state="archived")
    )
    unit.log(
        "file.close", f"file:{file_id}", chain=file_id, detail={"volume": volume.number, "kind": "filed"}
    )


def reopen(unit: Unit, file_id: int) -> int:
    """A later episode: the next volume of the same file; returns its number.  Raises StateForbids."""
    facts = file_facts(unit, file_id)
    if facts.state not in ("open", "filed"):
        require_open(facts)
    volume = current_volume(unit, file_id)
    if volume.closed_on is None and volume.outcome is None:
        raise StateForbids(f"档案 {facts.number} 的上一次服务还没有结束。")
    number = int(volume.number) + 1
    unit.execute(insert(volumes), {"file_id": file_id, "number": number, "opened_on": unit.today.isoformat()})
    unit.execute(update(files).where(files.c.id == file_id).values(state="open"))
    unit.log("file.reopen", f"file:{file_id}", chain=file_id, detail={"volume": number})
    return number


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
