"""Print records outlive what is printed over them: by them the sheets that are on their way come home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SUFFIX: Final = ".print.json"


def earlier_records(files: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """The records that writing ``files`` would replace, each with the name under which it is kept.

    That is the name of the paper with its print id behind it.  The same record written again is kept once.
    """
    kept: dict[Path, bytes] = {}
    for path, content in files.items():
        if not path.name.endswith(SUFFIX):
            continue
        try:
            old = path.read_bytes()
        except OSError:  # there is none, or nothing can be written there either, which the writer tells
            continue
        if old == content:
            continue
        stem = f"{path.name.removesuffix(SUFFIX)}.{_print_id(old)}"
        number, place = 1, path.with_name(stem + SUFFIX)
        # Ends: each round tries another name, and a folder has only so many files.
        while place.exists() and place.read_bytes() != old:
            number += 1
            place = path.with_name(f"{stem}-{number}{SUFFIX}")
        kept[place] = old
    return kept


def earlier_line(names: str) -> str:
    """What a person is told of records that were kept."""
    return (
        f"此前的打印记录另存为 {names.strip()}，已印出的纸件仍可凭它归档；"
        "康档没有登记它的位置，那些纸件都归档或作废后请自行删除。"
    )


def _print_id(record: bytes) -> str:
    try:
        found = json.loads(record)
    except (ValueError, RecursionError):
        return "earlier"
    number = found.get("print_id", found.get("service_id")) if isinstance(found, dict) else None
    return number if isinstance(number, str) and number.isalnum() and number.isascii() else "earlier"
