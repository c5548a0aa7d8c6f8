"""One person's extract of a group's record: the own line is there, nobody else is, down to the bytes."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import DataInvalid
from generator.extracts import extract, participants
from generator.forms.catalogue import load_form
from generator.render import PrintIdentity, PrintOptions, form_kit, render_docx, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.validation.validate import validate

NOW = datetime(2026, 1, 5, 9, 0)
IDENTITY = PrintIdentity("0000000000", datetime(2026, 1, 5, 9, 0, tzinfo=UTC))


def record(**changes: Any) -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / "activity_record" / "valid-full.json"
    return {**json.loads(path.read_text(encoding="utf-8")), **changes}


def line(name: str, **rest: str) -> dict[str, Any]:
    return {"name": name, "kind": "服务对象", "attended": True, **rest}


def gossip() -> dict[str, Any]:
    """A record that names everybody everywhere."""
    names = "样例乙、样例丁、样例 戊、样例庚、样例社工、样例护士、GA-2025-0003"
    told = record(
        activity_name=f"与{names}同乐", place=f"{names}家", goal=f"帮助{names}", process=names, effect=names
    )
    told["participants"][0] |= {"performance": f"样例甲与{names}配合；例丁夸奖了样例甲。", "note": names}
    return told


def docx_bytes(answers: dict[str, Any]) -> bytes:
    raw = render_docx(form_kit("activity_extract"), answers, PrintOptions(), IDENTITY).content
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return raw + b"".join(package.read(name) for name in package.namelist())


def pdf_bytes(answers: dict[str, Any]) -> tuple[bytes, str]:
    """Every byte of the file, streams inflated too, and the text a reader extracts."""
    raw = render_pdf(form_kit("activity_extract"), answers, PrintOptions(), IDENTITY, bundled_fonts()).content
    reader = pypdf.PdfReader(io.BytesIO(raw))
    opened = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
    streams = [item.get_data() for item in opened if isinstance(item, pypdf.generic.StreamObject)]
    text = "".join(page.extract_text() for page in reader.pages)
    return raw + b"".join(streams), "".join(text.split())


OTHERS = ("样例乙", "样例丁", "样例戊", "样例庚", "样例社工", "样例护士", "GA-2025-0003")


@pytest.mark.parametrize("source", [record(), gossip()], ids=["plain", "gossip"])
def test_nobody_else_is_in_the_bytes(source: dict[str, Any]) -> None:
    answers = extract(source, "GA-2025-0001")
    docx = docx_bytes(answers)
    pdf, text = pdf_bytes(answers)
    assert "样例甲".encode() in docx and "样例甲" in text and "HD-2025-0031" in text
    for name in OTHERS:
        for coding in ("utf-8", "utf-16-be", "utf-16-le", "gb18030"):
            assert name.encode(coding) not in docx, name
            assert name.encode(coding) not in pdf, name
        assert name not in text


def test_it_is_a_valid_extract_of_the_own_line() -> None:
    source = record()
    answers = extract(source, "样例丁")
    assert answers["case_no"] == "GA-2025-0003"
    assert answers["performance"] == source["participants"][1]["performance"]
    assert answers["attended"] is True and "process" not in answers and "leaders" not in answers
    assert not validate(load_form("activity_extract"), answers, "final", NOW).errors


def test_masked_words_read_on() -> None:
    answers = extract(gossip(), "样例甲")
    assert answers["performance"].startswith("样例甲与某参加者、某参加者、")
    assert "某参加者夸奖了样例甲" in answers["performance"], "a given name alone names the person too"
    assert answers["place"].endswith("工作人员、某参加者家")


def test_names_inside_names() -> None:
    rows = [
        line("李明华", client_no="GA-2025-0001", performance="李明华扶起李明，李明谢过"),
        line("李明", performance="被李明华扶起"),
    ]
    source = record(participants=rows)
    assert extract(source, "李明华")["performance"] == "李明华扶起某参加者，某参加者谢过"
    assert extract(source, "李明")["performance"] == "被某参加者扶起"


def test_leaders_only_when_asked_for() -> None:
    assert extract(record(), "样例甲", name_staff=True)["leaders"] == ["样例社工"]


@pytest.mark.parametrize("person", ["样例癸", "GA-2025-9999", ""])
def test_someone_who_was_not_there(person: str) -> None:
    with pytest.raises(DataInvalid, match="没有这个人"):
        extract(record(), person)


def test_namesakes_need_the_number() -> None:
    rows = [
        line("样例甲", client_no=number, performance=number[-1])
        for number in ("GA-2025-0001", "GA-2025-0002")
    ]
    with pytest.raises(DataInvalid, match="分不清") as caught:
        extract(record(participants=rows), "样例甲")
    assert "样例甲" not in str(caught.value)
    assert extract(record(participants=rows), "GA-2025-0002")["performance"] == "2"


def test_extracts_are_due_for_service_users() -> None:
    assert participants(record()) == ("GA-2025-0001", "GA-2025-0003", "GA-2025-0007", "GA-2025-0008")


han = st.text("赵钱孙李周吴郑王冯陈明华丽强芳·", min_size=2, max_size=6).filter(lambda n: n.strip("·") == n)
spaced = st.sampled_from(["", " ", "\u3000", "\n"])


@given(st.lists(han, min_size=2, max_size=6, unique=True), st.data(), spaced)
def test_no_name_survives_in_any_text(names: list[str], data: st.DataObject, gap: str) -> None:
    text = "，".join(gap.join(data.draw(st.sampled_from(names))) for _ in range(8))
    rows = [line(name, performance=text) for name in names]
    mine = names[0]
    answers = extract(record(participants=rows, goal=text), mine)
    for field in ("performance", "goal"):
        left = "".join(answers[field].replace("某参加者", "#").split())
        for name in names[1:]:
            if name not in mine and mine not in name:
                assert name not in left.replace(mine, "#")
