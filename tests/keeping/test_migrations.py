"""Migrations: the steps make what today's tables say, whole or not at all, and never touch newer data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from archives.errors import StoreUnusable
from archives.keeping.migrate import FOLDER, bring_up_to_date, migrate
from archives.keeping.register import take_notes
from archives.store.database import Database, embedded, server
from archives.store.migrations import HEAD
from archives.store.migrations.runner import upgrade, version_of
from archives.store.schema import create_all
from tests.archives.making import station
from tests.keeping.making import Whole, whole
from tests.keys.crashing import Crash, crash_at, points_of

KEY = bytes(range(32))
FREEZE = "the tables changed: an unreleased step is frozen again by tools/freeze_schema.py, else add a step"


def shape(database: Database) -> dict[str, Any]:
    """Tables, columns, keys, indexes, checks and triggers of a database, in comparable form."""
    with database.reading() as connection:
        known = inspect(connection)
        tables = [name for name in known.get_table_names() if name != "alembic_version"]
        told: dict[str, Any] = {}
        for name in sorted(tables):
            told[name] = {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in known.get_columns(name)
                ],
                "key": known.get_pk_constraint(name),
                "foreign": sorted(map(str, known.get_foreign_keys(name))),
                "unique": sorted(map(str, known.get_unique_constraints(name))),
                "checks": sorted(map(str, known.get_check_constraints(name))),
                "indexes": sorted(map(_index, known.get_indexes(name))),
            }
        told["triggers"] = sorted(map(str, connection.execute(text(_TRIGGERS[connection.dialect.name]))))
        return told


def _index(found: Any) -> str:
    options = {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    return str((found["name"], found["column_names"], found["unique"], options))


_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t"
    " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
}


def by_tables(database: Database) -> None:
    with database.writing("test") as connection:
        create_all(connection)


def test_the_steps_make_todays_tables_and_guards(tmp_path: Path) -> None:
    steps, tables = embedded(tmp_path / "a.db", KEY, make=True), embedded(tmp_path / "b.db", KEY, make=True)
    assert upgrade(steps) == (None, HEAD)
    by_tables(tables)
    assert shape(steps) == shape(tables), FREEZE
    assert shape(steps)["triggers"]


def test_the_steps_make_the_same_on_postgresql(databases: Callable[..., str]) -> None:
    steps, tables = server(databases("steps")), server(databases("tables"))
    assert upgrade(steps) == (None, HEAD)
    by_tables(tables)
    assert shape(steps) == shape(tables), FREEZE
    assert upgrade(steps) == (HEAD, HEAD)
    steps.close()
    tables.close()


def test_the_head_is_the_last_step() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(Path(__file__).parents[2] / "archives/store/migrations"))
    assert script.get_heads() == [HEAD]


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    made = station(tmp_path)
    with pytest.raises(StoreUnusable, match="版本标记"):
        migrate(made.archive)  # tables somebody else made are not touched
    database = embedded(tmp_path / "a.db", KEY, make=True)
    upgrade(database)
    before = shape(database)
    assert upgrade(database) == (HEAD, HEAD)
    assert shape(database) == before


def test_data_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    database = embedded(tmp_path / "a.db", KEY, make=True)
    upgrade(database)
    with database.writing("test") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(StoreUnusable) as told:
        upgrade(database)
    assert told.value.message == f"数据由更新版本的康档写成（数据版本 0999，本程序到 {HEAD}），不能打开。"
    with database.reading() as connection:
        assert version_of(connection) == "0999"


def older(station: Whole) -> None:
    """The station as a program before the present one left it."""
    with station.made.archive.data.writing("test") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))


def test_an_older_station_is_copied_before_it_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = whole(tmp_path)
    archive, layout, actor = made.made.archive, made.layout, made.made.admin
    assert not bring_up_to_date(archive, layout, actor)
    assert not (layout.home / FOLDER).exists()
    older(made)
    seen: list[bool] = []

    def step(_archive: object) -> None:
        seen.append(any((layout.home / FOLDER).glob("0000-*/kangdang.db")))
        with archive.data.writing("test") as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))

    monkeypatch.setattr("archives.keeping.migrate.require_known", lambda _version: None)
    monkeypatch.setattr("archives.keeping.migrate.migrate", step)
    assert bring_up_to_date(archive, layout, actor)
    assert seen == [True], "the copy comes first"
    take_notes(archive, layout, actor)
    with archive.data.reading() as connection:
        gone_by = connection.execute(text("SELECT gone_by FROM outside_copies")).scalar()
        event = connection.execute(text("SELECT count(*) FROM events WHERE action = 'station.migrate'"))
        assert event.scalar() == 1
    assert gone_by == "2027-02-20"
    made.made.clock.pass_days(100)
    assert not bring_up_to_date(archive, layout, actor)
    assert list((layout.home / FOLDER).iterdir()) == []


def test_an_upgrade_is_refused_when_there_is_no_way_to_it(tmp_path: Path) -> None:
    made = whole(tmp_path)
    older(made)
    with pytest.raises(StoreUnusable, match="更新版本"):
        bring_up_to_date(made.made.archive, made.layout, made.made.admin)


def test_a_crash_at_any_point_leaves_a_whole_version(tmp_path: Path) -> None:
    counting = embedded(tmp_path / "count.db", KEY, make=True)
    points = points_of(lambda: upgrade(counting))
    assert points == ["migrate.data:begun", "migrate.data:committing", "migrate.data:committed"]
    for number in range(len(points)):
        folder = tmp_path / str(number)
        folder.mkdir()
        database = embedded(folder / "a.db", KEY, make=True)
        with pytest.raises(Crash), crash_at(number):
            upgrade(database)
        database.close()
        again = embedded(folder / "a.db", KEY, make=True)
        with again.reading() as connection:
            assert version_of(connection) == (HEAD if number == 2 else None)
        assert upgrade(again)[1] == HEAD
        again.close()
        shutil.rmtree(folder)
