"""The recovery sheet is typed back by tired people; what they mistype is named by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import InputRefused
from archives.keys import crockford, recovery
from tests.keys.making import TODAY, seeded

SHEET, SECRET = recovery.make(seeded(7), TODAY, "样例康复站")
secrets_ = st.binary(min_size=20, max_size=20)


def sheet_of(secret: bytes) -> recovery.RecoverySheet:
    return recovery.make(lambda count: secret[:count], TODAY, "样例康复站")[0]


@given(secrets_)
def test_what_is_printed_can_be_typed_back(secret: bytes) -> None:
    sheet = sheet_of(secret)
    assert [len(line) for line in sheet.lines] == [11] * 4
    assert recovery.read(sheet.lines) == secret
    assert recovery.read("\n".join(sheet.lines)) == secret
    assert recovery.read("".join(sheet.lines).replace(" ", "")) == secret


def full_width(text: str) -> str:
    return "".join("\u3000" if c == " " else chr(ord(c) + 0xFEE0) for c in text)


@pytest.mark.parametrize(
    "as_typed",
    [
        str.lower,
        full_width,
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: text.replace("0", "o").replace("1", "I"),
        lambda text: text.replace(" ", "-"),
        lambda text: text.replace(" ", "－－"),
        lambda text: "  " + text.replace(" ", "") + "\t",
        lambda text: text + "\r\n\n",
    ],
)
def test_typing_is_forgiven(as_typed: object) -> None:
    assert callable(as_typed)
    for seed in range(20):
        sheet, secret = recovery.make(seeded(seed), TODAY, "样例康复站")
        assert recovery.read("\n".join(as_typed(line) for line in sheet.lines)) == secret


def test_every_single_wrong_character_is_found_and_its_line_named() -> None:
    lines = [line.replace(" ", "") for line in SHEET.lines]
    for number, line in enumerate(lines):
        for place, right in enumerate(line):
            for wrong in crockford.ALPHABET.replace(right, ""):
                typed = [*lines]
                typed[number] = line[:place] + wrong + line[place + 1 :]
                with pytest.raises(InputRefused) as caught:
                    recovery.read(typed)
                assert caught.value.message == f"恢复单第{number + 1}行有误：其中至少一个字符不对。"


@given(secrets_, st.integers(0, 3), st.integers(0, 8), st.integers(0, 8))
def test_every_two_exchanged_characters_are_found(secret: bytes, number: int, one: int, two: int) -> None:
    lines = [line.replace(" ", "") for line in sheet_of(secret).lines]
    line = [*lines[number]]
    line[one], line[two] = line[two], line[one]
    typed = [*lines[:number], "".join(line), *lines[number + 1 :]]
    if typed == lines:
        assert recovery.read(typed) == secret
    else:
        with pytest.raises(InputRefused, match=f"第{number + 1}行有误"):
            recovery.read(typed)


@given(secrets_, st.integers(0, 3), st.integers(0, 3))
def test_exchanged_lines_are_found(secret: bytes, one: int, two: int) -> None:
    lines = [*sheet_of(secret).lines]
    lines[one], lines[two] = lines[two], lines[one]
    if one != two and lines[one][:9] != lines[two][:9]:
        with pytest.raises(InputRefused, match=f"第{min(one, two) + 1}行有误"):
            recovery.read(lines)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda ls: ls[:3], "恢复单共有 4 行，读到 3 行。"),
        (lambda ls: [*ls, ls[0]], "恢复单共有 4 行，读到 5 行。"),
        (lambda ls: [ls[0], ls[1][:-1], *ls[2:]], "恢复单第2行有误：应为 9 个字符，读到 8 个。"),
        (lambda ls: [*ls[:3], "U" + ls[3][1:]], "恢复单第4行有误：有恢复单上不会出现的字符。"),
        (lambda ls: ["".join(ls)[:-1]], "恢复单应为 4 行，每行 9 个字符。"),
        (lambda ls: [], "恢复单共有 4 行，读到 0 行。"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_it(change: object, sentence: str) -> None:
    assert callable(change)
    with pytest.raises(InputRefused) as caught:
        recovery.read(change(list(SHEET.lines)))
    assert caught.value.message == sentence
    assert not any(line[:4] in str(caught.value) for line in SHEET.lines)


def test_the_secret_is_in_no_representation() -> None:
    assert not any(group in repr(SHEET) for line in SHEET.lines for group in line.split()[:2])


def test_the_fingerprint_tells_sheets_apart_and_is_no_part_of_the_secret() -> None:
    other, _ = recovery.make(seeded(8), TODAY, "样例康复站")
    assert SHEET.fingerprint == recovery.fingerprint(SECRET) != other.fingerprint
    assert SHEET.fingerprint.replace(" ", "") not in "".join(SHEET.lines).replace(" ", "")


@given(st.integers(1, 8).flatmap(lambda n: st.binary(min_size=5 * n, max_size=5 * n)))
def test_characters_hold_the_bytes(secret: bytes) -> None:
    assert crockford.decode(crockford.encode(secret)) == secret
    assert crockford.typed(crockford.grouped(crockford.encode(secret), 5)) == crockford.encode(secret)


def test_known_characters() -> None:
    assert crockford.encode(bytes(5)) == "00000000"
    assert crockford.encode(b"\xff" * 5) == "ZZZZZZZZ"
    assert crockford.encode(b"\x08\x86\x42\x98\xe8") == "12345678"
