"""A cell means what the sheet shows, whichever way it is stored; what is passed over is said."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desk.batch import shown
from desk.batch.cells import answer
from desk.batch.columns import columns
from desk.batch.shown import Number
from desk.cli.main import run
from generator.forms.catalogue import load_form
from tests.batch.conftest import Batch
from tests.batch.test_roster_mistakes import People, book_with

SHOWN = [
    ("7", "000", "007"),
    ("0.85", "0%", "85%"),
    ("0.855", "0.0%", "85.5%"),
    ("0.85", '0" %"', "1 %"),
    ("0.85", "0 %", "85 %"),
    ("1234.5", "#,##0.00", "1,234.50"),
    ("1234567", "#,##0", "1,234,567"),
    ("-3.5", "0.0;(0.0)", "(3.5)"),
    ("-3.5", "0.00", "-3.50"),
    ("12.5", '0.0"元"', "12.5元"),
    ("12.5", '"¥"#,##0.00', "¥12.50"),
    ("12.5", "[$¥-804]#,##0.00", "¥12.50"),
    ("0", "0.00", "0.00"),
    ("0", "#", ""),
    ("1.50", "0.##", "1.5"),
    ("8123333333", "0000-0000000", "0812-3333333"),
    ("62.3499999999999", "General", "62.35"),
    ("68.58500000000001", "General", "68.585"),
    ("2.675", "0.00", "2.68"),
    ("123456789012", "General", "123456789012"),
    ("1E-7", "General", "0.0000001"),
    ("5", "@", "5"),
    ("5", 'General"次"', "5次"),
]


@pytest.mark.parametrize(("value", "code", "text"), SHOWN)
def test_a_number_reads_as_its_format_shows_it(value: str, code: str, text: str) -> None:
    assert shown.text(Number(Decimal(value), code)) == text


@pytest.mark.parametrize(
    ("code", "moment"),
    [
        ("yyyy-mm-dd", True), ("h:mm", True), ("[h]:mm", True), ('m"月"d"日"', True), ("General", False),
        ("0.00", False), ("[Red]0", False), ('0"天"', False), ("[$-804]0", False), ("@", False),
    ],
)  # fmt: skip
def test_which_formats_are_dates(code: str, moment: bool) -> None:
    assert shown.is_moment(code) is moment


def cell(form: str, heading: str, value: Any) -> Any:
    column = columns([load_form(form)]).find(heading)
    assert column is not None
    parsed = answer(column, value)
    return parsed.problem or parsed.value


@pytest.mark.parametrize(
    ("form", "heading", "value", "meant"),
    [
        ("record_e", "录音编号", Number(Decimal("0.378472222222222"), "h:mm:ss"), "9:05:00"),
        ("record_e", "录音编号", Number(Decimal("1.10416666666667"), "[h]:mm"), "26:30"),
        ("record_e", "录音编号", "2026E05", "2026E05"),
        ("record_e", "录音编号", "ＬＹ－０１", "LY-01"),
        ("record_e", "录音编号", "第１盘，Ａ面", "第1盘，A面"),
        ("record_e", "总计（分钟）", Number(Decimal("50.0")), 50),
        ("record_e", "总计（分钟）", "50.0", 50),
        ("record_e", "总计（分钟）", "５０", 50),
        ("record_e", "总计（分钟）", "50.5", "应为整数，只写数字。"),
        ("record_e", "总计（分钟）", Number(Decimal("0.0347222222"), "[h]:mm"),
         "是时间或时长，不是数字。请改为常规格式，写成数字，如 90。"),
        ("health_exam", "体重（kg）", Number(Decimal("62.3499999999999")), 62.35),
        ("health_exam", "体重（kg）", Number(Decimal("68.58500000000001"), "0.0"), 68.6),
        ("health_exam", "体重（kg）", Number(Decimal("0.85"), "0%"),
         "显示为 85%，是百分数。请改为常规格式，写成不带 % 的数字。"),
        ("application_b", "申请日期", Number(Decimal(46086), "yyyy-mm-dd"), "2026-03-05"),
        ("application_b", "申请日期", Number(Decimal(44624), "yyyy-mm-dd", since_1904=True), "2026-03-05"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_is_shown(form: str, heading: str, value: Any, meant: Any) -> None:
    assert cell(form, heading, value) == meant


def _csv(people: People, delimiter: str = ",") -> str:
    stream = io.StringIO()
    table = csv.DictWriter(stream, list(people[0]), extrasaction="ignore", delimiter=delimiter)
    table.writeheader()
    table.writerows(people)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("before", "delimiter", "encoding"),
    [
        ("", ";", "utf-8-sig"), ("sep=;\r\n", ";", "gb18030"), ("sep=,\r\n", ",", "utf-8-sig"),
        ("", "\t", "utf-16"),
        ("", ",", "utf-16-le"), ("", ",", "utf-16-be"), ("\ufeff", ",", "utf-8-sig"),
        ("名册\r\n", ";", "gb18030"),
    ],
)  # fmt: skip
def test_csv_of_any_origin(before: str, delimiter: str, encoding: str, people: People, batch: Batch) -> None:
    Path("名册.csv").write_bytes((before + _csv(people, delimiter)).encode(encoding))
    ended = batch("名册.csv")
    assert ended.code == 0, ended.told
    assert len(ended.results) == 3


def test_big5_is_told_from_gb18030_by_its_headings(tmp_path: Path) -> None:
    from desk.batch.separated import decoded

    path = tmp_path / "名册.csv"
    path.write_bytes("姓名,聯繫電話\n樣例甲,13800000000\n".encode("big5"))
    assert "樣例甲" in decoded(path, lambda name: name == "姓名")


def test_a_title_above_and_a_column_of_remarks_are_passed_over_and_said(people: People, batch: Batch) -> None:
    def change(sheet: Any) -> None:
        sheet.cell(1, sheet.max_column + 1, "备注")
        sheet.cell(2, sheet.max_column, "下周来")
        sheet.insert_rows(1)
        sheet["A1"] = "一季度名册"
        sheet.merge_cells("A1:F1")

    ended = batch(book_with(people, change))
    assert ended.code == 0, ended.told
    assert sorted(ended.results) == [3, 4, 5]
    assert ended.told["notes"] == ["标题在第 2 行，它上面的内容没有读。", "“备注”一列不用于文书，没有读。"]


@pytest.mark.parametrize(("choice", "rows"), [("skip", [2, 4]), ("print", [2, 3, 4])])
def test_hidden_rows_are_printed_or_not_as_somebody_says(
    choice: str, rows: list[int], people: People, batch: Batch
) -> None:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True

    ended = batch(book_with(people, change), "--hidden-rows", choice)
    assert sorted(ended.results) == rows
    assert "隐藏的列照样读入" in ended.told["notes"][0]
    assert "名册有 1 行是隐藏的（第 3 行）" in ended.told["notes"][1]
    assert ended.told["empty_rows"] == 0


def test_the_sheet_named_is_read_and_the_others_are_said(people: People, batch: Batch) -> None:
    book = openpyxl.Workbook()
    for name, some in (("一月", people[:2]), ("二月", people[2:])):
        sheet = book.create_sheet(name)
        sheet.append(list(people[0]))
        for one in some:
            sheet.append(list(one.values()))
    book.save("名册.xlsx")
    ended = batch("名册.xlsx", "--sheet", "二月")
    assert sorted(ended.results) == [2]
    assert ended.told["notes"] == ["只读了“二月”一页，没有读：“一月”（2 行）。"]


def test_all_faults_of_a_row_are_told_in_one_round(people: People, batch: Batch) -> None:
    people[1]["申请日期"] = "2026-2-30"
    people[1]["服务对象需求"] = ""
    ended = batch(book_with(people, lambda sheet: None))
    assert [why.partition("：")[0] for why in ended.results[3]["why"]] == ["申请日期", "服务对象需求"]


def test_no_reason_names_an_option_that_batch_does_not_have(people: People, batch: Batch) -> None:
    people[1]["依据（不跟进）"] = "服务对象面临的问题不在中心服务受理范围内"
    ended = batch(book_with(people, lambda sheet: None))
    why = "".join(ended.results[3]["why"])
    assert "依据（不跟进）" in why
    assert "--" not in why


def test_the_result_names_people(people: People, batch: Batch) -> None:
    people[1]["申请日期"] = "2026-2-30"
    batch(book_with(people, lambda sheet: None))
    sheet = openpyxl.load_workbook("文书/结果.xlsx").active
    assert sheet is not None
    names = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert names == [one["姓名"] for one in people]


@pytest.mark.parametrize("shape", [{"case": [1]}, {"station": "样例站"}, {"forms": {"x": 5}}, {"人": {}}])
def test_what_all_rows_share_must_have_its_shape(
    shape: Any, people: People, batch: Batch, tmp_path: Path
) -> None:
    Path("c.json").write_text(json.dumps(shape), encoding="utf-8")
    ended = batch(book_with(people, lambda sheet: None), "--case", "c.json", "--track", "sw")
    assert ended.code == 12
    assert ended.error.startswith("个案文件 c.json 的/")


def test_notes_are_said_before_the_first_print(
    people: People, batch: Batch, capfd: pytest.CaptureFixture[str]
) -> None:
    roster = book_with(people, lambda sheet: sheet.insert_rows(1))
    run(["batch", "application_b", roster, "-o", "另"])
    assert "注意：标题在第 2 行" in capfd.readouterr().err
