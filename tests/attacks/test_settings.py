"""station.json lies open beside the data: editing it must not shorten the wait before a destruction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from archives.archive import StationFacts
from archives.disposal.approval import approve_list
from archives.errors import HomeUnusable, InputRefused, NotYet
from archives.home import Layout, Settings
from archives.keys import vault as vaults
from desk.cli.main import run
from desk.station.opening import require_own_settings
from tests.archives.disposing import appraised, open_execution, refused, with_schedule
from tests.archives.making import seeded, station


@pytest.mark.parametrize("days", [-30, 0, 6, 7, 30])
def test_a_list_waits_a_week_whatever_the_settings_say(days: int, tmp_path: Path) -> None:
    place = with_schedule(station(tmp_path, facts=StationFacts("ST-1", "某站", "PZ01", waiting_days=days)))
    items = refused(place).records
    place.clock.pass_days(5 * 366)
    number, sha256 = appraised(place, items)
    with place.archive.acting("disposal.approve", place.director) as unit:
        first = approve_list(unit, number, sha256)
    assert first - place.clock().date() == timedelta(days=max(7, days))
    place.clock.pass_days(6)
    with pytest.raises(NotYet):
        open_execution(place, number, sha256)


def test_only_a_sample_station_may_wait_less(tmp_path: Path) -> None:
    assert StationFacts("DEMO-1", "样例站点", "PZ01", waiting_days=0).waiting == 0
    assert StationFacts("ST-DEMO-1", "某站", "PZ01", waiting_days=0).waiting == 7


def test_a_station_cannot_be_made_a_sample_by_editing_its_settings(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "home", tmp_path / "keys")
    vaults.create(
        layout.vault, station="ST-1", recovery_secret=bytes(20), made_on=date(2026, 11, 22), random=seeded()
    )
    own = Settings(StationFacts("ST-1", "某站", "PZ01"), "../keys")
    require_own_settings(layout, own)
    edited = replace(own, station=replace(own.station, station_id="DEMO-1", waiting_days=0))
    with pytest.raises(HomeUnusable) as told:
        require_own_settings(layout, edited)
    assert "不是一套" in told.value.message


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--name", "某站", "--sample"), "样例站点的名称须含“样例”二字。"),
        (("--name", "样例站点"), "销毁审批后的等待期不能少于 7 天。"),
    ],
)
def test_a_station_without_a_wait_says_that_it_is_a_sample(
    options: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wang.txt").write_text("青山-绿水-白云-第一句\n", encoding="utf-8")
    who = '[{"name": "样例管理员", "id_number": "SAMPLE0001", "roles": ["admin"], "login": "wang", '
    (tmp_path / "人员.json").write_text(f'{who}"password_file": "wang.txt"}}]', encoding="utf-8")
    told = run(
        ["init", str(tmp_path / "站点"), "--keys", str(tmp_path / "密钥"), "--people",
         str(tmp_path / "人员.json"), "--sheet", str(tmp_path / "恢复单.pdf"), "--fonds", "PZ01",
         "--not-medical", "--waiting-days", "0", *options]
    )  # fmt: skip
    assert told == InputRefused.exit_code
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "站点").exists()
