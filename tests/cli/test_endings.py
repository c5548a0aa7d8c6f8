"""How a command ends when the world around it fails: no traceback, a sentence, an exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Kangdang

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "bad-input-cli.md").read_text(encoding="utf-8")
COMMAND = [sys.executable, "-c", "from desk.cli.main import main; main()"]
linux = pytest.mark.skipif(sys.platform == "win32", reason="a device or signal of Linux")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def documented(lines: str) -> bool:
    return f"| {lines.strip().replace(chr(10), '<br>')} |" in DOC


@linux
@pytest.mark.parametrize("arguments", [["form", "list"], ["form", "show", "closure_g"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [*COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, env=environment(), check=False
        )
    finally:
        os.close(writer)
    assert ended.stderr.decode() == ""
    assert ended.returncode == 141


@linux
@pytest.mark.parametrize("arguments", [["form", "list"], ["--version"], ["form", "list", "--json"]])
def test_output_to_a_full_disk_is_told(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert documented(ended.stderr.decode())
    assert "磁盘已满" in ended.stderr.decode()
    assert ended.returncode == 25


@linux
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("redirection", ["> /dev/full", "| true", ">&-", "2>&-"])
def test_the_exit_code_of_the_command_stays_when_its_output_is_lost(redirection: str) -> None:
    program = f'"{sys.executable}" -c "from desk.cli.main import main; main()"'
    line = f"set -o pipefail; {program} validate record_e 文件夹/缺.json {redirection}"
    Path("文件夹/缺.json").write_text("{}", encoding="utf-8")
    ended = subprocess.run(["bash", "-c", line], capture_output=True, env=environment(), check=False)
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr + ended.stdout


@linux
@pytest.mark.usefixtures("folder")
def test_a_stream_closed_before_the_start_swallows_no_file() -> None:
    program = f'"{sys.executable}" -c "from desk.cli.main import main; main()"'
    line = f"{program} blank record_e -o 空白.pdf <&- >&- 2>&-"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, env=environment(), check=False)
    assert ended.returncode == 0
    written = Path("空白.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    assert "已生成".encode() not in written
    line = f"{program} validate record_e - <&-"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, env=environment(), check=False)
    assert (ended.returncode, "标准输入 是空的" in ended.stderr.decode()) == (12, True)


@linux
@pytest.mark.usefixtures("folder")
def test_a_pipe_with_a_name_is_no_file_to_wait_for(kangdang: Kangdang) -> None:
    os.mkfifo("管道")
    ended = kangdang("validate", "record_e", "管道")
    assert ended.code == 12
    assert "管道或设备" in ended.err
    assert kangdang("template", "check", "record_e", "管道").code == 2
    ended = kangdang("validate", "record_e", "名" * 5000)
    assert "路径太长" in ended.err
    assert len(ended.err) < 500


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A real file system of 64 kB, where this user may mount one."""
    disk = folder / "满盘"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small file system can be mounted here: a full disk is not tried")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@linux
def test_a_full_disk_keeps_the_old_file(kangdang: Kangdang, small_disk: Path) -> None:
    old = small_disk / "记录.pdf"
    old.write_bytes(b"old")
    ended = kangdang("render", "record_e", "好.json", "-o", "满盘/记录.pdf")
    assert documented(ended.err)
    assert ended.code == 25
    assert [path.name for path in small_disk.iterdir()] == ["记录.pdf"]
    assert old.read_bytes() == b"old"


def test_a_file_open_in_word_is_told(
    kangdang: Kangdang, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))

    monkeypatch.setattr(Path, "replace", locked)
    ended = kangdang("render", "record_e", "好.json", "-o", "记录.docx")
    assert documented(ended.err)
    assert ended.code == 25
    assert not list(folder.glob(".kangdang-*")), "the temporary file stayed"


@pytest.mark.usefixtures("folder")
def test_ctrl_c_is_told(kangdang: Kangdang, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("desk.documents.load_answers", interrupted)
    ended = kangdang("validate", "record_e", "好.json")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "已中止。")


