"""One person, one file, one number: also when fifty people open it at once; corrections keep what was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from archives.errors import AlreadyThere, ArchiveError, InputRefused, SimilarPersons, StateForbids
from archives.numbering import explain_gap, next_number
from archives.people.files import accept, find_file
from archives.people.persons import (
    PersonFacts,
    amend,
    amendments_of,
    open_person,
    read_identity,
)
from archives.people.search import search
from archives.people.similarity import similar_persons
from archives.store.tables import amendments, files, numbers, persons
from archives.store.tables_people import events
from tests.archives.making import Station

ROOT = Path(__file__).parents[2]
ID_NUMBER = "11010519491231002X"
ONE = PersonFacts("样例甲", "男", "1949-12-31", "13900000001", ID_NUMBER, {"ethnicity": "汉族"})


def count(made: Station, table: object) -> int:
    with made.archive.looking(made.worker) as unit:
        return int(unit.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def opened(made: Station, facts: PersonFacts = ONE, **how: object) -> int:
    with made.archive.acting("person.open", made.worker) as unit:
        return open_person(unit, facts, **how).file  # type: ignore[arg-type]


def test_opening_gives_one_file_a_number_and_the_case_to_who_opens_it(both: Station) -> None:
    with both.archive.acting("person.open", both.worker) as unit:
        made = open_person(unit, ONE)
        assert (made.application_no, made.volume) == ("SQ-2026-0001", 1)
        assert find_file(unit, "sq-2026-0001").id == made.file
        assert read_identity(unit, made.person)["ethnicity"] == "汉族"


def test_the_same_id_number_is_the_same_person_however_it_is_written(both: Station) -> None:
    opened(both)
    again = PersonFacts("另一个名字", id_number=f" {ID_NUMBER.lower()} ")
    with pytest.raises(AlreadyThere, match="（SQ-2026-0001），一人只建一份档案"):
        opened(both, again, another=True)
    assert count(both, files) == 1


def _open_fifty(made: Station) -> Counter[str]:
    def one(number: int) -> str:
        facts = ONE if number % 2 == 0 else PersonFacts(f"样例{number}", id_number=f"{number:017d}X")
        try:
            opened(made, facts, another=True)
        except AlreadyThere:
            return "already there"
        return "opened"

    with ThreadPoolExecutor(25) as pool:
        return Counter(pool.map(one, range(50)))


def test_fifty_threads_open_one_person_once_and_nobody_else_fails(both: Station) -> None:
    assert _open_fifty(both) == {"opened": 26, "already there": 24}
    assert count(both, files) == count(both, persons) == 26
    with both.archive.looking(both.worker) as unit:
        given = unit.execute(select(numbers.c.number).order_by(numbers.c.number)).scalars().all()
    assert given == list(range(1, 27))


_PROCESSES = """
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from archives.archive import StationFacts
from archives.errors import AlreadyThere
from archives.home import Layout, Settings, open_archive
from archives.people.persons import PersonFacts, open_person
from archives.ports import Actor
from tests.archives.making import MASTER, StandingClock, seeded

folder, url, shared, seeds = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
children = []
for name in seeds:  # before anything is opened, and before there is a second thread
    children.append(os.fork())
    if not children[-1]:
        break
else:
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
seed = int(name)
layout = Layout(folder / "home", folder / "keys")
settings = Settings(StationFacts("S1", "样例站点", "PZ01"), "../keys", url)
archive = open_archive(layout, settings, MASTER, StandingClock(), seeded(seed))
def one(own):
    number = f"{seed:017d}X" if own else shared
    try:
        with archive.acting("person.open", Actor(1, 1, frozenset({"worker"}), "test")) as unit:
            open_person(unit, PersonFacts("样例甲", id_number=number), another=True)
    except AlreadyThere:
        return "already there"
    return "opened"
with ThreadPoolExecutor(10) as pool:
    told = Counter(pool.map(one, [0, 1] * 5 if seed % 2 else [0] * 10))
print(f"{told['opened']} {told['already there']}", flush=True)
archive.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forks: no fork here")
def test_five_processes_with_ten_threads_each_open_one_person_once(
    both: Station, tmp_path: Path, data_url: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PROCESSES, str(tmp_path), data_url, ID_NUMBER,
         *(str(seed) for seed in range(10, 15))],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told = [line.split() for line in ended.stdout.splitlines()]
    assert len(told) == 5
    # The seeds 11 and 13 also open one other person each, five times; every other try is the shared one.
    assert sum(int(opened) for opened, _ in told) == 3
    assert sum(int(refused) for _, refused in told) == 47
    assert count(both, files) == 3
    with both.archive.looking(both.worker) as unit:
        given = unit.execute(select(numbers.c.number).order_by(numbers.c.number)).scalars().all()
    assert given == [1, 2, 3]


