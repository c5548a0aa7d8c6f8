"""What may be on a list of disposal and what stays of it: periods, appraisal, approval, waiting, holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from archives.disposal.appraisal import finish_appraisal, set_opinion, sign_appraisal
from archives.disposal.approval import approve_list, withdraw_list
from archives.disposal.credentials import issue_credential, use_credential
from archives.disposal.execution import PaperCount, Witness, begin, execute
from archives.disposal.lists import entries, find_list, list_facts, opinions_hash
from archives.disposal.plan import decisions_for
from archives.disposal.rehearsal import rehearse
from archives.duties.loans import Terms, lend
from archives.errors import (
    AlreadyThere,
    DisposalRefused,
    InputRefused,
    ListChanged,
    NotYet,
    StateForbids,
    WitnessRefused,
)
from archives.items.holds import place_hold
from archives.items.records import Content, add_record, read_record, revise
from archives.keys.wrapping import Cost
from archives.log.purposes import Purpose
from archives.people.files import accept, close_case, end_application
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, open_person
from archives.people.reopening import reopen
from archives.store.tables import files, persons
from archives.store.tables_duties import disposal_items
from archives.store.tables_people import staff
from tests.archives.disposing import (
    SECRET,
    YEARS,
    add,
    appraised,
    approved,
    begun,
    due,
    open_execution,
    proposed,
    refused,
    states,
    with_schedule,
)
from tests.archives.making import Station, station


@pytest.fixture
def made(tmp_path: Path) -> Station:
    return with_schedule(station(tmp_path))


def test_one_item_that_may_not_go_refuses_the_whole_list(made: Station) -> None:
    _, ids = due(made)
    with made.archive.acting("person.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts("李样例"), another=True)
        accept(unit, opened.file, unit.today, "GA-2030-0001")
        kept = add_record(unit, opened.file, Content("application_b", 1, "个案申请表", b"{}"))
    with pytest.raises(
        DisposalRefused, match="整份清册不予受理：1 件不能销毁，其中 PZ01-FW·GA-2030-Y-0001-001"
    ):
        proposed(made, [*ids, kept])
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(disposal_items)).all() == []


def test_a_merged_case_makes_the_application_permanent(made: Station) -> None:
    """T20 reaches papers that came with another file."""
    one = refused(made, items=1)
    with made.archive.acting("person.open", made.worker) as unit:
        other = open_person(unit, PersonFacts("李样例"), another=True)
        accept(unit, other.file, unit.today, "GA-2026-0001")
        close_case(unit, other.file, unit.today)
    with made.archive.acting("person.merge", made.records) as unit:
        merge_files(unit, other.file, one.file, "同一人")
    made.clock.pass_days(YEARS)
    with made.archive.looking(made.records) as unit:
        assert decisions_for(unit, one.records, unit.today)[one.records[0]].status == "permanent"


def test_a_brief_service_counts_from_its_end(made: Station) -> None:
    with made.archive.acting("person.open", made.worker) as unit:
        opened = open_person(unit, PersonFacts("周样例"), another=True)
    record = add(made, opened.file, 1, form="record_e")
    with made.archive.acting("file.end", made.worker) as unit:
        end_application(unit, opened.file, unit.today, "served_briefly")
    made.clock.pass_days(3 * 365)
    with made.archive.looking(made.records) as unit:
        assert decisions_for(unit, [record], unit.today)[record].status == "retained"
        assert decisions_for(unit, [record], date(2030, 1, 1))[record].status == "eligible"


def test_opinions_changed_after_a_signature_are_signed_again(made: Station) -> None:
    _, ids = due(made)
    number = proposed(made, ids)
    with made.archive.acting("disposal.appraise", made.records) as unit:
        for record in ids:
            set_opinion(unit, number, record, "destroy", "期满")
        first = opinions_hash(unit, number)
        sign_appraisal(unit, number, first)
        set_opinion(unit, number, ids[0], "prolong", "仍有查考价值", 2)
    with pytest.raises(ListChanged), made.archive.acting("disposal.sign", made.director) as unit:
        sign_appraisal(unit, number, first)
    for actor in (made.records, made.supervisor, made.director):
        with made.archive.acting("disposal.sign", actor) as unit:
            signed = sign_appraisal(unit, number, opinions_hash(unit, number))
    assert signed == 3
    with pytest.raises(AlreadyThere), made.archive.acting("disposal.sign", made.records) as unit:
        sign_appraisal(unit, number, opinions_hash(unit, number))
    with made.archive.acting("disposal.finish", made.records) as unit:
        finish_appraisal(unit, number)
    assert states(made, number) == ["kept", "listed"]
    with made.archive.looking(made.records) as unit:
        kept = decisions_for(unit, ids, unit.today)[ids[0]]
        assert kept.status == "retained" and kept.held_through == date(2032, 12, 31)


@pytest.mark.parametrize(
    ("signing", "sentence"),
    [
        (("records", "director"), "鉴定小组至少 3 人签字，现在 2 人。"),
        (("records", "worker", "worker2"), "鉴定小组中还缺机构负责人的签字。"),
        (("director", "worker", "worker2"), "鉴定小组中还缺档案员的签字。"),
        (("director", "records", "auditor"), "鉴定小组中还缺业务人员（社工或督导）的签字。"),
    ],
)
def test_the_appraisal_group_has_every_part(made: Station, signing: tuple[str, ...], sentence: str) -> None:
    _, ids = due(made)
    number = proposed(made, ids)
    with made.archive.acting("disposal.appraise", made.records) as unit:
        for record in ids:
            set_opinion(unit, number, record, "destroy", "期满")
    for name in signing:
        with made.archive.acting("disposal.sign", getattr(made, name)) as unit:
            sign_appraisal(unit, number, opinions_hash(unit, number))
    with pytest.raises(StateForbids) as told, made.archive.acting("disposal.finish", made.records) as unit:
        finish_appraisal(unit, number)
    assert told.value.message == sentence


def test_an_appraisal_that_keeps_everything_withdraws_the_list(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = appraised(made, ids, keep=ids)
    assert sha256 == ""
    with made.archive.looking(made.records) as unit:
        assert list_facts(unit, number).state == "withdrawn"
        assert {one.status for one in decisions_for(unit, ids, unit.today).values()} == {"permanent"}


def test_a_withdrawn_list_frees_its_items(made: Station) -> None:
    _, ids = due(made)
    number, _ = approved(made, ids)
    with pytest.raises(AlreadyThere, match="已在另一份清册中"):
        proposed(made, ids)
    with made.archive.acting("disposal.withdraw", made.records) as unit:
        withdraw_list(unit, number)
    again = proposed(made, ids)
    with made.archive.looking(made.records) as unit:
        assert [row.ref_code for row in entries(unit, number)] == [
            row.ref_code for row in entries(unit, again)
        ]
        assert find_list(unit, "xh-2030-002").id == find_list(unit, "JD-2030-002").id == again


def test_the_waiting_period_is_waited_for(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = appraised(made, ids)
    with made.archive.acting("disposal.approve", made.director) as unit:
        assert (approve_list(unit, number, sha256) - unit.today).days == 7
    made.clock.pass_days(6)
    with pytest.raises(NotYet, match="批准后的等待期到"):
        open_execution(made, number, sha256)
    made.clock.pass_days(1)
    open_execution(made, number, sha256)


def test_a_list_changed_behind_the_program_is_not_executed(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.data.writing("test.attack") as connection:
        connection.execute(text("DROP TRIGGER guard_items_as_listed"))
        connection.execute(update(disposal_items).values(title="别的"))
    with pytest.raises(ListChanged, match="清册内容与批准时不一致"):
        open_execution(made, number, sha256)


def test_the_papers_of_who_was_accepted_later_are_permanent_and_refuse_the_list(made: Station) -> None:
    file, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.acting("file.reopen", made.worker) as unit:
        reopen(unit, file, "再次来站")
        accept(unit, file, unit.today, "GA-2030-0001")
        close_case(unit, file, unit.today)
    with pytest.raises(DisposalRefused, match="整份清册不予受理：2 件应永久保存"):
        open_execution(made, number, sha256)
    with made.archive.looking(made.records) as unit:
        assert "2 件应永久保存" in "".join(rehearse(unit, number).obstacles)


@pytest.mark.parametrize(("items", "pages"), [(1, 1), (0, 0), (2, 2)])
def test_paper_that_does_not_add_up_stops_the_execution(made: Station, items: int, pages: int) -> None:
    _, ids = due(made)
    number, sha256 = approved(made, ids)
    with pytest.raises(InputRefused, match=f"清点为 {items} 件 {pages} 页，清册为 1 件 2 页"), \
            made.archive.acting("disposal.begin", made.records) as unit:  # fmt: skip
        begin(unit, number, sha256, "粉碎", "档案室", PaperCount(items, pages),
              (Witness(8, "password"), Witness(9, "password")))  # fmt: skip


def test_a_witness_from_outside_proves_himself_by_a_code_used_once(made: Station) -> None:
    _, ids = due(made)
    number, _ = approved(made, ids)
    with made.archive.acting("test.outside", made.admin) as unit:
        unit.execute(update(staff).where(staff.c.id == 9).values(outside=1))
    with made.archive.acting("disposal.credential", made.director) as unit:
        code = issue_credential(unit, number, 9, cost=Cost(8, 1, 1))
    with pytest.raises(InputRefused), made.archive.acting("disposal.credential", made.director) as unit:
        issue_credential(unit, number, 8, cost=Cost(8, 1, 1))
    with pytest.raises(WitnessRefused, match="还可以试 4 次"):
        use_credential(made.archive, made.records, number, 9, "AAAAA-AAAAA")
    use_credential(made.archive, made.records, number, 9, code)
    with pytest.raises(WitnessRefused, match="已经用过"):
        use_credential(made.archive, made.records, number, 9, code)
    with pytest.raises(WitnessRefused, match="没有给人员 #8 签发过"):
        use_credential(made.archive, made.records, number, 8, code)


@pytest.mark.parametrize("whole_file", [True, False])
def test_a_hold_placed_during_the_waiting_period_wins(made: Station, whole_file: bool) -> None:
    file, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, file, "complaint", record=None if whole_file else ids[0])
    with made.archive.looking(made.records) as unit:
        assert len(rehearse(unit, number).destroy) == (0 if whole_file else 1)
    open_execution(made, number, sha256)
    progress = execute(made.archive, made.records, number)
    assert [one.because for one in progress.stayed] == ["held"] * (2 if whole_file else 1)
    assert "因投诉自2030年12月3日起冻结" in progress.stayed[0].sentence
    with made.archive.acting("test.read", made.records) as unit:
        assert SECRET in read_record(unit, ids[0])[2].decode()
        assert list_facts(unit, number).state == "done"
        assert unit.execute(select(persons.c.state)).scalar() == "present"


def test_a_hold_on_an_extract_holds_the_sheet_about_many(made: Station) -> None:
    with made.archive.acting("test.series", made.worker) as unit:
        series = unit.execute(
            files.insert(),
            {"kind": "series", "series": "YW", "year": 2026, "state": "open", "opened_at": unit.at,
             "ref_code": "PZ01-FW·YW-2026-D3"},
        ).inserted_primary_key[0]  # fmt: skip
        sheet = add_record(
            unit, series, Content("activity_record", 1, "活动记录", b"{}", document_date=date(2026, 11, 1))
        )
        opened = open_person(unit, PersonFacts("孙样例"), another=True)
        accept(unit, opened.file, unit.today, "GA-2026-0001")
        extract = Content("activity_record", 1, "活动记录摘录", b"{}", document_date=date(2026, 11, 1))
        add_record(unit, opened.file, extract, source_record=sheet)
    made.clock.pass_days(YEARS)
    number, sha256 = approved(made, [sheet])
    with made.archive.acting("hold.place", made.director) as unit:
        place_hold(unit, opened.file, "accident")
    with made.archive.looking(made.records) as unit:
        assert decisions_for(unit, [sheet], unit.today)[sheet].status == "held"
    open_execution(made, number, sha256)
    assert [one.because for one in execute(made.archive, made.records, number).stayed] == ["held"]


def test_a_lent_original_stays(made: Station) -> None:
    file, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.acting("loan.lend", made.records) as unit:
        lend(unit, file, 1, 4, Terms(Purpose.CASE_SERVICE, 2, record=ids[0]))
    open_execution(made, number, sha256)
    progress = execute(made.archive, made.records, number)
    assert [(one.because, one.sentence) for one in progress.stayed] == [("lent", "原件借出，尚未归还。")]
    assert len(progress.destroyed) == 1


def test_what_changed_after_it_was_listed_stays(made: Station) -> None:
    _, ids = due(made)
    number, sha256 = approved(made, ids)
    with made.archive.acting("record.revise", made.worker) as unit:
        body = Content(
            "application_b", 1, "个案申请表（第1次）", b'{"y":2}', document_date=date(2026, 11, 20)
        )
        revise(unit, ids[0], body, "补充")
    open_execution(made, number, sha256)
    progress = execute(made.archive, made.records, number)
    assert [one.because for one in progress.stayed] == ["changed"]


def test_a_person_with_a_running_application_is_not_forgotten(made: Station) -> None:
    file, ids = due(made, items=1)
    number = begun(made, ids)
    with made.archive.acting("file.reopen", made.worker) as unit:
        reopen(unit, file, "再次来站")
    progress = execute(made.archive, made.records, number)
    assert [one.because for one in progress.stayed] == ["not_due"]
    with made.archive.looking(made.records) as unit:
        assert unit.execute(select(persons.c.state)).scalar() == "present"
