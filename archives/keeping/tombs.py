"""The list of what was destroyed, kept apart from the data so that no old backup brings anything back.

``tombstones.jsonl`` lies in the keys folder and in every backup folder; it only grows.  It names records,
keys and blobs by number and the numbers given so far, never people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from archives.archive import Archive
from archives.errors import BackupInvalid
from archives.keeping import stone
from archives.keys.durable import write_private
from archives.store.tables import sequences
from archives.store.tables_duties import disposal_lists, forgotten, tombstones

NAME: Final = "tombstones.jsonl"
LARGEST: Final = 1 << 30
CURE: Final = "请用另一个备份盘上的同名文件代替。"
Stones = dict[str, dict[str, Any]]
"""What is known, by ``record:<id>``, ``person:<id>``, ``numbers:<sequence>``.

Where two lives of the station gave one number, the stones after the first have a mark of their own behind it.
"""


def stones_of(archive: Archive) -> Stones:
    """What the archive itself knows."""
    found: Stones = {}
    with archive.data.reading() as connection:
        lists = {
            row.id: {name: value for name, value in row._mapping.items() if name != "id"}  # noqa: SLF001 - public name
            for row in connection.execute(select(disposal_lists))
        }
        for table, kind, key in ((tombstones, "record", "record_id"), (forgotten, "person", "person_id")):
            for row in connection.execute(select(table)):
                if row.list_id not in lists:  # a finding of the check; the file told of it when it was made
                    continue
                told: dict[str, Any] = {"kind": kind, **row._mapping, "list": lists[row.list_id]}  # noqa: SLF001
                told["item_keys"] = json.loads(row.item_keys)
                if kind == "record":
                    told["blobs"] = json.loads(row.blobs)
                found[f"{kind}:{told[key]}"] = told
        for row in connection.execute(select(sequences)):
            found[f"numbers:{row.name}"] = {"kind": "numbers", "sequence": row.name, "next": row.next}
    return found


def merged(*lists: Mapping[str, dict[str, Any]]) -> Stones:
    """Everything any of the lists knows; of numbers the furthest."""
    return gathered(told for one in lists for told in one.values())


def gathered(lines: Iterable[dict[str, Any]]) -> Stones:
    """Stones under their keys, each once; the same keys for the same stones in whatever order they come."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for told in lines:
        group, mark = groups.setdefault(stone.number_of(told), {}), stone.same(told)
        known = group.get(mark)
        if known is None or (told["kind"] == "numbers" and told["next"] > known["next"]):
            group[mark] = told
    whole: Stones = {}
    for key, group in groups.items():
        first, *more = sorted(group, key=lambda mark: (last_destroyed([group[mark]]), mark))
        whole[key] = group[first]
        whole |= {f"{key}:{mark}": group[mark] for mark in more}
    return whole


def read_stones(path: Path, *, missing_ok: bool = True) -> Stones:
    """The list in a file.  Raises BackupInvalid for a damaged or (unless allowed) missing one."""
    found: list[dict[str, Any]] = []
    try:
        lines = [] if path.stat().st_size > LARGEST else path.read_text(encoding="utf-8").split("\n")
        for line in lines or ["too large"]:
            if line.strip():
                found.append(stone.read(line)[1])
    except FileNotFoundError as error:
        if missing_ok:
            return {}
        raise BackupInvalid(f"没有销毁登记文件 {path}。", hint=f"请检查文件位置；{CURE}") from error
    except (OSError, ValueError) as error:
        raise BackupInvalid(f"销毁登记文件 {path} 无法读取：被改动或损坏。", hint=CURE) from error
    return gathered(found)


def keep_stones(path: Path, stones: Stones) -> bool:
    """Add to the list in a file, durably; True if it grew.  Raises StoreUnusable, BackupInvalid."""
    before = read_stones(path)
    after = merged(before, stones)
    if after == before:
        return False
    write_stones(path, after)
    return True


def write_stones(path: Path, stones: Mapping[str, dict[str, Any]]) -> None:
    """Write the list as a whole, durably, unless it says so already.  Raises StoreUnusable."""
    lines = "".join(f"{stone.written(stones[key])}\n" for key in sorted(stones)).encode()
    if not path.is_file() or path.read_bytes() != lines:
        write_private(path, lines, "tombstones")


def named(stones: Mapping[str, dict[str, Any]]) -> tuple[int, str]:
    """(how many records and persons the list names, the hash of which those are)."""
    keys = sorted(key for key, one in stones.items() if one["kind"] != "numbers")
    return len(keys), hashlib.sha256("\n".join(keys).encode()).hexdigest()


def last_destroyed(stones: Iterable[Mapping[str, Any]]) -> str:
    """When something was last destroyed, ISO 8601; empty for never."""
    return max((told.get("destroyed_at") or told.get("forgotten_at") or "" for told in stones), default="")


def count_destroyed(stones: Mapping[str, object]) -> int:
    """How many records and persons are known to be destroyed."""
    return sum(not key.startswith("numbers:") for key in stones)