def test_a_failed_act_leaves_no_gap_in_the_numbers(both: Station) -> None:
    with pytest.raises(AlreadyThere), both.archive.acting("person.open", both.worker) as unit:  # noqa: PT012
        open_person(unit, PersonFacts("样例乙"))
        open_person(unit, ONE)
        open_person(unit, ONE)
    opened(both)
    with both.archive.looking(both.worker) as unit:
        assert unit.execute(select(files.c.application_no)).scalar_one() == "SQ-2026-0001"


def test_numbers_in_many_threads_come_without_gap_and_without_double(both: Station) -> None:
    def take(_: int) -> int:
        with both.archive.acting("test.number", both.worker) as unit:
            return next_number(unit, "样例", "test")

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(take, range(64))) == list(range(1, 65))


def test_a_number_brought_along_is_passed_over_and_explained(both: Station) -> None:
    opened(both, application_no="SQ-2026-0001")
    opened(both, PersonFacts("样例丁"), another=True)
    with both.archive.looking(both.worker) as unit:
        found = unit.execute(select(files.c.application_no).order_by(files.c.id)).scalars().all()
        why = unit.execute(select(numbers.c.void_reason).order_by(numbers.c.number)).scalars().all()
    assert found == ["SQ-2026-0001", "SQ-2026-0002"]
    assert why == ["此号已由人工编号使用", None]


def test_a_gap_needs_its_reason(made: Station) -> None:
    opened(made)
    with made.archive.acting("test.gap", made.records) as unit, pytest.raises(InputRefused, match="必须说明"):
        explain_gap(unit, "application:2026", 1, " ")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (PersonFacts(" "), "姓名不能为空。"),
        (PersonFacts("样例\u202e甲"), "姓名含有不能保存的字符。"),
        (PersonFacts("样例甲", sex="不详"), "性别应为“男”或“女”。"),
        (PersonFacts("样例甲", birth_date="1990-02-30"), "出生日期不是有效的日期。"),
        (PersonFacts("样" * 101), "姓名超过 100 个字。"),
    ],
)
def test_what_cannot_be_a_person_is_refused_without_repeating_it(
    made: Station, facts: PersonFacts, sentence: str
) -> None:
    with pytest.raises(InputRefused) as told:
        opened(made, facts)
    assert told.value.message == sentence
    assert count(made, files) == 0


# --- similar persons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (PersonFacts("样例甲"), "姓名相同"),
        (PersonFacts("杨丽佳"), "姓名同音"),
        (PersonFacts("样甲", birth_date="1949-12-31"), "姓名相近、出生日期相同"),
        (PersonFacts("样例甲", birth_date="1949-12-31"), "姓名相同、出生日期相同"),
        (PersonFacts("别人", phone="139 0000 0001"), "电话相同"),
    ],
)
def test_without_an_id_number_who_may_be_the_same_is_named_by_number_and_reason(
    made: Station, facts: PersonFacts, reason: str
) -> None:
    opened(made, PersonFacts("样例甲", "男", "1949-12-31", "13900000001"))
    with pytest.raises(SimilarPersons) as told:
        opened(made, facts)
    assert told.value.message == f"可能已有档案：SQ-2026-0001（{reason}）。"
    assert opened(made, facts, another=True)


@pytest.mark.parametrize(
    "facts",
    [
        PersonFacts("王五"),
        PersonFacts("样例乙", birth_date="1950-01-01"),
        PersonFacts("李四", phone="0000001"),
    ],
)
def test_others_are_not_similar(made: Station, facts: PersonFacts) -> None:
    opened(made, PersonFacts("样例甲", "男", "1949-12-31", "13900000001"))
    assert opened(made, facts)


def test_among_many_namesakes_the_one_with_the_same_birthday_comes_first(both: Station) -> None:
    for day in range(1, 29):
        opened(both, PersonFacts("王伟", birth_date=f"1990-05-{day:02d}"), another=True)
    with both.archive.looking(both.worker) as unit:
        found = similar_persons(unit, "王玮", "1990-05-17", None)
    assert found[0].number == "SQ-2026-0017"
    assert found[0].reason == "姓名同音、出生日期相同"
    assert len(found) == 28


