"""From rows that an act touched to what its events say about them: chain → key → digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from archives.evidence.digest import GONE
from archives.evidence.registry import ENTRIES, Entry, Via
from archives.log.event import MOST_DIGESTS, SITE_CHAIN
from archives.store.prepared import Prepared
from archives.store.tables import documents, files, records
from archives.store.tables_duties import loans
from archives.store.touched import Touched

Digests = dict[int, dict[str, str]]


def _reading(entry: Entry) -> Prepared:
    table = entry.table
    found = [table.c[name] == bindparam(f"key_{name}") for name in entry.primary]
    return Prepared(select(*(table.c[name] for name in entry.columns)).where(*found))


_ROW: Final = {name: _reading(entry) for name, entry in ENTRIES.items()}
_FILE_OF: Final[dict[Via, Prepared]] = {
    "person": Prepared(select(files.c.id).where(files.c.person_id == bindparam("link"))),
    "record": Prepared(select(records.c.file_id).where(records.c.id == bindparam("link"))),
    "document": Prepared(select(documents.c.file_id).where(documents.c.id == bindparam("link"))),
    "loan": Prepared(select(loans.c.file_id).where(loans.c.id == bindparam("link"))),
}


class _Chains:
    """Whose chain tells of a row; what is known is not asked again."""

    def __init__(self, connection: Connection, touched: Touched) -> None:
        self._connection = connection
        self._known: dict[tuple[Via, Any], int] = {}
        for key, link in touched.items():
            if key[0] == "records":
                self._known["record", key[1]] = link
            elif key[0] == "documents":
                self._known["document", key[1]] = link

    def of(self, entry: Entry, link: Any) -> int:
        via = entry.via
        if via == "station" or link is None:
            return SITE_CHAIN
        if via == "file":
            return int(link)
        found = self._known.get((via, link))
        if found is None:
            rows = _FILE_OF[via].run(self._connection, {"link": link})
            found = self._known[via, link] = int(rows[0][0]) if rows else SITE_CHAIN
        return found


def digests(connection: Connection, touched: Touched, secret: bytes) -> Digests:
    """What the touched rows hold now, each on its chain."""
    told: Digests = {}
    chains = _Chains(connection, touched)
    for (name, *primary), link in touched.items():
        entry = ENTRIES[name]
        values = dict(zip(entry.primary, primary, strict=True))
        rows = _ROW[name].run(connection, {f"key_{one}": value for one, value in values.items()})
        of = told.setdefault(chains.of(entry, link), {})
        of[entry.key(values)] = entry.digest(_named(entry, rows[0]), secret) if rows else GONE
    return told


def _named(entry: Entry, row: Any) -> Mapping[str, Any]:
    return dict(zip(entry.columns, row, strict=True))


def parts(rows: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The digests event by event: one lists MOST_DIGESTS."""
    told = list(rows.items())
    for start in range(0, len(told), MOST_DIGESTS):
        yield dict(told[start : start + MOST_DIGESTS])
