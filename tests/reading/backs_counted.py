"""Counting what becomes of simulated backs: written ones called blank, blank ones left to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.reading.blank import read_blank
from generator.reading.page_image import PageImage
from tests.simulator.backs import Back


def is_blank(back: Back) -> bool:
    """What the reader says of a back."""
    return read_blank(PageImage(back.data, back.width, back.height, (back.dpi, back.dpi))).blank


def wrong(make: Callable[[int], Back], seeds: Iterable[int]) -> list[str]:
    """The backs judged otherwise than they are, in words."""
    found = []
    for seed in seeds:
        back = make(seed)
        if is_blank(back) == back.written:
            found.append(f"{seed}: {', '.join(back.about)}")
    return found
