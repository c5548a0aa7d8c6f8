"""What stands above the tables: on a station's papers nothing unless it wishes, on samples the standard's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from desk.home import KEY_FILE
from tests.desk.conftest import Kangdang, example


def words(path: Path) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(path).pages))


def printed(kangdang: Kangdang, *more: object) -> str:
    Path("b.json").write_text(json.dumps(example("application_b"), ensure_ascii=False), encoding="utf-8")
    assert kangdang("render", "application_b", "b.json", "-o", "b.pdf", *more).code == 0
    return words(Path("b.pdf"))


def station(captions: str | None = None) -> Path:
    home = Path("home")
    home.mkdir()
    if captions is None:
        (home / KEY_FILE).write_text("ab" * 32)
        return home
    (home / "keys").mkdir()
    (home / "keys" / "page-code.key").write_text("ab" * 32)
    facts = {"station_id": "S1", "name": "样例站", "fonds": "PZ01"}
    told = {"station": facts, "keys_folder": "keys", "captions": captions}
    (home / "station.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return home


def test_samples_say_which_table_of_the_standard_they_are(kangdang: Kangdang) -> None:
    assert "表B.1" in printed(kangdang)


@pytest.mark.parametrize(("captions", "stands"), [(None, False), ("none", False), ("corrected", True)])
def test_a_stations_paper_says_so_only_when_the_station_wishes(
    kangdang: Kangdang, captions: str | None, stands: bool
) -> None:
    home = station(captions)
    assert ("表B.1" in printed(kangdang, "--home", home)) is stands
    assert "表B.1" in printed(kangdang, "--home", home, "--captions", "verbatim")
    assert "表B.1" not in printed(kangdang, "--home", home, "--captions", "none")
    assert kangdang("blank", "application_b", "-o", "x.pdf", "--home", home).code == 0
    assert "表B.1" in words(Path("x.pdf"))


def test_a_wrong_setting_is_named(kangdang: Kangdang) -> None:
    home = station("big")
    Path("b.json").write_text(json.dumps(example("application_b"), ensure_ascii=False), encoding="utf-8")
    ended = kangdang("render", "application_b", "b.json", "-o", "b.pdf", "--home", home)
    assert ended.code != 0
    assert "captions" in ended.err
