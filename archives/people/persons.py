"""Persons and their one file: opening, reading, amending.

One person has one file.  With an ID number the database itself refuses a second one (keyed hash, unique);
without, persons who may be the same are named first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit, canonical_json
from archives.errors import AlreadyThere, InputRefused, NotFound, SimilarPersons, StateForbids
from archives.keys.bindings import AMENDMENT_REASON, IDENTITY, OLD_VALUE
from archives.keys.derive import id_hash
from archives.people.case_numbers import application_number
from archives.people.naming import clean, number_terms, person_terms
from archives.people.similarity import Candidate, similar_persons
from archives.store.next_id import next_id
from archives.store.rows import the_row, the_value
from archives.store.tables import amendments, files, persons, search_terms, volumes
from archives.store.tables_people import assignments

SEXES = ("男", "女")
AMENDABLE = ("name", "sex", "birth_date", "phone", "id_number")
_FIELD = re.compile(r"[a-z][a-z0-9_]{1,39}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Who a person is.  ``more`` holds further identity facts (address, guardian …), kept encrypted."""

    name: str
    sex: str | None = None
    birth_date: str | None = None
    phone: str | None = None
    id_number: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A person and the file that was opened."""

    person: int
    file: int
    volume: int
    application_no: str


def open_person(
    unit: Unit, facts: PersonFacts, *, application_no: str | None = None, another: bool = False
) -> Opened:
    """Register a person and open the one file; the worker who opens it gets the case.

    ``another`` says that similar persons were looked at and are others.
    Raises AlreadyThere, SimilarPersons, InputRefused.
    """
    facts = checked(facts)
    hashed = id_hash(unit.archive.id_key, facts.id_number) if facts.id_number else None
    if hashed is not None:
        _refuse_second(unit, hashed)
    elif not another:
        _warn_of_similar(unit, facts)
    person = _insert_person(unit, facts, hashed)
    opened = _open_file(unit, person, application_no)
    add_terms(unit, person, dict.fromkeys(person_terms(facts.name, facts.phone, facts.birth_date)))
    add_terms(unit, person, dict.fromkeys(number_terms(opened.application_no)))
    unit.log(
        "file.create", f"file:{opened.file}", chain=opened.file,
        detail={"person": person, "volume": opened.volume, "exact": hashed is not None},
    )  # fmt: skip
    return opened


def checked(facts: PersonFacts) -> PersonFacts:
    """The facts in clean form.  Raises InputRefused."""
    if facts.sex is not None and facts.sex not in SEXES:
        raise InputRefused("性别应为“男”或“女”。")
    if facts.birth_date is not None:
        _check_date(facts.birth_date, "出生日期")
    return PersonFacts(
        clean(facts.name, "姓名"),
        facts.sex,
        facts.birth_date,
        clean(facts.phone, "电话", most=30) if facts.phone else None,
        clean(facts.id_number, "身份证件号码", most=30) if facts.id_number else None,
        dict(facts.more),
    )


def _check_date(value: str, field_name: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise InputRefused(f"{field_name}不是有效的日期。", hint="请写成 1990-05-17 的样子。") from None


def _refuse_second(unit: Unit, hashed: str) -> None:
    row = unit.execute(
        select(files.c.ref_code, files.c.application_no)
        .join(persons, persons.c.id == files.c.person_id)
        .where(persons.c.id_hash == hashed)
    ).first()
    if row is not None:
        raise _second(row.ref_code or row.application_no)


def _second(number: str | None) -> AlreadyThere:
    place = f"（{number}）" if number else ""
    return AlreadyThere(
        f"这个身份证件号码已有档案{place}，一人只建一份档案。", hint="请在已有档案中继续办理。"
    )


def _warn_of_similar(unit: Unit, facts: PersonFacts) -> None:
    found: list[Candidate] = similar_persons(unit, facts.name, facts.birth_date, facts.phone)
    if found:
        told = "、".join(f"{one.number}（{one.reason}）" for one in found[:5])
        raise SimilarPersons(f"可能已有档案：{told}。", candidates=tuple(one.person for one in found))


def _insert_person(unit: Unit, facts: PersonFacts, hashed: str | None) -> int:
    key_name, key = unit.archive.keys.new()
    person = next_id(unit.connection, persons)
    sealed = unit.archive.encrypt(key, sealed_identity(facts), IDENTITY.of(id=person))
    try:
        unit.execute(
            insert(persons),
            {
                "id": person, "state": "present", "id_hash": hashed, "name": facts.name, "sex": facts.sex,
                "birth_date": facts.birth_date, "phone": facts.phone, "identity_key": key_name,
                "identity": sealed, "opened_at": unit.at, "opened_by": unit.staff(),
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise _second(None) from error
    return person


def sealed_identity(facts: PersonFacts) -> bytes:
    """What is sealed of a person: everything, also what the row repeats in plain."""
    return canonical_json(
        {**{name: getattr(facts, name) for name in AMENDABLE}, "more": dict(facts.more)}
    ).encode()


def _open_file(unit: Unit, person: int, application_no: str | None) -> Opened:
    application_no = application_number(unit, application_no, person)
    note_key, _ = unit.archive.keys.new()
    try:
        row = unit.execute(
            insert(files),
            {
                "kind": "person", "person_id": person, "year": unit.year,
                "application_no": application_no, "state": "open", "opened_at": unit.at, "note_key": note_key,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyThere("这个申请编号已经用过。", hint="请换一个编号，或不填由系统编号。") from error
    file_id = _new_id(row)
    volume = _new_id(
        unit.execute(insert(volumes), {"file_id": file_id, "number": 1, "opened_on": unit.today.isoformat()})
    )
    unit.execute(
        insert(assignments),
        {"file_id": file_id, "staff_id": unit.staff(), "from_on": unit.today.isoformat()},
    )
    return Opened(person, file_id, volume, application_no)


def _new_id(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def add_terms(unit: Unit, person: int, terms: Mapping[tuple[str, str], None]) -> None:
    """Make a person findable by these terms."""
    found = unit.execute(
        select(search_terms.c.kind, search_terms.c.term).where(search_terms.c.person_id == person)
    )
    known = {(row.kind, row.term) for row in found}
    rows = [
        {"person_id": person, "kind": kind, "term": term} for kind, term in terms if (kind, term) not in known
    ]
    if rows:
        unit.execute(insert(search_terms), rows)


def read_identity(unit: Unit, person: int) -> dict[str, Any]:
    """All identity facts of a person, decrypted.  The caller has put the reading on the log."""
    row = unit.execute(select(persons).where(persons.c.id == person)).first()
    if row is None or row.state == "gone":
        raise NotFound("没有这个服务对象。")
    plain = json.loads(unit.archive.decrypt(row.identity_key, row.identity, IDENTITY.of_row(row)))
    return {
        "name": row.name,
        "sex": row.sex,
        "birth_date": row.birth_date,
        "phone": row.phone,
        "id_number": plain["id_number"],
        **plain["more"],
    }


def amend(unit: Unit, person: int, field_name: str, value: Any, reason: str) -> None:
    """Correct one identity fact (AMENDABLE, or any further fact); old value, who and why stay, encrypted.

    ``value`` None takes a fact away.  Raises NotFound, InputRefused, AlreadyThere, StateForbids.
    """
    reason = clean(reason, "更正原因", most=500)
    before = read_identity(unit, person)
    query = select(persons).where(persons.c.id == person).with_for_update()
    row = the_row(unit.execute(query), f"服务对象 #{person} 的登记")
    if row.state != "present":
        raise StateForbids("这个服务对象已并入另一份档案。")
    after = checked(_amended(before, field_name, value))
    hashed = id_hash(unit.archive.id_key, after.id_number) if after.id_number else None
    if hashed is not None and hashed != row.id_hash:
        _refuse_second(unit, hashed)
    key = unit.archive.keys.get(row.identity_key)
    amendment = next_id(unit.connection, amendments)
    of: dict[str, str | int] = {"id": amendment, "person_id": person, "field": field_name}
    old = unit.archive.encrypt(
        key, canonical_json({"value": before.get(field_name)}).encode(), OLD_VALUE.of(**of)
    )
    why = unit.archive.encrypt(key, reason.encode(), AMENDMENT_REASON.of(**of))
    try:
        unit.execute(
            update(persons).where(persons.c.id == person).values(
                id_hash=hashed, name=after.name, sex=after.sex, birth_date=after.birth_date,
                phone=after.phone,
                identity=unit.archive.encrypt(key, sealed_identity(after), IDENTITY.of(id=person)),
            )
        )  # fmt: skip
    except IntegrityError as error:
        raise _second(None) from error
    unit.execute(
        insert(amendments),
        {
            "id": amendment,
            "person_id": person,
            "field": field_name,
            "before": old,
            "at": unit.at,
            "by": unit.staff(),
            "reason": why,
        },
    )
    if field_name in AMENDABLE:
        _renew_terms(unit, person, after)
    own = select(files.c.id).where(files.c.person_id == person)
    file_id = the_value(unit.execute(own), f"服务对象 #{person} 的案卷")
    unit.log("person.amend", f"person:{person}", chain=file_id, detail={"kind": field_name})


def _amended(before: Mapping[str, Any], field_name: str, value: Any) -> PersonFacts:
    known, more = _known(before), _more(before)
    if field_name in AMENDABLE:
        if value is not None and not isinstance(value, str):
            raise InputRefused("这一项应是文字。")
        known[field_name] = value or None
    elif not _FIELD.match(field_name):
        raise InputRefused("没有这一项可以更正。")
    elif value is None:
        more.pop(field_name, None)
    else:
        more[field_name] = value
    if not known["name"]:
        raise InputRefused("姓名不能为空。")
    return PersonFacts(**known, more=more)


@dataclass(frozen=True, slots=True)
class Amendment:
    """One correction as it was made."""

    field: str
    before: Any
    at: str
    by: int
    reason: str


def amendments_of(unit: Unit, person: int) -> list[Amendment]:
    """All corrections of a person, oldest first, decrypted.  The caller has put the reading on the log."""
    row = unit.execute(select(persons.c.identity_key).where(persons.c.id == person)).first()
    if row is None or row.identity_key is None:
        return []
    found = unit.execute(select(amendments).where(amendments.c.person_id == person).order_by(amendments.c.id))
    decrypt = unit.archive.decrypt
    told = []
    for one in found:
        before = decrypt(row.identity_key, one.before, OLD_VALUE.of_row(one))
        why = decrypt(row.identity_key, one.reason, AMENDMENT_REASON.of_row(one))
        told.append(Amendment(one.field, json.loads(before)["value"], one.at, one.by, why.decode()))
    return told


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in AMENDABLE}


def _more(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in AMENDABLE}


def _renew_terms(unit: Unit, person: int, facts: PersonFacts) -> None:
    # Old names stay findable: people go on asking by them.
    unit.execute(
        delete(search_terms).where(
            search_terms.c.person_id == person, search_terms.c.kind.in_(("phone", "birth"))
        )
    )
    add_terms(unit, person, dict.fromkeys(person_terms(facts.name, facts.phone, facts.birth_date)))
