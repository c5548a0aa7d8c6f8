"""The guards of rights: a leave is no grant and is used once; what a person asks about is not destroyed."""

from __future__ import annotations

from archives.store.guard import Guard, changed

_ASKED_FOR_FILE = (
    "EXISTS (SELECT 1 FROM rights_requests q JOIN records r ON r.file_id = q.file_id"
    " WHERE r.id = NEW.record_id AND q.state = 'open')"
)
_ASKED_FOR_EXTRACT = (
    "EXISTS (SELECT 1 FROM records x JOIN rights_requests q ON q.file_id = x.file_id"
    " WHERE x.source_record = NEW.record_id AND q.state = 'open')"
)
_LEAVE_GIVEN = "EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id AND a.granted = 1)"

RIGHTS_GUARDS: tuple[Guard, ...] = (
    Guard("leaves_no_delete", "leaves_to_reopen", "DELETE", "1 = 1", "leaves: kept"),
    Guard(
        "leaves_asked_unused", "leaves_to_reopen", "INSERT",
        "NEW.used_at IS NOT NULL OR EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id"
        " AND a.decided_by IS NOT NULL)", "leaves: asked before they are decided",
    ),
    Guard(
        "leaves_used_once", "leaves_to_reopen", "UPDATE",
        changed("request_id", "file_id") + " OR OLD.used_at IS NOT NULL OR NOT " + _LEAVE_GIVEN,
        "leaves: given, and used once",
    ),
    Guard("looks_no_delete", "rights_looks", "DELETE", "1 = 1", "looks: kept"),
    Guard(
        "looks_once", "rights_looks", "UPDATE",
        changed("request_id", "file_id", "since") + " OR OLD.looked_at IS NOT NULL", "looks: once",
    ),
    Guard(
        "items_not_while_asked", "disposal_items", "UPDATE",
        "NEW.state = 'destroying' AND OLD.state <> 'destroying'"
        f" AND ({_ASKED_FOR_FILE} OR {_ASKED_FOR_EXTRACT})", "disposal: a person's request is open",
    ),
    Guard(
        "persons_not_while_asked", "persons", "UPDATE",
        "NEW.state = 'gone' AND OLD.state <> 'gone' AND EXISTS (SELECT 1 FROM rights_requests q"
        " JOIN files f ON f.id = q.file_id WHERE f.person_id = NEW.id AND q.state = 'open')",
        "persons: a person's request is open",
    ),
)  # fmt: skip
