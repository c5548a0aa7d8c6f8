"""Trying to read and write what is closed, by every way a worker has: with commands, as in a station.

The file of 样例甲 was 社工甲's case, was filed, and comes to life again; 社工乙 is another worker.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from archives.errors import AccessDenied, NotFound, PurposeNeeded, StateForbids
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.lists import items_of
from archives.items.records import Content, add_record
from archives.keeping.agreement import Agreed, agreement
from archives.people.files import accept, close_case, file_away, file_facts
from archives.people.reopening import reopen
from archives.store.tables import files, volumes
from archives.store.tables_people import assignments, events
from desk.station.register_access import access_rows
from tests.station.office import NAME, Ended, Office, office

QUALITY = ("--purpose", "质控")
AGAIN = ("--reason", "本人再次来站")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    """#1 final with a scan (document 1) and an attachment of the file alone (2); the file is filed."""
    made = office(tmp_path, monkeypatch, capfd)
    made.add_record("个案服务记录表（第1次）")
    made.add_document(1, b"%PDF-1.4 old")
    made.add_document(None, b"%PDF-1.4 loose", kind="attachment")
    end(made)
    return made


def end(made: Office) -> None:
    with made.station.archive.acting("test.end", made.station.worker) as unit:
        close_case(unit, made.opened.file, unit.today)
    with made.station.archive.acting("test.file", made.station.records) as unit:
        file_away(unit, made.opened.file)


def denied(made: Office) -> list[tuple[str, int]]:
    """(act, staff) of every refused act on the log."""
    with made.station.archive.looking(made.station.auditor) as unit:
        query = select(events.c.detail, events.c.staff).where(events.c.action == "access.denied")
        rows = unit.execute(query.order_by(events.c.id)).all()
    return [(json.loads(row.detail)["command"], row.staff) for row in rows]


def fine(told: Ended) -> Any:
    assert told.code == 0, told.err
    return json.loads(told.out) if told.out.startswith(("{", "[")) else told.out


def looks(number: str) -> list[tuple[str, ...]]:
    """Every command by which an old paper could be seen."""
    return [
        ("record", "show", "#1", *QUALITY),
        ("record", "history", "#1", *QUALITY),
        ("document", "export", "1", "-o", "旧.pdf", *QUALITY),
        ("document", "export", "2", "-o", "散.pdf", *QUALITY),
        ("document", "list", "#1", *QUALITY),
        ("scan", "differences", "1", *QUALITY),
        ("scan", "written", "1", *QUALITY),
        ("export", "make", number, "-o", "全.zip", "--draw", *QUALITY),
    ]


def test_another_worker_does_not_reopen_and_the_try_is_on_the_log(desk: Office) -> None:
    told = desk.run("worker2", "file", "reopen", desk.number, *AGAIN)
    assert told.code == AccessDenied.exit_code
    assert "file request --reopen" in told.err
    assert denied(desk) == [("file.reopen", desk.station.worker2.staff)]
    with desk.station.archive.looking(desk.station.worker2) as unit:
        assert file_facts(unit, desk.opened.file).state == "filed"


def test_a_grant_to_read_reopens_nothing_and_a_leave_to_reopen_opens_nothing(desk: Office) -> None:
    fine(desk.run("worker2", "file", "request", desk.number, "--purpose", "个案服务"))
    fine(desk.run("director", "file", "grant", "1"))
    fine(desk.run("worker2", "record", "show", "#1", *QUALITY))
    assert desk.run("worker2", "file", "reopen", desk.number, *AGAIN).code == AccessDenied.exit_code
    desk.station.clock.pass_days(7)
    asked = fine(desk.run("worker2", "file", "request", desk.number, "--purpose", "个案服务", "--reopen",
                          "--note", "再次来站", "--json"))  # fmt: skip
    assert asked == {"request": 2, "kind": "reopen"}
    shown = fine(desk.run("director", "file", "requests", "--json"))
    assert [(row["kind"], row["note"]) for row in shown] == [("重新启用", "再次来站")]
    fine(desk.run("director", "file", "grant", "2"))
    assert desk.run("worker2", "record", "show", "#1", *QUALITY).code == AccessDenied.exit_code
    fine(desk.run("worker2", "file", "reopen", desk.number, *AGAIN))


