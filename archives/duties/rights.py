"""Requests of persons about their own information (AR10; PIPL 44–50): decided by a person, never automatic.

While one is open the file is held.  ``restricted`` puts the file under 封存: nothing but storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound, StateForbids
from archives.items.holds import open_holds, place_hold, release_hold
from archives.numbering import next_number, series_code
from archives.people.files import file_facts, restrict
from archives.people.naming import clean
from archives.store.tables import files
from archives.store.tables_duties import rights_requests

RightsKind = Literal["consult", "copy", "correct", "delete", "restrict", "withdraw_consent", "explain"]
KINDS: dict[str, str] = {
    "consult": "查阅",
    "copy": "复制",
    "correct": "更正补充",
    "delete": "删除",
    "restrict": "限制处理",
    "withdraw_consent": "撤回同意",
    "explain": "解释说明",
}
Decision = Literal["granted", "partly", "refused", "restricted"]
DECISIONS: dict[str, str] = {
    "granted": "同意",
    "partly": "部分同意",
    "refused": "不同意",
    "restricted": "封存（只保存、不使用）",
}


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """A request as its row says."""

    id: int
    ref_code: str
    file: int
    kind: str
    received_on: date
    due_on: date
    state: str
    decision: str | None


def register(
    unit: Unit, file_id: int, kind: RightsKind, content: str, due_on: date, *, by_guardian: bool = False
) -> int:
    """Take a request in and hold the file until it is decided; returns its id.

    ``due_on`` is reckoned by the caller (15 working days by the station's calendar).
    Raises InputRefused, NotFound.
    """
    facts = file_facts(unit, file_id)
    if kind not in KINDS:
        raise InputRefused(f"请求事项应为：{'、'.join(KINDS.values())}。")
    if facts.person is None or facts.state in ("merged", "destroyed"):
        raise StateForbids(f"档案 {facts.number} 不能办理权利请求。")
    name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar_one()
    year = unit.today.year
    number = next_number(unit, f"AR10:{year}", f"rights:{file_id}")
    code = f"{series_code(unit.archive.station.fonds, 'GL', year)}-AR10-{number:04d}"
    sealed = unit.archive.encrypt(
        unit.archive.keys.get(name), clean(content, "请求内容", most=2000).encode(), "rights.content"
    )
    result = unit.execute(
        insert(rights_requests),
        {
            "ref_code": code, "person_id": facts.person, "file_id": file_id, "kind": kind,
            "by_guardian": int(by_guardian), "received_on": unit.today.isoformat(),
            "due_on": due_on.isoformat(), "content": sealed, "state": "open",
        },
    )  # fmt: skip
    request = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    place_hold(unit, file_id, "rights_request")
    unit.log("rights.request", f"rights:{request}", chain=file_id, detail={"kind": kind})
    return request


def decide(unit: Unit, request_id: int, decision: Decision, reason: str) -> None:
    """Decide a request; the hold it placed ends unless the file is restricted.

    Raises StateForbids, InputRefused, NotFound.
    """
    row = unit.execute(select(rights_requests).where(rights_requests.c.id == request_id)).first()
    if row is None:
        raise NotFound("没有这个权利请求。")
    if row.state != "open":
        raise StateForbids("这个权利请求已经办结。")
    if decision not in DECISIONS:
        raise InputRefused(f"办理结果应为：{'、'.join(DECISIONS.values())}。")
    name = unit.execute(select(files.c.note_key).where(files.c.id == row.file_id)).scalar_one()
    why = clean(reason, "办理理由", most=2000).encode()
    unit.execute(
        update(rights_requests).where(rights_requests.c.id == request_id).values(
            state="decided", decided_by=unit.staff(), decided_on=unit.today.isoformat(), decision=decision,
            decision_reason=unit.archive.encrypt(unit.archive.keys.get(name), why, "rights.reason"),
        )
    )  # fmt: skip
    if decision == "restricted":
        restrict(unit, row.file_id, f"rights:{request_id}")
    elif _open_requests(unit, row.file_id) == 0:
        for hold in open_holds(unit, file=row.file_id):
            if hold.reason == "rights_request" and hold.record is None:
                release_hold(unit, hold.id)
    unit.log("rights.decide", f"rights:{request_id}", chain=row.file_id, detail={"kind": decision})


def _open_requests(unit: Unit, file_id: int) -> int:
    return len([one for one in requests_of(unit, file=file_id) if one.state == "open"])


def requests_of(unit: Unit, *, file: int | None = None) -> list[RightsRequest]:
    """Requests of the station or of one file, oldest first."""
    query = select(rights_requests).order_by(rights_requests.c.id)
    if file is not None:
        query = query.where(rights_requests.c.file_id == file)
    return [
        RightsRequest(
            row.id, row.ref_code, row.file_id, row.kind, date.fromisoformat(row.received_on),
            date.fromisoformat(row.due_on), row.state, row.decision,
        )
        for row in unit.execute(query)
    ]  # fmt: skip
