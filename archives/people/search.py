"""Finding a file as one types: name, pinyin, initials, tail of the phone, 档号, 个案编号."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from archives.archive import Unit
from archives.people.naming import query_terms
from archives.store.tables import files, persons, search_terms

MOST = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the result; what the person looking may see is decided by the desk."""

    person: int
    file: int
    name: str
    birth_year: str
    number: str
    state: str


def search(unit: Unit, typed: str, *, most: int = MOST) -> list[Hit]:
    """Files found by what was typed, exact matches first; the search itself goes on the log."""
    wanted = query_terms(typed)
    hits = _find(unit, wanted, most) if wanted else []
    unit.log("file.search", "station:1", detail={"hits": len(hits), "count": len(typed)})
    return hits


def _find(unit: Unit, wanted: tuple[tuple[str, str], ...], most: int) -> list[Hit]:
    begins = [
        and_(
            search_terms.c.kind == kind,
            search_terms.c.term >= beginning,
            search_terms.c.term < beginning + "\U0010ffff",
        )
        for kind, beginning in wanted
    ]
    found = (
        select(search_terms.c.person_id, search_terms.c.term).where(or_(*begins)).limit(most * 20).subquery()
    )
    rows = unit.execute(
        select(
            persons.c.id, files.c.id.label("file_id"), persons.c.name, persons.c.birth_date, files.c.ref_code,
            files.c.application_no, files.c.state, found.c.term,
        )
        .join(persons, persons.c.id == found.c.person_id)
        .join(files, files.c.person_id == persons.c.id)
        .where(persons.c.state == "present")
    )  # fmt: skip
    exact = {beginning for _, beginning in wanted}
    best: dict[int, tuple[tuple[bool, int, str], Hit]] = {}
    for row in rows:
        rank = (row.term not in exact, len(row.term), row.name or "")
        hit = Hit(
            row.id, row.file_id, row.name or "", (row.birth_date or "")[:4],
            row.ref_code or row.application_no or "",
            row.state,
        )  # fmt: skip
        if row.id not in best or rank < best[row.id][0]:
            best[row.id] = (rank, hit)
    return [hit for _, hit in sorted(best.values(), key=lambda item: item[0])][:most]
