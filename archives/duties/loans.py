"""Loans of originals (AR5): on written approval, with a due date, reminded, checked on their return.

Borrower, approver and the colleague at the desk are different people: nobody approves or counts for himself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Select, func, insert, select, update

from archives.archive import Unit
from archives.duties.sealed import read_words, seal_words
from archives.duties.staff import require_present, roles_of
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.records import record_facts
from archives.keys.bindings import LOAN_BASIS, LOAN_CONDITION
from archives.log.purposes import Purpose
from archives.numbering import next_number
from archives.people.files import file_facts
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.tables_duties import loan_reminders, loans
from archives.store.tables_people import events

Basis = Literal["duty", "letter", "mandate", "law"]
BASES: Final[dict[str, str]] = {"duty": "岗位职责", "letter": "介绍信", "mandate": "授权", "law": "法定"}
"""依据 of AR4 and AR5."""
GOOD: Final = "完好"
MOST_PAGES: Final = 99_999


@dataclass(frozen=True, slots=True)
class Terms:
    """What is lent and why.  ``days``: None for the station's usual period."""

    purpose: Purpose
    pages: int
    basis: Basis = "duty"
    basis_note: str | None = None
    """Number of the letter, or the clause of the law."""
    record: int | None = None
    """One item of the file; None lends the whole file."""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as its row says; ``days_late`` is 0 while it is in time or back."""

    id: int
    ref_code: str
    file: int
    record: int | None
    borrower: int
    approver: int
    lender: int
    purpose: str
    pages: int
    lent_on: date
    due_on: date
    returned_on: date | None
    pages_returned: int | None
    reminders: int
    days_late: int


def lend(unit: Unit, file_id: int, borrower: int, approver: int, terms: Terms) -> int:
    """Lend originals to a colleague; the leader's written approval is named.  Returns the loan's id.

    Raises SeparationBroken, StateForbids (out already, restricted), InputRefused, NotFound, DateUnconfirmed.
    """
    today = unit.reference().day
    unit.lock_file(file_id)
    facts = file_facts(unit, file_id)
    days = _checked(unit, terms)
    _check_people(unit, borrower, approver)
    if facts.state in ("restricted", "merged", "destroyed"):
        raise StateForbids(f"档案 {facts.number} 现在不能借出。")
    if terms.record is not None and record_facts(unit, terms.record).file != file_id:
        raise InputRefused("这一件不在这份档案中。")
    _refuse_second(unit, file_id, terms.record)
    words: dict[str, str] = {"kind": terms.basis}
    if terms.basis_note:
        words["note"] = clean(terms.basis_note, "依据说明", most=60)
    year = unit.year
    code = f"JY-{year}-{next_number(unit, f'loan:{year}', f'file:{file_id}'):04d}"
    loan = next_id(unit.connection, loans)
    basis = seal_words(unit, file_id, words, LOAN_BASIS.of(file_id=file_id, id=loan))
    unit.execute(
        insert(loans),
        {
            "id": loan, "ref_code": code, "file_id": file_id, "record_id": terms.record,
            "borrower": borrower, "purpose": str(terms.purpose), "basis": basis,
            "approver": approver, "lender": unit.staff(), "lent_on": today.isoformat(),
            "due_on": (today + timedelta(days=days)).isoformat(), "pages": terms.pages,
        },
    )  # fmt: skip
    unit.log(
        "loan.lend", f"loan:{loan}", chain=file_id, purpose=str(terms.purpose),
        detail={
            "staff": borrower, "other": approver, "pages": terms.pages, "record": terms.record, "days": days,
        },
    )  # fmt: skip
    return loan


def _checked(unit: Unit, terms: Terms) -> int:
    """The days of the loan."""
    most = unit.archive.station.loan_days
    days = most if terms.days is None else terms.days
    if not 1 <= days <= most:
        raise InputRefused(f"借期应为 1 至 {most} 天。", hint="到期可先归还，再重新办理借出。")
    if not 1 <= terms.pages <= MOST_PAGES:
        raise InputRefused(f"借出页数应为 1 至 {MOST_PAGES} 页。", hint="请逐页清点后填写。")
    if terms.basis not in BASES:
        raise InputRefused(f"借阅依据应为：{'、'.join(BASES.values())}。")
    if terms.basis != "duty" and not terms.basis_note:
        raise InputRefused(
            f"依据为{BASES[terms.basis]}的，须写明文号或条款。", hint="请用 --basis-note 写明。"
        )
    return days


def _check_people(unit: Unit, borrower: int, approver: int) -> None:
    if approver == borrower:
        raise SeparationBroken("借阅的批准人和借阅人必须是两个人。")
    if unit.staff() == borrower:
        raise SeparationBroken("不能给自己办理借出。")
    require_present(unit, borrower, "借阅人")
    require_present(unit, approver, "批准人")
    if "director" not in roles_of(unit, approver):
        raise InputRefused("借阅须由机构负责人批准。", hint="请在取得机构负责人书面批准后办理。")


def _refuse_second(unit: Unit, file_id: int, record: int | None) -> None:
    out = unit.execute(
        select(loans.c.record_id).where(loans.c.file_id == file_id, loans.c.returned_on.is_(None))
    ).scalars()
    if any(other is None or record is None or other == record for other in out):
        raise StateForbids("原件已借出，尚未归还。", hint="请先办理归还：kangdang loan return。")


def remind(unit: Unit, loan_id: int) -> int:
    """催还 of a loan whose day has come; returns how often it was.  Raises StateForbids, NotFound."""
    row = _open_loan(unit, loan_id)
    if unit.settled < date.fromisoformat(row.due_on):
        raise StateForbids(
            f"借阅 {row.ref_code} 还没有到期（应还日期 {row.due_on}）。", hint="到期后再催还。"
        )
    number = _reminders(unit, [loan_id]).get(loan_id, 0) + 1
    unit.execute(
        insert(loan_reminders), {"loan_id": loan_id, "number": number, "at": unit.at, "by": unit.staff()}
    )
    unit.log("loan.remind", f"loan:{loan_id}", chain=row.file_id, detail={"number": number})
    return number


def take_back(unit: Unit, loan_id: int, pages: int, damage: str | None = None) -> None:
    """The originals are back, counted and looked at; ``damage`` says what is missing or torn.

    Raises StateForbids, InputRefused, SeparationBroken, NotFound.
    """
    row = _open_loan(unit, loan_id)
    if unit.staff() == row.borrower:
        raise SeparationBroken("归还须由借阅人以外的人清点。")
    if not 0 <= pages <= MOST_PAGES:
        raise InputRefused(f"归还页数应为 0 至 {MOST_PAGES} 页。")
    told = clean(damage, "缺损说明") if damage else None
    if pages != row.pages and told is None:
        raise InputRefused(
            f"借出 {row.pages} 页，归还 {pages} 页，页数不符。",
            hint="请重新清点；确有出入的用 --damage 写明。",
        )
    words = {"condition": told or GOOD}
    unit.execute(
        update(loans).where(loans.c.id == loan_id).values(
            returned_on=unit.today.isoformat(), pages_returned=pages,
            condition=seal_words(unit, row.file_id, words, LOAN_CONDITION.of_row(row)),
        )
    )  # fmt: skip
    unit.log(
        "loan.return", f"loan:{loan_id}", chain=row.file_id,
        detail={"pages": pages, "kind": "good" if told is None else "damaged"},
    )  # fmt: skip


def _open_loan(unit: Unit, loan_id: int) -> Any:
    row = unit.execute(select(loans).where(loans.c.id == loan_id).with_for_update()).first()
    if row is None:
        raise _no_loan()
    if row.returned_on is not None:
        raise StateForbids(f"借阅 {row.ref_code} 已归还。")
    return row


def find_loan(unit: Unit, ref_code: str) -> int:
    """The loan of this number (JY-2026-0001).  Raises NotFound."""
    code = ref_code.strip().upper()
    found = unit.execute(select(loans.c.id).where(loans.c.ref_code == code)).scalar()
    if found is None:
        raise _no_loan()
    return int(found)


def _no_loan() -> NotFound:
    return NotFound("没有这笔借阅。", hint="请用 kangdang loan list 查看借阅编号，例如 JY-2026-0001。")


def loan(unit: Unit, loan_id: int) -> Loan:
    """One loan.  Raises NotFound."""
    told = _told(unit, select(loans).where(loans.c.id == loan_id))
    if not told:
        raise _no_loan()
    return told[0]


def loans_out(unit: Unit, *, overdue_only: bool = False) -> Sequence[Loan]:
    """Loans that are not back, the longest overdue first."""
    out = _told(unit, select(loans).where(loans.c.returned_on.is_(None)).order_by(loans.c.due_on, loans.c.id))
    return [one for one in out if one.days_late or not overdue_only]


def loans_between(unit: Unit, first: date, last: date) -> Sequence[Loan]:
    """Loans lent from ``first`` to ``last``, both included, in the order of the register."""
    query = (
        select(loans).where(loans.c.lent_on.between(first.isoformat(), last.isoformat())).order_by(loans.c.id)
    )
    return _told(unit, query)


def words_of(unit: Unit, loan_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(basis, condition): ``kind`` and ``note`` of why it was lent; ``condition`` of how it came back.

    Empty when the file's note key is destroyed.  Raises NotFound.
    """
    row = unit.execute(
        select(loans.c.id, loans.c.file_id, loans.c.basis, loans.c.condition).where(loans.c.id == loan_id)
    ).first()
    if row is None:
        raise _no_loan()
    return (
        read_words(unit, row.file_id, row.basis, LOAN_BASIS.of_row(row)),
        read_words(unit, row.file_id, row.condition, LOAN_CONDITION.of_row(row)),
    )


