"""Somebody with the database key and plain SQL against the stored log: what ``log verify`` then says.

Each case does what docs/access-log.md describes, with the guards dropped first, and asserts the sentences;
where the page says that nothing can be found, nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Executable, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from archives.errors import StoreUnusable
from archives.items.records import read_record
from archives.log.anchor import Anchor, anchor_file, read_anchors
from archives.log.chain import Head
from archives.log.event import NO_HASH, ROW_FIELDS, digest_row
from archives.log.seal import make_seal, seal_hash
from archives.sealing import (
    create_seal_key,
    public_key_of,
    read_seal_key,
    seal_log,
    stored_seals,
    verify_log,
)
from archives.store.tables import schedules
from archives.store.tables_people import events, seal_heads, seals
from tests.archives.making import MASTER, Station, seeded, station
from tests.station.office import open_and_record

FILE = 1
OTHER_KEY = bytes(range(1, 33))


class Case:
    """A station with three seals, an anchor of the second one outside, and events behind the newest seal.

    Chain 1 (the file): 2 events per day; sealed at 4, 6, 8; then one more.
    """

    def __init__(self, folder: Path) -> None:
        self.station: Station = station(folder)
        create_seal_key(self.station.layout, MASTER, seeded(5))
        self.key = read_seal_key(self.station.layout, MASTER)
        self.record = open_and_record(self.station)
        self.read(2 - self.length() % 2)
        self.sealed: list[int] = []
        for _ in range(3):
            self.read(2)
            self.seal()
            self.station.clock.pass_days(1)
        self.anchors = [self.anchor(number) for number in (1, 2, 3)]
        self.read(1)

    def read(self, times: int) -> None:
        with self.station.archive.acting("test.read", self.station.worker) as unit:
            for _ in range(times):
                read_record(unit, self.record)

    def seal(self) -> None:
        made = seal_log(self.station.archive, self.station.auditor, self.key)
        assert made is not None
        self.sealed.append(self.length())

    def length(self) -> int:
        return len(self.chain())

    def chain(self) -> list[dict[str, object]]:
        with self.station.archive.data.reading() as connection:
            rows = connection.execute(select(events).where(events.c.chain == FILE).order_by(events.c.seq))
            return [dict(row._mapping) for row in rows]

    def anchor(self, number: int) -> Anchor:
        with self.station.archive.looking(self.station.auditor) as unit:
            found = next(seal for seal in stored_seals(unit) if seal.number == number)
        return read_anchors(anchor_file(found))[0]

    def sql(self, *statements: Executable) -> None:
        """Plain SQL of a thief, all guards dropped."""
        with self.station.archive.data.writing("attack") as connection:
            for name in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'")
            ).scalars().all():  # fmt: skip
                connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                connection.execute(statement)

    def rehash(self, start: int) -> None:
        """Make all hashes of the file's chain anew from event ``start`` on."""
        rows = self.chain()
        prev = NO_HASH if start == 1 else rows[start - 2]["hash"]
        statements = []
        for row in rows[start - 1 :]:
            prev = digest_row([row[name] for name in ROW_FIELDS], prev)  # type: ignore[arg-type]
            statements.append(update(events).where(events.c.id == row["id"]).values(hash=prev))
        self.sql(*statements)

    def reseal(self, key: bytes) -> None:
        """Make all seals anew with a key, over the log as it is."""
        archive, auditor = self.station.archive, self.station.auditor
        with archive.looking(auditor) as unit:
            old = stored_seals(unit)
            heads = {
                seal.number: [
                    Head(row.chain, row.seq, b"")
                    for row in unit.execute(select(seal_heads).where(seal_heads.c.seal == seal.number))
                ]
                for seal in old
            }
        last, before = None, dict[int, int]()
        statements: list[Executable] = [delete(seal_heads), delete(seals)]
        for seal in old:
            own = [replace_hash(self, head) for head in heads[seal.number] if self.has(head)]
            last_event = self.last_event(seal.number)
            last = make_seal(last, own, before, day=seal.day, made_at=seal.made_at, private_key=key)
            before |= {head.chain: head.seq for head in own}
            statements.append(
                insert(seals).values(
                    number=last.number, day=last.day, made_at=last.made_at, last_event=last_event,
                    count_events=last.count_events, prev_seal_hash=last.prev_seal_hash,
                    heads_root=last.heads_root, public_key=last.public_key, signature=last.signature,
                )
            )  # fmt: skip
            statements += [
                insert(seal_heads).values(seal=last.number, chain=head.chain, seq=head.seq, hash=head.hash)
                for head in own
            ]
        self.sql(*statements)

    def has(self, head: Head) -> bool:
        with self.station.archive.data.reading() as connection:
            query = select(events.c.id).where(events.c.chain == head.chain, events.c.seq == head.seq)
            return connection.execute(query).first() is not None

    def last_event(self, number: int) -> int:
        with self.station.archive.data.reading() as connection:
            return int(
                connection.execute(select(seals.c.last_event).where(seals.c.number == number)).scalar_one()
            )

    def says(self, anchors: Sequence[int] = (), *, own_key: bool = True) -> list[str]:
        keys = (public_key_of(self.key),) if own_key else ()
        chosen = [anchor for anchor in self.anchors if anchor.number in anchors]
        report = verify_log(self.station.archive, self.station.auditor, chosen, keys)
        return [finding.sentence for finding in report.findings]


