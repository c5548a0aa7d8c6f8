"""Errors are a table: one exit code each, a cure each, all of them in the documentation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import generator
from generator.errors import GeneratorError

DOCS = Path(__file__).parents[2] / "docs" / "errors.md"


def every_error() -> Iterator[type[GeneratorError]]:
    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        importlib.import_module(module.name)
    waiting = list(GeneratorError.__subclasses__())
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        yield error


def test_exit_codes_are_unique_and_in_their_band() -> None:
    codes = [error.exit_code for error in every_error() if error.exit_code != 1]
    assert len(codes) == len(set(codes))
    assert all(10 <= code <= 49 for code in codes)


def test_every_error_says_what_to_do() -> None:
    for error in every_error():
        assert error.default_hint.endswith("。"), error
        assert error.default_hint != GeneratorError.default_hint, error


def test_every_error_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for error in every_error():
        assert f"| `{error.__name__}` | {error.exit_code} |" in text
