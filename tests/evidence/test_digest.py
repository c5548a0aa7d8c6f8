"""The digest of a row: a change of what is stored is another digest, and nothing is read out of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.evidence.digest import PREFIX, keyed, row_digest, row_key
from archives.log.event import AccessEvent, check

VALUE = st.none() | st.integers(-(2**53), 2**53) | st.text(max_size=20) | st.binary(max_size=20)
ROW = st.dictionaries(st.sampled_from(["id", "state", "at", "sealed", "by"]), VALUE)


def without_nothing(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


@given(ROW, ROW)
def test_rows_that_differ_have_other_digests(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = without_nothing(one) == without_nothing(other)
    assert (row_digest("records", one) == row_digest("records", other)) == same


@given(ROW)
def test_a_digest_names_its_table_and_a_new_empty_column_changes_none(row: dict[str, Any]) -> None:
    assert row_digest("records", row) != row_digest("holds", row)
    assert row_digest("records", {**row, "added_later": None}) == row_digest("records", row)


@given(ROW, st.sampled_from(["records", "样例"]))
def test_the_digest_is_that_of_canonical_json(row: dict[str, Any], table: str) -> None:
    told = {name: [value.hex()] if isinstance(value, bytes) else value for name, value in row.items()}
    words = json.dumps(
        [table, without_nothing(told)], ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    assert row_digest(table, row) == hashlib.sha256(PREFIX + words.encode()).hexdigest()


def test_half_a_character_has_no_digest() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        row_digest("records", {"state": "\ud800"})


def test_the_digest_is_the_one_of_the_page() -> None:
    """docs/access-log.md, byte for byte."""
    row = {"id": 12, "state": "final", "payload": b"\x01\xff", "reason": None}
    assert row_digest("records", row) == "0ee45ed651b14a929481d8b132cab9c1f6ec940868f08145f3bc854ce406af1f"


@given(st.lists(st.integers(1, 2**40) | st.text(max_size=90), min_size=1, max_size=3))
def test_every_key_may_stand_on_the_log(primary: list[Any]) -> None:
    check(event({row_key("record", primary): "0" * 64, row_key("hold", [1]): "gone"}))


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_keys_tell_rows_apart(one: str, other: str) -> None:
    assert (row_key("role", [1, one]) == row_key("role", [1, other])) == (one == other)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"record:1": "0" * 63}, {"record:1": "G" * 64}, {"样例": "gone"}, {"record:": "gone"},
        {"record:110105198001010028": "gone"}, {"record:1": None},
        {f"record:{n}": "gone" for n in range(501)},
        "gone",
    ],
)  # fmt: skip
def test_nothing_else_stands_under_digests(wrong: Any) -> None:
    with pytest.raises(ValueError, match="detail digests"):
        check(event(wrong))


@given(st.text(max_size=20))
def test_a_value_somebody_could_guess_needs_the_key(value: str) -> None:
    first = keyed(b"a" * 32, "staff.name", value)
    assert len(first) == 64
    assert first != keyed(b"b" * 32, "staff.name", value)
    assert first != keyed(b"a" * 32, "users.login", value)


def event(digests: Any) -> AccessEvent:
    return AccessEvent(
        0, 1, "2026-11-20T09:30:00.000+08:00", None, None, "system", "rows.noted", "station:1", "test",
        detail={"digests": digests},
    )  # fmt: skip
