"""``kangdang scan``, each command as the person at the desk sees it; what is scanned was printed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from archives.items.documents import content_of, document_facts
from archives.items.records import Content, record_facts, revise
from archives.items.titles import titles_of
from archives.store.tables_people import events
from desk.cli._pace import Pace
from desk.station.register_rows import scan_answers
from generator.reading.binding import streams_of
from tests.reading.files import scanned_pdf
from tests.scans.house import (
    Paper,
    empty,
    example,
    fonts,
    house,
    issue,
    jpegs,
    rows,
    signed,
    stack_file,
)
from tests.simulator import pen
from tests.simulator.codes import page_pictures
from tests.simulator.stack import place
from tests.station.office import Ended, Office


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    return house(tmp_path, monkeypatch, capsys)


def scan(desk: Office, *arguments: str, role: str = "records") -> Ended:
    return desk.run(role, "scan", *arguments)


def done(desk: Office, *arguments: str, role: str = "records") -> list[str]:
    """The lines of a command that works."""
    ended = scan(desk, *arguments, role=role)
    assert ended.code == 0, ended.err
    return ended.lines


def letter(like: Paper, seed: int = 1) -> Paper:
    """A page full of writing and without any code."""
    sheet = np.full_like(like.picture, 255)
    for row in range(600 + 10 * seed, 2400, 90):
        sheet[row : row + 30, 300:1900:7] = 30
    return Paper(0, "", 0, 0, sheet, ())


def put_in(desk: Office, *stack: Paper) -> list[str]:
    """The stack as a file of its own, received; what the screen says."""
    name = f"{len(list(desk.folder.iterdir()))}.pdf"
    stack_file(desk.folder / name, stack)
    return done(desk, "add", name)


def picture(desk: Office, name: str) -> np.ndarray:
    """A JPEG as it was written."""
    raw = np.frombuffer((desk.folder / name).read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE), np.float32)


def standing_still(monkeypatch: pytest.MonkeyPatch, pause: Callable[[float], None]) -> None:
    """A monotonic clock that goes on only while the command waits; ``pause`` happens meanwhile."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds
        pause(seconds)

    monkeypatch.setattr("desk.cli._pace.PACE", Pace(lambda: now[0], wait))


def actions(desk: Office) -> list[str]:
    with desk.station.archive.looking(desk.station.auditor) as unit:
        return list(unit.execute(select(events.c.action).order_by(events.c.id)).scalars())


def test_add_tells_the_account_what_is_filed_what_is_missing_and_what_waits(desk: Office) -> None:
    consent = [signed(one) for one in issue(desk, "consent_a")]
    survey = issue(desk, "record_e")
    stack_file(desk.folder / "1.pdf", [*consent, survey[1], letter(survey[1]), empty(survey[1])])
    (desk.folder / "坏.pdf").write_bytes(b"PK\x03\x04")
    stack_file(desk.folder / "2.pdf", [survey[0]])
    ended = scan(desk, "add", "坏.pdf", "1.pdf", "2.pdf")
    assert ended.code == 28, "of the first trouble; the others came in all the same"
    assert ended.err.splitlines()[0] == "坏.pdf："
    assert "这不是扫描件" in ended.err
    where = "PZ01-FW·GA-2026-Y-0001"
    assert ended.out.splitlines() == [
        "1.pdf：第 1 批，共 5 页 ＝ 已归档 2 ＋ 待处理 2 ＋ 重复 0 ＋ 空白 1 ＋ 分隔页等 0 ＋ 退回 0",
        f"  已归档 {where}-001《服务知情同意书》，2 页，已签字（文件 3）",
        f"  {where}-002《个案服务记录表》：缺第1页",
        "  待处理 1 页：这份文书的其他页还没有到",
        "  待处理 1 页：没有读到页码：可能是外来文件、页角缺损或页码被遮住",
        "  原文件已删除；加密的副本在隔离区，空白页看过以后，这一批结清后 30 天销毁。",
        "2.pdf：第 2 批，共 1 页 ＝ 已归档 1 ＋ 待处理 0 ＋ 重复 0 ＋ 空白 0 ＋ 分隔页等 0 ＋ 退回 0",
        f"  已归档 {where}-002《个案服务记录表》，2 页（文件 4）",
        "  原文件已删除；加密的副本在隔离区，2026-12-22 销毁。",
    ]
    assert {path.name for path in desk.folder.glob("?.pdf")} == {"坏.pdf"}


