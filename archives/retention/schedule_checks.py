"""What a retention schedule may contain: every place where it is incomplete or contradicts itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archives.errors import ScheduleInvalid
from archives.retention import conditions
from archives.retention.item import PLACINGS
from archives.retention.schedule import CLASSES, LEAST_YEARS, MOST_YEARS, REASONS, TRIGGERS

_LARGEST = 1_000_000
_SHOWN = 8
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,31}")
_FORM = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TOP = {"version", "start_rule", "medical", "rules"}
_RULE = {"form", "placing", "class", "trigger", "reason", "clause"}
_RULE_MAY = {"years", "when"}


def strict_json(raw: bytes) -> Mapping[str, Any]:
    """One JSON object without repeated keys, NaN or excess; raises ScheduleInvalid."""
    if len(raw) > _LARGEST:
        raise ScheduleInvalid("保管期限表超过 1 MB，不像是期限表。")
    try:
        body = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as cause:
        raise ScheduleInvalid("保管期限表不是 UTF-8 文本。") from cause
    except json.JSONDecodeError as cause:
        raise ScheduleInvalid(f"保管期限表第{cause.lineno}行第{cause.colno}列不是合法的 JSON。") from cause
    except (RecursionError, ValueError) as cause:  # ValueError: a number of thousands of digits
        raise ScheduleInvalid("保管期限表嵌套过深，或有过大的数。") from cause
    if not isinstance(body, dict):
        raise ScheduleInvalid("保管期限表应是一个 JSON 对象。")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ScheduleInvalid("保管期限表中有重复的键。")
    return found


def _no_constant(_: str) -> None:
    raise ScheduleInvalid("保管期限表中有不是数的数（NaN、Infinity）。")


def listed(found: Sequence[str]) -> str:
    """The first eight problems in one sentence."""
    more = f"；另有{len(found) - _SHOWN}处" if len(found) > _SHOWN else ""
    return "；".join(found[:_SHOWN]) + more


def problems(body: Mapping[str, Any]) -> list[str]:
    """Every problem, each beginning with its place; empty for a good schedule."""
    keys = set(body) - {"$comment"}
    if keys != _TOP:
        return [f"的顶层应恰好有 {'、'.join(sorted(_TOP))}"]
    found = []
    if not isinstance(body["version"], str) or not _VERSION.fullmatch(body["version"]):
        found.append(" version 应是如 2026.1 的版本号")
    if body["start_rule"] not in ("next_year", "trigger_day"):
        found.append(" start_rule 应是 next_year 或 trigger_day")
    if not isinstance(body["medical"], bool):
        found.append(" medical 应是 true 或 false")
    rules = body["rules"]
    if not isinstance(rules, list | tuple) or not rules:
        return [*found, " rules 应是规则的非空列表"]
    for number, rule in enumerate(rules):
        found += [f" rules[{number}] {problem}" for problem in _of_rule(rule)]
    return found or list(_of_chains(rules))


def _of_rule(rule: Any) -> Iterator[str]:
    if not isinstance(rule, Mapping) or not _RULE <= set(rule) <= _RULE | _RULE_MAY:
        yield f"应有 {'、'.join(sorted(_RULE))}，可有 years、when，不可有其他"
        return
    if not isinstance(rule["form"], str) or not _FORM.fullmatch(rule["form"]):
        yield "的 form 应是表单编号"
    if rule["placing"] not in (*PLACINGS, "any"):
        yield f"的 placing 应是 {'、'.join(PLACINGS)} 或 any"
    if not isinstance(rule["reason"], str) or rule["reason"] not in REASONS:
        yield f"的 reason 应是 {'、'.join(REASONS)} 之一"
    clause = rule["clause"]
    if not isinstance(clause, str) or not 1 <= len(clause.strip()) <= 200 or not clause.isprintable():
        yield "的 clause 应写明依据（200 字以内，不换行）"
    if "when" in rule and (wrong := conditions.problem(rule["when"])):
        yield f"的 when {wrong}"
    yield from _of_term(rule)


def _of_term(rule: Mapping[str, Any]) -> Iterator[str]:
    kept, years, trigger = rule["class"], rule.get("years"), rule["trigger"]
    if not isinstance(kept, str) or kept not in CLASSES:
        yield f"的 class 应是 {'、'.join(CLASSES)} 之一"
    elif not isinstance(trigger, str) or trigger not in TRIGGERS:
        yield f"的 trigger 应是 {'、'.join(TRIGGERS)} 之一"
    elif kept == "G3":
        if not isinstance(years, int) or isinstance(years, bool) or not LEAST_YEARS <= years <= MOST_YEARS:
            yield f"的 years 应是 {LEAST_YEARS} 到 {MOST_YEARS} 的整数（一般档案宜保存三年）"
        if trigger == "none":
            yield "有期限，须写明起算的 trigger"
    elif years is not None or trigger != "none":
        yield "是永久保存，不写 years，trigger 应是 none"


def _of_chains(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every form and placing ends with one rule without condition, and nothing stands after it."""
    settled: dict[tuple[str, str], bool] = {}
    for number, rule in enumerate(rules):
        for placing in PLACINGS if rule["placing"] == "any" else (rule["placing"],):
            if settled.get((rule["form"], placing)):
                yield f" rules[{number}] 永远轮不到：前面已有同一表单（{placing}）不带条件的规则"
            settled[rule["form"], placing] = "when" not in rule
    for (form, placing), last in settled.items():
        if not last:
            yield f"中 {form}（{placing}）的最后一条规则带有条件，条件不成立时无规则可依"
