"""The closed table of named functions a definition may call, for computed values and for rules.

A form is data: it names functions of this table and nothing else.  A new function is a change of the
generator.  No function reads a clock: ``today``/``now`` come in as ``Moment``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from generator.forms import citizen_id
from generator.forms.conditions import same
from generator.forms.pointer import Part

Path = tuple[Part, ...]
Located = tuple[Path, Any]
"""Where a value stands, and the value."""
Groups = Sequence[Sequence[Located]]
"""One list of located values per argument; a missing answer gives an empty list."""
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule does not hold at ``path`` (None: at its first argument); ``other`` is the compared one."""

    path: Path | None
    other: Path | None = None


Rule = Callable[[Groups, Params, datetime], list[Violation]]


@dataclass(frozen=True, slots=True)
class RuleFunction:
    """``params`` are the keywords beside args; ``message`` and ``hint`` may use {label} and {other}."""

    call: Rule
    min_args: int
    max_args: int
    params: frozenset[str]
    required_params: frozenset[str]
    message: str
    hint: str
    doc: str


@dataclass(frozen=True, slots=True)
class ValueFunction:
    """Computes a value from its arguments (one list of values each); None: cannot be computed yet."""

    call: Callable[[Sequence[Sequence[Any]]], Any]
    min_args: int
    max_args: int
    doc: str


# --- values -----------------------------------------------------------------------------------------------


def as_date(value: Any) -> date | None:
    """The calendar day of an ISO date or local date-time; None for anything else."""
    if not isinstance(value, str) or len(value) not in (10, 16):
        return None
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()
    except ValueError:
        return None


