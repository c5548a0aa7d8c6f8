"""Disks for the tests of backups, which all lie on one: every folder asked about is a disk of its own."""

from __future__ import annotations

from pathlib import Path

from archives.keeping.medium import Media
from tests.archives.making import seeded


def each_its_own(folder: Path) -> str:
    """The disk of a folder, as if it were one."""
    return str(folder.resolve())


def media(*, new: bool = False) -> Media:
    """Media on disks of their own, with drawn marks."""
    return Media(each_its_own, seeded(77), new)


def there(folder: Path) -> Path:
    """A folder somebody made on a medium."""
    folder.mkdir(exist_ok=True)
    return folder