@pytest.mark.usefixtures("folder")
def test_a_fault_of_ours_shows_place_but_no_answer(
    kangdang: Kangdang, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(raw: bytes) -> None:
        raise KeyError(json.loads(raw)["client_name"])

    monkeypatch.setattr("desk.documents.load_answers", broken)
    ended = kangdang("validate", "record_e", "好.json")
    assert ended.code == 70
    assert documented(re.sub(r"第 \d+ 行", "第 N 行", ended.err))
    assert "样例甲" not in ended.err
    monkeypatch.setenv("KANGDANG_DEBUG", "1")
    with pytest.raises(KeyError):
        kangdang("validate", "record_e", "好.json")


@pytest.mark.usefixtures("folder")
def test_a_console_of_another_code_page_still_gets_an_answer() -> None:
    where = {**environment(), "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [*COMMAND, "validate", "record_e", "空.json"], capture_output=True, env=where, check=False
    )
    assert ended.returncode == 12
    assert b"Traceback" not in ended.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["form", "list"], 0),
        (["form", "show", "record_e"], 0),
        (["form", "check"], 0),
        (["validate", "record_e", "好.json"], 0),
        (["validate", "record_e", "空.json"], 12),
        (["validate", "record_x", "好.json"], 10),
        (["validate", "record_e"], 2),
        (["render", "record_e", "好.json", "-o", "记录.pdf"], 0),
        (["render", "record_e", "缺.json", "-o", "记录.pdf"], 1),
        (["render", "record_e", "好.json", "-o", "没有/记录.pdf"], 25),
        (["blank", "record_e", "-o", "空白.pdf"], 0),
        (["doctor"], 0),
        (["template", "build", "record_e", "--out", "模板"], 0),
        (["template", "check", "record_e", "文书.docx"], 0),
        (["template", "check", "closure_g", "文书.docx"], 1),
        (["template", "install", "record_e", "文书.docx", "--home", "本站"], 0),
        (["template", "install", "closure_g", "文书.docx", "--home", "本站"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_json_is_one_value_whatever_happens(
    kangdang: Kangdang, folder: Path, arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the long look over all forms finds is asked by tests/contracts/test_forms.py.
    monkeypatch.setattr("desk.checking.check_all", lambda home: ([], {"forms": 1}))
    (folder / "缺.json").write_text("{}", encoding="utf-8")
    ended = kangdang(*arguments, "--json")
    told = json.loads(ended.out)
    assert ended.code == code
    beside = [line for line in ended.err.splitlines() if not line.startswith("注意：")]
    assert beside == [], "programs read standard output only; a person hears what lies there in plain"
    if "error" in told:
        assert told["error"]["exit_code"] == code
        assert set(told["error"]) == {"class", "message", "hint", "exit_code"}
        assert told["error"]["hint"].endswith("。")


def without_a_bookmark(raw: bytes) -> bytes:
    """A template whose only finding is a warning: one tick box has lost its bookmark."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                start = re.search(rb'<w:bookmarkStart w:id="(\d+)" w:name="f_[^"]*_o\d+"/>', content)
                assert start is not None
                end = b'<w:bookmarkEnd w:id="' + start[1] + b'"/>'
                assert content.count(end) == 1
                content = content.replace(start[0], b"").replace(end, b"")
            new.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("command", ["check", "install"])
def test_strict_makes_template_warnings_fail(kangdang: Kangdang, folder: Path, command: str) -> None:
    home = ["--home", "本站"] if command == "install" else []
    (folder / "文书.docx").write_bytes(without_a_bookmark((folder / "文书.docx").read_bytes()))
    assert kangdang("template", command, "record_e", "文书.docx", *home).code == 0
    ended = kangdang("template", command, "record_e", "文书.docx", *home, "--strict")
    assert ended.code == 1
    assert any(line.startswith("提醒 ") for line in ended.lines)


def test_strict_makes_data_warnings_fail(kangdang: Kangdang, folder: Path) -> None:
    answers = json.loads((folder / "好.json").read_text(encoding="utf-8"))
    answers["duration_min"] = 200  # longer than an interview should be
    (folder / "长.json").write_text(json.dumps(answers), encoding="utf-8")
    assert kangdang("validate", "record_e", "长.json").code == 0
    ended = kangdang("validate", "record_e", "长.json", "--strict")
    assert ended.code == 1
    assert any(line.startswith("提醒 ") for line in ended.lines)
    assert kangdang("render", "record_e", "长.json", "-o", "记录.pdf", "--strict").code == 1
    assert not (folder / "记录.pdf").exists()
    assert kangdang("render", "record_e", "长.json", "-o", "记录.pdf").code == 0
