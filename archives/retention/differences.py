"""What a retention schedule says, and how it differs from another: in words a person approves.  Pure.

Rules of one form and placing are read together, in their order: the first that fits counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from archives.retention.conditions import FACTS
from archives.retention.item import EVENTS, PLACINGS, Placing
from archives.retention.schedule import CLASSES, REASONS, TRIGGERS, Rule, Schedule

PLACES: Final[Mapping[Placing, str]] = {
    "case": "个案案卷", "application": "申请材料", "site": "站点业务卷", "register": "登记簿",
}  # fmt: skip
STARTS: Final[Mapping[str, str]] = {"next_year": "次年 1 月 1 日起算", "trigger_day": "次日起算"}
_OUTCOMES: Final[Mapping[object, str]] = {
    "accepted": "接案", "rejected": "不接案", "referred_out": "转介", "served_briefly": "简短服务",
    True: "是", False: "否",
}  # fmt: skip
Titles = Callable[[str], str]
"""Id of a form → its name for a reader."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Papers of one form in one placing that are kept otherwise; an empty text: not there."""

    form_id: str
    placing: Placing | None
    """None: what concerns the whole schedule (named by ``form_id``)."""
    before: str
    after: str

    def sentence(self, title_of: Titles) -> str:
        """``服务记录（个案案卷）：原 一般档案，保管 3 年…；现 …``"""
        name = self.form_id if self.placing is None else f"{title_of(self.form_id)}（{PLACES[self.placing]}）"
        if not self.before:
            return f"{name}：新增 {self.after}"
        if not self.after:
            return f"{name}：取消 {self.before}"
        return f"{name}：原 {self.before}；现 {self.after}"


def differences(before: Schedule, after: Schedule) -> tuple[Difference, ...]:
    """Everything by which ``after`` keeps papers otherwise than ``before``; grounds and clauses too."""
    told = []
    for name, one, other in (
        ("起算方式", STARTS[before.start_rule], STARTS[after.start_rule]),
        ("机构性质", _medical(before), _medical(after)),
    ):
        if one != other:
            told.append(Difference(name, None, one, other))
    forms = sorted({rule.form_id for schedule in (before, after) for rule in schedule.rules})
    for form in forms:
        for placing in PLACINGS:
            was, is_now = before.chain(form, placing), after.chain(form, placing)
            if _said(was) != _said(is_now):
                told.append(Difference(form, placing, chain_words(was), chain_words(is_now)))
    return tuple(told)


def _said(rules: tuple[Rule, ...]) -> list[tuple[Any, ...]]:
    """What a chain says, without where it stands."""
    return [
        (rule.retention_class, rule.years, rule.trigger, rule.reason, rule.clause, rule.condition)
        for rule in rules
    ]


def _medical(schedule: Schedule) -> str:
    return "医疗机构，个人材料至少保管 30 年" if schedule.medical else "非医疗机构"


def chain_words(rules: tuple[Rule, ...]) -> str:
    """The rules of one form and placing in one line; empty for none."""
    return "；否则 ".join(rule_words(rule) for rule in rules)


def rule_words(rule: Rule) -> str:
    """``危险性等级不低于 3 的：特殊档案，永久保存，事故、安全或法律凭证…（000 5.4.5）``"""
    when = f"{_condition(rule.condition)}的：" if rule.condition else ""
    kept = "永久保存" if rule.years is None else f"保管 {rule.years} 年，自{_trigger(rule.trigger)}计算"
    return f"{when}{CLASSES[rule.retention_class]}，{kept}，{REASONS[rule.reason]}（{rule.clause}）"


def _trigger(trigger: str) -> str:
    return "、".join(EVENTS[event] for event in TRIGGERS[trigger]) + (
        "（取较晚的）" if len(TRIGGERS[trigger]) > 1 else ""
    )


def _condition(condition: Mapping[str, Mapping[str, Any]]) -> str:
    told = []
    for fact, test in condition.items():
        operator, value = next(iter(test.items()))
        word = _OUTCOMES.get(value, str(value)) if operator == "is" else str(value)
        told.append(f"{FACTS[fact]}{'为' if operator == 'is' else '不低于 '}{word}")
    return "且".join(told)


def schedule_lines(schedule: Schedule, running: Schedule | None, title_of: Titles) -> list[str]:
    """The whole schedule as a page: its head, what is different, then every form with all of its rules."""
    lines = [
        f"保管期限表 {schedule.version} 版　共 {len(schedule.rules)} 条规则",
        f"起算方式：{STARTS[schedule.start_rule]}　机构性质：{_medical(schedule)}",
        f"校验值 {schedule.sha256}", "",
    ]  # fmt: skip
    lines += [*difference_lines(schedule, running, title_of), "", "全文"]
    for form in sorted({rule.form_id for rule in schedule.rules}, key=title_of):
        for placing in PLACINGS:
            rules = schedule.chain(form, placing)
            if rules:
                lines.append(f"{title_of(form)}（{PLACES[placing]}）：{chain_words(rules)}")
    return lines


def difference_lines(schedule: Schedule, running: Schedule | None, title_of: Titles) -> list[str]:
    """How it differs from the schedule in force, one a line, under a heading."""
    if running is None:
        return ["现在没有有效的保管期限表：全部都是新的。"]
    found = differences(running, schedule)
    if not found:
        return [f"与现行 {running.version} 版相比，没有不同。"]
    head = f"与现行 {running.version} 版相比，有 {len(found)} 处不同："
    return [head, *(f"{number}. {one.sentence(title_of)}" for number, one in enumerate(found, start=1))]
