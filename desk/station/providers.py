"""Where a prefill ``case.…`` of a form comes from in a station: who provides each is one table.

Numbers of a kind run over the whole station and its year (``FS-2026-0003``); the next one is offered, and a
number that is used twice is told when the record is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from archives.archive import Unit
from archives.items.lists import (
    count_in_volume,
    highest_fact,
    highest_numbered,
    latest_code,
    with_fact_in_year,
)
from archives.people.files import FileFacts
from generator.derived import DERIVED
from generator.forms.definition import FormDefinition


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: in which file (None: a site series), for which form, about which day."""

    unit: Unit
    file: FileFacts | None
    form: FormDefinition
    day: date


Provider = Callable[[Wanted], Any]
_CLOSING: Final = ("closure_g", "discharge_application")


def _numbered(fact: str, prefix: str) -> Provider:
    def provide(wanted: Wanted) -> str:
        start = f"{prefix}-{wanted.day.year:04d}-"
        return f"{start}{highest_numbered(wanted.unit, fact, start) + 1:04d}"

    return provide


def _next_session(wanted: Wanted) -> int | None:
    if wanted.file is None:
        return None
    return highest_fact(wanted.unit, wanted.file.id, wanted.form.id, "session_no") + 1


def _next_in_volume(wanted: Wanted) -> int | None:
    if wanted.file is None:
        return None
    return count_in_volume(wanted.unit, wanted.file.id, wanted.form.id) + 1


def _next_in_year(wanted: Wanted) -> int | None:
    if wanted.file is None:
        return None
    return with_fact_in_year(wanted.unit, wanted.file.id, wanted.form.id, wanted.day.year) + 1


def _closing(wanted: Wanted) -> str | None:
    return None if wanted.file is None else latest_code(wanted.unit, wanted.file.id, _CLOSING)


PROVIDERS: Final[Mapping[str, Provider]] = {
    "next_session_no": _next_session,
    "next_followup_no": _next_in_volume,
    "next_year_visit": _next_in_year,
    "next_visit_no": _numbered("visit_no", "FS"),
    "next_incident_no": _numbered("incident_no", "TS"),
    "next_activity_no": _numbered("activity_no", "HD"),
    "next_sheet_no": _numbered("sheet_no", "QD"),
    "closing_ref": _closing,
}
"""Fact of the case → what is worked out when a form asks for it."""
NUMBERS: Final = ("visit_no", "incident_no", "activity_no", "sheet_no", "notice_no", "referral_no")
"""Index facts that stand for one paper of the station."""
OF_THE_FILE: Final = frozenset((
    "case_no", "application_no", "file_no", "responsible_worker", "intake_date", "episode",
    "application_date", "exit_date", "service_form",
))  # fmt: skip
"""What the file itself, its volume and its papers say (``casework``)."""
OF_THE_CATALOGUE: Final = frozenset((
    "checker", "file_discs", "file_entries", "file_from", "file_items", "file_missing", "file_pages",
    "file_photos", "file_retention", "file_scans", "file_shelf", "file_title", "file_until", "filed_on",
    "filer", "filing_no", "sec_assess", "sec_basic", "sec_cover", "sec_exam", "sec_medical", "sec_plan",
    "sec_social", "sec_visit",
))  # fmt: skip
"""What the archive says when it prints covers, contents, notes and registers of a volume."""
BY_A_PERSON: Final = frozenset(("admission_date", "agreement_no", "assessors"))
"""What nobody but a person knows; a CASE file or a roster may bring it."""
PROVIDED: Final = frozenset((
    *PROVIDERS, *OF_THE_FILE, *OF_THE_CATALOGUE, *BY_A_PERSON,
    *(source.removeprefix("case.") for source in DERIVED),
))  # fmt: skip
"""Every fact of a case a form may take over."""


def provided(wanted: Wanted) -> dict[str, Any]:
    """The facts this form takes over and the station works out."""
    heads = [(spec.prefill or "").partition(".") for spec in wanted.form.fields.values()]
    asked = {name for head, _, name in heads if head == "case" and name in PROVIDERS}
    found = {name: PROVIDERS[name](wanted) for name in sorted(asked)}
    return {name: value for name, value in found.items() if value is not None}
