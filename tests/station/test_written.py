"""Plain files beside the station: said, known under seal, taken away on a word, told by a destruction."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import select

from archives.disposal.execution import execute
from archives.disposal.forgetting import forget_emptied
from archives.items.written import Of, left_of_record, note_written, out_of_station
from archives.store.tables import records
from archives.store.tables_people import events
from archives.store.tables_written import disposal_written, written_out
from tests.archives.disposing import begun
from tests.station.casefiles import casefiles, data_files
from tests.station.disposal_office import DisposalOffice, disposal_office
from tests.station.office import Office
from tests.station.test_disposal_commands import BY_PASSWORD, executing, to_approval

KNOWN = "没有加密，任何人都能打开，档案销毁时不会随之销毁；位置已登记，用完请运行 kangdang tidy 清理。"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = casefiles(tmp_path, monkeypatch, capfd)
    data_files(made)
    return made


def rows(desk: Office) -> list[str]:
    with desk.station.archive.looking(desk.station.worker) as unit:
        return list(unit.execute(select(written_out.c.state).order_by(written_out.c.id)).scalars())


def test_what_is_written_is_said_in_one_line_and_its_place_is_sealed(desk: Office) -> None:
    ended = desk.run("worker", "record", "show", "#1", "-o", "张样例的记录.json")
    assert ended.err.splitlines()[-1] == f"注意：{Path('张样例的记录.json')} {KNOWN}"
    desk.run("auditor", "log", "export", "-o", "日志.jsonl")
    desk.run(
        "records", "register", "print", "AR4", "--from", "2026-11-01", "--to", "2026-11-22", "-o", "登记.pdf"
    )
    assert rows(desk) == ["out"] * 4  # answers, log, register and its print record
    stored = b"".join(path.read_bytes() for path in desk.station.layout.home.rglob("*") if path.is_file())
    assert "张样例的记录".encode() not in stored
    with desk.station.archive.looking(desk.station.worker) as unit:
        row = unit.execute(select(written_out)).first()
        assert row is not None and row.place is not None and "张样例".encode() not in row.place
        told = unit.execute(select(events.c.detail, events.c.subject)).all()
    assert not any("张样例" in f"{one}" or 'json"' in f"{one}" for one in told)


def test_who_writes_without_a_station_is_told_that_nobody_knows(desk: Office) -> None:
    Path("一.json").write_text("{}", encoding="utf-8")
    ended = desk.run("worker", "validate", "record_e", "一.json", "--level", "draft", "-o", "二.json")
    assert ended.err.splitlines()[-1].endswith("康档没有登记位置，用完请自行删除。")
    assert "注意" not in desk.run("worker", "blank", "record_e", "-o", "空白.pdf").err


def test_only_the_bytes_that_were_written_are_removed_each_on_a_word(desk: Office) -> None:
    for name in ("一", "二", "三", "四"):
        desk.run("worker", "record", "show", "#1", "-o", f"{name}.json")
    Path("二.json").write_text("后来改过", encoding="utf-8")
    Path("三.json").unlink()
    desk.monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\nn\n"))  # 一: yes; 三: not dropped; 四: no
    ended = desk.run("worker", "tidy")
    assert ended.code == 1
    assert not Path("一.json").exists() and Path("四.json").exists()
    assert Path("二.json").read_text(encoding="utf-8") == "后来改过"
    assert "没有找到" in ended.out and "写出以后改过" in ended.out
    assert "已移除 1 个，还登记着 3 个。" in ended.out and "不等于销毁" in ended.out
    assert "已销毁" not in ended.out
    ended = desk.run("worker", "tidy", "--execute", "--drop-missing")
    assert "已移除 1 个，未找到、不再列出 1 个，还登记着 1 个。" in ended.out
    assert rows(desk) == ["removed", "out", "missing", "removed"]
    with desk.station.archive.looking(desk.station.worker) as unit:
        query = select(written_out.c.place).where(written_out.c.state != "out")
        assert set(unit.execute(query).scalars()) == {None}


def test_a_file_written_twice_at_one_place_is_one_file(desk: Office) -> None:
    desk.run("worker", "record", "show", "#1", "-o", "一.json")
    desk.run("worker", "record", "issue", "#1", "-o", "一.pdf")
    shutil.copy("一.json", "存.json")
    desk.run("worker", "record", "show", "#2", "-o", "一.json")
    assert desk.run("worker", "tidy", "--execute").code == 0
    assert sorted(rows(desk)) == ["removed"] * 3 + ["replaced"]
    assert not Path("一.json").exists() and not Path("一.print.json").exists() and Path("存.json").exists()


def test_who_wrote_it_takes_it_away_and_the_archivist_any(desk: Office) -> None:
    desk.run("worker", "record", "show", "#1", "-o", "一.json")
    assert "没有登记过" in desk.run("auditor", "tidy", "--list").out
    told = json.loads(desk.run("records", "tidy", "--list", "--json").out)
    assert [(one["path"], one["standing"], one["done"]) for one in told] == [
        (str(Path("一.json").absolute()), "there", None)
    ]


def test_a_removal_cut_short_is_ended_by_the_next(desk: Office) -> None:
    desk.run("worker", "record", "show", "#1", "-o", "一.json")
    Path("一.json").rename(".kangdang-tidy-1.tmp")
    assert desk.run("worker", "tidy", "--execute").code == 0
    assert not list(Path().glob(".kangdang-tidy*")) and rows(desk) == ["removed"]


def test_a_file_that_cannot_be_written_is_told_missing(desk: Office) -> None:
    Path("夹.json").mkdir()
    assert desk.run("worker", "record", "show", "#1", "-o", "无此夹/一.json").code != 0
    assert "没有找到" in desk.run("worker", "tidy", "--list").out


# --- destruction ------------------------------------------------------------------------------------------


@pytest.fixture
def made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> DisposalOffice:
    return disposal_office(tmp_path, monkeypatch, capfd)


def test_a_destruction_lists_what_is_out_and_its_list_says_how_many(made: DisposalOffice) -> None:
    desk = made.office
    for name in ("一", "二"):
        desk.run("records", "record", "show", f"#{made.due[0]}", "--purpose", "质控", "-o", f"{name}.json")
    desk.monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\n"))
    desk.run("records", "tidy")
    sha256 = to_approval(made)
    desk.run("records", "record", "show", f"#{made.due[0]}", "--purpose", "质控", "-o", "三.json")
    out = desk.run("records", "disposal", "execute", "XH-2030-001").out
    assert "还在外面" in out and "三.json" in out and "请先运行 kangdang tidy 清理" in out
    ended = desk.run("records", *executing(sha256, *BY_PASSWORD))
    assert ended.code == 0 and "三.json" in ended.err, "told before the witnesses are asked"
    desk.run("records", "disposal", "certificate", "XH-2030-001", "-o", "证明.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader("证明.pdf").pages).replace("\n", "")
    assert "写出文件未清理2份、已移除1份" in text.replace(" ", "")


def test_what_is_known_of_a_person_goes_with_the_key_of_the_file(made: DisposalOffice) -> None:
    desk, record = made.office, made.due[2]
    desk.run("records", "record", "show", f"#{record}", "--purpose", "质控", "-o", "一.json")
    with desk.station.archive.looking(desk.station.records) as unit:
        assert left_of_record(unit, record).still_out == 1
    number = begun(desk.station, [record])
    execute(desk.station.archive, desk.station.records, number)
    forget_emptied(desk.station.archive, desk.station.records)
    with desk.station.archive.looking(desk.station.records) as unit:
        kept = unit.execute(select(disposal_written)).one()
        assert (kept.record_id, kept.still_out) == (record, 1)
        assert not unit.execute(select(written_out).where(written_out.c.record_id == record)).all()
        file = unit.execute(select(records.c.file_id).where(records.c.id == record)).scalar_one()
    assert Path("一.json").exists(), "nobody claims that it is gone"
    with desk.station.archive.acting("test.later", desk.station.records) as unit:
        note_written(unit, "register.print", [Of(file)], {"/样例.pdf": "0" * 64})
        assert [one.of.file == file for one in out_of_station(unit)] == [False], "the station's own now"
