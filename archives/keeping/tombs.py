"""The list of what was destroyed, kept apart from the data so that no old backup brings anything back.

``tombstones.jsonl`` lies in the keys folder and in every backup folder; it only grows.  It names records,
keys and blobs by number and the numbers given so far, never people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from archives.archive import Archive
from archives.errors import BackupInvalid
from archives.keys.durable import write_private
from archives.store.tables import sequences
from archives.store.tables_duties import disposal_lists, forgotten, tombstones

NAME: Final = "tombstones.jsonl"
Stones = dict[str, dict[str, Any]]
"""What is known, by ``record:<id>``, ``person:<id>``, ``numbers:<sequence>``."""


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
                stone: dict[str, Any] = {"kind": kind, **row._mapping, "list": lists[row.list_id]}  # noqa: SLF001
                stone["item_keys"] = json.loads(row.item_keys)
                if kind == "record":
                    stone["blobs"] = json.loads(row.blobs)
                found[f"{kind}:{stone[key]}"] = stone
        for row in connection.execute(select(sequences)):
            found[f"numbers:{row.name}"] = {"kind": "numbers", "sequence": row.name, "next": row.next}
    return found


def merged(*lists: Mapping[str, dict[str, Any]]) -> Stones:
    """Everything any of the lists knows; of numbers the furthest."""
    whole: Stones = {}
    for one in lists:
        for key, stone in one.items():
            known = whole.get(key)
            if known is None or (stone["kind"] == "numbers" and stone["next"] > known["next"]):
                whole[key] = stone
    return whole


def read_stones(path: Path, *, missing_ok: bool = True) -> Stones:
    """The list in a file.  Raises BackupInvalid for a damaged or (unless allowed) missing one."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        told = [json.loads(line) for line in lines if line.strip()]
        return {_key(stone): stone for stone in told}
    except FileNotFoundError as error:
        if missing_ok:
            return {}
        raise BackupInvalid(f"没有销毁登记文件 {path}。", hint="请检查文件位置。") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupInvalid(
            f"销毁登记文件 {path} 无法读取：被改动或损坏。", hint="请用另一个备份盘上的同名文件代替。"
        ) from error


def _key(stone: Mapping[str, Any]) -> str:
    match stone["kind"]:
        case "record":
            list(stone["item_keys"]), list(stone["blobs"]), dict(stone["list"])  # all of it is needed
            return f"record:{int(stone['record_id'])}"
        case "person":
            return f"person:{int(stone['person_id'])}"
        case "numbers":
            return f"numbers:{stone['sequence']}"
    raise ValueError


def keep_stones(path: Path, stones: Stones) -> bool:
    """Add to the list in a file, durably; True if it grew.  Raises StoreUnusable, BackupInvalid."""
    before = read_stones(path)
    after = merged(before, stones)
    if after == before:
        return False
    lines = (json.dumps(after[key], ensure_ascii=False, sort_keys=True) for key in sorted(after))
    write_private(path, "".join(f"{line}\n" for line in lines).encode(), "tombstones")
    return True


def last_destroyed(stones: Iterable[Mapping[str, Any]]) -> str:
    """When something was last destroyed, ISO 8601; empty for never."""
    return max((stone.get("destroyed_at") or stone.get("forgotten_at") or "" for stone in stones), default="")
