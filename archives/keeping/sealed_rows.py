"""Whether sealed words in rows open: what each is bound to comes from the table of bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Table, select

from archives.archive import Archive
from archives.errors import ItemUnreadable
from archives.keeping.finding import KeepingFinding
from archives.keys.bindings import IN_THE_STORE, NOTE, Binding, Bound, Key
from archives.keys.suite import decrypt
from archives.store.schema import METADATA

_OWNERS: Final = {"merges": "kept", "scan_pages": "id", "documents": "id", "persons": "id"}
"""Table → the column that says whose key seals the words, where it is not ``<key>_id``."""
NAMES: Final = {
    "amendments": "身份更正", "merges": "档案合并", "holds": "冻结", "access_requests": "查阅申请",
    "loans": "借阅", "rights_requests": "权利请求", "scan_questions": "扫描核对事项", "scan_pages": "扫描页",
    "written_out": "写出的文件", "document_titles": "附件题名", "separator_titles": "分隔页题名",
}  # fmt: skip
"""What the rows whose words are checked here are called."""


def opens(key: bytes, sealed: bytes, bound_to: Bound) -> bytes | None:
    """The plain bytes, or None when they cannot be had."""
    try:
        return decrypt(key, bytes(sealed), bound_to)
    except ItemUnreadable:
        return None


def words_under(key: Key) -> tuple[Binding, ...]:
    """The bindings of words sealed under the keys of such owners that are checked here.

    Notes are not: they are compared with the log too.
    """
    return tuple(
        one for one in IN_THE_STORE if one.key == key and table_of(one).name in NAMES and one is not NOTE
    )


def table_of(binding: Binding) -> Table:
    """The table the words stand in."""
    return METADATA.tables[binding.place.split(".")[0]]


def column_of(binding: Binding) -> Column[Any]:
    """The column the words stand in."""
    column: Column[Any] = table_of(binding).c[binding.place.split(".")[1]]
    return column


def rows_of(archive: Archive, binding: Binding, owners: Mapping[int, bytes]) -> Iterator[tuple[bytes, Any]]:
    """(key, row) of all rows of these owners that have such words; ``owners``: id → key."""
    table, column = table_of(binding), column_of(binding)
    owner = table.c[_OWNERS.get(table.name, f"{binding.key}_id")]
    query = select(table).where(owner.in_(owners), column.is_not(None)).order_by(*table.primary_key)
    with archive.data.reading() as connection:
        for row in connection.execute(query):
            yield owners[getattr(row, owner.name)], row


def check_words(archive: Archive, key: Key, owners: Mapping[int, bytes]) -> Iterator[KeepingFinding]:
    """Words of these owners that do not open."""
    for binding in words_under(key):
        if column_of(binding).name == "blob":
            continue
        for secret, row in rows_of(archive, binding, owners):
            sealed = getattr(row, column_of(binding).name)
            if opens(secret, sealed, binding.of_row(row)) is None and _stands(archive, binding, row):
                yield KeepingFinding("words_changed", f"{NAMES[table_of(binding).name]} #{row.id}")


def _stands(archive: Archive, binding: Binding, row: Any) -> bool:
    """Whether the words are still there: a disposal may have taken them while the check was reading."""
    table, column = table_of(binding), column_of(binding)
    with archive.data.reading() as connection:
        return connection.execute(select(column).where(table.c.id == row.id)).scalar() is not None