def test_add_keeps_the_file_where_it_is_told_to_and_answers_programs(desk: Office) -> None:
    consent = issue(desk, "consent_a")
    stack_file(desk.folder / "1.pdf", consent)
    ended = scan(desk, "add", "1.pdf", "--keep", "--json")
    (told,) = json.loads(ended.out)
    assert (told["file"], told["batch"], told["pages"], told["filed"]) == ("1.pdf", 1, 2, 2)
    (document,) = told["documents"]
    assert (document["pages"], document["signed"]) == (2, False)
    assert document["questions"] > 0
    assert (desk.folder / "1.pdf").exists()
    again = scan(desk, "add", "1.pdf", "--keep", "--json")
    assert again.code == 65
    assert json.loads(again.out)[0]["error"].startswith("这个文件已在第 1 批接收过")
    said = done(desk, "status")
    assert said[-1].startswith("待核对：文件 2 PZ01-FW·GA-2026-Y-0001-001《服务知情同意书》，")


def test_a_name_that_steers_the_terminal_is_shown_without_its_signs(desk: Office) -> None:
    stack_file(desk.folder / "a\n\x1b[2Jb.pdf", issue(desk, "record_e"))
    assert done(desk, "add", "a\n\x1b[2Jb.pdf")[0].startswith("a��[2Jb.pdf：第 1 批")


