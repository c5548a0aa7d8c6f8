"""Derived keys and the keyed hash of ID numbers.  All numbers are invented."""

from __future__ import annotations

import hashlib
import hmac
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import InputRefused
from archives.keys.derive import Purpose, derive, id_hash, normal_id

MASTER = bytes(range(32))


def hkdf_by_hand(master: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, an empty salt and one block."""
    extracted = hmac.new(bytes(32), master, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("purpose", "info"),
    [
        (Purpose.DATA, b"kangdang/1/data"),
        (Purpose.KEYS, b"kangdang/1/keys"),
        (Purpose.ID_HASH, b"kangdang/1/id-hash"),
        (Purpose.SEAL, b"kangdang/1/seal"),
        (Purpose.CONFIG, b"kangdang/1/config"),
        (Purpose.VAULT, b"kangdang/1/vault"),
    ],
)
def test_keys_are_hkdf_with_fixed_info(purpose: Purpose, info: bytes) -> None:
    assert derive(MASTER, purpose) == hkdf_by_hand(MASTER, info)
    assert derive(MASTER, purpose.value) == derive(MASTER, purpose)


def test_no_two_purposes_share_a_key() -> None:
    made = [MASTER, *(derive(MASTER, purpose) for purpose in Purpose)]
    assert all(a != b for a, b in combinations(made, 2))


def test_a_master_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive(b"short", Purpose.DATA)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002x ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105491231002",
    ],
)
def test_one_number_has_one_hash(typed: str) -> None:
    assert id_hash(MASTER, typed) == id_hash(MASTER, "11010519491231002X")


def test_the_hash_is_hmac_sha256_of_the_normal_form() -> None:
    expected = hmac.new(MASTER, b"H1234567", hashlib.sha256).hexdigest()
    assert id_hash(MASTER, "h123456(7)") == expected


@given(
    st.text(alphabet="0123456789X", min_size=16, max_size=18),
    st.text(alphabet="0123456789X", min_size=16, max_size=18),
)
def test_different_numbers_have_different_hashes(one: str, two: str) -> None:
    assert (id_hash(MASTER, one) == id_hash(MASTER, two)) == (one == two)


def test_without_the_key_the_hash_cannot_be_recomputed() -> None:
    assert id_hash(MASTER, "110105491231002") != id_hash(bytes(32), "110105491231002")


@given(st.text(alphabet="0123456789", min_size=15, max_size=15))
def test_a_15_digit_number_becomes_the_valid_18_digit_one(old: str) -> None:
    full = normal_id(old)
    assert (full[:6], full[6:8], full[8:17]) == (old[:6], "19", old[6:])
    values = [10 if c == "X" else int(c) for c in full]
    assert sum(v * pow(2, 17 - place, 11) for place, v in enumerate(values)) % 11 == 1  # ISO 7064 MOD 11-2


@given(st.text(max_size=30))
def test_the_normal_form_is_stable(text: str) -> None:
    try:
        once = normal_id(text)
    except InputRefused:
        return
    assert normal_id(once) == once


@pytest.mark.parametrize("nothing", ["", "  ", "—", "()"])
def test_no_number_is_refused(nothing: str) -> None:
    with pytest.raises(InputRefused, match="证件号码是空的"):
        id_hash(MASTER, nothing)
