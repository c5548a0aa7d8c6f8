"""Path and injection tricks in every field that takes words: kept as words, or refused in a sentence.

Never run as SQL, as a path, as a template; never a crash; a refusal never repeats what was typed.
"""

from __future__ import annotations

import contextlib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from archives.errors import ArchiveError, InputRefused
from archives.people.naming import clean, query_terms
from archives.people.search import search
from archives.store.tables import METADATA
from tests.archives.making import Station, station
from tests.attacks.text_fields import FIELDS, TRICKS, Bench, bench

SHOWABLE = frozenset((
    "sql", "sql_quote", "sql_like", "up", "up_windows", "absolute", "device", "drive", "url", "formula",
    "formula_at", "template", "markup", "shell", "format", "decomposed", "rare",
))  # fmt: skip
"""Tricks that are ordinary text, and must come back as they were typed wherever free text is kept."""
FREE_TEXT = frozenset((
    "person.name", "person.more", "person.amend.value", "person.amend.reason", "record.title", "record.fact",
    "record.revise.reason", "loan.damage", "rights.scope", "rights.reason", "rights.legal_note",
    "disposal.opinion.reason", "staff.name",
))  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("text")


@pytest.fixture(scope="module")
def made(folder: Path) -> Bench:
    return bench(station(folder))  # one for all fields: each makes what it types into


def names_on_disk(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and "blobs" not in path.parts}


def counts(place: Station) -> dict[str, int]:
    with place.archive.looking(place.admin) as unit:
        return {
            name: int(unit.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())
            for name in METADATA.tables
        }


def as_kept(field: str, words: str) -> str:
    if field in {"person.more", "record.fact", "copy.name"}:  # values of checked data, kept as they are
        return words
    kept = unicodedata.normalize("NFC", words).strip()
    return kept.casefold() if field == "staff.login" else kept


def typed_into(made: Bench, field: str, words: str) -> tuple[Any, ArchiveError | None]:
    try:
        return FIELDS[field](made, words), None
    except ArchiveError as error:
        return None, error


@pytest.mark.parametrize("field", FIELDS)
def test_tricks_stay_words(field: str, made: Bench, folder: Path) -> None:
    disk, before, wrong = names_on_disk(folder), counts(made.station), []
    for trick, words in TRICKS.items():
        back, error = typed_into(made, field, words)
        if error is not None:
            told = f"{error.message}{error.hint}"
            if not told.endswith("。") or len(told) > 200 or (words.strip() and words in told):
                wrong.append(f"{trick}: {told[:80]}")
            if trick in SHOWABLE and field in FREE_TEXT:
                wrong.append(f"{trick}: refused, {told}")
        elif isinstance(back, str) and back != as_kept(field, words):
            wrong.append(f"{trick}: came back as {back[:40]!a}")
    assert not wrong
    after = counts(made.station)
    assert all(after[name] >= rows for name, rows in before.items() if name not in {"search_terms", "facts"})
    assert names_on_disk(folder) <= disk | {"kangdang.db-wal", "kangdang.db-shm"}
    with made.station.archive.looking(made.station.admin) as unit:
        assert unit.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert set(inspect(unit.connection).get_table_names()) >= set(METADATA.tables)


@pytest.mark.parametrize("typed", ["%", "_", "%%", "' OR '1'='1", "*", "[a-z]*", "样例甲%"])
def test_a_wildcard_finds_nobody(typed: str, tmp_path: Path) -> None:
    place = bench(station(tmp_path)).station
    with place.archive.acting("person.search", place.worker) as unit:
        assert search(unit, typed) == []
        assert [hit.name for hit in search(unit, "样例甲")] == ["样例甲"]


@given(st.text(alphabet=st.characters(), max_size=200))
@settings(max_examples=300)
def test_clean_text_is_one_visible_line(words: str) -> None:
    told = ""
    with contextlib.suppress(InputRefused):
        told = clean(words, "名称")
    if not told:
        return
    assert told == clean(told, "名称")
    assert told.encode()
    assert len(told.splitlines()) == 1
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") for char in told)


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_a_search_looks_for_beginnings_and_nothing_else(words: str) -> None:
    kinds = {"name", "initials", "pinyin", "phone", "birth", "ref", "number"}
    for kind, beginning in query_terms(words):
        assert kind in kinds
        assert beginning
