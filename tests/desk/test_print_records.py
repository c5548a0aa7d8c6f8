"""Print records outlive reprints; another person's paper stays out of a packet; person files are checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.output import write_together
from generator.resources import data_dir
from generator.whose import strangers
from tests.desk.conftest import Kangdang

CASE: dict[str, Any] = json.loads((data_dir("schemas") / "cases" / "sample.json").read_text(encoding="utf-8"))


def record(number: str, **more: object) -> bytes:
    return json.dumps({"print_id": number, **more}).encode()


def test_a_record_is_never_replaced_by_another(tmp_path: Path) -> None:
    place = tmp_path / "a.print.json"
    for number in ("0123456789", "1123456789", "1123456789"):
        write_together({place: record(number), tmp_path / "a.pdf": number.encode()})
    write_together({place: record("1123456789", pages=2)})
    found = {path.name: json.loads(path.read_bytes()) for path in tmp_path.glob("*.json")}
    assert set(found) == {"a.print.json", "a.0123456789.print.json", "a.1123456789.print.json"}
    assert {one["print_id"] for one in found.values()} == {"0123456789", "1123456789"}
    assert found["a.print.json"]["pages"] == 2


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_whatever_a_record_holds_it_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, all_: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("records")
    for one in all_:
        write_together({folder / "a.print.json": one})
    assert {path.read_bytes() for path in folder.iterdir()} == set(all_)


def test_the_same_paper_printed_twice_leaves_both_records(kangdang: Kangdang, tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        ended = kangdang("blank", "needs_survey", "-o", tmp_path / "a.pdf", "--person", person(tmp_path))
        assert ended.code == 0
        told.append(ended.out + ended.err)
    (kept,) = tmp_path.glob("a.*.print.json")
    assert "此前的打印记录" not in told[0]
    assert f"此前的打印记录另存为 {kept}，已印出的纸件仍可凭它归档" in told[1]
    assert kept.name not in told[1].partition("注意：")[2], "it is told once, and by what it is"


def person(folder: Path, **facts: object) -> Path:
    path = folder / "person.json"
    path.write_text(json.dumps(facts or {"client_name": "样例甲"}, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"clientname": "样例甲"}, "clientname（是否为 client_name？）"),
        ({"client_name": "样例甲", "gendr": "男"}, "gendr（是否为 gender？）"),
        ({"live_address": " "}, "没有《需求调查表》表头要印的栏目"),
        ({"x" * 5000: 1}, "x" * 40 + "…"),
        ({"person": []}, "/person：应是一个对象"),
        ({"forms": {}}, "没有任何栏目"),
    ],
)
def test_a_person_file_that_would_print_a_nameless_sheet_is_refused(
    kangdang: Kangdang, tmp_path: Path, facts: dict[str, object], named: str
) -> None:
    path = person(tmp_path, **facts)
    ended = kangdang("blank", "needs_survey", "-o", tmp_path / "a.pdf", "--person", path)
    assert ended.code == 1
    assert named in ended.err
    assert "样例甲" not in ended.err
    assert not (tmp_path / "a.pdf").exists()


def test_a_case_serves_as_a_person_file(kangdang: Kangdang, tmp_path: Path) -> None:
    path = person(tmp_path, **CASE)
    assert kangdang("blank", "needs_survey", "-o", tmp_path / "a.pdf", "--person", path).code == 0


def test_the_sample_case_is_one_persons() -> None:
    assert list(strangers({**CASE, "forms": as_lists(CASE["forms"])})) == []


def as_lists(forms: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: rows if isinstance(rows, list) else [rows] for name, rows in forms.items()}


A, B = (
    {"client_name": "样例·甲", "cid": "110101198503120017"},
    {"client_name": "样例乙", "cid": "110101199003070038"},
)


@pytest.mark.parametrize(
    ("forms", "field"),
    [
        ({"application_b": [A], "needs_survey": [{"client_name": "样例乙"}]}, "姓名"),
        ({"application_b": [A], "basic_registration": [{**A, "cid": B["cid"]}]}, "证件号码"),
        (
            {
                "needs_survey": [
                    {"client_name": "样例甲", "birth_date": "1985-03-12"},
                    {"birth_date": "1990-03-07"},
                ]
            },
            "出生日期",
        ),
    ],
)
def test_another_persons_paper_is_told_by_field_and_never_by_value(forms: dict[str, Any], field: str) -> None:
    (found,) = strangers({"forms": forms})
    assert field in found.message
    assert not any(value in str(found) for value in (*A.values(), *B.values(), "样例", "1990"))


def test_a_name_written_otherwise_or_changed_is_no_other_person() -> None:
    same = {"client_name": "样例 甲", "cid": A["cid"].lower()}
    married = {"client_name": "样例丙", "cid": A["cid"]}
    forms = {
        "application_b": [A],
        "basic_registration": [same, married],
        "needs_survey": [{"client_name": "样例．甲"}],
    }
    assert list(strangers({"person": {"name": "样例甲"}, "forms": forms})) == []


def test_a_packet_with_another_persons_paper_is_refused(kangdang: Kangdang, tmp_path: Path) -> None:
    case = json.loads(json.dumps(CASE))
    forms = as_lists(case["forms"])
    forms["application_b"][0] |= {
        "client_name": "样例别人",
        "cid": "110101199003070038",
        "birth_date": "1990-03-07",
    }
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**case, "forms": forms}, ensure_ascii=False), encoding="utf-8")
    ended = kangdang("packet", "intake", path, "-o", tmp_path / "p.pdf")
    assert ended.code != 0
    assert "像是别人的表" in ended.err
    assert "样例别人" not in ended.err
    assert not (tmp_path / "p.pdf").exists()
