"""Whether what has a number in this station is what a line of the list of destructions meant by it.

Numbers of rows are the database's own: a station that goes on from an older backup may give one that the
life after that backup had given to something else.  Names of keys are drawn at random and never again, so
they say which item or person a line means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from archives.archive import Unit
from archives.store.tables import files, persons, records

_GONE = ("destroyed", "gone")


def standing(unit: Unit, stone: Mapping[str, Any]) -> Any:
    """What has the number of a record's or a person's line now; None for nothing.

    ``state``, ``key`` (its own), ``note_key`` and ``file``; of a record ``record``, ``form_id``, ``title``.
    """
    if stone["kind"] == "record":
        query = select(
            records.c.state, records.c.item_key.label("key"), records.c.file_id.label("file"),
            records.c.id.label("record"), records.c.form_id, records.c.title, records.c.ref_code,
        ).where(records.c.id == stone["record_id"])  # fmt: skip
    else:
        query = (
            select(
                persons.c.state, persons.c.identity_key.label("key"), files.c.id.label("file"),
                persons.c.id.label("person"), files.c.note_key,
            )
            .join(files, files.c.person_id == persons.c.id, isouter=True)
            .where(persons.c.id == stone["person_id"])
        )  # fmt: skip
    return unit.execute(query).first()


def is_gone(found: Any) -> bool:
    """Whether nothing has the number, or only what is destroyed already."""
    return found is None or found.state in _GONE


def is_meant(found: Any, stone: Mapping[str, Any]) -> bool:
    """Whether it is the one the line names.

    Of what has lost its key in another way the line must agree in everything else it says.
    """
    if found.key is not None:
        return found.key in stone["item_keys"]
    if stone["kind"] == "record":
        mine = (found.form_id, found.title, found.ref_code)
        return mine == (stone["form_id"], stone["title"], stone["ref_code"])
    return found.file == stone["file_id"] and found.note_key in stone["item_keys"]


def named_by(stone: Mapping[str, Any]) -> str:
    """What a line names, as a reader knows it: 档号, or the number of a person's file."""
    return str(stone["ref_code"]) if stone["kind"] == "record" else f"档案 #{stone['file_id']}"
