"""A list that was carried out, changed by SQL with all guards aside: nothing false stands beside its hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from archives.archive import Archive
from archives.disposal.agreement import disagreements
from archives.disposal.lists import facts_from
from archives.home import layout_of, open_archive, read_settings
from archives.keys import vault as vaults
from archives.store.tables_duties import disposal_lists
from tests.archives.making import StandingClock, seeded
from tests.attacks.ruined import model, ruined
from tests.kept.test_upgrade import WHEN
from tests.station.founding import PASSWORDS

LIST = "XH-2026-001"
CHANGES: dict[str, tuple[str, str]] = {
    "title of an item": ("UPDATE disposal_items SET title = '别的题名' WHERE position = 1", "list"),
    "档号 of an item": ("UPDATE disposal_items SET ref_code = 'PZ01-X' WHERE position = 1", "list"),
    "date of an item": ("UPDATE disposal_items SET document_date = '2001-01-01'", "list"),
    "content hash of an item": (
        "UPDATE disposal_items SET content_sha256 = lower(hex(randomblob(32))) WHERE position = 1", "list",
    ),
    "opinion of an item": ("UPDATE disposal_items SET opinion_reason = '另有' WHERE position = 2", "list"),
    "an item removed": ("DELETE FROM disposal_items WHERE position = 2", "list"),
    "the hash of the list": ("UPDATE disposal_lists SET list_sha256 = lower(hex(randomblob(32)))", "list"),
    "who made the list": ("UPDATE disposal_lists SET made_by = 5", "made"),
    "when it was made": ("UPDATE disposal_lists SET made_at = '2020-01-01T09:00:00.000+08:00'", "made"),
    "a member of the group": ("UPDATE appraisals SET staff_id = 6 WHERE staff_id = 5", "members"),
    "a member removed": ("DELETE FROM appraisals WHERE staff_id = 5", "members"),
    "opinions signed": ("UPDATE appraisals SET list_sha256 = lower(hex(randomblob(32)))", "opinions"),
    "who approved": ("UPDATE disposal_approvals SET approver = 1", "approval"),
    "when it was approved": (
        "UPDATE disposal_approvals SET at = '2020-01-01T09:00:00.000+08:00'", "approval",
    ),
    "the approval removed": ("DELETE FROM disposal_approvals", "approval"),
    "the waiting period": ("UPDATE disposal_lists SET not_before = '2001-01-01'", "approval"),
    "who executed": ("UPDATE disposal_executions SET executor = 5", "execution"),
    "paper that was counted": ("UPDATE disposal_executions SET paper_items = 9", "execution"),
    "the execution removed": ("DELETE FROM disposal_executions", "execution"),
    "a witness": ("UPDATE disposal_witnesses SET witness = 4 WHERE witness = 5", "witnesses"),
    "a witness removed": ("DELETE FROM disposal_witnesses WHERE witness = 5", "witnesses"),
    "how a witness was known": ("UPDATE disposal_witnesses SET proof = 'password'", "witnesses"),
    "title of a tombstone": ("UPDATE tombstones SET title = '别的题名' WHERE record_id = 1", "tombstones"),
    "hash of a tombstone": ("UPDATE tombstones SET content_sha256 = '00' WHERE record_id = 1", "tombstones"),
    "a tombstone removed": ("DELETE FROM tombstones WHERE record_id = 1", "tombstones"),
    "a tombstone added": (
        "INSERT INTO tombstones SELECT 3, ref_code, form_id, title, content_sha256, list_id, destroyed_at,"
        " item_keys, blobs FROM tombstones WHERE record_id = 1", "tombstones",
    ),
    "an item said to be left": (
        "UPDATE disposal_items SET state = 'withdrawn', left_because = 'held' WHERE position = 1",
        "tombstones",
    ),
    "when it was done": ("UPDATE disposal_lists SET done_at = '2020-01-01T09:00:00.000+08:00'", "complete"),
    "an event of the list": (
        "UPDATE events SET staff = 5 WHERE subject = 'disposal:1' AND action = 'disposal.approval'", "events",
    ),
    "row and event alike": (
        "UPDATE events SET detail = replace(detail, '\"items\":2', '\"items\":3')"
        " WHERE subject = 'disposal:1' AND action = 'disposal.complete'", "events",
    ),
}  # fmt: skip
"""What is changed → the statement, and which part of the list does not agree any more."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def archive(source: Path) -> Iterator[Archive]:
    home = source / "站点"
    settings = read_settings(home)
    layout = layout_of(home, settings)
    master = vaults.unlock(vaults.load(layout.vault), "guan", PASSWORDS["guan"])
    opened = open_archive(layout, settings, master, StandingClock(WHEN), seeded(24))
    yield opened
    opened.close()


@contextmanager
def changing(archive: Archive, statement: str) -> Iterator[Connection]:
    """The database while a change stands that is taken back in the end."""
    with archive.data.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA query_only = 0")  # type: ignore[attr-defined]  # the driver's connection
        raw.execute("PRAGMA foreign_keys = 0")  # type: ignore[attr-defined]
        with connection.begin() as act:
            guards = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in guards.scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            assert connection.exec_driver_sql(statement).rowcount > 0
            yield connection
            act.rollback()
        connection.invalidate()


def parts(connection: Connection) -> list[str]:
    facts = facts_from(connection.execute(disposal_lists.select()).first())
    return disagreements(connection, facts)


def test_a_list_agrees_with_the_log_as_it_was_carried_out(archive: Archive) -> None:
    with archive.data.reading() as connection:
        assert parts(connection) == []


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_the_list_does_not_agree(archive: Archive, change: str) -> None:
    statement, part = CHANGES[change]
    with changing(archive, statement) as connection:
        assert part in parts(connection)
    with archive.data.reading() as connection:
        assert parts(connection) == []


def test_the_certificate_is_refused_and_the_screen_warns(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    station = ruined(tmp_path, source, monkeypatch, capsys)
    with station.attacking() as raw:
        raw.execute(CHANGES["a witness"][0])
        raw.execute(CHANGES["title of an item"][0])
    station.login("dang")
    for command in (
        ("disposal", "certificate", LIST, "-o", "证明.pdf"),
        ("disposal", "print", LIST, "--form", "AR7", "-o", "清册.pdf"),
        ("disposal", "print", LIST, "--form", "AR6", "-o", "意见.pdf"),
    ):
        ended = station.run(*command)
        assert ended.code == 75
        assert f"清册 {LIST} 不能打印：清册校验值与所列各件不符；" in ended.err
        assert "监销人与日志不符" in ended.err and "办法：请运行 kangdang check" in ended.err
        assert not list(tmp_path.glob("*.pdf"))
    shown = station.run("disposal", "show", LIST)
    assert "提醒 以下内容与日志不一致，不能作为凭据：" in shown.out
    told = station.run("check").out
    assert f"销毁清册 {LIST}：清册校验值与所列各件不符" in told and "监销人与日志不符" in told
