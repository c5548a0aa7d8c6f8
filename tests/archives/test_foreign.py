"""What somebody else put into the database is named, on both databases; what we make is not."""

from __future__ import annotations

from sqlalchemy import text

from archives.keeping.foreign import foreign
from tests.archives.making import Station

STRANGE = {
    "sqlite": (
        "CREATE TABLE strange (id INTEGER)",
        "CREATE VIEW strange_view AS SELECT 1",
        "CREATE INDEX strange_index ON persons (name)",
        "CREATE TRIGGER strange_trigger AFTER INSERT ON files BEGIN DELETE FROM strange; END",
    ),
    "postgresql": (
        "CREATE TABLE strange (id INTEGER)",
        "CREATE VIEW strange_view AS SELECT 1",
        "CREATE MATERIALIZED VIEW strange_kept AS SELECT 1",
        "CREATE RULE strange_rule AS ON DELETE TO strange DO INSTEAD NOTHING",
        "CREATE FUNCTION strange_made() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER strange_trigger AFTER INSERT ON files EXECUTE FUNCTION strange_made()",
    ),
}


def test_nothing_of_our_own_is_foreign(both: Station) -> None:
    assert list(foreign(both.archive)) == []


def test_what_others_made_is_named(both: Station) -> None:
    dialect = both.archive.data.engine.dialect.name
    with both.archive.data.writing("test.strange") as connection:
        for statement in STRANGE[dialect]:
            connection.execute(text(statement))
    named = {finding.place for finding in foreign(both.archive)}
    expected = {"表 strange", "视图 strange_view", "触发器 strange_trigger（files）"}
    only = (
        {"索引 strange_index（persons）"}
        if dialect == "sqlite"
        else {"视图 strange_kept", "规则 strange_rule（strange）"}
    )
    assert named == expected | only
