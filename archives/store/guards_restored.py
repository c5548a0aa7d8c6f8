"""Guards of restores without a newer list: they stay known, and only a 负责人 signs one off."""

from __future__ import annotations

from archives.store.guard import Guard, append_only

RESTORED_GUARDS: tuple[Guard, ...] = (
    *append_only("restore_gaps"),
    *append_only("restore_gap_ends"),
    Guard(
        "restore_gap_signed_by_director", "restore_gap_ends", "INSERT",
        "NEW.kind = 'signed' AND NOT EXISTS"
        " (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff"
        " AND staff_roles.role = 'director')",
        "restore_gap_ends: signed by the 负责人",
    ),
)  # fmt: skip
