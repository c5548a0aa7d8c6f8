"""Rosters as people bring them: Excel dates, CSV in Chinese encodings, jsonl, the template, many rows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desk.batch import sheets
from desk.batch.columns import columns, plain_heading
from desk.batch.plan import plan_for
from desk.batch.roster import Roster
from desk.batch.workbook import open_workbook
from desk.cli.main import run
from generator.errors import DataUnreadable, FormNotFound
from generator.forms.catalogue import load_form
from tests.batch.conftest import Batch
from tests.batch.making import SEVEN, case_of, line, person, write_xlsx
from tests.batch.test_roster_mistakes import People, book_with


def test_excel_dates_and_full_width_numbers_are_understood(people: People, batch: Batch) -> None:
    people[0]["申请日期"] = datetime(2026, 3, 5)
    people[1]["申请日期"] = 20260305
    people[2]["申请日期"] = "二〇二六年三月五日"
    people[0]["联系电话"], people[1]["联系电话"] = 13800000000, "１３８ ００００ ００００"
    for one in people:
        one["接案决定日期"] = "2026/3/6"
    ended = batch(book_with(people, lambda sheet: None))
    assert ended.code == 0, ended.told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding_excel_writes(encoding: str, people: People, batch: Batch) -> None:
    stream = io.StringIO()
    table = csv.DictWriter(stream, list(people[0]), extrasaction="ignore")
    table.writeheader()
    table.writerows(people)
    Path("名册.csv").write_bytes(stream.getvalue().encode(encoding))
    assert batch("名册.csv").code == 0


def test_jsonl_of_cases_and_of_headings(people: People, batch: Batch) -> None:
    base = case_of(["application_b"])
    case = person(base, 9)
    case["forms"]["application_b"] = case["forms"]["application_b"][0]
    lines = [people[0], case, {"姓明": "样例"}, {"person": {"name": "样\u200b例"}}]
    text = "\n".join(json.dumps(one, ensure_ascii=False) for one in lines) + "\n\n{\n"
    Path("名册.jsonl").write_text(text, encoding="utf-8")
    ended = batch("名册.jsonl")
    assert [ended.results[row]["outcome"] for row in (1, 2, 3, 4, 6)] == [
        "完成",
        "完成",
        "未通过",
        "未通过",
        "未通过",
    ]
    assert "姓明" in ended.results[3]["why"][0]
    assert "U+200B" in ended.results[4]["why"][0]
    assert ended.told["empty_rows"] == 1


def test_empty_rows_are_passed_over_and_counted(people: People, batch: Batch) -> None:
    ended = batch(book_with([people[0], {}, {"姓名": "  "}, people[1]], lambda sheet: None))
    assert ended.code == 0
    assert ended.told["empty_rows"] == 2
    assert sorted(ended.results) == [2, 5], "rows are counted as the spreadsheet counts them"


def test_headings_of_any_width_and_with_a_star(people: People, batch: Batch) -> None:
    def change(sheet: Any) -> None:
        for cell in sheet[1]:
            cell.value = f" {cell.value}* ".replace("（", "(").replace("）", ")").replace(" 省", "\n省")

    assert batch(book_with(people, change)).code == 0


def test_a_sheet_with_a_name_wins_over_the_first(people: People, batch: Batch) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["说明"])
    sheet = book.create_sheet("名册")
    sheet.append(list(people[0]))
    sheet.append(list(people[0].values()))
    book.save("名册.xlsx")
    assert batch("名册.xlsx").code == 0


def test_the_template_filled_in_gives_documents(tmp_path: Path, people: People, batch: Batch) -> None:
    assert run(["batch", "application_b", "--template", "空白.xlsx"]) == 0
    book = openpyxl.load_workbook("空白.xlsx")
    sheet = book["名册"]
    names = [cell.value for cell in sheet[1]]
    for one in people:
        del one["居住地址 行政区划代码"]  # neither printed nor needed: not offered, but understood
        assert set(one) <= set(names)
        sheet.append([one.get(str(name)) for name in names])
    book.save("名册.xlsx")
    assert batch("名册.xlsx").code == 0


def test_the_template_keeps_numbers_as_text_and_offers_options() -> None:
    from desk.batch.template import template_workbook

    plan = plan_for("application_b")
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(plan.columns(), plan.title)))
    sheet, explained = book["名册"], book["填写说明"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for heading in ("公民身份号码", "联系电话", "申请编号"):
        assert sheet.column_dimensions[letters[heading]].number_format == "@"
    offered = {
        str(check.sqref).split("2:")[0]: check.formula1 for check in sheet.data_validations.dataValidation
    }
    assert letters["申请途径"] in offered
    options, cells = offered[letters["申请途径"]].split("!")
    found = [row[0].value for row in book[options][cells.replace("$", "")]]
    assert found == ["主动求助", "社工发现", "他人转介", "其他"]
    assert book[options].sheet_state == "hidden"
    rows = {row[0]: row for row in explained.iter_rows(min_row=4, values_only=True)}
    assert rows["姓名"][1] == "必填"
    assert "跟进 = 否" in str(rows["依据（不跟进）"][5])
    assert set(rows) == set(letters)


@pytest.mark.parametrize("name", ["intake", "plan", "service", "closing", *SEVEN])
def test_no_two_columns_share_a_heading_and_every_target_is_read_back(name: str) -> None:
    found = plan_for(name).columns()
    headings = [plain_heading(column.heading) for column in found.all]
    assert len(set(headings)) == len(headings), [h for h in headings if headings.count(h) > 1]
    for column in found.all:
        again = found.find(column.heading)
        assert again is not None
        assert again.target == column.target


def test_further_rows_of_a_list_have_their_own_columns() -> None:
    found = columns([load_form("preassess_c")])
    third = found.find("需求分析 第3行 需求")
    assert third is not None
    assert third.target == "/forms/preassess_c/0/needs_analysis/2/need"
    assert found.find("需求分析 第99行 需求") is None


def test_a_name_nobody_knows_gets_a_suggestion() -> None:
    with pytest.raises(FormNotFound, match="是不是“intake”"):
        plan_for("intke")


def many_rows(folder: Path, count: int) -> Roster:
    """A roster with the same person again and again."""
    found = plan_for("application_b").columns()
    one = line(found, person(case_of(["application_b"]), 1))
    return Roster(write_xlsx(folder / "名册.xlsx", list(one), ([*one.values()] for _ in range(count))), found)


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_every_row_of_many_is_read(tmp_path: Path, count: int) -> None:
    assert [bool(row.problems) for row in many_rows(tmp_path, count).rows()] == [False] * count


def test_rows_are_read_in_little_memory(tmp_path: Path) -> None:
    """Neither all cells nor all rows are kept: of two thousand either would take more."""
    import tracemalloc

    rows = many_rows(tmp_path, 2_000).rows()
    tracemalloc.start()
    for _ in range(300):
        assert not next(rows).problems
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 4_000_000


def test_a_damaged_row_number_does_not_make_rows_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is made up before the one numbered 99,999,999,999."""
    monkeypatch.setattr(sheets, "MAX_LINES", 1000)
    sound, damaged = tmp_path / "好.xlsx", tmp_path / "坏.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["姓名"])
    book.active.append(["样例甲"])
    book.save(sound)
    with zipfile.ZipFile(sound) as package, zipfile.ZipFile(damaged, "w") as changed:
        for name in package.namelist():
            part = package.read(name)
            if name.startswith("xl/worksheets/"):
                part = part.replace(b'r="2"', b'r="99999999999"').replace(b'"A2"', b'"A99999999999"')
            changed.writestr(name, part)
    assert len(list(_lines(sound))) == 2
    with pytest.raises(DataUnreadable, match="超过 1000 行"):
        list(islice(_lines(damaged), 1001))


def _lines(path: Path) -> Iterator[sheets.Line]:
    book = open_workbook(path)
    return sheets.lines(book, book.sheets[0])
