"""Reading answers: what is JSON comes through unchanged, what is ambiguous does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import DataUnreadable
from generator.validation.strict_json import parse

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**9), 10**9),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=10,
)
objects = st.dictionaries(texts, values, max_size=4)


@given(objects, st.booleans(), st.booleans())
def test_what_was_written_is_read(document: dict[str, Any], escaped: bool, marked: bool) -> None:
    raw = json.dumps(document, ensure_ascii=escaped).encode("utf-8-sig" if marked else "utf-8")
    assert parse(raw) == document


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_in_chinese(raw: bytes) -> None:
    try:
        outcome: object = parse(raw)
    except DataUnreadable as refused:
        outcome = refused
    assert isinstance(outcome, dict) or "\u4e00" <= max(str(outcome)) <= "\uffef"


@pytest.mark.parametrize("depth", [100, 200_000])
def test_deep_nesting_is_refused_not_crashed(depth: int) -> None:
    with pytest.raises(DataUnreadable, match="32 层"):
        parse(b'{"a":' + b"[" * depth + b"]" * depth + b"}")


def test_depth_32_is_allowed() -> None:
    parse(b'{"a":' * 32 + b"1" + b"}" * 32)


def test_a_refusal_never_shows_an_answer() -> None:
    for raw in (
        b'{"a": "secret\x01"}',
        b'{"a": "secret" "b": 1}',
        b'{"b": "secret", "b": "secret"}',
        b'["secret"]',
    ):
        with pytest.raises(DataUnreadable) as refused:
            parse(raw)
        assert "secret" not in str(refused.value)


def test_a_surrogate_in_a_name_is_refused() -> None:
    with pytest.raises(DataUnreadable, match="D800"):
        parse(b'{"x": {"\\udc00": 1}}')


def test_thousands_of_digits_are_refused() -> None:
    with pytest.raises(DataUnreadable, match="过长的数字"):
        parse(b'{"age": ' + b"9" * 5000 + b"}")
