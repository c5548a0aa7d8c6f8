"""Nothing is written past the write points: every change goes through an act, a transaction or a file writer.

Read from the source, so that a write added anywhere fails here before a crash finds it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = ("archives", "desk")

# Where a plain connection is at home; everywhere else an act (Unit) or a `with ….writing()` surrounds it.
OWNS_CONNECTIONS = (
    "archives/store/database.py", "archives/store/migrations/", "archives/store/guards.py",
    "archives/store/prepared.py", "archives/store/touched.py",
)  # fmt: skip
# Where files are written; each room has its own durable writers.
WRITES_FILES = ("archives/store/", "archives/keys/", "archives/keeping/")
EXECUTES = {"execute", "executemany", "executescript", "exec_driver_sql"}
CHANGES = {"insert", "update", "delete"}
SQL_CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|DROP|ALTER|TRUNCATE)\s", re.IGNORECASE)
OPENS = {"create_engine", "sqlite3.connect", "sqlcipher.connect", "psycopg.connect"}
FILE_CALLS = {
    "os.replace", "os.rename", "os.remove", "os.unlink", "os.write", "os.truncate", "os.ftruncate", "os.open",
    "os.link", "os.symlink", "os.rmdir", "os.removedirs",
}  # fmt: skip
FILE_METHODS = {
    "write_text", "write_bytes", "unlink", "rename", "rmdir", "symlink_to", "hardlink_to", "touch", "mkdir",
}  # fmt: skip
POINT = re.compile(r"[a-z_]+(\.[a-z_]+)+\Z")


class Source:
    """One module with, for every node, what surrounds it."""

    def __init__(self, path: Path, text: str) -> None:
        self.name = path.as_posix()
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.parents if isinstance(node, ast.Call))

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.parents:
            node = self.parents[node]
            yield node

    def inside_with(self, node: ast.AST, method: str) -> bool:
        return any(
            isinstance(item.context_expr, ast.Call) and _method(item.context_expr) == method
            for outer in self.around(node)
            if isinstance(outer, ast.With)
            for item in outer.items
        )

    def given(self, node: ast.AST, name: str) -> bool:
        """Whether ``name`` is a Connection handed to the function around: whoever opened it has its point."""
        return any(
            argument.arg == name
            and argument.annotation is not None
            and ast.unparse(argument.annotation) == "Connection"
            for outer in self.around(node)
            if isinstance(outer, ast.FunctionDef)
            for argument in (*outer.args.args, *outer.args.kwonlyargs)
        )

    def imported(self, name: str) -> bool:
        """Whether ``name`` is SQLAlchemy's here."""
        return any(
            node.module and node.module.startswith("sqlalchemy") and name in {a.name for a in node.names}
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
        )

    def at(self, node: ast.expr) -> str:
        return f"{self.name}:{node.lineno} {ast.unparse(node)[:60]}"


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@cache
def sources() -> tuple[Source, ...]:
    """Every module of the rooms that store; read once for all rules."""
    return tuple(
        Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        for room in SHOWN
        for path in sorted((ROOT / room).rglob("*.py"))
    )


def _belongs(source: Source, places: tuple[str, ...]) -> bool:
    return source.name.startswith(places)


def changes_data(source: Source, call: ast.Call) -> bool:
    """Whether the call builds a statement that changes rows or tables."""
    if isinstance(call.func, ast.Name):
        if call.func.id in CHANGES:
            return source.imported(call.func.id)
        if call.func.id not in {"text", "DDL"}:
            return False
        return any(_sql_change(argument) for argument in call.args)
    if _method(call) in CHANGES and isinstance(call.func, ast.Attribute):
        # table.delete(): tables are read as a name or an attribute, and take no value then
        return not call.args and isinstance(call.func.value, ast.Name | ast.Attribute)
    return _method(call) in EXECUTES and any(_sql_change(argument) for argument in call.args)


def _sql_change(node: ast.expr) -> bool:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return isinstance(first, ast.Constant) and bool(SQL_CHANGES.match(str(first.value)))


