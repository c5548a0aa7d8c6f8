"""Disposal at the desk: AR6 and AR7 filled from the archive."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from archives.archive import Unit
from archives.disposal.agreement import require_agreement
from archives.disposal.execution import NO_PAPER
from archives.disposal.lists import OPINIONS, ListFacts, entries, find_list
from archives.disposal.proof import Beyond, People, copies_beyond, people_of
from archives.disposal.rehearsal import BECAUSE
from archives.duties.staff import names_of, roles_of
from archives.errors import StateForbids
from archives.items.written import Left, left_by_list, left_of_record
from archives.keeping.gaps import open_gaps

Answers = dict[str, Any]
REASON: Final = "保管期限已满，经鉴定小组逐件鉴定，无继续保存价值。"
_STAGES: Final = {
    "appraised": "待批准", "approved": "已批准", "executing": "已批准", "done": "已销毁",
}  # fmt: skip
_RECHECKED: Final = ("内容", "派生件", "检索条目", "存储文件", "密钥")


def appraisal_answers(unit: Unit, number: str) -> Answers:
    """AR6 of a list (鉴定批次 or 清册编号): every item with its opinion.

    Raises NotFound, StateForbids, CheckFailed.
    """
    facts = find_list(unit, number)
    require_agreement(unit, facts)
    rows = entries(unit, facts.id)
    if any(row.opinion is None for row in rows):
        raise StateForbids(
            "还有档案没有鉴定意见，鉴定意见表不能打印。",
            hint="请先用 kangdang disposal appraise 逐件填写鉴定意见。",
        )
    people, names = people_of(unit, facts), names_of(unit)
    counts = {opinion: sum(row.opinion == opinion for row in rows) for opinion in OPINIONS}
    on = people.appraised_on or date.fromisoformat(facts.made_at[:10])
    told = "，".join(f"{OPINIONS[opinion]} {count} 件" for opinion, count in counts.items() if count)
    answers: Answers = {
        "station_name": unit.archive.station.name, "fonds_no": unit.archive.station.fonds,
        "batch_no": facts.appraisal_no, "schedule": f"{facts.schedule_version} 版",
        "appraised_on": on.isoformat(), "items": [_appraised(row, on) for row in rows],
        "destroy_count": counts["destroy"], "extend_count": counts["prolong"],
        "permanent_count": counts["permanent"], "hold_count": counts["defer"],
        "conclusion": f"本批 {len(rows)} 件保管期限已满，经逐件鉴定：{told}。",
        "members": [{"name": names[one], "role": _part(unit, one)} for one in people.signers],
    }  # fmt: skip
    return answers | _leader(unit, people, names)


def _leader(unit: Unit, people: People, names: dict[int, str]) -> Answers:
    found = next((one for one in people.signers if "director" in roles_of(unit, one)), None)
    return {} if found is None else {"leader": names[found]}


def _part(unit: Unit, staff: int) -> str:
    roles = roles_of(unit, staff)
    if "director" in roles:
        return "负责人"
    if "records" in roles:
        return "档案人员"
    return "业务人员" if roles & {"worker", "supervisor"} else "其他"


def _appraised(row: Any, on: date) -> Answers:
    answers: Answers = {
        **_named(row, on), "start_on": row.start_on, "due_on": row.held_through,
        "opinion": OPINIONS[row.opinion], "reason": row.opinion_reason,
    }  # fmt: skip
    if row.opinion == "prolong":
        answers["extend_years"] = row.opinion_years
    if row.opinion == "defer":
        answers["hold_reason"] = row.opinion_reason[:60]
    return answers


def _named(row: Any, on: date) -> Answers:
    return {
        "file_no": row.ref_code, "title": row.title, "year": int(row.document_date[:4]),
        "formed_on": row.document_date, "pages": row.pages, "retention": f"{row.years}年",
        "held_years": full_years(date.fromisoformat(row.start_on), on),
    }  # fmt: skip


def full_years(start: date, on: date) -> int:
    """Whole years from one day to another, 0 at least."""
    return max(on.year - start.year - ((on.month, on.day) < (start.month, start.day)), 0)


def destruction_answers(unit: Unit, number: str) -> Answers:
    """AR7 of a list as far as it has come; once it is done, with the certificate of destruction.

    Raises NotFound, StateForbids (not appraised, withdrawn), CheckFailed (not what the log tells).
    """
    facts = find_list(unit, number)
    if facts.state not in _STAGES:
        raise StateForbids(
            f"清册 {facts.ref_code} 没有经过鉴定，或已撤回，不能打印。",
            hint="请先结束鉴定：kangdang disposal finish。",
        )
    require_agreement(unit, facts)
    rows = [row for row in entries(unit, facts.id) if row.opinion == "destroy" and row.state != "kept"]
    people, names = people_of(unit, facts), names_of(unit)
    beyond = copies_beyond(unit, rows, facts.done_at)
    written = _written(unit, facts, rows)
    on = date.fromisoformat(facts.made_at[:10])
    answers: Answers = {
        "station_name": unit.archive.station.name, "fonds_no": unit.archive.station.fonds,
        "list_no": facts.ref_code, "appraisal_no": facts.appraisal_no, "stage": _STAGES[facts.state],
        "lister": names[people.lister], "listed_on": on.isoformat(), "reason": REASON,
        "list_sha256": facts.list_sha256,
        "items": [
            _listed(unit, row, on, beyond[row.record_id], written.get(row.record_id), facts.state == "done")
            for row in rows
        ],
        **_leader(unit, people, names), **_restored(unit),
    }  # fmt: skip
    if people.approver is not None and people.approved_on is not None and facts.not_before is not None:
        answers |= {
            "decision": "同意销毁", "approver": names[people.approver],
            "approved_on": people.approved_on.isoformat(), "wait_until": facts.not_before.isoformat(),
        }  # fmt: skip
    if facts.state == "done":
        answers |= _certificate(unit, facts, rows, people, names, beyond)
    return answers


def _restored(unit: Unit) -> Answers:
    """What has to be said on every list while what was destroyed once may be back."""
    found = open_gaps(unit.connection)
    return {"restore_note": found[0].sentence} if found else {}


def _written(unit: Unit, facts: ListFacts, rows: list[Any]) -> dict[int, Left]:
    """Plain files of each item: known at its destruction, or known now."""
    kept = left_by_list(unit, facts.id)
    now = [row.record_id for row in rows if row.record_id not in kept and row.state != "destroyed"]
    return {**{record: left_of_record(unit, record) for record in now}, **kept}


def _plain(left: Left | None) -> str | None:
    """What is said of plain files; no more than is known."""
    if left is None or left == Left(0, 0, 0):
        return None
    counts = (("未清理", left.still_out), ("已移除", left.removed), ("未找到", left.missing))
    return "写出文件" + "、".join(f"{word}{count}份" for word, count in counts if count)


def _listed(unit: Unit, row: Any, on: date, beyond: Beyond, left: Left | None, done: bool) -> Answers:
    parts = [f"备份 {beyond.backups} 份"] * bool(beyond.backups)
    parts += [f"导出件 {beyond.exports} 份"] * bool(beyond.exports)
    told = [text for text in ("、".join(parts), _plain(left)) if text]
    answers: Answers = {
        **_named(row, on), "author": unit.archive.station.name,
        "carrier": "纸质和电子" if row.paper_pages else "电子", "sha256": row.content_sha256,
        "copies": "；".join(told) or "无",
    }  # fmt: skip
    code = _code(row.form_id)
    if code:
        answers["doc_no"] = code
    if beyond.gone_by is not None:
        answers["gone_by"] = beyond.gone_by.isoformat()
    if done:
        answers["result"] = "已销毁" if row.state == "destroyed" else "未销毁"
    if done and row.state != "destroyed":
        answers["note"] = BECAUSE.get(row.left_because, "")
    return answers


def _code(form_id: str) -> str | None:
    """The code on the sheet (B, IN3 …) of forms this program knows."""
    from generator.errors import GeneratorError
    from generator.forms.catalogue import load_form

    try:
        return load_form(form_id).code
    except GeneratorError:
        return None


def _certificate(
    unit: Unit, facts: ListFacts, rows: list[Any], people: People, names: dict[int, str],
    beyond: dict[int, Beyond],
) -> Answers:  # fmt: skip
    gone = [row for row in rows if row.state == "destroyed"]
    ends = [one for row in gone if (one := beyond[row.record_id].gone_by)]
    answers: Answers = {
        "destroyed_at": str(facts.done_at)[:16], "place": facts.place, "paper_method": facts.method,
        "digital_method": "删除密钥并清除内容",
        "rechecked": [*_RECHECKED, *(["数据库日志"] if unit.archive.data.embedded else [])],
        "destroyed_items": len(gone), "destroyed_pages": sum(row.pages for row in gone),
        "kept_items": len(rows) - len(gone), "executor": names[people.executor or 0],
    }  # fmt: skip
    for place, witness in enumerate(people.witnesses[:2], start=1):
        answers[f"witness_{place}"] = names[witness]
    if ends:
        answers["last_gone_by"] = max(ends).isoformat()
    if not any(row.paper_pages for row in gone):
        answers["paper_method"] = NO_PAPER
    return answers
