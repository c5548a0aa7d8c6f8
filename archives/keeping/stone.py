"""One line of the list of what was destroyed: which members it has, of which types, and its own hash.

A line that is not exactly so is damaged, whatever it says: a restore destroys by it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Integer, Table

from archives.store.tables_duties import disposal_lists, forgotten, tombstones

Stone = dict[str, Any]
HASH: Final = "check"
"""Member with the hash of the rest of the line; lines of older lists have none."""
LONGEST: Final = 1 << 20
"""Bytes of a line."""
_HASH_SIGNS = 16
_TABLES: Final[Mapping[str, tuple[Table, str]]] = {
    "record": (tombstones, "record_id"), "person": (forgotten, "person_id"),
}  # fmt: skip
_NAME_SIGNS = frozenset("0123456789abcdef")


def written(stone: Mapping[str, Any]) -> str:
    """The stone as a line of the list, with its hash."""
    return _canonical({**stone, HASH: _hash(stone)})


def read(line: str) -> tuple[str, Stone]:
    """(key, stone) of a line.  Raises ValueError for everything that is not exactly a stone."""
    if len(line) > LONGEST:
        raise ValueError("a line without end")
    try:
        told = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested without end") from error
    _must(isinstance(told, dict), "no stone")
    stated = told.pop(HASH, None)
    if stated is not None and stated != _hash(told):
        raise ValueError("changed")
    return _key(told), told


def number_of(told: Mapping[str, Any]) -> str:
    """What a stone is filed under: its kind, and the number of the row or the name of the sequence."""
    kind = str(told["kind"])
    return f"{kind}:{told['sequence' if kind == 'numbers' else _TABLES[kind][1]]}"


def same(told: Mapping[str, Any]) -> str:
    """By what two stones of one number are told apart: two lives of a station may each have given it.

    Not by the list: one that was put back may have got another number.
    """
    kind = told["kind"]
    if kind == "numbers":
        return ""
    table, name = _TABLES[kind]
    columns = {*table.columns.keys()} - {"list_id", name}
    facts = {column: told.get(column) for column in columns}
    return hashlib.sha256(_canonical(facts).encode()).hexdigest()[:_HASH_SIGNS]


def _key(told: Stone) -> str:
    kind = told.get("kind")
    if kind == "numbers":
        _exactly(told, {"kind", "sequence", "next"}, set())
        if not isinstance(told["sequence"], str) or not _whole(told["next"], 1):
            raise ValueError("numbers")
        return number_of(told)
    if not isinstance(kind, str) or kind not in _TABLES:
        raise ValueError("kind")
    table, _ = _TABLES[kind]
    columns = set(table.columns.keys())
    _exactly(told, {"kind", "list", *columns}, set())
    _row(table, {column: told[column] for column in columns - {"item_keys", "blobs"}})
    for names in ("item_keys", "blobs"):
        if names in columns:
            _names(told[names])
    _list(told["list"])
    return number_of(told)


def _list(told: Any) -> None:
    columns = set(disposal_lists.columns.keys()) - {"id"}
    _must(isinstance(told, dict), "list")
    _exactly(told, {column for column in columns if not disposal_lists.c[column].nullable}, columns)
    _row(disposal_lists, told)


def _row(table: Table, told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        column = table.c[name]
        if value is None and column.nullable:
            continue
        number = isinstance(column.type, Integer)
        if not (_whole(value, 1) if number else isinstance(value, str)):
            raise ValueError(name)


def _names(told: Any) -> None:
    _must(isinstance(told, list), "names")
    for name in told:
        if not isinstance(name, str) or len(name) != 32 or not set(name) <= _NAME_SIGNS:
            raise ValueError("name")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _exactly(told: Mapping[str, Any], needed: set[str], allowed: set[str]) -> None:
    if needed - told.keys() or told.keys() - needed - allowed:
        raise ValueError("members")


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 1 << 53


def _hash(stone: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(stone).encode()).hexdigest()[:_HASH_SIGNS]


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
