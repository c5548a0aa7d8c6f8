"""Every field of the archive that takes words somebody typed, and what people can put into one.

A field is a function (bench, text) → what the archive gives back for it, None when it is not shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from archives.archive import Unit
from archives.disposal.appraisal import set_opinion
from archives.disposal.lists import entries, find_list
from archives.disposal.proposal import propose_list
from archives.duties import copies, loans, requests, rights, transfers
from archives.items.documents import DocumentEntry, add_document, store, void_document
from archives.items.holds import place_hold
from archives.items.lists import find_record
from archives.items.records import Content, add_record, facts_of, history, record_facts, revise, void
from archives.log.purposes import Purpose
from archives.numbering import explain_gap
from archives.people.files import accept, find_file, place
from archives.people.merge import merge_files
from archives.people.persons import (
    Opened,
    PersonFacts,
    amend,
    amendments_of,
    open_person,
    read_identity,
)
from archives.people.search import search
from archives.ports import Actor
from archives.staff.accounts import find_account, open_account
from archives.staff.members import add_member, find_member, member
from archives.staff.roles import role_of
from archives.store.tables import files, placements
from tests.archives.disposing import refused, with_schedule
from tests.archives.making import Station

LONG = "很长的文字" * 20_000
TRICKS: dict[str, str] = {
    "sql": "样例'); DROP TABLE persons; --",
    "sql_quote": "样例' OR '1'='1",
    "sql_like": "%_%' ESCAPE '",
    "up": "../../../../tmp/样例",
    "up_windows": "..\\..\\样例",
    "absolute": "/etc/passwd",
    "device": "CON",
    "drive": "C:\\样例\\x",
    "url": "file:///etc/passwd",
    "formula": "=cmd|' /C calc'!A0",
    "formula_at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "template": "{{ 7*7 }}{% for x in y %}",
    "markup": "<script>alert(1)</script>&amp;]]>",
    "shell": "$(touch x); `touch x` | touch x",
    "format": "%s%n {0.__class__} {x!r}",
    "bidi": "样例\u202egnp.exe",
    "zero_width": "样\u200b例",
    "nul": "样例\0后面",
    "escape": "样例\x1b[2J\x07",
    "newline": "样例\r\n第二行",
    "line_separator": "样例\u2028第二行",
    "surrogate": "样例\udc80",
    "private": "样例\ue000",
    "unassigned": "样例\U000e0fff",
    "decomposed": "e\u0301 样例",
    "emoji": "样例🙂👨‍👩‍👧",
    "rare": "样例𪚥",
    "blank": " \u3000 ",
    "long": LONG,
}  # fmt: skip


@dataclass
class Bench:
    """A station with one person's file, one record and one document in it."""

    station: Station
    opened: Opened
    record: int
    document: int
    used: int = 0
    """Counts what must differ each time: passports, lists."""

    def act(self, actor: Actor, work: Callable[[Unit], Any]) -> Any:
        with self.station.archive.acting("test.field", actor) as unit:
            return work(unit)

    def work(self, work: Callable[[Unit], Any]) -> Any:
        return self.act(self.station.worker, work)

    def another(self, **facts: Any) -> Opened:
        made: Opened = self.work(
            lambda unit: open_person(unit, PersonFacts(**{"name": "旁人样例", **facts}), another=True)
        )
        return made


def bench(station: Station) -> Bench:
    stored = store(station.archive, "样例".encode())
    with station.archive.acting("test.bench", station.worker) as unit:
        opened = open_person(unit, PersonFacts("样例甲", "男", "1990-05-17", "13800000001"))
        record = add_record(unit, opened.file, content())
        document = add_document(unit, opened.file, stored, DocumentEntry("scan", "application/pdf", 1))
    return Bench(station, opened, record, document)


def content(**changes: Any) -> Content:
    given: dict[str, Any] = {
        "form_id": "record_e", "form_version": 1, "title": "个案服务记录表（第1次）", "payload": b"{}",
        "document_date": date(2026, 11, 20),
    }  # fmt: skip
    return Content(**{**given, **changes})


def _identity(made: Bench, person: int, name: str) -> Any:
    return made.work(lambda unit: read_identity(unit, person))[name]


def _name(made: Bench, text: str) -> Any:
    return _identity(made, made.another(name=text).person, "name")


def _phone(made: Bench, text: str) -> Any:
    return _identity(made, made.another(phone=text).person, "phone")


def _id_number(made: Bench, text: str) -> Any:
    return _identity(made, made.another(id_number=text).person, "id_number")


def _more(made: Bench, text: str) -> Any:
    return _identity(made, made.another(more={"address": text}).person, "address")


def _sex(made: Bench, text: str) -> Any:
    return _identity(made, made.another(sex=text).person, "sex")


def _birth_date(made: Bench, text: str) -> Any:
    return _identity(made, made.another(birth_date=text).person, "birth_date")


