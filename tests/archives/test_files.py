"""The way of a file: application, acceptance, episodes, filing, series; each step once and in its order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from archives.archive import Unit
from archives.errors import AlreadyThere, ArchiveError, InputRefused, NotFound, StateForbids
from archives.items.lists import items_of
from archives.items.records import Content, add_record, mark_signed
from archives.numbering import REF_CODE
from archives.people.files import (
    accept,
    assign,
    close_case,
    current_volume,
    end_application,
    file_away,
    file_facts,
    find_file,
    numbers_of,
    place,
    restrict,
    unrestrict,
)
from archives.people.persons import PersonFacts, open_person
from archives.people.reopening import reopen
from archives.people.series import series_file
from archives.store.tables import files, placements
from archives.store.tables_people import assignments, events
from tests.archives.making import Station


@pytest.fixture
def one(both: Station) -> Station:
    """File 1, an application."""
    act(both, lambda unit: open_person(unit, PersonFacts("样例甲")))
    return both


def act(made: Station, what: Callable[[Unit], object], who: str = "worker") -> object:
    with made.archive.acting("test.act", getattr(made, who)) as unit:
        return what(unit)


def test_acceptance_gives_the_reference_code_the_case_number_and_numbers_the_items(one: Station) -> None:
    act(one, lambda unit: add_record(unit, 1, Content("application_b", 1, "个案申请表", b"{}")))
    code = act(one, lambda unit: accept(unit, 1, date(2025, 12, 30)))
    assert code == "PZ01-FW·GA-2025-Y-0001"
    with one.archive.looking(one.worker) as unit:
        assert current_volume(unit, 1).case_no == "GA-2026-0001"
        assert items_of(unit, 1)[0].ref_code == "PZ01-FW·GA-2025-Y-0001-001"
        assert REF_CODE.match(items_of(unit, 1)[0].ref_code or "")
        assert set(numbers_of(unit, 1)) == {"GA-2026-0001", "SQ-2026-0001"}


@pytest.mark.parametrize(
    "typed",
    ["PZ01-FW·GA-2026-Y-0001", " pz01-fw_ga-2026-y-0001 ", "GA-2026-0007", "ga-2026-0007", "SQ-2026-0001"],
)
def test_any_of_its_numbers_names_the_file(one: Station, typed: str) -> None:
    act(one, lambda unit: accept(unit, 1, unit.today, "GA-2026-0007"))
    with one.archive.looking(one.worker) as unit:
        assert find_file(unit, typed).id == 1


@pytest.mark.parametrize("typed", ["", "1", "GA-2026-0008", "../1", "PZ01-FW·GA-2026-Y-000", "'"])
def test_other_numbers_name_nothing(one: Station, typed: str) -> None:
    with one.archive.looking(one.worker) as unit, pytest.raises(NotFound):
        find_file(unit, typed)


@pytest.mark.parametrize(
    ("what", "error", "sentence"),
    [
        (lambda unit: accept(unit, 1, unit.today + timedelta(days=1)), InputRefused, "不能晚于今天"),
        (lambda unit: accept(unit, 1, unit.today, "GA-1"), InputRefused, "GA-2026-0001 的样子"),
        (lambda unit: close_case(unit, 1, unit.today), StateForbids, "没有接案，不能结案"),
        (lambda unit: file_away(unit, 1), StateForbids, "还有进行中的服务"),
        (lambda unit: reopen(unit, 1, "再次来站"), StateForbids, "上一次服务还没有结束"),
        (lambda unit: unrestrict(unit, 1, "rights:1"), StateForbids, "没有封存"),
        (lambda unit: accept(unit, 9, unit.today), NotFound, "没有这份档案"),
        (lambda unit: place(unit, 1, "", "2", "3"), InputRefused, "柜不能为空"),
    ],
)
def test_a_step_out_of_order_is_refused_and_leaves_nothing(
    made: Station, what: Callable[[Unit], object], error: type[ArchiveError], sentence: str
) -> None:
    act(made, lambda unit: open_person(unit, PersonFacts("样例甲")))
    with pytest.raises(error, match=sentence):
        act(made, what)
    with made.archive.looking(made.worker) as unit:
        of_file = select(events.c.action).where(events.c.chain == 1)
        assert unit.execute(of_file).scalars().all() == ["file.create"]
        assert file_facts(unit, 1).ref_code is None


def test_a_case_number_is_used_once(one: Station) -> None:
    act(one, lambda unit: open_person(unit, PersonFacts("样例乙")))
    act(one, lambda unit: accept(unit, 1, unit.today, "GA-2026-0001"))
    with pytest.raises(AlreadyThere, match="个案编号已经用过"):
        act(one, lambda unit: accept(unit, 2, unit.today, "GA-2026-0001"))
    act(one, lambda unit: accept(unit, 2, unit.today))
    with one.archive.looking(one.worker) as unit:
        assert current_volume(unit, 2).case_no == "GA-2026-0002"


def test_thirty_acceptances_at_once_number_the_files_without_gap(both: Station) -> None:
    for number in range(30):
        act(both, partial(open_person, facts=PersonFacts(f"样{number}"), another=True))
    with ThreadPoolExecutor(15) as pool:
        codes = list(
            pool.map(lambda file: act(both, lambda unit: accept(unit, file, unit.today)), range(1, 31))
        )
    assert sorted(map(str, codes)) == [f"PZ01-FW·GA-2026-Y-{number:04d}" for number in range(1, 31)]


def test_the_same_file_is_accepted_once_however_many_try(both: Station) -> None:
    act(both, lambda unit: open_person(unit, PersonFacts("样例甲")))

    def attempt(_: int) -> bool:
        try:
            act(both, lambda unit: accept(unit, 1, unit.today))
        except AlreadyThere:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_a_later_episode_is_a_volume_of_the_same_file(one: Station) -> None:
    act(one, lambda unit: accept(unit, 1, unit.today))
    act(one, lambda unit: close_case(unit, 1, unit.today))
    act(one, lambda unit: file_away(unit, 1), "records")
    assert act(one, lambda unit: reopen(unit, 1, "再次来站"), "records") == 2
    act(one, lambda unit: accept(unit, 1, unit.today))
    act(one, lambda unit: add_record(unit, 1, Content("record_e", 1, "第1次", b"{}")))
    with one.archive.looking(one.worker) as unit:
        assert file_facts(unit, 1).ref_code == "PZ01-FW·GA-2026-Y-0001"
        assert current_volume(unit, 1).case_no == "GA-2026-0002"
        assert items_of(unit, 1)[0].ref_code == "PZ01-FW·GA-2026-Y-0001·2-001"


def test_filing_archives_what_is_signed_or_needs_no_signature(one: Station) -> None:
    act(one, lambda unit: accept(unit, 1, unit.today))
    for title in ("已签", "不需签", "未签"):
        act(one, partial(add_record, file_id=1, content=Content("record_e", 1, title, b"{}")))
    act(one, lambda unit: mark_signed(unit, 1))
    act(one, lambda unit: close_case(unit, 1, unit.today))
    act(one, lambda unit: file_away(unit, 1, complete=[2]), "records")
    with one.archive.looking(one.worker) as unit:
        assert [item.state for item in items_of(unit, 1)] == ["archived", "archived", "final"]
    with pytest.raises(StateForbids, match="已归档"):
        act(one, lambda unit: add_record(unit, 1, Content("record_e", 1, "晚到", b"{}")))


def test_a_draft_keeps_a_file_from_being_filed(one: Station) -> None:
    act(one, lambda unit: add_record(unit, 1, Content("record_e", 1, "草稿", b"{}", "draft")))
    act(one, lambda unit: end_application(unit, 1, unit.today, "rejected"))
    with pytest.raises(StateForbids, match="还有 1 件草稿"):
        act(one, lambda unit: file_away(unit, 1), "records")


def test_sealing_stops_everything_but_storage_until_it_is_lifted(one: Station) -> None:
    act(one, lambda unit: restrict(unit, 1, "rights:1"), "director")
    for what in (
        lambda unit: add_record(unit, 1, Content("record_e", 1, "第1次", b"{}")),
        lambda unit: accept(unit, 1, unit.today),
        lambda unit: restrict(unit, 1, "rights:2"),
    ):
        with pytest.raises(StateForbids):
            act(one, what)
    act(one, lambda unit: unrestrict(unit, 1, "rights:1"), "director")
    act(one, lambda unit: accept(unit, 1, unit.today))


def test_the_last_place_and_the_last_worker_hold(one: Station) -> None:
    act(one, lambda unit: place(unit, 1, "1", "2", "3"), "records")
    act(one, lambda unit: place(unit, 1, "9", "2", "3"), "records")
    act(one, lambda unit: assign(unit, 1, 2), "supervisor")
    with one.archive.looking(one.worker) as unit:
        assert unit.execute(select(placements.c.cabinet).order_by(placements.c.id)).scalars().all() == [
            "1",
            "9",
        ]
        owners = unit.execute(select(assignments.c.staff_id, assignments.c.to_on).order_by(assignments.c.id))
        assert [tuple(row) for row in owners] == [(1, "2026-11-22"), (2, None)]


# --- site series ------------------------------------------------------------------------------------------


def test_a_series_is_opened_once_a_year_when_it_is_first_needed(both: Station) -> None:
    def opened(_: int) -> object:
        return act(both, lambda unit: series_file(unit, "YW", 2026).id)

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(opened, range(24)))) == 1
    act(both, lambda unit: series_file(unit, "YW", 2025))
    with both.archive.looking(both.worker) as unit:
        codes = unit.execute(select(files.c.ref_code).order_by(files.c.id)).scalars().all()
        made = unit.execute(select(events.c.action).where(events.c.action == "file.create")).scalars().all()
    assert codes == ["PZ01-FW·YW-2026-D3", "PZ01-FW·YW-2025-D3"]
    assert len(made) == 2


def test_items_of_a_series_have_four_digits(both: Station) -> None:
    file = act(both, lambda unit: series_file(unit, "TS", 2026).id)
    act(both, lambda unit: add_record(unit, int(str(file)), Content("activity_record", 1, "活动记录", b"{}")))
    with both.archive.looking(both.worker) as unit:
        assert items_of(unit, int(str(file)))[0].ref_code == "PZ01-FW·TS-2026-Y-0001"


@pytest.mark.parametrize(("series", "year"), [("XX", 2026), ("YW", 1999), ("YW", 2028)])
def test_other_series_and_years_are_refused(made: Station, series: str, year: int) -> None:
    with pytest.raises(InputRefused):
        act(made, lambda unit: series_file(unit, series, year))
