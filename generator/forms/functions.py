"""The closed table of named functions a definition may call, for computed values and for rules.

A form is data: it names functions of this table and nothing else.  A new function is a change of the
generator.  No function reads a clock: ``today``/``now`` come in as ``Moment``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from generator.forms import citizen_id, disability_cert, instruments
from generator.forms.conditions import same
from generator.forms.pointer import Part

Path = tuple[Part, ...]
Located = tuple[Path, Any]
"""Where a value stands, and the value."""
Groups = Sequence[Sequence[Located]]
"""One list of located values per argument; a missing answer gives an empty list."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
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


def _clock_minutes(value: Any) -> int | None:
    """Minutes since midnight of a clock time ``09:30``; None for anything else."""
    if not isinstance(value, str) or not _CLOCK.match(value):
        return None
    return int(value[:2]) * 60 + int(value[3:])


def _minutes_between(groups: Sequence[Sequence[Any]]) -> int | None:
    start, end = _clock_minutes(_first(groups[0])), _clock_minutes(_first(groups[1]))
    return None if start is None or end is None or end <= start else end - start


def _week_after(groups: Sequence[Sequence[Any]]) -> str | None:
    day = as_date(_first(groups[0]))
    return None if day is None else (day + timedelta(days=7)).isoformat()


def _items(groups: Sequence[Sequence[Any]]) -> list[Any]:
    return [value for group in groups for value in group]


def _score(groups: Sequence[Sequence[Any]]) -> int | None:
    return instruments.total(_items(groups), len(groups))


def _verdict(instrument_id: str) -> Callable[[Sequence[Sequence[Any]]], str | None]:
    return lambda groups: instruments.load_instrument(instrument_id).verdict(_items(groups))


def _difference(groups: Sequence[Sequence[Any]]) -> int | float | None:
    earlier, later = _first(groups[0]), _first(groups[1])
    return later - earlier if _is_number(earlier) and _is_number(later) else None


