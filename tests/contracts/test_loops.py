"""No loop and no recursion without a word about what ends it; no JSON from outside that nests for ever."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from docs.loops import RECURSIONS, ROOT, calls_itself, loops, modules

SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in modules()}


def test_every_loop_says_what_ends_it() -> None:
    silent = [
        f"{one.path}:{one.line} {one.function}"
        for place, text in SOURCES.items()
        for one in loops(text, place)
        if not one.ends
    ]
    assert silent == [], "write `# Ends: …` above the loop"


def test_every_module_that_calls_itself_says_what_ends_it() -> None:
    found = {place for place, text in SOURCES.items() if calls_itself(text)}
    assert found - RECURSIONS.keys() == set(), "say in docs/loops.py what ends it"
    assert RECURSIONS.keys() - found == set(), "these no longer call themselves"


@pytest.mark.parametrize(
    "loop",
    ["while True:", "while waiting:", "for n in count():", "for n in itertools.count(1):",
     "for n in cycle(x):", "for n in repeat(x):", "for n in iter(read, b''):"],
)  # fmt: skip
def test_a_loop_without_a_bound_is_seen(loop: str) -> None:
    body = f"def f():\n    # a comment\n    {loop}\n        pass\n"
    assert [one.ends for one in loops(body, "m.py")] == [""]
    said = body.replace("a comment", "Ends: the list ends.")
    assert [one.ends for one in loops(said, "m.py")] == ["the list ends."]


@pytest.mark.parametrize("text", ["for n in range(9):\n    pass", "for n in rows:\n    pass", "x = count()"])
def test_a_loop_over_a_sequence_is_none_of_them(text: str) -> None:
    assert list(loops(text, "m.py")) == []


def test_a_recursion_is_seen() -> None:
    assert calls_itself("def f(n):\n    return f(n - 1)") == [".f"]
    assert calls_itself("def f():\n    g()\ndef g():\n    f()") == [".f", ".g"]
    methods = "class C:\n    def f(self):\n        self.g()\n    def g(self):\n        self.f()"
    assert calls_itself(methods) == ["C.f", "C.g"]
    assert calls_itself("def f():\n    from m import f\n    f()") == []


def test_whoever_forgives_broken_json_forgives_json_that_nests_too_deep() -> None:
    """A file of ten thousand brackets is a damaged file, not a fault of the program."""
    wrong = []
    for place, text in SOURCES.items():
        for node in ast.walk(ast.parse(text)) if "loads" in text else ():
            if isinstance(node, ast.Try) and any(_loads(one) for one in node.body):
                caught = {name for handler in node.handlers for name in _names(handler)}
                forgives = caught & {"ValueError", "JSONDecodeError"}
                if forgives and not caught & {"RecursionError", "Exception"}:
                    wrong.append(f"{place}:{node.lineno}")
    assert wrong == []


def _loads(node: ast.AST) -> bool:
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "loads"
        for one in ast.walk(node)
    )


def _names(handler: ast.ExceptHandler) -> set[str]:
    caught = ast.walk(handler.type) if handler.type is not None else ()
    return {getattr(one, "attr", getattr(one, "id", "")) for one in caught}


def test_the_rooms_are_all_looked_at() -> None:
    assert len(SOURCES) > 300
    assert Path(ROOT / "generator" / "prefill.py").exists()
