"""Filing: pages become one document of the file their print belongs to, all in one act.

Whether this may be is asked again inside the act: a print that came home meanwhile, a record that was voided.
The database has its own guards against another person's file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from archives.archive import Unit
from archives.errors import AlreadyThere, StateForbids
from archives.items.documents import DocumentEntry, DocumentFacts, Stored, add_document, document_facts
from archives.items.records import LIVE, mark_signed, record_facts
from archives.items.titles import set_title
from archives.scans.pages import PageFacts, give_reason, mark_filed, page_facts, pages_of_print
from archives.scans.questions import Asked, ask
from archives.store.tables import documents


def scan_of_print(unit: Unit, print_document: int) -> int | None:
    """The scan by which a print came home, if it did."""
    query = select(documents.c.id).where(
        documents.c.of_document == print_document,
        documents.c.kind == "scan",
        documents.c.state == "present",
    )
    return unit.execute(query.limit(1)).scalar()


def file_print(
    unit: Unit,
    print_document: int,
    pages: Sequence[PageFacts],
    stored: Stored,
    asked: Iterable[Asked] = (),
    *,
    signed: bool,
) -> int:
    """A print came home whole: its scan is a document of its record; returns the document's id.

    ``signed``: its signatures are all there, so the record is signed if it still says what was printed.
    Raises AlreadyThere, StateForbids (void, destroyed, file closed, a page settled meanwhile).
    """
    printed = document_facts(unit, print_document)
    unit.lock_file(printed.file)
    _require_present(printed)
    record = record_facts(unit, printed.record or 0)
    if record.state not in LIVE:
        raise StateForbids("这一件文书已作废或销毁，不能归入扫描件。")
    if scan_of_print(unit, print_document) is not None:
        raise AlreadyThere(
            "这份打印件已经归档。",
            hint="请先对照：kangdang scan show。要换成这一份，先用 kangdang scan split 拆开已归档的文件；"
            "不要的用 kangdang scan reject 退回。",
        )
    _require_waiting(unit, pages)
    entry = DocumentEntry(
        "scan", "application/pdf", len(pages), record.id, revision=printed.revision, of_document=printed.id
    )
    document = add_document(unit, printed.file, stored, entry)
    mark_filed(unit, [page.id for page in pages], document)
    _ask_about_the_rest(unit, printed, pages)
    ask(unit, document, stored.item_key, asked)
    if signed and record.state == "final" and record.revision == printed.revision:
        mark_signed(unit, record.id)
    _log(unit, printed.file, document, pages)
    return document


def file_attachment(
    unit: Unit, file_id: int, record_id: int | None, pages: Sequence[PageFacts], stored: Stored,
    title: str | None = None,
) -> int:  # fmt: skip
    """Pages are an attachment of a file (of a record); returns the document's id.

    Raises StateForbids, InputRefused (the title), NotFound.
    """
    unit.lock_file(file_id)
    _require_waiting(unit, pages)
    document = add_document(
        unit, file_id, stored, DocumentEntry("attachment", "application/pdf", len(pages), record_id)
    )
    set_title(unit, document, title)
    mark_filed(unit, [page.id for page in pages], document)
    _log(unit, file_id, document, pages)
    return document


def _require_present(printed: DocumentFacts) -> None:
    if printed.kind != "issued" or printed.state != "present" or printed.record is None:
        raise StateForbids("这份打印件已作废或销毁，不能归入扫描件。")


def _require_waiting(unit: Unit, pages: Sequence[PageFacts]) -> None:
    for page in pages:
        state = page_facts(unit, page.id).state
        if state not in ("waiting", "duplicate"):
            raise StateForbids(
                f"第 {page.id} 号扫描页已由别人处理。", hint="请重新查看待处理的页：kangdang scan queue。"
            )


def _ask_about_the_rest(unit: Unit, printed: DocumentFacts, pages: Sequence[PageFacts]) -> None:
    """Pages of the print that were waiting for the others and are not among these need a person now."""
    left = [
        page for page in pages_of_print(unit, printed.print_id or "")
        if page.state == "waiting" and page.reason == "incomplete"
    ]  # fmt: skip
    numbers = {page.page for page in pages}
    give_reason(unit, [page.id for page in left if page.page in numbers], "filed_before")
    give_reason(unit, [page.id for page in left if page.page not in numbers], "filed_without")


def _log(unit: Unit, file_id: int, document: int, pages: Sequence[PageFacts]) -> None:
    for batch in sorted({page.batch for page in pages}):
        count = sum(page.batch == batch for page in pages)
        unit.log("scan.file", f"document:{document}", chain=file_id, detail={"scan": batch, "pages": count})
