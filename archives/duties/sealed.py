"""Free words of a duty (basis of a loan, content of a request), encrypted under the file's note key.

They go with the file: when its note key is destroyed nobody reads them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from archives.archive import Unit, canonical_json
from archives.errors import StateForbids
from archives.keys.bindings import Bound
from archives.store.tables import files


def seal_words(unit: Unit, file_id: int, words: Mapping[str, Any], bound_to: Bound) -> bytes:
    """The words as bytes for the database.  Raises StateForbids when the file has no note key."""
    return unit.archive.encrypt(_key(unit, file_id), canonical_json(words).encode(), bound_to)


def read_words(unit: Unit, file_id: int, sealed: bytes | None, bound_to: Bound) -> dict[str, Any]:
    """The words; empty when there are none or the file's note key is destroyed.  Raises ItemUnreadable."""
    name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()
    if sealed is None or name is None:
        return {}
    told: dict[str, Any] = json.loads(unit.archive.decrypt(name, sealed, bound_to))
    return told


def _key(unit: Unit, file_id: int) -> bytes:
    name = unit.execute(select(files.c.note_key).where(files.c.id == file_id)).scalar()
    if name is None:
        raise StateForbids("该卷没有说明密钥，不能保存说明文字。")
    return unit.archive.keys.get(name)