def receiver_of(unit: Unit, loan_id: int) -> int | None:
    """Who took the originals back, by the access log."""
    query = select(events.c.staff).where(
        events.c.action == "loan.return", events.c.subject == f"loan:{loan_id}", events.c.result == "ok"
    )
    found = unit.execute(query).scalar()
    return None if found is None else int(found)


def _reminders(unit: Unit, loan_ids: Iterable[int]) -> dict[int, int]:
    rows = unit.execute(
        select(loan_reminders.c.loan_id, func.count().label("times"))
        .where(loan_reminders.c.loan_id.in_(list(loan_ids)))
        .group_by(loan_reminders.c.loan_id)
    )
    return {row.loan_id: row.times for row in rows}


def _told(unit: Unit, query: Select[Any]) -> list[Loan]:
    rows = list(unit.execute(query))
    reminded = _reminders(unit, [row.id for row in rows])
    told = []
    for row in rows:
        due = date.fromisoformat(row.due_on)
        back = date.fromisoformat(row.returned_on) if row.returned_on else None
        late = 0 if back else max(0, (unit.settled - due).days)
        told.append(
            Loan(
                row.id, row.ref_code, row.file_id, row.record_id, row.borrower, row.approver, row.lender,
                row.purpose, row.pages, date.fromisoformat(row.lent_on), due, back, row.pages_returned,
                reminded.get(row.id, 0), late,
            )
        )  # fmt: skip
    return told
