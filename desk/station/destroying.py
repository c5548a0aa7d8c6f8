"""The act of destruction at the desk: the witnesses authenticate one after another, then it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archives.disposal.completion import Progress
from archives.disposal.credentials import use_credential
from archives.disposal.execution import (
    PaperCount,
    Witness,
    approver_of,
    begin,
    execute,
    require_executor,
    require_separate,
    resume,
)
from archives.disposal.lists import ListFacts, list_facts
from archives.disposal.rehearsal import rehearse
from archives.duties.staff import staff_of_login
from archives.errors import InputRefused, NotYet, StateForbids
from archives.keys import vault as vaults
from archives.keys.attempts import Attempts
from archives.ports import uptime_of
from desk.station.opening import OpenStation

Secret = Callable[[str], str]
"""Asks a witness (login, or ``#number`` of somebody from outside) for the password or one-time code."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the executor confirms: the list's hash, how and where the paper goes, the paper as counted."""

    sha256: str
    method: str
    place: str
    paper: PaperCount


def destroy(
    station: OpenStation, list_id: int, act: Act, witnesses: Sequence[str], secret: Secret
) -> Progress:
    """Everything that can be refused is asked first; then the witnesses, then the destruction.

    Raises StateForbids, NotYet, DateUnconfirmed, SeparationBroken, WitnessRefused, LoginRefused, LoginLocked,
    ListChanged …
    """
    facts = _ready(station, list_id)
    present = [
        _authenticated(station, list_id, who, staff, secret)
        for who, staff in zip(witnesses, _people(station, facts, witnesses), strict=True)
    ]
    with station.acting("disposal.begin") as unit:
        if facts.state == "approved":
            begin(unit, list_id, act.sha256, act.method, act.place, act.paper, present)
        else:
            resume(unit, list_id, act.sha256, present)
    return execute(station.archive, station.actor, list_id)


def _ready(station: OpenStation, list_id: int) -> ListFacts:
    with station.archive.looking(station.actor) as unit:
        facts = list_facts(unit, list_id)
        if facts.state == "executing":
            require_executor(unit, facts)
        rehearsal = rehearse(unit, list_id)
        reference = unit.reference()
        if facts.not_before is not None and not reference.reached(facts.not_before):
            raise NotYet("".join(rehearsal.obstacles))
        if rehearsal.obstacles:
            raise StateForbids("".join(rehearsal.obstacles), hint="请用 kangdang disposal show 查看清册。")
    return facts


def _people(station: OpenStation, facts: ListFacts, witnesses: Sequence[str]) -> list[int]:
    """The natural persons, before anybody's code is used up."""
    with station.archive.looking(station.actor) as unit:
        people = [_outside(who) or staff_of_login(unit, who) for who in witnesses]
        require_separate(unit, people, unit.staff(), approver_of(unit, facts.id))
    return people


def _outside(who: str) -> int | None:
    if not who.startswith("#"):
        return None
    number = who[1:]
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise InputRefused("站外监销人用 # 加人员编号表示，例如 #12。")
    return int(number)


def _authenticated(station: OpenStation, list_id: int, who: str, staff: int, secret: Secret) -> Witness:
    archive = station.archive
    if who.startswith("#"):
        use_credential(archive, station.actor, list_id, staff, secret(who))
        return Witness(staff, "one_time")
    attempts = Attempts(station.layout.keys / "attempts.json", archive.random)
    vault = vaults.load(station.layout.vault)
    attempts.log_in(vault, who, secret(who), station.actor.client, archive.clock(), uptime_of(archive.clock))
    return Witness(staff, "password")
