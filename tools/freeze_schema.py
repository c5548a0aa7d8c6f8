"""Writes the statements of a step that is not released yet from today's tables: ``freeze_schema.py v0001``.

A released step is never frozen again: a changed table then needs a step of its own.
"""

# ruff: noqa: INP001, T201 - a program of its own that says what it wrote

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from archives.store.migrations.frozen import KINDS, file_name, frozen_text
from archives.store.schema import METADATA

if __name__ == "__main__":
    for kind in KINDS:
        target = (
            Path(__file__).parents[1] / "archives/store/migrations/versions" / file_name(sys.argv[1], kind)
        )
        target.write_text(frozen_text(METADATA, kind), encoding="utf-8")
        print(target)