def _percent(groups: Sequence[Sequence[Any]]) -> int | None:
    part, whole = _first(groups[0]), _first(groups[1])
    if not _is_number(part) or not _is_number(whole) or whole <= 0:
        return None
    return int((200 * part + whole) // (2 * whole))


VALUE_FUNCTIONS: Mapping[str, ValueFunction] = {
    "age_on": ValueFunction(_age_on, 2, 2, "出生日期、某日 → 该日的周岁"),
    "sum": ValueFunction(_sum, 1, 99, "各项数字之和（可用 /rows/*/minutes）"),
    "count_rows": ValueFunction(_count_rows, 1, 1, "列表的行数"),
    "copy": ValueFunction(_copy, 1, 1, "与另一项相同"),
    "minutes_between": ValueFunction(_minutes_between, 2, 2, "起、止时刻（09:30）→ 相隔的分钟数"),
    "week_after": ValueFunction(_week_after, 1, 1, "某日 → 7 天后的日期"),
    "score": ValueFunction(_score, 2, 99, "量表各题得分 → 总分：9（不适合）不计入，有题未答则不算"),
    "sdss_verdict": ValueFunction(
        _verdict("sdss"), 10, 10, "SDSS 各题得分 → 结果判断（schemas/instruments）"
    ),
    "adl14_verdict": ValueFunction(
        _verdict("adl14"), 14, 14, "ADL-14 各题得分 → 结果判断（schemas/instruments）"
    ),
    "difference": ValueFunction(_difference, 2, 2, "前一数、后一数 → 后减前"),
    "percent": ValueFunction(_percent, 2, 2, "完成数、计划数 → 百分比（四舍五入到整数）"),
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


def months_later(start: date, months: int) -> date:
    """The same day number ``months`` on, or the last day of that month (民法典 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _within_months(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    start, end = (as_date(group[0][1]) if group else None for group in groups)
    if start is None or end is None or end <= months_later(start, params["max"]):
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def _no_streak(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    """At the row whose number makes more than ``max`` numbers in a row with one of ``values``."""
    marked = {path[:-1] for group in groups[1:] for path, value in group if value in params["values"]}
    run, last = 0, 0
    for number, path in sorted((value, path) for path, value in groups[0] if _is_number(value)):
        run = 0 if path[:-1] not in marked else run + 1 if run and number == last + 1 else 1
        last = number
        if run > params["max"]:
            return [Violation(path)]
    return []


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


def _ranked(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    return _numbered([located for group in groups for located in group])


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


def _rows(groups: Groups) -> Path | None:
    """Where the rows stand that the arguments go through; None where they do not go through rows."""
    path = next((group[0][0] for group in groups if group), ())
    return path[:-2] if len(path) > 1 and isinstance(path[-2], int) else None


def _covers(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    values = _flat(groups)
    missing = [wanted for wanted in params["values"] if not any(same(wanted, value) for value in values)]
    return [Violation(_rows(groups))] if values and missing else []


def _covers_any(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    values = _flat(groups)
    found = any(same(wanted, value) for wanted in params["values"] for value in values)
    return [Violation(_rows(groups))] if values and not found else []


def _time_order(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    start, end = (_clock_minutes(group[0][1]) if group else None for group in groups)
    if start is None or end is None or end > start:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def _matching_rows(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    """Rows in which each argument has the value of the same rank; reported at the list."""
    rows = [
        {path[:-1] for path, value in group if same(value, wanted)}
        for group, wanted in zip(groups, params["values"], strict=False)
    ]
    if not any(groups):
        return []
    count = len(set.intersection(*rows))
    if params.get("min", 0) <= count <= params.get("max", count):
        return []
    return [Violation(_rows(groups))]


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


def _cert_holder(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    cert, number = _readable_cert(groups[0]), _readable_cid(groups[1])
    if cert is None or number is None or cert.holder == number:
        return []
    return [Violation(groups[0][0][0], groups[1][0][0])]


def _cert_level(groups: Groups, params: Params, now: datetime) -> list[Violation]:
    cert = _readable_cert(groups[0])
    if cert is None or not groups[1] or cert.level == groups[1][0][1]:
        return []
    return [Violation(groups[1][0][0], groups[0][0][0])]


def _readable_cert(group: Sequence[Located]) -> disability_cert.Certificate | None:
    number = group[0][1] if group else None
    return disability_cert.read(number) if isinstance(number, str) else None


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
    "within_months": _rule(
        _within_months,
        (2, 2),
        "{label}：与{other}相隔过久。",
        "请核对这两个日期。",
        "后一日期不晚于前一日期 max 个月之后（没有该日的，到月末）",
        "",
        "max",
    ),
    "no_streak": _rule(
        _no_streak,
        (2, 9),
        "{label}：连续的次数过多。",
        "请核对各行。",
        "第一个参数为行的日序，其余为各行所选；连续选 values 之一的不超过 max 行",
        "",
        "values max",
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
    "covers_any": _rule(
        _covers_any,
        (1, 99),
        "{label}：缺少应选的内容。",
        "请补选。",
        "各参数合起来应包含 values 中的至少一个",
        "",
        "values",
    ),
    "time_order": _rule(
        _time_order, (2, 2), "{label}：应晚于{other}。", "请核对这两个时刻。", "时刻（09:30）后者晚于前者"
    ),
    "matching_rows": _rule(
        _matching_rows,
        (1, 9),
        "{label}：符合条件的行数不合规定。",
        "请核对各行。",
        "行数在 min–max 之间；只数各参数依次等于 values 的行",
        "min max",
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
    "cert_holder": _rule(
        _cert_holder,
        (2, 2),
        "{label}：前 18 位与{other}不一致。",
        "请对照残疾人证和身份证核对；补发、换发的证确实不同的，可以保留。",
        "残疾人证号、公民身份号码：前 18 位相同",
    ),
    "cert_level": _rule(
        _cert_level,
        (2, 2),
        "{label}：与{other}中的等级不一致。",
        "请对照残疾人证核对这两项；证号第 20 位是等级。",
        "残疾人证号、残疾等级一致",
    ),
    "ranked": _rule(
        _ranked,
        (2, 99),
        "{label}：次序应从 1 起，不重复、不跳过。",
        "请重新排列次序。",
        "各项的数字合起来为 1..n，不重不漏",
    ),
}
