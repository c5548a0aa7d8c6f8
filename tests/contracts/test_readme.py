"""What the README and the manual tell people to type works, and shows what they say it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.version import __version__
from tests.contracts.warm import warm

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md", "README.zh-CN.md", "docs/manual.zh-CN.md", "docs/manual-archive.zh-CN.md",
    "docs/templates.md",
)  # fmt: skip
_BLOCK = re.compile(
    r"^<!-- (?P<mark>run(?: exit \d+)?|shows|file: \S+) -->\n```\w*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_DEMO = re.compile(r"^kangdang demo (?P<folder>\w+) *(#.*)?\n", re.MULTILINE)
"""Prints every form there is: run once, as the first page says it, by tests/desk/test_demo.py."""
_DEMO_OF_SCANS = re.compile(r"^kangdang demo --scan \w+ *(#.*)?\n", re.MULTILINE)
"""Takes a while too: run where the manual goes on with what it makes."""


@dataclass(frozen=True)
class Block:
    """One marked block: a file to make, commands to run, or what the commands before it show."""

    mark: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [Block(match["mark"], match["text"]) for match in _BLOCK.finditer(text)]
    assert len(found) == text.count("\n<!-- "), f"{page}: a marked block is not understood"
    for block in found:
        yield Block(block.mark, _DEMO_OF_SCANS.sub("", _DEMO.sub("", block.text)))


def demo_folder() -> str:
    """The folder that the first page says to make the demonstration in."""
    (said,) = _DEMO.finditer((ROOT / PAGES[0]).read_text(encoding="utf-8"))
    return said["folder"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A kangdang that does not start anew for each command: see ``tests.contracts.warm``."""
    with warm(tmp_path_factory.mktemp("w")) as text:
        yield text


@pytest.fixture
def program(page: str, request: pytest.FixtureRequest) -> str:
    """What is called kangdang: the first page's starts as a user's does, the others' is started already."""
    if page == PAGES[0]:
        call = "from desk.cli.main import main; main()"
        return f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n'
    text: str = request.getfixturevalue("started")
    return text


@pytest.fixture
def shell(tmp_path: Path, program: str) -> dict[str, str]:
    """An environment whose only kangdang is this checkout's, of somebody who never used it before."""
    somebody = tmp_path / "user"
    (somebody / "run").mkdir(parents=True, mode=0o700)
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "kangdang"
    command.write_text(program, encoding="utf-8")
    command.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KANGDANG_", "XDG_"))}
    return {
        **own,
        "HOME": str(somebody),
        "XDG_RUNTIME_DIR": str(somebody / "run"),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are run by a POSIX shell")
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_is_what_happens(page: str, tmp_path: Path, shell: dict[str, str]) -> None:
    here = tmp_path / "这里"
    here.mkdir()
    kept = tmp_path / "exports"  # what one block exports the next ones have, as in one window
    shown = ""
    for block in blocks(page):
        if block.mark.startswith("file: "):
            (here / block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
        elif block.mark == "shows":
            assert shown.strip() == block.text.strip()
        else:
            ended = subprocess.run(
                ["sh", "-e", "-c", f'[ ! -f "$0" ] || . "$0"\n{block.text}\nexport -p > "$0"', str(kept)],
                cwd=here,
                env=shell,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            shown = ended.stdout.decode()
            assert ended.returncode == int(block.mark.removeprefix("run").removeprefix(" exit ") or 0), shown
            for name in re.findall(r"-o (\S+)", block.text) if ended.returncode == 0 else ():
                # What the page tells to take away again was there: rm would have said so.
                assert f"rm {name}" in block.text or (here / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("README.md", 1),
        ("README.zh-CN.md", 2),
        ("docs/manual.zh-CN.md", 8),
        ("docs/manual-archive.zh-CN.md", 15),
    ],
)
def test_a_page_has_something_to_run(page: str, least: int) -> None:
    assert sum(block.mark.startswith("run") for block in blocks(page)) >= least


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("https://"):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} → {target}"


def test_the_first_pdf_is_on_the_first_screen() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (first,) = [number for number, line in enumerate(lines) if "-o application.pdf" in line]
    assert first < 30


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_readme_says_what_is_not_there_yet(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = "not there yet" if page == "README.md" else "尚未提供"
    assert missing in text


def test_make_targets_named_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test", "bench", "soak", "docs", "lock"} <= named
    assert named <= targets


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top = re.search(r"^## \[([^\]]+)\] - (Unreleased|\d{4}-\d\d-\d\d)$", text, flags=re.MULTILINE)
    assert top is not None
    assert top[1] == __version__
    versions = re.findall(r"^## \[([^\]]+)\]", text, flags=re.MULTILINE)
    assert versions == sorted(versions, key=lambda v: tuple(map(int, v.split("."))), reverse=True)
    for entry in re.findall(r"^- .*$", text, flags=re.MULTILINE):
        assert entry.startswith("- **For "), f"says not for whom: {entry}"
