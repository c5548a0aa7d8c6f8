"""The answers of AR5, AR8, AR9 and AR10, from the tables of the archive's duties.

What the archive does not know stays out of the answers: it is filled in by pen on the printed sheet.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from archives.archive import Unit
from archives.duties import loans, rights, transfers
from archives.duties.staff import names_of, posts_of
from archives.items.documents import documents_of
from archives.log.purposes import PURPOSE_NAMES, Purpose
from archives.people.files import current_volume, file_facts
from archives.people.persons import read_identity
from archives.store.tables import documents, placements, records

_FORMATS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/tiff": "TIFF"}
_KIND_BOXES = {
    "consult": "查阅", "copy": "复制", "correct": "更正", "delete": "删除", "withdraw_consent": "撤回同意",
}  # fmt: skip
_DECISION_BOXES = {"granted": "同意", "partly": "部分同意", "refused": "拒绝", "restricted": "部分同意"}


def loan_rows(unit: Unit, first: date, last: date) -> list[dict[str, Any]]:
    """Rows of AR5 ``loans``: what was lent from ``first`` to ``last``, with what has come back since."""
    names, posts = names_of(unit), posts_of(unit)
    return [_loan_row(unit, names, posts, one) for one in loans.loans_between(unit, first, last)]


def _loan_row(unit: Unit, names: dict[int, str], posts: dict[int, str], one: loans.Loan) -> dict[str, Any]:
    basis, condition = loans.words_of(unit, one.id)
    row = {
        "title": "个案服务档案", "scope": _lent(unit, one.record), "kind": "原件", "pages": one.pages,
        "borrower": names[one.borrower], "unit_post": posts[one.borrower][:60],
        "purpose": PURPOSE_NAMES[Purpose(one.purpose)], "approver": names[one.approver],
        "lent_on": one.lent_on.isoformat(), "days": (one.due_on - one.lent_on).days,
        "due_on": one.due_on.isoformat(), "lender": names[one.lender], "reminders": one.reminders,
    }  # fmt: skip
    file = file_facts(unit, one.file)
    if file.ref_code:
        row["file_no"] = file.ref_code
    else:
        row["title"] = f"个案服务档案（{file.number}）"
    if "kind" in basis:
        row["basis"] = loans.BASES[basis["kind"]]
    if "note" in basis:
        row["basis_note"] = basis["note"]
    if one.returned_on is None:
        return row
    receiver = loans.receiver_of(unit, one.id)
    told = condition.get("condition")
    row |= {"returned_on": one.returned_on.isoformat(), "returned_pages": one.pages_returned}
    if receiver is not None:
        row["receiver"] = names[receiver]
    if told is not None:
        row["condition"] = "完好" if told == loans.GOOD else "缺损"
    if told not in (None, loans.GOOD):
        row["condition_note"] = told
    return row


def _lent(unit: Unit, record: int | None) -> str:
    if record is None:
        return "全卷"
    item = unit.execute(select(records.c.item_no).where(records.c.id == record)).scalar()
    return f"第 {item:03d} 件" if item else "一件"


def transfer_answers(unit: Unit, transfer_id: int) -> dict[str, Any]:
    """AR8 of one list.  四性检测 is for the people who make it."""
    one = next(each for each in transfers.all_transfers(unit) if each.id == transfer_id)
    names, station = names_of(unit), unit.archive.station.name
    more = one.more
    answers: dict[str, Any] = {
        "station_name": station, "list_no": one.ref_code, "kind": transfers.KINDS[one.kind],
        "from_unit": station, "to_unit": more.get("unit", station), "deliverer": names[one.handed_by],
        "receiver": names[one.received_by] if one.received_by else more.get("name"),
        "handed_on": one.at.date().isoformat(),
        "items": [_transfer_row(unit, item) for item in transfers.items_of(unit, transfer_id)],
    }  # fmt: skip
    if one.kind == "handover":
        answers |= {"basis": more["basis"], "supervisor": names[more["supervisor"]]}
    return answers


def _transfer_row(unit: Unit, item: transfers.TransferItem) -> dict[str, Any]:
    file = file_facts(unit, item.file)
    volume = f"（第 {item.volume} 卷）" if item.volume > 1 else ""
    row: dict[str, Any] = {
        "title": f"个案服务档案{volume}", "items": item.pieces, "pages": item.pages,
        "carrier": "纸质和电子" if item.paper and item.electronic else "纸质" if item.paper else "电子",
    }  # fmt: skip
    if file.ref_code:
        row["file_no"] = file.ref_code
    if where := place_of(unit, item.file):
        row["shelf"] = where
    return row


def place_of(unit: Unit, file_id: int) -> str | None:
    """柜/架/盒 of a file as it was placed last."""
    row = unit.execute(
        select(placements)
        .where(placements.c.file_id == file_id)
        .order_by(placements.c.volume.desc(), placements.c.id.desc())
    ).first()
    return f"{row.cabinet}/{row.shelf}/{row.box}"[:40] if row is not None else None


def scan_answers(unit: Unit, file_id: int) -> dict[str, Any]:
    """AR9 of one file: its signed scans.  What only the scanner knows (dpi, colour) is for the pen."""
    file, names = file_facts(unit, file_id), names_of(unit)
    identity = read_identity(unit, file.person) if file.person is not None else {}
    answers: dict[str, Any] = {
        "case_no": current_volume(unit, file_id).case_no or file.application_no,
        "scans": _scan_rows(unit, file_id, names), "registrar": names[unit.staff()],
        "registered_on": unit.today.isoformat(),
    }  # fmt: skip
    if file.ref_code:
        answers["file_no"] = file.ref_code
    if identity:
        answers["client_name"] = identity["name"]
    return answers


def _scan_rows(unit: Unit, file_id: int, names: dict[int, str]) -> list[dict[str, Any]]:
    prints = {row.id: row for row in documents_of(unit, file=file_id) if row.kind == "issued"}
    query = (
        select(documents, records.c.title)
        .join(records, records.c.id == documents.c.record_id, isouter=True)
        .where(documents.c.file_id == file_id, documents.c.kind == "scan", documents.c.state == "present")
        .order_by(documents.c.id)
    )
    where, rows = place_of(unit, file_id), []
    for one in list(unit.execute(query)):
        at, print_of = datetime.fromisoformat(one.at), prints.get(one.of_document)
        row = {
            "title": (one.title or "扫描件")[:60], "pages": one.pages, "scanned_by": names[one.by],
            "scanned_on": at.date().isoformat(), "scanned_time": at.strftime("%H:%M"),
            "sha256": one.sha256, "original": "随卷存放",
        }  # fmt: skip
        if print_of is not None:
            row |= {"print_id": print_of.print_id, "printed_pages": print_of.pages}
        if one.media_type in _FORMATS:
            row["format"] = _FORMATS[one.media_type]
        if where:
            row["original_place"] = where
        rows.append(row)
    return rows


def rights_answers(unit: Unit, request_id: int) -> dict[str, Any]:
    """AR10 of one request, as far as it has come."""
    one = rights.request_facts(unit, request_id)
    content, answer = rights.words_of(unit, request_id)
    file, names = file_facts(unit, one.file), names_of(unit)
    answers: dict[str, Any] = {
        "hold_first": "已冻结，暂不销毁",
        **{name: value for name, value in content.items() if name != "scope"},
        "station_name": unit.archive.station.name, "request_no": one.ref_code,
        "stage": "已受理" if one.state == "open" else "已决定",
        "received_on": one.received_on.isoformat(), "due_on": one.due_on.isoformat(),
        "kinds": [_KIND_BOXES[one.kind]] if one.kind in _KIND_BOXES else [],
        "scope": _scope(one, content), "done_by": names.get(rights.registered_by(unit, request_id) or 0),
    }  # fmt: skip
    if file.person is not None:
        answers["client_name"] = read_identity(unit, file.person)["name"]
    if file.ref_code:
        answers["file_no"] = file.ref_code
    case_no = current_volume(unit, one.file).case_no
    if case_no:
        answers["case_no"] = case_no
    if one.state == "decided":
        answers |= _decided(one, answer, names)
    return {name: value for name, value in answers.items() if value not in (None, [])}


def _scope(one: rights.RightsRequest, content: dict[str, Any]) -> str | None:
    told = content.get("scope")
    if told is None or one.kind in _KIND_BOXES:
        return told
    return f"{rights.KINDS[one.kind]}：{told}"[:1000]


def _decided(one: rights.RightsRequest, answer: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    day = one.decided_on.isoformat() if one.decided_on else None
    told: dict[str, Any] = {name: value for name, value in answer.items() if name not in ("reason",)}
    told |= {
        "decision": _DECISION_BOXES[one.decision or ""], "decision_reason": answer.get("reason"),
        "decided_by": names.get(one.decided_by or 0), "decided_on": day,
    }  # fmt: skip
    if one.decision == "restricted":
        measures = list(told.get("measures", ()))
        told["measures"] = [*measures, *({"停止处理", "封存"} - set(measures))]
        told |= {"seal_from": day, "seal_reason": (answer.get("reason") or "")[:500] or None}
        told.setdefault("seal_owner", names.get(one.decided_by or 0))
    return told
