"""The page code: what a misread, a foreign sheet and a sample are told."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import KeyInvalid, PageCodeRefused, PrintIdInvalid, TooManyPages
from generator.identity.check import QR_ALPHABET
from generator.identity.code import DEMO_KEY, PageCode, decode, encode
from generator.identity.print_id import ALPHABET, PrintKind, blank_of, blank_print_id, kind_of, new_print_id

KEY = b"a key of one station"
OTHER_KEY = b"another station's key"

random_bytes = st.binary(min_size=16, max_size=16)
copies = random_bytes.map(lambda raw: new_print_id(lambda _: raw))
services = random_bytes.map(lambda raw: new_print_id(lambda _: raw, PrintKind.SERVICE))
blanks = st.builds(blank_print_id, st.from_regex(r"\A[A-Z0-9]{1,6}\Z"), st.integers(1, 999))
page_numbers = st.integers(1, 99).flatmap(lambda pages: st.tuples(st.integers(1, pages), st.just(pages)))


@st.composite
def codes(draw: st.DrawFn) -> PageCode:
    page, pages = draw(page_numbers | st.just((0, 0)))
    return PageCode(draw(copies | services | blanks), page, pages)


keys = st.binary(min_size=16, max_size=64).filter(lambda key: key != DEMO_KEY)


@given(codes(), keys)
def test_a_code_reads_back_as_it_was_printed(code: PageCode, key: bytes) -> None:
    text = encode(code, key)
    assert len(text) == 25
    assert set(text) <= set(QR_ALPHABET)
    assert decode(text, [key]) == code


@settings(max_examples=25)
@given(codes(), keys)
def test_every_single_character_change_is_refused(code: PageCode, key: bytes) -> None:
    text = encode(code, key)
    accepted = []
    for position, right in enumerate(text):
        for wrong in QR_ALPHABET:
            if wrong == right:
                continue
            try:
                decode(text[:position] + wrong + text[position + 1 :], [key])
            except PageCodeRefused:
                continue
            accepted.append((position, wrong))
    assert accepted == []


@given(codes(), st.integers(0, 24), st.characters())
def test_a_character_from_anywhere_is_refused_too(code: PageCode, position: int, wrong: str) -> None:
    text = encode(code, KEY)
    changed = text[:position] + wrong + text[position + 1 :]
    if changed != text:
        with pytest.raises(PageCodeRefused):
            decode(changed, [KEY])


@given(codes(), st.integers(0, 20), st.integers(0, 20))
def test_two_exchanged_characters_are_refused(code: PageCode, one: int, other: int) -> None:
    text = list(encode(code, KEY))
    if text[one] == text[other]:
        return
    text[one], text[other] = text[other], text[one]
    with pytest.raises(PageCodeRefused):
        decode("".join(text), [KEY])


@given(codes(), st.integers(0, 25))
def test_a_lost_or_doubled_character_is_refused(code: PageCode, position: int) -> None:
    text = encode(code, KEY)
    for changed in (text[:position] + text[position + 1 :], text[:position] + "0" + text[position:]):
        if changed != text:
            with pytest.raises(PageCodeRefused):
                decode(changed, [KEY])


def test_few_foreign_codes_pass_by_chance() -> None:
    """A forger without the key is right once in 2^20: 3,000 tries with a fixed outcome find none."""
    text = encode(PageCode("0123456789", 1, 1), KEY)
    passed = 0
    for number in range(3000):
        check = "".join(ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))
        if text[:21] + check != text:
            try:
                decode(text[:21] + check, [KEY])
                passed += 1
            except PageCodeRefused:
                pass
    assert passed == 0


def test_the_check_depends_on_the_key_and_looks_random() -> None:
    """All 32 values of every check character turn up, about equally often."""
    seen = [dict.fromkeys(ALPHABET, 0) for _ in range(4)]
    for number in range(3200):
        text = encode(PageCode(f"0{number:09d}", 1, 1), KEY)
        for position, char in enumerate(text[21:]):
            seen[position][char] += 1
    assert all(50 < count < 160 for position in seen for count in position.values())
    code = PageCode("0123456789", 1, 1)
    assert encode(code, KEY)[21:] != encode(code, OTHER_KEY)[21:]


def test_the_text_of_a_code_stays_what_it_is_in_every_version() -> None:
    """Sheets printed today are scanned in ten years."""
    assert encode(PageCode("0123456789", 1, 3), KEY) == "KD1*0123456789*01*03*AJ2X"
    assert encode(PageCode("FB-----001", 2, 2), KEY) == "KD1*FB-----001*02*02*MX2Q"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "这不是康档的页码：页码以 KD1 开头。"),
        ("https://example.invalid", "这不是康档的页码：页码以 KD1 开头。"),
        ("KD2*0123456789*01*03*AJ2X", "页码的版本本软件不认识（只认 KD1）。"),
        ("KD1*0123456789*01*03", "页码不完整：应为 25 个字符，用 * 分成 5 段。"),
        ("KD1*O123456789*01*03*AJ2X", "页码中的打印编号（第 2 段）写法不对。"),
        ("KD1*FB---B-001*01*03*AJ2X", "页码中的打印编号（第 2 段）写法不对。"),
        ("KD1*0123456789*A1*03*AJ2X", "页码中的页号或总页数不是两位数字。"),
        ("KD1*0123456789*04*03*AJ2X", "页码中的页号不对：页号应在第 1 页与总页数之间。"),
        ("KD1*0123456789*00*03*AJ2X", "页码中的页号不对：页号应在第 1 页与总页数之间。"),
        ("KD1*0123456789*01*03*AJ2U", "页码的校验位（最后 4 位）里有不该出现的字符。"),
        ("KD1*0123456789*01*03*AJ2K", "页码的校验位（最后 4 位）与前面的内容不符。"),
    ],
)
def test_the_sentence_names_the_wrong_part(text: str, sentence: str) -> None:
    with pytest.raises(PageCodeRefused) as caught:
        decode(text, [KEY])
    assert caught.value.message == sentence
    assert caught.value.hint


def test_a_station_refuses_samples_and_says_so() -> None:
    text = encode(PageCode("0123456789", 1, 1), DEMO_KEY)
    with pytest.raises(PageCodeRefused, match="样例"):
        decode(text, [KEY, OTHER_KEY])


def test_who_passes_the_demo_key_gets_samples_marked_as_samples() -> None:
    code = PageCode("0123456789", 1, 1)
    assert decode(encode(code, DEMO_KEY), [KEY, DEMO_KEY]).demo
    assert not decode(encode(code, KEY), [KEY, DEMO_KEY]).demo


def test_earlier_keys_of_a_station_still_read() -> None:
    code = PageCode("0123456789", 7, 9)
    assert decode(encode(code, OTHER_KEY), [KEY, OTHER_KEY]) == code


def test_another_stations_sheet_is_refused() -> None:
    with pytest.raises(PageCodeRefused, match="校验位"):
        decode(encode(PageCode("0123456789", 1, 1), OTHER_KEY), [KEY])


@pytest.mark.parametrize("bad", [b"", b"fifteen bytes ."])
def test_a_short_key_is_refused(bad: bytes) -> None:
    with pytest.raises(KeyInvalid):
        encode(PageCode("0123456789", 1, 1), bad)
    with pytest.raises(KeyInvalid):
        decode("KD1*0123456789*01*03*AJ2X", [bad])


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(KeyInvalid):
        decode("KD1*0123456789*01*03*AJ2X", [])


def test_a_document_over_99_pages_has_no_code() -> None:
    with pytest.raises(TooManyPages, match="100 页"):
        PageCode("0123456789", 1, 100)


def test_a_working_copy_has_no_page() -> None:
    code = PageCode("0123456789", 0, 0)
    assert code.working_copy
    assert decode(encode(code, KEY), [KEY]).working_copy
    assert not PageCode("0123456789", 1, 1).working_copy


def test_each_kind_of_id_is_told_apart() -> None:
    for _ in range(300):
        assert kind_of(new_print_id(secrets.token_bytes)) is PrintKind.COPY
        assert kind_of(new_print_id(secrets.token_bytes, PrintKind.SERVICE)) is PrintKind.SERVICE
    assert kind_of("FB-----001") is PrintKind.BLANK


def test_ids_use_the_whole_alphabet_in_every_place() -> None:
    ids = [new_print_id(secrets.token_bytes) for _ in range(4000)]
    assert len(set(ids)) == len(ids)
    assert {i[0] for i in ids} == set(ALPHABET) - {"S", "F"}
    assert all({i[place] for i in ids} == set(ALPHABET) for place in range(1, 10))


@pytest.mark.parametrize(("code", "version"), [("B", 1), ("IN3R", 12), ("SV6B", 999), ("ABCDEF", 7)])
def test_a_blank_says_form_and_version(code: str, version: int) -> None:
    assert blank_of(blank_print_id(code, version)) == (code, version)


@pytest.mark.parametrize(
    ("code", "version"), [("", 1), ("b", 1), ("ABCDEFG", 1), ("B", 0), ("B", 1000), ("甲", 1)]
)
def test_a_blank_without_a_proper_form_code_is_refused(code: str, version: int) -> None:
    with pytest.raises(PrintIdInvalid):
        blank_print_id(code, version)


@pytest.mark.parametrize(
    "bad", ["", "012345678", "01234567890", "I123456789", "s123456789", "FB-----000", "F--B---001"]
)
def test_what_is_no_id_is_refused(bad: str) -> None:
    with pytest.raises(PrintIdInvalid):
        kind_of(bad)


def test_blanks_are_not_drawn_and_copies_are_no_blanks() -> None:
    with pytest.raises(PrintIdInvalid):
        new_print_id(secrets.token_bytes, PrintKind.BLANK)
    with pytest.raises(PrintIdInvalid):
        blank_of("0123456789")
