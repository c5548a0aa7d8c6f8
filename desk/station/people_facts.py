"""A person behind a number; merging two files by their numbers, rehearsed first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from archives.archive import Unit
from archives.errors import InputRefused
from archives.people.files import FileFacts, find_file
from archives.people.merge import check_merger, merge_files
from archives.store.tables import documents, records
from desk.station.attempting import attempting
from desk.station.opening import OpenStation
from desk.station.standing import RUNNING


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merger moves."""

    kept: str
    merged: str
    records: int
    documents: int


def file_of_person(station: OpenStation, number: str) -> FileFacts:
    """The person's file of that number.  Raises NotFound, InputRefused (a site series)."""
    with station.archive.looking(station.actor) as unit:
        file = find_file(unit, number)
    if file.person is None:
        raise InputRefused(f"{file.number} 是站点档案，不是某个人的档案。")
    return file


def merge_named(station: OpenStation, kept: str, merged: str, reason: str, *, execute: bool) -> Merger:
    """Merge, or only find out whether it could be done.

    Raises AccessDenied, StateForbids, AlreadyThere, InputRefused, NotFound.
    """
    one, other = file_of_person(station, kept), file_of_person(station, merged)
    for file in (one, other):
        station.allow("person.merge", file=file.id, part=RUNNING)
    if execute:
        with (
            attempting(station, "file.merge", f"file:{one.id}", chain=one.id),
            station.acting("person.merge") as unit,
        ):
            told = _merger(unit, one, other)
            merge_files(unit, one.id, other.id, reason)
        return told
    with station.acting("person.compare") as unit:
        told = _merger(unit, one, other)
        check_merger(unit, one, other)
        for file in (one, other):
            unit.log("person.compare", f"file:{file.id}", chain=file.id, detail={"dry_run": True})
    return told


def _merger(unit: Unit, one: FileFacts, other: FileFacts) -> Merger:
    return Merger(one.number, other.number, _count(unit, other, 0), _count(unit, other, 1))


def _count(unit: Unit, file: FileFacts, which: int) -> int:
    table = (records, documents)[which]
    query = select(func.count()).select_from(table).where(table.c.file_id == file.id)
    return int(unit.execute(query).scalar_one())