# --- amendments -------------------------------------------------------------------------------------------


def amended(made: Station, field: str, value: object, reason: str = "证件核对") -> None:
    with made.archive.acting("person.amend", made.worker) as unit:
        amend(unit, 1, field, value, reason)


def test_a_correction_keeps_the_old_value_who_and_why(both: Station) -> None:
    opened(both)
    amended(both, "name", "样例佳")
    amended(both, "ethnicity", "彝族", "本人更正")
    amended(both, "nickname", "阿甲")
    with both.archive.looking(both.worker) as unit:
        identity = read_identity(unit, 1)
        told = [(one.field, one.before, one.by, one.reason) for one in amendments_of(unit, 1)]
        stored = unit.execute(select(amendments.c.before, amendments.c.reason)).first()
    assert (identity["name"], identity["ethnicity"], identity["nickname"]) == ("样例佳", "彝族", "阿甲")
    assert told == [
        ("name", "样例甲", 1, "证件核对"),
        ("ethnicity", "汉族", 1, "本人更正"),
        ("nickname", None, 1, "证件核对"),
    ]
    assert stored is not None
    assert "样例甲".encode() not in bytes(stored.before) and "证件核对".encode() not in bytes(stored.reason)


def test_old_and_corrected_names_both_find_the_person_old_phones_do_not(both: Station) -> None:
    opened(both)
    amended(both, "name", "样例佳")
    amended(both, "phone", "13900000077")
    with both.archive.acting("person.search", both.worker) as unit:
        assert [len(search(unit, typed)) for typed in ("样例甲", "样例佳", "0077", "0001")] == [1, 1, 1, 1]
        assert [hit.number for hit in search(unit, "00000001")] == []


def test_an_id_number_cannot_be_corrected_to_somebody_elses(both: Station) -> None:
    opened(both)
    with both.archive.acting("person.open", both.worker) as unit:
        other = open_person(unit, PersonFacts("样例乙"))
    with pytest.raises(AlreadyThere), both.archive.acting("person.amend", both.worker) as unit:
        amend(unit, other.person, "id_number", ID_NUMBER, "补录")
    amended(both, "id_number", None, "录错")
    with both.archive.acting("person.amend", both.worker) as unit:
        amend(unit, other.person, "id_number", ID_NUMBER, "补录")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "x"),
        ("name", None, "x"),
        ("Name", "x", "x"),
        ("birth_date", "昨天", "x"),
        ("sex", "男", " "),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    made: Station, field: str, value: str | None, reason: str
) -> None:
    opened(made)
    with pytest.raises(InputRefused):
        amended(made, field, value, reason)
    assert count(made, amendments) == 0


def test_the_database_itself_holds_one_person_to_an_id_number(both: Station) -> None:
    opened(both)
    with pytest.raises(Exception, match=r"(?i)unique"), both.archive.data.writing("test.sql") as connection:
        connection.execute(
            text(
                "INSERT INTO persons (state, id_hash, opened_at, opened_by)"
                " SELECT state, id_hash, opened_at, opened_by FROM persons"
            )
        )


def test_messages_of_refusals_never_say_who(made: Station) -> None:
    opened(made)
    told = []
    for facts in (ONE, PersonFacts("样例甲", birth_date="1949-12-31")):
        with pytest.raises(ArchiveError) as refused:
            opened(made, facts)
        told.append(str(refused.value))
    assert all(word not in line for line in told for word in ("样例甲", ID_NUMBER, "1949"))


def test_every_act_is_an_event_on_the_files_chain(both: Station) -> None:
    file = opened(both)
    amended(both, "phone", "13900000002")
    with both.archive.acting("file.accept", both.worker) as unit:
        accept(unit, file, unit.today)
    with both.archive.looking(both.auditor) as unit:
        found = unit.execute(select(events.c.action).where(events.c.chain == file).order_by(events.c.seq))
        assert list(found.scalars()) == ["file.create", "person.amend", "file.accept"]


def test_a_merged_person_is_not_corrected(both: Station) -> None:
    from archives.people.merge import merge_files

    opened(both)
    opened(both, PersonFacts("样例乙"), another=True)
    with both.archive.acting("person.merge", both.records) as unit:
        merge_files(unit, 1, 2, "同一人")
    with pytest.raises(StateForbids), both.archive.acting("person.amend", both.worker) as unit:
        amend(unit, 2, "phone", "13900000002", "换号")
