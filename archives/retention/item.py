"""What a decision needs to know of one item, and the holds (冻结) on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

Placing = Literal["case", "application", "site", "register"]
PLACINGS: tuple[Placing, ...] = get_args(Placing)

EVENTS: Mapping[str, str] = {
    "document": "文件日期",
    "case_closed": "结案日期",
    "decision": "申请处理决定日期",
    "brief_closed": "简短服务结束日期",
    "last_entry": "末次登记日期",
    "expired": "到期日期",
    "replaced": "被新版取代的日期",
    "staff_left": "离职日期",
}
"""Event → its name in sentences.  ``document`` stands for the item's ``document_date``."""

OUTCOMES = ("accepted", "rejected", "referred_out", "served_briefly")
"""How an application ended; accepted = 接案 or a signed agreement (spec A)."""

HOLD_REASONS: Mapping[str, str] = {
    "litigation": "诉讼",
    "complaint": "投诉",
    "audit": "审计",
    "accident": "事故调查",
    "rights_request": "个人信息权利请求",
    "other": "其他原因",
}


@dataclass(frozen=True, slots=True)
class RetainedItem:
    """One 件.

    ``placing``: in a person's case file, among the papers of an application that is no case, in a site
    series, or a register that grows line by line.  ``document_date``: when it was made, None if nobody knows.
    ``events``: the latest day of each event that touches it (names: EVENTS).  ``running``: its case is open
    or reopened, its application undecided.  ``facts``: what conditions of the schedule ask
    (conditions.FACTS).  ``ref`` (档号) and ``key`` are for the caller.
    """

    key: str
    ref: str
    form_id: str
    placing: Placing
    document_date: date | None
    events: Mapping[str, date]
    running: bool
    facts: Mapping[str, Any]
    person_has_permanent_file: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason not to destroy, in force until somebody releases it.

    ``until`` is the day to look at it again; reaching it releases nothing.  ``placed_on`` is told, not
    computed with: a mistyped future day must not leave a gap.
    """

    reason: str
    owner: str
    placed_on: date
    until: date | None = None
    released_on: date | None = None

    def is_open(self, today: date) -> bool:
        """Does it forbid destruction today?"""
        return self.released_on is None or self.released_on > today
