"""The sample copier gives a stack as copiers make them, and the reader finds in it what was planned."""

from __future__ import annotations

import ast
import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

import desk.sample
from desk.sample.copier import Box, Copier, Face, Paper, Stack, copied
from desk.sample.stack import stranger
from generator.identity.code import DEMO_KEY
from generator.reading.container import SourcePage, pages_of
from generator.reading.report import FieldReport, PageReport, read_fields, read_page
from generator.render import PrintIdentity, PrintOptions, Rendered, form_kit, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TICKED, CROSSED_OUT = Box("/channel", "主动求助"), Box("/health_need", "中")
IDS = ("0123456780", "0123456781", "0123456782")


@cache
def issued(form_id: str, print_id: str) -> Rendered:
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    answers = json.loads(path.read_text(encoding="utf-8"))
    return render_pdf(
        form_kit(form_id), answers, PrintOptions(), PrintIdentity(print_id, AT), bundled_fonts()
    )


def paper(form_id: str, number: int, **work: object) -> Paper:
    made = issued(form_id, IDS[number])
    return Paper(made.content, made.page_map, **work)  # type: ignore[arg-type]


@cache
def papers() -> tuple[Paper, ...]:
    return (
        paper("application_b", 0, tick=(TICKED,)),
        paper("consent_a", 1, sign=frozenset({"/client_signature"})),
        paper("needs_survey", 2, sign=True, cross_out=(CROSSED_OUT,), missing=frozenset({1})),
        stranger(bundled_fonts(), AT),
        Paper(issued("consent_a", IDS[1]).content, behind=True),
    )


@pytest.fixture(scope="module")
def stack() -> Stack:
    return copied(papers(), 20261123)


Read = list[tuple[Face, SourcePage, PageReport]]


def read_back(made: Stack, folder: Path) -> Read:
    """Every page of a stack with what is planned and what is read."""
    file = folder / "stack.pdf"
    file.write_bytes(made.content)
    told: Read = []
    for face, page in zip(made.faces, pages_of(file), strict=True):
        assert isinstance(page, SourcePage)
        told.append((face, page, read_page(page, [DEMO_KEY], fields_follow=True)))
    return told


@pytest.fixture(scope="module")
def read(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_back(stack, tmp_path_factory.mktemp("scan"))


def test_every_page_of_every_paper_comes_once_but_those_left_out(stack: Stack) -> None:
    fronts = Counter((face.paper, face.page) for face in stack.faces if not face.back)
    assert fronts == {(0, 1): 1, (1, 1): 1, (1, 2): 1, (2, 2): 1, (3, 1): 1, (4, 1): 1, (4, 2): 1}
    assert sum(face.back for face in stack.faces) == Copier().blank_backs
    assert any(face.turned for face in stack.faces)
    assert all(abs(face.degrees) < 1 for face in stack.faces)


def test_what_lies_behind_another_paper_stays_behind_it_in_order(stack: Stack) -> None:
    fronts = [(face.paper, face.page) for face in stack.faces if not face.back]
    at = fronts.index((3, 1))
    assert fronts[at : at + 3] == [(3, 1), (4, 1), (4, 2)]


def test_the_pages_are_grey_jpegs_of_a_copier(read: Read) -> None:
    for _, page, _ in read:
        assert page.media_type == "image/jpeg"
        assert page.stream.startswith(b"\xff\xd8\xff")
        assert page.dpi == pytest.approx((300, 300), abs=1)


def test_the_reader_identifies_every_page_of_ours(read: Read) -> None:
    ids = {0: IDS[0], 1: IDS[1], 2: IDS[2], 4: IDS[1]}
    for face, _, told in read:
        if face.back:
            assert told.outcome == "blank"
        elif face.paper == 3:
            assert told.outcome == "waiting"
        else:
            assert told.reading is not None and told.reading.identity is not None
            found = told.reading.identity
            assert (found.print_id, found.page) == (ids[face.paper], face.page)


def fields(read: Read, paper: int, page: int) -> FieldReport:
    told = next(told for face, _, told in read if (face.paper, face.page, face.back) == (paper, page, False))
    return read_fields(told, papers()[paper].page_map)


def test_what_was_written_by_hand_is_read_and_nothing_else(read: Read) -> None:
    application = {(tick.entry.pointer, tick.entry.option): tick for tick in fields(read, 0, 1).ticks}
    by_hand = application[TICKED.pointer, TICKED.option]
    assert (by_hand.state, by_hand.sure) == ("marked", True)
    assert application["/channel", "社工发现"].state == "empty"
    assert all(tick.sure for tick in application.values())
    rooms = {room.entry.pointer: room for room in fields(read, 1, 2).signatures}
    assert {pointer: (room.ink, room.sure) for pointer, room in rooms.items()} == {
        "/client_signature": (True, True),
        "/worker_signature": (False, True),
    }


def test_a_box_crossed_out_is_read_so(tmp_path: Path) -> None:
    """On the page that the stack above leaves out."""
    made = copied([paper("needs_survey", 2, cross_out=(CROSSED_OUT,))], 3, Copier(0, 0))
    told = next(told for face, _, told in read_back(made, tmp_path) if face.page == 1)
    ticks = read_fields(told, issued("needs_survey", IDS[2]).page_map).ticks
    assert [Box(tick.entry.pointer, tick.entry.option) for tick in ticks if tick.state == "crossed out"] == [
        CROSSED_OUT
    ]


def test_the_same_seed_gives_the_same_bytes_and_another_another_stack(stack: Stack) -> None:
    assert copied(papers(), 20261123).content == stack.content
    assert copied(papers(), 20261124).faces != stack.faces


def test_a_box_no_print_has_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no such box"):
        copied([paper("application_b", 0, tick=(Box("/channel", "没有这一项"),))], 1)


def test_the_sample_knows_neither_the_reader_nor_the_tests() -> None:
    """Its measures are its own: a reader tuned to them would prove nothing."""
    for path in Path(next(iter(desk.sample.__path__))).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(("tests", "generator.reading")), path.name
