"""The settings in force: bound to the database, changed only when somebody accepts what station.json says.

A changed station.json has no effect by itself: the settings accepted last stay in force, and what the change
would decide is refused until somebody settled it.  A number given or a paper destroyed under the wrong
setting could not be taken back; reading, entering and backing up depend on none of it and go on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from archives.archive import Archive, Unit, canonical_json
from archives.settings import Layout, StationFacts
from archives.store.tables_station import station_settings

NAMES: Final[Mapping[str, str]] = {
    "station_id": "站点编号", "name": "站点名称", "fonds": "全宗号", "start_rule": "起算规则",
    "medical": "是否医疗机构", "waiting_days": "销毁等待天数", "backup_days": "备份保留天数",
    "loan_days": "借阅天数",
}  # fmt: skip
"""Member of station.json → what a user reads."""
_OWN_FILES: Final = ("calendar_overrides.csv", "print-facts.json")
"""Files people edit: a change is told, and stops nothing."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted last: the settings, and the hashes of the files people edit."""

    station: StationFacts
    files: Mapping[str, str]


def accepted(connection: Connection) -> Accepted | None:
    """The settings in force; None for a station that is not bound yet."""
    query = select(station_settings.c.body).order_by(station_settings.c.id.desc()).limit(1)
    body = connection.execute(query).scalar()
    if body is None:
        return None
    told = json.loads(body)
    return Accepted(StationFacts(**told["station"]), told["files"])


def differing(given: StationFacts, force: StationFacts) -> tuple[str, ...]:
    """Members in which what a file says differs from what is in force."""
    return tuple(
        one.name for one in fields(StationFacts) if getattr(given, one.name) != getattr(force, one.name)
    )


def shown(members: tuple[str, ...]) -> str:
    """Members as a sentence names them; no values."""
    return "、".join(f"{NAMES[name]}（{name}）" for name in members)


def own_files(layout: Layout) -> dict[str, str]:
    """Name → hash of each file people edit that is there: calendar, print facts, own templates."""
    paths = [layout.home / name for name in _OWN_FILES]
    paths += sorted(layout.templates.glob("*.docx"))
    return {path.relative_to(layout.home).as_posix(): _hash(path) for path in paths if path.is_file()}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def changed_files(layout: Layout, force: Accepted) -> tuple[str, ...]:
    """Names of files people edit that are new, gone or changed since they were accepted."""
    now = own_files(layout)
    return tuple(sorted(name for name in {*now, *force.files} if now.get(name) != force.files.get(name)))


def bind_settings(connection: Connection, layout: Layout, facts: StationFacts, at: str) -> None:
    """Put these settings in force unless some are: for who makes, restores or upgrades a station."""
    if accepted(connection) is None:
        _put(connection, layout, facts, at, None)


def accept(unit: Unit, layout: Layout, given: StationFacts) -> str:
    """Put in force what station.json says, in the name of who acts; returns the hash that is on the log.

    Raises ArchiveError when nobody is logged in.
    """
    before = unit.execute(
        select(station_settings.c.body).order_by(station_settings.c.id.desc()).limit(1)
    ).scalar()
    body = _put(unit.connection, layout, given, unit.at, unit.staff())
    digests = {"sha256": _digest(body), **({"sha256_before": _digest(before)} if before else {})}
    unit.log("station.configure", "station:1", detail={"kind": "settings", **digests})
    return digests["sha256"]


def _put(connection: Connection, layout: Layout, facts: StationFacts, at: str, by: int | None) -> str:
    body = canonical_json({"station": asdict(facts), "files": own_files(layout)})
    row: dict[str, Any] = {"body": body, "at": at, "by": by}
    connection.execute(insert(station_settings), row)
    return body


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def in_force(archive: Archive) -> Accepted | None:
    """The settings in force, in a moment of their own.  Raises StoreUnusable."""
    with archive.data.reading() as connection:
        return accepted(connection)
