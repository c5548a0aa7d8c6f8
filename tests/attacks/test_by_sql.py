"""Somebody with the database key changes rows, guards aside, an anchor at hand: the check names each."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archives.archive import Archive
from archives.duties.copies import register_copy
from archives.home import open_archive, read_settings
from archives.items.records import Content, revise
from archives.keeping.check import CheckReport, check
from archives.log.anchor import Anchor, anchor_file, read_anchors
from archives.people.files import place
from archives.sealing import last_seal, read_seal_key, seal_log
from archives.settings import Layout
from tests.archives.making import seeded
from tests.attacks.by_sql import CHANGES, Change
from tests.keeping.lived_in import live
from tests.keeping.making import Whole, whole

DOCS = Path(__file__).parents[2] / "docs" / "threat-model.md"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> tuple[Whole, list[Anchor]]:
    """A station in which everything happened, sealed, its newest seal kept outside; closed."""
    made = whole(tmp_path_factory.mktemp("lived"), records=3, documents=3)
    archive, clock = made.made.archive, made.made.clock
    content = Content("record_e", 1, "个案服务记录表", b"{}")
    with archive.acting("test.revise", made.made.worker) as unit:
        revise(unit, 2, content, "样例：更正")
    live(made)
    with archive.acting("test.more", made.made.records) as unit:
        place(unit, 1, "1", "2", "3")
        register_copy(unit, "backup", "样例备份", "0" * 64, clock().date())
    seal_log(archive, made.made.admin, read_seal_key(made.layout, made.master))
    with archive.looking(made.made.admin) as unit:
        seal = last_seal(unit)
        assert seal is not None
    archive.close()
    return made, list(read_anchors(anchor_file(seal)))


@pytest.fixture
def attacked(station: tuple[Whole, list[Anchor]], tmp_path: Path) -> Any:
    """The check of a copy in which these changes were made."""
    made, anchors = station
    layout = Layout(tmp_path / "home", tmp_path / "keys")
    shutil.copytree(made.layout.home, layout.home)
    shutil.copytree(made.layout.keys, layout.keys)
    settings = replace(read_settings(layout.home), keys_folder=str(layout.keys))
    archive = open_archive(layout, settings, made.master, made.made.clock, seeded(77))

    def after(*changes: Change) -> CheckReport:
        force(archive, *(statement for change in changes for statement in change.statements))
        return check(archive, layout, made.made.admin, made.master, anchors=anchors)

    yield after
    archive.close()


def force(archive: Archive, *statements: str) -> None:
    held = archive.data.engine.raw_connection()
    raw: Any = held.dbapi_connection
    for statement in ("PRAGMA query_only = 0", "PRAGMA foreign_keys = 0", "BEGIN IMMEDIATE"):
        raw.execute(statement)
    guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    for _, sql in guards:
        raw.execute(sql)
    raw.execute("COMMIT")
    held.invalidate()


def unnamed(report: CheckReport, *names: str) -> list[str]:
    """Changes no finding points at."""
    told = [found.sentence for found in report.findings]
    assert report.finished
    return [name for name in names if not any(CHANGES[name].named in one for one in told)]


def test_nothing_is_found_in_the_station_itself(attacked: Any) -> None:
    assert [found.sentence for found in attacked().findings] == []


def test_changes_made_all_at_once_are_named_each(attacked: Any) -> None:
    names = [name for name, change in CHANGES.items() if not change.alone]
    assert len(names) > 30
    assert unnamed(attacked(*(CHANGES[name] for name in names)), *names) == []


@pytest.mark.parametrize("name", [name for name, change in CHANGES.items() if change.alone])
def test_a_change_that_takes_much_away_is_named(name: str, attacked: Any) -> None:
    assert unnamed(attacked(CHANGES[name]), name) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, change in CHANGES.items() if not change.alone])
def test_each_change_by_itself_is_named(name: str, attacked: Any) -> None:
    assert unnamed(attacked(CHANGES[name]), name) == []


def test_the_table_of_changes_stands_in_the_threat_model() -> None:
    told = DOCS.read_text(encoding="utf-8")
    assert [name for name in CHANGES if f"| {name} |" not in told] == []
