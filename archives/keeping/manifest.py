"""The manifest of a backup set: which files it has, how large, with which hashes.

A set is a folder ``sets/<time>/`` of a backup folder.  The manifest is written last, so a set without one
is unfinished.  It detects damage and loss; that nobody changed content on purpose is proved by ``backup
verify``, which opens everything under the station's own keys.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from archives.errors import BackupInvalid

NAME: Final = "manifest.json"
MARK: Final = "kangdang-backup.json"
"""Says of a folder that it holds backups, of which station and which kind."""
SETS: Final = "sets"
BLOBS: Final = "blobs"
BLOB_LIST: Final = "blobs.tsv"
FORMAT: Final = "kangdang-backup"
VERSION: Final = 1
Kind = Literal["data", "keys"]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a set."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a set says of itself.  Times are ISO 8601 with zone, ``until`` a date."""

    kind: Kind
    station: str
    made_at: str
    program: str
    until: str
    files: tuple[FileEntry, ...]
    blobs: int = 0
    blob_bytes: int = 0

    def to_json(self) -> bytes:
        """As it is written, with its own hash."""
        body = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps({**body, "sha256": _hash(body)}, ensure_ascii=False, indent=1).encode() + b"\n"

    @property
    def sha256(self) -> str:
        """The name by which the register knows this copy."""
        return hashlib.sha256(self.to_json()).hexdigest()


def _hash(body: dict[str, Any]) -> str:
    plain = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a set.  Raises BackupInvalid."""
    try:
        raw = (folder / NAME).read_bytes()
        told: dict[str, Any] = json.loads(raw)
        stated = told.pop("sha256")
        version = (told.pop("format"), told.pop("version"))
        if _hash({"format": version[0], "version": version[1], **told}) != stated:
            raise BackupInvalid(f"备份 {folder.name} 的清单与其校验值不符：被改动或损坏。")
        if version != (FORMAT, VERSION):
            raise BackupInvalid(f"备份 {folder.name} 由更新版本的康档制作。", hint="请安装新版康档。")
        files = tuple(FileEntry(**one) for one in told.pop("files"))
        manifest = Manifest(files=files, **told)
    except FileNotFoundError as error:
        raise BackupInvalid(f"备份 {folder.name} 没有清单，没有做完。") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupInvalid(f"备份 {folder.name} 的清单无法读取：被改动或损坏。") from error
    if manifest.to_json() != raw:
        raise BackupInvalid(f"备份 {folder.name} 的清单与其校验值不符：被改动或损坏。")
    return manifest


def newest_set(root: Path, kind: Kind) -> Path:
    """The newest whole set of a backup folder, or the set itself when one is given.  Raises BackupInvalid."""
    given = (root / NAME).is_file() and root.parent.name == SETS
    found = [root] if given else whole_sets(root)
    if not found:
        raise BackupInvalid(f"{root} 中没有做完的备份。", hint="请检查备份文件夹的位置。")
    if read_manifest(found[-1]).kind != kind:
        words = {"data": "数据备份", "keys": "密钥备份"}
        raise BackupInvalid(f"{root} 不是{words[kind]}。", hint="数据备份和密钥备份各在各的文件夹。")
    return found[-1]


def whole_sets(root: Path) -> list[Path]:
    """Every finished set of a backup folder, oldest first."""
    folder = root / SETS
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and (path / NAME).is_file()]
    return sorted(found, key=_place)


def _place(path: Path) -> tuple[str, int]:
    """Where a set stands: by the time in its name, then by the number behind it."""
    stem, _, number = path.name.partition("-")
    return stem, int(number) if number.isascii() and number.isdigit() else 1
