"""Reopening a file and taking an empty new volume back: who may is decided in the act itself, once more."""

from __future__ import annotations

from dataclasses import dataclass

from archives.archive import Unit
from archives.duties.requests import leave_of
from archives.duties.transfers import handed_over
from archives.errors import StateForbids
from archives.people import reopening
from archives.people.files import file_facts
from desk.station.access import refusal
from desk.station.files import file_named
from desk.station.opening import OpenStation
from desk.station.standing import RUNNING, standing_of

REOPEN = "file.reopen"
TAKE_BACK = "file.takeback"


@dataclass(frozen=True, slots=True)
class Reopened:
    """A file that has a new volume."""

    number: str
    volume: int
    handed_over: tuple[str, ...]
    """The lists by which earlier volumes went to another office: their papers are there, not here."""


def reopen_file(station: OpenStation, number: str, reason: str) -> Reopened:
    """Begin a new volume, also of a file that was handed over: who comes again has one file.

    Raises AccessDenied, StateForbids, InputRefused, NotFound.
    """
    file = file_named(station, number)
    station.allow(REOPEN, file=file.id, part=RUNNING)
    with station.acting("file.reopen") as unit:
        gone = tuple(dict.fromkeys(handed_over(unit, file.id).values()))
        volume = reopening.reopen(unit, file.id, reason, leave=_leave(unit, file.id))
        return Reopened(file.number, volume, gone)


def _leave(unit: Unit, file_id: int) -> int | None:
    """The leave this reopening uses up; None for who needs none.

    Asked again inside the act: two reopenings at once cannot use one leave twice.  Raises StateForbids.
    """
    standing = standing_of(unit, file_facts(unit, file_id), RUNNING)
    without = type(standing)(standing.state, standing.relation, number=standing.number)
    if refusal(REOPEN, unit.actor.roles, without) is None:
        return None
    leave = leave_of(unit, file_id, unit.staff())
    if leave is None:
        raise StateForbids(
            "重新启用的批准刚刚用过或已到期。", hint="请重新提出申请：kangdang file request --reopen。"
        )
    return leave


def take_back_volume(station: OpenStation, number: str, reason: str) -> tuple[str, int]:
    """Undo a reopening nothing was written after; returns (number of the file, number of the volume).

    Raises AccessDenied, StateForbids, InputRefused, NotFound.
    """
    file = file_named(station, number)
    station.allow(TAKE_BACK, file=file.id, part=RUNNING)
    with station.acting("file.takeback") as unit:
        return file.number, reopening.take_back(unit, file.id, reason)
