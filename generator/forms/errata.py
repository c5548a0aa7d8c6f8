"""What the printed originals have wrong and what stands for it: ``schemas/errata.json``."""

from __future__ import annotations

import json
from typing import NamedTuple

from generator.resources import data_dir


class Correction(NamedTuple):
    """One slip of an original; ``seed`` is the original's wording."""

    form: str
    place: str
    kind: str
    seed: str
    corrected: str
    reason: str


def corrections(form_id: str) -> list[Correction]:
    """The slips of one form, in the order of the original."""
    entries = json.loads((data_dir("schemas") / "errata.json").read_text(encoding="utf-8"))["entries"]
    return [Correction(**entry) for entry in entries if entry["form"] == form_id]
