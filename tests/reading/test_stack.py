"""Whole stacks: nobody's page taken for another's, boxes and rooms as they are, the rest to a person.

The fixed sample says that reading works; the long run says how well, with n and the confidence it buys.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

import generator.reading
from tests.reading.score import Score, score, upper_bound
from tests.simulator.stack import stack

SAMPLE_SEED = 5
LONG_PAGES, LONG_SEEDS = 500, (101, 102, 103, 104)
PAGES_SHARE = 0.005
MISSED_MARKS, FALSE_MARKS = 0.003, 0.0003
WRONG_ROOMS = 0.005
TO_A_PERSON = 0.03


def share(counts: Sequence[int]) -> float:
    """Wrong readings among all."""
    return counts[1] / max(counts[0], 1)


def hold(result: Score) -> None:
    told = result.summary()
    print(told)
    assert result.wrong_ids == 0, told
    count, missed = result.readable
    assert missed <= PAGES_SHARE * count, told
    assert share(result.marked) <= MISSED_MARKS, told
    assert share(result.empty) <= FALSE_MARKS, told
    for ink in (True, False):
        assert share(result.signatures(ink=ink)) <= WRONG_ROOMS, told


@pytest.mark.parametrize(
    ("pages", "marked", "empty"), [(18, 50, 100), pytest.param(36, 150, 300, marks=pytest.mark.slow)]
)
def test_a_fixed_stack(pages: int, marked: int, empty: int) -> None:
    result = score(stack(SAMPLE_SEED, pages))
    hold(result)
    assert result.pages == pages
    assert result.marked[0] > marked
    assert result.empty[0] > empty
    # None of so few may be wrong: the long run is where shares are counted.
    assert not result.mistakes, result.summary()


@pytest.mark.slow
def test_two_thousand_pages() -> None:
    result = Score()
    for seed in LONG_SEEDS:
        for page in stack(seed, LONG_PAGES):
            result.add(page)
    hold(result)
    assert result.pages == 2000
    assert result.empty[0] >= 10_000
    for count, _, unsure in (result.marked, result.empty):
        assert unsure <= TO_A_PERSON * count, result.summary()
    assert upper_bound(result.empty[0], result.empty[1]) < 0.001, result.summary()


def test_a_seed_gives_the_same_page_again() -> None:
    first, again = (next(iter(stack(9, 1))) for _ in range(2))
    assert (first.scan, first.marks, first.signed) == (again.scan, again.marks, again.signed)


def test_the_bound_is_the_known_one() -> None:
    assert upper_bound(1000, 0) == pytest.approx(0.00299, abs=1e-5)  # 1 − 0.05^(1/1000)
    assert upper_bound(10, 3) == pytest.approx(0.6066, abs=1e-3)  # tables of Clopper and Pearson


def test_reading_knows_neither_the_simulator_nor_a_room_it_does_not_need() -> None:
    known = {"generator.reading", "generator.identity", "generator.errors"}
    for path in Path(next(iter(generator.reading.__path__))).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                room = ".".join(node.module.split(".")[:2])
                assert not room.startswith(("tests", "archives", "desk")), f"{path.name} imports {room}"
                assert not room.startswith("generator") or room in known, f"{path.name} imports {room}"
