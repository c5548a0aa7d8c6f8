"""Conditions of a schedule: ``{"risk_level": {"at_least": 3}}``; several facts must all hold.

Three answers, not two: a fact nobody registered makes a condition *unknown*, and what is unknown is never
a ground for destroying.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archives.retention.item import OUTCOMES

FACTS: Mapping[str, str] = {
    "outcome": "申请的处理结果",
    "risk_level": "危险性等级",
    "named": "是否具名",
    "yearly": "是否年度版",
}
"""Fact → its name in sentences.  outcome: one of OUTCOMES; risk_level: 0–5; named, yearly: true or false."""
OPERATORS = ("is", "at_least")


def value_of(fact: str, given: object) -> str | int | bool | None:
    """The fact as its own type; None when it is missing or makes no sense.  Texts of a database are read."""
    if fact == "outcome":
        return given if isinstance(given, str) and given in OUTCOMES else None
    if fact == "risk_level":
        if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) == 1:
            return int(given)
        return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else None
    if given in ("true", "false"):
        return given == "true"
    return given if isinstance(given, bool) else None


def unknown(condition: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]) -> tuple[str, ...] | bool:
    """True or False when the facts settle the condition, else the names of the facts that are missing."""
    missing = []
    for fact, test in condition.items():
        value = value_of(fact, facts.get(fact))
        if value is None:
            missing.append(fact)
        elif not _holds(test, value):
            return False
    return tuple(missing) or True


def _holds(test: Mapping[str, Any], value: Any) -> bool:
    if "is" in test:
        return type(value) is type(test["is"]) and bool(value == test["is"])
    return bool(value >= test["at_least"])


def problem(condition: object) -> str | None:
    """What is wrong with a condition as it stands in a schedule."""
    if not isinstance(condition, Mapping) or not condition:
        return "应是“事实: 判断”的对象"
    for fact, test in condition.items():
        if fact not in FACTS:
            return f"的事实应是 {'、'.join(FACTS)} 之一"
        if not isinstance(test, Mapping) or len(test) != 1 or next(iter(test)) not in OPERATORS:
            return f"中 {fact} 的判断应是 is 或 at_least 之一"
        operator, operand = next(iter(test.items()))
        if value_of(fact, operand) is None or isinstance(operand, str) != (fact == "outcome"):
            return f"中 {fact} 的取值不合类型"
        if operator == "at_least" and fact != "risk_level":
            return f"中 {fact} 不能比较大小"
    return None


def frozen(condition: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """A copy of its own, so that a change to the data read cannot change the rule."""
    return {fact: dict(test) for fact, test in condition.items()}
