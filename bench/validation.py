"""Validation speed: ours against plain ``jsonschema`` on the same schema and the same answers, in one run."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from generator.forms.catalogue import load_form
from generator.resources import data_dir
from generator.validation.level_schema import level_schema
from generator.validation.validate import validate

NOW = datetime.fromisoformat("2026-01-05T09:00")
ROUNDS = 7
FORMS = ("record_e", "application_b", "plan_d")


def per_second(call: Callable[[], Any], seconds: float) -> float:
    """Median over the rounds of calls per second, each round about ``seconds`` long."""
    call()
    started = time.perf_counter()
    call()
    count = max(1, int(seconds / max(time.perf_counter() - started, 1e-6)))
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(count):
            call()
        rates.append(count / (time.perf_counter() - started))
    return statistics.median(rates)


def _all_errors(validator: Any, data: Any) -> list[Any]:
    return list(validator.iter_errors(data))


def measure() -> dict[str, Any]:
    """Valid answers at final, one core: validations per second of both, and their ratio."""
    import jsonschema  # type: ignore[import-untyped]

    result: dict[str, Any] = {}
    for form_id in FORMS:
        form = load_form(form_id)
        data = json.loads((data_dir("schemas") / "examples" / form_id / "valid-full.json").read_bytes())
        assert validate(form, data, "final", NOW).ok
        plain = jsonschema.Draft202012Validator(
            level_schema(form, "final"), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        ours = per_second(partial(validate, form, data, "final", NOW), 0.2)
        theirs = per_second(partial(_all_errors, plain, data), 0.2)
        result[form_id] = {
            "n": ROUNDS,
            "per_second": round(ours),
            "jsonschema_per_second": round(theirs),
            "ratio": round(ours / theirs, 1),
        }
    return result


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
