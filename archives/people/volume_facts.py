"""The day an episode was accepted, and the number of its own application; the first one's is the file's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.errors import AlreadyThere
from archives.people.case_numbers import application_number
from archives.store.tables import files
from archives.store.tables_volumes import volume_facts


@dataclass(frozen=True, slots=True)
class VolumeFacts:
    """What is known of one episode."""

    accepted_on: date | None = None
    application_no: str | None = None


def facts_of_volume(unit: Unit, volume_id: int) -> VolumeFacts:
    """The facts of a volume; empty for one made before they were kept."""
    row = unit.execute(select(volume_facts).where(volume_facts.c.volume_id == volume_id)).first()
    if row is None:
        return VolumeFacts()
    day = date.fromisoformat(row.accepted_on) if row.accepted_on else None
    return VolumeFacts(day, row.application_no)


def note_accepted(unit: Unit, file_id: int, volume_id: int, on: date) -> None:
    """The day the running episode became a case."""
    _note(unit, file_id, volume_id, {"accepted_on": on.isoformat()})


def note_application(unit: Unit, file_id: int, volume_id: int, number: str) -> None:
    """The number a later episode's application brings.  Raises AlreadyThere, InputRefused."""
    told = application_number(unit, number, file_id)
    if application_taken(unit, told):
        raise AlreadyThere("这个申请编号已经用过。", hint="请换一个申请编号。")
    try:
        _note(unit, file_id, volume_id, {"application_no": told})
    except IntegrityError as error:
        raise AlreadyThere("这个申请编号已经用过。", hint="请换一个申请编号。") from error
    unit.log("file.volume", f"file:{file_id}", chain=file_id, detail={"kind": "application"})


def application_taken(unit: Unit, number: str) -> bool:
    """Whether an application has this number already."""
    of_file = select(files.c.id).where(files.c.application_no == number)
    of_volume = select(volume_facts.c.volume_id).where(volume_facts.c.application_no == number)
    return unit.execute(of_file.union_all(of_volume).limit(1)).first() is not None


def _note(unit: Unit, file_id: int, volume_id: int, values: dict[str, str]) -> None:
    there = volume_facts.c.volume_id == volume_id
    if unit.execute(select(volume_facts.c.volume_id).where(there)).first() is None:
        unit.execute(insert(volume_facts), {"volume_id": volume_id, "file_id": file_id, **values})
    else:
        unit.execute(update(volume_facts).where(there).values(**values))


def own_numbers(unit: Unit, file_id: int) -> list[str]:
    """The application numbers later episodes of a file brought."""
    query = select(volume_facts.c.application_no).where(
        volume_facts.c.file_id == file_id, volume_facts.c.application_no.is_not(None)
    )
    return list(unit.execute(query).scalars())
