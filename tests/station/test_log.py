"""``kangdang log``: who may, what is shown, seals, anchors, verification and the export for outsiders."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from archives.items.holds import place_hold
from archives.items.records import Content, read_record, revise, void
from archives.log.purposes import Purpose
from archives.store.tables_people import events
from desk.station.logbook import LogLine, sentences, show
from tests.station.office import ID_NUMBER, NAME, PHONE, Office, office

TOOL = Path(__file__).parents[2] / "tools" / "verify_log.py"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = office(tmp_path, monkeypatch, capfd)
    record = made.add_record("个案服务记录表（第1次）")
    with made.station.archive.acting("test.read", made.station.supervisor) as unit:
        read_record(unit, record, purpose="quality")
    return made


def change(desk: Office) -> None:
    with desk.station.archive.data.writing("attack") as connection:
        connection.execute(text("DROP TRIGGER guard_events_no_update"))
        connection.execute(text("UPDATE events SET purpose = NULL WHERE purpose = 'quality'"))


def test_an_auditor_reads_who_did_what_and_is_on_the_log_for_it(desk: Office) -> None:
    shown = desk.run("auditor", "log", "show", "--file", desk.number)
    assert shown.code == 0
    line = next(line for line in shown.lines if "查看文书" in line)
    assert line.startswith("2026-11-22 09:00:00  样例督导（督导）  查看文书")
    assert "目的：质控" in line
    assert desk.number in line
    again = desk.run("auditor", "log", "show", "--file", desk.number)
    assert any("样例审计员（审计员）  查看日志" in line for line in again.lines)


def test_the_log_shows_no_person(desk: Office) -> None:
    text_shown = desk.run("auditor", "log", "show").out + desk.run("auditor", "log", "show", "--json").out
    for word in (NAME, PHONE, ID_NUMBER, "的内容"):
        assert word not in text_shown


@pytest.mark.parametrize("role", ["worker", "supervisor", "director", "records", "admin"])
def test_nobody_but_the_auditor_reads_or_exports_and_the_attempt_is_logged(desk: Office, role: str) -> None:
    assert desk.run(role, "log", "show").code == 63
    assert desk.run(role, "log", "export", "-o", "log.jsonl").code == 63
    assert not (desk.folder / "log.jsonl").exists()
    shown = json.loads(desk.run("auditor", "log", "show", "--json").out)
    denied = [line["detail"]["command"] for line in shown if line["result"] == "denied"]
    assert denied == ["log.read", "log.export"]


def test_a_period_is_asked_for_in_days(desk: Office) -> None:
    desk.station.clock.pass_days(1)
    desk.run("auditor", "log", "show")
    today = desk.run("auditor", "log", "show", "--from", "2026-11-23", "--to", "2026-11-23")
    assert len(today.lines) == 1
    before = desk.run("auditor", "log", "show", "--to", "2026-11-22")
    assert before.lines
    assert all(line.startswith("2026-11-22") for line in before.lines)
    assert desk.run("auditor", "log", "show", "--from", "2026-11-23", "--to", "2026-11-22").code == 68


def test_seal_anchor_verify(desk: Office) -> None:
    assert desk.run("admin", "log", "seal").out.startswith("已作第 1 号封签")
    assert desk.run("admin", "log", "seal").out == "上次封签以后没有新的事件。\n"
    desk.add_record("个案服务记录表（第2次）")
    line = desk.run("auditor", "log", "anchor", "-o", "anchor.json").lines[0]
    assert line.startswith("康档封签 第2号 2026-11-22 ")
    (desk.folder / "line.txt").write_text(line, encoding="utf-8")
    for kept in ("anchor.json", "line.txt"):
        verified = desk.run("auditor", "log", "verify", "--anchor", kept)
        assert verified.code == 0
        assert "没有发现改动。" in verified.lines
        assert any(told.startswith("至第 2 号封签") for told in verified.lines)


def test_a_finding_ends_with_1_and_says_its_sentence(desk: Office) -> None:
    desk.run("admin", "log", "seal")
    change(desk)
    verified = desk.run("auditor", "log", "verify")
    assert verified.code == 1
    assert any("与校验值不符" in line for line in verified.lines)
    told = json.loads(desk.run("auditor", "log", "verify", "--json").out)
    assert told["ok"] is False
    assert len(told["findings"]) == 1


def test_a_seal_of_another_key_is_a_finding_by_itself(desk: Office) -> None:
    """``log verify`` knows the station's own key: no anchor is needed for this."""
    from archives.sealing import seal_log

    seal_log(desk.station.archive, desk.station.admin, bytes(range(5, 37)))
    verified = desk.run("auditor", "log", "verify")
    assert verified.code == 1
    assert "第 1 号封签换了签名公钥，新公钥未经确认。" in verified.lines


