"""Whoever seals or opens takes the binding from the one table; no other place can make one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint

from archives.keeping.sealed_rows import column_of, table_of
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
    under = [(one.key, words) for one in BINDINGS for words in (one.words, *one.former)]
    assert len(set(under)) == len(under)


def test_what_is_sealed_now_is_bound_to_its_row() -> None:
    """Sealed bytes and the name of their key, both put into another row of the table, do not open."""
    for one in IN_THE_STORE:
        if one.place in UNBOUND:
            continue
        table, column = table_of(one), column_of(one)
        row = [part for part in one.parts if part in table.c]
        unique = [{key.name for key in table.primary_key}] + [
            {key.name for key in rule.columns}
            for rule in table.constraints
            if isinstance(rule, UniqueConstraint)
        ]
        assert column is not None and any(names <= set(row) for names in unique), one.place


UNBOUND = {
    "documents.blob": "stored before its row has a number; opens only with the sheet, which is bound to it",
    "notes.body": "its event says the hash of these bytes",
    "merges.reason": "its two parts say the row: a person is merged once",
}
"""What is bound to its row by other means."""


def test_former_words_name_no_part_of_their_own() -> None:
    for one in BINDINGS:
        parts = dict.fromkeys(one.parts, 7)
        bound = one.of(**parts)
        assert len(bound.former) == len(one.former)
        if one.former:
            assert one.before(**parts).words == bound.former[0] != bound.words


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
    words = {one.place: [*one.former, one.words] for one in IN_THE_STORE}
    assert words == {
        "revisions.payload": ["revision/{number}", "revision/{record_id}/{number}"],
        "revisions.reason": ["reason/{number}", "reason/{record_id}/{number}"],
        "persons.identity": ["identity", "person/{id}/identity"],
        "amendments.before": [
            "person/{person_id}/amendment/{field}", "person/{person_id}/amendment/{id}/{field}",
        ],
        "amendments.reason": [
            "person/{person_id}/amendment/{field}/reason",
            "person/{person_id}/amendment/{id}/{field}/reason",
        ],
        "merges.reason": ["merge.reason", "merge/{kept}/{merged}/reason"],
        "documents.blob": ["document", "document/by-sheet"],
        "documents.sheet": ["sheet", "document/{id}/sheet"],
        "scan_questions.body": [
            "scan.question", "document/{document_id}/question/{id}/{kind}/{page}",
        ],
        "notes.body": ["note"],
        "holds.note": ["hold.note", "file/{file_id}/hold/{id}/note"],
        "access_requests.note": ["request.note", "file/{file_id}/request/{id}/note"],
        "loans.basis": ["loan.basis", "file/{file_id}/loan/{id}/basis"],
        "loans.condition": ["loan.condition", "file/{file_id}/loan/{id}/condition"],
        "rights_requests.content": ["rights.content", "file/{file_id}/rights/{id}/content"],
        "rights_requests.decision_reason": ["rights.reason", "file/{file_id}/rights/{id}/reason"],
        "scan_pages.blob": ["scan.page", "scan/{batch_id}/page/{number}"],
        "scan_pages.reading": ["scan.reading", "scan/{batch_id}/page/{number}/reading"],
        "scan_parts.blob": ["scan.part/{number}", "scan/{batch_id}/part/{number}"],
        "written_out.place": ["file/{file_id}/written/{token}"],
        "document_titles.title": ["document/{document_id}/title"],
        "separator_titles.title": ["file/{file_id}/separator/{print_id}"],
    }  # fmt: skip
