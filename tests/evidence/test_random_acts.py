"""Whatever people do, in whatever order, the check finds nothing: every row agrees with the log.

Among the acts are mergers, voiding, reopening, 封存, destruction, crashes and the restore of an older backup.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archives.disposing import with_schedule
from tests.evidence.acting import Acting, copied
from tests.keeping.making import Whole, whole

SOAK = range(300)
ACTS = 60
SHORT = range(6)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    made = whole(tmp_path_factory.mktemp("begun"))
    with_schedule(made.made)
    made.made.archive.close()
    return made


def lived(begun: Whole, folder: Path, seed: int) -> Acting:
    station = copied(begun, folder, seed + 1)
    return Acting(station, folder, seed + 1)


def findings(acting: Acting) -> list[str]:
    acting.settle()
    report = acting.station.check()
    acting.station.made.archive.close()
    assert report.finished
    return [found.sentence for found in report.findings]


@pytest.mark.parametrize("seed", SHORT)
def test_nothing_is_found_after_random_acts(begun: Whole, tmp_path: Path, seed: int) -> None:
    """Ten acts a seed; together every seed takes a sixth of the kinds there are first."""
    acting = lived(begun, tmp_path, seed)
    for kind in acting.kinds[seed :: len(SHORT)]:
        acting.go(kind)
    acting.go_on(10)
    assert findings(acting) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", SOAK)
def test_nothing_is_found_after_many_random_acts(begun: Whole, tmp_path: Path, seed: int) -> None:
    acting = lived(begun, tmp_path, seed + 1000)
    acting.go_on(ACTS)
    assert findings(acting) == []


def test_every_kind_of_act_comes_to_its_end(begun: Whole, tmp_path: Path) -> None:
    """An act that is always refused would prove nothing."""
    acting = lived(begun, tmp_path, 7)
    left = set(acting.kinds)
    for _ in range(40):
        for kind in sorted(left):
            acting.go(kind)
        left -= acting.done.keys()
        if not left:
            break
        for kind in ("person", "accept", "record", "rights", "time"):
            acting.go(kind)
    assert findings(acting) == []
    assert left == set()


def test_time_that_passes_in_one_copy_passes_in_no_other(begun: Whole, tmp_path: Path) -> None:
    """Three hundred seeds of one clock would end in the year 9999."""
    first, second = lived(begun, tmp_path / "one", 1), lived(begun, tmp_path / "two", 1)
    first.go("list")
    assert second.station.made.clock() == begun.made.clock()
    second.go("list")
    assert second.station.made.clock() == first.station.made.clock() > begun.made.clock()
    assert findings(first) == findings(second) == []
