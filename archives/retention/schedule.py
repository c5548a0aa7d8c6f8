"""The retention schedule (保管期限表): versioned data that only an approval changes.

Owns what a schedule may say and its canonical form; what follows for an item is ``decide``.

    {"version": "2026.1", "start_rule": "next_year", "medical": false, "rules": [
      {"form": "referral", "placing": "case", "class": "P", "trigger": "none", "reason": "r1", "clause": "…"},
      {"form": "referral", "placing": "application", "class": "G3", "years": 3, "trigger": "brief_closed",
       "reason": "r4", "clause": "…", "when": {"outcome": {"is": "served_briefly"}}}, …]}

The rules of one form and placing are tried in their order; the last of them has no condition.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from archives.errors import ScheduleInvalid
from archives.retention import conditions
from archives.retention.item import EVENTS, PLACINGS, Placing
from archives.retention.period import StartRule

RetentionClass = Literal["P", "PS", "G3", "ADM"]
Where = Placing | Literal["any"]

CLASSES: Mapping[RetentionClass, str] = {
    "P": "个案服务档案",
    "PS": "特殊档案",
    "G3": "一般档案",
    "ADM": "档案管理记录",
}
REASONS: Mapping[str, str] = {
    "r1": "个人案卷的组成部分，属个案服务档案",
    "r2": "事故、安全或法律凭证，属特殊档案",
    "r3": "站点或多人共用的工作记录，属一般档案",
    "r4": "申请未转为个案，属一般档案",
    "r5": "履行档案管理职责的凭证",
}
TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "document": ("document",),
    "closing": ("document", "case_closed"),
} | {event: (event,) for event in EVENTS if event not in ("document", "case_closed")}
"""Trigger → the events it needs; the period starts from the latest of them (spec E3.2)."""
LEAST_YEARS, MOST_YEARS = 3, 100
"""一般档案宜保存三年 (004·档案): a station may keep longer, not shorter (R-41)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How papers of one form in one placing are kept.  ``years`` is None exactly when they stay for ever."""

    form_id: str
    placing: Where
    retention_class: RetentionClass
    years: int | None
    trigger: str
    reason: str
    clause: str
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Schedule:
    """A whole schedule.

    ``medical``: the station is a medical institution, so nothing of a person goes before 30 years
    (精神卫生法 47).  ``sha256`` is of the canonical form, hexadecimal.
    """

    version: str
    rules: tuple[Rule, ...]
    start_rule: StartRule
    medical: bool
    sha256: str = field(repr=False)

    def chain(self, form_id: str, placing: Placing) -> tuple[Rule, ...]:
        """The rules to try for such an item, in order; empty when the schedule does not know it."""
        return self._chains.get((form_id, placing), ())

    @cached_property
    def _chains(self) -> dict[tuple[str, Placing], tuple[Rule, ...]]:
        chains: dict[tuple[str, Placing], tuple[Rule, ...]] = {}
        for rule in self.rules:
            for placing in PLACINGS if rule.placing == "any" else (rule.placing,):
                chains[rule.form_id, placing] = (*chains.get((rule.form_id, placing), ()), rule)
        return chains


def canonical(schedule: Schedule) -> bytes:
    """The bytes that are hashed and approved: JSON with sorted keys, no spaces, UTF-8, rules by form id.

    Spacing, the order of forms and ``$comment`` of the file read make no difference; anything else does.
    """
    body = {
        "version": schedule.version,
        "start_rule": schedule.start_rule,
        "medical": schedule.medical,
        "rules": [_as_json(rule) for rule in schedule.rules],
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(raw: bytes | Mapping[str, Any]) -> Schedule:
    """Read and check a schedule; raises ScheduleInvalid naming the places (the first eight)."""
    from archives.retention import schedule_checks

    body = schedule_checks.strict_json(raw) if isinstance(raw, bytes) else raw
    problems = schedule_checks.problems(body)
    if problems:
        raise ScheduleInvalid(f"保管期限表{schedule_checks.listed(problems)}。")
    # Stable: the order within a form means something, the order of forms does not.
    rules = tuple(sorted(map(_rule, body["rules"]), key=lambda rule: rule.form_id))
    draft = Schedule(body["version"], rules, body["start_rule"], body["medical"], sha256="")
    digest = hashlib.sha256(canonical(draft)).hexdigest()
    return Schedule(draft.version, draft.rules, draft.start_rule, draft.medical, digest)


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        form_id=entry["form"],
        placing=entry["placing"],
        retention_class=entry["class"],
        years=entry.get("years"),
        trigger=entry["trigger"],
        reason=entry["reason"],
        clause=entry["clause"],
        condition=conditions.frozen(entry["when"]) if "when" in entry else None,
    )


def _as_json(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "form": rule.form_id,
        "placing": rule.placing,
        "class": rule.retention_class,
        "trigger": rule.trigger,
        "reason": rule.reason,
        "clause": rule.clause,
    }
    if rule.years is not None:
        entry["years"] = rule.years
    if rule.condition is not None:
        entry["when"] = {fact: dict(test) for fact, test in rule.condition.items()}
    return entry
