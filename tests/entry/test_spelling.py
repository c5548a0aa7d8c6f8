"""How people write things, and the one way answers keep them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.entry import spelling

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-3-5", "2026-03-05"), ("2026年3月5日", "2026-03-05"), ("20260305", "2026-03-05"),
        ("2026/03/05", "2026-03-05"), ("2026.3.5", "2026-03-05"), ("２０２６－３－５", "2026-03-05"),
        (" 2026 3 5 ", "2026-03-05"), ("2026年3月5号", "2026-03-05"), ("二〇二六年三月五日", "2026-03-05"),
        ("二〇二六年十一月二十日", "2026-11-20"),
        ("二零二六年十月三十一日", "2026-10-31"), ("今天", "2026-11-20"),
        ("昨天", "2026-11-19"), ("3月5日", "2026-03-05"), ("2024-2-29", "2024-02-29"),
        ("2026-2-29", None),
        ("26-3-5", None),
        ("5/3/2026", None),
        ("2026-13-1", None),
        ("三天前", None),
        ("2026", None), ("", None), ("202603055", None),
    ],
)  # fmt: skip
def test_dates(text: str, day: str | None) -> None:
    assert spelling.date_of(text, TODAY) == day


def test_words_for_days_need_a_clock() -> None:
    assert spelling.date_of("今天") is None
    assert spelling.date_of("3月5日") is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-3-5 14:30", "2026-03-05T14:30"), ("2026-03-05T14:30", "2026-03-05T14:30"),
        ("2026年3月5日14时30分", "2026-03-05T14:30"), ("2026年3月5日下午2点半", "2026-03-05T14:30"),
        ("3月5日上午9点", "2026-03-05T09:00"),
        ("今天 9:05", "2026-11-20T09:05"), ("14:30", "2026-11-20T14:30"),
        ("下午2:30", "2026-11-20T14:30"), ("中午12点", "2026-11-20T12:00"),
        ("中午11点半", "2026-11-20T11:30"),
        ("今天晚上8点", "2026-11-20T20:00"), ("现在", "2026-11-20T09:30"),
        ("２０２６-３-５　１４：３０", "2026-03-05T14:30"),
        ("2026-3-5 24:00", None), ("2026-3-5 9:60", None), ("2026-3-5", None), ("随时", None),
    ],
)  # fmt: skip
def test_times(text: str, moment: str | None) -> None:
    assert spelling.datetime_of(text, NOW) == moment


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_in_every_spelling(day: date) -> None:
    for text in (
        day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}．{day.month}．{day.day}",
    ):  # fmt: skip
        assert spelling.date_of(text) == day.isoformat()


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(text: str) -> None:
    for day in (spelling.date_of(text, TODAY), (spelling.datetime_of(text, NOW) or "")[:10] or None):
        assert day is None or date.fromisoformat(day)
    spelling.phone_of(text), spelling.citizen_id_of(text), spelling.integer_of(text), spelling.number_of(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("１３８００００１２３４", "13800001234"), ("138 0000 1234", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("+86 138 0000 1234", "13800001234"),
        ("0812 3333333", "0812-3333333"), ("（0812）3333333", "0812-3333333"),
        ("0812—3333333", "0812-3333333"),
        ("08123333333转12", "0812-3333333-12"),
        ("无", "无"),
        ("12345", "12345"),
    ],
)  # fmt: skip
def test_phones(text: str, number: str) -> None:
    assert spelling.phone_of(text) == number


def test_identity_numbers() -> None:
    assert spelling.citizen_id_of(" 51040219800305123x ") == "51040219800305123X"
    assert spelling.citizen_id_of("５１０４０２ 19800305 123Ｘ") == "51040219800305123X"


def test_pasted_text_loses_only_what_nobody_sees() -> None:
    assert spelling.line_of("\ufeff样例\u200b甲\t一 ") == "样例甲 一"
    assert spelling.paragraphs_of("一 \r\n\r\n二") == "一\n\n二"
