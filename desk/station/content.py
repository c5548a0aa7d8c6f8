"""What the archive keeps of a filled form beside its answers: title, day, facts, retention events.  Pure.

Names and ID numbers are no index facts: who a record is about is said by its file alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

from archives.errors import InputRefused
from archives.items.records import Content
from generator.forms.catalogue import read_json
from generator.forms.definition import FormDefinition
from generator.forms.function_kinds import as_date
from generator.packets.catalogue import site_forms
from generator.prefill import document_date
from generator.resources import data_dir

State = Literal["draft", "final", "signed"]
Answers = Mapping[str, Any]

SESSION: Final = "session_no"
_NEVER: Final = frozenset(("client_name", "cid"))
_LONGEST_FACT: Final = 400
_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "expired": ("agreement_end", "contract_end", "expires_on", "valid_until"),
    "staff_left": ("left_on",),
    "replaced": ("replaced_on",),
}
"""Retention event → index facts that say its day."""
_YEARLY: Final = ("period_kind", "edition")
_SERIES: Final[Mapping[str, str]] = {"satisfaction_form": "ZK", "training_program": "YW"}
"""Forms of a person's file that can stand in a site series too, without a person on them."""
_REGISTERS: Final = "GL"
_NAMES_NOBODY: Final = frozenset(("training_program",))
"""Forms of a site series that are about no person: its programmes of training."""


def content_of(form: FormDefinition, answers: Answers, state: State, *, number: int = 1) -> Content:
    """The record; ``number`` is how many of the form its file has with this one."""
    facts = facts_of(form, answers)
    day = document_day(form, answers)
    payload = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Content(
        form.id, form.version, title_of(form, facts, number), payload, state, day, facts,
        retention_events(form, answers, facts),
    )  # fmt: skip


def title_of(form: FormDefinition, facts: Mapping[str, str], number: int) -> str:
    """``个案服务记录表（第3次）``: by the number on the form; without one, from the second on."""
    session = facts.get(SESSION)
    if session is not None:
        return f"{form.title}（第{session}次）"
    return f"{form.title}（第{number}次）" if number > 1 else form.title


def document_day(form: FormDefinition, answers: Answers) -> date | None:
    """The day the record is about; None while nobody wrote one."""
    told = document_date(form, answers)[:10]
    return date.fromisoformat(told) if as_date(told) else None


def facts_of(form: FormDefinition, answers: Answers) -> dict[str, str]:
    """Index facts as texts (truths ``true``/``false``, lists as JSON) and what retention asks."""
    found: dict[str, str] = {}
    for spec in form.fields.values():
        if spec.index is None or spec.in_rows or spec.index in _NEVER:
            continue
        value = _reach(answers, spec.pointer)
        if value not in (None, "", [], {}):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            found[spec.index] = text[:_LONGEST_FACT]
    return {**found, **_for_retention(found)}


def _for_retention(facts: Mapping[str, str]) -> dict[str, str]:
    told = {}
    if facts.get("anonymous") in ("true", "false"):
        told["named"] = "false" if facts["anonymous"] == "true" else "true"
    period = next((facts[name] for name in _YEARLY if name in facts), None)
    if period is not None:
        told["yearly"] = "true" if period in ("年", "年度", "年度版") else "false"
    return told


def _reach(answers: Answers, pointer: str) -> Any:
    value: Any = answers
    for name in pointer.strip("/").split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


# --- retention events -------------------------------------------------------------------------------------


def retention_events(form: FormDefinition, answers: Answers, facts: Mapping[str, str]) -> dict[str, str]:
    """Days from which a period of this form can run, as far as the record itself says them."""
    wanted = triggers(form.id)
    found = {
        event: day
        for event, names in _EVENTS.items()
        if event in wanted and (day := _first_day(facts, names)) is not None
    }
    if "last_entry" in wanted and (last := max(_days_in_rows(form, answers), default=None)) is not None:
        found["last_entry"] = last
    return found


def _first_day(facts: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((facts[name][:10] for name in names if as_date(facts.get(name, "")[:10])), None)


def _days_in_rows(form: FormDefinition, answers: Answers) -> Iterator[str]:
    """The dates of the lines of a register."""
    for spec in form.fields.values():
        if not spec.in_rows or spec.kind not in ("date", "datetime") or spec.pointer.count("/") != 3:
            continue
        _, rows, _, name = spec.pointer.split("/")
        for row in answers.get(rows) or ():
            if isinstance(row, Mapping) and as_date(str(row.get(name, ""))[:10]):
                yield str(row[name])[:10]


@lru_cache(maxsize=128)
def triggers(form_id: str) -> frozenset[str]:
    """What starts a period of this form by the shipped schedule (which events are worth keeping)."""
    rules = read_json(data_dir("schemas") / "retention.json")["rules"]
    return frozenset(rule["trigger"] for rule in rules if rule["form"] == form_id)


def series_of(form_id: str) -> str | None:
    """The site series a form goes into when it is not one person's; None for forms of persons only."""
    if form_id in _SERIES:
        return _SERIES[form_id]
    why = site_forms().get(form_id)
    if why is None:
        return None
    return _REGISTERS if "档案管理" in why else "YW"


def names_persons(form_id: str) -> bool:
    """Whether a document of a site series can name persons: all but those known to name nobody."""
    return form_id not in _NAMES_NOBODY


def misplaced(form_id: str, facts: Mapping[str, str], *, of_person: bool) -> tuple[str, str] | None:
    """Why a sheet does not belong where it is put, and the cure: a named one into its person's file.

    An anonymous sheet in a person's file would be named by it, and kept for ever for nothing.
    """
    if form_id not in _SERIES or "anonymous" not in facts:
        return None
    anonymous = facts["anonymous"] == "true"
    if anonymous and of_person:
        return "匿名的不能归入个人档案", "请去掉 --person，改用 --site 归入站点档案；记名的请改填“匿名”一项。"
    if not anonymous and not of_person:
        return "记名的应归入本人档案", "请用 --person 指明档案；匿名的请改填“匿名”一项，不写姓名和编号。"
    return None


def require_placed(form: FormDefinition, answers: Mapping[str, Any], *, of_person: bool) -> None:
    """Refuse a sheet that does not belong where it is put.  Raises InputRefused."""
    wrong = misplaced(form.id, facts_of(form, answers), of_person=of_person)
    if wrong is not None:
        raise InputRefused(f"《{form.title}》{wrong[0]}，没有保存。", hint=wrong[1])


def only_of_site(form_id: str) -> str | None:
    """Why a form never goes into a person's file; None when it may."""
    return site_forms().get(form_id)
