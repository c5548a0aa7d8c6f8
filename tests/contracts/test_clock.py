"""The clock is asked at the gate; what ends or destroys by a date holds a Reference, made in few places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from archives.store.item_keys import KeyStore

ROOT = Path(__file__).parents[2]

READS_THE_CLOCK = {
    "archives/archive.py": "the gate: every act and every look",
    "archives/store/item_keys.py": "when a key was made, by the time since the start",
    "desk/station/opening.py": "the session, before the archive is open",
    "desk/station/entrance.py": "the session and the tries, before the archive is open",
    "desk/station/doctor.py": "how old something is, for showing",
    "desk/station/doctor_inside.py": "the session, before the archive is open",
    "desk/station/init.py": "a station that is not there yet",
    "desk/station/people.py": "tries with a password or a recovery sheet",
    "desk/station/destroying.py": "tries of a witness with a password",
    "desk/sample/station.py": "invented people coming in",
    "desk/sample/walk.py": "the demonstration",
    "desk/station/scanning/inbox.py": "a monotonic one: how long a file has been still",
    "desk/station/scanning/turn.py": "a monotonic one: how long a window has waited its turn",
    "desk/entry/fill.py": "questions at the terminal, without a station",
}
"""Modules that call a clock, and why none of them decides by a date what ends."""
MAKES_A_REFERENCE = {"archives/clock/reference.py"}
ASKS_FOR_ONE = {"archives/archive.py", "archives/clock/reference.py", "desk/cli/backup_cmds.py"}
"""Of all other modules each asks its act: ``unit.reference()``."""
COMPARES_TODAY = {
    "archives/people/files.py": "a date typed in must not lie in the future",
    "archives/people/series.py": "a year typed in must be a likely one",
    "desk/cli/hold_cmds.py": "a day to look again, typed in, must lie ahead",
    "desk/cli/transfer_cmds.py": "a note in a list that is shown",
    "desk/station/records.py": "a date typed in must not lie in the future",
    "desk/station/registers.py": "a register is not printed of days to come",
    "desk/station/doctor_inside.py": "how old something is, for showing",
}
"""Modules that compare the day of stamps (``unit.today``) with something: none ends, starts or destroys."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ("archives", "desk"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def reads_a_clock(tree: ast.AST) -> bool:
    names = (ast.unparse(call.func) for call in calls(tree))
    return any(name.rpartition(".")[2] in {"clock", "_clock", "station_now"} for name in names)


def knows_the_gate(tree: ast.AST, name: str) -> bool:
    """Whether ``name`` is the gate's here: the word has other meanings too."""
    return any(
        name in {alias.name for alias in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "archives.clock.reference"
    ) or any(
        isinstance(node, ast.FunctionDef) and node.name == "outside_reference" for node in ast.walk(tree)
    )


def compares_today(tree: ast.AST) -> bool:
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Compare | ast.BinOp))
    return any(
        isinstance(inner, ast.Attribute) and inner.attr == "today"
        for node in nodes
        for inner in ast.walk(node)
    )


def test_the_raw_clock_is_read_where_it_is_said_why() -> None:
    found = {name for name, tree in modules() if not name.startswith("desk/cli/") and reads_a_clock(tree)} - {
        "desk/entry/spelling.py"
    }  # its ``_clock`` reads a time somebody typed
    assert found == set(READS_THE_CLOCK)


def test_only_showing_and_typing_compare_with_the_day_of_stamps() -> None:
    assert {name for name, tree in modules() if compares_today(tree)} == set(COMPARES_TODAY)


def test_a_reference_comes_from_the_gate() -> None:
    made, asked = set(), set()
    for name, tree in modules():
        for call in calls(tree):
            function = ast.unparse(call.func)
            made |= {name} if function == "Reference" else set()
            known = function in {"reference", "outside_reference"} and knows_the_gate(tree, function)
            asked |= {name} if known else set()
    assert made == MAKES_A_REFERENCE
    assert asked == ASKS_FOR_ONE


def test_no_key_goes_without_a_warrant() -> None:
    """The one way a key is destroyed asks for the confirmed day or for the reason why none decides."""
    annotations = KeyStore.destroy.__annotations__
    assert annotations["by"] == "Warrant"
    by = [
        ast.unparse(call.args[1])
        for _, tree in modules()
        for call in calls(tree)
        if ast.unparse(call.func).endswith("keys.destroy")
    ]
    assert sorted(by) == [
        "NotByTime.AGAIN", "NotByTime.AGAIN", "NotByTime.FILED", *["reference"] * 4,
    ]  # fmt: skip


def test_no_option_and_no_variable_sets_the_clock() -> None:
    """``--at`` of prints is what stands on the paper; the station's clock is the computer's."""
    text = (ROOT / "desk/cli/_station.py").read_text(encoding="utf-8")
    assert "environ" not in text
    for name, tree in modules():
        for call in calls(tree):
            if ast.unparse(call.func) in {"os.environ.get", "os.getenv"}:
                told = ast.unparse(call.args[0]).upper()
                assert (
                    not any(word in told for word in ("CLOCK", "TIME", "DATE", "NOW")) or "RUNTIME" in told
                ), name
