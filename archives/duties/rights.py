"""Requests of persons about their own information (AR10; PIPL 44–50): decided by a person, never automatic.

While one is open nothing of the file is destroyed: the database says so.  Registered by somebody who answers
for the file it is held at once; registered by another it is held when the 档案员 has looked.  ``restricted``
puts the file under 封存: nothing but storage.  What was asked and answered in words is kept encrypted under
the file's note key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import insert, select, update

from archives.archive import Unit
from archives.duties.sealed import read_words, seal_words
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.items.holds import open_holds, place_hold, release_hold
from archives.keys.bindings import RIGHTS_CONTENT, RIGHTS_REASON
from archives.numbering import next_number
from archives.people.files import file_facts, restrict, unrestrict
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.tables_duties import rights_looks, rights_requests
from archives.store.tables_people import events

RightsKind = Literal["consult", "copy", "correct", "delete", "restrict", "withdraw_consent", "explain"]
KINDS: Final[dict[str, str]] = {
    "consult": "查阅",
    "copy": "复制",
    "correct": "更正补充",
    "delete": "删除",
    "restrict": "限制处理",
    "withdraw_consent": "撤回同意",
    "explain": "解释说明",
}
Decision = Literal["granted", "partly", "refused", "restricted"]
DECISIONS: Final[dict[str, str]] = {
    "granted": "同意",
    "partly": "部分同意",
    "refused": "不同意",
    "restricted": "封存（只保存、不使用）",
}
WORKING_DAYS: Final = 15
"""办理期限: working days after the day of receipt."""
NEEDS_OPINION: Final = ("delete", "withdraw_consent")
"""Kinds that are decided on a legal opinion only."""


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
    decided_by: int | None
    decided_on: date | None
    days_late: int
    """Days past the due day while undecided."""
    waits_since: str | None = None
    """Since when it waits for the look of the 档案员; None when it does not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided and why; ``more`` holds further columns of AR10."""

    decision: Decision
    reason: str
    legal_note: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def register(
    unit: Unit,
    file_id: int,
    kind: RightsKind,
    scope: str,
    due_on: date,
    *,
    by_guardian: bool = False,
    more: Mapping[str, Any] | None = None,
    held: bool = True,
) -> int:
    """Take a request in; returns its id.  ``held``: at once, else when the 档案员 has looked.

    ``due_on`` is reckoned by the caller (WORKING_DAYS by the station's calendar); ``more`` holds further
    columns of AR10 (applicant, relation, phone …).  Raises InputRefused, StateForbids, NotFound,
    DateUnconfirmed.
    """
    facts = file_facts(unit, file_id)
    if kind not in KINDS:
        raise InputRefused(f"请求事项应为：{'、'.join(KINDS.values())}。")
    if facts.person is None or facts.state in ("merged", "destroyed"):
        raise StateForbids(f"档案 {facts.number} 不能办理权利请求。")
    words = {**_cleaned(more or {}), "scope": clean(scope, "请求内容", most=1000)}
    year = unit.year
    code = f"QL-{year}-{next_number(unit, f'rights:{year}', f'file:{file_id}'):04d}"
    request = next_id(unit.connection, rights_requests)
    content = seal_words(unit, file_id, words, RIGHTS_CONTENT.of(file_id=file_id, id=request))
    unit.execute(
        insert(rights_requests),
        {
            "id": request, "ref_code": code, "person_id": facts.person, "file_id": file_id, "kind": kind,
            "by_guardian": int(by_guardian), "received_on": unit.reference().day.isoformat(),
            "due_on": due_on.isoformat(), "content": content,
            "state": "open",
        },
    )  # fmt: skip
    if held:
        place_hold(unit, file_id, "rights_request")
    else:
        unit.execute(insert(rights_looks), {"request_id": request, "file_id": file_id, "since": unit.at})
    unit.log(
        "rights.request", f"rights:{request}", chain=file_id,
        detail={"kind": kind, "due": due_on.isoformat()},
    )  # fmt: skip
    return request


def look(unit: Unit, request_id: int) -> int:
    """The 档案员 has looked at a request registered for another's file: it is held now.  Returns the hold.

    Raises StateForbids (decided, looked at), SeparationBroken (registered by the same person), NotFound.
    """
    row = _row(unit, request_id)
    if _waits_since(unit, row) is None:
        raise StateForbids(f"权利请求 {row.ref_code} 不等待核对。")
    if registered_by(unit, request_id) == unit.staff():
        raise SeparationBroken("受理请求的人不能自己核对。")
    unit.execute(
        update(rights_looks)
        .where(rights_looks.c.request_id == request_id)
        .values(looked_by=unit.staff(), looked_at=unit.at)
    )
    hold = place_hold(unit, row.file_id, "rights_request")
    unit.log("rights.look", f"rights:{request_id}", chain=row.file_id, detail={"hold": hold})
    return hold


def _waits_since(unit: Unit, row: Any) -> str | None:
    query = select(rights_looks.c.since).where(
        rights_looks.c.request_id == row.id, rights_looks.c.looked_at.is_(None)
    )
    return unit.execute(query).scalar() if row.state == "open" else None


def _cleaned(more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: clean(value, "登记内容", most=500) if isinstance(value, str) else value
        for name, value in more.items()
    }


def decide(unit: Unit, request_id: int, answer: Answer) -> None:
    """Decide a request; the hold it placed ends unless the file is restricted.

    Raises StateForbids, InputRefused, SeparationBroken (registered by the same person), NotFound.
    """
    row = _row(unit, request_id)
    if row.state != "open":
        raise StateForbids(f"权利请求 {row.ref_code} 已经办理。")
    if answer.decision not in DECISIONS:
        raise InputRefused(f"办理结果应为：{'、'.join(DECISIONS.values())}。")
    if row.kind in NEEDS_OPINION and not answer.legal_note:
        raise InputRefused(
            f"请求{KINDS[row.kind]}的，决定时须写明法律意见。", hint="请用 --legal-note 写明。"
        )
    if registered_by(unit, request_id) == unit.staff():
        raise SeparationBroken("受理请求的人不能作出决定。")
    words = {**_cleaned(answer.more), "reason": clean(answer.reason, "办理理由", most=1000)}
    if answer.legal_note:
        words["legal_note"] = clean(answer.legal_note, "法律意见", most=1000)
    unit.execute(
        update(rights_requests).where(rights_requests.c.id == request_id).values(
            state="decided", decided_by=unit.staff(), decided_on=unit.today.isoformat(),
            decision=answer.decision,
            decision_reason=seal_words(unit, row.file_id, words, RIGHTS_REASON.of_row(row)),
        )
    )  # fmt: skip
    if answer.decision == "restricted":
        restrict(unit, row.file_id, f"rights:{request_id}")
    elif _others_open(unit, row.file_id) == 0:
        _release_own_holds(unit, row.file_id)
    unit.log("rights.decide", f"rights:{request_id}", chain=row.file_id, detail={"kind": answer.decision})


def lift(unit: Unit, request_id: int) -> None:
    """End the 封存 a request led to; other holds stay.  Raises StateForbids, NotFound."""
    row = _row(unit, request_id)
    if row.decision != "restricted":
        raise StateForbids(f"权利请求 {row.ref_code} 没有作出封存的决定。")
    unrestrict(unit, row.file_id, f"rights:{request_id}")
    if _others_open(unit, row.file_id) == 0:
        _release_own_holds(unit, row.file_id)


def _row(unit: Unit, request_id: int) -> Any:
    row = unit.execute(
        select(rights_requests).where(rights_requests.c.id == request_id).with_for_update()
    ).first()
    if row is None:
        raise _no_request()
    return row


def _release_own_holds(unit: Unit, file_id: int) -> None:
    for hold in open_holds(unit, file=file_id):
        if hold.reason == "rights_request" and hold.record is None:
            release_hold(unit, hold.id)


def _others_open(unit: Unit, file_id: int) -> int:
    return len([one for one in requests_of(unit, file=file_id) if one.state == "open"])


def find_request(unit: Unit, ref_code: str) -> int:
    """The request of this number (QL-2026-0001).  Raises NotFound."""
    code = ref_code.strip().upper()
    found = unit.execute(select(rights_requests.c.id).where(rights_requests.c.ref_code == code)).scalar()
    if found is None:
        raise _no_request()
    return int(found)


def _no_request() -> NotFound:
    return NotFound("没有这个权利请求。", hint="请用 kangdang rights list 查看请求编号，例如 QL-2026-0001。")


def request_facts(unit: Unit, request_id: int) -> RightsRequest:
    """One request.  Raises NotFound."""
    return _told(unit, _row(unit, request_id))


def words_of(unit: Unit, request_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(content, answer) in words; empty when the file's note key is destroyed.  Raises NotFound."""
    row = _row(unit, request_id)
    return (
        read_words(unit, row.file_id, row.content, RIGHTS_CONTENT.of_row(row)),
        read_words(unit, row.file_id, row.decision_reason, RIGHTS_REASON.of_row(row)),
    )


def registered_by(unit: Unit, request_id: int) -> int | None:
    """Who took the request in, by the access log."""
    query = select(events.c.staff).where(
        events.c.action == "rights.request", events.c.subject == f"rights:{request_id}"
    )
    found = unit.execute(query).scalar()
    return None if found is None else int(found)


def requests_of(unit: Unit, *, file: int | None = None, open_only: bool = False) -> list[RightsRequest]:
    """Requests of the station or of one file, oldest first."""
    query = select(rights_requests).order_by(rights_requests.c.id)
    if file is not None:
        query = query.where(rights_requests.c.file_id == file)
    if open_only:
        query = query.where(rights_requests.c.state == "open")
    return [_told(unit, row) for row in unit.execute(query)]


def waiting_for_look(unit: Unit) -> list[RightsRequest]:
    """Open requests the 档案员 has still to look at, the same day; oldest first."""
    return [one for one in requests_of(unit, open_only=True) if one.waits_since is not None]


def _told(unit: Unit, row: Any) -> RightsRequest:
    due = date.fromisoformat(row.due_on)
    return RightsRequest(
        row.id, row.ref_code, row.file_id, row.kind, date.fromisoformat(row.received_on), due, row.state,
        row.decision, row.decided_by, date.fromisoformat(row.decided_on) if row.decided_on else None,
        max(0, (unit.settled - due).days) if row.state == "open" else 0, _waits_since(unit, row),
    )  # fmt: skip
