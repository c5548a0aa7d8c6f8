"""The guards of scans: no page is lost or doubled, none goes into another person's file."""

from __future__ import annotations

from archives.store.guard import Guard, append_only, changed

_OF_THE_PRINT = (
    "EXISTS (SELECT 1 FROM documents f JOIN documents p ON p.id = NEW.print_document"
    " WHERE f.id = NEW.filed_as AND f.file_id = p.file_id AND f.record_id = p.record_id"
    " AND f.of_document = p.id)"
)
_BEHIND_ANOTHER = (
    "EXISTS (SELECT 1 FROM scan_separators s WHERE s.print_id = NEW.print_id)"
    " AND NOT EXISTS (SELECT 1 FROM documents f JOIN scan_separators s ON s.print_id = NEW.print_id"
    " WHERE f.id = NEW.filed_as AND f.file_id = s.file_id)"
)
_UNACCOUNTED = "NEW.pages_in <> (SELECT count(*) FROM scan_pages p WHERE p.batch_id = NEW.id)"
_STILL_WAITING = "EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.id AND p.state = 'waiting')"
_LEFT = (
    "(EXISTS (SELECT 1 FROM scan_parts q WHERE q.batch_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.id AND p.blob IS NOT NULL))"
)
_UNSEEN = (
    "EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'blank'"
    " AND p.settled_by IS NULL AND NOT EXISTS (SELECT 1 FROM scan_blank_looks l WHERE l.page_id = p.id))"
)
_UNSETTLED = (
    "NOT EXISTS (SELECT 1 FROM scan_batches b WHERE b.id = NEW.batch_id AND b.state = 'balanced')"
    " OR EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'waiting')"
)
_BEGUN = "EXISTS (SELECT 1 FROM scan_clearings c WHERE c.batch_id = {batch})"

SCAN_GUARDS: tuple[Guard, ...] = (
    Guard("scan_batches_no_delete", "scan_batches", "DELETE", "1 = 1", "scans: batches are kept"),
    Guard("scan_pages_no_delete", "scan_pages", "DELETE", "1 = 1", "scans: no page is lost"),
    Guard(
        "scan_batches_same_file", "scan_batches", "UPDATE",
        changed("id", "sha256", "size", "received_at", "by")
        + " OR (OLD.pages_in IS NOT NULL AND " + changed("pages_in") + ")", "scans: a batch is one file",
    ),
    Guard(
        "scan_batches_forward", "scan_batches", "UPDATE",
        "NEW.state <> OLD.state AND NOT ((OLD.state = 'receiving' AND NEW.state = 'open')"
        " OR (OLD.state = 'open' AND NEW.state = 'balanced')"
        " OR (OLD.state = 'balanced' AND NEW.state = 'cleared'))", "scans: a batch only goes forward",
    ),
    Guard(
        "scan_batches_counted", "scan_batches", "UPDATE",
        f"NEW.state = 'open' AND OLD.state = 'receiving' AND {_UNACCOUNTED}", "scans: pages do not add up",
    ),
    Guard(
        "scan_batches_balanced", "scan_batches", "UPDATE",
        f"NEW.state = 'balanced' AND OLD.state = 'open' AND {_STILL_WAITING}", "scans: pages wait",
    ),
    Guard(
        "scan_batches_cleared", "scan_batches", "UPDATE",
        f"NEW.state = 'cleared' AND OLD.state = 'balanced' AND {_LEFT}", "scans: something is left",
    ),
    Guard(
        "scan_pages_while_receiving", "scan_pages", "INSERT",
        "NEW.state = 'filed' OR NOT EXISTS (SELECT 1 FROM scan_batches b WHERE b.id = NEW.batch_id"
        " AND b.state = 'receiving')", "scans: pages come while a file is received",
    ),
    Guard(
        "scan_pages_same_page", "scan_pages", "UPDATE",
        changed("id", "batch_id", "number", "sha256", "size", "media_type"), "scans: a page stays itself",
    ),
    Guard(
        "scan_pages_stay_filed", "scan_pages", "UPDATE",
        "OLD.state = 'filed' AND " + changed("state", "filed_as", "position"), "scans: filed stays filed",
    ),
    Guard(
        "scan_pages_own_file", "scan_pages", "UPDATE",
        "NEW.state = 'filed' AND OLD.state <> 'filed' AND NEW.print_document IS NOT NULL AND NOT "
        + _OF_THE_PRINT, "scans: another document's page",
    ),
    Guard(
        "scan_pages_own_separator", "scan_pages", "UPDATE",
        f"NEW.state = 'filed' AND OLD.state <> 'filed' AND {_BEHIND_ANOTHER}",
        "scans: another file's attachment",
    ),
    *append_only("scan_blank_looks"),
    *append_only("scan_clearings"),
    *append_only("scan_set_aside"),
    *append_only("scan_successors"),
    Guard(
        "scan_blank_looks_counted", "scan_blank_looks", "INSERT",
        "NOT EXISTS (SELECT 1 FROM scan_pages p JOIN scan_batches b ON b.id = p.batch_id"
        " WHERE p.id = NEW.page_id AND p.state = 'blank' AND b.state IN ('open', 'balanced'))",
        "scans: blank pages are looked at while they are there",
    ),
    Guard("scan_clearings_settled", "scan_clearings", "INSERT", _UNSETTLED, "scans: pages wait"),
    Guard("scan_clearings_seen", "scan_clearings", "INSERT", _UNSEEN, "scans: blank pages nobody saw"),
    Guard(
        "scan_batches_clearing", "scan_batches", "UPDATE",
        "NEW.state = 'cleared' AND OLD.state = 'balanced' AND NOT " + _BEGUN.format(batch="NEW.id"),
        "scans: clearing begins with its row",
    ),
    Guard(
        "scan_pages_clearing", "scan_pages", "UPDATE",
        "NEW.state = 'waiting' AND OLD.state <> 'waiting' AND " + _BEGUN.format(batch="NEW.batch_id"),
        "scans: its batch is being cleared",
    ),
    Guard(
        "scan_separators_same", "scan_separators", "UPDATE", "1 = 1", "scans: separators stay",
    ),
)  # fmt: skip
