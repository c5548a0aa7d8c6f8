"""Guards the database keeps against every program: append-only tables, several-person duties, one-way states.

One list of conditions serves both databases; each becomes a trigger that refuses the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Guard:
    """``event`` on ``table`` is refused when ``condition`` (over OLD and NEW) holds."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    condition: str
    message: str


def _append_only(table: str) -> tuple[Guard, ...]:
    return (
        Guard(f"{table}_no_update", table, "UPDATE", "1 = 1", f"{table}: append only"),
        Guard(f"{table}_no_delete", table, "DELETE", "1 = 1", f"{table}: append only"),
    )


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)


_APPEND_ONLY = (
    "events", "seals", "seal_heads", "tombstones", "appraisals", "disposal_approvals", "disposal_executions",
    "disposal_witnesses", "merges", "placements", "loan_reminders", "overrides",
)  # fmt: skip
_OPEN_HOLD = (
    "EXISTS (SELECT 1 FROM holds h JOIN records r ON r.id = NEW.record_id"
    " WHERE h.released_at IS NULL AND h.file_id = r.file_id"
    " AND (h.record_id IS NULL OR h.record_id = r.id))"
)
_NOT_APPROVED = (
    "NOT EXISTS (SELECT 1 FROM disposal_lists l JOIN disposal_approvals a ON a.list_id = l.id"
    " JOIN disposal_executions e ON e.list_id = l.id WHERE l.id = NEW.list_id"
    " AND a.list_sha256 = l.list_sha256 AND e.list_sha256 = l.list_sha256)"
)
_TOO_FEW_WITNESSES = "(SELECT count(*) FROM disposal_witnesses w WHERE w.list_id = NEW.list_id) < 2"

