"""Finds every loop and every recursion of the program, and what ends it.

A loop says above itself ``# Ends: …``; a module that calls itself says it in RECURSIONS.  ``docs/loops.md``
is written from here, and a test refuses a loop without a bound.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ROOMS = ("generator", "desk", "archives")
MARK = "Ends:"

ANSWERS = "answers nest at most 32 deep (`strict_json.MAX_DEPTH`)"
FORMS = "form definitions are the program's own data"
SOURCES = "template sources are the program's own data; circular includes are refused"
TAGS = "tags that nest too deep are refused when the template is compiled"
XML = "XML nests at most 256 deep (libxml2)"
RECURSIONS: Mapping[str, str] = {
    "archives/archive.py": "events that wait leave their list before they are written",
    "archives/keeping/medium.py": "goes up to a folder that is there; the root of a disk always is",
    "desk/batch/columns.py": FORMS,
    "desk/batch/run.py": ANSWERS,
    "desk/cli/person_cmds.py": "identity facts are checked by their form first",
    "desk/entry/answers.py": "a pointer of a form is as long as the form is deep",
    "desk/entry/fill.py": ANSWERS,
    "desk/entry/moving.py": ANSWERS,
    "desk/entry/questions.py": FORMS,
    "desk/station/print_facts.py": "goes down as many levels as it is told",
    "desk/station/export_page.py": ANSWERS,
    "desk/station/scanning/changes.py": ANSWERS,
    "generator/docx/branches.py": TAGS,
    "generator/docx/build.py": SOURCES,
    "generator/docx/context.py": FORMS,
    "generator/docx/keeping.py": SOURCES,
    "generator/docx/markup.py": "a piece of text holds none with the same marks",
    "generator/docx/plain_steps.py": TAGS,
    "generator/docx/source.py": SOURCES,
    "generator/docx/tags.py": TAGS,
    "generator/forms/conditions.py": FORMS,
    "generator/forms/definition.py": FORMS,
    "generator/forms/pointer.py": "a pointer of a form is as long as the form is deep",
    "generator/forms/profile.py": FORMS,
    "generator/forms/profile_refs.py": FORMS,
    "generator/forms/resolve.py": "a reference that leads to itself is refused",
    "generator/packets/share.py": ANSWERS,
    "generator/prefill.py": "an instance being filled is not filled again; of one form the oldest first",
    "generator/rare_characters.py": ANSWERS,
    "generator/reading/pdf_referred.py": "goes into forms of a page as deep as _DEEPEST",
    "generator/typeset/inline.py": XML,
    "generator/typeset/pages.py": "what follows has a block fewer each time",
    "generator/typeset/reader.py": XML,
    "generator/validation/level_schema.py": FORMS,
    "generator/validation/rules.py": ANSWERS,
    "generator/validation/strict_json.py": "stops at MAX_DEPTH",
    "generator/validation/text_rules.py": ANSWERS,
}
"""Module that calls itself → what ends it."""


class Loop(NamedTuple):
    """One loop: where it stands and what ends it (empty when nothing is said)."""

    path: str
    function: str
    line: int
    ends: str


def modules() -> Iterator[Path]:
    """Every module of the program."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def loops(text: str, path: str) -> Iterator[Loop]:
    """The loops of a module that no sequence bounds: ``while``, and ``for`` over something endless."""
    lines = text.splitlines()
    finder = _Loops()
    finder.visit(_parsed(text))
    for function, line in finder.found:
        yield Loop(path, function, line, _said_above(lines, line))


class _Loops(ast.NodeVisitor):
    """Collects (function, line) of the loops."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int]] = []
        self._function = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        around, self._function = self._function, node.name
        self.generic_visit(node)
        self._function = around

    def visit_While(self, node: ast.While) -> None:
        self.found.append((self._function, node.lineno))
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if _is_endless(node.iter):
            self.found.append((self._function, node.lineno))
        self.generic_visit(node)


@lru_cache(maxsize=1000)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _is_endless(source: ast.expr) -> bool:
    if not isinstance(source, ast.Call):
        return False
    name = ast.unparse(source.func).removeprefix("itertools.")
    counts = {"count": (0, 1, 2), "cycle": (1,), "repeat": (1,), "iter": (2,)}
    return len(source.args) in counts.get(name, ())


def _said_above(lines: list[str], line: int) -> str:
    said: list[str] = []
    for above in reversed(lines[: line - 1]):
        if not above.strip().startswith("#"):
            break
        said.insert(0, above.strip().lstrip("# "))
    return " ".join(said).partition(MARK)[2].strip()


def calls_itself(text: str) -> list[str]:
    """The functions of a module that come to call themselves within it."""
    functions = {f"{holder}.{node.name}": node for holder, node in _functions(_parsed(text).body, "")}
    called = {name: _called(name, node) & functions.keys() for name, node in functions.items()}
    return sorted(name for name in called if name in _reached(name, called))


def _functions(body: Iterable[ast.stmt], holder: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield holder, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, node.name)


def _called(name: str, node: ast.FunctionDef) -> set[str]:
    """What a function names: functions of the module, and methods of its own class."""
    holder = name.partition(".")[0]
    own: set[str] = set()
    used: set[str] = set()
    methods: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            (used if isinstance(one.ctx, ast.Load) else own).add(one.id)
        elif isinstance(one, ast.arg):
            own.add(one.arg)
        elif isinstance(one, ast.alias):
            own.add(one.asname or one.name)
        elif isinstance(one, ast.Attribute) and getattr(one.value, "id", "") in ("self", "cls"):
            methods.add(f"{holder}.{one.attr}")
    return {f".{one}" for one in used - own} | methods


def _reached(name: str, called: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(called[name])
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += called[one]
    return reached


def page() -> str:
    """``docs/loops.md``."""
    told = [
        "# What ends each loop",
        "",
        "Written by `make docs` from the comment `# Ends:` above each loop that no sequence bounds, and from",
        "`docs/loops.py` for modules that call themselves.  A fixpoint without a `while`: prefill",
        "(`generator/prefill.py`) takes at most as many rounds as the form has fields, and a last one.",
        "",
        "| module | function | ends |",
        "|---|---|---|",
    ]
    for path in modules():
        place = path.relative_to(ROOT).as_posix()
        for one in loops(path.read_text(encoding="utf-8"), place):
            told.append(f"| `{place}` | `{one.function}` | {one.ends} |")
    told += ["", "| module that calls itself | ends |", "|---|---|"]
    told += [f"| `{place}` | {ends} |" for place, ends in sorted(RECURSIONS.items())]
    return "\n".join(told) + "\n"
