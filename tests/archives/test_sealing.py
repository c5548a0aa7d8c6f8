"""Sealing the stored log: what has grown is covered once, with a key that lies apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text

from archives.errors import SealInvalid
from archives.log.anchor import anchor_file, read_anchors
from archives.log.seal import Seal
from archives.sealing import (
    LATE,
    create_seal_key,
    last_seal,
    public_key_of,
    read_seal_key,
    seal_log,
    stored_events,
    stored_seal_heads,
    verify_log,
)
from archives.store.tables_people import events, seal_heads
from tests.archives.making import MASTER, Station, seeded, station


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    made = station(tmp_path)
    create_seal_key(made.layout, MASTER, seeded(5))
    return made


def logged(desk: Station, *chains: int) -> None:
    with desk.archive.acting("test.log", desk.worker) as unit:
        for chain in chains:
            unit.log("log.read", "log:1", chain=chain)


def sealed(desk: Station) -> Seal | None:
    return seal_log(desk.archive, desk.auditor, read_seal_key(desk.layout, MASTER))


def heads(desk: Station, number: int) -> dict[int, int]:
    with desk.archive.data.reading() as connection:
        rows = connection.execute(select(seal_heads).where(seal_heads.c.seal == number))
        return {row.chain: row.seq for row in rows}


def counted(desk: Station) -> int:
    with desk.archive.data.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(events)).scalar_one())


def test_a_seal_covers_the_chains_that_grew_and_nothing_is_sealed_twice(desk: Station) -> None:
    assert sealed(desk) is not None, "what the station was founded with"
    founding = counted(desk)
    logged(desk, 0, 7, 7, 9)
    first = sealed(desk)
    assert first is not None
    assert (first.number, first.count_events - founding) == (2, 4)
    assert heads(desk, 2) == {0: founding + 1, 7: 2, 9: 1}
    assert sealed(desk) is None
    logged(desk, 9)
    second = sealed(desk)
    assert second is not None
    assert (second.number, second.count_events - founding, heads(desk, 3)) == (3, 5, {9: 2})


def test_an_event_that_became_visible_late_is_sealed_all_the_same(
    desk: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a server: an event with a lower id was not there yet when the seal before was made."""
    logged(desk, 7)
    logged(desk, 9)
    with desk.archive.data.writing("attack") as connection:
        connection.execute(text("DROP TRIGGER guard_events_no_delete"))
        row = connection.execute(select(events).where(events.c.chain == 7)).one()
        connection.execute(delete(events).where(events.c.chain == 7))
    assert sealed(desk) is not None
    with desk.archive.data.writing("attack") as connection:
        connection.execute(events.insert().values(**row._mapping))
    monkeypatch.setattr("archives.sealing._late", lambda _: LATE)
    late = sealed(desk)
    assert late is not None
    assert heads(desk, late.number) == {7: 1}
    assert verify_log(desk.archive, desk.auditor).findings == ()


def test_the_seal_key_lies_in_the_keys_folder_encrypted(desk: Station) -> None:
    key = read_seal_key(desk.layout, MASTER)
    assert len(key) == 32
    assert len(public_key_of(key)) == 32
    assert desk.layout.seal_key.is_relative_to(desk.layout.keys)
    assert key not in desk.layout.seal_key.read_bytes()
    with pytest.raises(SealInvalid, match="已损坏"):
        read_seal_key(desk.layout, bytes(32))
    desk.layout.seal_key.write_bytes(b"x")
    with pytest.raises(SealInvalid, match="已损坏"):
        read_seal_key(desk.layout, MASTER)
    desk.layout.seal_key.unlink()
    with pytest.raises(SealInvalid, match="没有封签密钥"):
        read_seal_key(desk.layout, MASTER)


def test_verification_says_what_is_anchored_and_what_not(desk: Station) -> None:
    logged(desk, 0, 7)
    seal = sealed(desk)
    assert seal is not None
    logged(desk, 7)
    own = (public_key_of(read_seal_key(desk.layout, MASTER)),)
    report = verify_log(desk.archive, desk.auditor, read_anchors(anchor_file(seal)), own)
    assert report.ok
    assert report.covered_until is not None
    assert report.covered_until.number == 1
    assert report.unsealed == 1
    with desk.archive.looking(desk.auditor) as unit:
        told = unit.execute(select(func.count()).where(events.c.action == "log.verify")).scalar()
    assert told == 1  # the verification itself is on the log


def test_rows_come_in_the_order_verification_needs(desk: Station) -> None:
    logged(desk, 9, 7, 9, 0, 7)
    sealed(desk)
    logged(desk, 7, 0)
    sealed(desk)
    with desk.archive.looking(desk.auditor) as unit:
        order = [(row[0], row[1]) for row in stored_events(unit)]
        assert order == sorted(order)
        told = [(head.seal, head.chain) for head in stored_seal_heads(unit)]
        assert told == sorted(told)
        newest = last_seal(unit)
    assert newest is not None
    assert newest.number == 2


@pytest.mark.parametrize("where", ["1 = 1", "number = 3"], ids=["all", "the newest"])
def test_seals_that_were_deleted_keep_their_numbers_and_sealing_goes_on(desk: Station, where: str) -> None:
    for _ in range(3):
        logged(desk, 0, 7)
        assert sealed(desk) is not None
    assert not verified(desk)
    held = desk.archive.data.engine.raw_connection()
    raw: Any = held.dbapi_connection
    for statement in ("PRAGMA query_only = 0", "PRAGMA foreign_keys = 0",
                      "DROP TRIGGER guard_seals_no_delete", f"DELETE FROM seals WHERE {where}",
                      "PRAGMA foreign_keys = 1"):  # fmt: skip
        raw.execute(statement)
    held.close()
    logged(desk, 0, 7)
    again = sealed(desk)
    assert again is not None
    assert again.number == 4
    assert again.count_events == counted(desk)
    told = verified(desk)
    assert len(told) == 1, told
    assert "封签" in told[0]
    logged(desk, 7)
    assert sealed(desk) is not None
    assert verified(desk) == told


def verified(desk: Station) -> list[str]:
    return [one.sentence for one in verify_log(desk.archive, desk.auditor).findings]
