"""Differences between a filed scan and its record: told with their cut-outs, settled by a person.

The reading is of a document of somebody's file, so who may see it is asked as for the document itself.
Nothing is written into a record here: what holds on paper is entered as a correction, with its reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archives.archive import Unit
from archives.errors import StateForbids
from archives.items.documents import (
    DocumentFacts,
    content_of,
    document_facts,
    open_document,
)
from archives.items.records import mark_signed, record_facts
from archives.people.files import file_facts
from archives.scans.pages import positions_in
from archives.scans.questions import (
    Answer,
    Question,
    body_of,
    open_counts,
    question_facts,
    questions_of,
    settle_question,
)
from desk.station.opening import OpenStation
from desk.station.paper import allow_paper
from desk.station.scanning.comparing import from_dict, sentence
from desk.station.standing import part_of_document, telling
from generator.forms.catalogue import load_form

if TYPE_CHECKING:
    from archives.log.purposes import Purpose
    from desk.station.scanning.comparing import Difference
    from generator.forms.definition import FormDefinition


@dataclass(frozen=True, slots=True)
class Told:
    """One question in words; ``place`` is None where the page as a whole could not be read."""

    question: Question
    sentence: str
    place: Difference | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A filed scan with open questions; numbers only."""

    document: int
    item: str
    questions: int


def pending(station: OpenStation) -> tuple[Pending, ...]:
    """Filed scans somebody has to look at, of files this person may see.  Raises AccessDenied."""
    station.allow("scan.status")
    with station.archive.looking(station.actor) as unit:
        tells = telling(unit)
        asked = [(document_facts(unit, one), count) for one, count in open_counts(unit).items()]
        return tuple(
            Pending(facts.id, _item(unit, facts), count)
            for facts, count in asked
            if tells(facts.file, part_of_document(unit, facts))
        )


def differences(station: OpenStation, document_id: int, purpose: Purpose | None = None) -> tuple[Told, ...]:
    """The open questions of a scan; the reading is on the log.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound, ItemUnreadable.
    """
    allow_paper(station, document_id, purpose)
    with station.acting("scan.differences") as unit:
        facts = open_document(unit, document_id, purpose=purpose)
        form = _form(unit, facts)
        return tuple(_told(unit, form, one) for one in questions_of(unit, document_id))


def cut_outs(station: OpenStation, document_id: int, told: tuple[Told, ...]) -> dict[int, bytes]:
    """Question → PNG of its place on the paper, of a scan whose reading is on the log.

    Raises ItemUnreadable.
    """
    from desk.station.scanning.cutting import cut_places

    with station.archive.looking(station.actor) as unit:
        facts = document_facts(unit, document_id)
        positions = positions_in(unit, document_id)
    places = {one.question.id: one.place for one in told if one.place is not None}
    return cut_places(content_of(station.archive, facts), places, positions)


def answer(station: OpenStation, question_id: int, holds: Answer) -> bool:
    """Settle one question; returns whether the record became signed by it.

    A signature room that nobody could read surely counts as signed when the person says so (``paper``); once
    every question of a scan about signatures is settled so, its record is signed.
    Raises AccessDenied, StateForbids, NotFound.
    """
    with station.archive.looking(station.actor) as unit:
        question = question_facts(unit, question_id)
        facts = document_facts(unit, question.document)
        part = part_of_document(unit, facts)
    station.allow("document.file", file=facts.file, part=part)
    with station.acting("scan.answer") as unit:
        settle_question(unit, question_id, holds)
        return _sign(unit, question.document)


def confirm_signed(station: OpenStation, document_id: int) -> bool:
    """A person saw every signature on the paper; returns whether the record became signed by it.

    Raises AccessDenied, StateForbids (no scan, an older print), NotFound.
    """
    with station.archive.looking(station.actor) as unit:
        facts = document_facts(unit, document_id)
        part = part_of_document(unit, facts)
    station.allow("document.file", file=facts.file, part=part)
    if facts.kind != "scan" or facts.state != "present" or facts.record is None:
        raise StateForbids("这不是归档的签字扫描件。", hint="用 kangdang document list 查看文件编号。")
    with station.acting("scan.confirm") as unit:
        for one in questions_of(unit, document_id):
            if one.kind in ("signature", "unread"):
                settle_question(unit, one.id, "paper")
        record = record_facts(unit, facts.record)
        if record.revision != facts.revision:
            raise StateForbids(
                f"扫描件签的是第 {facts.revision} 稿，现在是第 {record.revision} 稿，不能标为已签字。",
                hint="请打印现在这一稿，重新签字后扫描。",
            )
        if record.state == "final":
            mark_signed(unit, record.id)
            return True
        return False


def _sign(unit: Unit, document_id: int) -> bool:
    facts = document_facts(unit, document_id)
    if facts.record is None or facts.kind != "scan":
        return False
    record = record_facts(unit, facts.record)
    asked = [
        one for one in questions_of(unit, document_id, only_open=False) if one.kind in ("signature", "unread")
    ]
    settled = bool(asked) and all(one.answer == "paper" for one in asked)
    if settled and record.state == "final" and record.revision == facts.revision:
        mark_signed(unit, record.id)
        return True
    return False


def _told(unit: Unit, form: FormDefinition | None, question: Question) -> Told:
    body: dict[str, Any] = json.loads(body_of(unit, question))
    if question.kind == "unread" or form is None:
        return Told(question, f"第{question.page}页没有读取勾选和签名：{body.get('why', '')}", None)
    place = from_dict(body)
    return Told(question, sentence(form, place), place)


def _form(unit: Unit, facts: DocumentFacts) -> FormDefinition | None:
    if facts.record is None:
        return None
    return load_form(record_facts(unit, facts.record).form_id)


def _item(unit: Unit, facts: DocumentFacts) -> str:
    if facts.record is None:
        return file_facts(unit, facts.file).number
    record = record_facts(unit, facts.record)
    return f"{record.ref_code or file_facts(unit, facts.file).number}《{record.title}》"
