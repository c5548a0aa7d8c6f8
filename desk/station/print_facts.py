"""The station as its papers name it: what stands in ``print-facts.json`` beside its settings.

Imports nothing heavy: printing one form asks here who the station is.
"""

from __future__ import annotations

import json
from typing import Any

from archives.errors import HomeUnusable
from archives.settings import Layout, StationFacts

PRINT_FACTS = "print-facts.json"
"""The station as its papers name it (address, phone, recipients …): the ``station`` part of a CASE."""
_LARGEST = 256_000
"""Bytes of that file."""


def print_facts(layout: Layout, station: StationFacts) -> dict[str, Any]:
    """The station as its papers name it.  Raises HomeUnusable when its file cannot be read."""
    path = layout.home / PRINT_FACTS
    own: dict[str, Any] = {
        "name": station.name, "fonds_name": station.name, "file_category": "个案服务档案"
    }  # fmt: skip
    cure = "请改正这个 JSON 文件，或从备份恢复。"
    try:
        raw = path.read_bytes()
        given = json.loads(raw) if len(raw) <= _LARGEST else None
    except FileNotFoundError:
        return own
    except (OSError, ValueError, RecursionError) as error:
        raise HomeUnusable(f"本站打印资料 {PRINT_FACTS} 无法读取。", hint=cure) from error
    if not isinstance(given, dict):
        raise HomeUnusable(f"本站打印资料 {PRINT_FACTS} 应是一个对象。", hint=cure)
    wrong = sorted(name for name, value in given.items() if not _printable(value))
    if wrong:
        names = "、".join(ascii(name).strip("'")[:40] for name in wrong[:5])
        raise HomeUnusable(
            f"本站打印资料 {PRINT_FACTS} 的 {names} 应是文字、数字，或它们的列表、分组。", hint=cure
        )
    return {**own, **given}


def _printable(value: object, depth: int = 4) -> bool:
    """Whether papers can print it: plain values, and lists and groups of them, not nested without end."""
    if isinstance(value, list | dict):
        inside = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_printable(one, depth - 1) for one in inside)
    return isinstance(value, str | int | float)
