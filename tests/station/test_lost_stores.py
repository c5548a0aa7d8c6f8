"""A store is gone, emptied, another's or older: nobody works on, and nothing is made anew."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archives.archive import canonical_json
from archives.keeping.tombs import NAME, read_stones
from archives.people.persons import PersonFacts, open_person
from archives.settings import Layout
from archives.store.database import embedded
from desk.station.opening import OpenStation
from tests.station.founding import PASSWORDS, Ended, House, found, id_number


def attempt(home: House) -> Ended:
    secret = home.file("密码.txt", PASSWORDS["guan"])
    return home.run("login", "guan", "--password-file", secret)


def told(home: House) -> str:
    return home.run("doctor").out


def keep_something(station: OpenStation, serial: int = 90) -> None:
    with station.acting("test.open") as unit:
        open_person(unit, PersonFacts("样例服务对象", "男", "1990-01-01", None, id_number(serial)))


def everything(layout: Layout) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (layout.home, layout.keys)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and not path.name.startswith("attempts.json")
    }


def _another_stations(layout: Layout) -> None:
    other = layout.home.parent / "别站"
    other.mkdir()
    found(other, seed=5)
    shutil.copy(other / "密钥" / "keys.db", layout.key_store)


BROKEN: list[tuple[str, Callable[[Layout], object], str, str]] = [
    ("keys gone", lambda a: a.key_store.unlink(), "密钥库 keys.db 不见了", "keys.db"),
    ("keys emptied", lambda a: a.key_store.write_bytes(b""), "密钥库 keys.db 是空的", "密钥库"),
    ("keys cut", lambda a: a.key_store.write_bytes(a.key_store.read_bytes()[:-2048]), "密钥库", "密钥库"),
    ("another's keys", _another_stations, "密钥库打不开", "密钥库"),
    ("data gone", lambda a: a.database.unlink(), "数据库 kangdang.db 不见了", "kangdang.db"),
    ("data emptied", lambda a: a.database.write_bytes(b""), "数据库 kangdang.db 是空的", "数据库"),
    ("data cut", lambda a: a.database.write_bytes(a.database.read_bytes()[:-2048]), "数据库", "数据库"),
    ("seal key", lambda a: a.seal_key.unlink(), "没有封签密钥", "seal.key"),
    ("seal key a folder", lambda a: (a.seal_key.unlink(), a.seal_key.mkdir()), "没有封签密钥", "seal.key"),
    ("page key", lambda a: a.page_code_key.unlink(), "页码密钥 page-code.key 不见了", "page-code.key"),
    ("another's page key", lambda a: a.page_code_key.write_text("5a" * 32), "不是本站的", "page-code.key"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "sentence", "name"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_lack_is_a_sentence_and_nobody_works_on(
    home: House, act: Callable[[Layout], object], sentence: str, name: str
) -> None:
    with home.station("she") as station:
        keep_something(station)
    act(home.layout)
    left = everything(home.layout)
    ended = attempt(home)
    assert ended.code in (53, 61), ended.lines
    assert sentence in ended.err
    assert "办法" in ended.err
    assert "没有丢失" not in ended.err
    shown = told(home)
    assert any(line.startswith("缺失") and name in line for line in shown.splitlines()), shown
    assert everything(home.layout) == left, "nothing is made, nothing is touched"


def test_an_older_copy_of_the_keys_is_noticed(home: House) -> None:
    with home.station("she") as station:
        keep_something(station)
    older = home.layout.key_store.read_bytes()
    with home.station("she") as station:
        keep_something(station, 91)
    home.layout.key_store.write_bytes(older)
    ended = attempt(home)
    assert ended.code == 61
    assert "较旧的一份" in ended.err


def test_an_older_copy_of_the_database_is_noticed(home: House) -> None:
    older = home.layout.database.read_bytes()
    with home.station("she") as station:
        keep_something(station)
    home.layout.database.write_bytes(older)
    ended = attempt(home)
    assert ended.code == 61
    assert "数据库是较旧的一份" in ended.err
    (home.layout.keys / "newest.mark").write_bytes(b"")
    assert "newest.mark" in told(home)


def test_a_journal_that_is_gone_or_changed_is_noticed(home: House, tmp_path: Path) -> None:
    """As a crash leaves it: everything of the last minutes is in the journal alone."""
    crashed = tmp_path / "crashed"
    with home.station("she") as station:
        keep_something(station)
        for folder in (home.layout.home, home.layout.keys):
            shutil.copytree(folder, crashed / folder.name)
    journal = crashed / home.layout.home.name / "data" / "kangdang.db-wal"
    whole = journal.read_bytes()
    assert whole
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for content in (None, b"", whole[:middle], changed):
        for folder in (home.layout.home, home.layout.keys):
            shutil.rmtree(folder)
            shutil.copytree(crashed / folder.name, folder)
        here = home.layout.data / "kangdang.db-wal"
        here.unlink() if content is None else here.write_bytes(content)
        ended = attempt(home)
        assert ended.code == 61, ended.lines
        assert "较旧的一份" in ended.err
    for folder in (home.layout.home, home.layout.keys):
        shutil.rmtree(folder)
        shutil.copytree(crashed / folder.name, folder)
    assert attempt(home).code == 0, "the journal alone is enough"


@pytest.mark.parametrize("content", [None, b"", b"0" * 30, b"\xff" * 30])
def test_a_lost_number_of_the_newest_event_is_told_and_written_anew(
    home: House, content: bytes | None
) -> None:
    path = home.layout.keys / "newest.mark"
    path.unlink() if content is None else path.write_bytes(content)
    home.login("guan")
    assert len(path.read_bytes()) == 30
    with home.station("guan") as station, station.archive.data.reading() as connection:
        acts = connection.exec_driver_sql("SELECT detail FROM events WHERE action = 'station.renew'").all()
    assert [row[0] for row in acts] == ['{"kind":"newest_mark"}']


def test_single_keys_that_are_gone_are_counted_at_login(home: House) -> None:
    with home.station("she") as station:
        keep_something(station)
        key = _key(station)
    database = embedded(home.layout.key_store, key)
    with database.writing("test") as connection:
        connection.exec_driver_sql("DELETE FROM item_keys WHERE id = (SELECT max(id) FROM item_keys)")
    database.close()
    ended = attempt(home)
    assert ended.code == 61
    assert "有密钥不见了" in ended.err


def _key(station: OpenStation) -> bytes:
    from archives.keys.derive import Purpose, derive

    return derive(station.master, Purpose.KEYS)


def test_keys_a_crashed_act_left_behind_are_no_lack(home: House) -> None:
    with home.station("she") as station:
        station.archive.keys.new()  # made, and the act that wanted it never came to its end
    assert attempt(home).code == 0
    with home.station("she") as station:
        keep_something(station)
    assert attempt(home).code == 0


DAMAGED = [b"", b"{", b"[]", b'{"kind": "numbers", "": 3, "sequence": "file:2025"}\n',
           b'{"kind": "numbers", "next": "2024-02-30", "sequence": "file:2025"}\n', b"\xff\n",
           b"[" * 9999 + b"\n", b"null\n", None]  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED)
def test_a_list_of_nothing_destroyed_is_made_again_from_the_database(
    home: House, content: bytes | None
) -> None:
    with home.station("she") as station:
        keep_something(station)
    path = home.layout.keys / NAME
    before = read_stones(path)
    assert before, "numbers were given"
    path.unlink() if content is None else path.write_bytes(content)
    if content != b"":
        assert any(line.startswith("缺失") and NAME in line for line in told(home).splitlines())
    assert attempt(home).code == 0, "all it named is in the database"
    assert read_stones(path) == before


def test_a_list_that_alone_names_something_destroyed_is_never_made_anew(home: House) -> None:
    """As after a restore of data from before the item was even there."""
    path = home.layout.keys / NAME
    with home.station("guan"):
        listed = dict.fromkeys(("list_sha256", "not_before", "method", "place", "done_at"))
        stone = {
            "kind": "person", "person_id": 9, "file_id": 9, "list_id": 3, "forgotten_at": "2026-01-01",
            "item_keys": ["a" * 32],
            "list": {"ref_code": "XH-1", "state": "done", "schedule_version": "1", "made_by": 1,
                     "made_at": "2026-01-01", **listed},
        }  # fmt: skip
        path.write_text(path.read_text() + canonical_json(stone) + "\n", encoding="utf-8")
    assert attempt(home).code == 0
    kept = path.read_bytes()  # written anew with a hash on each line
    assert b'"person_id": 9' in kept
    for content in (None, b"", kept[:-30], kept.replace(b'"person_id": 9', b'"person_id": 8')):
        path.unlink() if content is None else path.write_bytes(content)
        ended = attempt(home)
        assert ended.code == 61, ended.lines
        assert "销毁登记" in ended.err
        assert content is None or path.read_bytes() == content
        assert any(line.startswith("缺失") and NAME in line for line in told(home).splitlines())
    path.write_bytes(kept)
    assert attempt(home).code == 0


def test_the_keys_folder_put_back_from_its_backup_opens(home: House, tmp_path: Path) -> None:
    with home.station("she") as station:
        keep_something(station)
    kept = tmp_path / "kept"
    shutil.copytree(home.layout.keys, kept)
    home.layout.key_store.unlink()
    assert attempt(home).code == 61
    shutil.copy(kept / "keys.db", home.layout.key_store)
    assert attempt(home).code == 0
