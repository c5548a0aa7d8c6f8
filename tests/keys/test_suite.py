"""Encryption: what comes back, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import InputRefused, ItemUnreadable
from archives.keys import suite
from archives.keys.bindings import Bound
from archives.keys.suite import OVERHEAD, decrypt, encrypt

KEY = bytes(range(32))
NONCE = bytes(range(12))
keys = st.binary(min_size=32, max_size=32)
nonces = st.binary(min_size=12, max_size=12)


@given(keys, st.binary(max_size=2000), st.binary(max_size=40), nonces)
def test_what_was_encrypted_comes_back(key: bytes, plain: bytes, bound_to: bytes, nonce: bytes) -> None:
    sealed = encrypt(key, plain, Bound(bound_to), nonce)
    assert len(sealed) == len(plain) + OVERHEAD
    assert decrypt(key, sealed, Bound(bound_to)) == plain


def test_the_bytes_on_the_disk_never_change() -> None:
    # AES-256-GCM, key 00…1f, nonce 00…0b, authenticated data 01 ‖ "item/1".
    sealed = encrypt(KEY, "样例".encode(), Bound(b"item/1"), NONCE)
    assert sealed.hex() == GOLDEN
    assert decrypt(KEY, bytes.fromhex(GOLDEN), Bound(b"item/1")).decode() == "样例"


GOLDEN = "01000102030405060708090a0ba1a261ff7b6e26021b937ce6562808013e73e6fd9d60"


@given(keys, keys, st.binary(max_size=50))
def test_another_key_opens_nothing(key: bytes, other: bytes, plain: bytes) -> None:
    if key != other:
        with pytest.raises(ItemUnreadable, match="无法解密"):
            decrypt(other, encrypt(key, plain, Bound(b"a"), NONCE), Bound(b"a"))


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_an_item_opens_only_in_its_own_place(place: bytes, other: bytes) -> None:
    if place != other:
        with pytest.raises(ItemUnreadable, match="调换过"):
            decrypt(KEY, encrypt(KEY, b"text", Bound(place), NONCE), Bound(other))


def test_what_was_bound_to_former_words_opens_and_is_sealed_so_no_more() -> None:
    bound = Bound(b"record/7/3", (b"record/3", b"3"))
    for words in (b"record/7/3", b"record/3", b"3"):
        assert decrypt(KEY, encrypt(KEY, b"text", Bound(words), NONCE), bound) == b"text"
    sealed = encrypt(KEY, b"text", bound, NONCE)
    assert decrypt(KEY, sealed, Bound(b"record/7/3")) == b"text"
    for words in (b"record/3", b"3"):
        with pytest.raises(ItemUnreadable):
            decrypt(KEY, sealed, Bound(words))


def test_every_changed_byte_is_seen() -> None:
    sealed = encrypt(KEY, b"a short record", Bound(b"revision/3"), NONCE)
    for place in range(len(sealed)):
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(sealed)
            changed[place] ^= flip
            with pytest.raises(ItemUnreadable):
                decrypt(KEY, bytes(changed), Bound(b"revision/3"))


def test_every_missing_or_added_byte_is_seen() -> None:
    sealed = encrypt(KEY, b"a short record", Bound(b"revision/3"), NONCE)
    for wrong in [*(sealed[:length] for length in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(ItemUnreadable):
            decrypt(KEY, wrong, Bound(b"revision/3"))


@pytest.mark.parametrize(
    ("sealed", "sentence"),
    [
        (b"", "加密内容是空的。"),
        (b"\x01short", "加密内容不完整，后面的部分缺失。"),
        (b"\x02" + bytes(40), "加密方式编号 2 不认识。"),
    ],
)
def test_what_is_wrong_is_said(sealed: bytes, sentence: str) -> None:
    with pytest.raises(ItemUnreadable) as caught:
        decrypt(KEY, sealed, Bound(b"a"))
    assert caught.value.message == sentence
    assert caught.value.hint


def test_content_over_the_limit_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "MAX_PLAIN", 100)
    assert encrypt(KEY, bytes(100), Bound(b"a"), NONCE)
    with pytest.raises(InputRefused, match="64 MB"):
        encrypt(KEY, bytes(101), Bound(b"a"), NONCE)


@pytest.mark.parametrize(("key", "nonce"), [(b"short", NONCE), (KEY, b"short"), (KEY + b"x", NONCE)])
def test_a_key_or_nonce_of_another_length_is_a_fault_of_the_program(key: bytes, nonce: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        encrypt(key, b"", Bound(b""), nonce)
