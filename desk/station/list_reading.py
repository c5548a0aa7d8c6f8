"""Reading the items of a 销毁清册: they name papers of all cases, so not every worker sees every list."""

from __future__ import annotations

from archives.disposal.lists import ListFacts, find_list
from archives.disposal.proof import people_of
from archives.errors import AccessDenied
from desk.station.access import sees_list_of_items
from desk.station.opening import OpenStation

_ACT = "disposal.appraise"


def list_to_read(station: OpenStation, number: str) -> ListFacts:
    """The list of that number, whose items this person may see; a denial is on the log before it is told.

    Raises AccessDenied, NotFound.
    """
    station.allow(_ACT)
    with station.archive.looking(station.actor) as unit:
        facts = find_list(unit, number)
        people = people_of(unit, facts)
    took_part = station.actor.staff in (people.lister, *people.signers, *people.witnesses)
    if not sees_list_of_items(station.actor.roles, facts.state, took_part=took_part):
        error = AccessDenied(
            f"清册 {facts.ref_code} 已鉴定完毕，逐件内容只给参与鉴定、监销的人和档案员、机构负责人看。"
        )
        raise station.archive.refuse(station.actor, error, _ACT, f"disposal:{facts.id}", 0)
    return facts
