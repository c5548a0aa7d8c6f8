"""One guard: a change the database itself refuses; and the conditions that come up again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Guard:
    """``event`` on ``table`` is refused when ``condition`` (over OLD and NEW) holds."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    condition: str
    message: str


def append_only(table: str) -> tuple[Guard, ...]:
    """Rows of the table are never changed and never removed."""
    return (
        Guard(f"{table}_no_update", table, "UPDATE", "1 = 1", f"{table}: append only"),
        Guard(f"{table}_no_delete", table, "DELETE", "1 = 1", f"{table}: append only"),
    )


def changed(*columns: str) -> str:
    """Whether an update changes one of these columns, in brackets."""
    # Quoted: ``by`` is a word of PL/pgSQL.
    told = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)
    return f"({told})"
