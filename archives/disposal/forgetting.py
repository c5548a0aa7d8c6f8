"""Forgetting a person of whom nothing remains: name, ID hash, search entries, notes, keys (spec E3.5).

Only who never became a case can be forgotten; the file's row, its numbers and its log stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from archives.archive import Archive, Unit, canonical_json
from archives.clock.reference import Reference
from archives.items.titles import forget_separator_titles
from archives.items.written import forget_written
from archives.ports import Actor
from archives.store.rows import the_value
from archives.store.tables import (
    amendments,
    documents,
    files,
    holds,
    persons,
    records,
    search_terms,
    volumes,
)
from archives.store.tables_duties import forgotten, loans, rights_requests, tombstones
from archives.store.tables_people import notes


def forget_emptied(archive: Archive, actor: Actor) -> list[int]:
    """Forget whoever lost the last item to a list, also when a hold kept the person until now.

    Returns the files; none while the date is unconfirmed.  Safe to repeat.  Raises StoreUnusable.
    """
    with archive.looking(actor) as unit:
        if not unit.confirmed:
            return []
        emptied = unit.execute(_emptied().order_by(files.c.id)).scalars().all()
    told = []
    for file_id in emptied:
        with archive.acting("disposal.person", actor) as unit:
            unit.lock_file(file_id)
            if unit.execute(_emptied().where(files.c.id == file_id)).first() is not None:
                _forget(unit, file_id, unit.reference())
                told.append(file_id)
    if told:
        archive.data.truncate_journal()
        archive.keys.database.truncate_journal()
    return told


def _emptied() -> Any:
    """Files of applications: something was destroyed, nothing is left, nothing runs, nothing holds."""
    running = exists().where(
        volumes.c.file_id == files.c.id, volumes.c.closed_on.is_(None), volumes.c.outcome.is_(None)
    )
    accepted = exists().where(volumes.c.file_id == files.c.id, volumes.c.case_no.is_not(None))
    destroyed = select(records.c.file_id).join(tombstones, tombstones.c.record_id == records.c.id)
    left = exists().where(records.c.file_id == files.c.id, records.c.state != "destroyed")
    papers = exists().where(documents.c.file_id == files.c.id, documents.c.state != "destroyed")
    held = exists().where(holds.c.file_id == files.c.id, holds.c.released_at.is_(None))
    asked = exists().where(rights_requests.c.file_id == files.c.id, rights_requests.c.state == "open")
    lent = exists().where(loans.c.file_id == files.c.id, loans.c.returned_on.is_(None))
    return select(files.c.id).where(
        files.c.kind == "person",
        files.c.accepted_on.is_(None),
        files.c.state.not_in(("destroyed", "merged")),
        files.c.id.in_(destroyed),
        ~or_(running, accepted, left, papers, held, asked, lent),
    )


def _forget(unit: Unit, file_id: int, reference: Reference) -> None:
    query = select(files.c.person_id).where(files.c.id == file_id)
    person = the_value(unit.execute(query), f"案卷 #{file_id}")
    people = _with_merged(unit, person)
    own = list(unit.execute(select(files.c.id).where(files.c.person_id.in_(people))).scalars())
    keys = [
        *_names(unit, select(persons.c.identity_key).where(persons.c.id.in_(people))),
        *_names(unit, select(files.c.note_key).where(files.c.id.in_(own))),
    ]
    last = unit.execute(
        select(func.max(tombstones.c.list_id))
        .join(records, records.c.id == tombstones.c.record_id)
        .where(records.c.file_id == file_id)
    ).scalar()
    unit.execute(
        forgotten.insert(),
        {
            "person_id": person, "file_id": file_id, "list_id": last, "forgotten_at": unit.at,
            "item_keys": canonical_json(keys),
        },
    )  # fmt: skip
    unit.execute(delete(search_terms).where(search_terms.c.person_id.in_(people)))
    unit.execute(delete(amendments).where(amendments.c.person_id.in_(people)))
    unit.execute(delete(notes).where(notes.c.file_id.in_(own)))
    forget_written(unit, own)
    forget_separator_titles(unit, own)
    blank: dict[str, Any] = dict.fromkeys(
        ("id_hash", "name", "sex", "birth_date", "phone", "identity", "identity_key")
    )
    unit.execute(update(persons).where(persons.c.id.in_(people), persons.c.id != person).values(**blank))
    unit.execute(update(persons).where(persons.c.id == person).values(state="gone", **blank))
    unit.execute(update(files).where(files.c.id.in_(own)).values(state="destroyed", note_key=None))
    unit.log(
        "person.forget", f"file:{file_id}", chain=file_id, approval=f"disposal:{last}",
        detail={"person": person},
    )  # fmt: skip
    # Last in the act, as with items: before it nothing is lost, after it nothing can be read.
    unit.archive.keys.destroy(keys, reference, journal=False)


def _with_merged(unit: Unit, person: int) -> list[int]:
    """The person and everybody found to be the same."""
    people, new = [person], [person]
    # Ends: nobody is taken twice.
    while new:
        query = select(persons.c.id).where(persons.c.merged_into.in_(new), persons.c.id.not_in(people))
        new = list(unit.execute(query).scalars())
        people += new
    return people


def _names(unit: Unit, query: Any) -> Sequence[str]:
    return [name for name in unit.execute(query).scalars() if name]