def replace_hash(case: Case, head: Head) -> Head:
    with case.station.archive.data.reading() as connection:
        query = select(events.c.hash).where(events.c.chain == head.chain, events.c.seq == head.seq)
        return head._replace(hash=bytes(connection.execute(query).scalar_one()))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def at(seq: int) -> ColumnElement[bool]:
    return (events.c.chain == FILE) & (events.c.seq == seq)


def change(case: Case, seq: int) -> None:
    case.sql(update(events).where(at(seq)).values(purpose="judicial"))


def test_an_untouched_log_has_no_findings(case: Case) -> None:
    assert case.says() == []
    assert case.says((1, 2, 3)) == []


GUARDED = (
    "UPDATE events SET purpose = NULL",
    "DELETE FROM events",
    "DELETE FROM seals",
    "UPDATE seal_heads SET seq = 1",
    "DELETE FROM schedules",
    "UPDATE files SET ref_code = 'X'",
)


@pytest.mark.parametrize("verb", GUARDED)
def test_the_guards_stand_in_the_way_of_plain_sql(case: Case, verb: str) -> None:
    with case.station.archive.acting("test.schedule", case.station.records) as unit:
        unit.execute(
            insert(schedules),
            {"version": "x", "body": "{}", "sha256": "0" * 64, "proposed_by": 5, "proposed_at": unit.at},
        )
        unit.execute(
            text("UPDATE files SET ref_code = 'A', accepted_on = '2026-01-01' WHERE ref_code IS NULL")
        )
    with pytest.raises((IntegrityError, StoreUnusable)):  # noqa: SIM117 - the act fails as a whole
        with case.station.archive.data.writing("attack") as connection:
            connection.execute(text(verb))
    assert case.says((2,)) == []


