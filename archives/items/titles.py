"""What attachments are called: sealed under the attachment's own key, and gone with it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from archives.archive import Unit
from archives.errors import ItemUnreadable
from archives.keys.bindings import SEPARATOR_TITLE, TITLE
from archives.people.naming import clean
from archives.store.rows import the_value
from archives.store.tables import documents, files
from archives.store.tables_written import document_titles, separator_titles

LONGEST = 60


def checked_title(title: str) -> str:
    """A title as it is kept.  Raises InputRefused."""
    return clean(title, "题名", most=LONGEST)


def set_title(unit: Unit, document_id: int, title: str | None) -> None:
    """Give a new attachment its title; None leaves it without.  Raises InputRefused."""
    if title is None:
        return
    query = select(documents.c.item_key).where(documents.c.id == document_id)
    name = the_value(unit.execute(query), f"文件 {document_id}")
    sealed = unit.archive.encrypt(
        unit.archive.keys.get(name), checked_title(title).encode(), TITLE.of(document_id=document_id)
    )
    unit.execute(insert(document_titles), {"document_id": document_id, "title": sealed})


def titles_of(unit: Unit, file_id: int) -> dict[int, str]:
    """Titles of the attachments of a file, by document.  The caller has put the reading on the log."""
    query = (
        select(document_titles, documents.c.item_key)
        .join(documents, documents.c.id == document_titles.c.document_id)
        .where(documents.c.file_id == file_id, documents.c.item_key.is_not(None))
    )
    told = {}
    for row in unit.execute(query):
        try:
            told[int(row.document_id)] = unit.archive.decrypt(
                row.item_key, row.title, TITLE.of_row(row)
            ).decode()
        except ItemUnreadable:  # being destroyed; the check tells of anything else
            continue
    return told


def forget_titles(unit: Unit, record_id: int) -> None:
    """The titles of a record's attachments."""
    papers = select(documents.c.id).where(documents.c.record_id == record_id)
    unit.execute(delete(document_titles).where(document_titles.c.document_id.in_(papers)))


# --- said beforehand on a separator sheet ------------------------------------------------------------------


def set_separator_title(unit: Unit, file_id: int, print_id: str, title: str) -> None:
    """Keep what the pages behind a separator are called.  Raises InputRefused."""
    query = select(files.c.note_key).where(files.c.id == file_id)
    name = the_value(unit.execute(query), f"案卷 {file_id}")
    bound = SEPARATOR_TITLE.of(file_id=file_id, print_id=print_id)
    sealed = unit.archive.encrypt(unit.archive.keys.get(name), checked_title(title).encode(), bound)
    unit.execute(insert(separator_titles), {"file_id": file_id, "print_id": print_id, "title": sealed})


def separator_title(unit: Unit, print_id: str) -> str | None:
    """What the pages behind this separator are called; None for one made without."""
    row = unit.execute(
        select(separator_titles, files.c.note_key)
        .join(files, files.c.id == separator_titles.c.file_id)
        .where(separator_titles.c.print_id == print_id)
    ).first()
    if row is None or row.note_key is None:
        return None
    return unit.archive.decrypt(row.note_key, row.title, SEPARATOR_TITLE.of_row(row)).decode()


def forget_separator_titles(unit: Unit, of_files: Sequence[int]) -> None:
    """The titles under the note keys of these files."""
    unit.execute(delete(separator_titles).where(separator_titles.c.file_id.in_(of_files)))
