"""Pages whose codes are both gone: what their words suggest, and that a suggestion is all it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import func, select

from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.people.files import accept
from archives.people.persons import PersonFacts, open_person
from archives.store.tables import METADATA, documents
from archives.store.tables_people import events
from desk.station.scanning.suggesting import (
    FormGuess,
    Known,
    Look,
    Suggestion,
    candidates,
    known_forms,
    look,
    suggest,
)
from generator.forms.catalogue import load_form
from generator.identity.code import PageCode, encode
from generator.reading.rapid_text import available
from generator.reading.straighten import straightened
from generator.reading.words import HEAD_AND_FOOT, Words, read_words
from generator.resources import data_dir
from tests.archives.making import Station, station
from tests.reading.pages import image_of, print_of
from tests.simulator import pen, scanner
from tests.simulator.pen import Grey
from tests.simulator.stack import FORMS, KEY, sign

needs_engine = pytest.mark.skipif(not available(), reason="the extra ocr is not installed")
pytestmark = pytest.mark.long

SECOND_PAGES = ("consent_a", "needs_survey", "basic_registration", "visit_record", "risk_assessment")


class Sample(NamedTuple):
    """One page without codes and what is true of it."""

    form_id: str
    page: int
    number: str | None
    name: str | None
    turn: int
    seen: Look


@lru_cache(maxsize=1)
def known() -> Known:
    return Known(known_forms())


def said(*lines: str) -> list[Words]:
    return [Words(line, (0.0, 30.0 * index, 300.0, 20.0), 0.95) for index, line in enumerate(lines)]


def codeless(sheet: Grey) -> Grey:
    """Both corners gone, with the small print beside the symbols."""
    bare = sheet.copy()
    bare[: round(27 * pen.MM), round(138 * pen.MM) :] = 255
    bare[round(270 * pen.MM) :, : round(80 * pen.MM)] = 255
    return bare


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """Twenty filled and signed pages, 300 dpi, crooked, any way up."""
    pages = [*((form_id, 1) for form_id in FORMS[: 20 - len(SECOND_PAGES)]), *((f, 2) for f in SECOND_PAGES)]
    return tuple(sample(form_id, page, seed) for seed, (form_id, page) in enumerate(pages))


def sample(form_id: str, page: int, seed: int) -> Sample:
    random = np.random.default_rng(seed)
    turn = int(random.choice(4, p=[0.55, 0.1, 0.25, 0.1]))
    device = scanner.Device(
        turn=turn, skew=float(random.uniform(-4, 4)), noise=float(random.uniform(1, 10)),
        black=int(random.integers(15, 90)), quality=int(random.integers(35, 90)),
    )  # fmt: skip
    sheet, _, _ = sign(print_of(form_id, page, filled=True), random)
    view = straightened(image_of(codeless(sheet), device, seed), None, None)
    answers = json.loads((data_dir("schemas") / "examples" / form_id / "valid-full.json").read_text("utf-8"))
    header = load_form(form_id).header
    number, name = (answers.get(header.get(part, "").strip("/")) for part in ("number", "name"))
    return Sample(form_id, page, number, name, turn, look(view, known()))


@needs_engine
def test_a_few_pages_without_codes_get_the_right_form_and_number() -> None:
    for seed, form_id in enumerate(FORMS[:3]):
        page = sample(form_id, 1, seed)
        seen = page.seen.suggestion
        assert seen is not None
        assert (seen.form_id, seen.number) == (page.form_id, page.number)
        assert (page.seen.turn + page.turn) % 4 == 0


@pytest.mark.slow
@needs_engine
def test_nine_in_ten_pages_without_codes_get_the_right_form_and_number_and_none_a_wrong_one() -> None:
    pages = samples()
    found = [page.seen.suggestion for page in pages]
    right = [
        seen is not None and (seen.form_id, seen.number) == (page.form_id, page.number)
        for page, seen in zip(pages, found, strict=True)
    ]
    assert len(pages) == 20
    assert sum(right) >= 18
    for page, seen in zip(pages, found, strict=True):
        if seen is not None:
            assert seen.form_id in (page.form_id, None)
            assert seen.number in (page.number, None)
    assert all((page.seen.turn + page.turn) % 4 == 0 for page in pages)


@pytest.mark.slow
@needs_engine
def test_the_name_and_the_number_of_the_page_are_told_too() -> None:
    pages = [page for page in samples() if page.seen.suggestion is not None]
    named = [page.seen.suggestion.name == page.name for page in pages if page.name]  # type: ignore[union-attr]
    assert sum(named) >= 0.9 * len(named) > 10
    numbered = [page.seen.suggestion.page == page.page for page in pages]  # type: ignore[union-attr]
    assert sum(numbered) >= 0.9 * len(numbered)


LETTER = (
    "样例市第三人民医院", "出院小结", "姓名：样例癸    性别：女    年龄：39 岁",
    "科室：精神科    住院号：00423911",
    "入院日期：2026年1月3日    出院日期：2026年2月1日", "出院诊断：精神分裂症，病情好转。",
    "出院医嘱：按时服药，每月门诊复查一次，注意休息，", "避免劳累，家属加强监护，如有不适随时就诊。",
    "医师签名：样例医师", "第1页/共1页",
)  # fmt: skip


def drawn(lines: Sequence[str]) -> Grey:
    """A page of another maker at 150 dpi."""
    page = Image.new("L", (1240, 1754), 255)
    face = ImageFont.truetype(str(files("pylopdf_fonts_zh_cn") / "NotoSerifSC-Regular.otf"), 26)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((150, 150 + 60 * number), line, 30, font=face)
    return np.asarray(page, np.uint8)


@needs_engine
def test_a_page_of_another_maker_suggests_nothing() -> None:
    page = drawn(LETTER)
    assert "姓名:样例癸" in "".join(one.text for one in read_words(page).words).replace("：", ":")
    assert look(page, known()) == Look(None, 0)


@pytest.mark.parametrize(
    "lines",
    [
        LETTER,
        ("精神障碍社区康复服务规范", "本文件规定了精神障碍社区康复服务的总则、服务机构、服务内容和评价改进"),
        ("居民生活用电缴费通知单", "户名：样例癸", "本月用电 210 度，请于 25 日前缴费", "客服电话 95598"),
        ("身份证复印件", "姓名 样例癸", "性别 女 民族 汉", "住址 样例市东区样例路1号"),
        (),
    ],
)
def test_words_of_others_suggest_nothing(lines: tuple[str, ...]) -> None:
    assert suggest(said(*lines), known()) is None


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("申请编号：SQ-2026-0001 姓名：样例甲", "SQ-2026-0001"),
        ("个案编号:GA一2O26-OO42", "GA-2026-0042"),
        ("个案编号： 6A-2026-0042", "GA-2026-0042"),
        ("申请编号 5Q—2026—0l01", "SQ-2026-0101"),
        ("档号：PZ01-FW•GA-2026-Y-0007", "PZ01-FW·GA-2026-Y-0007"),
        ("协议编号：XY-2025-0001", None),
        ("联系电话：13800000000", None),
    ],
)
def test_numbers_are_understood_as_the_archive_writes_them(line: str, number: str | None) -> None:
    found = suggest(said("个案申请表", *known_forms_lines("application_b")[:9], line), known())
    assert found is not None
    assert found.number == number


def known_forms_lines(form_id: str) -> list[str]:
    return [line for form in known_forms() if form.form_id == form_id for line in form.lines if line.strip()]


@pytest.mark.parametrize("form_id", FORMS)
def test_the_print_of_each_form_is_that_form(form_id: str) -> None:
    lines = [line for line in known_forms_lines(form_id) if line != load_form(form_id).title]
    found = suggest(said(*lines), known())
    assert found is not None
    assert found.forms[0].form_id == form_id


def test_forms_that_say_the_same_are_both_named() -> None:
    same = set(known_forms_lines("service_agreement")) & set(known_forms_lines("admission_agreement"))
    assert len(same) > 20
    found = suggest(said(*sorted(same)), known())
    assert found is not None
    assert {guess.form_id for guess in found.forms} == {"service_agreement", "admission_agreement"}
    assert found.form_id is None
    assert all(guess.confidence <= 0.5 for guess in found.forms)


def test_a_list_that_names_other_forms_is_none_of_them() -> None:
    lines = [*known_forms_lines("file_contents"), "回访记录", "服药记录", "个案服务结案表"]
    found = suggest(said(*lines), known())
    assert found is not None
    assert found.form_id == "file_contents"


def test_a_list_of_other_peoples_numbers_is_no_pages_number() -> None:
    title = known_forms_lines("loan_register")
    two = suggest(said(*title, "PZ01-FW·GA-2026-Y-0001", "PZ01-FW·GA-2026-Y-0002"), known())
    assert two is not None
    assert two.number is None


def test_a_name_is_told_as_the_archive_spells_it_and_not_with_what_follows_it() -> None:
    lines = ("个案申请表", *known_forms_lines("application_b")[:9])
    for line, name in (
        ("姓名：样例甲 第1份（机构存档）", "样例甲"),
        ("姓 名:样例甲性别：男", "样例甲"),
        ("姓名：阿依古丽·买买提", "阿依古丽·买买提"),
        ("姓名：", None),
    ):
        found = suggest(said(*lines, line), known())
        assert found is not None
        assert found.name == name
    people = Known(known_forms(), names=("欧阳静云", "王伟"))
    found = suggest(said(*lines, "姓名：欧阳静去"), people)
    assert found is not None
    assert found.name == "欧阳静云"


def test_small_print_beside_a_lost_symbol_names_the_print_if_its_check_holds() -> None:
    text = encode(PageCode("1X69EAPQFY", 2, 3), KEY)
    keyed = Known(known_forms(), keys=(KEY,))
    found = suggest(said(text.replace("1", "I").replace("0", "O")), keyed)
    assert found is not None
    assert found.code == PageCode("1X69EAPQFY", 2, 3)
    assert suggest(said(text[:-1] + ("A" if text[-1] != "A" else "B")), keyed) is None
    assert suggest(said(text), known()) is None


@needs_engine
def test_small_print_is_read_from_a_scan() -> None:
    page = print_of("application_b", filled=True)
    sheet = page.picture.copy()
    sheet[: round(27 * pen.MM), round(172 * pen.MM) :] = 255
    sheet[round(270 * pen.MM) :, : round(44 * pen.MM)] = 255
    read = read_words(straightened(image_of(sheet), None, None), parts=HEAD_AND_FOOT)
    found = suggest(read.words, Known(known_forms(), keys=(KEY,)))
    assert found is not None
    assert found.code is not None
    assert found.code.print_id == page.code.split("*")[1]


# The archive.


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Station]:
    """Four files: 样例甲 with a case and a print, two more 样例甲, and 样例乙."""
    one = station(tmp_path)
    with one.archive.acting("test", one.worker) as unit:
        for name, year in (("样例甲", 1980), ("样例甲", 1981), ("样例甲", 1982), ("样例乙", 1983)):
            open_person(unit, PersonFacts(name, "女", f"{year}-03-05"), another=True)
        accept(unit, 1, unit.today, "GA-2026-0042")
        add_record(unit, 4, Content("application_b", 1, "个案申请表", b"{}"))
    stored = store(one.archive, b"%PDF-")
    with one.archive.acting("test", one.worker) as unit:
        entry = DocumentEntry("issued", "application/pdf", 1, 1, "1X69EAPQFY", 1, b"{}", 1, 1)
        add_document(unit, 4, stored, entry)
    yield one
    one.archive.close()


def found(number: str | None = None, name: str | None = None, code: PageCode | None = None) -> Suggestion:
    return Suggestion((FormGuess("application_b", 1.0),), number, name, code=code)


@pytest.mark.parametrize(
    ("seen", "files_and_why"),
    [
        (found("GA-2026-0042", "样例甲"), ((1, "number and name"), (2, "name"), (3, "name"))),
        (found("GA-2026-0042"), ((1, "number"),)),
        (found("GA-2026-0042", "样例乙"), ((1, "number"), (4, "name"))),
        (found("PZ01-FW·GA-2026-Y-0001"), ((1, "number"),)),
        (found("GA-2026-9999"), ()),
        (found(None, "样例乙"), ((4, "name"),)),
        (found(None, "样例丙"), ()),
        (
            found("GA-2026-0042", "样例甲", PageCode("1X69EAPQFY", 1, 1)),
            ((4, "print"), (1, "number and name"), (2, "name")),
        ),
        (found("GA-2026-0042", code=PageCode("2222222222", 1, 1)), ((1, "number"),)),
    ],
)
def test_at_most_three_files_likeliest_first(
    made: Station, seen: Suggestion, files_and_why: tuple[tuple[int, str], ...]
) -> None:
    with made.archive.acting("scan.suggest", made.records) as unit:
        assert candidates(unit, seen) == files_and_why


def test_a_suggestion_files_nothing_and_writes_no_name_or_number_anywhere(made: Station) -> None:
    tables = [table for table in METADATA.sorted_tables if table is not events]

    def rows() -> dict[str, int]:
        with made.archive.looking(made.records) as unit:
            return {
                table.name: unit.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables
            }

    before = rows()
    assert before[documents.name] == 1
    with made.archive.acting("scan.suggest", made.records) as unit:
        last = unit.execute(select(func.max(events.c.id))).scalar_one()
        seen = found("GA-2026-0042", "样例甲", PageCode("1X69EAPQFY", 1, 1))
        assert len(candidates(unit, seen)) == 3
    assert rows() == before
    with made.archive.looking(made.records) as unit:
        written = unit.execute(select(events).where(events.c.id > last)).all()
    assert [row.action for row in written] == ["file.search"]
    assert not any(word in str(written) for word in ("样例", "0042", "1X69EAPQFY"))


def test_what_a_suggestion_prints_of_itself_names_nobody() -> None:
    seen = found("GA-2026-0042", "样例甲", PageCode("1X69EAPQFY", 1, 1))
    assert not any(word in repr(seen) for word in ("样例", "0042", "1X69EAPQFY"))
