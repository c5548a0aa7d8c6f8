"""Questions about a filed scan: where paper and record differ, or nobody could read surely.

The place and what was read are encrypted under the scan's own key, so they end with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import func, insert, select, update

from archives.archive import Unit
from archives.errors import NotFound, StateForbids
from archives.items.documents import document_facts
from archives.keys.bindings import QUESTION
from archives.store.next_id import next_id
from archives.store.tables import documents
from archives.store.tables_scans import scan_questions

QuestionKind = Literal["tick", "signature", "mark", "text", "unread"]
Answer = Literal["paper", "record"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before it is kept; ``body`` is JSON of the place and the reading."""

    kind: QuestionKind
    page: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as its row says."""

    id: int
    document: int
    kind: QuestionKind
    page: int
    state: Literal["open", "settled"]
    answer: Answer | None
    sealed: bytes | None = field(repr=False)


def ask(unit: Unit, document: int, item_key: str, asked: Iterable[Asked]) -> None:
    """Keep questions about a document whose bytes lie under ``item_key``."""
    key = unit.archive.keys.get(item_key)
    for one in asked:
        number = next_id(unit.connection, scan_questions)
        bound = QUESTION.of(document_id=document, id=number, kind=one.kind, page=one.page)
        unit.execute(
            insert(scan_questions),
            {
                "id": number, "document_id": document, "kind": one.kind, "page": one.page, "state": "open",
                "body": unit.archive.encrypt(key, one.body, bound),
            },
        )  # fmt: skip


def question_facts(unit: Unit, question: int) -> Question:
    """The question.  Raises NotFound."""
    row = unit.execute(select(scan_questions).where(scan_questions.c.id == question)).first()
    if row is None:
        raise NotFound(f"没有第 {question} 号核对事项。", hint="用 kangdang scan differences 查看。")
    return _question(row)


def questions_of(unit: Unit, document: int, *, only_open: bool = True) -> list[Question]:
    """Questions about a document, by page."""
    query = select(scan_questions).where(scan_questions.c.document_id == document)
    if only_open:
        query = query.where(scan_questions.c.state == "open")
    return [
        _question(row) for row in unit.execute(query.order_by(scan_questions.c.page, scan_questions.c.id))
    ]


def open_counts(unit: Unit) -> dict[int, int]:
    """Document → how many questions are open."""
    query = (
        select(scan_questions.c.document_id, func.count().label("asked"))
        .join(documents, documents.c.id == scan_questions.c.document_id)
        .where(scan_questions.c.state == "open", documents.c.state == "present")
        .group_by(scan_questions.c.document_id)
    )
    return {row.document_id: int(row.asked) for row in unit.execute(query)}


def body_of(unit: Unit, question: Question) -> bytes:
    """The place and the reading, as JSON.  Raises ItemUnreadable, StateForbids."""
    facts = document_facts(unit, question.document)
    if facts.item_key is None or question.sealed is None:
        raise StateForbids("这份扫描件已销毁。")
    bound = QUESTION.of(document_id=question.document, id=question.id, kind=question.kind, page=question.page)
    return unit.archive.decrypt(facts.item_key, question.sealed, bound)


def settle_question(unit: Unit, question_id: int, answer: Answer) -> None:
    """A person says what holds: the paper or the record.  Raises StateForbids, NotFound."""
    question = question_facts(unit, question_id)
    if question.state != "open":
        raise StateForbids(f"第 {question_id} 号核对事项已处理。")
    unit.execute(
        update(scan_questions)
        .where(scan_questions.c.id == question_id)
        .values(state="settled", answer=answer, settled_at=unit.at, settled_by=unit.staff())
    )
    file = document_facts(unit, question.document).file
    unit.log(
        "scan.question", f"document:{question.document}", chain=file,
        detail={"number": question_id, "kind": question.kind, "opinion": answer, "page": question.page},
    )  # fmt: skip


def _question(row: Any) -> Question:
    return Question(row.id, row.document_id, row.kind, row.page, row.state, row.answer, row.body)
