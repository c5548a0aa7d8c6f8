"""Forms filled further and further: the answers around the places where their print takes a page more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from generator.paging.settle import Settled, settle
from generator.render import FormKit, PrintOptions, form_kit, sheet_text
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts

TEXTS = 2500
"""Characters up to which a text grows; over two pages of any form."""
STEP = 9
"""Characters by which it grows: less than half a line of a narrow cell."""
ROWS = 70
LONG = 30
"""Characters of an answer that is a text and not a word."""


class Growth(NamedTuple):
    """A field of a form that can be as long as one likes, and the answers with it at some length."""

    form_id: str
    field: str
    most: int
    step: int
    answers: Callable[[int], Mapping[str, Any]]

    def settled(self, size: int) -> Settled:
        """The settled print with the field at this size."""
        kit = form_kit(self.form_id)
        return settle(filled(kit, self.answers(size)), bundled_fonts(), kit.names)

    def boundaries(self, count: int = 2) -> list[int]:
        """The first ``count`` sizes at which the print needs a page more, found by halving."""
        pages = cache(lambda steps: len(self.settled(steps * self.step).layout.pages))
        found: list[int] = []
        low, high = 1, self.most // self.step
        for _ in range(count):
            least = pages(low)
            if pages(high) == least:
                break
            left, right = low, high
            # Ends: the distance is halved in each round.
            while right - left > 1:
                middle = (left + right) // 2
                left, right = (middle, right) if pages(middle) == least else (left, middle)
            found.append(right * self.step)
            low = right
        return found


def filled(kit: FormKit, answers: Mapping[str, Any]) -> Mapping[str, bytes]:
    """The parts of the docx as they are filled, before anything is settled."""
    return kit.template.fill_parts(kit.context.build(answers, sheet_text(kit.form, answers, PrintOptions())))


def full_example(form_id: str) -> dict[str, Any]:
    """The longest valid example of a form."""
    paths = (data_dir("schemas") / "examples" / form_id).glob("valid*.json")
    texts = [path.read_text(encoding="utf-8") for path in sorted(paths)]
    example: dict[str, Any] = json.loads(max(texts, key=len))
    return example


def growths(form_id: str) -> Iterator[Growth]:
    """Every long text and every list of rows of a form."""
    example = full_example(form_id)
    for name, value in example.items():
        if isinstance(value, str) and len(value) > LONG:
            yield Growth(form_id, name, TEXTS, STEP, lambda n, k=name, v=value: {**example, k: (v * 99)[:n]})
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield Growth(form_id, name, ROWS, 1, lambda n, k=name, v=value: {**example, k: (v * ROWS)[:n]})


def longest(form_id: str) -> list[Growth]:
    """The longest text of a form and its longest list."""
    every = sorted(growths(form_id), key=lambda g: len(str(full_example(form_id)[g.field])), reverse=True)
    texts = [growth for growth in every if growth.most == TEXTS]
    lists = [growth for growth in every if growth.most == ROWS]
    return texts[:1] + lists[:1]