def test_watch_takes_what_is_whole_and_leaves_what_grows_and_what_is_no_scan(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = desk.folder / "收件"
    inbox.mkdir()
    papers = issue(desk, "record_e")
    stack_file(inbox / "好.pdf", papers)
    (inbox / "不是.pdf").write_bytes(b"text")
    (inbox / "说明.txt").write_bytes(b"text")
    growing = stack_file(inbox / "在写.pdf", [letter(papers[0])])

    def pause(_: float) -> None:
        with growing.open("ab") as file:
            file.write(b"\n")

    standing_still(monkeypatch, pause)
    ended = scan(desk, "watch", "收件", "--once")
    assert ended.code == 0
    assert ended.out.splitlines()[0].startswith("好.pdf：第 1 批，共 2 页 ＝ 已归档 2 ")
    assert "  原文件已删除；加密的副本在隔离区，2026-12-22 销毁。" in ended.out.splitlines()
    assert ended.out.splitlines()[-2:] == ["接收了 1 个文件。", "还没写完、没有接收：1 个。"]
    assert ended.err.splitlines()[0] == "不是.pdf："
    assert {path.name for path in inbox.iterdir()} == {"在写.pdf", "不是.pdf", "说明.txt"}


def test_watch_goes_on_until_it_is_stopped(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = desk.folder / "收件"
    inbox.mkdir()
    papers = issue(desk, "record_e")
    looks = 0

    def pause(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            stack_file(inbox / "1.pdf", [*papers, letter(papers[0])])
        if looks == 8:
            inbox.rename(desk.folder / "别处")
        if looks == 10:
            (desk.folder / "别处").rename(inbox)
        if looks == 12:
            raise KeyboardInterrupt

    standing_still(monkeypatch, pause)
    ended = scan(desk, "watch", "收件")
    assert ended.code == 130
    assert ended.out.count("第 1 批，共 3 页 ＝ 已归档 2 ") == 1
    assert "  原文件在“正在接收”里，这一批结清后删除；" in ended.out
    assert ended.err.count("收件文件夹读不出来") == 1
    assert [path.name for path in inbox.iterdir()] == ["正在接收"]
    done(desk, "reject", "3", "--reason", "不需要归档")
    standing_still(monkeypatch, lambda _: None)
    assert done(desk, "watch", "收件", "--once") == ["接收了 0 个文件。"]
    assert not list(inbox.iterdir())


def test_status_pages_and_queue_tell_every_page_and_why_it_waits(desk: Office) -> None:
    assert done(desk, "status") == ["还没有接收过扫描件。"]
    assert done(desk, "queue") == ["没有待处理的页。"]
    first, second = issue(desk, "record_e")
    put_in(desk, second, letter(first), empty(first))
    lines = done(desk, "status", role="worker")
    assert lines == [
        "第 1 批（待处理，1 页空白没有人看过）：共 3 页 ＝ "
        "已归档 0 ＋ 待处理 2 ＋ 重复 0 ＋ 空白 1 ＋ 分隔页等 0 ＋ 退回 0",
        "缺页：PZ01-FW·GA-2026-Y-0001-001《个案服务记录表》 缺第1页",
    ]
    (batch,) = json.loads(scan(desk, "status", "1", "--json").out)["batches"]
    assert (batch["state"], batch["adds_up"], batch["gone_by"]) == ("open", True, None)
    (waits,) = json.loads(scan(desk, "queue", "--json").out)
    assert (waits["page"], waits["code"], waits["belongs"]) == (2, "no_code", None)
    everything = json.loads(scan(desk, "queue", "--all", "--json").out)
    assert [one["code"] for one in everything] == ["incomplete", "no_code"]
    assert everything[0]["belongs"] == "PZ01-FW·GA-2026-Y-0001-001《个案服务记录表》 第2页"
    states = [one["state"] for one in json.loads(scan(desk, "pages", "1", "--json").out)]
    assert states == ["待处理", "待处理", "空白"]
    put_in(desk, first)
    assert "已归档 1" in done(desk, "status", "1")[0]


def test_show_writes_the_page_upright_and_logs_the_looking(desk: Office) -> None:
    first, _ = issue(desk, "record_e")
    stack_file(desk.folder / "1.pdf", [Paper(0, "", 0, 0, letter(first).picture, ())])
    done(desk, "add", "1.pdf")
    before = actions(desk).count("scan.read")
    lines = done(desk, "show", "1", "-o", "1.jpg")
    assert lines[0] == "第 1 号扫描页：没有读到页码：可能是外来文件、页角缺损或页码被遮住。"
    assert lines[-2] == "已写出 1.jpg。" and "没有加密，任何人都能打开" in lines[-1]
    assert picture(desk, "1.jpg").shape[0] > 800
    assert actions(desk).count("scan.read") == before + 1


def test_a_duplicate_is_shown_beside_the_page_that_is_filed(desk: Office) -> None:
    papers = issue(desk, "record_e")
    put_in(desk, *papers)
    put_in(desk, papers[1])
    lines = done(desk, "show", "3", "-o", "一.jpg")
    assert "要并排看已归档的那一页，请加 --purpose 说明目的。" in lines
    assert "document.read" not in actions(desk)
    told = json.loads(scan(desk, "show", "3", "-o", "二.jpg", "--purpose", "质控", "--json").out)
    assert told["filed_beside"] is True
    assert actions(desk)[-2:] == ["document.read", "plain.written"]
    one, two = picture(desk, "一.jpg"), picture(desk, "二.jpg")
    assert two.shape[1] > 1.9 * one.shape[1]
    left, right = two[:, : one.shape[1]], two[:, -one.shape[1] :]
    assert np.abs(left.mean(axis=1) - right.mean(axis=1)).mean() < 5, "the same page twice"


def test_what_changed_since_the_print_is_told_and_the_old_print_may_be_accepted(desk: Office) -> None:
    papers = issue(desk, "record_e")
    answers = {**json.loads(example("record_e")), "next_plan": "样例：改过的后续计划。"}
    with desk.station.archive.acting("test.revise", desk.station.worker) as unit:
        content = Content("record_e", 1, "个案服务记录表", json.dumps(answers).encode())
        revise(unit, 1, content, "样例更正")
    put_in(desk, *papers)
    told = done(desk, "show", "1", "-o", "1.jpg")
    assert told[0] == "第 1 号扫描页：打印之后文书又更正过：纸上签的是旧稿。"
    assert any(line.startswith("打印之后改过：") and "后续计划" in line for line in told)
    assert done(desk, "accept", "1") == ["已归档，2 页（文件 2）。"]
    with desk.station.archive.looking(desk.station.records) as unit:
        assert record_facts(unit, 1).state == "final", "an older print signs nothing"
    assert done(desk, "queue") == ["没有待处理的页。"]


def test_an_old_print_is_sent_back_as_such(desk: Office) -> None:
    papers = issue(desk, "record_e")
    with desk.station.archive.acting("test.revise", desk.station.worker) as unit:
        revise(unit, 1, Content("record_e", 1, "个案服务记录表", example("record_e")), "样例更正")
    put_in(desk, *papers)
    assert done(desk, "reject", "1", "2", "--reason", "旧稿") == ["2 页已退回。"]
    assert {row.reason for row in rows(desk, 1)} == {"superseded"}


def test_pages_without_code_are_assigned_to_a_file_and_to_a_print(desk: Office) -> None:
    first, second = issue(desk, "record_e")
    put_in(desk, letter(first, 1), letter(first, 2), letter(first, 3), second)
    titled = ("--to", desk.number, "--title", "诊断证明复印件")
    assert done(desk, "assign", "1", "2", *titled) == ["已作为附件归入，2 页（文件 2）。"]
    with desk.station.archive.looking(desk.station.records) as unit:
        assert titles_of(unit, desk.opened.file) == {2: "诊断证明复印件"}
    print_id = first.print_id.lower()
    lines = done(desk, "assign", "3", "--print", print_id, "--page", "1")
    assert lines == [f"第 3 号扫描页已指定为 {print_id} 的第 1 页。"]
    assert [row.state for row in rows(desk, 1)] == ["filed"] * 4
    with desk.station.archive.looking(desk.station.records) as unit:
        made = [document_facts(unit, number) for number in (2, 3)]
    assert [(one.kind, one.pages, one.file) for one in made] == [
        ("attachment", 2, desk.opened.file), ("scan", 2, desk.opened.file),
    ]  # fmt: skip


def test_pages_are_put_aside_and_taken_back(desk: Office) -> None:
    first, _ = issue(desk, "record_e")
    put_in(desk, letter(first), empty(first), letter(first, 2))
    assert done(desk, "blank", "1") == ["1 页已记为空白。"]
    assert done(desk, "back", "1", "2") == ["2 页已放回待处理。"]
    assert [row.reason for row in rows(desk, 1)] == ["by_hand", "by_hand", "no_code"]
    assert done(desk, "reject", "1", "3", "--reason", "已重新扫描") == ["2 页已退回。"]
    assert done(desk, "blank", "2") == ["1 页已记为空白。"]
    assert done(desk, "status")[0].startswith("第 1 批（已结清，副本保存至 2026-12-22）：共 3 页")
    assert [(row.state, row.reason) for row in rows(desk, 1)] == [
        ("rejected", "rescanned"), ("blank", None), ("rejected", "rescanned"),
    ]  # fmt: skip


def test_an_attachment_of_the_wrong_person_is_split_and_goes_to_the_right_one(desk: Office) -> None:
    first, _ = issue(desk, "record_e")
    stack = [letter(first, 1), letter(first, 2)]
    streams = jpegs(stack)
    scanned_pdf(desk.folder / "1.pdf", streams, dpi=150)
    done(desk, "add", "1.pdf")
    done(desk, "assign", "1", "2", "--to", desk.number)
    lines = done(desk, "split", "2", "--reason", "归错了人")
    assert lines[:2] == [
        "文件 2 已作废。",
        "第 2 批，共 2 页 ＝ 已归档 0 ＋ 待处理 2 ＋ 重复 0 ＋ 空白 0 ＋ 分隔页等 0 ＋ 退回 0",
    ]
    done(desk, "assign", "4", "3", "--to", desk.other.application_no)
    with desk.station.archive.looking(desk.station.records) as unit:
        wrong, right = document_facts(unit, 2), document_facts(unit, 3)
    assert (wrong.state, wrong.file, right.state, right.file) == (
        "void", desk.opened.file, "present", desk.other.file,
    )  # fmt: skip
    kept = [one.data for one in streams_of(content_of(desk.station.archive, right))]
    assert kept == [streams[1], streams[0]], "as they were scanned, in the order that was given"
    again = scan(desk, "split", "2", "--reason", "归错了人")
    assert again.code == 65
    assert "第 2 批" in again.err
    # Filed the same way once more, the very same bytes are another document that may be split too.
    done(desk, "split", "3", "--reason", "又错了")
    done(desk, "assign", "5", "6", "--to", desk.number)
    done(desk, "split", "4", "--reason", "还是错了")
    assert [row.state for row in rows(desk, 4)] == ["waiting", "waiting"]


def test_a_scan_accepted_too_early_is_split_and_comes_home_whole(desk: Office) -> None:
    first, second = [signed(one) for one in issue(desk, "record_e")]
    put_in(desk, first)
    done(desk, "accept", "1")
    put_in(desk, second)
    assert (rows(desk, 2)[0].state, rows(desk, 2)[0].reason) == ("waiting", "filed_without")
    done(desk, "split", "2", "--reason", "缺一页就归档了")
    assert rows(desk, 3)[0].reason == "incomplete"
    assert done(desk, "accept", "2") == ["已归档，2 页（文件 3）。"]
    assert done(desk, "queue", "--all") == ["没有待处理的页。"]


def test_a_split_that_was_interrupted_goes_on(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from desk.station.scanning import splitting
    from desk.station.scanning.receiving import put_in as put_page

    first, _ = issue(desk, "record_e")
    put_in(desk, letter(first, 1), letter(first, 2))
    done(desk, "assign", "1", "2", "--to", desk.number)

    def dies(*arguments: object) -> None:
        if arguments[2] == 2:
            raise KeyboardInterrupt
        put_page(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(splitting, "put_in", dies)
    assert scan(desk, "split", "2", "--reason", "归错了人").code == 130
    assert "接收未完" in done(desk, "status")[0]
    monkeypatch.setattr(splitting, "put_in", put_page)
    done(desk, "split", "2", "--reason", "归错了人")
    assert [row.state for row in rows(desk, 2)] == ["waiting", "waiting"]
    assert actions(desk).count("document.void") == 1


def ticked(paper: Paper) -> Paper:
    """The page with a tick by hand in every box."""
    sheet, random = paper.picture.copy(), np.random.default_rng(3)
    for entry in paper.entries:
        if entry.kind == "tick":
            pen.tick(sheet, place(entry), random, pen.any_pen(random))
    return Paper(paper.document, paper.print_id, paper.page, paper.pages, sheet, paper.entries)


def test_differences_are_told_with_cut_outs_and_answered(desk: Office) -> None:
    first, second = issue(desk, "consent_a")
    put_in(desk, first, second)  # nobody signed
    told = json.loads(scan(desk, "differences", "--json", role="worker").out)
    assert [(one["document"], one["item"]) for one in told] == [
        (2, "PZ01-FW·GA-2026-Y-0001-001《服务知情同意书》")
    ]
    rows_told = json.loads(scan(desk, "differences", "2", "--cut-outs", "剪图", "--json", role="worker").out)
    assert rows_told
    assert {one["kind"] for one in rows_told} == {"signature"}
    assert {path.stem for path in (desk.folder / "剪图").iterdir()} == {
        str(one["question"]) for one in rows_told
    }
    shown = done(desk, "differences", "2", role="worker")
    assert shown[0].startswith(f"{rows_told[0]['question']}  ")
    assert shown[-1] == "以纸为准：scan answer 编号 --paper；以档案为准：scan answer 编号 --record。"
    lines: list[str] = []
    for one in rows_told:
        lines = done(desk, "answer", str(one["question"]), "--paper", role="worker")
    assert lines == [f"第 {rows_told[-1]['question']} 处已处理，这一件转为已签字。"]
    assert done(desk, "differences", "2", role="worker") == ["没有待核对的地方。"]
    assert done(desk, "differences", role="worker") == ["没有待核对的扫描件。"]


def test_a_tick_that_differs_is_answered_for_the_paper_and_the_record_stays_as_it_is(desk: Office) -> None:
    papers = issue(desk, "application_b")
    at = next(
        number for number, one in enumerate(papers) if any(entry.kind == "tick" for entry in one.entries)
    )
    put_in(desk, *[ticked(one) if number == at else signed(one) for number, one in enumerate(papers)])
    document = json.loads(scan(desk, "differences", "--json").out)[0]["document"]
    told = json.loads(scan(desk, "differences", str(document), "--json", role="worker").out)
    ticks = [one for one in told if one["kind"] == "tick"]
    assert ticks
    lines = done(desk, "answer", str(ticks[0]["question"]), "--paper", role="worker")
    assert lines[-1] == "档案中的答案还没有改；请用 kangdang record revise 更正并写明原因。"


def test_a_person_confirms_the_signatures(desk: Office) -> None:
    put_in(desk, *issue(desk, "consent_a"))
    assert done(desk, "confirm", "2") == ["文件 2 的签名已确认，这一件转为已签字。"]
    assert done(desk, "differences", role="worker") == ["没有待核对的扫描件。"]


def test_the_incoming_file_is_taken_out_of_quarantine_and_cleared(desk: Office) -> None:
    papers = issue(desk, "record_e")
    came = stack_file(desk.folder / "1.pdf", [*papers, empty(papers[0])]).read_bytes()
    done(desk, "add", "1.pdf")
    assert done(desk, "original", "1", "-o", "原.pdf")[-1].startswith("注意：原.pdf 没有加密")
    assert (desk.folder / "原.pdf").read_bytes() == came
    assert "scan.export" in actions(desk)
    assert scan(desk, "clear", "1").code == 67, "nobody looked at the blank page"
    done(desk, "blank", "3")
    dry = done(desk, "clear", "1")
    assert dry[-1] == "会销毁原文件的加密副本和没有归档的页。确认后加 --execute。"
    assert done(desk, "original", "1", "-o", "再.pdf")
    assert done(desk, "clear", "1", "--execute") == ["第 1 批已清除，账目保留。"]
    (desk.folder / "1.pdf").write_bytes(came)
    again = scan(desk, "add", "1.pdf")
    assert again.code == 65 and "请把纸件重新扫描成新的文件" in again.err, "its copy is gone for good"
    assert scan(desk, "original", "1", "-o", "三.pdf").code == 54
    assert not (desk.folder / "三.pdf").exists()
    assert done(desk, "status")[0].startswith("第 1 批（已清除）：共 3 页 ＝ 已归档 2 ")


def test_what_lies_behind_a_separator_goes_into_its_file(desk: Office) -> None:
    lines = done(
        desk, "separator", desk.number, "--pages", "2", "--title", "诊断证明复印件", "-o", "分隔.pdf",
        role="worker",
    )  # fmt: skip
    assert lines[0].startswith("已写出分隔页 分隔.pdf（打印编号 S")
    (sheet,) = page_pictures((desk.folder / "分隔.pdf").read_bytes(), pen.DPI)
    like = Paper(0, "", 1, 1, sheet.copy(), ())
    said = put_in(desk, like, letter(like, 1), empty(like), letter(like, 2), letter(like, 3))
    assert said[0].endswith("已归档 2 ＋ 待处理 1 ＋ 重复 0 ＋ 空白 1 ＋ 分隔页等 1 ＋ 退回 0")
    with desk.station.archive.looking(desk.station.records) as unit:
        made = document_facts(unit, 1)
    assert (made.kind, made.pages, made.file, made.record) == ("attachment", 2, desk.opened.file, None)
    assert fonts(), "the sheet is drawn with the fonts of the program"


def test_the_register_of_scans_names_print_pages_and_format(desk: Office) -> None:
    papers = issue(desk, "record_e")
    put_in(desk, *papers)
    with desk.station.archive.looking(desk.station.records) as unit:
        (row,) = scan_answers(unit, desk.opened.file)["scans"]
        filed = document_facts(unit, 2)
    told = {name: row[name] for name in ("print_id", "printed_pages", "pages", "format", "sha256")}
    assert told == {
        "print_id": papers[0].print_id, "printed_pages": 2, "pages": 2, "format": "PDF",
        "sha256": filed.sha256,
    }  # fmt: skip
    ended = desk.run("records", "register", "print", "AR9", "--number", desk.number, "-o", "登记.pdf")
    assert ended.code == 0
    assert (desk.folder / "登记.pdf").read_bytes().startswith(b"%PDF-")
