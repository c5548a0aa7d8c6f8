"""Retention and disposal at the command line: the whole way, and what each mistake is told."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pypdf
import pytest
from sqlalchemy import insert, select

from archives.disposal.credentials import issue_credential
from archives.items.holds import place_hold
from archives.store.tables import records
from archives.store.tables_duties import disposal_executions, disposal_witnesses
from archives.store.tables_people import events
from archives.store.tables_restored import restore_gaps
from tests.station.disposal_office import (
    CHEAP,
    PASSWORDS,
    DisposalOffice,
    disposal_office,
    lists_in_every_state,
)

DOC = Path(__file__).parents[2] / "docs" / "bad-input-archive.md"
FIRST = "PZ01-FW·SQ-2026-D3-0001-001"


@pytest.fixture
def made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> DisposalOffice:
    return disposal_office(tmp_path, monkeypatch, capfd)


def done(made: DisposalOffice, role: str, *arguments: str) -> str:
    ended = made.office.run(role, *arguments)
    assert ended.code == 0, (arguments, ended.lines)
    return ended.out


def told_hash(made: DisposalOffice, number: str) -> str:
    told: str = json.loads(done(made, "records", "disposal", "show", number, "--json"))["sha256"]
    return told[:8]


def to_approval(made: DisposalOffice) -> str:
    """The list of the first applicant, approved and waited for; its hash."""
    refs = [f"#{record}" for record in made.due[:2]]
    out = done(made, "records", "disposal", "propose", *refs)
    assert out == "已提出清册 XH-2030-001，2 件。请逐件填写鉴定意见，再由鉴定小组签字。\n"
    done(
        made,
        "records",
        "disposal",
        "appraise",
        "XH-2030-001",
        "--all",
        "--opinion",
        "销毁",
        "--reason",
        "期满",
    )
    for role in ("records", "worker", "director"):
        done(made, role, "disposal", "sign", "JD-2030-001", "--sha256", told_hash(made, "XH-2030-001"))
    done(made, "records", "disposal", "finish", "XH-2030-001")
    sha256 = told_hash(made, "XH-2030-001")
    out = done(made, "director", "disposal", "approve", "XH-2030-001", "--items", "2", "--word", "销毁")
    assert out.endswith("\n清册 XH-2030-001 已批准，2030-12-02 起可以执行。\n")
    assert f"清册 XH-2030-001 的校验值 {sha256}" in out
    made.office.station.clock.pass_days(8)
    return sha256


def executing(sha256: str, *more: str) -> tuple[str, ...]:
    return (
        "disposal", "execute", "XH-2030-001", "--execute", "--number", "XH-2030-001", "--sha256", sha256,
        "--method", "粉碎", "--place", "档案室", "--paper-checked", *more,
    )  # fmt: skip


BY_PASSWORD = (
    "--witness",
    "user8",
    "--password-file",
    "甲.txt",
    "--witness",
    "user2",
    "--password-file",
    "乙.txt",
)


def test_the_whole_way_to_the_certificate(made: DisposalOffice) -> None:
    sha256 = to_approval(made)
    rehearsed = done(made, "records", "disposal", "execute", "XH-2030-001")
    assert f"会销毁 {FIRST}" in rehearsed
    assert "会销毁 2 件，留下 0 件；纸质档案 1 件 2 页须先清点。" in rehearsed
    assert made.due[0] in alive(made)
    out = done(made, "records", *executing(sha256, *BY_PASSWORD))
    assert out.splitlines() == [
        "清册 XH-2030-001：销毁 2 件，留下 0 件。",
        f"请当场销毁纸质件：{FIRST}，2 页，未登记存放位置",
        "执行完毕。证明：kangdang disposal certificate XH-2030-001 -o 销毁证明.pdf",
    ]
    assert not set(made.due[:2]) & alive(made)
    done(made, "records", "disposal", "certificate", "XH-2030-001", "-o", "证明.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(made.office.folder / "证明.pdf").pages)
    for word in ("销毁证明", "XH-2030-001", "JD-2030-001", "样例负责人", "样例档案员", "样例见证甲",
                 "样例社工乙", "粉碎", "已销毁 2 件 3 页", FIRST):  # fmt: skip
        assert word in text.replace("\n", ""), word
    with made.office.station.archive.looking(made.office.station.records) as unit:
        row = unit.execute(select(disposal_executions)).one()
        assert (row.executor, row.approver, row.paper_items, row.paper_pages) == (5, 4, 1, 2)
        assert unit.execute(select(disposal_witnesses.c.witness)).scalars().all() == [2, 8]


def alive(made: DisposalOffice) -> set[int]:
    with made.office.station.archive.looking(made.office.station.records) as unit:
        return set(unit.execute(select(records.c.id).where(records.c.state != "destroyed")).scalars())


def test_the_appraisal_form_is_filled_from_the_archive(made: DisposalOffice) -> None:
    to_approval(made)
    done(made, "director", "disposal", "print", "JD-2030-001", "--form", "AR6", "-o", "鉴定.pdf")
    done(made, "director", "disposal", "print", "XH-2030-001", "--form", "AR7", "-o", "清册.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(made.office.folder / "鉴定.pdf").pages)
    for word in ("到期档案鉴定意见表", "JD-2030-001", "2026.1 版", "样例社工甲", "样例负责人", FIRST):
        assert word in text.replace("\n", ""), word


def test_every_list_says_what_may_be_back_after_a_restore(made: DisposalOffice) -> None:
    to_approval(made)
    done(made, "director", "disposal", "print", "XH-2030-001", "--form", "AR7", "-o", "前.pdf")
    with made.office.station.archive.acting("test.gap", made.office.station.records) as unit:
        unit.execute(insert(restore_gaps), {"backup_at": "2029-05-01T09:00:00+08:00", "at": unit.at})
        unit.log("restore.doubt", "backup:1", detail={"on": "2029-05-01"})
    said = "2029-05-01 以后销毁的档案可能又出现在站中"
    for name, words in (("前.pdf", False), ("后.pdf", True)):
        if words:
            done(made, "director", "disposal", "print", "XH-2030-001", "--form", "AR7", "-o", name)
        pages = pypdf.PdfReader(made.office.folder / name).pages
        text = "".join(page.extract_text() for page in pages).replace("\n", "")
        assert (said in text) == words
    signed = made.office.run("director", "backup", "settle", "--word", "知悉")
    assert signed.out == "已签认恢复缺口 1 处（2029-05-01）。\n"
    done(made, "director", "disposal", "print", "XH-2030-001", "--form", "AR7", "-o", "完.pdf")
    assert said not in pypdf.PdfReader(made.office.folder / "完.pdf").pages[0].extract_text().replace(
        "\n", ""
    )


def test_a_witness_from_outside_and_a_held_item(made: DisposalOffice) -> None:
    sha256 = to_approval(made)
    station = made.office.station
    with station.archive.acting("test.credential", station.director) as unit:
        code = issue_credential(unit, 1, 9, cost=CHEAP)
    (made.office.folder / "凭证.txt").write_text(code, encoding="utf-8")
    with station.archive.acting("test.hold", station.director) as unit:
        file = unit.execute(select(records.c.file_id).where(records.c.id == made.due[0])).scalar_one()
        place_hold(unit, file, "complaint", record=made.due[0])
    present = (
        "--witness",
        "user8",
        "--password-file",
        "甲.txt",
        "--witness",
        "#9",
        "--password-file",
        "凭证.txt",
    )
    out = done(made, "records", *executing(sha256, *present, "--json"))
    told = json.loads(out)
    assert told["destroyed"] == ["PZ01-FW·SQ-2026-D3-0001-002"]
    assert [one["because"] for one in told["stayed"]] == ["held"]
    done(made, "records", "disposal", "certificate", "XH-2030-001", "-o", "证明.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(made.office.folder / "证明.pdf").pages)
    assert "未销毁，执行前被冻结" in text.replace("\n", "")


def test_asked_at_the_terminal_everything_is_typed(
    made: DisposalOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number, the hash, the paper page by page, and each witness's own password."""
    import io

    sha256 = to_approval(made)
    typed = ["XH-2030-001", sha256, "粉碎", "档案室", "2", "user8", "user2"]
    hidden = iter(PASSWORDS.values())
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: next(hidden))
    out = done(made, "records", "disposal", "execute", "XH-2030-001", "--execute")
    assert "清册 XH-2030-001：销毁 2 件，留下 0 件。" in out


