"""The arrows of the house, drawn from the imports: any other arrow fails."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "generator": {"generator"},
    "archives": {"archives"},
    "desk": {"desk", "generator", "archives"},
}
ROOMS = set(MAY_IMPORT)
# One room inside generator knows another only along these arrows (design: schema → docx → page).
INNER = {
    "forms": {"forms"},
    "validation": {"validation", "forms"},
    "typeset": {"typeset"},
    "identity": {"identity", "typeset"},
    "docx": {"docx", "forms", "identity", "typeset"},
}
ALWAYS = {"errors", "resources", "version"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_import_only_along_their_arrows(room: str) -> None:
    broken = [
        f"{path.relative_to(ROOT)} → {name}"
        for path in modules(room)
        for name in imports(path)
        if (head := name.split(".")[0]) in ROOMS and head not in MAY_IMPORT[room]
    ]
    assert not broken


@pytest.mark.parametrize("room", sorted(INNER))
def test_rooms_of_the_generator_keep_their_order(room: str) -> None:
    broken = []
    for path in modules(f"generator/{room}"):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "generator" and parts[1] not in INNER[room] | ALWAYS:
                broken.append(f"{path.relative_to(ROOT)} → {name}")
    assert not broken


def test_no_file_outgrows_its_room() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for room in ROOMS
        for p in modules(room)
        if (n := len(p.read_text().splitlines())) > 600
    }
    assert not long


def test_only_the_command_line_reads_the_clock_or_prints() -> None:
    broken = []
    for room in ROOMS:
        for path in modules(room):
            if path.is_relative_to(ROOT / "desk" / "cli"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func)
                    if name in {
                        "print",
                        "datetime.now",
                        "date.today",
                        "time.time",
                        "random.random",
                        "secrets.token_bytes",
                        "os.urandom",
                    }:
                        broken.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert not broken
