"""``kangdang demo --scan``: paper goes out, is signed and scanned, and comes home to the right files."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from desk.cli.main import run
from tests.archives.making import seeded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "样例"


@pytest.fixture(scope="module")
def home(folder: Path) -> Any:
    """The demonstration, made once and always the same."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr("secrets.token_bytes", seeded(20261123))
        assert run(["demo", "--scan", str(folder), "--json"]) == 0
    return json.loads(out.getvalue())


def of(home: Any, what: str, number: str) -> list[Any]:
    return [one for one in home[what] if one["number"].endswith(number)]


def test_every_page_is_on_the_account(home: Any) -> None:
    # Fourteen printed and one left on the desk, the separator and what lies behind it, a letter, two backs.
    assert home["pages"] == 14 - 1 + 1 + 1 + 1 + 2
    assert home["ledger"] == "共 18 页 ＝ 已归档 11 ＋ 待处理 4 ＋ 重复 0 ＋ 空白 2 ＋ 分隔页等 1 ＋ 退回 0"


def test_whole_papers_are_in_the_right_files(home: Any) -> None:
    first = {(one["title"], one["pages"]) for one in of(home, "filed", "-0001")}
    assert first == {("个案申请表", 1), ("服务知情同意书", 2), ("需求调查表", 2)}
    second = {(one["title"], one["pages"]) for one in of(home, "filed", "-0002")}
    assert second == {("个案申请表", 1), ("服务知情同意书", 2), ("需求调查表", 2), ("附件", 1)}


def test_only_what_is_signed_by_everybody_counts_as_signed(home: Any) -> None:
    signed = {one["title"]: one["signed"] for one in of(home, "filed", "-0001")}
    assert signed["服务知情同意书"] and signed["需求调查表"]
    assert not {one["title"]: one["signed"] for one in of(home, "filed", "-0002")}["服务知情同意书"]


def test_the_page_left_on_the_desk_is_named(home: Any) -> None:
    assert [line[line.index("《") :] for line in home["missing"]] == ["《危险性评估表》缺第2页"]


def test_what_waits_says_why(home: Any, folder: Path) -> None:
    reasons = {one["reason"]: len(one["pages"]) for one in home["waiting"]}
    assert sum(reasons.values()) == 3
    older = next(reason for reason in reasons if "更正过" in reason)
    assert reasons[older] == 2 and "分钟" in older
    assert any("没有读到页码" in reason for reason in reasons)
    for number in (number for one in home["waiting"] for number in one["pages"]):
        with Image.open(folder / "待处理" / f"第{number}页.jpg") as picture:
            assert picture.height > 1000


def test_what_differs_is_what_was_done_by_hand(home: Any, folder: Path) -> None:
    (ticked,) = of(home, "differences", "-0001")
    assert ticked["title"] == "个案申请表" and "主动求助" in ticked["sentence"]
    others = {(one["title"], one["sentence"]) for one in of(home, "differences", "-0002")}
    assert len(others) == 3
    assert any(title == "需求调查表" and "高" in sentence for title, sentence in others)
    assert any(title == "需求调查表" and "中" in sentence for title, sentence in others)
    assert any(title == "服务知情同意书" and "签" in sentence for title, sentence in others)
    for one in home["differences"]:
        with Image.open(folder / one["cut"]) as picture:
            grey = picture.convert("L").tobytes()
        assert picture.width > 50 and min(grey) < 100 < max(grey)


def test_a_folder_with_a_station_is_left_alone(
    home: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    capsys.readouterr()
    assert run(["demo", "--scan", str(folder)]) != 0
    told = capsys.readouterr().err
    assert "已经是一个康档站点" in told and "办法" in told
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before


def test_a_folder_inside_sources_is_refused_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    assert run(["demo", "--scan", str(tmp_path / "样例")]) != 0
    assert "源代码库" in capsys.readouterr().err
    assert not (tmp_path / "样例").exists()
