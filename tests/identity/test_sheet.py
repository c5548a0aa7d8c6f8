"""The print record: it comes back as it was written, says nothing personal, and refuses to be edited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import DataUnreadable
from generator.identity.page_map import PageMap, PageMapEntry
from generator.identity.print_id import PrintKind
from generator.identity.sheet import (
    FontUse,
    PrintedSheet,
    canonical_json,
    fingerprint,
    read_sheet,
    write_sheet,
)

CHINA = timezone(timedelta(hours=8))
KEY = b"a station key of 32 bytes, or so"
ANSWERS = {"client_name": "样例甲", "gender": "男", "age": 41}
SHEET = PrintedSheet(
    print_id="0123456789",
    form_id="application_b",
    form_version=1,
    level="final",
    fingerprint=fingerprint(ANSWERS, "0123456789", KEY),
    copy=1,
    copies=2,
    pages=2,
    fonts=(FontUse("Noto Serif SC", "ab" * 32), FontUse("Noto Sans SC", "cd" * 32)),
    template_sha256="ef" * 32,
    issued_at=datetime(2026, 3, 5, 9, 30, tzinfo=CHINA),
    demo=True,
    software="0.1.0",
    page_map=PageMap(
        (
            PageMapEntry("/gender", 1, "男", "tick", 1, 30.5, 51.0, 4.0, 4.0),
            PageMapEntry("/sign", 1, None, "signature", 2, 28.0, 200.0, 60.0, 20.0),
        )
    ),
)


def edited(**changes: Any) -> bytes:
    members = json.loads(write_sheet(SHEET))
    members.update(changes)
    return json.dumps(members).encode()


def test_a_record_comes_back_as_it_was_written() -> None:
    assert read_sheet(write_sheet(SHEET)) == SHEET
    blank = replace(SHEET, print_id="FB-----001", level="blank", fingerprint=None, page_map=PageMap())
    assert read_sheet(write_sheet(blank)) == blank
    assert blank.kind is PrintKind.BLANK


@given(st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=0)), st.integers(0, 99))
def test_times_and_page_counts_come_back(time: datetime, pages: int) -> None:
    sheet = replace(SHEET, issued_at=time, pages=pages, page_map=PageMap())
    assert read_sheet(write_sheet(sheet)) == sheet


def test_equal_sheets_give_equal_bytes() -> None:
    assert write_sheet(SHEET) == write_sheet(replace(SHEET))
    assert write_sheet(SHEET).endswith(b"}\n")
    assert b'"format_version":1' in write_sheet(SHEET)


def test_no_answer_is_in_the_record() -> None:
    text = write_sheet(SHEET).decode()
    assert "样例甲" not in text
    assert '"age"' not in text


def test_the_fingerprint_follows_the_answers_and_the_print_not_the_order() -> None:
    turned = dict(reversed(list(ANSWERS.items())))
    assert fingerprint(turned, "0123456789", KEY) == fingerprint(ANSWERS, "0123456789", KEY)
    assert fingerprint({**ANSWERS, "age": 42}, "0123456789", KEY) != fingerprint(ANSWERS, "0123456789", KEY)
    assert fingerprint(ANSWERS, "0123456789", b"another key of 16+") != fingerprint(
        ANSWERS, "0123456789", KEY
    )
    assert fingerprint(ANSWERS, "1123456789", KEY) != fingerprint(ANSWERS, "0123456789", KEY)


def test_canonical_json_has_no_nan() -> None:
    assert canonical_json({"b": 1, "a": "甲"}) == '{"a":"甲","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_sheet(replace(SHEET, issued_at=datetime(2026, 3, 5)))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "不是完整的 JSON"),
        (b"\xff", "不是完整的 JSON"),
        (b"[]", "最外层不是对象"),
        (b'{"a":1,"a":2}', "不是完整的 JSON"),
        (b"[" * 100_000, "不是完整的 JSON"),
        (b'{"pages":NaN}', "不是完整的 JSON"),
        (edited(format_version=2), "格式版本 2"),
        (edited(format_version=True), "/format_version "),
        (edited(print_id="I123456789"), "print_id 不是打印编号"),
        (edited(fingerprint="ab"), "/fingerprint "),
        (edited(level="perfect"), "level 不是"),
        (edited(copy=3), "copy 大于 copies"),
        (edited(pages=1), "pages 与页面位置表不符"),
        (edited(pages=100), "pages 与页面位置表不符"),
        (edited(pages=None), "/pages "),
        (edited(issued_at="2026-03-05"), "/issued_at "),
        (edited(issued_at="yesterday"), "/issued_at "),
        (edited(fonts=[{"name": "宋体"}]), "/fonts/0/sha256 "),
        (edited(fonts=[1]), "/fonts "),
        (edited(form={"id": "b", "version": 1, "title": ""}), "/form/title 是未知的项"),
        (edited(answers={}), "/answers 是未知的项"),
        (edited(page_map=[{"kind": "wish"}]), "/page_map/0/kind"),
        (edited(page_map=[{"kind": "tick", "mm": [1, 2, 3]}]), "/page_map/0/mm "),
        (edited(page_map=[{"kind": "tick", "mm": [1, 2, 3, "4"]}]), "/page_map/0/mm "),
    ],
)
def test_a_changed_record_is_refused_with_the_place(raw: bytes, says: str) -> None:
    with pytest.raises(DataUnreadable) as caught:
        read_sheet(raw)
    assert says in caught.value.message
    assert caught.value.message.startswith("打印记录（.print.json）不可用：")


@pytest.mark.parametrize("name", sorted(json.loads(write_sheet(SHEET))))
def test_no_member_may_be_missing(name: str) -> None:
    members = json.loads(write_sheet(SHEET))
    del members[name]
    with pytest.raises(DataUnreadable, match=name):
        read_sheet(json.dumps(members).encode())
