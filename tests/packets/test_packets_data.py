"""``schemas/packets.json`` and the sources of prefill agree with the forms."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import run
from generator.forms.catalogue import Catalogue, read_json
from generator.packets import check
from generator.packets.catalogue import packet_specs, shape, site_forms
from generator.resources import data_dir

ORDER = {
    "intake": "IN5 IN2 IN9 B A IN11 IN13 IN3 IN3r IN4 IN7 IN6",
    "plan": "C IN1 IN8 SV12 D SV1 SV5",
    "service": "E SV2 SV4X SV7 SV8 SV9 SV10 SV11 SV14 SV15 SV16 SV17 SV3",
    "closing": "F QA2 G EX1 EX2",
    "archive": "AR1 AR2 AR9 AR3",
}


def test_the_packets_are_those_of_the_standard_in_their_order() -> None:
    found = {name: " ".join(entry.code for entry in spec.entries) for name, spec in packet_specs().items()}
    assert found == ORDER


def test_every_paper_of_a_packet_has_its_form() -> None:
    assert check.absent_forms() == {}


def test_a_paper_without_a_form_is_named(tmp_path: Path) -> None:
    shutil.copy(data_dir("schemas") / "application_b.json", tmp_path)
    absent = check.absent_forms(Catalogue([tmp_path]))
    assert absent["refusal_notice"] == "IN13 不予接案告知书"
    assert "application_b" not in absent


def test_form_check_names_the_papers_without_a_form(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "absent_forms", lambda: {"refusal_notice": "IN13 不予接案告知书"})
    monkeypatch.setattr("desk.checking.check_forms", lambda **_: [])  # what else it checks has its own tests
    monkeypatch.setattr("desk.checking.list_forms", list)
    run(["form", "check"])
    assert "还有 1 种文书目录里没有表单：IN13 不予接案告知书（refusal_notice）。" in capfd.readouterr().out


def test_packets_forms_and_sources_of_prefill_agree() -> None:
    assert [str(found) for found in check.check_packets()] == []


def test_no_sheet_about_many_people_is_in_a_packet() -> None:
    packed = {entry.form_id for spec in packet_specs().values() for entry in spec.entries}
    assert not packed & set(site_forms())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"form": "application_b"}, "每种文书只属于一个包"),
        ({"lest": 1}, "是不是“least”？"),
        ({"tracks": ["swi"]}, "只能是 sw、inst"),
        ({"when": {"a": {"contans": 1}}}, "是不是“contains”？"),
        ({"least": 1, "why": ""}, "应有 why"),
        ({"least": "1"}, "类型不对"),
    ],
)
def test_a_mistake_in_the_file_is_found(change: dict[str, Any], message: str) -> None:
    written = copy.deepcopy(dict(read_json(data_dir("schemas") / "packets.json")))
    written["packets"]["intake"]["entries"][0] |= change
    assert any(message in str(found) for found in shape(written))