def test_a_leave_is_good_once_and_gives_the_case(desk: Office) -> None:
    fine(desk.run("worker2", "file", "request", desk.number, "--purpose", "个案服务", "--reopen",
                  "--note", "再次来站"))  # fmt: skip
    fine(desk.run("director", "file", "grant", "1", "--days", "30"))
    fine(desk.run("worker2", "file", "reopen", desk.number, *AGAIN))
    fine(desk.run("worker2", "file", "show", desk.number))  # without a purpose: it is that worker's case
    assert desk.run("worker", "file", "show", desk.number).code == PurposeNeeded.exit_code
    fine(desk.run("worker2", "file", "takeback", desk.number, "--reason", "误开"))
    assert desk.run("worker2", "file", "reopen", desk.number, *AGAIN).code == AccessDenied.exit_code
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))  # whose case it is again
    with pytest.raises(IntegrityError, match="leaves: given, and used once"):  # noqa: SIM117
        with desk.station.archive.acting("attack", desk.station.worker2) as unit:
            unit.execute(text("UPDATE leaves_to_reopen SET used_at = NULL, volume = NULL"))


def test_a_leave_that_was_refused_or_ran_out_or_is_anothers_is_none(desk: Office) -> None:
    ask = ("file", "request", desk.number, "--purpose", "个案服务", "--reopen", "--note", "再次来站")
    fine(desk.run("worker2", *ask))
    fine(desk.run("director", "file", "grant", "1", "--refuse"))
    fine(desk.run("supervisor", *ask))
    fine(desk.run("director", "file", "grant", "2"))
    fine(desk.run("worker2", *ask))
    fine(desk.run("director", "file", "grant", "3", "--days", "1"))
    desk.station.clock.pass_days(1)
    for who in ("worker2", "supervisor", "director"):
        assert desk.run(who, "file", "reopen", desk.number, *AGAIN).code == AccessDenied.exit_code


@pytest.mark.parametrize("who", ["worker", "worker2", "supervisor", "director", "records"])
def test_after_reopening_no_way_shows_an_earlier_volume(who: str, desk: Office) -> None:
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    number = desk.number
    for command in looks(number):
        told = desk.run(who, *command)
        assert told.code == AccessDenied.exit_code, (command, told)
        assert "服务记录" not in told.out + told.err
    assert not list(desk.folder.iterdir())
    assert len(denied(desk)) == len(looks(number))
    told = desk.run(who, "file", "show", number, *QUALITY)
    assert told.code == 0
    assert "服务记录" not in told.out
    assert "另有 1 件" in told.out
    assert fine(desk.run(who, "record", "list", number, *QUALITY, "--json")) == []
    assert fine(desk.run(who, "document", "list", number, *QUALITY, "--json")) == []


def test_nothing_is_written_into_an_earlier_volume(desk: Office) -> None:
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    (desk.folder / "记录.json").write_text("{}", encoding="utf-8")
    (desk.folder / "扫描.pdf").write_bytes(b"%PDF-1.4")
    for command in (
        ("record", "revise", "#1", "记录.json", "--reason", "录错"),
        ("record", "void", "#1", "--reason", "录错"),
        ("record", "issue", "#1", "-o", "件.pdf"),
        ("document", "add", "扫描.pdf", "--record", "#1"),
        ("document", "void", "1", "--reason", "归错"),
        ("scan", "confirm", "1"),
    ):
        assert desk.run("worker", *command).code == StateForbids.exit_code, command
    assert len(denied(desk)) == 6
    from archives.items.records import void

    with pytest.raises(StateForbids, match="已经结束的第 1 卷"):  # noqa: SIM117 - beside the desk too
        with desk.station.archive.acting("attack", desk.station.worker) as unit:
            void(unit, 1, "录错")


def test_what_comes_into_the_new_volume_is_read_as_that(desk: Office) -> None:
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    desk.station.clock.pass_days(1)
    new = desk.add_record("个案服务记录表（第2次）")
    stored = store(desk.station.archive, b"%PDF-1.4 new")
    with desk.station.archive.acting("test.document", desk.station.worker) as unit:
        paper = add_document(
            unit, desk.opened.file, stored, DocumentEntry("attachment", "application/pdf", 1)
        )
    fine(desk.run("worker", "record", "show", f"#{new}"))
    fine(desk.run("worker", "document", "export", str(paper), "-o", "新.pdf"))
    rows = fine(desk.run("worker", "document", "list", desk.number, "--json"))
    assert [row["id"] for row in rows] == [paper]


def test_earlier_volumes_open_on_request_for_days(desk: Office) -> None:
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    fine(desk.run("worker", "file", "request", desk.number, "--purpose", "个案服务"))
    fine(desk.run("director", "file", "grant", "1", "--days", "2"))
    fine(desk.run("worker", "record", "show", "#1"))
    assert "服务记录" in fine(desk.run("worker", "file", "show", desk.number))
    desk.station.clock.pass_days(2)
    assert desk.run("worker", "record", "show", "#1").code == AccessDenied.exit_code


