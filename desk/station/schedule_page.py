"""A version of the retention schedule as the page that is read before it is approved."""

from __future__ import annotations

from dataclasses import dataclass

from archives.archive import Unit
from archives.disposal.schedules import schedule_in_force, schedule_of
from archives.errors import NotFound
from archives.retention.differences import Difference, difference_lines, differences, schedule_lines
from archives.retention.schedule import Schedule
from desk.station.opening import OpenStation
from generator.errors import GeneratorError
from generator.forms.catalogue import load_form


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """The version, the one in force (None: there is none, or this is it), and the lines."""

    schedule: Schedule
    running: Schedule | None
    lines: tuple[str, ...]
    changes: tuple[str, ...]
    """The lines of ``lines`` that say what is different."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is different; nothing when nothing is in force."""
        return () if self.running is None else differences(self.running, self.schedule)


def schedule_page(station: OpenStation, version: str) -> SchedulePage:
    """The whole text of a version and its difference to the one in force.  Raises NotFound, StateForbids."""
    with station.archive.looking(station.actor) as unit:
        schedule, running = schedule_of(unit, version), _running(unit)
    return SchedulePage(
        schedule,
        running,
        tuple(schedule_lines(schedule, running, form_title)),
        tuple(difference_lines(schedule, running, form_title)),
    )


def _running(unit: Unit) -> Schedule | None:
    try:
        return schedule_in_force(unit)
    except NotFound:
        return None


def field_label(form_id: str, name: str) -> str:
    """A field as its form calls it, or by its own name."""
    try:
        spec = load_form(form_id).fields.get(f"/{name}")
    except GeneratorError:
        return name
    return name if spec is None else spec.label


def form_title(form_id: str) -> str:
    """The name of a form; a schedule may name forms this program does not know by their id."""
    if form_id == "attachment":
        return "附件"
    try:
        return load_form(form_id).title
    except GeneratorError:
        return form_id
