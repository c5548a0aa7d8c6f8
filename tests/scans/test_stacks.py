"""Stacks as offices send them: none misfiled, none lost, what has an undamaged code is filed by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reading.score import upper_bound
from tests.scans.house import house
from tests.scans.stacks import Tally, receive_stack, together
from tests.station.office import Office


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Office]:
    made = house(tmp_path, monkeypatch, capfd)
    yield made
    made.station.archive.close()


def _right(told: Tally) -> None:
    assert told.misfiled == []
    assert told.lost == 0
    assert told.filed >= 0.995 * told.whole or told.whole - told.filed <= 1
    for kind in ("blank: blank", "double: waiting double_feed"):
        others = [left for left in told.left if left.startswith(kind.split(":")[0]) and left != kind]
        assert not others or told.pages > 500, told.left
    assert not any(left.startswith(("double: filed", "foreign: filed", "blank: filed")) for left in told.left)


@pytest.mark.parametrize("count", [12, pytest.param(24, marks=pytest.mark.slow)])
def test_a_stack_comes_home(desk: Office, count: int) -> None:
    _right(receive_stack(desk, desk.folder, 31, count))


@pytest.mark.slow
def test_two_thousand_pages_come_home(desk: Office, record_property: Callable[[str, object], None]) -> None:
    total = together([receive_stack(desk, desk.folder, seed, 100) for seed in range(200, 220)])
    record_property(
        "told",
        f"{total.pages} pages: {len(total.misfiled)} misfiled, {total.lost} lost; of {total.whole} "
        f"with an undamaged code {total.filed} filed without anybody; misfiled at most "
        f"{upper_bound(total.pages, len(total.misfiled)):.4%} (95 %); else {dict(total.left)}",
    )
    assert total.pages >= 2_000
    _right(total)
