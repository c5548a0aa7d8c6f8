"""Typing an example's answers gives exactly that example, for every form there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.entry.draft import draft_path
from desk.entry.fill import fill, open_session
from generator.forms.catalogue import default, load_form
from tests.entry.person import NOW, Person, answers_in, examples, kept, level_of

MOST = 9_000
"""Bytes of an example that is typed here; the longest lists would only repeat the same rows for minutes."""


def few(form_id: str) -> Iterator[tuple[str, Path, bool]]:
    """The examples of a form that are typed; True for the one that is typed every time."""
    paths = [path for path in examples(form_id) if path.stat().st_size < MOST]
    for path in paths:
        yield form_id, path, path == next((one for one in paths if one.name == "valid-full.json"), paths[0])


EXAMPLES = [
    pytest.param(form, path, id=f"{form}-{path.name}", marks=[] if every_time else pytest.mark.slow)
    for form_id in default().ids()
    for form, path, every_time in few(form_id)
]


def nothing_known(form: object) -> tuple[dict[str, object], dict[str, str]]:
    return {}, {}


@pytest.mark.parametrize(("form_id", "path"), EXAMPLES)
def test_typing_an_example_gives_the_example(form_id: str, path: Path, tmp_path: Path) -> None:
    form, wanted, level = load_form(form_id), answers_in(path), level_of(path)
    expected = kept(form, wanted, level)
    data = tmp_path / "数据.json"
    session = open_session(form_id, data, level, NOW, prefill=nothing_known)
    assert fill(session, Person(form, wanted, level), lambda: NOW)
    assert answers_in(data) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["数据.json"]
    assert not draft_path(data).exists()


def test_there_is_something_to_type() -> None:
    assert len(EXAMPLES) >= 25
    assert sum(not one.marks for one in EXAMPLES) >= 45