def _application_no(made: Bench, text: str) -> Any:
    return made.work(
        lambda unit: open_person(unit, PersonFacts("旁人样例"), application_no=text, another=True)
    ).application_no


def _amended(made: Bench, text: str) -> Any:
    made.work(lambda unit: amend(unit, made.opened.person, "name", text, "录错"))
    return _identity(made, made.opened.person, "name")


def _amend_reason(made: Bench, text: str) -> Any:
    made.work(lambda unit: amend(unit, made.opened.person, "phone", "13800000002", text))
    return made.work(lambda unit: amendments_of(unit, made.opened.person))[-1].reason


def _amend_field(made: Bench, text: str) -> Any:
    made.work(lambda unit: amend(unit, made.opened.person, text, "样例", "录错"))


def _case_no(made: Bench, text: str) -> Any:
    file = made.another().file
    made.work(lambda unit: accept(unit, file, date(2026, 11, 20), text))


def _placed(column: str) -> Callable[[Bench, str], Any]:
    def field(made: Bench, text: str) -> Any:
        words = {"cabinet": "一", "shelf": "二", "box": "三", column: text}
        made.act(made.station.records, lambda unit: place(unit, made.opened.file, **words))
        return made.work(
            lambda unit: unit.execute(select(placements).order_by(placements.c.id.desc())).first()
        )._mapping[column]

    return field


def _merge_reason(made: Bench, text: str) -> Any:
    other = made.another()
    made.act(made.station.records, lambda unit: merge_files(unit, made.opened.file, other.file, text))


def _title(made: Bench, text: str) -> Any:
    record = made.work(lambda unit: add_record(unit, made.opened.file, content(title=text)))
    return made.work(lambda unit: record_facts(unit, record)).title


def _fact(made: Bench, text: str) -> Any:
    record = made.work(lambda unit: add_record(unit, made.opened.file, content(facts={"goal": text})))
    return made.work(lambda unit: facts_of(unit, record))["goal"]


def _revise_reason(made: Bench, text: str) -> Any:
    made.work(lambda unit: revise(unit, made.record, content(), text))
    return made.work(lambda unit: history(unit, made.record))[-1][4]


def _void_reason(made: Bench, text: str) -> Any:
    record = made.work(lambda unit: add_record(unit, made.opened.file, content()))
    made.work(lambda unit: void(unit, record, text))


def _void_document(made: Bench, text: str) -> Any:
    stored = store(made.station.archive, b"%PDF")
    entry = DocumentEntry("scan", "application/pdf", 1)
    document = made.work(lambda unit: add_document(unit, made.opened.file, stored, entry))
    made.work(lambda unit: void_document(unit, document, text))


def _hold_reason(made: Bench, text: str) -> Any:
    made.act(made.station.director, lambda unit: place_hold(unit, made.opened.file, text))  # type: ignore[arg-type]


def _hold_note(made: Bench, text: str) -> Any:
    made.act(made.station.director, lambda unit: place_hold(unit, made.opened.file, "audit", note=text))


def _request_note(made: Bench, text: str) -> Any:
    file = made.another().file
    made.work(lambda unit: requests.ask(unit, file, Purpose.CASE_SERVICE, text))


def _lend(made: Bench, **terms: Any) -> int:
    given: dict[str, Any] = {"purpose": Purpose.CASE_SERVICE, "pages": 3, **terms}
    file = made.another().file
    lent: int = made.act(
        made.station.records,
        lambda unit: loans.lend(unit, file, made.station.worker.staff or 0,
                                made.station.director.staff or 0, loans.Terms(**given)),
    )  # fmt: skip
    return lent


def _loan_basis(made: Bench, text: str) -> Any:
    loan = _lend(made, basis="letter", basis_note=text)
    return made.work(lambda unit: loans.words_of(unit, loan))[0]["note"]


def _loan_damage(made: Bench, text: str) -> Any:
    loan = _lend(made)
    made.act(made.station.records, lambda unit: loans.take_back(unit, loan, 2, text))
    return made.work(lambda unit: loans.words_of(unit, loan))[1]["condition"]


def _register(made: Bench, scope: str, **more: Any) -> int:
    due = date(2026, 12, 14)
    request: int = made.work(
        lambda unit: rights.register(unit, made.opened.file, "delete", scope, due, **more)
    )
    return request


def _rights_scope(made: Bench, text: str) -> Any:
    request = _register(made, text)
    return made.work(lambda unit: rights.words_of(unit, request))[0]["scope"]


def _rights_more(made: Bench, text: str) -> Any:
    request = _register(made, "删除电话", more={"applicant": text})
    return made.work(lambda unit: rights.words_of(unit, request))[0]["applicant"]


