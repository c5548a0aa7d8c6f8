"""The station's own calendar file: what is read, and the words for what is not."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.calendar.overlay import parse_overlay
from archives.errors import CalendarInvalid

HEAD = "date,kind,source\n"


def test_days_are_read() -> None:
    overlay = parse_overlay(f"{HEAD}2027-02-06,workday,样例通知\n2027-02-10,holiday,样例通知\n".encode())
    assert overlay.days == {date(2027, 2, 6): True, date(2027, 2, 10): False}
    assert overlay.complete == frozenset()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_saved_by_a_chinese_excel_is_read(encoding: str) -> None:
    text = "日期,类别,来源\r\n2027/2/6,工作日,国办发明电样例\r\n2027/02/10,休息日,“样例，通知”\r\n,,\r\n"
    assert parse_overlay(text.encode(encoding)).days == {date(2027, 2, 6): True, date(2027, 2, 10): False}


@pytest.mark.parametrize("raw", [b"", b"\n\n", HEAD.encode(), b"\xef\xbb\xbf" + HEAD.encode()])
def test_an_empty_overlay_says_nothing(raw: bytes) -> None:
    overlay = parse_overlay(raw)
    assert overlay.named(date(2027, 1, 1)) is None
    assert overlay.implied(date(2027, 1, 1)) is None


def test_the_same_row_twice_does_no_harm() -> None:
    assert len(parse_overlay(f"{HEAD}2027-02-06,workday,甲\n2027-02-06,工作日,乙\n".encode()).days) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("2027-02-06,workday\n", "第2行应有3列，实有2列"),
        ("2027-02-06,workday,a,b\n", "第2行应有3列，实有4列"),
        ("2027-02-30,workday,样例\n", "第2行的日期应写成 2027-02-06 的样子"),
        ("6.2.2027,workday,样例\n", "第2行的日期应写成"),
        ("0000-01-01,workday,样例\n", "第2行的日期应写成"),
        ("2027-02-06,half,样例\n", "第2行的类别应是“工作日”“休息日”或“全年”"),
        ("2027-02-06,workday,\n", "第2行没有写来源"),
        ("2027-02-06,workday,样例\n2027-02-06,holiday,样例\n", "第3行与前面同一天的类别矛盾"),
        ("2027-02-06,complete,样例\n", "第2行类别为“全年”时日期只写年份"),
        ("2027,complete,样例\n2027-01-01,holiday,样例\n", "第2行说明该年安排已全部录入，但缺少元旦或国庆节"),
        ("2027-01-01,workday,样例\n2027-10-01,holiday,样例\n2027,全年,样例\n", "第4行说明该年安排"),
        ('2027-02-06,workday,"样例\n', "引号不成对"),
        ("2027-02-06,workday,\0\n", "不是文本文件"),
    ],
)
def test_a_bad_row_is_named_by_its_line(rows: str, told: str) -> None:
    with pytest.raises(CalendarInvalid, match=told) as caught:
        parse_overlay(f"{HEAD}{rows}".encode())
    assert caught.value.message.startswith("工作日历 calendar_overrides.csv")
    assert caught.value.message.endswith("。")
    assert "样例" not in caught.value.message


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"2027-02-06,workday,x\n", "第1行应是表头“日期,类别,来源”"),
        (b"\xff\xfe\x00", "文字编码无法识别"),
        (b"," * 1_000_001, "超过 1 MB"),
    ],
)
def test_a_file_that_is_no_overlay(raw: bytes, told: str) -> None:
    with pytest.raises(CalendarInvalid, match=told):
        parse_overlay(raw)


def test_all_bad_lines_are_named_at_once_eight_in_words() -> None:
    with pytest.raises(CalendarInvalid) as caught:
        parse_overlay((HEAD + "2027-02-06,half,x\n" * 11).encode())
    assert "第2行" in caught.value.message
    assert "第9行" in caught.value.message
    assert "第10行" not in caught.value.message
    assert caught.value.message.endswith("；另有3处。")


def test_blank_lines_are_counted_so_the_line_is_the_one_in_the_editor() -> None:
    with pytest.raises(CalendarInvalid, match="第5行"):
        parse_overlay(f"{HEAD}\n2027-02-06,workday,x\n\n2027-02-07,half,x\n".encode())


@given(st.dictionaries(st.dates(date(1000, 1, 1)), st.booleans(), max_size=20))
def test_what_is_written_is_read(days: dict[date, bool]) -> None:
    rows = "".join(
        f"{day.isoformat()},{'workday' if work else 'holiday'},样例\n" for day, work in days.items()
    )
    assert parse_overlay((HEAD + rows).encode()).days == days


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_whatever_crash(raw: bytes) -> None:
    for each in (raw, HEAD.encode() + raw):
        with contextlib.suppress(CalendarInvalid):
            assert parse_overlay(each).complete is not None
