"""Item keys: durable before use, gone for good when destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from archives.clock.reference import NotByTime
from archives.errors import ItemUnreadable
from archives.store import item_keys, points
from archives.store.database import embedded
from archives.store.item_keys import KeyStore
from tests.archives.making import StandingClock, seeded

KEY = bytes(32)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    database = embedded(tmp_path / "keys.db", KEY, make=True)
    with database.writing("test") as connection:
        item_keys.METADATA.create_all(connection)
    return KeyStore(database, seeded(), StandingClock(), ahead=4)


def test_a_key_is_on_the_disk_before_it_is_given(store: KeyStore, tmp_path: Path) -> None:
    name, key = store.new()
    other = KeyStore(embedded(tmp_path / "keys.db", KEY, make=True), seeded(2), StandingClock())
    assert other.get(name) == key


def test_no_key_is_given_twice(store: KeyStore, tmp_path: Path) -> None:
    other = KeyStore(embedded(tmp_path / "keys.db", KEY, make=True), seeded(3), StandingClock(), ahead=4)
    given = [store.new() for _ in range(9)] + [other.new() for _ in range(9)]
    assert len({name for name, _ in given}) == 18
    assert len({key for _, key in given}) == 18


def test_who_needs_one_key_makes_few_and_who_needs_many_makes_them_seldom(
    tmp_path: Path,
) -> None:
    database = embedded(tmp_path / "keys.db", KEY, make=True)
    with database.writing("test") as connection:
        item_keys.METADATA.create_all(connection)
    store = KeyStore(database, seeded(), StandingClock())
    store.new()
    assert len(list(store.names())) == item_keys.FIRST
    writes: list[str] = []
    points.observe(writes.append)
    try:
        for _ in range(1000):
            store.new()
    finally:
        points.observe(None)
    assert writes.count("keys.make:committed") < 15
    assert len(list(store.names())) <= 1001 + item_keys.AHEAD


def test_a_destroyed_key_is_nowhere(store: KeyStore, tmp_path: Path) -> None:
    name, _ = store.new()
    kept, key = store.new()
    store.destroy([name], NotByTime.FILED)
    with pytest.raises(ItemUnreadable, match="密钥已不存在"):
        store.get(name)
    assert store.has([name, kept]) == {kept}
    assert store.get(kept) == key
    assert (tmp_path / "keys.db-wal").stat().st_size == 0, "the journal must hold nothing of it"
    store.destroy([name], NotByTime.FILED)


def test_many_names_at_once(store: KeyStore) -> None:
    names = [store.new()[0] for _ in range(1200)]
    assert store.has([*names, "0" * 32]) == set(names)
    store.destroy(names[:700], NotByTime.FILED)
    assert store.has(names) == set(names[700:])
