"""A station in which everything happened that leaves sealed rows: what a check must find sound."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from archives.disposal.execution import execute
from archives.disposal.forgetting import forget_emptied
from archives.duties.loans import Terms, lend, take_back
from archives.duties.requests import ask as ask_to_see
from archives.duties.requests import decide_request
from archives.duties.rights import Answer, decide, lift, register
from archives.duties.transfers import Receiver, make_transfer
from archives.items.documents import DocumentEntry, add_document, store, void_document
from archives.items.holds import place_hold, release_hold
from archives.items.records import Content, add_record, revise, void
from archives.items.titles import set_separator_title, set_title
from archives.items.written import Of, note_written, settle_written
from archives.log.purposes import Purpose
from archives.people.files import accept, close_case, file_away
from archives.people.merge import merge_files
from archives.people.persons import PersonFacts, amend, open_person
from archives.people.reopening import reopen
from archives.scans import batches
from archives.scans.filing import file_attachment
from archives.scans.pages import Judged, add_page, pages_in, store_page
from archives.scans.quarantine import add_part, balance_all, clear, due, release_filed, store_part
from archives.scans.questions import Asked, ask, settle_question
from tests.archives.disposing import begun, refused, with_schedule
from tests.keeping.making import Whole


class Life:
    """Acts of the people of a station, one after the other."""

    def __init__(self, station: Whole) -> None:
        self.made = station.made
        self.file, self.record = station.file, station.records[0]

    def act(self, who: str, what: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with self.made.archive.acting("test.life", getattr(self.made, who)) as unit:
            return what(unit, *arguments, **named)

    def person(self, name: str, **facts: Any) -> int:
        opened = self.act("worker", open_person, PersonFacts(name, **facts), another=True)
        return int(opened.file)


def live(station: Whole) -> None:
    """Everything, in an order in which it can happen; a batch stays in quarantine at the end."""
    life = Life(station)
    with_schedule(life.made)
    _corrections(life)
    _scans(life, "清除", clearing=True)
    _duties(life)
    _merged(life)
    _forgotten(life)
    _scans(life, "在库", clearing=False)
    _seen(life)


def _corrections(life: Life) -> None:
    facts = {"phone": "13900005678", "guardian_name": "样例监护人", "name": "陈样例更"}
    for field, value in (*facts.items(), ("phone", None)):
        life.act("worker", amend, 1, field, value, "样例：核对证件后更正")
    content = Content("record_e", 1, "个案服务记录表", "样例更正".encode(), document_date=date(2026, 11, 1))
    life.act("worker", revise, life.record, content, "样例：写错了日期")
    other = life.act("worker", add_record, life.file, content)
    life.act("worker", void, other, "样例：重复录入")
    stored = store(life.made.archive, b"%PDF sample")
    entry = DocumentEntry("issued", "application/pdf", 1, life.record, "0123456789", 1, b"{}", 1, 1)
    life.act("worker", add_document, life.file, stored, entry)
    written = {"/样例/记录.pdf": "0" * 64, "/样例/记录.print.json": "1" * 64}
    life.act("worker", note_written, "record.issue", [Of(life.file, life.record)], written)
    life.act("worker", settle_written, [1], "removed")
    life.act("worker", set_separator_title, life.file, "0123456788", "样例分隔页")
    voided = life.act("worker", add_document, life.file, store(life.made.archive, b"%PDF other"),
                      DocumentEntry("attachment", "application/pdf", 1))  # fmt: skip
    life.act("worker", set_title, voided, "样例附件题名")
    life.act("worker", void_document, voided, "样例：放错了档案")


def _duties(life: Life) -> None:
    life.act("worker", accept, life.file, date(2026, 11, 22), "GA-2026-0001")
    hold = life.act("records", place_hold, life.file, "litigation", note="样例：法院来函")
    life.act("records", place_hold, life.file, "audit", record=life.record, note="样例：年度检查")
    life.act("records", release_hold, hold)
    loan = life.act("records", lend, life.file, 1, 4,
                    Terms(Purpose.CASE_SERVICE, 3, "letter", "样例函〔2026〕1号"))  # fmt: skip
    life.act("records", take_back, loan, 2, "样例：缺一页")
    life.act("records", lend, life.file, 1, 4, Terms(Purpose.CASE_SERVICE, 3, record=life.record))
    for decision in ("refused", "restricted"):
        asked = life.act("records", register, life.file, "restrict", "样例：不再使用", date(2026, 12, 20),
                         more={"applicant": "样例申请人"})  # fmt: skip
        life.act("director", decide, asked, Answer(decision, "样例：依法", "样例：法律意见"))  # type: ignore[arg-type]
    life.act("director", lift, asked)
    life.act("records", register, life.person("样例请求人"), "consult", "样例：查阅全部", date(2026, 12, 20))


def _seen(life: Life) -> None:
    """A file is closed, filed, asked for, handed over and opened again."""
    file = life.person("样例结案人", id_number="11010519491231002X")
    life.act("worker", accept, file, life.made.clock().date())
    content = Content("record_e", 1, "个案服务记录表", b"{}", document_date=life.made.clock().date())
    life.act("worker", add_record, file, content)
    life.act("worker", close_case, file, life.made.clock().date())
    life.act("worker", file_away, file)
    for granted in (True, False):
        asked = life.act("worker2", ask_to_see, file, Purpose.CASE_SERVICE, "样例：随访前查阅")
        life.act("director", decide_request, asked, granted=granted)
    life.act("worker2", ask_to_see, file, Purpose.CASE_SERVICE, "样例：等待批准")
    receiver = Receiver(name="样例接收人", unit_name="样例档案馆", basis="样例文件", supervisor=4)
    life.act("records", make_transfer, "handover", [file], receiver)
    life.act("worker", reopen, file, "再次来站")


def _merged(life: Life) -> None:
    kept, other = life.person("样例合并甲"), life.person("样例合并乙")
    for file in (kept, other):
        life.act("worker", add_record, file, Content("application_b", 1, "个案申请表", b"{}"))
        life.act("worker", add_record, file, Content("application_b", 1, "个案申请表", b"{}", "draft"))
    life.act("worker", void, _last(life, other), "样例：作废的说明留在原来的日志")
    life.act("records", place_hold, other, "complaint", note="样例：投诉未了")
    life.act("worker2", ask_to_see, other, Purpose.CASE_SERVICE, "样例：合并前的申请")
    life.act("worker", amend, _person(life, other), "phone", "13900009999", "样例：合并前更正")
    life.act("records", merge_files, kept, other, "样例：核对后是同一人")
    again = life.person("样例合并丙")
    life.act("records", merge_files, again, kept, "样例：又一份也是同一人")


def _forgotten(life: Life) -> None:
    """A refused applicant, found to be the same as another, of whom nothing remains."""
    one, other = refused(life.made, "样例遗忘甲", items=1), refused(life.made, "样例遗忘乙", items=1)
    life.act("worker", amend, one.person, "phone", "13900007777", "样例：更正")
    life.act("worker2", ask_to_see, one.file, Purpose.CASE_SERVICE, "样例：遗忘前的申请")
    hold = life.act("records", place_hold, one.file, "audit", record=one.records[0], note="样例：检查")
    life.act("records", release_hold, hold)
    for file in (one.file, other.file):
        life.act("worker", file_away, file)
    life.act("records", merge_files, one.file, other.file, "样例：同一人")
    kept = refused(life.made, "样例分两次", items=2)
    life.made.clock.pass_days(4 * 366)
    number = begun(life.made, [*one.records, *other.records, kept.records[0]])
    execute(life.made.archive, life.made.records, number)
    assert one.file in forget_emptied(life.made.archive, life.made.records) or _gone(life, one.person)


def _scans(life: Life, name: str, *, clearing: bool) -> None:
    """A batch of four pages: filed, blank, duplicate and rejected; its copy in two pieces."""
    archive = life.made.archive
    pieces = [f"%PDF {name}一".encode() * 9, f"%PDF {name}二".encode() * 9]
    key, _ = archive.keys.new()
    whole = b"".join(pieces)
    batch = life.act("records", batches.begin, hashlib.sha256(whole).hexdigest(), len(whole), key).id
    for number, piece in enumerate(pieces, start=1):
        life.act("records", add_part, batch, number, store_part(archive, batch, key, number, piece))
    states = (("waiting", "no_code"), ("blank", None), ("duplicate", "twice"), ("rejected", "not_wanted"))
    for number, (state, reason) in enumerate(states, start=1):
        stored = store_page(archive, batch, number, f"{name}第{number}页".encode())
        judged = Judged(state, reason, reading=b'{"words": []}')  # type: ignore[arg-type]  # a state
        life.act("records", add_page, batch, number, judged, stored, "image/jpeg")
    life.act("records", batches.complete, batch)
    with archive.looking(life.made.records) as unit:
        waiting = pages_in(unit, batch)[:1]
    filed = life.act("records", file_attachment, life.file, life.record, waiting, stored_scan := store(
        archive, f"%PDF {name}".encode()))  # fmt: skip
    questions = [Asked("tick", 1, b'{"place": "a"}'), Asked("text", 1, b'{"place": "b"}')]
    life.act("records", ask, filed, stored_scan.item_key, questions)
    life.act("records", settle_question, _last_question(life), "paper")
    release_filed(archive, life.made.records)
    balance_all(archive, life.made.records)
    if clearing:
        life.made.clock.pass_days(400)
        with archive.looking(life.made.records) as unit:
            waiting_to_go = due(unit, unit.reference())
        for one in waiting_to_go:
            clear(archive, life.made.records, one)


def _one(life: Life, query: str) -> int:
    with life.made.archive.data.reading() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


def _last(life: Life, file: int) -> int:
    return _one(life, f"SELECT max(id) FROM records WHERE file_id = {file}")


def _last_question(life: Life) -> int:
    return _one(life, "SELECT max(id) FROM scan_questions")


def _person(life: Life, file: int) -> int:
    return _one(life, f"SELECT person_id FROM files WHERE id = {file}")


def _gone(life: Life, person: int) -> bool:
    return _one(life, f"SELECT count(*) FROM forgotten WHERE person_id = {person}") == 1
