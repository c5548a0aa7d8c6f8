"""The registers of the archive (AR4–AR10) on paper: filled from the archive, printed by the generator.

A register that covers a period has its own number for that period and keeps it when it is printed again.
Required columns the archive does not know are printed blank and named, so that they are filled in by pen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from archives.archive import Unit
from archives.duties.rights import find_request, request_facts
from archives.duties.staff import names_of
from archives.duties.transfers import find_transfer
from archives.errors import InputRefused
from archives.items.written import Of
from archives.numbering import next_number, series_code
from archives.people.files import find_file
from archives.store.tables import numbers
from desk.station.handing_out import hand_out
from desk.station.opening import OpenStation
from desk.station.register_access import access_rows
from desk.station.register_rows import loan_rows, rights_answers, scan_answers, transfer_answers

if TYPE_CHECKING:
    from generator.typeset.fonts import FontSet
    from generator.validation.report import Problem

Answers = dict[str, Any]
RandomBytes = Callable[[int], bytes]
FORMS: Final = {
    "AR4": "access_register",
    "AR5": "loan_register",
    "AR6": "appraisal_form",
    "AR7": "destruction_list",
    "AR8": "transfer_list",
    "AR9": "scan_register",
    "AR10": "rights_request",
}
OF_A_PERIOD: Final = ("AR4", "AR5")
_MOST_ROWS: Final = {"AR4": 500, "AR5": 350}
_NUMBER_OF: Final = {
    "AR6": "鉴定批次或清册编号", "AR7": "清册编号", "AR8": "移交清单编号", "AR9": "档号", "AR10": "请求编号",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which register: of a period (AR4, AR5; AR4 also of one file), or the sheet of one ``number``."""

    code: str
    first: date | None = None
    last: date | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A register on paper.  ``by_pen``: what is to be filled in by hand."""

    pages: int | None
    print_id: str
    rows: int
    by_pen: tuple[Problem, ...]


def print_register(
    station: OpenStation, wanted: Wanted, out: Path, fonts: FontSet, random: RandomBytes
) -> Printed:
    """Gather, put the print on the log, print to ``out``.

    Raises InputRefused, NotFound, DataInvalid (what the archive holds cannot be printed), OutputUnwritable.
    """
    from desk.documents import Issue, check_answers, draw_document, identity, kit_for
    from desk.home import StationHome
    from generator.render import PrintOptions

    home = StationHome(station.layout.home)
    kit = kit_for(FORMS[wanted.code], home)
    at = station.archive.now()
    who = identity(home, random, print_id=None, at=at)
    with station.acting("register.print") as unit:
        answers, chain = _answers(unit, wanted)
        rows = max((len(value) for value in answers.values() if isinstance(value, list)), default=0)
        unit.log(
            "register.print", f"form:{FORMS[wanted.code]}", chain=chain,
            detail={"kind": wanted.code, "rows": rows, "print_id": who.print_id},
        )  # fmt: skip
    report, completed = check_answers(kit.form, answers, "final", at)
    by_pen = tuple(found for found in report.errors if found.keyword == "required")
    _refuse([found for found in report.errors if found.keyword != "required"])
    rendered, files = draw_document(kit, completed, Issue(PrintOptions(home.captions), who, fonts), out)
    hand_out(station, "register.print", [Of(chain)] if chain else [], files)
    return Printed(rendered.pages, who.print_id, rows, by_pen)


def _refuse(errors: list[Problem]) -> None:
    from generator.errors import DataInvalid

    if errors:
        told = "；".join(f"{found.message}（{found.path or '/'}）" for found in errors[:5])
        raise DataInvalid(f"登记有 {len(errors)} 处不符合表单要求，没有打印：{told}")


def _answers(unit: Unit, wanted: Wanted) -> tuple[Answers, int]:
    """The answers of the form, and the chain the print goes on: a file's where it is one file's sheet."""
    if wanted.code in OF_A_PERIOD:
        return _of_period(unit, wanted)
    if wanted.number is None:
        raise InputRefused(
            f"打印 {wanted.code} 须指定{_NUMBER_OF[wanted.code]}。", hint="请用 --number 指定。"
        )
    match wanted.code:
        case "AR8":
            return transfer_answers(unit, find_transfer(unit, wanted.number)), 0
        case "AR9":
            file = find_file(unit, wanted.number).id
            return scan_answers(unit, file), file
        case "AR10":
            request = find_request(unit, wanted.number)
            return rights_answers(unit, request), request_facts(unit, request).file
    from desk.station.disposal import appraisal_answers, destruction_answers

    make = appraisal_answers if wanted.code == "AR6" else destruction_answers
    return make(unit, wanted.number), 0


def _of_period(unit: Unit, wanted: Wanted) -> tuple[Answers, int]:
    if wanted.first is None or wanted.last is None:
        raise InputRefused(f"打印 {wanted.code} 须指定起止日期。", hint="请用 --from 和 --to 指定。")
    if wanted.first > wanted.last:
        raise InputRefused("起始日期晚于截止日期。", hint="请核对 --from 和 --to。")
    if wanted.last > unit.today:
        raise InputRefused("截止日期晚于今天。", hint="请把 --to 改为今天或以前的日期。")
    file = find_file(unit, wanted.number).id if wanted.number is not None else None
    name, rows = _rows(unit, wanted, file)
    if not rows:
        raise InputRefused("这一时段没有登记，不必打印。", hint="请核对起止日期。")
    if len(rows) > _MOST_ROWS[wanted.code]:
        raise InputRefused(
            f"这一时段有 {len(rows)} 条登记，一册最多 {_MOST_ROWS[wanted.code]} 条。",
            hint="请缩短起止日期，分几册打印。",
        )
    answers = {
        "station_name": unit.archive.station.name, "register_no": _register_no(unit, wanted, file),
        "period_from": wanted.first.isoformat(), "period_to": wanted.last.isoformat(),
        "registrar": names_of(unit)[unit.staff()], name: rows,
    }  # fmt: skip
    return answers, file or 0


def _rows(unit: Unit, wanted: Wanted, file: int | None) -> tuple[str, list[dict[str, Any]]]:
    assert wanted.first is not None  # noqa: S101 - asked by the caller
    assert wanted.last is not None  # noqa: S101
    if wanted.code == "AR4":
        return "entries", access_rows(unit, wanted.first, wanted.last, file)
    return "loans", loan_rows(unit, wanted.first, wanted.last)


def _register_no(unit: Unit, wanted: Wanted, file: int | None) -> str:
    """档号 of the register of this period: given once, the same for every later print of it."""
    assert wanted.last is not None  # noqa: S101 - asked by the caller
    year = wanted.last.year
    sequence, use = f"register:{year}", f"{wanted.code}:{wanted.first}:{wanted.last}:{file or 0}"
    given = unit.execute(
        select(numbers.c.number).where(numbers.c.sequence == sequence, numbers.c.used_for == use)
    ).scalar()
    number = int(given) if given is not None else next_number(unit, sequence, use)
    return f"{series_code(unit.archive.station.fonds, 'GL', year)}-{number:04d}"
