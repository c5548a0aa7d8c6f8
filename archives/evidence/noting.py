"""From rows that an act touched to what its events say about them: chain → key → digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from archives.evidence.digest import GONE, row_key
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


_KEYS: Final = {name: [f"key_{one}" for one in entry.primary] for name, entry in ENTRIES.items()}
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
        for key, seen in touched.items():
            if key[0] == "records":
                self._known["record", key[1]] = seen.link
            elif key[0] == "documents":
                self._known["document", key[1]] = seen.link

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
    for (name, *primary), seen in touched.items():
        entry = ENTRIES[name]
        held = entry.pick(seen.held) if seen.held is not None else _read(connection, entry, primary)
        of = told.setdefault(chains.of(entry, seen.link), {})
        of[row_key(entry.kind, primary)] = GONE if held is None else entry.digest(held, secret)
    return told


def _read(connection: Connection, entry: Entry, primary: Sequence[Any]) -> Sequence[Any] | None:
    rows = _ROW[entry.name].tuples(connection, dict(zip(_KEYS[entry.name], primary, strict=True)))
    return rows[0] if rows else None


def parts(rows: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The digests event by event: one lists MOST_DIGESTS."""
    if len(rows) <= MOST_DIGESTS:
        yield dict(rows)
        return
    told = list(rows.items())
    for start in range(0, len(told), MOST_DIGESTS):
        yield dict(told[start : start + MOST_DIGESTS])
