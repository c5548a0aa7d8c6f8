"""The guards of the station's own tables: what is expected of the other stores is never taken back."""

from __future__ import annotations

from archives.store.guard import Guard, append_only, changed

STATION_GUARDS: tuple[Guard, ...] = (
    Guard("store_marks_no_delete", "store_marks", "DELETE", "1 = 1", "marks: kept"),
    Guard(
        "store_marks_forward", "store_marks", "UPDATE",
        changed("name") + " OR NEW.number < OLD.number", "marks: counters only go forward",
    ),
    *append_only("station_settings"),
    Guard(
        "written_out_settled_once", "written_out", "UPDATE",
        "OLD.state <> 'out' OR " + changed("file_id", "record_id", "kind", "token", "at", "by"),
        "written_out: settled once",
    ),
    *append_only("disposal_written"),
)  # fmt: skip
