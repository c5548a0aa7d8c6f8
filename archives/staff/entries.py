"""What happened at a person's door since they last came in, read from the access log."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from archives.archive import Unit
from archives.log.event import SITE_CHAIN
from archives.store.tables_people import events

_DOOR = ("login", "login.failed", "login.locked", "user.password", "user.reset", "user.recover")
_FAR = 10_000
"""Events looked back at."""


@dataclass(frozen=True, slots=True)
class Since:
    """What a person is told when they come in.

    ``last``: moment of the login before this one (None: the first); ``failures``: refused tries with this
    login after it; ``changed_by``: number of who else set the password, 0 for the recovery sheet.
    """

    last: str | None = None
    failures: int = 0
    changed_by: int | None = None


def since_last_login(unit: Unit, user: int) -> Since:
    """What the door saw of this account since its last login."""
    rows = unit.execute(
        select(events.c.at, events.c.action, events.c.staff)
        .where(events.c.chain == SITE_CHAIN, events.c.subject == f"user:{user}", events.c.action.in_(_DOOR))
        .order_by(events.c.seq.desc())
        .limit(_FAR)
    )
    failures, changed_by = 0, None
    for row in rows:
        if row.action == "login":
            return Since(row.at, failures, changed_by)
        if row.action in ("login.failed", "login.locked"):
            failures += 1
        elif changed_by is None and row.staff != unit.actor.staff:
            changed_by = row.staff or 0
    return Since(None, failures, changed_by)
