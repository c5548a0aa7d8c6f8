"""JSON files as careless hands, other programs and bad disks leave them: one seed, one file."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 3.5, 1e308, -0.0, 10**30, "", " ", "　", "无", "是", "0", "17",
    "x" * 5000, "长" * 3000,
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-03-05T25:61", "\x00", "\x1b[2J", "\u202e甲", "\ud800",
    "\ufffd", "甲\n乙", "{{ x }}", "{%p if x %}", "../../x", "a/b~c", [], {}, [[]], [None], [{}],
    {"": ""}, {"name": {}},
    ["甲", 1, None, {"a": [1]}], {"a": {"a": {"a": {"a": {}}}}},
)  # fmt: skip
NAMES = (
    "",
    " ",
    "name",
    "Name",
    "姓名",
    "person",
    "forms",
    "case",
    "a/b~1",
    "\x07",
    "x" * 3000,
    "__class__",
    "0",
)


def mutated(document: dict[str, Any], seed: int) -> bytes:
    """The file after one to four changes; a fifth of the files are damaged as bytes too."""
    draw = random.Random(seed)
    changed: Any = copy.deepcopy(document)
    for _ in range(draw.randint(1, 4)):
        places = list(_places(changed))
        if not places:
            break
        changed = draw.choice(_CHANGES)(changed, draw.choice(places), draw)
    raw = json.dumps(changed, ensure_ascii=draw.random() < 0.5, indent=draw.choice((None, 1)))
    content = raw.encode("utf-8", "surrogatepass")
    return _damaged(content, draw) if draw.random() < 0.2 else content


Place = tuple[Any, Any]
"""A container and the key or index in it."""


def _places(node: Any) -> Iterator[Place]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(inside):
        yield node, key
        yield from _places(value)


def _odd(root: Any, place: Place, draw: random.Random) -> Any:
    place[0][place[1]] = copy.deepcopy(draw.choice(ODD))
    return root


def _gone(root: Any, place: Place, draw: random.Random) -> Any:
    del place[0][place[1]]
    return root


def _renamed(root: Any, place: Place, draw: random.Random) -> Any:
    around, key = place
    if isinstance(around, dict):
        around[draw.choice((*NAMES, f"{key}x", str(key)[:-1]))] = around.pop(key)
    return root


def _wrapped(root: Any, place: Place, draw: random.Random) -> Any:
    around, key = place
    around[key] = draw.choice(([around[key]], {"值": around[key]}, str(around[key])[:200]))
    return root


def _swapped(root: Any, place: Place, draw: random.Random) -> Any:
    other, key = draw.choice(list(_places(root)))
    around, own = place
    around[own] = copy.deepcopy(other[key])
    return root


def _many(root: Any, place: Place, draw: random.Random) -> Any:
    around, key = place
    around[key] = [copy.deepcopy(around[key]) for _ in range(draw.choice((2, 30)))]
    return root


def _deep(root: Any, place: Place, draw: random.Random) -> Any:
    inner: Any = 1
    for _ in range(draw.choice((10, 40))):
        inner = [inner] if draw.random() < 0.5 else {"a": inner}
    place[0][place[1]] = inner
    return root


def _added(root: Any, place: Place, draw: random.Random) -> Any:
    if isinstance(place[0], dict):
        place[0][draw.choice(NAMES)] = copy.deepcopy(draw.choice(ODD))
    return root


def _rooted(root: Any, place: Place, draw: random.Random) -> Any:
    return draw.choice((place[0][place[1]], [root], root))


_CHANGES: tuple[Callable[[Any, Place, random.Random], Any], ...] = (
    _odd, _odd, _odd, _gone, _renamed, _wrapped, _swapped, _many, _deep, _added, _rooted,
)  # fmt: skip


def _damaged(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw) + 1)
    return draw.choice(
        (
            raw[:at],
            raw[:at] + bytes([draw.randrange(256)]) + raw[at + 1 :],
            raw[:at] + raw[at : at + 40] * 2 + raw[at:],
            b"\xef\xbb\xbf" + raw,
            raw.decode("utf-8", "replace").encode("utf-16"),
            raw.decode("utf-8", "replace").encode("gb18030"),
            raw.replace(b"{", b'{"x":1,"x":2,', 1),
            raw.replace(b": ", b": NaN, ", 1),
            raw + raw,
            raw.replace(b": ", b": " + b'[{"a": ' * 900 + b"1" + b"}]" * 900 + b', "y": ', 1),
            b"[" * 100_000,
            b"",
            b"\x00" * 100,
        )
    )
