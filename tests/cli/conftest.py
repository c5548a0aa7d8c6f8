"""A folder as a user has it, and the command line run in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk.cli.main import run
from generator.resources import data_dir

EXAMPLE = data_dir("schemas") / "examples" / "record_e" / "valid-full.json"


@dataclass(frozen=True)
class Ended:
    """What a user sees of one command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return (self.out + self.err).splitlines()


Kangdang = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that docs/bad-input-cli.md names, in the folder the commands run in."""
    here = tmp_path / "工作"
    (here / "文件夹").mkdir(parents=True)
    (here / "站点").mkdir()
    (here / "站点" / "page-code.key").write_text("00ff", encoding="ascii")
    shutil.copy(EXAMPLE, here / "好.json")
    shutil.copy(data_dir("templates") / "record_e.docx", here / "文书.docx")
    answers = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    (here / "国标码.json").write_bytes(json.dumps(answers, ensure_ascii=False).encode("gbk"))
    (here / "双字节.json").write_text("{}", encoding="utf-16")
    (here / "空.json").write_bytes(b"\n")
    (here / "断.json").write_bytes(b'{"case_no": ')
    (here / "列表.json").write_bytes(b"[]")
    (here / "扫描.pdf").write_bytes(b"%PDF-1.7\n")
    (here / "照片.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def kangdang(capfd: pytest.CaptureFixture[str]) -> Kangdang:
    """Run one command line in this process."""

    def ended(*arguments: str) -> Ended:
        capfd.readouterr()
        code = run(arguments)
        told = capfd.readouterr()
        return Ended(code, told.out, told.err)

    return ended
