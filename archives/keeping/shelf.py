"""The backups of a folder: which there are, and letting go of those whose time has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archives.clock.reference import Reference
from archives.errors import BackupInvalid
from archives.keeping.backup import drop_set, read_blob_list
from archives.keeping.manifest import BLOB_LIST, BLOBS, Manifest, read_manifest, whole_sets
from archives.keys.durable import told
from archives.settings import Layout
from archives.store.blobs import FolderBlobs
from archives.store.gate import Gate


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A set; ``manifest`` is None when it cannot be read."""

    folder: Path
    manifest: Manifest | None


def sets_of(root: Path) -> list[OnShelf]:
    """Every set of a backup folder, oldest first."""
    told = []
    for folder in whole_sets(root):
        try:
            told.append(OnShelf(folder, read_manifest(folder)))
        except BackupInvalid:
            told.append(OnShelf(folder, None))
    return told


def expired(root: Path, reference: Reference) -> list[Path]:
    """Sets of data whose time has passed; never the newest that can be read."""
    readable = [(one.folder, one.manifest) for one in sets_of(root) if one.manifest is not None]
    return [
        folder for folder, manifest in readable[:-1] if date.fromisoformat(manifest.until) < reference.day
    ]


def expire(layout: Layout, root: Path, reference: Reference) -> list[Path]:
    """Destroy the data sets whose time has passed and the documents only they had; returns them.

    The newest readable set always stays.  Raises StoreUnusable, BackupInvalid.
    """
    with Gate(root / "backup.lock", patience=1.0).hold():
        old = expired(root, reference)
        for folder in old:
            drop_set(layout, folder)
        if old:
            _drop_blobs(root)
    return old


def _drop_blobs(root: Path) -> None:
    kept: set[bytes] = set()  # 16 bytes a document
    for folder in whole_sets(root):
        if read_manifest(folder).kind == "data":
            kept |= {bytes.fromhex(entry.name) for entry in read_blob_list(folder / BLOB_LIST)}
    blobs = FolderBlobs(root / BLOBS, bytes)
    with told(root):
        for name in blobs.names():
            if bytes.fromhex(name) not in kept:
                blobs.remove(name)
