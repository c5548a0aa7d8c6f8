"""Loans of originals (AR5): on written approval, with a due date, reminded, checked on their return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.records import record_facts
from archives.log.purposes import Purpose
from archives.numbering import next_number, series_code
from archives.people.files import file_facts
from archives.people.naming import clean
from archives.store.tables import files
from archives.store.tables_duties import loan_reminders, loans


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as its row says; ``days_late`` is 0 while it is in time or back."""

    id: int
    ref_code: str
    file: int
    record: int | None
    borrower: int
    lent_on: date
    due_on: date
    returned_on: date | None
    reminders: int
    days_late: int


def lend(
    unit: Unit,
    file_id: int,
    borrower: int,
    approver: int,
    purpose: Purpose,
    pages: int,
    *,
    record: int | None = None,
    basis: str | None = None,
    days: int | None = None,
) -> int:
    """Lend originals to a colleague; the leader's written approval is named.  Returns the loan's id.

    Raises SeparationBroken (approver = borrower), StateForbids (out already, restricted), InputRefused.
    """
    facts = file_facts(unit, file_id)
    most = unit.archive.station.loan_days
    days = most if days is None else days
    if not 1 <= days <= most:
        raise InputRefused(f"借期应为 1 至 {most} 天。", hint="到期可先归还再办理续借。")
    if pages < 1:
        raise InputRefused("借出页数应为 1 页以上。")
    if approver == borrower:
        raise SeparationBroken("借阅的批准人和借阅人必须是两个人。")
    if facts.state in ("restricted", "merged", "destroyed"):
        raise StateForbids(f"档案 {facts.number} 现在不能借出。")
    if record is not None and record_facts(unit, record).file != file_id:
        raise InputRefused("这一件不在这份档案中。")
    _refuse_second(unit, file_id, record)
    year = unit.today.year
    number = next_number(unit, f"AR5:{year}", f"loan:{file_id}")
    code = f"{series_code(unit.archive.station.fonds, 'GL', year)}-AR5-{number:04d}"
    result = unit.execute(
        insert(loans),
        {
            "ref_code": code, "file_id": file_id, "record_id": record, "borrower": borrower,
            "purpose": str(purpose), "basis": _sealed(unit, file_id, basis, "loan.basis"),
            "approver": approver, "lender": unit.staff(), "lent_on": unit.today.isoformat(),
            "due_on": (unit.today + timedelta(days=days)).isoformat(), "pages": pages,
        },
    )  # fmt: skip
    loan = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    unit.log(
        "loan.lend", f"loan:{loan}", chain=file_id, purpose=str(purpose),
        detail={"staff": borrower, "pages": pages, "record": record},
    )  # fmt: skip
    return loan


def _refuse_second(unit: Unit, file_id: int, record: int | None) -> None:
    out = unit.execute(
        select(loans.c.record_id).where(loans.c.file_id == file_id, loans.c.returned_on.is_(None))
    ).scalars()
    if any(other is None or record is None or other == record for other in out):
        raise StateForbids("原件已借出，尚未归还。", hint="请先办理归还。")


def _sealed(unit: Unit, file_id: int, words: str | None, bound_to: str) -> bytes | None:
    name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()
    if not words or name is None:
        return None
    return unit.archive.encrypt(unit.archive.keys.get(name), words.encode(), bound_to)


def remind(unit: Unit, loan_id: int) -> int:
    """催还; returns how often it was.  Raises StateForbids."""
    row = _open_loan(unit, loan_id)
    number = _reminders(unit, loan_id) + 1
    unit.execute(
        insert(loan_reminders), {"loan_id": loan_id, "number": number, "at": unit.at, "by": unit.staff()}
    )
    unit.log("loan.remind", f"loan:{loan_id}", chain=row.file_id, detail={"number": number})
    return number


def take_back(unit: Unit, loan_id: int, pages: int, condition: str) -> None:
    """The originals are back, counted and looked at.  Raises StateForbids, InputRefused."""
    row = _open_loan(unit, loan_id)
    if pages < 0:
        raise InputRefused("归还页数不能小于 0。")
    if pages != row.pages and not condition.strip():
        raise InputRefused(
            f"借出 {row.pages} 页，归还 {pages} 页，页数不符。", hint="请在归还检查中写明缺页情况。"
        )
    unit.execute(
        update(loans).where(loans.c.id == loan_id).values(
            returned_on=unit.today.isoformat(), pages_returned=pages,
            condition=_sealed(
                unit, row.file_id, clean(condition or "完好", "归还检查", most=500), "loan.condition"
            ),
        )
    )  # fmt: skip
    unit.log("loan.return", f"loan:{loan_id}", chain=row.file_id, detail={"pages": pages})


def _open_loan(unit: Unit, loan_id: int) -> Any:
    row = unit.execute(select(loans).where(loans.c.id == loan_id)).first()
    if row is None:
        raise NotFound("没有这笔借阅。")
    if row.returned_on is not None:
        raise StateForbids("这笔借阅已归还。")
    return row


def _reminders(unit: Unit, loan_id: int) -> int:
    query = select(func.count()).select_from(loan_reminders).where(loan_reminders.c.loan_id == loan_id)
    return int(unit.execute(query).scalar_one())


def find_loan(unit: Unit, ref_code: str) -> int:
    """The loan of this number.  Raises NotFound."""
    code = ref_code.strip().replace("_", "·")
    found = unit.execute(select(loans.c.id).where(loans.c.ref_code == code)).scalar()
    if found is None:
        raise NotFound("没有这笔借阅。", hint="请用 kangdang loan list 查看借阅编号。")
    return int(found)


def loans_out(unit: Unit, *, overdue_only: bool = False) -> Sequence[Loan]:
    """Loans that are not back, the longest overdue first."""
    rows = unit.execute(
        select(loans).where(loans.c.returned_on.is_(None)).order_by(loans.c.due_on, loans.c.id)
    )
    told = []
    for row in rows:
        due = date.fromisoformat(row.due_on)
        late = max(0, (unit.today - due).days)
        if late or not overdue_only:
            told.append(
                Loan(
                    row.id, row.ref_code, row.file_id, row.record_id, row.borrower,
                    date.fromisoformat(row.lent_on), due, None, _reminders(unit, row.id), late,
                )
            )  # fmt: skip
    return told