def executed_outside_an_act(source: Source) -> Iterator[str]:
    """Statements run on a connection that no ``writing`` or ``reading`` surrounds, nor was handed over."""
    if _belongs(source, OWNS_CONNECTIONS):
        return
    for call in source.calls():
        if _method(call) not in EXECUTES or not isinstance(call.func, ast.Attribute):
            continue
        receiver = ast.unparse(call.func.value)
        own = receiver == "self.connection" and source.name == "archives/archive.py"
        if own or receiver in {"unit", "self"} or receiver.startswith("unit.connection."):
            continue
        if source.given(call, receiver):
            continue
        if not (source.inside_with(call, "writing") or source.inside_with(call, "reading")):
            yield source.at(call)


def changed_while_looking(source: Source) -> Iterator[str]:
    """Changes inside a block that promises to change nothing."""
    for call in source.calls():
        if changes_data(source, call) and (
            source.inside_with(call, "looking") or source.inside_with(call, "reading")
        ):
            yield source.at(call)


def changed_by_the_desk(source: Source) -> Iterator[str]:
    """Rows are the archive's: the desk asks it to change them."""
    if source.name.startswith("desk/"):
        yield from (source.at(call) for call in source.calls() if changes_data(source, call))


def opened_elsewhere(source: Source) -> Iterator[str]:
    """Connections and units made anywhere but where they get their write points."""
    for call in source.calls():
        name = ast.unparse(call.func)
        if name in OPENS or name.endswith(("engine.connect", "engine.begin", "engine.raw_connection")):
            if not _belongs(source, OWNS_CONNECTIONS):
                yield source.at(call)
        elif name == "Unit" and source.name != "archives/archive.py":
            yield source.at(call)


def changes_files(call: ast.Call) -> bool:
    """Whether the call changes the disk by itself."""
    name = ast.unparse(call.func)
    if name in FILE_CALLS or name.startswith(("shutil.", "tempfile.")):
        return name != "shutil.disk_usage"
    if name in {"open", "io.open", "os.fdopen"} or _method(call) == "open":
        modes = [
            a.value for a in [*call.args, *(k.value for k in call.keywords)] if isinstance(a, ast.Constant)
        ]
        return any(isinstance(mode, str) and re.fullmatch(r"[rbt]*[wax+][rwaxbt+]*", mode) for mode in modes)
    if _method(call) == "replace":  # Path.replace has one argument, str.replace two, date.replace names them
        return len(call.args) == 1 and not call.keywords
    return _method(call) in FILE_METHODS


def files_written_elsewhere(source: Source) -> Iterator[str]:
    """The archive's files are written by its stores, its keys and its keeping."""
    if source.name.startswith("archives/") and not _belongs(source, WRITES_FILES):
        yield from (source.at(call) for call in source.calls() if changes_files(call))


def writers_without_a_point(source: Source) -> Iterator[str]:
    """Functions that put content or names on the disk and never say where they are.

    ``write_all`` is the step they share; whoever calls it says where it is.
    """
    if not _belongs(source, WRITES_FILES):
        return
    visible = {"os.write", "write_all", "os.replace", "os.rename", "os.truncate", "os.link"}
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef) or function.name == "write_all":
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        writes = any(
            ast.unparse(call.func) in visible
            or (_method(call) in {"replace", "rename", "write_bytes", "write_text"} and changes_files(call))
            for call in calls
        )
        if writes and not any(ast.unparse(call.func).endswith("reached") for call in calls):
            yield f"{source.name}:{function.lineno} {function.name}"


def acts_without_a_name(source: Source) -> Iterator[str]:
    """An act is named where it is done, so that a test can stop it there."""
    for call in source.calls():
        if _method(call) not in {"acting", "writing"} or not call.args:
            continue
        name = call.args[0]
        handed_on = isinstance(name, ast.Name) and name.id == "name"
        literal = isinstance(name, ast.Constant) and bool(POINT.match(str(name.value)))
        if not (literal or handed_on):
            yield source.at(call)