def test_whoever_gets_the_case_later_gets_the_running_volume_only(desk: Office) -> None:
    fine(desk.run("records", "file", "reopen", desk.number, *AGAIN))
    fine(desk.run("director", "file", "assign", desk.number, "user2"))
    fine(desk.run("worker2", "file", "show", desk.number))
    fine(desk.run("worker2", "person", "show", desk.number))
    assert desk.run("worker2", "record", "show", "#1", *QUALITY).code == AccessDenied.exit_code


def test_a_volume_taken_back_leaves_the_file_as_it_was(desk: Office) -> None:
    before = rows_of(desk)
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    assert (
        desk.run("worker2", "file", "takeback", desk.number, "--reason", "误开").code
        == AccessDenied.exit_code
    )
    assert "第 2 卷已撤回" in fine(desk.run("worker", "file", "takeback", desk.number, "--reason", "误开"))
    assert rows_of(desk) == before
    assert desk.run("worker", "record", "show", "#1", *QUALITY).code == AccessDenied.exit_code
    with desk.station.archive.looking(desk.station.auditor) as unit:
        taken = unit.execute(select(events).where(events.c.action == "file.takeback")).one()
    assert json.loads(taken.detail)["volume"] == 2
    assert taken.note_sha256 is not None
    assert "误开" not in taken.detail


def rows_of(made: Office) -> tuple[Any, ...]:
    with made.station.archive.looking(made.station.auditor) as unit:
        file = file_facts(unit, made.opened.file)
        numbers = tuple(unit.execute(select(volumes.c.number).where(volumes.c.file_id == file.id)).scalars())
        having = select(assignments.c.staff_id).where(
            assignments.c.file_id == file.id, assignments.c.to_on.is_(None)
        )
        return file, numbers, tuple(unit.execute(having).scalars()), len(items_of(unit, file.id))


def test_only_an_empty_volume_is_taken_back(desk: Office) -> None:
    takeback = ("file", "takeback", desk.number, "--reason", "误开")
    assert desk.run("records", *takeback).code == StateForbids.exit_code  # filed: nothing to take back
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    desk.add_record("个案服务记录表（第2次）", state="draft")
    told = desk.run("worker", *takeback)
    assert (told.code, "其中已有文书" in told.err) == (StateForbids.exit_code, True)
    first = desk.run("worker", "file", "takeback", desk.other.application_no, "--reason", "误开")
    assert (first.code, "第一卷" in first.err) == (StateForbids.exit_code, True)


def test_site_documents_that_name_persons_open_with_a_purpose(desk: Office) -> None:
    from archives.people.series import series_file

    with desk.station.archive.acting("test.series", desk.station.worker) as unit:
        series = series_file(unit, "YW", 2026)
    sheet = desk.add_record("活动记录", form="activity_record", file=series.id)
    programme = desk.add_record("培训大纲", form="training_program", file=series.id)
    for who in ("worker", "worker2", "supervisor", "director", "records"):
        assert desk.run(who, "record", "show", f"#{sheet}").code == PurposeNeeded.exit_code
        fine(desk.run(who, "record", "show", f"#{sheet}", *QUALITY))
        fine(desk.run(who, "record", "show", f"#{programme}"))
    assert desk.run("worker2", "record", "issue", f"#{sheet}", "-o", "件.pdf").code == PurposeNeeded.exit_code
    with desk.station.archive.looking(desk.station.auditor) as unit:
        purposes = unit.execute(
            select(events.c.purpose).where(
                events.c.action == "record.read", events.c.subject == f"record:{sheet}"
            )
        ).scalars()
        assert set(purposes) == {"quality"}
    assert NAME not in desk.run("auditor", "record", "show", f"#{sheet}", *QUALITY).out


@pytest.mark.parametrize("state", ["restricted", "merged", "destroyed"])
def test_what_is_sealed_or_gone_is_not_reopened_by_anybody(state: str, desk: Office) -> None:
    with desk.station.archive.acting("test.state", desk.station.records) as unit:
        unit.execute(update(files).where(files.c.id == desk.opened.file).values(state=state))
    for who in ("worker", "records"):
        told = desk.run(who, "file", "reopen", desk.number, *AGAIN)
        assert told.code in (AccessDenied.exit_code, StateForbids.exit_code)
    assert [act for act, _ in denied(desk)] == ["file.reopen", "file.reopen"]


