# ruff: noqa: E501 - a statement of SQL is read as one line
"""Plain SQL against disposal, through the product's own connection: the guards of both databases refuse.

Who has the database key may also drop the guards; what is found then is a matter of the access log
(``test_log_attacks``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import IntegrityError

from archives.disposal.execution import execute
from archives.items.holds import place_hold, release_hold
from archives.people.persons import PersonFacts, open_person
from tests.archives.databases import BOTH
from tests.archives.disposing import add, appraised, approved, begun, refused, with_schedule
from tests.archives.making import Station, founded

AT = "2031-01-01T09:00:00.000+08:00"


class Case(NamedTuple):
    """The station under attack."""

    station: Station


def build(folder: Path, url: str) -> Case:
    """A list in each state from appraised to done, a held file, and somebody the lists do not touch."""
    made = with_schedule(founded(folder, data_url=url))
    ones = [refused(made, f"样例{n}", items=1) for n in range(1, 6)]
    with made.archive.acting("person.open", made.worker) as unit:
        other = open_person(unit, PersonFacts("别人样例"), another=True)
    add(made, other.file, 6)
    made.clock.pass_days(4 * 366)
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, ones[4].file, "complaint")
        released = place_hold(unit, ones[4].file, "audit")
        release_hold(unit, released)
    number = begun(made, ones[3].records)
    execute(made.archive, made.records, number)
    begun(made, ones[2].records)
    approved(made, ones[1].records)
    appraised(made, ones[0].records)
    return Case(made)


@pytest.fixture(scope="module", params=BOTH)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("attacked")
    url = request.getfixturevalue("databases")("attacked") if request.param == "postgresql" else ""
    made = build(folder, url)
    yield made
    made.station.archive.close()


DONE, EXECUTING, APPROVED, APPRAISED = 1, 2, 3, 4
"""Ids of the lists; their records are 4, 3, 2, 1; record 5 is held, 6 belongs to a running application."""
ITEM = (
    "INSERT INTO disposal_items (list_id, record_id, position, ref_code, form_id, title, document_date, "
    "retention_class, years, start_on, held_through, pages, paper_pages, content_sha256, opinion, state) VALUES "
)
NEW_LIST = (
    "INSERT INTO disposal_lists (ref_code, state, schedule_version, made_by, made_at)"
    " SELECT 'XH-2031-998', 'proposed', schedule_version, made_by, made_at FROM disposal_lists WHERE id = 1;"
)
NEW_ITEM = (
    ITEM.replace(
        "VALUES ", "SELECT id, 6, 1, 'x', 'x', 'x', 'x', 'G3', 3, 'x', 'x', 1, 0, 'x', NULL, 'proposed'"
    )
    + " FROM disposal_lists WHERE ref_code = 'XH-2031-998';"
)
KEPT = (
    "INSERT INTO overrides (record_id, kind, decided_on, list_id) VALUES (6, 'permanent', '2031-01-01', 4);"
)
GOING = "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 2;"
BEGUN = (
    "INSERT INTO disposal_executions (list_id, approver, executor, list_sha256, paper_items, paper_pages, at)"
    f" SELECT id, 4, 5, list_sha256, 1, 2, '{AT}' FROM disposal_lists WHERE id = 3;"
)
"""Steps that are allowed, before the one that is not."""
ATTACKS = {
    "destroy an item nobody approved": "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 4",
    "destroy an approved item without witnesses": (
        "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 3"
    ),
    "call an item destroyed that is not": "UPDATE disposal_items SET state = 'destroyed' WHERE list_id = 2",
    "bring a destroyed item back": "UPDATE disposal_items SET state = 'listed' WHERE list_id = 1",
    "give a destroyed item another day": "UPDATE disposal_items SET destroyed_at = '2020' WHERE list_id = 1",
    "list an item past its appraisal": ITEM + "(3, 6, 9, 'x', 'x', 'x', 'x', 'G3', 3, 'x', 'x', 1, 0, 'x',"
    " 'destroy', 'listed')",
    "put an item onto an approved list": ITEM + "(3, 6, 9, 'x', 'x', 'x', 'x', 'G3', 3, 'x', 'x', 1, 0, 'x',"
    " NULL, 'proposed')",
    "list a permanent class": ITEM + "(4, 6, 9, 'x', 'x', 'x', 'x', 'P', 3, 'x', 'x', 1, 0, 'x', NULL,"
    " 'proposed')",
    "exchange a listed item": "UPDATE disposal_items SET record_id = 6 WHERE list_id = 3",
    "rename a listed item": "UPDATE disposal_items SET title = 'x' WHERE list_id = 3",
    "shorten a listed period": "UPDATE disposal_items SET held_through = '2000-01-01' WHERE list_id = 3",
    "change a listed hash": "UPDATE disposal_items SET content_sha256 = 'x' WHERE list_id = 3",
    "change an opinion after the appraisal": "UPDATE disposal_items SET opinion_reason = 'x' WHERE list_id = 4",
    "take an item off a list": "DELETE FROM disposal_items WHERE list_id = 3",
    "remove a list": "DELETE FROM disposal_lists WHERE id = 4",
    "begin with an approved list": (
        "INSERT INTO disposal_lists (ref_code, state, schedule_version, made_by, made_at, list_sha256,"
        " not_before) SELECT 'XH-2031-999', 'approved', schedule_version, made_by, made_at, list_sha256,"
        " not_before FROM disposal_lists WHERE id = 3"
    ),
    "change the hash of a list": "UPDATE disposal_lists SET list_sha256 = 'x' WHERE id = 3",
    "shorten the waiting period": "UPDATE disposal_lists SET not_before = '2020-01-01' WHERE id = 3",
    "approve a list by hand": "UPDATE disposal_lists SET state = 'approved', not_before = '2020-01-01'"
    " WHERE id = 4",
    "execute a list by hand": "UPDATE disposal_lists SET state = 'executing' WHERE id = 3",
    "go back to the appraisal": "UPDATE disposal_lists SET state = 'proposed' WHERE id = 4",
    "open a finished list": "UPDATE disposal_lists SET state = 'executing' WHERE id = 1",
    "end a list with items left": "UPDATE disposal_lists SET state = 'done' WHERE id = 2",
    "give a list another maker": "UPDATE disposal_lists SET made_by = 1 WHERE id = 4",
    "approve as the maker": "INSERT INTO disposal_approvals SELECT id, made_by, list_sha256, made_at"
    " FROM disposal_lists WHERE id = 4",
    "approve without being the director": "INSERT INTO disposal_approvals SELECT id, 1, list_sha256, made_at"
    " FROM disposal_lists WHERE id = 4",
    "approve another content": "INSERT INTO disposal_approvals VALUES (4, 4, 'x', 'x')",
    "exchange the approver": "UPDATE disposal_approvals SET approver = 3",
    "remove an approval": "DELETE FROM disposal_approvals WHERE list_id = 3",
    "execute as the approver": "INSERT INTO disposal_executions (list_id, approver, executor, list_sha256,"
    f" paper_items, paper_pages, at) SELECT id, 4, 4, list_sha256, 1, 2, '{AT}' FROM disposal_lists"
    " WHERE id = 3",
    "execute without being the records officer": "INSERT INTO disposal_executions (list_id, approver, executor,"
    f" list_sha256, paper_items, paper_pages, at) SELECT id, 4, 1, list_sha256, 1, 2, '{AT}'"
    " FROM disposal_lists WHERE id = 3",
    "execute before the waiting period is over": "INSERT INTO disposal_executions (list_id, approver, executor,"
    " list_sha256, paper_items, paper_pages, at) SELECT id, 4, 5, list_sha256, 1, 2, '2029-01-01T'"
    " FROM disposal_lists WHERE id = 3",
    "execute what was not approved": "INSERT INTO disposal_executions (list_id, approver, executor,"
    f" list_sha256, paper_items, paper_pages, at) SELECT id, 4, 5, list_sha256, 1, 2, '{AT}'"
    " FROM disposal_lists WHERE id = 4",
    "witness as the executor": f"INSERT INTO disposal_witnesses VALUES (2, 5, 4, 5, 'password', '{AT}')",
    "witness as the approver": f"INSERT INTO disposal_witnesses VALUES (2, 4, 4, 5, 'password', '{AT}')",
    "witness twice": f"INSERT INTO disposal_witnesses VALUES (2, 8, 4, 5, 'password', '{AT}')",
    "witness with another executor": f"INSERT INTO disposal_witnesses VALUES (2, 1, 4, 3, 'password', '{AT}')",
    "witness after the act": f"INSERT INTO disposal_witnesses VALUES (1, 1, 4, 5, 'password', '{AT}')",
    "exchange a witness": "UPDATE disposal_witnesses SET witness = 1 WHERE witness = 8",
    "sign an appraisal that is over": f"INSERT INTO appraisals VALUES (3, 2, 'x', '{AT}')",
    "list a held item": "INSERT INTO disposal_lists (ref_code, state, schedule_version, made_by, made_at)"
    " SELECT 'XH-2031-998', 'proposed', schedule_version, made_by, made_at FROM disposal_lists WHERE id = 1;"
    + ITEM + "(5, 5, 1, 'x', 'x', 'x', 'x', 'G3', 3, 'x', 'x', 1, 0, 'x', NULL, 'proposed')",
    "remove a hold": "DELETE FROM holds WHERE released_at IS NULL",
    "move a hold": "UPDATE holds SET file_id = 6 WHERE released_at IS NULL",
    "narrow a hold to one record": "UPDATE holds SET record_id = 6 WHERE released_at IS NULL",
    "release a hold with another day": "UPDATE holds SET released_at = '2020' WHERE released_at IS NOT NULL",
    "move a record out of a held file": "UPDATE records SET file_id = 6 WHERE id = 5",
    "give a record another form": "UPDATE records SET form_id = 'activity_record' WHERE id = 6",
    "cut a record from its key": "UPDATE records SET item_key = NULL WHERE id = 6",
    "call a record destroyed": "UPDATE records SET state = 'destroyed', item_key = NULL WHERE id = 6",
    "destroy a record past its list": "UPDATE records SET state = 'destroying' WHERE id = 2",
    "bring a destroyed record back": "UPDATE records SET state = 'final' WHERE id = 4",
    "remove a record": "DELETE FROM records WHERE id = 6",
    "remove what a record says": "DELETE FROM revisions WHERE record_id = 6",
    "overwrite what a record says": "UPDATE revisions SET payload = 'x' WHERE record_id = 6",
    "destroy a document by itself": "UPDATE documents SET state = 'destroying', blob = NULL WHERE record_id = 2",
    "take a document from its record": "UPDATE documents SET record_id = NULL WHERE record_id = 2",
    "put a document under destruction": "INSERT INTO documents (file_id, record_id, kind, state, media_type,"
    " pages, size, sha256, at, \"by\") VALUES (3, 3, 'scan', 'present', 'application/pdf', 1, 1, 'x', 'x', 1)",
    "write into what is being destroyed": "INSERT INTO revisions (record_id, number, form_version, state,"
    " payload, at, \"by\") VALUES (3, 2, 1, 'final', 'x', 'x', 1)",
    "raise a tombstone over the living": f"INSERT INTO tombstones VALUES (6, 'x', 'x', 'x', 'x', 3, '{AT}',"
    " '[]', '[]')",
    "remove a tombstone": "DELETE FROM tombstones",
    "change a tombstone": "UPDATE tombstones SET item_keys = '[]'",
    "forget a person whose papers are here": f"INSERT INTO forgotten VALUES (6, 6, 1, '{AT}', '[]');"
    "UPDATE persons SET state = 'gone', id_hash = NULL, name = NULL, identity = NULL WHERE id = 6",
    "remove a forgotten person's proof": "DELETE FROM forgotten",
    "bring a forgotten person back": "UPDATE persons SET state = 'present' WHERE state = 'gone'",
    "bring a destroyed file back": "UPDATE files SET state = 'open' WHERE state = 'destroyed'",
    "cut a file from its notes": "UPDATE files SET note_key = NULL WHERE id = 6",
    "date a refusal back": "UPDATE volumes SET outcome_on = '2001-01-01' WHERE outcome_on IS NOT NULL",
    "make a prolonged item due": KEPT + "UPDATE overrides SET years = 1",
    "take back an opinion": KEPT + "DELETE FROM overrides",
    "list what an appraisal made permanent": KEPT + NEW_LIST + NEW_ITEM,
    "forget a key of a forgotten person": "UPDATE forgotten SET item_keys = '[]'",
    "sign for another": "UPDATE appraisals SET staff_id = 2 WHERE list_id = 4 AND staff_id = 1",
    "remove a signature": "DELETE FROM appraisals WHERE list_id = 4",
    "date an approval back": "UPDATE disposal_approvals SET at = '2020' WHERE list_id = 3",
    "recount the paper": "UPDATE disposal_executions SET paper_pages = 0 WHERE list_id = 2",
    "undo the opening of an execution": BEGUN + "DELETE FROM disposal_executions WHERE list_id = 3",
    "destroy without witnesses": BEGUN + "UPDATE disposal_lists SET state = 'executing' WHERE id = 3;"
    "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 3",
    "remove a witness": "DELETE FROM disposal_witnesses WHERE list_id = 2",
    "appraise a list without a group": NEW_LIST
    + "UPDATE disposal_lists SET state = 'appraised', list_sha256 = 'x' WHERE ref_code = 'XH-2031-998'",
    "remove a list without items": NEW_LIST + "DELETE FROM disposal_lists WHERE ref_code = 'XH-2031-998'",
    "list an item of a withdrawn list": NEW_LIST + NEW_ITEM
    + "UPDATE disposal_lists SET state = 'withdrawn' WHERE ref_code = 'XH-2031-998';"
    "UPDATE disposal_items SET state = 'listed', opinion = 'destroy' WHERE record_id = 6",
    "destroy what is held": f"INSERT INTO holds (file_id, reason, owner, placed_at) VALUES (3, 'audit', 4, '{AT}');"
    "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 2",
    "destroy what is lent": "INSERT INTO loans (ref_code, file_id, borrower, purpose, approver, lender, lent_on,"
    " due_on, pages) VALUES ('x', 3, 1, 'quality', 4, 5, '2031-01-01', '2031-01-02', 1);"
    "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 2",
    "destroy what an appraisal made permanent": KEPT.replace("(6,", "(3,")
    + "UPDATE disposal_items SET state = 'destroying' WHERE list_id = 2",
    "call an item destroyed without its proof": GOING + "UPDATE disposal_items SET state = 'destroyed' WHERE list_id = 2",
    "call a record destroyed without its proof": GOING + "UPDATE records SET state = 'destroying' WHERE id = 3;"
    "UPDATE records SET state = 'destroyed', item_key = NULL WHERE id = 3",
    "remove a one-time code": "INSERT INTO witness_credentials (list_id, staff_id, list_sha256, verifier,"
    f" made_at, valid_until, tries) VALUES (3, 9, 'x', 'x', '{AT}', '{AT}', 0);DELETE FROM witness_credentials",
    "move an unnumbered record out of a held file": "UPDATE records SET file_id = 6, item_no = NULL WHERE id = 5",
    "remove a record that says nothing": "INSERT INTO records (file_id, form_id, title, state, added_at, added_by)"
    f" VALUES (6, 'x', 'x', 'draft', '{AT}', 1);DELETE FROM records WHERE form_id = 'x'",
    "remove a document": "DELETE FROM documents WHERE record_id = 2",
    "move a document under destruction": "INSERT INTO documents (file_id, kind, state, media_type, pages, size,"
    " sha256, at, \"by\") VALUES (3, 'scan', 'present', 'x', 1, 1, 'x', 'x', 1);"
    "UPDATE documents SET record_id = 3 WHERE sha256 = 'x'",
    "bring a destroyed document back": "UPDATE documents SET state = 'present' WHERE record_id = 4",
    "place a hold that is over": "INSERT INTO holds (file_id, reason, owner, placed_at, released_at, released_by)"
    f" VALUES (3, 'audit', 4, '{AT}', '{AT}', 4)",
    "put a fact under destruction": "INSERT INTO facts VALUES (3, 'x', 'x')",
    "change a schedule in force": "UPDATE schedules SET body = '{}'",
    "use a one-time code again": "INSERT INTO witness_credentials (list_id, staff_id, list_sha256, verifier,"
    f" made_at, valid_until, tries, used_at) VALUES (3, 9, 'x', 'x', '{AT}', '{AT}', 5, '{AT}');"
    "UPDATE witness_credentials SET used_at = NULL, tries = 0",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_the_database_refuses(name: str, case: Case) -> None:
    before = lists_of(case)
    with pytest.raises(IntegrityError):
        run(case, ATTACKS[name])
    assert lists_of(case) == before


def run(case: Case, statements: str) -> None:
    with case.station.archive.data.writing("test.attack") as connection:
        for statement in filter(None, statements.split(";")):
            connection.execute(text(statement))


def lists_of(case: Case) -> list[object]:
    with case.station.archive.data.reading() as connection:
        return [
            connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).fetchall()
            for table in ("disposal_lists", "disposal_items", "holds", "tombstones", "persons")
        ]


def test_the_lists_are_as_the_attacks_suppose(case: Case) -> None:
    """Else an attack would be refused for finding nothing."""
    with case.station.archive.data.reading() as connection:
        rows = connection.execute(
            text("SELECT l.id, l.state, i.record_id, i.state FROM disposal_lists l"
                 " JOIN disposal_items i ON i.list_id = l.id ORDER BY l.id")
        ).fetchall()  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (DONE, "done", 4, "destroyed"), (EXECUTING, "executing", 3, "listed"),
        (APPROVED, "approved", 2, "listed"), (APPRAISED, "appraised", 1, "listed"),
    ]  # fmt: skip


def test_replacing_a_row_passes_no_guard(tmp_path: Path) -> None:
    """SQLite's REPLACE removes rows without asking, unless triggers may call triggers."""
    made = build(tmp_path, "")
    for statement in (
        "REPLACE INTO disposal_approvals VALUES (3, 3, 'x', 'x')",
        "REPLACE INTO events SELECT id, chain, seq, at, user, staff, role, 'login', subject, purpose, approval,"
        " client, result, detail, note_sha256, hash FROM events WHERE id = 1",
        "INSERT OR REPLACE INTO tombstones SELECT record_id, ref_code, form_id, 'x', content_sha256, list_id,"
        " destroyed_at, item_keys, blobs FROM tombstones",
        "UPDATE OR REPLACE disposal_items SET position = 1, title = 'x'",
    ):
        with pytest.raises(IntegrityError), made.station.archive.data.writing("test.attack") as connection:
            connection.execute(text(statement))


SECOND_LINE = {"items_destroying_approved"}
"""Guards whose cases others refuse before them."""


def test_no_guard_is_there_without_an_attack_that_only_it_refuses(tmp_path: Path) -> None:
    """Each guard is dropped in turn; without it one of the attacks must come through."""
    from archives.store.guards_disposal import DISPOSAL_GUARDS

    data = build(tmp_path, "").station.archive.data
    idle = set()
    with data.writing("attack") as connection:
        for guard in DISPOSAL_GUARDS:
            without = text(f"DROP TRIGGER guard_{guard.name}")
            # An attack that does not touch its table is refused by others, with it or without it.
            touching = (attack for attack in ATTACKS.values() if guard.table in attack)
            if not any(comes_through(connection, without, attack) for attack in touching):
                idle.add(guard.name)
    assert idle == SECOND_LINE


def comes_through(connection: Connection, without: TextClause, attack: str) -> bool:
    with connection.begin_nested() as transaction:
        connection.execute(without)
        try:
            for statement in filter(None, attack.split(";")):
                connection.execute(text(statement))
        except IntegrityError:
            return False
        finally:
            transaction.rollback()
    return True
