"""What the archive's duties need of the station and of the forms: its calendar, columns of AR10."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from archives.calendar.working_days import WorkingDays
from archives.errors import InputRefused
from archives.home import Layout

_BY_PROGRAM: Final = frozenset((
    "station_name", "request_no", "stage", "file_no", "client_name", "case_no", "received_on", "due_on",
    "kinds", "scope", "decision", "decision_reason", "decided_by", "decided_on", "done_by",
))  # fmt: skip
"""Columns of AR10 the archive fills in itself."""


def station_calendar(layout: Layout) -> WorkingDays:
    """Working days with the station's own overlay, where it has one.  Raises CalendarInvalid."""
    try:
        return WorkingDays.from_csv(layout.calendar.read_bytes())
    except FileNotFoundError:
        return WorkingDays()


def words_of_form(answers: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Columns of AR10 a person gave, checked as a draft; those the archive fills in are left out.

    Raises InputRefused naming the first column that is wrong.
    """
    from desk.documents import check_answers
    from generator.forms.catalogue import load_form

    given = {name: value for name, value in answers.items() if name not in _BY_PROGRAM}
    report, _ = check_answers(load_form("rights_request"), given, "draft", at)
    if report.errors:
        first = report.errors[0]
        raise InputRefused(f"数据文件有 {len(report.errors)} 个错误：{first.message}", hint=first.hint)
    return given
