"""What a page without a readable code may be, for the person at the queue: a hint, never a filing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archives.errors import StateForbids
from archives.people.files import file_facts
from archives.scans.pages import page_facts
from desk.station.issuing import page_code_key
from desk.station.opening import OpenStation
from desk.station.scanning.queue import ASSIGNABLE, view_of
from desk.station.scanning.suggesting import Known, Why, candidates, known_forms, look
from generator.forms.catalogue import load_form

if TYPE_CHECKING:
    from generator.reading.words import TextEngine

WHY: Final[Mapping[Why, str]] = {
    "print": "页码旁的小字",
    "number and name": "编号和姓名",
    "number": "编号",
    "name": "姓名",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """What the words on a page speak for; files by their numbers, likeliest first."""

    forms: tuple[str, ...]
    """Titles of the forms it may be."""
    files: tuple[tuple[str, str], ...]
    """(number of a file, what speaks for it)."""


def hint(station: OpenStation, page_id: int, engine: TextEngine | None = None) -> Hint:
    """Read the words of a page and look for their file; the looking is on the log as counts.

    Raises AccessDenied, StateForbids (its code says whose it is), TextEngineMissing, NotFound.
    """
    station.allow("scan.queue")
    with station.archive.looking(station.actor) as unit:
        page = page_facts(unit, page_id)
    if page.blob is None or page.print_document is not None or page.reason not in ASSIGNABLE:
        raise StateForbids(f"第 {page_id} 号扫描页不需要辨认文字。")
    known = Known(known_forms(), keys=(page_code_key(station),))
    found = look(view_of(station, page), known, engine).suggestion
    if found is None:
        return Hint((), ())
    with station.acting("scan.hint") as unit:
        unit.log("scan.read", f"page:{page_id}", detail={"scan": page.batch, "number": page.number})
        files = tuple((file_facts(unit, file).number, WHY[why]) for file, why in candidates(unit, found))
    return Hint(tuple(load_form(guess.form_id).title for guess in found.forms), files)
