"""Whoever seals or opens takes the binding from the one table; no other place can make one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from archives.keys import bindings
from archives.keys.bindings import BINDINGS, IN_THE_STORE, Binding

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "archives" / "keys" / "bindings.py"
SEALING = {
    "encrypt", "decrypt", "opens", "seal_words", "read_words", "wrap", "unwrap", "wrap_by_secret",
    "unwrap_by_secret",
}  # fmt: skip
"""Functions that take a binding."""


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for room in ("archives", "desk"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                    yield path, node, name or getattr(node.func, "id", "")


def is_text(node: ast.expr) -> bool:
    """Whether text is made on the spot: a literal, an f-string, or either put together."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("encode", "format") and is_text(node.func.value)
    if isinstance(node, ast.BinOp):
        return is_text(node.left) or is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and node.value != b""
    )


def test_nobody_seals_or_opens_with_a_binding_of_his_own() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call, name in calls()
        if name in SEALING and any(map(is_text, [*call.args, *(one.value for one in call.keywords)]))
    ]
    assert wrong == []


def test_the_rule_sees_what_it_is_for() -> None:
    for words in ('"amendment"', 'f"revision/{n}"', 'b"identity"', '"a/{}".format(n)', 'f"{n}".encode()'):
        tree = ast.parse(f"decrypt(key, row, {words})")
        assert is_text(next(node for node in ast.walk(tree) if isinstance(node, ast.Call)).args[2])


def test_only_the_table_makes_a_binding() -> None:
    """The type checker lets nothing but a ``Bound`` through to the cipher."""
    made = {path for path, _, name in calls() if name in ("Bound", "Binding")}
    cast = [path for path, call, name in calls() if name == "cast" and "Bound" in ast.dump(call)]
    assert (made, cast) == ({TABLE}, [])


def test_every_binding_of_the_module_is_in_the_table() -> None:
    named = [one for one in vars(bindings).values() if isinstance(one, Binding)]
    assert sorted(named, key=repr) == sorted(BINDINGS, key=repr)
    assert len({one.place for one in BINDINGS}) == len(BINDINGS)


def test_no_two_kinds_under_one_key_are_bound_alike() -> None:
    under = [(one.key, one.words) for one in BINDINGS]
    assert len(set(under)) == len(under)


def test_a_part_that_is_missing_or_unknown_is_refused() -> None:
    for binding in BINDINGS:
        parts = dict.fromkeys(binding.parts, 1)
        assert binding.of(**parts)
        with pytest.raises(ValueError, match="is bound to"):
            binding.of(**parts, other=1)
        if parts:
            with pytest.raises(ValueError, match="is bound to"):
                binding.of()


def test_what_stands_in_stores_stays_readable() -> None:
    """The words themselves: a change of any would shut what was sealed before."""
    words = {one.place: one.words for one in IN_THE_STORE}
    assert words == {
        "revisions.payload": "revision/{number}",
        "revisions.reason": "reason/{number}",
        "persons.identity": "identity",
        "amendments.before": "person/{person_id}/amendment/{field}",
        "amendments.reason": "person/{person_id}/amendment/{field}/reason",
        "merges.reason": "merge.reason",
        "documents.blob": "document",
        "documents.sheet": "sheet",
        "scan_questions.body": "scan.question",
        "notes.body": "note",
        "holds.note": "hold.note",
        "access_requests.note": "request.note",
        "loans.basis": "loan.basis",
        "loans.condition": "loan.condition",
        "rights_requests.content": "rights.content",
        "rights_requests.decision_reason": "rights.reason",
        "scan_pages.blob": "scan.page",
        "scan_pages.reading": "scan.reading",
        "scan_parts.blob": "scan.part/{number}",
    }
