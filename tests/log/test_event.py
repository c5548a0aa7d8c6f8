"""The canonical form to the byte, and what an event may hold."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.log.event import (
    NO_HASH,
    ROW_LENGTH,
    AccessEvent,
    Result,
    canonical,
    check,
    digest,
    digest_row,
    from_row,
    moment,
    stored,
)
from archives.log.purposes import PURPOSE_NAMES, Purpose
from archives.log.vocabulary import ACTIONS, DETAIL_KEYS, SUBJECT_KINDS

GOLDEN = AccessEvent(
    chain=17, seq=3, at="2026-11-20T09:30:00.123+08:00", user=3, staff=5, role="worker+supervisor",
    action="record.read", subject="record:123", client='样例电脑 "甲"\\1', purpose="case_service",
    approval="grant:12", detail={"pages": 2, "form": "application_b", "official": True, "until": None},
    note_sha256="ab" * 32,
)  # fmt: skip
GOLDEN_BYTES = (
    b"kangdang-event-1\n"
    + bytes(range(32))
    + '[17,3,"2026-11-20T09:30:00.123+08:00",3,5,"worker+supervisor","record.read","record:123",'
    '"case_service","grant:12","样例电脑 \\"甲\\"\\\\1","ok",'
    '"{\\"form\\":\\"application_b\\",\\"official\\":true,\\"pages\\":2,\\"until\\":null}",'
    '"abababababababababababababababababababababababababababababababab"]'.encode()
)


def test_canonical_form_to_the_byte() -> None:
    assert canonical(GOLDEN, bytes(range(32))) == GOLDEN_BYTES
    assert digest(GOLDEN, bytes(range(32))) == hashlib.sha256(GOLDEN_BYTES).digest()
    assert digest(GOLDEN, bytes(range(32))).hex() == (
        "86a76d7748221f51831c18d51755d9d6a130470e56e7cf48258cd77fd17aff24"
    )


def test_what_is_written_is_what_is_hashed_when_it_is_read() -> None:
    """Also with the digests of rows, and with a text that JSON must escape."""
    told = {"record:12": "ab" * 32, "hold:1": "gone"}
    for digests, detail in ((None, GOLDEN.detail), (told, {**GOLDEN.detail, "digests": told})):
        row = stored(replace(GOLDEN, seq=0), 3, bytes(range(32)), digests)
        assert row[:ROW_LENGTH] == replace(GOLDEN, detail=detail).row()
        assert row[ROW_LENGTH] == digest_row(row, bytes(range(32)))


@pytest.mark.parametrize(("seq", "digests"), [(0, None), (2**53, None), (1, {"样例": "gone"})])
def test_no_event_is_stored_without_its_place(seq: int, digests: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match="is not allowed"):
        stored(GOLDEN, seq, NO_HASH, digests)


def test_what_stands_behind_the_fields_is_not_hashed() -> None:
    row = GOLDEN.row()
    assert digest_row([*row, b"hash", "more"], NO_HASH) == digest_row(row, NO_HASH)


ids = st.integers(1, 2**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), texts)
rows = st.tuples(*[values] * ROW_LENGTH)
codes = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
details = st.dictionaries(
    st.sampled_from([key for key, kind in DETAIL_KEYS.items() if kind in ("int", "code")]),
    st.none(),
    max_size=6,
).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.one_of(st.none(), ids if DETAIL_KEYS[key] == "int" else codes) for key in keys}
    )
)
events = st.builds(
    AccessEvent,
    chain=st.one_of(st.just(0), ids),
    seq=ids,
    at=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(moment),
    user=st.one_of(st.none(), ids),
    staff=st.one_of(st.none(), ids),
    role=st.sampled_from(["worker", "worker+director", "system"]),
    action=st.sampled_from(sorted(ACTIONS)),
    subject=st.builds("{}:{}".format, st.sampled_from(sorted(SUBJECT_KINDS)), st.integers(1, 10**9)),
    client=st.sampled_from(["样例电脑", "cli", "192.168.1.7", 'a"b\\c']),
    result=st.sampled_from(get_args(Result)),
    purpose=st.one_of(st.none(), st.sampled_from([str(purpose) for purpose in Purpose])),
    approval=st.one_of(st.none(), st.builds("grant:{}".format, st.integers(1, 10**9))),
    detail=details,
    note_sha256=st.one_of(st.none(), st.binary(min_size=32, max_size=32).map(bytes.hex)),
)


@given(rows, rows)
def test_different_rows_have_different_bytes(first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    same = [(type(a), a) for a in first] == [(type(b), b) for b in second]
    assert (digest_row(first, NO_HASH) == digest_row(second, NO_HASH)) is same


@given(rows, st.integers(0, ROW_LENGTH - 1), values)
def test_one_field_changed_changes_the_hash(row: tuple[Any, ...], at: int, value: Any) -> None:
    changed = (*row[:at], value, *row[at + 1 :])
    same = type(row[at]) is type(value) and row[at] == value
    assert (digest_row(changed, NO_HASH) == digest_row(row, NO_HASH)) is same


@given(events)
def test_an_event_passes_and_comes_back_from_its_row(event: AccessEvent) -> None:
    check(event)
    assert stored(event, event.seq, NO_HASH)[-1] == digest(event, NO_HASH)
    assert from_row([*event.row(), NO_HASH]) == event
    text = canonical(event, NO_HASH)[len(b"kangdang-event-1\n") + 32 :].decode()
    assert tuple(json.loads(text)) == event.row()


def test_moment_needs_a_zone() -> None:
    assert moment(datetime(2026, 11, 20, 1, 30, tzinfo=UTC)) == "2026-11-20T01:30:00.000+00:00"
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 11, 20, 1, 30))


SECRET = "样例张三"
REFUSED = [
    ("chain", -1), ("chain", True), ("seq", "1"), ("at", "2026-11-20"), ("at", "2026-11-20T09:30:00"),
    ("at", "2026-13-20T09:30:00+08:00"), ("at", "2026-11-20T09:30:00.1+08:00"), ("user", 0), ("staff", "3"),
    ("role", SECRET), ("role", ""), ("action", "record.peek"), ("subject", f"person:{SECRET}"),
    ("subject", "cat:1"), ("subject", "person:110105194912310021"), ("subject", "person:13800000000"),
    ("subject", "record"), ("subject", "form:"), ("purpose", SECRET), ("purpose", ""), ("approval", SECRET),
    ("client", ""), ("client", "a\nb"), ("client", "a\u202eb"), ("client", "e\u0301"), ("client", "x" * 101),
    ("client", "pc 13800000000"), ("result", "maybe"), ("note_sha256", "AB" * 32), ("note_sha256", "ab"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_what_must_not_be_written_is_refused_without_saying_it(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^access event: {name} is not allowed$"):
        check(replace(GOLDEN, **{name: value}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", SECRET), (SECRET, 1), ("pages", "2"), ("pages", True), ("pages", 2**53), ("official", 1),
        ("form", SECRET), ("form", ""), ("form", "x" * 65), ("form", "13800000000"), ("form", 3),
        ("reference", "id 51040219850312001X"), ("sha256", "ab"), ("pages", 1.0), ("pages", [1]),
    ],
)  # fmt: skip
def test_details_hold_closed_keys_and_no_free_text(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"^access event: detail [a-z0-9_]+ is not allowed$") as caught:
        check(replace(GOLDEN, detail={key: value}))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "subject",
    ["record:1", "form:application_b", "number:AR5:2026:17", "sheet:3K7M2P9QXZ",
     "disposal:2026-3", "scan:" + "0f" * 32],
)  # fmt: skip
def test_subjects(subject: str) -> None:
    check(replace(GOLDEN, subject=subject))


def test_every_word_has_a_chinese_name() -> None:
    assert set(PURPOSE_NAMES) == set(Purpose)
    assert [purpose.label for purpose in Purpose] == [
        "个案服务", "督导", "质控", "评估检查", "司法", "本人查询", "监护人查询", "其他",
    ]  # fmt: skip
    assert len(set(ACTIONS.values())) == len(ACTIONS)
    assert all(name and not name.isascii() for name in ACTIONS.values())


def test_a_row_whose_detail_is_no_object_is_no_event() -> None:
    with pytest.raises(ValueError, match="object"):
        from_row([*GOLDEN.row()[:12], "[]", None])