@pytest.mark.parametrize(
    ("name", "attack", "sentence"),
    [
        ("changed", lambda c: change(c, 3), "档案 1 的日志第 3 条与校验值不符：这一条或它的前一条被改动。"),
        ("deleted", lambda c: c.sql(delete(events).where(at(3))), "档案 1 的日志中间缺第 3 条。"),
        (
            "tail cut",
            lambda c: c.sql(delete(events).where(events.c.chain == FILE, events.c.seq >= c.sealed[2])),
            "档案 1 的日志末尾缺第 {last} 条：第 3 号封签时有 {last} 条。",
        ),
        (
            "chain removed",
            lambda c: c.sql(delete(events).where(events.c.chain == FILE)),
            "档案 1 的日志整条缺失：第 3 号封签时有 {last} 条。",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
def test_without_any_key_a_sealed_change_is_found(
    case: Case, name: str, attack: Callable[[Case], None], sentence: str
) -> None:
    attack(case)
    assert case.says() == [sentence.format(last=case.sealed[2])]
    assert case.says((2,)) == [sentence.format(last=case.sealed[2])]


def test_all_hashes_made_anew_do_not_fit_the_seals(case: Case) -> None:
    change(case, 3)
    case.rehash(3)
    assert any("与第 1 号封签不符" in sentence for sentence in case.says())


def test_an_inserted_event_does_not_fit_the_seals(case: Case) -> None:
    row = dict(case.chain()[2])
    row.pop("id")
    moved = [update(events).where(at(seq)).values(seq=seq + 1) for seq in range(case.length(), 2, -1)]
    case.sql(*moved, insert(events).values(**{**row, "seq": 3, "action": "record.print"}))
    case.rehash(3)
    assert any("与第 1 号封签不符" in sentence for sentence in case.says())


def test_a_chain_replaced_whole_does_not_fit_the_seals(case: Case) -> None:
    case.sql(update(events).where(events.c.chain == FILE).values(action="record.print"))
    case.rehash(1)
    assert any("与第 1 号封签不符：内容被改写、增减或顶替。" in sentence for sentence in case.says())


def test_a_seal_changed_without_its_key(case: Case) -> None:
    case.sql(update(seals).where(seals.c.number == 2).values(day="2020-01-01"))
    says = case.says()
    assert "第 2 号封签的签名不对：封签被改动。" in says
    assert "第 3 号封签与前一号封签不相接：前一号被改动或替换。" in says


def test_everything_rewritten_and_sealed_with_another_key(case: Case) -> None:
    change(case, 3)
    case.rehash(3)
    case.reseal(OTHER_KEY)
    new_key = [f"第 {number} 号封签换了签名公钥，新公钥未经确认。" for number in (1, 2, 3)]
    assert case.says() == new_key
    rewritten = "第 2 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。"
    assert rewritten in case.says((2,))
    # Documented as not detectable: nobody knows the station's key, and there is no anchor.
    assert case.says(own_key=False) == []


def test_with_the_stolen_seal_key_only_an_anchor_tells(case: Case) -> None:
    change(case, 3)
    case.rehash(3)
    case.reseal(case.key)
    # Documented as not detectable: without an anchor the whole log can be rewritten.
    assert case.says() == []
    rewritten = "第 {} 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。"
    for number in (1, 2, 3):
        assert case.says((number,)) == [rewritten.format(number)]


def test_with_the_stolen_seal_key_what_lies_behind_the_newest_anchor_can_be_rewritten(case: Case) -> None:
    last = case.sealed[2]
    change(case, last)
    case.rehash(last)
    case.reseal(case.key)
    # Documented as not detectable: seal 3 is newer than the anchor of seal 2.
    assert case.says((1, 2)) == []
    assert len(case.says((3,))) == 1


def test_seals_removed_with_all_they_cover(case: Case) -> None:
    edge = case.last_event(2)
    case.sql(
        delete(seal_heads).where(seal_heads.c.seal == 3),
        delete(seals).where(seals.c.number == 3),
        delete(events).where(events.c.id > edge),
    )
    # Documented as not detectable without an anchor of a removed seal: what is left is whole.
    assert case.says() == []
    assert case.says((1, 2)) == []
    assert case.says((3,)) == ["外存凭证中的第 3 号封签不在日志里：封签及其覆盖的日志可能已被删去。"]


def test_what_no_seal_has_yet_can_be_removed(case: Case) -> None:
    case.sql(delete(events).where(events.c.chain == FILE, events.c.seq > case.sealed[2]))
    # Documented as not detectable: events behind the newest seal.
    assert case.says((3,)) == []


def test_an_edited_approval_or_schedule_is_not_the_logs_to_find_but_leaves_its_event(case: Case) -> None:
    archive, records = case.station.archive, case.station.records
    with archive.acting("test.schedule", records) as unit:
        unit.execute(
            insert(schedules),
            {"version": "2026-1", "body": "{}", "sha256": "0" * 64, "proposed_by": 5, "proposed_at": unit.at},
        )
        unit.log("schedule.submit", "schedule:1", detail={"schedule": "2026-1", "sha256": "0" * 64})
    case.seal()
    case.sql(update(schedules).values(body='{"G3": 1}', approved_by=4, approved_at="2026-11-01"))
    # The log verifies; that the row was edited shows against the event, whose hash of the body is sealed.
    assert case.says() == []
    with archive.data.reading() as connection:
        row = connection.execute(select(events.c.detail).where(events.c.action == "schedule.submit")).one()
    assert "0" * 64 in row.detail
    change_detail = update(events).where(events.c.action == "schedule.submit").values(detail="{}")
    case.sql(change_detail)
    assert len(case.says()) == 1


def test_replaced_seals_have_other_hashes(case: Case) -> None:
    """A thief cannot keep the anchor's hash: it covers the signature and every field."""
    with case.station.archive.looking(case.station.auditor) as unit:
        seal = stored_seals(unit)[0]
    assert seal_hash(replace(seal, signature=bytes(64))) != seal_hash(seal)
