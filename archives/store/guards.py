"""Guards the database keeps against every program: append-only tables, several-person duties, one-way states.

One list of conditions serves both databases; each becomes a trigger that refuses the change.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from archives.store.guard import Guard, append_only, changed
from archives.store.guards_clock import CLOCK_GUARDS
from archives.store.guards_disposal import DISPOSAL_GUARDS
from archives.store.guards_programs import PROGRAM_GUARDS
from archives.store.guards_restored import RESTORED_GUARDS
from archives.store.guards_rights import RIGHTS_GUARDS
from archives.store.guards_scans import SCAN_GUARDS
from archives.store.guards_station import STATION_GUARDS
from archives.store.guards_transfers import TRANSFER_GUARDS

_APPEND_ONLY = ("events", "seals", "seal_heads", "merges", "placements", "loan_reminders")

GUARDS: tuple[Guard, ...] = (
    *(guard for table in _APPEND_ONLY for guard in append_only(table)),
    Guard("files_no_delete", "files", "DELETE", "1 = 1", "files: never removed"),
    Guard("persons_no_delete", "persons", "DELETE", "1 = 1", "persons: never removed"),
    Guard("numbers_no_delete", "numbers", "DELETE", "1 = 1", "numbers: never used again"),
    Guard(
        "files_ref_code_stays", "files", "UPDATE",
        "OLD.ref_code IS NOT NULL AND " + changed("ref_code"), "files: 档号 stays",
    ),
    Guard(
        "records_ref_code_stays", "records", "UPDATE",
        "OLD.ref_code IS NOT NULL AND " + changed("ref_code"), "records: 档号 stays",
    ),
    Guard(
        "sequences_forward", "sequences", "UPDATE", "NEW.next <= OLD.next", "sequences: only forward",
    ),
    Guard(
        "schedules_as_proposed", "schedules", "UPDATE",
        changed("version", "body", "sha256", "proposed_by") + " OR OLD.approved_by IS NOT NULL",
        "schedules: versions stay",
    ),
    Guard("schedules_no_delete", "schedules", "DELETE", "1 = 1", "schedules: versions stay"),
    Guard("staff_same_person", "staff", "UPDATE", changed("id_hash"), "staff: one natural person, one row"),
    Guard("users_same_person", "users", "UPDATE", changed("staff_id"), "users: an account keeps its person"),
    *DISPOSAL_GUARDS,
    *SCAN_GUARDS,
    *STATION_GUARDS,
    *CLOCK_GUARDS,
    *RESTORED_GUARDS,
    *RIGHTS_GUARDS,
    *PROGRAM_GUARDS,
    *TRANSFER_GUARDS,
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