def full_years(birth: date, on: date) -> int:
    """周岁: whole years passed; someone born on 29 February turns a year older on 1 March."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _first(group: Sequence[Any]) -> Any:
    return group[0] if group else None


def _age_on(groups: Sequence[Sequence[Any]]) -> int | None:
    birth, on = as_date(_first(groups[0])), as_date(_first(groups[1]))
    if birth is None or on is None or on < birth:
        return None
    return full_years(birth, on)


def _sum(groups: Sequence[Sequence[Any]]) -> int | float | None:
    numbers = [value for group in groups for value in group if _is_number(value)]
    return sum(numbers) if numbers else None


def _count_rows(groups: Sequence[Sequence[Any]]) -> int | None:
    rows = _first(groups[0])
    return len(rows) if isinstance(rows, list) else None


def _copy(groups: Sequence[Sequence[Any]]) -> Any:
    return _first(groups[0])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


VALUE_FUNCTIONS: Mapping[str, ValueFunction] = {
    "age_on": ValueFunction(_age_on, 2, 2, "出生日期、某日 → 该日的周岁"),
    "sum": ValueFunction(_sum, 1, 99, "各项数字之和（可用 /rows/*/minutes）"),
    "count_rows": ValueFunction(_count_rows, 1, 1, "列表的行数"),
    "copy": ValueFunction(_copy, 1, 1, "与另一项相同"),
}


# --- rules ------------------------------------------------------------------------------------------------


def _date_order(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    found: list[Violation] = []
    latest: tuple[date, Path] | None = None
    for group in groups:
        days = [(day, path) for path, value in group if (day := as_date(value)) is not None]
        found += [Violation(path, latest[1]) for day, path in days if latest and day < latest[0]]
        if days:
            latest = max([*days, latest] if latest else days, key=lambda item: item[0])
    return found


def _not_future(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    # ISO dates of equal length order as text; a date-time is compared to the minute.
    limit = now.isoformat(timespec="minutes")[:16]
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, str) and value > limit[: len(value)] and as_date(value) is not None
    ]


def _days_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1]:
        return []
    start, end = as_date(groups[0][0][1]), as_date(groups[1][0][1])
    # The wrong order is a finding of date_order; counting negative days would report it twice.
    if start is None or end is None or end < start:
        return []
    days = (end - start).days
    if days < params.get("min", days):
        return [Violation(groups[0][0][0], groups[1][0][0])]
    return [Violation(groups[1][0][0], groups[0][0][0])] if days > params.get("max", days) else []


def _contiguous(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return _numbered(groups[0]) if len(groups) == 1 else _without_gap(groups)


def _numbered(group: Sequence[Located]) -> list[Violation]:
    """At the first number that is outside 1..n or stands there a second time."""
    numbers = [(path, value) for path, value in group if _is_number(value)]
    free = set(range(1, len(numbers) + 1))
    for path, value in numbers:
        if value not in free:
            return [Violation(path)]
        free.remove(value)
    return []


def _without_gap(groups: Groups) -> list[Violation]:
    """At the first answer that has an empty field before it."""
    first_empty = next((rank for rank, group in enumerate(groups) if not group), len(groups))
    return [Violation(group[0][0]) for group in groups[first_empty:] if group][:1]


def _number_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if _is_number(value) and not params.get("min", value) <= value <= params.get("max", value)
    ]


def _count_between(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, list) and not params.get("min", 0) <= len(value) <= params.get("max", len(value))
    ]


def _expect(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    allowed = params["values"]
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if not any(same(value, option) for option in allowed)
    ]


def _flat(groups: Sequence[Sequence[Located]]) -> list[Any]:
    values = [value for group in groups for _, value in group]
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _covers(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    values = _flat(groups)
    missing = [wanted for wanted in params["values"] if not any(same(wanted, value) for value in values)]
    return [Violation(None)] if values and missing else []


def _alone(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [
        Violation(path)
        for group in groups
        for path, value in group
        if isinstance(value, list) and params["value"] in value and len(value) > 1
    ]


def _same(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1] or groups[0][0][1] == groups[1][0][1]:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def _differs(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    if not groups[0] or not groups[1] or groups[0][0][1] != groups[1][0][1]:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def _any_present(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return [] if any(groups) else [Violation(None)]


def _cid_birth(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    number, birth = _readable_cid(groups[0]), as_date(groups[1][0][1]) if groups[1] else None
    if number is None or birth is None or citizen_id.birth_date(number) == birth:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def _cid_sex(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    number = _readable_cid(groups[0])
    excused = len(groups) > 2 and bool(groups[2])
    if number is None or excused or not groups[1] or citizen_id.gender(number) == groups[1][0][1]:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def _readable_cid(group: Sequence[Located]) -> str | None:
    # With a wrong check character some digit is wrong, and comparing its parts would accuse the wrong field.
    number = group[0][1] if group else None
    return number if isinstance(number, str) and citizen_id.is_valid(number) else None


def _rule(
    call: Rule,
    args: tuple[int, int],
    message: str,
    hint: str,
    doc: str,
    params: str = "",
    required: str = "",
) -> RuleFunction:
    names, needed = frozenset(params.split()), frozenset(required.split())
    return RuleFunction(call, args[0], args[1], names | needed, needed, message, hint, doc)


RULE_FUNCTIONS: Mapping[str, RuleFunction] = {
    "date_order": _rule(
        _date_order, (2, 99), "{label}：不能早于{other}。", "请核对这两个日期。", "各日期依次不早于前一个"
    ),
    "not_future": _rule(
        _not_future, (1, 99), "{label}：不能晚于今天。", "请核对日期。", "日期不晚于验证时刻"
    ),
    "days_between": _rule(
        _days_between,
        (2, 2),
        "{label}：与{other}相隔的天数不合规定。",
        "请核对这两个日期。",
        "两个日期相隔 min–max 天",
        "min max",
    ),
    "contiguous": _rule(
        _contiguous,
        (1, 99),
        "{label}：应依次连续，不能跳过。",
        "请重新编号，或把内容依次前移。",
        "一个参数：数字为 1..n 不重不漏；多个参数：依次填写，中间不空",
    ),
    "number_between": _rule(
        _number_between,
        (1, 99),
        "{label}：数值超出通常范围。",
        "请核对数值。",
        "数字在 min–max 之间",
        "min max",
    ),
    "count_between": _rule(
        _count_between,
        (1, 99),
        "{label}：项数不合规定。",
        "请核对项数。",
        "列表的项数在 min–max 之间",
        "min max",
    ),
    "expect": _rule(
        _expect,
        (1, 99),
        "{label}：所选内容不合规定。",
        "请核对所选内容。",
        "填了就应是 values 之一",
        "",
        "values",
    ),
    "covers": _rule(
        _covers,
        (1, 99),
        "{label}：缺少应选的内容。",
        "请补选。",
        "各参数合起来应包含 values 的每一个",
        "",
        "values",
    ),
    "alone": _rule(
        _alone,
        (1, 99),
        "{label}：所选内容互相矛盾。",
        "请核对所选内容。",
        "选了 value 就不能再选其他项",
        "",
        "value",
    ),
    "same": _rule(_same, (2, 2), "{label}：与{other}不一致。", "请核对这两项。", "两项相同"),
    "differs": _rule(_differs, (2, 2), "{label}：不能与{other}相同。", "请核对这两项。", "两项不同"),
    "any_present": _rule(_any_present, (1, 99), "{label}：必填，未填写。", "请填写。", "至少填了其中一项"),
    "cid_birth": _rule(
        _cid_birth,
        (2, 2),
        "{label}：与{other}中的出生日期不一致。",
        "请对照身份证核对这两项。",
        "公民身份号码、出生日期一致",
    ),
    "cid_sex": _rule(
        _cid_sex,
        (2, 3),
        "{label}：与{other}表示的性别不一致。",
        "请对照身份证核对这两项；确实不一致的，填写“性别与身份号码不一致的说明”。",
        "公民身份号码、性别一致；第三个参数有说明时不查",
    ),
}
