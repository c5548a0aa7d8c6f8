"""The appraisal (鉴定, AR6): an opinion on every item, signed by the group of three or more as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.disposal.lists import (
    OPINIONS,
    Opinion,
    entries,
    entries_hash,
    list_facts,
    opinions_hash,
    require_state,
)
from archives.errors import AlreadyThere, InputRefused, ListChanged, NotFound, StateForbids
from archives.people.naming import clean
from archives.ports import Role
from archives.retention.prolong import Override
from archives.store.tables_duties import appraisals, disposal_items, disposal_lists, overrides
from archives.store.tables_people import staff_roles

APPRAISERS: Final = 3
"""鉴定小组 (spec E2 AR6): 档案人员 + 业务人员 + 负责人."""
GROUPS: Final[Mapping[str, frozenset[Role]]] = {
    "档案员": frozenset({"records"}),
    "业务人员（社工或督导）": frozenset({"worker", "supervisor"}),
    "机构负责人": frozenset({"director"}),
}
MOST_REASON: Final = 100
"""Characters of a reason; the printed form holds as many."""


def set_opinion(
    unit: Unit, list_id: int, record_id: int, opinion: Opinion, reason: str, years: int | None = None
) -> None:
    """Note the group's opinion on one item.  Raises StateForbids, InputRefused, NotFound."""
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed")
    if opinion not in OPINIONS:
        raise InputRefused(f"鉴定意见应为：{'、'.join(OPINIONS.values())}。")
    if opinion != "prolong" and years is not None:
        raise InputRefused("只有续存才填年数。")
    if opinion != "destroy":
        Override(opinion, years, unit.reference().day, facts.ref_code)
    why = clean(reason, "鉴定理由", most=MOST_REASON)
    changed = unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == record_id)
        .values(opinion=opinion, opinion_years=years, opinion_reason=why)
    )
    if changed.rowcount != 1:
        raise NotFound("清册中没有这一件。")
    unit.log(
        "disposal.appraise", f"disposal:{list_id}",
        detail={"record": record_id, "opinion": opinion, "years": years},
    )  # fmt: skip


def sign_appraisal(unit: Unit, list_id: int, sha256: str) -> int:
    """A member of the group signs the opinions as read (their hash); returns how many have signed these.

    Signatures under other opinions stay on record and count no more.
    Raises ListChanged, StateForbids, AlreadyThere.
    """
    require_state(list_facts(unit, list_id), "proposed")
    if opinions_hash(unit, list_id) != sha256:
        raise ListChanged("鉴定意见在您阅读之后有改动。", hint="请重新查看后再签。")
    if any(row.opinion is None for row in entries(unit, list_id)):
        raise StateForbids(
            "还有档案没有鉴定意见。", hint="请先用 kangdang disposal appraise 逐件填写鉴定意见。"
        )
    try:
        unit.execute(
            insert(appraisals),
            {"list_id": list_id, "staff_id": unit.staff(), "list_sha256": sha256, "at": unit.at},
        )
    except IntegrityError as error:
        raise AlreadyThere("您已经签过这份鉴定意见。", hint="每名小组成员签一次即可。") from error
    unit.log("disposal.sign", f"disposal:{list_id}", detail={"list_sha256": sha256})
    return len(signers(unit, list_id, sha256))


def signers(unit: Unit, list_id: int, sha256: str) -> list[int]:
    """Natural persons who signed the opinions of this hash, in the order they signed."""
    query = select(appraisals.c.staff_id).where(
        appraisals.c.list_id == list_id, appraisals.c.list_sha256 == sha256
    )
    return list(unit.execute(query.order_by(appraisals.c.at, appraisals.c.staff_id)).scalars())


def finish_appraisal(unit: Unit, list_id: int) -> str:
    """Close the appraisal: what stays leaves the list with its opinion, the rest is listed; returns the hash.

    An empty hash: nothing is left, the list is withdrawn.
    Raises StateForbids (too few signatures, a group missing).
    """
    facts = list_facts(unit, list_id)
    require_state(facts, "proposed")
    _require_group(unit, signers(unit, list_id, opinions_hash(unit, list_id)))
    for row in entries(unit, list_id):
        _settle(unit, list_id, row)
    listed = entries(unit, list_id, "listed")
    if not listed:
        unit.execute(update(disposal_lists).where(disposal_lists.c.id == list_id).values(state="withdrawn"))
        unit.log("disposal.finish", f"disposal:{list_id}", detail={"items": 0})
        return ""
    sha256 = entries_hash(facts.ref_code, listed)
    unit.execute(
        update(disposal_lists)
        .where(disposal_lists.c.id == list_id)
        .values(state="appraised", list_sha256=sha256)
    )
    unit.log("disposal.finish", f"disposal:{list_id}", detail={"items": len(listed), "list_sha256": sha256})
    return sha256


def _require_group(unit: Unit, signed: Iterable[int]) -> None:
    people = list(signed)
    if len(people) < APPRAISERS:
        raise StateForbids(
            f"鉴定小组至少 {APPRAISERS} 人签字，现在 {len(people)} 人。",
            hint="请小组成员各自登录后用 kangdang disposal sign 签字。",
        )
    rows = unit.execute(select(staff_roles).where(staff_roles.c.staff_id.in_(people)))
    roles = {row.role for row in rows}
    for name, group in GROUPS.items():
        if not roles & group:
            raise StateForbids(
                f"鉴定小组中还缺{name}的签字。", hint="请小组成员用 kangdang disposal sign 补签后再结束鉴定。"
            )


def _settle(unit: Unit, list_id: int, row: Any) -> None:
    state = "listed" if row.opinion == "destroy" else "kept"
    unit.execute(
        update(disposal_items)
        .where(disposal_items.c.list_id == list_id, disposal_items.c.record_id == row.record_id)
        .values(state=state)
    )
    if state == "kept":
        unit.execute(
            insert(overrides),
            {
                "record_id": row.record_id, "kind": row.opinion, "years": row.opinion_years,
                "decided_on": unit.reference().day.isoformat(), "list_id": list_id,
            },
        )  # fmt: skip
        unit.log(
            "retention.override", f"record:{row.record_id}",
            detail={"opinion": row.opinion, "years": row.opinion_years},
        )  # fmt: skip