def test_by_prefill_a_new_episode_takes_the_last_scores_and_no_answer(desk: Office) -> None:
    from desk.station.records import _SCORED, LAST_SCORES, _case
    from generator.forms.catalogue import load_form

    said = {
        "assess_date": "2026-11-10",
        "kd_total": 21,
        "sdss_total": 7,
        "opinion": "旧意见",
        "round": "基线",
    }
    content = Content("psychosocial_assessment", 1, "心理社会功能评估", json.dumps(said).encode(), "final",
                      date(2026, 11, 10))  # fmt: skip
    other = desk.other.file
    with desk.station.archive.acting("test.old", desk.station.worker) as unit:
        add_record(unit, other, content)
        accept(unit, other, date(2026, 11, 2))
        close_case(unit, other, unit.today)
    station = desk.as_role("worker")
    form = load_form("stage_assessment")
    with desk.station.archive.acting("test.again", desk.station.worker) as unit:
        reopen(unit, other, "再次来站")
    with desk.station.archive.looking(desk.station.worker) as unit:
        told = _case(unit, station, file_facts(unit, other), form, unit.today)["forms"][_SCORED]
    assert told == [{"assess_date": "2026-11-10", "kd_total": 21, "sdss_total": 7}]
    assert set(told[0]) <= LAST_SCORES


def test_an_extract_opens_no_other_line(desk: Office) -> None:
    from archives.people.series import series_file

    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    with desk.station.archive.acting("test.series", desk.station.worker) as unit:
        series = series_file(unit, "YW", 2026)
    sheet = desk.add_record("活动记录", form="activity_record", file=series.id)
    told = desk.run("worker", "record", "extract", f"#{sheet}", "--person", desk.number)
    assert told.code == NotFound.exit_code  # not on the sheet: nothing of it is told
    assert "内容" not in told.out + told.err
    denied_to_others = desk.run("worker2", "record", "extract", f"#{sheet}", "--person", desk.number)
    assert denied_to_others.code == AccessDenied.exit_code


def test_a_leave_to_reopen_is_no_ground_of_a_reading(desk: Office) -> None:
    fine(desk.run("worker2", "file", "request", desk.number, "--purpose", "个案服务", "--reopen",
                  "--note", "再次来站"))  # fmt: skip
    fine(desk.run("director", "file", "grant", "1"))
    fine(desk.run("worker", "file", "reopen", desk.number, *AGAIN))
    fine(desk.run("worker2", "file", "show", desk.number, *QUALITY))
    with desk.station.archive.looking(desk.station.records) as unit:
        rows = access_rows(unit, unit.today, unit.today, desk.opened.file)
    assert "approver" not in json.dumps(rows[-1])
    assert {row["result"] for row in rows} == {"准予"}


def test_after_all_of_it_the_rows_agree_with_the_log(desk: Office) -> None:
    for who, *command in (
        ("worker", "file", "reopen", desk.number, *AGAIN),
        ("worker", "file", "takeback", desk.number, "--reason", "误开"),
        (
            "worker2",
            "file",
            "request",
            desk.number,
            "--purpose",
            "个案服务",
            "--reopen",
            "--note",
            "再次来站",
        ),
        ("director", "file", "grant", "1"),
        ("worker2", "file", "reopen", desk.number, *AGAIN),
        ("worker2", "file", "takeback", desk.number, "--reason", "误开"),
        ("worker2", "rights", "register", desk.number, "--kind", "查阅", "--scope", "全卷"),
        ("records", "rights", "look", "QL-2026-0001"),
    ):
        fine(desk.run(who, *command))
    agreed = Agreed()
    assert list(agreement(desk.station.archive, agreed)) == []
    assert agreed.rows > 20
    with desk.station.archive.data.writing("test.attack") as connection:
        connection.execute(text("DROP TRIGGER guard_leaves_used_once"))
        connection.execute(text("UPDATE leaves_to_reopen SET used_at = NULL, volume = NULL"))
    assert [found.kind for found in agreement(desk.station.archive, Agreed())] == ["row_changed"]


def test_the_titles_of_a_filed_file_are_not_printed_for_its_worker(desk: Office) -> None:
    told = desk.run("worker", "file", "catalogue", desk.number, "-o", "目录")
    assert told.code == AccessDenied.exit_code
    assert not (desk.folder / "目录").exists()
    assert denied(desk) == [("file.catalogue", desk.station.worker.staff)]
    assert desk.as_role("records").allow("file.catalogue", file=desk.opened.file) is None
