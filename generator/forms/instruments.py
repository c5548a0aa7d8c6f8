"""Rating scales as data: ``schemas/instruments/<id>.json``, their totals, verdicts and comparisons.

Owns scoring.  The items of a scale are fields of the forms that use it; a form names the functions of the
closed table, which come here.  Totals of two scales, or of two versions of one, are never compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from generator.errors import FormDefinitionInvalid
from generator.resources import data_dir

NOT_APPLICABLE = 9
"""The answer 不适合: an item answered so is answered, but not added."""


class Item(NamedTuple):
    """One question: the field that holds its score, its words, the dimension it belongs to."""

    id: str
    text: str
    dimension: str = ""


class Verdict(NamedTuple):
    """What a result means: it holds when one of ``thresholds`` is reached."""

    label: str
    thresholds: tuple[Mapping[str, int], ...]


class Instrument(NamedTuple):
    """One version of a scale.  ``anchors`` maps scores to their words; no items: only totals are recorded."""

    id: str
    version: int
    name: str
    option: str
    """Its printed name, with the version: what a form offers to choose."""
    period: str
    anchors: Mapping[int, str]
    items: tuple[Item, ...]
    lowest: int | None
    highest: int | None
    """Bounds of the total; None where they are not settled."""
    better: Literal["high", "low", "unknown"]
    verdicts: tuple[Verdict, ...]
    source: tuple[str, ...]
    licence: str
    status: str

    def verdict(self, scores: Sequence[int]) -> str | None:
        """The first verdict whose threshold is reached; None while an item is unanswered."""
        result = total(scores, len(self.items))
        if result is None:
            return None
        counted = [score for score in scores if score != NOT_APPLICABLE]
        reached = (
            verdict.label
            for verdict in self.verdicts
            if any(_reached(threshold, result, counted) for threshold in verdict.thresholds)
        )
        return next(reached, None)


class Score(NamedTuple):
    """A total with the scale and version it was taken by, and the day (ISO)."""

    instrument: str
    version: int
    day: str
    total: int


def total(scores: Sequence[Any], expected: int) -> int | None:
    """The sum of ``expected`` item scores, 9 (不适合) left out; None while an item is unanswered."""
    given = [score for score in scores if isinstance(score, int) and not isinstance(score, bool)]
    if len(given) != expected:
        return None
    counted = [score for score in given if score != NOT_APPLICABLE]
    return sum(counted) if counted else None


def change(earlier: Score, later: Score) -> int | None:
    """How much the total rose; None when the two were not taken by the same version of the same scale."""
    if (earlier.instrument, earlier.version) != (later.instrument, later.version):
        return None
    return later.total - earlier.total


def trends(scores: Iterable[Score]) -> Mapping[tuple[str, int], tuple[Score, ...]]:
    """Scores in order of their days, one series for each version of each scale: nothing to mix."""
    found: dict[tuple[str, int], list[Score]] = {}
    for score in sorted(scores, key=lambda each: each.day):
        found.setdefault((score.instrument, score.version), []).append(score)
    return MappingProxyType({key: tuple(series) for key, series in found.items()})


def _reached(threshold: Mapping[str, int], result: int, scores: Sequence[int]) -> bool:
    if "total_min" in threshold:
        return result >= threshold["total_min"]
    return sum(score >= threshold["items_at_least"] for score in scores) >= threshold["count"]


@cache
def load_instrument(instrument_id: str) -> Instrument:
    """A shipped scale; raises FormDefinitionInvalid when its file is missing or malformed."""
    path = data_dir("schemas") / "instruments" / f"{instrument_id}.json"
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise FormDefinitionInvalid(f"量表定义 {path.name} 缺失或写法不对。") from problem


def instrument_ids() -> tuple[str, ...]:
    """The ids of the shipped scales."""
    return tuple(sorted(path.stem for path in (data_dir("schemas") / "instruments").glob("*.json")))


def _read(raw: Mapping[str, Any]) -> Instrument:
    bounds = raw["range"] or {}
    return Instrument(
        id=raw["id"],
        version=raw["version"],
        name=raw["name"],
        option=raw["option"],
        period=raw["period"],
        anchors=MappingProxyType({anchor["value"]: anchor["text"] for anchor in raw["anchors"]}),
        items=tuple(Item(**item) for item in raw["items"]),
        lowest=bounds.get("min"),
        highest=bounds.get("max"),
        better=raw["better"],
        verdicts=tuple(Verdict(each["label"], tuple(each["any"])) for each in raw["verdicts"]),
        source=tuple(raw["source"]),
        licence=raw["licence"],
        status=raw["status"],
    )
