"""Guards of the confirmed time: it only grows, the program takes no leap, and a leap is a person's word."""

from __future__ import annotations

from typing import Final

from archives.store.guard import Guard, append_only

_DAYS_14: Final = 14 * 24 * 3600
_MINUTES_10: Final = 600
_LAST: Final = "(SELECT seconds FROM clock_readings WHERE kind <> 'doubted' ORDER BY id DESC LIMIT 1)"

CLOCK_GUARDS: tuple[Guard, ...] = (
    *append_only("clock_readings"),
    *append_only("clock_wrongs"),
    Guard(
        "clock_no_leap", "clock_readings", "INSERT",
        f"NEW.kind = 'kept' AND"
        f" (NEW.seconds > {_LAST} + {_DAYS_14} OR NEW.seconds < {_LAST} - {_MINUTES_10})",
        "clock_readings: the program takes no leap",
    ),
    Guard(
        "clock_by_custodian", "clock_readings", "INSERT",
        "NEW.kind = 'confirmed' AND NOT EXISTS"
        " (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff"
        " AND staff_roles.role IN ('records', 'admin'))",
        "clock_readings: confirmed by 档案员 or 系统管理员",
    ),
    Guard(
        "executions_by_confirmed_date", "disposal_executions", "INSERT",
        "(SELECT kind FROM clock_readings ORDER BY id DESC LIMIT 1) = 'doubted'",
        "disposal_executions: the date is unconfirmed",
    ),
)  # fmt: skip
"""On an empty table there is nothing to leap from: the first row is laid by the founding or by the step."""
