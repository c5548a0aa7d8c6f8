"""What was decided of an item, and the one Chinese sentence that says so.

A sentence has classes, reasons, dates and batch numbers, never a name: holds are told by their kind, not by
their owner or their wording.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from archives.retention.conditions import FACTS
from archives.retention.item import EVENTS, HOLD_REASONS, Hold
from archives.retention.prolong import Override
from archives.retention.schedule import CLASSES, REASONS, RetentionClass, Rule

Status = Literal["permanent", "running", "undated", "retained", "held", "eligible"]
Ground = Literal[
    "class",
    "joined",
    "appraised",
    "no_rule",
    "facts_missing",
    "running",
    "event_missing",
    "out_of_range",
    "period",
]
"""What settled it: the class of the rule, the person's permanent file, an appraisal; no rule, no fact;
the open case; a date that is missing or cannot be computed with; the period."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why an item stays or may go.

    ``held_through``: the last day of the period; ``eligible_on``: the day after, from which it may be
    appraised (None whenever no such day is known or there will be none).  ``holds``: the open ones.
    ``years``: the period in force.  ``missing``: events or facts nobody registered.
    """

    key: str
    retention_class: RetentionClass | None
    trigger_event: str | None
    trigger_on: date | None
    start_on: date | None
    held_through: date | None
    eligible_on: date | None
    status: Status
    holds: tuple[Hold, ...]
    ground: Ground
    rule: Rule | None = None
    years: int | None = None
    medical: bool = False
    opinion: Override | None = None
    missing: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One Chinese sentence for a records officer; built when asked for."""
        if self.ground in ("class", "joined", "appraised"):
            return f"{_permanent(self)}{_frozen(self, '，另因')}。"
        if self.ground == "period":
            return f"{_period(self)}。"
        return f"{_undecided(self)}{_frozen(self, '，另因')}，不得销毁。"


def _permanent(it: Decision) -> str:
    if it.ground == "appraised" and it.opinion is not None:
        return f"鉴定意见为转永久（鉴定批次{it.opinion.list_no}，{_said(it.opinion.decided_on)}），永久保存"
    if it.ground == "joined" or it.rule is None:
        return f"申请未转为个案的材料，因本人已有永久保存的案卷，随该卷永久保存{_clause(it)}"
    if it.retention_class == "ADM":
        return f"{REASONS['r5']}，永久保存{_clause(it)}"
    return f"{REASONS[it.rule.reason]}，永久保存{_clause(it)}"


def _undecided(it: Decision) -> str:
    if it.ground == "no_rule":
        return "保管期限表没有规定这种文书在此处的期限"
    if it.ground == "running":
        return "个案或申请尚在办理（或已重新开案），保管期限停止计算"
    if it.ground == "out_of_range":
        return f"{_event(it)}超出可计算的范围"
    if it.ground == "facts_missing":
        return f"尚未登记{'、'.join(FACTS[name] for name in it.missing)}，不能确定保管期限"
    return f"没有{'、'.join(EVENTS[name] for name in it.missing)}，保管期限无从起算"


def _period(it: Decision) -> str:
    kept = CLASSES[it.retention_class] if it.retention_class else ""
    medical = "（医疗机构，不少于30年）" if it.medical else ""
    term = (
        f"{kept}保管{it.years}年{medical}，{_event(it)}为{_said(it.trigger_on)}，自{_said(it.start_on)}起算，"
        f"{_prolonged(it)}保管至{_said(it.held_through)}"
    )
    if it.holds:
        return f"{term}{_frozen(it, '，因')}，解除前不得销毁"
    if it.status == "held":
        return f"{term}，在此之前不再提出鉴定"
    if it.status == "retained":
        return f"{term}，{_said(it.eligible_on)}起方可提出鉴定"
    return f"{term}，期限已满，{_said(it.eligible_on)}起可以提出鉴定，经批准和两人监销方可销毁"


def _prolonged(it: Decision) -> str:
    opinion = it.opinion
    if opinion is None:
        return ""
    what = f"续存{opinion.years}年" if opinion.kind == "prolong" else "暂缓"
    return f"经鉴定{what}（鉴定批次{opinion.list_no}，{_said(opinion.decided_on)}），"


def _frozen(it: Decision, because: str) -> str:
    if not it.holds:
        return ""
    kinds = dict.fromkeys(HOLD_REASONS.get(hold.reason, HOLD_REASONS["other"]) for hold in it.holds)
    since = min(hold.placed_on for hold in it.holds)
    return f"{because}{'、'.join(kinds)}自{_said(since)}起冻结"


def _event(it: Decision) -> str:
    return EVENTS[it.trigger_event] if it.trigger_event else "日期"


def _clause(it: Decision) -> str:
    return f"（{it.rule.clause}）" if it.rule else ""


@lru_cache(maxsize=65_536)
def _said(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "不详"
