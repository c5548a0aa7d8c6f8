"""Writes the statements of a step that is not released yet: ``freeze_schema.py v0004``.

It says what today's tables and guards say and no other step does.  A released step is never frozen again:
what changes then needs a step of its own, and a new table where a column would do.
"""

# ruff: noqa: INP001, T201 - a program of its own that says what it wrote

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from archives.store.migrations.frozen import KINDS, file_name, frozen_statements, frozen_text
from archives.store.schema import METADATA

VERSIONS = Path(__file__).parents[1] / "archives/store/migrations/versions"


def others(step: str, kind: str) -> set[str]:
    """The statements of all other steps."""
    return {
        statement
        for path in VERSIONS.glob(f"v*_{kind}.sql")
        if path.name != file_name(step, kind)
        for statement in frozen_statements(path.read_text(encoding="utf-8"))
    }


if __name__ == "__main__":
    for kind in KINDS:
        target = VERSIONS / file_name(sys.argv[1], kind)
        target.write_text(frozen_text(METADATA, kind, others(sys.argv[1], kind)), encoding="utf-8")
        print(target)
