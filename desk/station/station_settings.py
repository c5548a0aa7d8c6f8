"""Looking at the settings of the station, and accepting what station.json says now."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from archives.keeping.accepted import accept, accepted, changed_files, differing
from archives.settings import read_settings
from desk.station.opening import OpenStation


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting: its member, the value in force, the value in the file."""

    member: str
    in_force: str | int | bool
    given: str | int | bool

    @property
    def same(self) -> bool:
        """Whether the file says what is in force."""
        return self.in_force == self.given


def settings_of(station: OpenStation) -> tuple[list[Shown], tuple[str, ...]]:
    """Every setting, and the files people edit that changed since they were accepted.

    Raises HomeUnusable.
    """
    given = asdict(read_settings(station.layout.home).station)
    force = asdict(station.settings.station)
    return [Shown(name, force[name], given[name]) for name in force], station.changed_files


def accept_settings(station: OpenStation) -> tuple[str, ...]:
    """Put in force what station.json says now; returns the members that changed.

    Raises AccessDenied, HomeUnusable, StoreUnusable.
    """
    station.allow("station.settings")
    given = read_settings(station.layout.home).station
    with station.acting("station.settings") as unit:
        force = accepted(unit.connection)
        changed = () if force is None else differing(given, force.station)
        if force is None or changed or changed_files(station.layout, force):
            accept(unit, station.layout, given)
    return changed
