"""The case as forms know it, for prefill; and whose record it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import InputRefused
from archives.people.files import FileFacts, current_volume, numbers_of
from archives.people.persons import amendments_of, read_identity
from archives.people.volume_facts import application_taken, facts_of_volume, note_application
from archives.settings import Layout
from archives.store.tables import facts as facts_table
from archives.store.tables import records, volumes
from archives.store.tables_people import assignments, staff
from desk.station.identity import as_forms_know
from desk.station.print_facts import print_facts
from generator.forms.definition import FieldSpec, FormDefinition

_IDENTITY = {
    "person.name": "name", "person.gender": "sex", "person.birth_date": "birth_date",
    "person.cid": "id_number", "person.other_id_no": "id_number",
}  # fmt: skip
"""What a record says of who it is about → what the file's person says."""
_NUMBERS = ("case_no", "application_no")
_BY_PAPERS = {
    "application_date": "application_date", "closing_date": "closing_date", "leave_date": "exit_date",
    "service_form": "service_form",
}  # fmt: skip
"""Index fact of a paper → fact of the case it settles."""


def case_of(unit: Unit, file: FileFacts, layout: Layout) -> dict[str, Any]:
    """The CASE of a file without its forms: station, person (decrypted), what is known of the case.

    The caller puts the reading on the log.
    """
    station = print_facts(layout, unit.archive.station)
    if file.person is None:
        return {"station": station, "person": {}, "case": {}, "forms": {}, "site": {}}
    identity = read_identity(unit, file.person)
    return {
        "station": station,
        "person": as_forms_know(identity),
        "case": _case_facts(unit, file),
        "forms": {},
        "site": {},
    }


def _case_facts(unit: Unit, file: FileFacts) -> dict[str, Any]:
    volume = current_volume(unit, file.id)
    papers = said_by_papers(unit, volume.id)
    worker = unit.execute(
        select(staff.c.name)
        .join(assignments, assignments.c.staff_id == staff.c.id)
        .where(assignments.c.file_id == file.id, assignments.c.to_on.is_(None))
    ).scalar()
    own = facts_of_volume(unit, volume.id)
    first = volume.number == 1
    accepted = own.accepted_on or (file.accepted_on if first else None)
    facts = {
        "case_no": volume.case_no,
        # A later episode has an application of its own; until it is entered nobody knows its number.
        "application_no": own.application_no or (file.application_no if first or volume.case_no else None),
        "file_no": file.ref_code,
        "responsible_worker": worker,
        "intake_date": accepted.isoformat() if accepted else None,
        "closing_date": volume.closed_on,
        "episode": volume.number,
    }
    return {**papers, **{name: value for name, value in facts.items() if value is not None}}


def said_by_papers(unit: Unit, volume: int) -> dict[str, Any]:
    """Facts of the case that its papers settle: the latest paper that says one is right."""
    query = (
        select(facts_table.c.name, facts_table.c.value)
        .join(records, records.c.id == facts_table.c.record_id)
        .where(
            records.c.volume_id == volume,
            records.c.state.in_(("final", "signed", "archived")),
            facts_table.c.name.in_(_BY_PAPERS),
        )
        .order_by(records.c.id)
    )
    return {
        _BY_PAPERS[row.name]: json.loads(row.value) if row.value.startswith("[") else row.value
        for row in unit.execute(query)
    }


def bring_application(unit: Unit, file: FileFacts, facts: Mapping[str, str]) -> None:
    """The application of a later episode brings its own number."""
    number = facts.get("application_no")
    if number is None or file.kind != "person" or number in numbers_of(unit, file.id):
        return
    volume = current_volume(unit, file.id)
    if volume.number > 1 and volume.case_no is None:
        note_application(unit, file.id, volume.id, number)


# --- whose record it is -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whose:
    """Who a file is about, as far as records say it too."""

    identity: Mapping[str, Any]
    numbers: tuple[str, ...]
    awaits_case_no: bool = False
    """The running volume has no 个案编号 yet, so a paper may bring it."""
    awaits_application: bool = False
    """The running volume is a later one without an application number of its own: a paper may bring it."""
    earlier: tuple[tuple[str, str, str], ...] = ()
    """(fact, what it was, day of its correction): a paper of that day or before may say so."""


def whose(unit: Unit, file: FileFacts) -> Whose:
    """The person of a file; of a series nobody.  The caller puts the reading on the log."""
    if file.person is None:
        return Whose({}, ())
    volume = current_volume(unit, file.id)
    waits = volume.case_no is None
    applying = waits and volume.number > 1 and facts_of_volume(unit, volume.id).application_no is None
    earlier = tuple(
        (one.field, str(one.before), one.at[:10])
        for one in amendments_of(unit, file.person)
        if one.before is not None
    )
    return Whose(read_identity(unit, file.person), numbers_of(unit, file.id), waits, applying, earlier)


def require_same_person(
    unit: Unit, form: FormDefinition, answers: Mapping[str, Any], person: Whose, day: date | None = None
) -> None:
    """Refuse a record about somebody else; ``day``: of the paper, whose facts may be those of its day.

    Raises InputRefused naming the fields, never what they say.
    """
    top = [
        spec
        for spec in form.fields.values()
        if spec.pointer.count("/") == 1 and answers.get(spec.name) not in (None, "")
    ]
    wrong = [
        spec.label
        for spec in top
        if _another(spec, answers, person, day) or _elsewhere(unit, spec, answers, person)
    ]
    if wrong:
        raise InputRefused(
            f"{'、'.join(wrong)}与这份档案的服务对象不符，没有保存。",
            hint="请核对是否选错了人；确系档案有误的，先用 kangdang person amend 更正。",
        )


def _another(spec: FieldSpec, answers: Mapping[str, Any], person: Whose, day: date | None) -> bool:
    fact = _IDENTITY.get(spec.prefill or "", "")
    known = person.identity.get(fact)
    if known is None:
        return False
    of_its_day = [
        was for field, was, until in person.earlier
        if field == fact and day is not None and day.isoformat() <= until
    ]  # fmt: skip
    return _folded(str(answers[spec.name])) not in {_folded(str(one)) for one in (known, *of_its_day)}


def _elsewhere(unit: Unit, spec: FieldSpec, answers: Mapping[str, Any], person: Whose) -> bool:
    said = str(answers[spec.name])
    if spec.index not in _NUMBERS or not person.numbers or said in person.numbers:
        return False
    if person.awaits_application and said.startswith("SQ-"):
        return application_taken(unit, said)
    if not person.awaits_case_no or not said.startswith("GA-"):
        return True
    return unit.execute(select(volumes.c.id).where(volumes.c.case_no == said)).first() is not None


def _folded(text: str) -> str:
    return "".join("·" if char in "•・‧∙．." else char for char in text.upper() if not char.isspace())