def test_a_wrong_password_of_a_witness_destroys_nothing_and_is_counted(made: DisposalOffice) -> None:
    sha256 = to_approval(made)
    wrong = (
        "--witness",
        "user8",
        "--password-file",
        "错.txt",
        "--witness",
        "user2",
        "--password-file",
        "乙.txt",
    )
    for _ in range(5):
        assert made.office.run("records", *executing(sha256, *wrong)).code == 57
    ended = made.office.run("records", *executing(sha256, *BY_PASSWORD))
    assert ended.code == 58, "locked out"
    assert set(made.due) <= alive(made)


def test_the_plan_as_a_spreadsheet(made: DisposalOffice) -> None:
    told = json.loads(done(made, "records", "retention", "plan", "--json"))
    assert len(told) == 6
    assert {row["status"] for row in told} == {"到期"}
    assert (
        done(made, "records", "retention", "plan", "-o", "计划.xlsx")
        == "共 6 件：到期 6 件。已写入 计划.xlsx。\n"
    )
    sheet = openpyxl.load_workbook(made.office.folder / "计划.xlsx").active
    assert sheet is not None and sheet.max_row == 7
    done(made, "records", "retention", "plan", "-o", "计划.csv", "--at", "2027-01-01")
    with (made.office.folder / "计划.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["状态"] for row in rows} == {"保管"}
    assert all(row["说明"].endswith("2030年1月1日起方可提出鉴定。") for row in rows)
    due = json.loads(done(made, "records", "retention", "due", "--at", "2029-06-01", "--json"))
    assert [row["eligible_on"] for row in due] == ["2030-01-01"] * 6
    with made.office.station.archive.looking(made.office.station.records) as unit:
        logged = unit.execute(select(events).where(events.c.action == "retention.plan")).all()
    assert len(logged) == 4


def test_a_schedule_is_submitted_by_one_and_approved_by_another(made: DisposalOffice) -> None:
    body = json.loads((Path(__file__).parents[2] / "schemas" / "retention.json").read_text(encoding="utf-8"))
    body["version"] = "2030.1"
    (made.office.folder / "期限.json").write_text(json.dumps(body), encoding="utf-8")
    done(made, "records", "retention", "schedule", "propose", "期限.json")
    rows = json.loads(done(made, "director", "retention", "schedule", "show", "--json"))
    assert [row["state"] for row in rows] == ["待批准", "有效"]
    done(made, "director", "retention", "schedule", "approve", "2030.1", "--word", "批准")
    rows = json.loads(done(made, "director", "retention", "schedule", "show", "--json"))
    assert [row["state"] for row in rows] == ["有效", "已被取代"]


def lines_of(made: DisposalOffice, *words: str) -> list[tuple[str, str, dict[str, object]]]:
    with made.office.station.archive.looking(made.office.station.records) as unit:
        rows = unit.execute(select(events).where(events.c.action.in_(words)).order_by(events.c.id)).all()
    return [(row.action, row.result, json.loads(row.detail)) for row in rows]


def test_a_rehearsal_is_no_execution_on_the_log(made: DisposalOffice) -> None:
    to_approval(made)
    done(made, "records", "disposal", "execute", "XH-2030-001")
    told = lines_of(made, "disposal.rehearse", "disposal.execute")
    assert [(action, result) for action, result, _ in told] == [("disposal.rehearse", "ok")]
    shown = done(made, "auditor", "log", "show").splitlines()
    (line,) = [line for line in shown if "销毁清册 XH-2030-001" in line and "演练" in line]
    assert "演练销毁（没有销毁任何内容）" in line
    assert not any("  执行销毁  " in line for line in shown)


@pytest.mark.parametrize(
    ("passed", "arguments", "error"),
    [
        (-8, (), "NotYet"),
        (0, ("--number", "XH-2030-002"), "ListChanged"),
        (0, ("--witness", "user8", "--witness", "user8"), "SeparationBroken"),
    ],
    ids=["too early", "wrong number", "one witness twice"],
)
def test_a_real_attempt_that_is_refused_leaves_a_line(
    made: DisposalOffice, passed: int, arguments: tuple[str, ...], error: str
) -> None:
    sha256 = to_approval(made)
    made.office.station.clock.pass_days(passed)
    before = alive(made)
    given = [*executing(sha256, *BY_PASSWORD)]
    if "--number" in arguments:
        given[given.index("--number") + 1] = arguments[1]
        arguments = ()
    if arguments:
        given = [*executing(sha256, *arguments)]
    assert made.office.run("records", *given).code != 0
    assert alive(made) == before
    assert lines_of(made, "disposal.execute") == [("disposal.execute", "denied", {"error": error})]
    (line,) = [one for one in done(made, "auditor", "log", "show").splitlines() if "  执行销毁  " in one]
    assert line.endswith("被拒绝")
    assert "原因：" in line and "样例档案员" in line


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--items", "1", "--word", "销毁"), 73),
        (("--items", "2", "--word", "同意"), 68),
        (("--items", "2", "--word", "销毁", "--sha256", "00000000"), 73),
    ],
)
def test_an_approval_asks_how_many_and_the_word(
    made: DisposalOffice, arguments: tuple[str, ...], code: int
) -> None:
    number = ("XH-2030-001",)
    done(made, "records", "disposal", "propose", *(f"#{record}" for record in made.due[:2]))
    done(made, "records", "disposal", "appraise", *number, "--all", "--opinion", "销毁", "--reason", "期满")
    early = made.office.run("records", "disposal", "execute", *number)
    assert "鉴定没有结束，还没有校验值" in early.out
    for role in ("records", "worker", "director"):
        assert FIRST in done(made, role, "disposal", "sign", *number, "--items", "2")
    done(made, "records", "disposal", "finish", *number)
    ended = made.office.run("director", "disposal", "approve", "XH-2030-001", *arguments)
    assert ended.code == code
    assert lines_of(made, "disposal.approval")[-1][1] == "denied"
    typed = made.office.run(
        "director", "disposal", "approve", "XH-2030-001", "--items", "2", "--word", "销毁"
    )
    assert typed.code == 0
    assert FIRST in typed.out, "what is approved stands on the screen"
    assert lines_of(made, "disposal.approval")[-1][1] == "ok"
    again = made.office.run(
        "director", "disposal", "approve", "XH-2030-001", "--items", "2", "--word", "销毁"
    )
    assert again.code == 67 and not again.out


