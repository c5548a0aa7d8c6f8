"""The papers of the sample station: two people's forms entered, two cases accepted, everything printed.

client ─► open_person ─► enter ─► accept_case ─► enter … ─► issue_record ─► IssuedPaper
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archives.people.persons import open_person
from desk.sample.people import CLIENTS, Client, answers_of
from desk.station.files import accept_case
from desk.station.issuing import Look, issue_record
from desk.station.opening import OpenStation
from desk.station.records import correct, enter, place_of
from generator.errors import DataInvalid
from generator.identity.page_map import PageMap
from generator.render import PrintOptions
from generator.typeset.fonts import FontSet

APPLICATION: Final = "application_b"
FORMS: Final = (
    (APPLICATION, "consent_a", "needs_survey", "risk_assessment"),
    (APPLICATION, "consent_a", "needs_survey", "record_e"),
)
"""The forms of each client; the application comes first, because it makes the case."""


@dataclass(frozen=True, slots=True)
class IssuedPaper:
    """Copy 1 of a paper as the archive knows it."""

    client: Client
    form_id: str
    record: int
    print_id: str
    pages: int
    content: bytes = field(repr=False)
    page_map: PageMap = field(repr=False)


def issue_papers(station: OpenStation, fonts: FontSet, folder: Path) -> Iterator[IssuedPaper]:
    """Open both files, enter and print their papers into ``folder``.

    Raises DataInvalid when an example is not sound any more, and what entering and printing raise.
    """
    look = Look(PrintOptions(), fonts)
    for client, forms in zip(CLIENTS, FORMS, strict=True):
        station.allow("person.open")
        with station.acting("person.open") as unit:
            open_person(unit, client.facts, application_no=client.application_no)
        for form_id in forms:
            record = _entered(station, client, form_id)
            if form_id == APPLICATION:
                accept_case(station, client.application_no, case_no=client.case_no)
            out = folder / f"{client.name}-{form_id}.pdf"
            issued = issue_record(station, f"#{record}", look, out)
            if not issued.copies:
                raise _unsound(form_id)
            first = issued.copies[0]
            told = first.rendered
            yield IssuedPaper(
                client, form_id, record, first.print_id, told.pages, told.content, told.page_map
            )


def _entered(station: OpenStation, client: Client, form_id: str) -> int:
    place = place_of(station, form_id, client.application_no)
    made = enter(station, form_id, answers_of(client, form_id), place)
    if made.record is None:
        raise _unsound(form_id)
    return made.record.id


def _unsound(form_id: str) -> DataInvalid:
    return DataInvalid(
        f"样例数据 {form_id} 有错误，没有录入或打印。", hint="这是程序自带的样例，请告诉开发者。"
    )


def correct_after_printing(station: OpenStation, paper: IssuedPaper) -> None:
    """Change an answer of a paper that is printed already: what comes home is older than the record."""
    answers = answers_of(paper.client, paper.form_id) | {"duration_min": 45}
    correct(station, f"#{paper.record}", answers, "样例：打印以后更正了时长")