GUARDS: tuple[Guard, ...] = (
    *(guard for table in _APPEND_ONLY for guard in _append_only(table)),
    Guard("revisions_no_update", "revisions", "UPDATE", "1 = 1", "revisions: append only"),
    Guard(
        "revisions_no_delete", "revisions", "DELETE",
        "NOT EXISTS (SELECT 1 FROM records r WHERE r.id = OLD.record_id AND r.state = 'destroying')",
        "revisions: only disposal removes them",
    ),
    Guard("records_no_delete", "records", "DELETE", "1 = 1", "records: only disposal ends them"),
    Guard("documents_no_delete", "documents", "DELETE", "1 = 1", "documents: only disposal ends them"),
    Guard("files_no_delete", "files", "DELETE", "1 = 1", "files: never removed"),
    Guard("persons_no_delete", "persons", "DELETE", "1 = 1", "persons: never removed"),
    Guard("numbers_no_delete", "numbers", "DELETE", "1 = 1", "numbers: never used again"),
    Guard(
        "documents_immutable", "documents", "UPDATE",
        _changed("kind", "print_id", "copy", "media_type", "pages", "size", "sha256", "at", "by")
        + " OR (NEW.state NOT IN ('destroying', 'destroyed') AND ("
        + _changed("blob", "item_key", "sheet") + "))",
        "documents: immutable",
    ),
    Guard(
        "files_ref_code_stays", "files", "UPDATE",
        "OLD.ref_code IS NOT NULL AND NEW.ref_code IS DISTINCT FROM OLD.ref_code", "files: 档号 stays",
    ),
    Guard(
        "records_ref_code_stays", "records", "UPDATE",
        "OLD.ref_code IS NOT NULL AND NEW.ref_code IS DISTINCT FROM OLD.ref_code", "records: 档号 stays",
    ),
    Guard(
        "sequences_forward", "sequences", "UPDATE", "NEW.next <= OLD.next", "sequences: only forward",
    ),
    Guard(
        "records_destroying_by_list", "records", "UPDATE",
        "NEW.state = 'destroying' AND OLD.state <> 'destroying' AND NOT EXISTS"
        " (SELECT 1 FROM disposal_items i WHERE i.record_id = NEW.id AND i.state = 'destroying')",
        "records: only a list under execution destroys",
    ),
    Guard(
        "records_destroyed_once", "records", "UPDATE",
        "(NEW.state = 'destroyed' AND OLD.state NOT IN ('destroying', 'destroyed'))"
        " OR (OLD.state = 'destroyed' AND NEW.state <> 'destroyed')"
        " OR (OLD.state = 'destroying' AND NEW.state NOT IN ('destroying', 'destroyed'))",
        "records: destruction only goes forward",
    ),
    Guard(
        "items_destroying_held", "disposal_items", "UPDATE",
        f"NEW.state = 'destroying' AND OLD.state <> 'destroying' AND {_OPEN_HOLD}", "disposal: held",
    ),
    Guard(
        "items_destroying_approved", "disposal_items", "UPDATE",
        f"NEW.state = 'destroying' AND OLD.state <> 'destroying' AND {_NOT_APPROVED}",
        "disposal: not approved",
    ),
    Guard(
        "items_destroying_witnessed", "disposal_items", "UPDATE",
        f"NEW.state = 'destroying' AND OLD.state <> 'destroying' AND {_TOO_FEW_WITNESSES}",
        "disposal: two witnesses",
    ),
    Guard(
        "items_destroyed_once", "disposal_items", "UPDATE",
        "(NEW.state = 'destroyed' AND OLD.state <> 'destroying')"
        " OR (NEW.state = 'destroying' AND OLD.state <> 'listed')"
        " OR OLD.state = 'destroyed' OR (OLD.state = 'destroying' AND NEW.state <> 'destroyed')",
        "disposal: only goes forward",
    ),
    Guard(
        "items_as_listed", "disposal_items", "UPDATE",
        "OLD.state NOT IN ('proposed') AND (" + _changed(
            "record_id", "ref_code", "title", "retention_class", "held_through", "pages", "content_sha256",
            "opinion",
        ) + ")",
        "disposal: a listed item stays as it was approved",
    ),
    Guard("items_no_delete", "disposal_items", "DELETE", "1 = 1", "disposal: lists are kept"),
    Guard("lists_no_delete", "disposal_lists", "DELETE", "1 = 1", "disposal: lists are kept"),
    Guard(
        "lists_as_approved", "disposal_lists", "UPDATE",
        "OLD.list_sha256 IS NOT NULL AND (" + _changed("list_sha256", "ref_code", "made_by") + ")",
        "disposal: a list stays as it was approved",
    ),
    Guard(
        "schedules_as_proposed", "schedules", "UPDATE",
        _changed("version", "body", "sha256", "proposed_by") + " OR OLD.approved_by IS NOT NULL",
        "schedules: versions stay",
    ),
    Guard("schedules_no_delete", "schedules", "DELETE", "1 = 1", "schedules: versions stay"),
    Guard(
        "holds_once", "holds", "UPDATE",
        _changed("file_id", "record_id", "reason", "owner", "placed_at") + " OR OLD.released_at IS NOT NULL",
        "holds: only released, once",
    ),
    Guard("holds_no_delete", "holds", "DELETE", "1 = 1", "holds: kept"),
    Guard("staff_same_person", "staff", "UPDATE", _changed("id_hash"), "staff: one natural person, one row"),
    Guard("users_same_person", "users", "UPDATE", _changed("staff_id"), "users: an account keeps its person"),
)  # fmt: skip


def sqlite_trigger(guard: Guard) -> str:
    """The trigger in SQLite's words."""
    message = guard.message.replace("'", "''")
    return (
        f"CREATE TRIGGER guard_{guard.name} BEFORE {guard.event} ON {guard.table} WHEN {guard.condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def postgresql_trigger(guard: Guard) -> str:
    """The trigger and its function in PostgreSQL's words."""
    message = guard.message.replace("'", "''")
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION guard_{guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {guard.condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN {row}; END $$; "
        f"CREATE TRIGGER guard_{guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION guard_{guard.name}()"
    )


def install(connection: Connection) -> None:
    """Make all guards of a database whose tables are there."""
    words = sqlite_trigger if connection.dialect.name == "sqlite" else postgresql_trigger
    for guard in GUARDS:
        connection.execute(text(words(guard)))
