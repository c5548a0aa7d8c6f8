"""Functions that compute a value from other answers of the same form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from generator.forms import instruments
from generator.forms.function_kinds import ValueFunction, as_date, clock_minutes, first, full_years, is_number


def _age_on(groups: Sequence[Sequence[Any]]) -> int | None:
    birth, on = as_date(first(groups[0])), as_date(first(groups[1]))
    if birth is None or on is None or on < birth:
        return None
    return full_years(birth, on)


def _sum(groups: Sequence[Sequence[Any]]) -> int | float | None:
    numbers = [value for group in groups for value in group if is_number(value)]
    return sum(numbers) if numbers else None


def _count_rows(groups: Sequence[Sequence[Any]]) -> int | None:
    rows = first(groups[0])
    return len(rows) if isinstance(rows, list) else None


def _copy(groups: Sequence[Sequence[Any]]) -> Any:
    return first(groups[0])


def _minutes_between(groups: Sequence[Sequence[Any]]) -> int | None:
    start, end = clock_minutes(first(groups[0])), clock_minutes(first(groups[1]))
    return None if start is None or end is None or end <= start else end - start


def _week_after(groups: Sequence[Sequence[Any]]) -> str | None:
    day = as_date(first(groups[0]))
    return None if day is None else (day + timedelta(days=7)).isoformat()


def _items(groups: Sequence[Sequence[Any]]) -> list[Any]:
    return [value for group in groups for value in group]


def _score(groups: Sequence[Sequence[Any]]) -> int | None:
    return instruments.total(_items(groups), len(groups))


def _verdict(instrument_id: str) -> Callable[[Sequence[Sequence[Any]]], str | None]:
    return lambda groups: instruments.load_instrument(instrument_id).verdict(_items(groups))


def _difference(groups: Sequence[Sequence[Any]]) -> int | float | None:
    earlier, later = first(groups[0]), first(groups[1])
    return later - earlier if is_number(earlier) and is_number(later) else None


def _percent(groups: Sequence[Sequence[Any]]) -> int | None:
    part, whole = first(groups[0]), first(groups[1])
    if not is_number(part) or not is_number(whole) or whole <= 0:
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
