"""Seals: their bytes, who can make one; anchors: a file and a line that can be typed in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import SealInvalid
from archives.log.anchor import Anchor, anchor_file, anchor_line, read_anchors
from archives.log.chain import Head
from archives.log.event import NO_HASH
from archives.log.seal import (
    Seal,
    heads_root,
    make_seal,
    public_key_ok,
    readable,
    seal_hash,
    signature_ok,
    signed_bytes,
)
from tests.log.station import KEY, OTHER_KEY, build

PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
HEADS = [Head(7, 4, b"\x07" * 32), Head(0, 3, b"\x00" * 31 + b"\x01")]
LINE = (
    "康档封签 第1号 2026-11-16 5cc402b9 778ee6b9 7a20ef6a 663e7ca5 015c5bca ab728f83 fe239962 0cecba51"
    " 签 4a7b99b2 核 819b"
)


def sealed(previous: Seal | None = None, before: dict[int, int] | None = None, key: bytes = KEY) -> Seal:
    return make_seal(
        previous,
        HEADS,
        before or {},
        day="2026-11-20",
        made_at="2026-11-20T23:30:00.000+08:00",
        private_key=key,
    )


def test_seal_to_the_byte() -> None:
    root = hashlib.sha256(
        b"kangdang-heads-1\n"
        + bytes(8) + b"\0\0\0\0\0\0\0\x03" + b"\x00" * 31 + b"\x01"
        + b"\0\0\0\0\0\0\0\x07" + b"\0\0\0\0\0\0\0\x04" + b"\x07" * 32
    )  # fmt: skip
    seal = sealed()
    assert seal.heads_root == root.digest()
    body = (
        f'kangdang-seal-1\n[1,"2026-11-20","2026-11-20T23:30:00.000+08:00","{"00" * 32}",'
        f'"{root.hexdigest()}",7,"{PUBLIC}"]'
    )
    assert signed_bytes(seal) == body.encode()
    assert (
        seal_hash(seal) == hashlib.sha256(b"kangdang-seal-hash-1\n" + body.encode() + seal.signature).digest()
    )
    assert (seal.number, seal.count_events, seal.prev_seal_hash) == (1, 7, NO_HASH)
    assert signature_ok(seal)
    assert readable(seal)


def test_the_next_seal_counts_on_and_holds_the_one_before() -> None:
    first = sealed()
    later = make_seal(
        first, [Head(7, 9, NO_HASH), Head(8, 1, NO_HASH)], {7: 4, 0: 3},
        day="2026-11-21", made_at="2026-11-21T23:30:00.000+08:00", private_key=KEY,
    )  # fmt: skip
    assert (later.number, later.count_events, later.prev_seal_hash) == (2, 7 + 5 + 1, seal_hash(first))


def test_a_log_that_got_shorter_is_not_sealed() -> None:
    with pytest.raises(SealInvalid, match="有一条日志比上次封签时短，不能封签。"):
        sealed(sealed(), {7: 4, 0: 2})
    with pytest.raises(SealInvalid, match="末条清单"):
        heads_root([Head(1, 1, NO_HASH), Head(1, 2, NO_HASH)])


@given(
    st.sampled_from(["number", "day", "made_at", "prev_seal_hash", "heads_root", "count_events", "signature"])
)
def test_no_field_can_change_under_the_signature(name: str) -> None:
    seal = sealed()
    value: Any = getattr(seal, name)
    other = (
        value + 1
        if isinstance(value, int)
        else value[1:] + value[:1]
        if isinstance(value, str)
        else value[::-1]
    )
    changed = replace(seal, **{name: other if other != value else b"\1" * len(value)})
    assert not signature_ok(changed)
    assert seal_hash(changed) != seal_hash(seal)


def test_a_signature_of_another_key_is_none() -> None:
    assert not signature_ok(replace(sealed(), public_key=sealed(key=OTHER_KEY).public_key))


@pytest.mark.parametrize(
    "changes",
    [{"number": "1"}, {"number": -1}, {"day": None}, {"day": "a\n"}, {"signature": b"x"},
     {"heads_root": "00" * 32}, {"public_key": b""}, {"count_events": 1.0}, {"made_at": b"x"},
     {"number": True}],
)  # fmt: skip
def test_what_is_no_seal_is_not_readable(changes: dict[str, Any]) -> None:
    assert not readable(replace(sealed(), **changes))


def test_keys_of_small_order_are_refused() -> None:
    p = 2**255 - 19
    for y in (0, 1, p - 1, p, p + 1, 2**255 - 1):
        for sign in (0, 1 << 255):
            assert not public_key_ok((y | sign).to_bytes(32, "little"))
    assert public_key_ok(bytes.fromhex(PUBLIC))
    assert not public_key_ok(b"")


def test_anchor_line_and_file_say_the_same() -> None:
    seal = build().seals[0]
    assert anchor_line(seal) == LINE
    content = json.loads(anchor_file(seal))
    assert content["line"] == LINE
    expected = Anchor(1, "2026-11-16", seal_hash(seal))
    assert read_anchors(LINE.encode()) == [expected]
    assert read_anchors(anchor_file(seal)) == [replace(expected, public_key=seal.public_key)]


def test_a_line_typed_in_is_forgiven_its_spaces_and_capitals() -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in LINE)
    typed = [
        LINE.upper(),
        LINE.replace(" ", "  "),
        "\t" + LINE,
        wide,
        LINE.replace("第", "").replace("号", ""),
    ]
    expected = read_anchors(LINE.encode())
    for one in typed:
        assert read_anchors(f"\ufeff封签抄录\r\n{one}\r\n".encode()) == expected
    assert read_anchors("\n".join(typed).encode()) == expected * 5


@given(st.integers(0, len(LINE) - 1), st.sampled_from("0123456789abcdef"))
def test_a_slip_of_the_pen_is_told_as_one(at: int, char: str) -> None:
    typed = LINE[:at] + char + LINE[at + 1 :]
    if typed == LINE or LINE[at] not in "0123456789abcdef":
        return
    with pytest.raises(
        SealInvalid, match=r"^外存凭证第 1 行(有抄写错误|不完整)。请对照打印件重新抄录这一行。$"
    ):
        read_anchors(typed.encode())


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "文件里没有封签的外存凭证。"),
        (b"\xff\xfe", "外存凭证文件不是文本文件。"),
        (LINE[:60].encode(), "外存凭证第 1 行不完整。"),
        (b"{}", "外存凭证文件的内容不完整。"),
        (b"{", "外存凭证文件的内容不完整。"),
        (b'{"format":"kangdang-anchor","version":2}', "外存凭证文件的格式或版本不认识。"),
        (b" " * 4_000_001, "外存凭证文件过大。"),
    ],
)
def test_what_is_no_anchor(raw: bytes, sentence: str) -> None:
    with pytest.raises(SealInvalid) as caught:
        read_anchors(raw)
    assert caught.value.message == sentence


@pytest.mark.parametrize(
    "name", ["number", "day", "made_at", "count_events", "public_key", "signature", "seal_hash"]
)
def test_an_anchor_file_that_contradicts_itself(name: str) -> None:
    content = json.loads(anchor_file(build().seals[1]))
    value = content[name]
    content[name] = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
    with pytest.raises(SealInvalid, match="前后不一致"):
        read_anchors(json.dumps(content).encode())
