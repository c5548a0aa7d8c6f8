"""Every table, column and writer has its place in the registry of evidence; one without it fails here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import Text

from archives.evidence.registry import BY_KIND, ENTRIES, EXEMPT
from archives.store.schema import METADATA
from archives.store.touched import LINKS

ROOT = Path(__file__).parents[2]
NOT_WATCHED = {
    ("archives/archive.py", "self.data.writing"): "the one gate",
    ("archives/home.py", "archive.keys.database.writing"): "the store of keys",
    ("archives/keeping/stores.py", "archive.data.writing"): "puts its rows on the log itself",
    ("archives/keeping/sweep.py", "archive.data.writing"): "removes keys and blobs, no rows",
    ("archives/store/item_keys.py", "self.database.writing"): "the store of keys",
    ("archives/store/migrations/runner.py", "database.writing"): "steps and the baseline",
}
"""(file, call) that opens a transaction to write → why rows written there are known all the same."""
PLAIN = {
    "accepted_on", "action", "added_at", "answer", "application_no", "approved_at", "asked_at", "at",
    "backup_at", "balanced_at", "blob", "blobs", "body", "box", "cabinet", "case_no", "cleared_at",
    "closed_on", "content_sha256", "decided_at", "decided_on", "decision", "destroyed_at",
    "document_date", "done_at", "due_on", "events", "field", "forgotten_at", "form_id", "from_on",
    "given_at", "gone_by", "gone_on", "held_through", "id_hash", "identity_key", "item_key",
    "item_keys", "kind", "kinds",
    "left_because", "left_on", "lent_on", "list_sha256", "looked_at", "made_at",
    "media_type", "not_before", "note_key", "opened_at", "opened_on", "opinion", "outcome",
    "outcome_on", "pages_frozen_at", "placed_at", "print_id", "proof", "proposed_at", "purpose",
    "reason", "received_at", "received_on", "ref_code", "released_at", "retention_class", "returned_on",
    "role", "schedule_version", "series", "settled_at", "sha256", "shelf", "since", "start_on", "state",
    "tag", "title", "to_on", "token", "until", "used_at", "valid_until", "verifier", "version",
}  # fmt: skip
"""Text columns that hold codes, states, numbers of files, dates, hashes and titles of forms, whatever the
table: they may be digested in plain.  Whoever adds a column looks at it: here, ``keyed`` or ``left``."""


def test_every_table_has_its_place() -> None:
    assert set(ENTRIES) | set(EXEMPT) == set(METADATA.tables)
    assert not set(ENTRIES) & set(EXEMPT)
    assert set(LINKS) == set(ENTRIES), "what is digested is watched, and nothing else"
    assert len(BY_KIND) == len(ENTRIES), "two tables have one name on the log"


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_column_has_its_place(name: str) -> None:
    entry = ENTRIES[name]
    assert set(entry.left) | set(entry.keyed) <= set(entry.table.c.keys())
    assert not set(entry.left) & set(entry.keyed)
    assert not set(entry.primary) & set(entry.left), "a row is known by its key"
    assert not entry.link or entry.link in entry.table.c
    plain = set(entry.columns) - set(entry.keyed)
    texts = {one for one in plain if isinstance(entry.table.c[one].type, Text)}
    assert texts <= PLAIN, "a text column was not looked at: may its hash be guessed back?"


def test_every_exception_says_why() -> None:
    reasons = [*EXEMPT.values(), *NOT_WATCHED.values()]
    for entry in ENTRIES.values():
        reasons += [*entry.left.values(), *entry.keyed.values()]
    assert all(len(reason.split()) >= 3 for reason in reasons)


def test_nobody_else_opens_a_transaction_to_write() -> None:
    found = {
        (str(path.relative_to(ROOT)), ast.unparse(node.func))
        for room in ("archives", "desk")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "writing"
    }
    assert found == set(NOT_WATCHED)
