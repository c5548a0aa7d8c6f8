"""Documents: immutable bytes of a file, each under its own key: issued prints, signed scans, attachments.

Storing has two steps: ``store`` makes key and bytes durable, ``add_document`` makes them part of a file.
What is stored and never added is an orphan: harmless, swept by the check.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from archives.archive import Archive, Unit
from archives.errors import AlreadyThere, InputRefused, ItemUnreadable, NotFound, StateForbids
from archives.items.ending import require_lasting
from archives.items.programs import mark_document
from archives.items.slips import parted, with_slip
from archives.keys.bindings import CONTENT, SHEET
from archives.people.files import file_facts, require_open
from archives.people.naming import clean
from archives.store.next_id import next_id
from archives.store.tables import documents

DocumentKind = Literal["issued", "scan", "attachment"]
MAX_SIZE = 64_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are on the disk, encrypted, and belong to nobody yet."""

    blob: str
    item_key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document as its row says."""

    id: int
    file: int
    record: int | None
    kind: DocumentKind
    state: str
    print_id: str | None
    copy: int | None
    media_type: str
    pages: int
    size: int
    sha256: str
    blob: str | None
    item_key: str | None
    at: str
    revision: int | None = None
    """Of the record it was printed from or filed for."""
    sheet: bytes | None = field(repr=False, default=None)
    """Sealed: what the row said when it was written, with the print record of an issued print."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """What is known of the bytes; ``sheet`` is the print record with its page map."""

    kind: DocumentKind
    media_type: str
    pages: int
    record: int | None = None
    print_id: str | None = None
    copy: int | None = None
    sheet: bytes | None = None
    form_version: int | None = None
    revision: int | None = None
    of_document: int | None = None
    programs: tuple[str, ...] = ()
    """Kinds of programs the bytes hold, which somebody said to keep."""


def store(archive: Archive, content: bytes) -> Stored:
    """Make bytes durable: key, then blob, read back.  Raises StoreUnusable, InputRefused."""
    if not content:
        raise InputRefused("文件是空的，没有归入。", hint="请检查是否选对了文件。")
    if len(content) > MAX_SIZE:
        raise InputRefused(f"文件超过 {MAX_SIZE // 1_000_000} MB，没有归入。", hint="请拆分后分别归入。")
    key_name, key = archive.keys.new()
    blob = archive.blobs.put(archive.encrypt(key, content, CONTENT.of()))
    return Stored(blob, key_name, len(content), hashlib.sha256(content).hexdigest())


def add_document(unit: Unit, file_id: int, stored: Stored, entry: DocumentEntry) -> int:
    """Make stored bytes a document of a file; returns its id.

    Raises AlreadyThere (the print is registered), StateForbids, NotFound.
    """
    require_open(file_facts(unit, file_id))
    if entry.record is not None:
        require_lasting(unit, entry.record)
    document = next_id(unit.connection, documents)
    said = {
        "kind": entry.kind, "print_id": entry.print_id, "copy": entry.copy, "media_type": entry.media_type,
        "pages": entry.pages, "size": stored.size, "sha256": stored.sha256,
        "form_version": entry.form_version, "revision": entry.revision, "of_document": entry.of_document,
    }  # fmt: skip
    key = unit.archive.keys.get(stored.item_key)
    slip = with_slip({**said, "record_id": entry.record}, entry.sheet or b"")
    try:
        unit.execute(
            insert(documents),
            {
                **said, "id": document, "file_id": file_id, "record_id": entry.record, "state": "present",
                "blob": stored.blob, "item_key": stored.item_key,
                "sheet": unit.archive.encrypt(key, slip, SHEET.of(id=document)), "at": unit.at,
                "by": unit.staff(),
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyThere("这个打印编号已经登记过。", hint="同一份打印件只登记一次。") from error
    detail: dict[str, Any] = {
        "kind": entry.kind,
        "pages": entry.pages,
        "bytes": stored.size,
        "sha256": stored.sha256,
    }
    if entry.programs:
        mark_document(unit, document, entry.programs)
        detail["programs"] = ",".join(entry.programs)
    unit.log("document.add", f"document:{document}", chain=file_id, detail=detail)
    return document


def document_facts(unit: Unit, document_id: int) -> DocumentFacts:
    """The document.  Raises NotFound."""
    row = unit.execute(select(documents).where(documents.c.id == document_id)).first()
    if row is None:
        raise NotFound("没有这个文件。")
    return _facts(row)


def documents_of(unit: Unit, *, file: int | None = None, record: int | None = None) -> list[DocumentFacts]:
    """The documents of a file or of a record, in the order they came."""
    query = select(documents).order_by(documents.c.id)
    if file is not None:
        query = query.where(documents.c.file_id == file)
    if record is not None:
        query = query.where(documents.c.record_id == record)
    return [_facts(row) for row in unit.execute(query)]


def open_document(
    unit: Unit, document_id: int, *, purpose: str | None = None, action: str = "document.read"
) -> DocumentFacts:
    """Put the reading on the log; ``content_of`` then gives the bytes.  Raises NotFound."""
    facts = document_facts(unit, document_id)
    if facts.blob is None:
        raise NotFound("这个文件已销毁，内容不存在。")
    unit.log(
        action, f"document:{document_id}", chain=facts.file, purpose=purpose, detail={"sha256": facts.sha256}
    )
    return facts


def content_of(archive: Archive, facts: DocumentFacts) -> bytes:
    """The bytes of a document whose reading is on the log.  Raises ItemUnreadable."""
    if facts.blob is None or facts.item_key is None:
        raise ItemUnreadable("这个文件已销毁。")
    said = None
    if facts.sheet is not None:
        said, _ = parted(archive.decrypt(facts.item_key, facts.sheet, SHEET.of(id=facts.id)))
    # Bytes stored with a sheet do not open without it: it says which row they belong to.
    bound = CONTENT.before() if said is None else CONTENT.of()
    content = archive.decrypt(facts.item_key, archive.blobs.get(facts.blob), bound)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != facts.sha256 or (said is not None and sha256 != said["sha256"]):
        raise ItemUnreadable("这个文件的内容与登记的校验值不符。")
    return content


def void_document(unit: Unit, document_id: int, reason: str) -> None:
    """A document that was filed by mistake; it stays, marked.  Raises StateForbids."""
    facts = document_facts(unit, document_id)
    if facts.state != "present":
        raise StateForbids("这个文件已作废或已销毁。")
    unit.execute(update(documents).where(documents.c.id == document_id).values(state="void"))
    unit.log(
        "document.void", f"document:{document_id}", chain=facts.file, note=clean(reason, "作废原因", most=500)
    )


def _facts(row: Any) -> DocumentFacts:
    return DocumentFacts(
        row.id, row.file_id, row.record_id, row.kind, row.state, row.print_id, row.copy, row.media_type,
        row.pages, row.size, row.sha256, row.blob, row.item_key, row.at, row.revision, row.sheet,
    )  # fmt: skip


def print_named(unit: Unit, print_id: str) -> DocumentFacts | None:
    """The issued print with this id."""
    row = unit.execute(select(documents).where(documents.c.print_id == print_id)).first()
    return None if row is None else _facts(row)


def sheet_of(unit: Unit, facts: DocumentFacts) -> bytes | None:
    """The print record of an issued print, with its page map.  Raises ItemUnreadable."""
    if facts.sheet is None or facts.item_key is None:
        return None
    plain = unit.archive.decrypt(facts.item_key, facts.sheet, SHEET.of(id=facts.id))
    return parted(plain)[1] or None