def test_a_schedule_is_shown_with_its_difference_before_it_is_approved(made: DisposalOffice) -> None:
    body = json.loads((Path(__file__).parents[2] / "schemas" / "retention.json").read_text(encoding="utf-8"))
    body["version"] = "2030.1"
    rule = next(one for one in body["rules"] if one["form"] == "referral" and one.get("years") == 3)
    rule["years"] = 10
    (made.office.folder / "期限.json").write_text(json.dumps(body), encoding="utf-8")
    done(made, "records", "retention", "schedule", "propose", "期限.json")
    refused = made.office.run("director", "retention", "schedule", "approve", "2030.1", "--word", "好")
    assert refused.code == 68 and not refused.out, "nobody reads all of it for a word that is wrong"
    assert lines_of(made, "schedule.approve")[-1][1] == "denied"
    out = done(made, "director", "retention", "schedule", "approve", "2030.1", "--word", "批准")
    lines = out.splitlines()
    (changed,) = [line for line in lines if line.startswith("1. ")]
    assert "与现行 2026.1 版相比，有 1 处不同：" in lines
    assert "转接单" in changed and "申请材料" in changed
    before, after = changed.split("；现 ")
    assert "一般档案，保管 3 年" in before and "保管 10 年" in after
    assert len([line for line in lines if "（个案案卷）：" in line]) > 30, "the whole schedule"
    again = made.office.run("director", "retention", "schedule", "approve", "2030.1", "--word", "批准")
    assert again.code == 67 and not again.out, "what cannot be approved is not shown for it"
    done(made, "director", "retention", "schedule", "show", "2026.1", "-o", "旧版.txt")
    text = (made.office.folder / "旧版.txt").read_text(encoding="utf-8-sig")
    assert "与现行 2030.1 版相比，有 1 处不同：" in text


