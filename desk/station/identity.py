"""A person's data as it is typed: checked as forms would check it, under the names the archive keeps.

The way in and the way back:

    person JSON ─► read_person ─► PersonFacts        identity in the archive ─► as_forms_know ─► forms
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archives.errors import InputRefused
from archives.people.persons import PersonFacts
from generator.forms.catalogue import list_forms
from generator.forms.definition import FieldSpec, FormDefinition
from generator.forms.suggest import did_you_mean
from generator.validation.validate import complete

if TYPE_CHECKING:
    from generator.validation.report import Problem

_OWN = {
    "name": "name", "client_name": "name", "gender": "sex", "sex": "sex", "birth_date": "birth_date",
    "phone": "phone", "cid": "id_number", "other_id_no": "id_number", "id_number": "id_number",
}  # fmt: skip
"""Fact of a form → fact of the archive that search and uniqueness need; all others are kept as they are."""
_FIRST_ASKED = ("basic_registration", "admission_application", "application_b")
_CITIZEN_ID = ("居民身份证", "户口簿")


def read_person(document: Mapping[str, Any], now: datetime) -> tuple[PersonFacts, list[Problem]]:
    """Who a data file is about, and everything wrong with its facts (all at once).

    Raises InputRefused for a name nobody knows, or when the person's name is missing.
    """
    known = person_facts()
    for name in document:
        if name not in known and name not in _OWN:
            raise InputRefused(f"人员资料中没有“{_shown(name)}”这一项。{did_you_mean(name, known)}")
    facts = {("client_name" if name == "name" else name): value for name, value in document.items()}
    if "sex" in facts:
        facts["gender"] = facts.pop("sex")
    if "id_number" in facts:
        facts |= _typed(str(facts.pop("id_number")), facts.get("id_type"))
    if not facts.get("client_name"):
        raise InputRefused("人员资料缺少姓名（name）。")
    problems = wrong_facts(facts, now)
    own = {_OWN[name]: value for name, value in facts.items() if name in _OWN and value not in ("", None)}
    more = {name: value for name, value in facts.items() if name not in _OWN}
    if problems:
        return PersonFacts(str(facts["client_name"])), problems
    return PersonFacts(**_with_birth(own), more=more), []


def _shown(name: str) -> str:
    return "".join(char for char in name if char.isprintable())[:20]


def _typed(number: str, id_type: Any) -> dict[str, Any]:
    """An ID number as forms keep it: a citizen's number has a field of its own."""
    kind = id_type or ("居民身份证" if len(number.strip()) == 18 else "其他")
    return {"id_type": kind, "cid" if kind in _CITIZEN_ID else "other_id_no": number.strip().upper()}


def _with_birth(own: dict[str, Any]) -> dict[str, Any]:
    """A citizen's number says sex and day of birth; what the data says itself goes first."""
    number = own.get("id_number", "")
    if len(number) == 18 and number[:17].isdigit():
        day = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        return {"birth_date": day, "sex": "男" if int(number[16]) % 2 else "女", **own}
    return own


def wrong_facts(facts: Mapping[str, Any], now: datetime) -> list[Problem]:
    """What forms would find wrong with these facts of a person."""
    found: list[Problem] = []
    asked: dict[str, dict[str, Any]] = {}
    for name, value in facts.items():
        place = person_facts().get(name)
        if place is not None:
            asked.setdefault(place[0], {})[place[1].name] = value
    for form_id, answers in asked.items():
        report = complete(_forms()[form_id], answers, "final", now).report
        fields = tuple(f"/{name}" for name in answers)
        found += [
            problem for problem in report.errors
            if problem.keyword != "required" and problem.path.startswith(fields)
        ]  # fmt: skip
    return found


@lru_cache(maxsize=1)
def person_facts() -> Mapping[str, tuple[str, FieldSpec]]:
    """Every fact of a person some form asks for: its name → the form that explains it, and the field."""
    found: dict[str, tuple[str, FieldSpec]] = {}
    forms = _forms()
    for form_id in (*_FIRST_ASKED, *forms):
        for spec in forms[form_id].fields.values():
            head, _, name = (spec.prefill or "").partition(".")
            if head == "person" and spec.pointer.count("/") == 1:
                found.setdefault("client_name" if name == "name" else name, (form_id, spec))
    return found


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, FormDefinition]:
    return {form.id: form for form in list_forms()}


def amendable(field_name: str) -> str:
    """The archive's name of a fact to amend.  Raises InputRefused."""
    if field_name in _OWN:
        return _OWN[field_name]
    if field_name not in person_facts():
        near = did_you_mean(field_name, [*_OWN, *person_facts()])
        raise InputRefused(f"人员资料中没有“{_shown(field_name)}”这一项。{near}")
    return field_name


def amended_value(field_name: str, typed: str, now: datetime) -> tuple[Any, list[Problem]]:
    """The value as it was typed (JSON for facts that are no text), and what is wrong with it."""
    name = {"name": "client_name", "sex": "gender"}.get(field_name, field_name)
    if name == "id_number":
        facts = _typed(typed, None)
        return typed.strip().upper(), wrong_facts(facts, now)
    place = person_facts().get(name)
    value: Any = typed
    if place is not None and place[1].kind in ("int", "number", "bool", "addr", "set", "list", "object"):
        try:
            value = json.loads(typed)
        except (ValueError, RecursionError):
            raise InputRefused(
                f'{place[1].label}应写成 JSON，例如 true、3 或 ["…"]。', hint="请改正后重新输入。"
            ) from None
    return value, wrong_facts({name: value}, now)


def as_forms_know(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Identity facts of the archive under the names forms use."""
    facts = {name: value for name, value in identity.items() if value is not None}
    number = facts.pop("id_number", None)
    if "sex" in facts:
        facts["gender"] = facts.pop("sex")
    if number is not None:
        facts = {**_typed(number, facts.get("id_type")), **facts}
    return facts
