"""Items, holds and schedules for the tests, with everything optional."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from archives.retention.item import Hold, Placing, RetainedItem
from archives.retention.schedule import Schedule, parse
from generator.resources import data_dir

TODAY = date(2030, 6, 1)


def shipped_json() -> dict[str, Any]:
    return json.loads((data_dir("schemas") / "retention.json").read_bytes())


def shipped(**changes: Any) -> Schedule:
    """The schedule that comes with the program, some settings changed."""
    return parse(shipped_json() | changes)


def item(
    form_id: str = "activity_record",
    placing: Placing = "site",
    made: date | None = date(2026, 5, 10),
    *,
    events: Mapping[str, date] | None = None,
    running: bool = False,
    facts: Mapping[str, Any] | None = None,
    permanent_file: bool = False,
) -> RetainedItem:
    return RetainedItem(
        key="1",
        ref="PZ01-FW·YW-2026-D3-0001",
        form_id=form_id,
        placing=placing,
        document_date=made,
        events=events or {},
        running=running,
        facts=facts or {},
        person_has_permanent_file=permanent_file,
    )


def hold(reason: str = "litigation", **changes: Any) -> Hold:
    return Hold(**{"reason": reason, "owner": "样例甲", "placed_on": date(2029, 3, 2)} | changes)
