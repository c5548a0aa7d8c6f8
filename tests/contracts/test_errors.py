"""Errors are a table: one exit code each, a cure each, all of them in the documentation."""

from __future__ import annotations

import re

import pytest

from archives.errors import ArchiveError
from desk.cli._common import EXIT_INTERNAL
from docs.generate import FOLDER, ErrorClass, every_error
from generator.errors import GeneratorError

# exit codes of each root: no class of one may be taken for a class of the other
BANDS = {GeneratorError: range(10, 50), ArchiveError: range(50, 90)}


def test_both_rooms_have_errors() -> None:
    for root in BANDS:
        assert sum(issubclass(error, root) for error in every_error()) > 15


def test_exit_codes_are_unique() -> None:
    codes = [error.exit_code for error in every_error() if error.exit_code != 1]
    assert len(codes) == len(set(codes))
    assert EXIT_INTERNAL not in codes


@pytest.mark.parametrize("root", BANDS, ids=lambda root: str(root.__name__))
def test_exit_codes_lie_in_the_band_of_their_room(root: ErrorClass) -> None:
    for error in every_error():
        if issubclass(error, root) and error.exit_code != 1:
            assert error.exit_code in BANDS[root], error


def test_an_error_of_the_archive_always_has_its_own_code() -> None:
    assert [
        error for error in every_error() if issubclass(error, ArchiveError) and error.exit_code == 1
    ] == []


def test_every_error_says_what_to_do() -> None:
    for error in every_error():
        root = ArchiveError if issubclass(error, ArchiveError) else GeneratorError
        assert error.default_hint.endswith("。"), error
        assert error.default_hint != root.default_hint, error


def test_every_error_is_documented() -> None:
    text = (FOLDER / "errors.md").read_text(encoding="utf-8")
    for error in every_error():
        assert f"| `{error.__name__}` | {error.exit_code} |" in text


def test_the_tree_of_the_archive_names_every_class() -> None:
    import archives.errors

    tree = dict(re.findall(r"[├└]── (\w+) +(\d+)", archives.errors.__doc__ or ""))
    shown = {
        error.__name__: str(error.exit_code) for error in every_error() if issubclass(error, ArchiveError)
    }
    assert tree == shown
