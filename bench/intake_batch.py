"""Intake packets for many people: one and two workers for forty, two workers for a thousand."""

from __future__ import annotations

import json
from typing import Any

from bench.batch import PEOPLE, run_once

MANY = 1_000
NAME = "intake"


def measure(people: int = PEOPLE, many: int = MANY) -> dict[str, Any]:
    """Packets a second and the memory they take."""
    one, two = run_once(NAME, people, 1), run_once(NAME, people, 2)
    return {
        "people": people,
        "one_worker": one,
        "two_workers": two,
        "speedup": round(one["seconds"] / two["seconds"], 2),
        "many": {"people": many, **run_once(NAME, many, 2)},
    }


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