# --- what each mistake is told (docs/bad-input-archive.md) ---


class Row(NamedTuple):
    name: str
    role: str
    command: str
    lines: str
    code: str


def rows() -> list[Row]:
    parts = DOC.read_text(encoding="utf-8").split("\n## ")
    section = next(part for part in parts if part.startswith("鉴定与销毁"))
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("|")]
    return [Row(*(cell.strip() for cell in line)) for line in cells[2:]]


def test_the_table_is_read_whole() -> None:
    assert len(rows()) >= 30
    assert len({row.name for row in rows()}) == len(rows())


def test_mistakes_give_their_documented_lines_and_change_nothing(made: DisposalOffice) -> None:
    lists_in_every_state(made)
    before, there = alive(made), sorted(path.name for path in made.office.folder.rglob("*"))
    wrong = []
    for row in rows():
        program, *arguments = shlex.split(row.command.strip("`"))
        assert program == "kangdang"
        arguments = [
            told_hash(made, part.removeprefix("校验值:")) if part.startswith("校验值:") else part
            for part in arguments
        ]
        ended = made.office.run(row.role, *arguments)
        told = ("<br>".join(ended.lines), str(ended.code))
        if told != (row.lines.replace(r"\|", "|"), row.code):
            wrong.append((row.name, told))
        assert alive(made) == before, row.name
        assert sorted(path.name for path in made.office.folder.rglob("*")) == there, row.name
    assert wrong == []
