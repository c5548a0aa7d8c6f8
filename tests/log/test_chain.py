"""Appending to a chain, and walking rows that may hold anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.log.chain import Head, SealedHead, append, verify_chain
from archives.log.event import NO_HASH, AccessEvent
from tests.log.station import HASH, event


def chain(count: int, number: int = 7) -> list[list[Any]]:
    head, rows = Head(number), []
    for minute in range(count):
        linked = append(head, event(number, "2026-11-20", minute))
        head = linked.head
        rows.append([*linked.event.row(), linked.hash])
    return rows


def said(rows: list[list[Any]], sealed: tuple[SealedHead, ...] = ()) -> list[str]:
    return [finding.sentence for finding in verify_chain(rows, sealed)]


def test_events_are_numbered_and_linked() -> None:
    rows = chain(3)
    assert [row[1] for row in rows] == [1, 2, 3]
    assert len({row[HASH] for row in rows} - {NO_HASH}) == 3
    assert said(rows) == []
    assert said([]) == []


def test_a_refused_event_is_not_appended() -> None:
    good = event(7, "2026-11-20", 0)
    with pytest.raises(ValueError, match="chain is not that of the head"):
        append(Head(8), good)
    with pytest.raises(ValueError, match="purpose"):
        append(Head(7), replace(good, purpose="curiosity"))


@given(st.integers(1, 8), st.data())
def test_every_change_of_one_field_is_found_at_its_place(count: int, data: st.DataObject) -> None:
    rows = chain(count)
    at = data.draw(st.integers(0, count - 1))
    column = data.draw(st.integers(2, HASH - 1))
    value = data.draw(
        st.one_of(st.none(), st.integers(), st.text(max_size=3), st.binary(max_size=3), st.floats())
    )
    if type(rows[at][column]) is type(value) and rows[at][column] == value:
        return
    rows[at][column] = value
    findings = verify_chain(rows)
    assert [(finding.kind, finding.first, finding.last) for finding in findings] == [
        ("changed", at + 1, at + 1)
    ]


@given(st.integers(1, 10), st.sets(st.integers(1, 10)))
def test_missing_rows_are_named(count: int, gone: set[int]) -> None:
    rows = chain(count)
    left = [row for row in rows if row[1] not in gone]
    sealed = (SealedHead(1, count, rows[-1][HASH]),)
    missing = set()
    for finding in verify_chain(left, sealed):
        assert finding.kind in {"start_missing", "gap", "tail_cut", "chain_missing"}
        missing |= set(range(finding.first, finding.last + 1))
    assert missing == {row[1] for row in rows} & gone


def test_rows_no_event_can_have_are_findings_and_no_crash() -> None:
    rows = chain(4)
    rows[1][9], rows[2][HASH] = b"\xff", "not bytes"
    rows[3][10] = "\ud800"
    assert said(rows) == ["档案 7 的日志第 2 至 4 条与校验值不符：这些条或第 1 条被改动。"]
    for number in (None, "2", 2.0, b"2", True):
        rows = chain(3)
        rows[1][1] = number
        assert said(rows) == [
            "档案 7 的日志第 1 条之后有编号无法识别的条目。",
            "档案 7 的日志中间缺第 2 条。",
        ]
    odd = [[b"chain", *row[1:]] for row in chain(1)]
    assert said(odd) == ["编号无法识别的日志第 1 条与校验值不符：这一条被改动。"]


def test_a_row_of_another_file_does_not_fit() -> None:
    first, second = chain(2, 7), chain(2, 8)
    mixed = [first[0], [7, *second[1][1:]]]
    assert said(mixed) == ["档案 7 的日志第 2 条与校验值不符：这一条或它的前一条被改动。"]


def test_only_the_first_differing_seal_is_told() -> None:
    rows = chain(6)
    sealed = (SealedHead(1, 2, rows[1][HASH]), SealedHead(2, 4, NO_HASH), SealedHead(3, 6, NO_HASH))
    assert said(rows, sealed) == ["档案 7 的日志第 3 至 4 条与第 2 号封签不符：内容被改写、增减或顶替。"]
    assert said(rows[:1], (SealedHead(1, 1, NO_HASH),)) == [
        "档案 7 的日志第 1 条与第 1 号封签不符：内容被改写或顶替。"
    ]


def test_an_event_is_what_it_was() -> None:
    assert isinstance(append(Head(0), event(0, "2026-11-20", 1)).event, AccessEvent)
    assert append(Head(0), event(0, "2026-11-20", 1)) == append(Head(0), event(0, "2026-11-20", 1))
