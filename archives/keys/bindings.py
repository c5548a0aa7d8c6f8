"""What sealed bytes are bound to: one table, read where bytes are sealed and where they are opened.

A binding says what the bytes are and whose row they stand in, so that sealed bytes put in the place of
others do not open, not even when the name of their key is put there with them.  Rows are named by what never
changes: not by the person, whose records a merger moves.  Whoever seals or opens takes the binding from here;
nobody else can make a ``Bound``.  Words in use never go: new ones join, and ``former`` keeps open what stands
in a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import Any, Literal

Key = Literal["record", "person", "file", "document", "page", "batch", "outside"]
"""Whose key seals the bytes: an item's own, a person's, a file's note key; ``outside``: none of these."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The words of a binding as the cipher takes them; made by ``Binding`` only."""

    words: bytes
    """What is sealed is bound to this."""
    former: tuple[bytes, ...] = ()
    """Sealed bytes may be bound to one of these instead."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One kind of sealed bytes.  ``words`` names columns of its row, or facts of its file, in braces."""

    place: str
    """``table.column``; of a blob the column that names it; outside the database the file."""
    key: Key
    words: str
    former: tuple[str, ...] = ()
    """What the bytes were bound to in earlier stations; they name no part that ``words`` does not name."""

    @property
    def parts(self) -> frozenset[str]:
        """What the words name."""
        return _named(self.words)

    def of(self, **parts: str | int) -> Bound:
        """The binding of one item.  Raises ValueError for a part that is missing or unknown."""
        if parts.keys() != self.parts:
            raise ValueError(f"{self.place} is bound to {sorted(self.parts)}, not {sorted(parts)}")
        words, *former = (one.format_map(parts).encode() for one in (self.words, *self.former))
        return Bound(words, tuple(former))

    def before(self, **parts: str | int) -> Bound:
        """The binding of an item of an earlier station: nothing sealed since opens."""
        words, *former = self.of(**parts).former
        return Bound(words, tuple(former))

    def of_row(self, row: Any) -> Bound:
        """The binding of what stands in a row of the table."""
        return self.of(**{name: getattr(row, name) for name in self.parts})


@lru_cache(maxsize=64)
def _named(words: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(words) if name)


REVISION = Binding("revisions.payload", "record", "revision/{record_id}/{number}", ("revision/{number}",))
REVISION_REASON = Binding("revisions.reason", "record", "reason/{record_id}/{number}", ("reason/{number}",))
IDENTITY = Binding("persons.identity", "person", "person/{id}/identity", ("identity",))
OLD_VALUE = Binding(
    "amendments.before", "person", "person/{person_id}/amendment/{id}/{field}",
    ("person/{person_id}/amendment/{field}",),
)  # fmt: skip
AMENDMENT_REASON = Binding(
    "amendments.reason", "person", "person/{person_id}/amendment/{id}/{field}/reason",
    ("person/{person_id}/amendment/{field}/reason",),
)  # fmt: skip
MERGE_REASON = Binding("merges.reason", "person", "merge/{kept}/{merged}/reason", ("merge.reason",))
"""Under the key of the person who is kept."""
CONTENT = Binding("documents.blob", "document", "document/by-sheet", ("document",))
"""Stored before its row has a number: what is bound so belongs to the row its sheet is bound to."""
SHEET = Binding("documents.sheet", "document", "document/{id}/sheet", ("sheet",))
QUESTION = Binding(
    "scan_questions.body",
    "document",
    "document/{document_id}/question/{id}/{kind}/{page}",
    ("scan.question",),
)
NOTE = Binding("notes.body", "file", "note")
"""Needs no row: the event of its row says the hash of these very bytes."""
HOLD_NOTE = Binding("holds.note", "file", "file/{file_id}/hold/{id}/note", ("hold.note",))
REQUEST_NOTE = Binding(
    "access_requests.note", "file", "file/{file_id}/request/{id}/note", ("request.note",)
)  # fmt: skip
LOAN_BASIS = Binding("loans.basis", "file", "file/{file_id}/loan/{id}/basis", ("loan.basis",))
LOAN_CONDITION = Binding("loans.condition", "file", "file/{file_id}/loan/{id}/condition", ("loan.condition",))
RIGHTS_CONTENT = Binding(
    "rights_requests.content", "file", "file/{file_id}/rights/{id}/content", ("rights.content",)
)
RIGHTS_REASON = Binding(
    "rights_requests.decision_reason", "file", "file/{file_id}/rights/{id}/reason", ("rights.reason",)
)
WRITTEN = Binding("written_out.place", "file", "file/{file_id}/written/{token}")
TITLE = Binding("document_titles.title", "document", "document/{document_id}/title")
SEPARATOR_TITLE = Binding("separator_titles.title", "file", "file/{file_id}/separator/{print_id}")
PAGE = Binding("scan_pages.blob", "page", "scan/{batch_id}/page/{number}", ("scan.page",))
READING = Binding("scan_pages.reading", "page", "scan/{batch_id}/page/{number}/reading", ("scan.reading",))
PART = Binding("scan_parts.blob", "batch", "scan/{batch_id}/part/{number}", ("scan.part/{number}",))

IN_THE_STORE = (
    REVISION, REVISION_REASON, IDENTITY, OLD_VALUE, AMENDMENT_REASON, MERGE_REASON, CONTENT, SHEET, QUESTION,
    NOTE, HOLD_NOTE, REQUEST_NOTE, LOAN_BASIS, LOAN_CONDITION, RIGHTS_CONTENT, RIGHTS_REASON, PAGE, READING,
    PART, WRITTEN, TITLE, SEPARATOR_TITLE,
)  # fmt: skip
"""Everything sealed that a row holds or names."""

SEAL_KEY = Binding("seal.key", "outside", "seal-key")
"""Under a key derived from the master key."""
VAULT_USER = Binding(
    "vault.json users", "outside", "kangdang/1/vault\x1f{station}\x1f{vault_id}\x1fuser\x1f{login}\x1f{kdf}"
)
"""The master key under a password; ``kdf`` says how the password is stretched."""
VAULT_RECOVERY = Binding(
    "vault.json recovery", "outside", "kangdang/1/vault\x1f{station}\x1f{vault_id}\x1frecovery"
)
SESSION = Binding(
    "session", "outside",
    "kangdang/1/session\x1f{station}\x1f{login}\x1f{stamp}\x1f{opened_at}\x1f{used_at}"
    "\x1f{boot}\x1f{opened_up}\x1f{used_up}",
)  # fmt: skip
"""The master key under the token of the session."""

BINDINGS = (*IN_THE_STORE, SEAL_KEY, VAULT_USER, VAULT_RECOVERY, SESSION)
"""Everything sealed that a station has."""
