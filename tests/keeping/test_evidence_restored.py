"""Rows and log go back together: after a restore, a proof and a destruction done again they agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from archives.archive import Archive
from archives.keeping import verify
from archives.keeping.agreement import Agreed, agreement
from archives.keeping.baseline import baseline, note_all
from archives.keeping.rebuild import open_rebuilt
from archives.keeping.tombs import stones_of
from archives.ports import system
from tests.archives.disposing import destroyed, due, with_schedule
from tests.keeping.making import Whole, fill, whole
from tests.keeping.test_backup import backed_up, proved, restored


@pytest.fixture
def station(tmp_path: Path) -> Whole:
    made = whole(tmp_path)
    with_schedule(made.made)
    return made


def found(archive: Archive) -> list[str]:
    return [one.sentence for one in agreement(archive, Agreed())]


def test_an_older_backup_agrees_with_its_own_log(station: Whole, tmp_path: Path) -> None:
    _, records = due(station.made)
    source = backed_up(station, tmp_path)
    destroyed(station.made, records)
    fill(station, 1, 1)
    assert found(station.made.archive) == []
    assert proved(station, source, tmp_path).findings == ()
    back, _ = restored(station, source, tmp_path, stones_of(station.made.archive))
    assert found(back.made.archive) == []
    back.made.archive.close()


def test_a_backup_of_an_older_version_is_proved(
    station: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its copy is upgraded, which puts events on all chains; the station's own log has others there."""

    def upgraded(*arguments: Any) -> Archive:
        opened = open_rebuilt(*arguments)
        with opened.acting("test.upgrade", system("upgrade")) as unit:
            note_all(unit)
        return opened

    monkeypatch.setattr(verify, "open_rebuilt", upgraded)
    assert proved(station, backed_up(station, tmp_path), tmp_path).findings == ()


def test_a_backup_of_changed_rows_is_no_proof(station: Whole, tmp_path: Path) -> None:
    with station.made.archive.data.writing("attack") as connection:
        connection.execute(text("UPDATE records SET added_by = 5 WHERE id = 1"))
    proof = proved(station, backed_up(station, tmp_path), tmp_path)
    assert [one.kind for one in proof.findings] == ["row_changed"]


def test_a_version_put_back_makes_no_change_right(station: Whole) -> None:
    """Else whoever changes rows has the next opening note them as they are."""
    with station.made.archive.data.writing("attack") as connection:
        connection.execute(text("UPDATE records SET added_by = 5 WHERE id = 1"))
    with station.made.archive.acting("test.upgrade", system("upgrade")) as unit:
        baseline(unit)
    assert len(found(station.made.archive)) == 1