def _answered(part: str) -> Callable[[Bench, str], Any]:
    def field(made: Bench, text: str) -> Any:
        request = _register(made, "删除电话")
        words: dict[str, Any] = {"reason": "依法保存", "legal_note": "法律意见", part: text}
        answer = rights.Answer("refused", **words)
        made.act(made.station.director, lambda unit: rights.decide(unit, request, answer))
        return made.work(lambda unit: rights.words_of(unit, request))[1][part]

    return field


def _transferred(part: str, shown: str) -> Callable[[Bench, str], Any]:
    def field(made: Bench, text: str) -> Any:
        words: dict[str, Any] = {
            "name": "接收人样例",
            "unit_name": "某档案馆",
            "basis": "移交协议",
            part: text,
        }
        receiver = transfers.Receiver(**words, supervisor=made.station.director.staff)
        file = made.another().file
        made.act(made.station.records, lambda unit: _filed_and_handed_over(unit, file, receiver))
        return made.work(transfers.all_transfers)[-1].more[shown]

    return field


def _filed_and_handed_over(unit: Unit, file: int, receiver: transfers.Receiver) -> None:
    """Only what is filed is handed over, and only once: each text gets a file of its own."""
    unit.execute(update(files).where(files.c.id == file).values(state="filed"))
    transfers.make_transfer(unit, "handover", [file], receiver)


def _copy_name(made: Bench, text: str) -> Any:
    until = date(2026, 11, 22) + timedelta(days=90)
    made.work(lambda unit: copies.register_copy(unit, "export", text, "0" * 64, until, file=made.opened.file))
    return made.work(lambda unit: copies.copies_of_record(unit, made.record))[-1].name


def _opinion_reason(made: Bench, text: str) -> Any:
    if not made.used:
        with_schedule(made.station)
    made.used += 1
    items = refused(made.station).records
    made.station.clock.pass_days(5 * 366)
    number = made.act(made.station.records, lambda unit: propose_list(unit, items))
    made.act(made.station.records, lambda unit: set_opinion(unit, number, items[0], "destroy", text))
    return made.work(lambda unit: entries(unit, number))[0].opinion_reason


def _gap_reason(made: Bench, text: str) -> Any:
    made.work(lambda unit: explain_gap(unit, "application:2026", 1, text))


def _staff_name(made: Bench, text: str) -> Any:
    made.used += 1
    added = made.act(made.station.admin, lambda unit: add_member(unit, text, f"PASS{made.used:05d}"))
    return made.work(lambda unit: member(unit, added.id)).name


def _staff_id(made: Bench, text: str) -> Any:
    made.act(made.station.admin, lambda unit: add_member(unit, "样例同事", text))


def _login(made: Bench, text: str) -> Any:
    return made.act(made.station.admin, lambda unit: open_account(unit, 9, text)).login


def _asked(find: Callable[[Unit, str], Any]) -> Callable[[Bench, str], Any]:
    """A field that only asks for something: a number, a login, a search."""

    def field(made: Bench, text: str) -> None:
        made.work(lambda unit: find(unit, text))

    return field


FIELDS: dict[str, Callable[[Bench, str], Any]] = {
    "person.name": _name,
    "person.phone": _phone,
    "person.id_number": _id_number,
    "person.more": _more,
    "person.sex": _sex,
    "person.birth_date": _birth_date,
    "person.application_no": _application_no,
    "person.amend.value": _amended,
    "person.amend.reason": _amend_reason,
    "person.amend.field": _amend_field,
    "person.merge.reason": _merge_reason,
    "person.search": _asked(search),
    "file.number": _asked(find_file),
    "file.case_no": _case_no,
    "file.cabinet": _placed("cabinet"),
    "file.shelf": _placed("shelf"),
    "file.box": _placed("box"),
    "file.request.note": _request_note,
    "record.title": _title,
    "record.fact": _fact,
    "record.revise.reason": _revise_reason,
    "record.void.reason": _void_reason,
    "record.number": _asked(find_record),
    "document.void.reason": _void_document,
    "hold.reason": _hold_reason,
    "hold.note": _hold_note,
    "loan.basis": _loan_basis,
    "loan.damage": _loan_damage,
    "loan.number": _asked(loans.find_loan),
    "rights.scope": _rights_scope,
    "rights.more": _rights_more,
    "rights.reason": _answered("reason"),
    "rights.legal_note": _answered("legal_note"),
    "rights.number": _asked(rights.find_request),
    "transfer.name": _transferred("name", "name"),
    "transfer.unit": _transferred("unit_name", "unit"),
    "transfer.basis": _transferred("basis", "basis"),
    "transfer.number": _asked(transfers.find_transfer),
    "copy.name": _copy_name,
    "disposal.opinion.reason": _opinion_reason,
    "disposal.number": _asked(find_list),
    "number.gap.reason": _gap_reason,
    "staff.name": _staff_name,
    "staff.id_number": _staff_id,
    "staff.login": _login,
    "staff.named": _asked(find_member),
    "account.named": _asked(find_account),
    "role.named": lambda _made, text: role_of(text),
}
