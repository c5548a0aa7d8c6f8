"""JSON Pointers (RFC 6901): writing, reading, and the ``*`` form that stands for every array item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Part = str | int


def escape(name: str) -> str:
    """One member name as it stands in a pointer: ``~`` is ``~0``, ``/`` is ``~1``."""
    return name.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The member name behind one pointer token."""
    return token.replace("~1", "/").replace("~0", "~")


def join(parts: Iterable[Part]) -> str:
    """``("rows", 0, "a/b")`` becomes ``/rows/0/a~1b``; no parts is the empty pointer (the whole document)."""
    return "".join(f"/{escape(str(part))}" for part in parts)


def split(pointer: str) -> tuple[str, ...]:
    """``/rows/0/a~1b`` becomes ``("rows", "0", "a/b")``; array indexes stay text."""
    tokens = pointer.split("/")[1:]
    return tuple(map(unescape, tokens)) if "~" in pointer else tuple(tokens)


def generic(parts: Iterable[Part]) -> str:
    """The field pointer of an instance path: array indexes become ``*``."""
    return join("*" if isinstance(part, int) else part for part in parts)


def located(document: Any, tokens: tuple[str, ...]) -> Iterator[tuple[tuple[Part, ...], Any]]:
    """Every (instance path, value) that a field pointer's tokens reach; ``*`` goes through array items.

    What is missing or of another type is skipped without a word: its absence is reported elsewhere.
    """
    if not tokens:
        yield (), document
        return
    head, rest = tokens[0], tokens[1:]
    if head == "*":
        if isinstance(document, list):
            for index, item in enumerate(document):
                for path, value in located(item, rest):
                    yield (index, *path), value
    elif isinstance(document, dict) and head in document:
        for path, value in located(document[head], rest):
            yield (head, *path), value
