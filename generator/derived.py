"""Facts nobody types because they follow from the rest of the case.

Prefill asks here for a source (``case.number``) that the case itself does not give; what the case gives goes
first.  Each function says nothing (None) rather than guess.  Pure: no clock, no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a derived fact may look at: the case, and the instance of a form it is for."""

    case: Mapping[str, Any]
    form_id: str
    index: int
    """Place of the instance among the case's instances of the form, from 0."""
    given: Sequence[Answers]
    """The instances of the form before this one, as written."""
    filled: Callable[[str], Sequence[Answers]]
    """The instances of another form by date, each prefilled itself."""

    def fact(self, part: str, name: str) -> Any:
        """A fact of person, case or station as the case gives it."""
        facts = self.case.get(part)
        return facts.get(name) if isinstance(facts, Mapping) else None


def _number(ask: Asking) -> Any:
    return ask.fact("case", "case_no") or ask.fact("case", "application_no")


def _next_session(ask: Asking) -> int:
    """One more than the highest number before this instance; a new first record is number 1."""
    earlier = [item.get("session_no") for item in ask.given]
    numbers = [number for number in earlier if isinstance(number, int) and not isinstance(number, bool)]
    return max(numbers, default=ask.index) + 1


def _agreement_start(ask: Asking) -> Any:
    """The first service agreement begins with the service; when a renewed one begins its parties say."""
    return ask.fact("case", "admission_date") if ask.index == 0 else None


def _party_c_kind(ask: Asking) -> str | None:
    """Who signs beside the client; without a guardian it may be an agent or nobody, which is not known."""
    if ask.fact("person", "has_guardian") is not True:
        return None
    return {"组织": "监护组织", None: None}.get(ask.fact("person", "guardian_kind"), "监护人")


# --- instruments ------------------------------------------------------------------------------------------

_SCORED = "psychosocial_assessment"
_SCALES = (
    ("kd_total", "心理社交功能评估表", None),
    ("sdss_total", "社会功能缺陷筛选量表（SDSS）", "sdss_verdict"),
    ("adl_total", "日常生活能力量表（ADL）", "adl_verdict"),
    ("whodas_total", "WHODAS 2.0（12项）", None),
)
"""Total, what admission_assessment calls the instrument, and its verdict, if it has one."""
_TOTALS = ("kd", "sdss", "adl", "whodas", "mrss", "ipros")


def _baseline(ask: Asking) -> Answers:
    """The latest baseline scoring; empty while there is none."""
    found = [scored for scored in ask.filled(_SCORED) if scored.get("round") == "基线"]
    return found[-1] if found else {}


def _baseline_scores(ask: Asking) -> list[dict[str, Any]]:
    scored = _baseline(ask)
    rows = [
        {"instrument": name, "total": scored[total], "date": scored.get("assess_date"),
         "note": scored.get(verdict) if verdict else None}
        for total, name, verdict in _SCALES
        if total in scored
    ]  # fmt: skip
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _baseline_total(scale: str) -> Callable[[Asking], Any]:
    return lambda ask: _baseline(ask).get(f"{scale}_total")


DERIVED: Mapping[str, Callable[[Asking], Any]] = {
    "case.number": _number,
    "case.next_session_no": _next_session,
    "case.agreement_start": _agreement_start,
    "case.party_c_kind": _party_c_kind,
    "case.baseline_scores": _baseline_scores,
    **{f"case.baseline_{scale}_total": _baseline_total(scale) for scale in _TOTALS},
}
"""Source → what it comes to when the case does not give it."""

NOBODY_TYPES = frozenset({"case.next_session_no", "case.baseline_scores"})
"""Sources that no list of people asks for: they only ever follow from records."""
