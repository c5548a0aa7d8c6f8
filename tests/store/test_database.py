"""The database: durable, one writer at a time, unreadable without its key, trouble told in sentences."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from archives.errors import StoreUnusable
from archives.store import points
from archives.store.database import Database, embedded

KEY = bytes(range(32))

pytestmark = pytest.mark.usefixtures("commits_that_wait")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = embedded(tmp_path / "a.db", KEY, make=True)
    with made.writing("test") as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT)"))
    return made


def rows(database: Database) -> list[tuple[int, str]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT n, word FROM t ORDER BY n"))]


def put(database: Database, n: int, word: str) -> None:
    with database.writing("test") as connection:
        connection.execute(text("INSERT INTO t VALUES (:n, :word)"), {"n": n, "word": word})


def test_an_act_that_fails_leaves_nothing(database: Database) -> None:
    put(database, 1, "一")
    with pytest.raises(RuntimeError), database.writing("test") as connection:  # noqa: PT012 - fails after a change
        connection.execute(text("INSERT INTO t VALUES (2, '二')"))
        raise RuntimeError
    assert rows(database) == [(1, "一")]


def test_a_reader_sees_one_moment(database: Database) -> None:
    put(database, 1, "一")
    with database.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM t")).scalar()
        put(database, 2, "二")
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == before
    assert len(rows(database)) == 2


def test_a_look_cannot_change_anything_and_leaves_its_connection_fit_to_write(database: Database) -> None:
    put(database, 1, "一")
    for _ in range(10):  # each connection of the pool is looked through and written with
        with pytest.raises(StoreUnusable), database.reading() as connection:
            connection.execute(text("UPDATE t SET word = 'x'"))
    put(database, 2, "二")
    database.truncate_journal()
    assert rows(database) == [(1, "一"), (2, "二")]


def test_the_settings_that_keep_data_are_on(database: Database) -> None:
    with database.reading() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store")
        }
    assert told == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2,
    }  # fmt: skip


def test_without_the_key_nothing_can_be_read(database: Database, tmp_path: Path) -> None:
    put(database, 1, "机密的话")
    for path in tmp_path.iterdir():
        assert "机密的话".encode() not in path.read_bytes()
        assert b"CREATE TABLE" not in path.read_bytes()
    database.close()
    with pytest.raises(StoreUnusable, match="密钥不对"):
        rows(embedded(tmp_path / "a.db", bytes(32), make=True))
    plain = sqlite3.connect(tmp_path / "a.db")
    try:
        with pytest.raises(sqlite3.DatabaseError):
            plain.execute("SELECT * FROM t")
    finally:
        plain.close()


def test_a_file_with_pages_of_another_size_is_refused_not_misread(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlcipher

    other = sqlcipher.connect(str(tmp_path / "a.db"))
    other.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")  # and nothing of the size of pages
    other.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT)")
    other.close()
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(StoreUnusable, match="打不开"):
        put(embedded(tmp_path / "a.db", KEY, make=True), 1, "一")
    assert (tmp_path / "a.db").read_bytes() == before


def test_an_act_after_a_failed_one_is_whole(database: Database) -> None:
    for n in range(1, 4):
        with pytest.raises(IntegrityError), database.writing("test") as connection:  # noqa: PT012 - after a change
            connection.execute(text("INSERT INTO t VALUES (:n, '半')"), {"n": n})
            connection.execute(text("INSERT INTO t VALUES (:n, '又')"), {"n": n})
        put(database, n, "全")
    assert rows(database) == [(1, "全"), (2, "全"), (3, "全")]


def test_writing_goes_on_after_the_stores_were_closed(database: Database) -> None:
    put(database, 1, "一")
    database.close()
    put(database, 2, "二")
    database.truncate_journal()
    assert rows(database) == [(1, "一"), (2, "二")]


def test_a_writer_that_waits_too_long_is_told(tmp_path: Path) -> None:
    first, second = (
        embedded(tmp_path / "a.db", KEY, make=True),
        embedded(tmp_path / "a.db", KEY, patience=0.2, make=True),
    )
    with first.writing("test"), pytest.raises(StoreUnusable, match="等待超时"), second.writing("test"):
        pass


def test_eight_writers_all_succeed(tmp_path: Path, database: Database) -> None:
    failures: list[BaseException] = []

    def work(start: int) -> None:
        mine = embedded(tmp_path / "a.db", KEY, make=True)
        try:
            for n in range(20):
                put(mine, start + n, "词")
        except BaseException as error:
            failures.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=work, args=(100 * number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(rows(database)) == 160


def test_the_journal_is_emptied_on_request(database: Database, tmp_path: Path) -> None:
    put(database, 1, "一")
    assert (tmp_path / "a.db-wal").stat().st_size > 0
    database.truncate_journal()
    assert (tmp_path / "a.db-wal").stat().st_size == 0
    assert rows(database) == [(1, "一")]


def test_a_transaction_names_its_points(database: Database) -> None:
    seen: list[str] = []
    points.observe(seen.append)
    try:
        put(database, 1, "一")
    finally:
        points.observe(None)
    assert seen == ["test:begun", "test:committing", "test:committed"]


def test_what_is_acknowledged_survives_the_death_of_the_process(tmp_path: Path) -> None:
    """The reader opens its own connection while the writer has not closed its own."""
    first = embedded(tmp_path / "a.db", KEY, make=True)
    with first.writing("test") as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT)"))
    put(first, 1, "一")
    assert rows(embedded(tmp_path / "a.db", KEY, make=True)) == [(1, "一")]


def test_the_gate_opens_when_its_holder_dies(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    code = (
        "import sys, time\nfrom pathlib import Path\nfrom archives.store.gate import Gate\n"
        "with Gate(Path(sys.argv[1])).hold():\n    print('in', flush=True)\n    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "a.lock")], stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"in\n"
        waiting = embedded(tmp_path / "a.db", KEY, make=True)
        holder.kill()
        holder.communicate()
    with waiting.writing("test") as connection:  # a gate that stays shut ends this with Busy
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    waiting.close()
