"""Every command with every mistake its own declaration allows: Chinese, an exit code, no internal error."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from archives.system_words import reason
from desk.cli.main import COMMANDS, run
from docs.generate import leaves
from tests.cli.english import english

LONG = "名" * 5000
EXPENSIVE = {"demo", "form check"}
"""Commands that take any folder and then work for long: only what they refuse at once is tried."""


def commands() -> list[tuple[str, click.Command]]:
    found = []
    for name, (module, attribute, _) in COMMANDS.items():
        command = getattr(importlib.import_module(module), attribute)
        found += [
            (path.removeprefix("kangdang "), leaf) for path, leaf in leaves(f"kangdang {name}", command)
        ]
    return found


def odd_values(kind: click.ParamType) -> Iterator[str]:
    """Values that are no value of that kind, or that the system will not take for a file."""
    if isinstance(kind, click.Choice | click.DateTime | click.IntRange | click.FloatRange):
        yield from ("zzz", "", "99999999999999999999", "-1")
    elif kind is click.INT or kind is click.FLOAT:
        yield from ("zzz", "")
    elif isinstance(kind, click.Path) or kind is click.STRING:
        yield from ("没有/没有.json", "夹", "文件.json/里面", LONG, "圈", "\x00", "a\x1b[2Jb", "")
        yield from () if sys.platform == "win32" else ("管道",)


def mistakes(command: click.Command) -> Iterator[list[str]]:
    """Argument lists of which each has something wrong."""
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    yield ["--nosuch"]
    yield ["-Z"]
    if any(one.required for one in command.params):
        yield []
    if all(one.nargs == 1 for one in arguments):
        yield ["x"] * (len(arguments) + 1)
    for one in command.params:
        if isinstance(one, click.Option):
            name = max(one.opts, key=len)
            if one.is_flag:
                yield [f"{name}=x"]
                continue
            yield [name]
            for value in odd_values(one.type):
                yield (
                    [f"{name}={value}", "--nosuch"]
                    if value == ""
                    else [*_filled(command, one), f"{name}={value}"]
                )
        else:
            for value in odd_values(one.type):
                yield [value if other is one else "x.json" for other in arguments] + _required(command)


def _filled(command: click.Command, but: click.Parameter) -> list[str]:
    arguments = ["x.json" for one in command.params if isinstance(one, click.Argument)]
    return [*arguments, *_required(command, but)]


def _required(command: click.Command, but: click.Parameter | None = None) -> list[str]:
    return [
        f"{max(one.opts, key=len)}=x"
        for one in command.params
        if isinstance(one, click.Option) and one.required and one is not but
    ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KANGDANG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "夹").mkdir()
    (tmp_path / "文件.json").write_text("{}", encoding="utf-8")
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "管道")
        (tmp_path / "圈").symlink_to("圈")

    def nobody(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    monkeypatch.setattr("getpass.getpass", nobody)
    return tmp_path


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda one: one if isinstance(one, str) else "")
@pytest.mark.usefixtures("here")
def test_a_mistake_is_told_in_chinese(
    name: str, command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = 0
    for wrong in [["--nosuch"], ["-Z"]] if name in EXPENSIVE else mistakes(command):
        code = run([*name.split(), *wrong])
        told = capsys.readouterr()
        shown = f"kangdang {name} {[one[:40] for one in wrong]} → {code}\n{told.err[:1500]}"
        assert code not in (70, 141), shown
        assert code != 0 or told.out, shown
        assert english(told.err) == set(), shown
        tried += 1
    assert tried >= 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder a program stands in")
def test_a_folder_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    gone = tmp_path / "临时"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert run(["form", "list"]) == 12
    assert "当前文件夹已经不在了" in capsys.readouterr().err


def test_the_systems_own_words_are_asked_for_nowhere() -> None:
    root = Path(__file__).parents[2]
    asking = [
        path.relative_to(root).as_posix()
        for room in ("archives", "desk", "generator")
        for path in (root / room).rglob("*.py")
        if "strerror" in path.read_text(encoding="utf-8")
    ]
    assert asking == [], "archives/system_words.py says it in Chinese"


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_word_of_the_system_is_chinese(number: int) -> None:
    said = reason(OSError(number, os.strerror(number)))
    assert english(said) == set()
    assert said
    assert os.strerror(number) not in said


def test_what_is_english_is_found() -> None:
    assert english("错误：No such file or directory。")
    assert english("Usage: kangdang")
    assert not english("办法：用 kangdang form list 查看。错误：没有选项 --nosuch。“no such thing”")
