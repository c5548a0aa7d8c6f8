"""Rows deleted by SQL, guards aside: every command ends in a sentence or goes on, none in an internal error.

A row is looked up because another row names it.  Who has the database key can take either; what is said then
is a typed error with its cure, or a finding of the check.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from archives.errors import RowMissing
from archives.store.rows import Known
from tests.attacks.ruined import Ruined, model, ruined, tables_with_rows

ROOT = Path(__file__).parents[2]
INTERNAL = 70
LIST = "XH-2026-001"
FILE = "PZ01-FW·GA-2026-Y-0001"
WHY = ("--purpose", "质控")
OF = ("--number", FILE, "--from", "2026-01-01", "--to", "2026-11-22")
Commands = dict[str, tuple[tuple[str, ...], ...]]
SHORT: Commands = {"dang": (("disposal", "show", LIST), ("file", "show", FILE, *WHY))}
FULL: Commands = {
    "dang": (
        ("doctor",), ("file", "show", FILE, *WHY), ("file", "complete", FILE, *WHY),
        ("person", "search", "样例"), ("person", "show", FILE, *WHY), ("record", "list", FILE, *WHY),
        ("record", "show", "#6", *WHY), ("record", "history", "#6", *WHY), ("document", "list", FILE, *WHY),
        ("document", "export", "1", "-o", "1.pdf", *WHY),
        ("disposal", "list"), ("disposal", "show", LIST),
        ("disposal", "print", LIST, "--form", "AR7", "-o", "a.pdf"),
        ("disposal", "certificate", LIST, "-o", "b.pdf"), ("retention", "due"), ("retention", "plan"),
        ("hold", "list"), ("loan", "list"), ("rights", "list"), ("transfer", "list"),
        ("scan", "status"), ("scan", "queue"), ("scan", "pages", "1"), ("scan", "differences"),
        *(("register", "print", form, "--number", LIST, "-o", f"{form}.pdf") for form in ("AR6", "AR7")),
        *(("register", "print", one, *OF, "-o", f"{one}.pdf") for one in ("AR4", "AR5", "AR9")),
        ("clock", "show"), ("check",), ("backup", "make", "备份"),
    ),
    "fu": (("file", "requests"), ("rights", "list"), ("disposal", "show", LIST)),
    "shen": (("log", "show"), ("log", "verify"), ("log", "anchor", "-o", "a.json"),
             ("log", "export", "-o", "l")),
    "she": (("file", "show", FILE), ("record", "show", "#6"), ("record", "list", FILE)),
    "guan": (("user", "list"), ("station", "settings", "show"), ("doctor",)),
}  # fmt: skip
"""Commands that read, by who may."""
OF_THE_LIST = (
    "tombstones", "forgotten", "overrides", "witness_credentials", "disposal_witnesses",
    "disposal_executions", "disposal_approvals", "appraisals", "disposal_items", "disposal_lists",
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def station(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ruined:
    return ruined(tmp_path, source, monkeypatch, capsys)


def broken(station: Ruined, commands: Commands) -> list[str]:
    """Commands that ended in an internal error, with the last line they said."""
    told = []
    for login, lines in commands.items():
        try:
            station.login(login)
        except Exception as error:  # whatever is raised on purpose has a cure
            if not hasattr(error, "hint"):
                told.append(f"login {login}: {error!r}")
            continue
        for line in lines:
            ended = station.run(*line)
            if ended.code == INTERNAL or "Traceback" in ended.out + ended.err:
                told.append(f"{' '.join(line)}: {ended.lines[-3:]}")
    return told


def test_every_command_runs_in_the_station_as_it_is(station: Ruined) -> None:
    assert broken(station, SHORT) == []


@pytest.mark.slow
def test_every_command_of_the_list_is_one(station: Ruined) -> None:
    wrong = []
    for login, lines in FULL.items():
        station.login(login)
        ended = [(line, station.run(*line)) for line in lines]
        wrong += [(line, one) for line, one in ended if one.code not in (0, 1)]
    assert wrong == [], "\n".join(f"{line} {one}" for line, one in wrong)


@pytest.mark.parametrize("rest", [True, False], ids=["with its rows", "the list alone"])
def test_a_list_that_was_deleted_ends_no_command(station: Ruined, rest: bool) -> None:
    with station.attacking() as raw:
        for table in OF_THE_LIST if rest else OF_THE_LIST[-1:]:
            raw.execute(f"DELETE FROM {table}")
    assert broken(station, {**SHORT, "dang": (*SHORT["dang"], ("disposal", "list"), ("check",))}) == []
    ended = station.run("check")
    assert "销毁" in ended.out and ended.code == 1


@pytest.mark.parametrize("table", ["staff", "records", "files", "volumes", "persons", "schedules"])
def test_rows_that_others_name_end_no_command_when_they_are_gone(station: Ruined, table: str) -> None:
    with station.attacking() as raw:
        raw.execute(f"DELETE FROM {table} WHERE rowid > 2")
    assert broken(station, SHORT) == []


def tables() -> Sequence[str]:
    from archives.store.schema import METADATA

    return sorted(METADATA.tables)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["", "first", "last"], ids=["whole", "the first row", "the last row"])
@pytest.mark.parametrize("table", tables())
def test_whatever_is_deleted_every_reading_command_ends_in_a_sentence(
    station: Ruined, table: str, which: str
) -> None:
    with station.attacking() as raw:
        if table not in tables_with_rows(raw):
            return
        order = {"first": "ASC", "last": "DESC"}.get(which)
        if order is None:
            raw.execute(f"DELETE FROM {table}")
        else:
            keys = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[5]] or ["rowid"]
            named = ", ".join(keys)
            row = raw.execute(f"SELECT {named} FROM {table} ORDER BY {named} {order}").fetchone()
            assert row is not None
            where = " AND ".join(f'"{key}" = ?' for key in keys)
            raw.execute(f"DELETE FROM {table} WHERE {where}", tuple(row))
    assert broken(station, FULL) == []


def test_a_number_nobody_is_registered_under_is_said() -> None:
    names = Known("人员登记", {1: "样例"})
    assert names[1] == "样例"
    with pytest.raises(
        RowMissing, match="数据库中缺少人员登记 #7：被删除，或没有恢复完整。请停止办理"
    ) as caught:
        names[7]
    assert caught.value.hint


def lookups() -> Iterator[tuple[str, str]]:
    """(place, what is asked) of every call that takes a row to be there."""
    for room in ("archives", "desk"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                asked = node.func if isinstance(node, ast.Call) else None
                if isinstance(asked, ast.Attribute) and asked.attr in ("one", "scalar_one"):
                    yield f"{path.relative_to(ROOT)}:{asked.lineno}", ast.unparse(asked.value)


COUNTS = ("func.count", "func.min", "count", "query", "_TAKE", "PRAGMA", "left", "found.where")
"""What always has one row: a count, a smallest or highest, a number that is taken."""


def test_no_row_is_taken_to_be_there() -> None:
    trusting = [f"{place} {asked}" for place, asked in lookups() if not any(word in asked for word in COUNTS)]
    assert trusting == [], "use archives.store.rows"