RULES: tuple[Callable[[Source], Iterator[str]], ...] = (
    executed_outside_an_act,
    changed_while_looking,
    changed_by_the_desk,
    opened_elsewhere,
    files_written_elsewhere,
    writers_without_a_point,
    acts_without_a_name,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_a_write_has_a_point(rule: Callable[[Source], Iterator[str]]) -> None:
    assert [found for source in sources() for found in rule(source)] == []


# What each rule must catch; the test above is worth what these are.
CAUGHT: tuple[tuple[Callable[[Source], Iterator[str]], str, str], ...] = (
    (executed_outside_an_act, "archives/x.py", "def f(connection): connection.execute(s)"),
    (executed_outside_an_act, "desk/x.py", "def f(c): c.cursor.execute(s)"),
    (executed_outside_an_act, "archives/x.py", "def f(c: Connection): d.execute(s)"),
    (changed_while_looking, "archives/x.py",
     "from sqlalchemy import insert\nwith a.looking(b) as unit:\n unit.execute(insert(t))"),
    (changed_while_looking, "archives/x.py", "with a.reading() as c:\n c.execute(text('delete from t'))"),
    (changed_while_looking, "archives/x.py", "with a.looking(b) as unit:\n unit.execute(terms.delete())"),
    (changed_by_the_desk, "desk/x.py", "from sqlalchemy import update\nunit.execute(update(t))"),
    (changed_by_the_desk, "desk/x.py", "unit.execute(text(f'UPDATE {t} SET x=1'))"),
    (opened_elsewhere, "archives/items/x.py", "with a.data.engine.begin() as c: pass"),
    (opened_elsewhere, "desk/x.py", "unit = Unit(a, c, d, e, f)"),
    (files_written_elsewhere, "archives/items/x.py", "path.open('w')"),
    (files_written_elsewhere, "archives/items/x.py", "open(path, mode='ab')"),
    (files_written_elsewhere, "archives/items/x.py", "os.replace(a, b)"),
    (files_written_elsewhere, "archives/items/x.py", "temporary.replace(path)"),
    (files_written_elsewhere, "archives/items/x.py", "path.unlink()"),
    (writers_without_a_point, "archives/keeping/x.py", "def f(a, b):\n a.replace(b)"),
    (writers_without_a_point, "archives/store/x.py", "def f(h, b):\n os.write(h, b)"),
    (writers_without_a_point, "archives/store/x.py", "def f(h, b):\n write_all(h, b)"),
    (acts_without_a_name, "archives/x.py", "with archive.acting(f'{x}', actor): pass"),
)  # fmt: skip
PASSED: tuple[tuple[Callable[[Source], Iterator[str]], str, str], ...] = (
    (executed_outside_an_act, "archives/x.py", "with a.writing('x.y') as c:\n c.execute(s)"),
    (executed_outside_an_act, "archives/x.py", "def f(unit): unit.execute(s)"),
    (executed_outside_an_act, "archives/x.py", "def f(c: Connection): c.execute(s)"),
    (changed_while_looking, "archives/x.py",
     "with a.looking(b) as unit:\n x.update(y)\n unit.execute(select(t))"),
    (files_written_elsewhere, "archives/items/x.py", "p.open('rb'); s.replace('a', 'b'); d.replace(year=1)"),
    (writers_without_a_point, "archives/keys/x.py", "def f(a, b):\n a.replace(b)\n reached('vault:renamed')"),
    (acts_without_a_name, "archives/x.py", "with archive.acting('record.add', actor): pass"),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "place", "text"), CAUGHT)
def test_a_rule_catches(rule: Callable[[Source], Iterator[str]], place: str, text: str) -> None:
    assert list(rule(Source(Path(place), text)))


@pytest.mark.parametrize(("rule", "place", "text"), PASSED)
def test_a_rule_lets_pass(rule: Callable[[Source], Iterator[str]], place: str, text: str) -> None:
    assert not list(rule(Source(Path(place), text)))