@pytest.mark.parametrize("changed", [False, True], ids=["whole", "changed"])
def test_the_export_is_examined_by_the_tool_alone(desk: Office, *, changed: bool) -> None:
    desk.run("auditor", "log", "anchor", "-o", "anchor.json")
    if changed:
        change(desk)
    ended = desk.run("auditor", "log", "export", "-o", "log.jsonl")
    assert ended.code == 0
    raw = (desk.folder / "log.jsonl").read_text(encoding="utf-8")
    for word in (NAME, "样例督导", PHONE, ID_NUMBER):
        assert word not in raw
    examined = subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), "log.jsonl", "--anchor", "anchor.json"],
        capture_output=True, encoding="utf-8", cwd=desk.folder, check=False,
    )  # fmt: skip
    assert examined.returncode == int(changed), examined.stdout + examined.stderr
    own = desk.run("auditor", "log", "verify", "--anchor", "anchor.json")
    assert own.code == int(changed)
    findings = [line for line in examined.stdout.splitlines() if "不符" in line]
    assert findings == [line for line in own.lines if "不符" in line]


def test_only_a_thousand_lines_are_shown_and_that_is_said(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.station.logbook.MOST_SHOWN", 2)
    shown = desk.run("auditor", "log", "show")
    assert len(shown.out.splitlines()) == 2
    assert "只列出最近 2 条" in shown.err


def noted(action: str, second: int, who: str = "样例社工") -> LogLine:
    at = f"2026-11-22T09:00:{second:02d}"
    return LogLine(0, second, at, who, "社工", action, "", "station:1", None, "ok", {}, "本站", ())


def test_lines_that_only_note_what_rows_hold_are_one_line() -> None:
    lines = [noted("rows.noted", number) for number in range(5)]
    told = list(sentences([noted("user.login", 0), *lines, noted("user.login", 9), noted("rows.noted", 10)]))
    assert len(told) == 4
    assert (
        told[1] == "2026-11-22 09:00:00  样例社工（社工）  登记内容校验值  本站  连续 5 条，至 09:00:04  成功"
    )
    assert "连续" not in told[3]
    assert len(list(sentences([lines[0], noted("rows.noted", 1, "样例督导")]))) == 2, "of one person"


def line_of(desk: Office, role: str, word: str, *arguments: str) -> str:
    shown = desk.run(role, "log", "show", "--file", desk.number, *arguments)
    assert shown.code == 0, shown.lines
    return next(line for line in reversed(shown.lines) if f"  {word}  " in line)


def test_a_line_says_which_paper_and_what_changed(desk: Office) -> None:
    record = desk.add_record("个案服务记录表（第2次）")
    content = Content(
        "record_e", 1, "个案服务记录表（第2次）", b'{"content": "\xe6\x94\xb9\xe8\xbf\x87", "weekday": 3}',
        document_date=date(2026, 11, 20),
    )  # fmt: skip
    with desk.station.archive.acting("test.revise", desk.station.worker) as unit:
        revise(unit, record, content, "样例：时间写错了")
    told = line_of(desk, "auditor", "修改文书")
    assert "《个案服务记录表（第2次）》" in told
    assert "第 2 稿" in told
    assert "改动的项目：" in told and "weekday" in told
    assert "record:" not in told
    assert "改过" not in told and "写错" not in told
    assert told.endswith("成功")


def test_a_reason_is_told_only_to_who_may_open_the_file(desk: Office) -> None:
    record = desk.add_record("个案服务记录表（第2次）")
    with desk.station.archive.acting("test.void", desk.station.worker) as unit:
        void(unit, record, "样例：录重了一份")
    assert "理由另行加密保存，您无权查看" in line_of(desk, "auditor", "作废文书")
    both = replace(desk.station.auditor, roles=frozenset({"auditor", "director"}))
    station = replace(desk.as_role("auditor"), actor=both)
    shown = [
        line.sentence for line in show(station, number=desk.number).lines if line.action == "record.void"
    ]
    assert "您无权查看" in shown[0], "a director says why first"
    opened = show(station, number=desk.number, purpose=Purpose.QUALITY)
    shown = [line.sentence for line in opened.lines if line.action == "record.void"]
    assert "理由：样例：录重了一份" in shown[0]
    with desk.station.archive.looking(both) as unit:
        rows = unit.execute(select(events).where(events.c.action == "log.reasons")).all()
    assert [(row.chain, row.purpose) for row in rows] == [(desk.opened.file, "quality")]


def test_every_subject_has_a_name_a_person_knows(desk: Office) -> None:
    """No line shows a kind and a number as the program calls them."""
    with desk.station.archive.acting("test.hold", desk.station.director) as unit:
        place_hold(unit, desk.opened.file, "complaint", note="样例：投诉")
    shown = desk.run("auditor", "log", "show").lines
    assert len(shown) > 5
    for line in shown:
        assert not re.search(r"\b[a-z]+:\d+\b", line), line
    begun = next(line for line in shown if "  建档  " in line and "SQ-2026-0002" in line)
    assert "第 2 卷" not in begun, "the row's number is no number of a volume"
    held = next(line for line in shown if "  冻结  " in line)
    assert "第 1 号冻结（全卷）" in held
    assert "原因：投诉" in held
