"""Whoever writes a plain file says so: the station knows where it lies, or the line says that nobody does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from archives.items.written import KINDS
from desk.cli.main import cli

ROOT = Path(__file__).parents[2]
INPUTS = {
    "home", "keys", "extra_fonts", "password_file", "files", "originals", "scans", "common", "anchors",
    "people", "sheet_file", "roster", "font", "new_file", "lists", "old_password_file", "source", "target",
    "keys_target",
}  # fmt: skip
"""Options that name what is read, or a place of the station itself."""
OUTPUTS = {
    "record issue": "known", "record show": "known", "document export": "known", "file catalogue": "known",
    "register print": "known", "disposal certificate": "known", "disposal print": "known",
    "retention plan": "known", "scan show": "known", "scan original": "known", "scan blanks": "known",
    "scan differences": "known", "scan written": "known", "scan separator": "known", "log export": "known",
    "render": "unknown", "blank": "unknown", "packet": "unknown", "batch": "unknown", "fill": "unknown",
    "validate": "unknown", "export open": "unknown",
    "export make": "encrypted, and listed as a copy outside", "backup make": "encrypted",
    "retention schedule show": "says nothing of any person",
    "log anchor": "says nothing of any person", "template build": "says nothing of any person",
    "demo": "invented people",
    "init": "the recovery sheet, of which nobody may know where it lies", "user sheet": "the recovery sheet",
}  # fmt: skip
"""Every command that writes a file a person could read → what becomes of it."""
MAY_WRITE = {
    "desk/output.py", "desk/station/handing_out.py", "desk/documents.py", "desk/packets.py",
    "desk/station/logbook.py",  # an anchor, and the log as a stream
    "desk/station/exporting.py",  # encrypted; opening an export knows no station
    "desk/cli/batch_cmd.py", "desk/cli/validate_cmd.py", "desk/cli/template_cmds.py",  # know no station
    "desk/demo.py", "desk/sample/walk.py", "desk/sample/station.py", "desk/sample/outcome.py",  # invented
}  # fmt: skip


def _commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, *path, name)
            if not command.invoke_without_command:
                continue
        yield " ".join((*path, name)), command


def test_every_command_that_writes_for_people_has_its_place() -> None:
    writing = {
        name
        for name, command in _commands(cli)
        for option in command.params
        if isinstance(option, click.Option) and isinstance(option.type, click.Path)
        and option.name not in INPUTS
    }  # fmt: skip
    assert writing <= set(OUTPUTS), "a command that writes has no place in the table"
    assert set(OUTPUTS) <= {name for name, _ in _commands(cli)}


@pytest.mark.parametrize("path", sorted((ROOT / "desk").rglob("*.py")), ids=lambda path: path.stem)
def test_plain_files_leave_the_station_in_one_place(path: Path) -> None:
    """A command that opens a station notes what it writes before it writes it."""
    if path.relative_to(ROOT).as_posix() in MAY_WRITE:
        return
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    past = [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("write_output", "write_together")
        if not any(one.arg == "plain" and ast.unparse(one.value) == "'nobody'" for one in call.keywords)
    ]
    assert not past, "noted by desk.station.handing_out, or plain='nobody'"


def test_what_is_written_has_a_name_and_a_writer() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "desk").rglob("*.py"))
    assert not [kind for kind in KINDS if f'"{kind}"' not in source]
