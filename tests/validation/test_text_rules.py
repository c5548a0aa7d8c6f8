"""Text rules: the fast look never lets through what the slow look refuses."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.validation import text_rules

tricky = st.sampled_from("a中\n\u3000\u00a0\u200b\u202e\ue000\ufffd\u0301\u0007\u034f\u2800\ufeff\ufdd0é𠮷")
texts = st.text(st.one_of(tricky, st.characters()), max_size=6)
nested: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.recursive(
        st.one_of(texts, st.integers()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.just("k"), inner, max_size=1)
        ),
        max_leaves=5,
    ),
    max_size=2,
)


@given(nested)
def test_a_clean_scan_means_no_blemish(data: dict[str, Any]) -> None:
    if text_rules.scan(data).clean:
        assert list(text_rules.blemishes(data)) == []


@given(nested)
def test_blanks_are_seen_and_pruned(data: dict[str, Any]) -> None:
    if not text_rules.scan(data).blanks:
        assert text_rules.pruned(data) == data


@pytest.mark.parametrize(
    "text", ["样例甲", "第一行\n第二行", "　全角空格", "吉克·样例", "𠮷样例", "①②③，。《》", "a b", ""]
)
def test_ordinary_text_is_clean(text: str) -> None:
    assert list(text_rules.blemishes({"a": text})) == []


@pytest.mark.parametrize(
    ("character", "reason"),
    [
        ("\u200b", "invisible"), ("\ufeff", "invisible"), ("\u00ad", "invisible"), ("\u2028", "invisible"),
        ("\u3164", "invisible"), ("\u202e", "bidi"), ("\u2066", "bidi"), ("\t", "control"), ("\r", "control"),
        ("\x00", "control"), ("\ue123", "private"), ("\U000f0000", "private"), ("\ufffd", "broken"),
        ("\ufffe", "broken"), (chr(0xD800), "broken"),
    ],
)  # fmt: skip
def test_refused_characters_by_reason(character: str, reason: str) -> None:
    (blemish,) = text_rules.blemishes({"rows": [{"a": f"前{character}后"}]})
    assert (blemish.path, blemish.reason) == (("rows", 0, "a"), reason)
    assert blemish.code_point == f"U+{ord(character):04X}"
    assert not text_rules.scan({"rows": [{"a": f"前{character}后"}]}).clean


@given(
    st.text(max_size=4),
    st.sampled_from(["e\u0301", "\u212b", "\u0340", "か\u3099", "\uf900"]),
    st.text(max_size=4),
)
def test_text_that_is_not_normal_is_refused(before: str, flaw: str, after: str) -> None:
    text = before + flaw + after
    assert not unicodedata.is_normalized("NFC", text)
    assert list(text_rules.blemishes({"a": text})) != []
    assert not text_rules.scan({"a": text}).clean


def test_the_combining_mark_is_named_not_the_letter() -> None:
    (blemish,) = text_rules.blemishes({"a": "cafe\u0301"})
    assert (blemish.reason, blemish.code_point) == ("nfc", "U+0301")
