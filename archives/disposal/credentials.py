"""One-time credentials of witnesses from outside, kept beside the list they are good for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update

from archives.archive import Archive, Unit
from archives.disposal.lists import ListFacts, list_facts, require_state
from archives.errors import InputRefused, NotFound, WitnessRefused
from archives.keys.onetime import Credential, check, issue
from archives.keys.wrapping import STANDARD, Cost
from archives.log.event import moment
from archives.ports import Actor
from archives.store.tables_duties import witness_credentials
from archives.store.tables_people import staff

LONGEST: Final = 72
"""Hours a credential is good for at most."""


def issue_credential(
    unit: Unit, list_id: int, staff_id: int, *, hours: int = 24, cost: Cost = STANDARD
) -> str:
    """The code to show once to a witness from outside, for this list as it was approved.

    Raises StateForbids, NotFound, InputRefused, DateUnconfirmed.
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "approved", "executing")
    if not 1 <= hours <= LONGEST:
        raise InputRefused(f"一次性凭证的有效时间应为 1 至 {LONGEST} 小时。")
    who = unit.execute(select(staff).where(staff.c.id == staff_id)).first()
    if who is None or who.left_on is not None:
        raise NotFound(f"没有在用的人员 #{staff_id}。", hint="请用 kangdang user list 查看人员编号。")
    if not who.outside:
        raise InputRefused(f"人员 #{staff_id} 是本站人员，监销时请用自己的密码。")
    code, kept = issue(
        facts.ref_code, str(facts.list_sha256), staff_id, unit.archive.random, unit.reference().at,
        timedelta(hours=hours), cost=cost,
    )  # fmt: skip
    unit.execute(
        insert(witness_credentials),
        {
            "list_id": list_id, "staff_id": staff_id, "list_sha256": kept.list_sha256,
            "verifier": kept.verifier, "made_at": moment(kept.made_at),
            "valid_until": moment(kept.valid_until), "tries": 0,
        },
    )  # fmt: skip
    unit.log("disposal.credential", f"disposal:{list_id}", detail={"witness": staff_id})
    return code


def use_credential(archive: Archive, actor: Actor, list_id: int, staff_id: int, code: str) -> None:
    """The witness is who the latest code for this list was given to.

    Every try is counted before its outcome is told.  Raises WitnessRefused, ListChanged, DateUnconfirmed.
    """
    with archive.acting("disposal.credential", actor) as unit:
        reference = unit.reference()
        facts = list_facts(unit, list_id)
        row = unit.execute(
            select(witness_credentials)
            .where(witness_credentials.c.list_id == list_id, witness_credentials.c.staff_id == staff_id)
            .order_by(witness_credentials.c.id.desc())
            .limit(1)
            .with_for_update()
        ).first()
        outcome = None
        if row is not None:
            outcome = check(_credential(row, facts), code, str(facts.list_sha256), reference.at)
            used = outcome.credential.used_at
            unit.execute(
                update(witness_credentials)
                .where(witness_credentials.c.id == row.id)
                .values(tries=outcome.credential.tries, used_at=moment(used) if used else row.used_at)
            )
        if outcome is None or not outcome.accepted:
            unit.log(
                "disposal.witness", f"disposal:{list_id}", result="failed",
                detail={"witness": staff_id, "kind": "one_time"},
            )  # fmt: skip
    if outcome is None:
        raise WitnessRefused(
            f"没有给人员 #{staff_id} 签发过这份清册的一次性凭证。",
            hint="请负责人用 disposal credential 签发。",
        )
    if outcome.refusal is not None:
        raise outcome.refusal


def _credential(row: Any, facts: ListFacts) -> Credential:
    return Credential(
        facts.ref_code, row.list_sha256, row.staff_id, row.verifier, datetime.fromisoformat(row.made_at),
        datetime.fromisoformat(row.valid_until), row.tries,
        datetime.fromisoformat(row.used_at) if row.used_at else None,
    )  # fmt: skip
