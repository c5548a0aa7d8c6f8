"""What a page shows against what its code says: the code files a page, but a page without its print is asked.

verdict by the code ─► print is there? more than its twin? ─► the verdict, or a reason to ask a person
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from desk.station.scanning.judging import Verdict
    from desk.station.scanning.prints import Prints
    from desk.station.scanning.twins import Twins
    from generator.reading.report import FieldReport, PageReport

_LEAST_PRINT: Final = 0.5
"""Share of the printed places that must hold print on a page that is nearly white."""


def weighed(
    verdict: Verdict,
    stream: bytes,
    report: PageReport,
    fields: FieldReport | None,
    prints: Prints,
    twins: Twins,
) -> Verdict:
    """The verdict, unless the page itself speaks against it.  Raises StoreUnusable."""
    code = report.reading.identity if report.reading is not None else None
    if verdict.printed is None or code is None:
        return verdict
    if verdict.state == "duplicate":
        if twins.show_no_less(verdict.printed, code.page, stream, report, fields):
            return verdict
        return replace(verdict, state="waiting", reason="differs")
    if verdict.reason in ("incomplete", "superseded") and _lacks_print(report, fields, verdict, prints):
        return replace(verdict, reason="no_print")
    return verdict


def _lacks_print(report: PageReport, fields: FieldReport | None, verdict: Verdict, prints: Prints) -> bool:
    """Whether a page is nearly white where its print is not, or where nobody can look."""
    from generator.reading.likeness import nearly_white, print_found, view

    if report.image is None or not nearly_white(report.image):
        return False
    if fields is None or fields.registration is None or verdict.printed is None or fields.page is None:
        return True
    expected = prints.picture(verdict.printed, fields.page)
    return expected is None or print_found(view(report.image, fields.registration), expected) < _LEAST_PRINT
