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
    "paging": {"paging", "typeset", "identity"},
    "reading": {"reading", "identity"},
}
ALWAYS = {"errors", "resources", "version"}
# The layers of the archive, lowest first (docs/notes/archives.md): a room knows those below and beside it.
LAYERS = (
    {"errors", "ports", "settings", "settings_file", "clock", "system_words"},
    {"store"},
    {"keys", "log", "retention", "calendar", "evidence"},
    {"archive", "home", "sealing", "timekeeping"},
    {"numbering"},
    {"people", "items", "scans"},
    {"disposal", "duties"},
    {"staff", "keeping"},
)
# What decides dates and verifies the log must give the same answer anywhere: no database, no files.
PURE = {"retention": {"retention", "calendar", "errors"}, "calendar": {"calendar", "errors"},
        "log": {"log", "errors"}, "clock": {"clock", "errors", "ports"}}  # fmt: skip
OUTSIDE = {"sqlalchemy", "sqlite3", "sqlcipher3", "os", "subprocess", "socket", "shutil", "tempfile"}


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


def _of_the_archive() -> list[tuple[Path, str, str]]:
    """(module, its room, room it imports) for every import inside the archive."""
    found = []
    for path in modules("archives"):
        room = path.relative_to(ROOT / "archives").parts[0].removesuffix(".py")
        for name in imports(path):
            head, _, rest = name.partition(".")
            if head == "archives" and rest:
                found.append((path.relative_to(ROOT), room, rest.split(".")[0]))
    return found


def test_the_archive_imports_only_downwards() -> None:
    level = {room: number for number, layer in enumerate(LAYERS) for room in layer}
    assert [
        f"{path} → archives.{other}"
        for path, room, other in _of_the_archive()
        if room != "__init__" and level[other] > level[room]
    ] == []


def test_every_room_of_the_archive_has_its_layer() -> None:
    rooms = {path.relative_to(ROOT / "archives").parts[0].removesuffix(".py") for path in modules("archives")}
    assert rooms - {"__init__"} == set().union(*LAYERS)


@pytest.mark.parametrize("room", sorted(PURE))
def test_pure_rooms_know_no_database(room: str) -> None:
    reached = {other for _, own, other in _of_the_archive() if own == room}
    assert reached <= PURE[room]
    outside = {name.split(".")[0] for path in modules(f"archives/{room}") for name in imports(path)} & OUTSIDE
    assert not outside


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
                        "datetime.utcnow",
                        "datetime.today",
                        "random.random",
                        "secrets.token_bytes",
                        "secrets.token_hex",
                        "secrets.choice",
                        "uuid.uuid4",
                        "os.urandom",
                    }:
                        broken.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert not broken
