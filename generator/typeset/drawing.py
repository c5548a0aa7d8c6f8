"""The lines, fills, tick boxes and code squares of a page as one SVG.

Owns the shapes; :mod:`~generator.typeset.pdf` places the SVG on the page, where it becomes vector paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from generator.typeset.model import PageLayout, Rect

_TICK = ((0.18, 0.52), (0.42, 0.78), (0.86, 0.16))
"""Corners of a tick, as parts of the side of its box."""


def drawing(page: PageLayout, blocks: Sequence[Rect]) -> str:
    """Return what of ``page`` is neither text nor picture, and black ``blocks``; "" for nothing."""
    parts = [*_fills(page), *_rules(page), *_boxes(page)]
    if blocks:
        parts.append(f'<path d="{"".join(map(_rect, blocks))}"/>')
    if not parts:
        return ""
    size = f"{_n(page.width)} {_n(page.height)}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">{"".join(parts)}</svg>'


@lru_cache(maxsize=1 << 15)
def _n(value: float) -> str:
    """Return a length in points with two decimals at most."""
    return f"{round(value, 2):g}" if abs(value) < 1000 else f"{value:.2f}"


@lru_cache(maxsize=1 << 14)  # code squares stand on the same grid on every page
def _rect(rect: Rect) -> str:
    return f"M{_n(rect.x)} {_n(rect.y)}h{_n(rect.width)}v{_n(rect.height)}h{_n(-rect.width)}z"


def _fills(page: PageLayout) -> list[str]:
    return [f'<path fill="#{fill.color}" d="{_rect(fill.rect)}"/>' for fill in page.fills]


def _rules(page: PageLayout) -> list[str]:
    looks: dict[tuple[float, str | None], list[str]] = {}
    for rule in page.rules:
        path = f"M{_n(rule.x1)} {_n(rule.y1)}L{_n(rule.x2)} {_n(rule.y2)}"
        looks.setdefault((rule.width, rule.color), []).append(path)
    return [
        f'<path fill="none" stroke="#{color or "000"}" stroke-width="{_n(width)}" stroke-linecap="square" '
        f'd="{"".join(paths)}"/>'
        for (width, color), paths in looks.items()
    ]


def _boxes(page: PageLayout) -> list[str]:
    """Return the outlines of tick boxes (squares closed, ticks open) by the width of their strokes."""
    found: dict[float, list[str]] = {}
    for box in page.boxes:
        x, y, side = box.rect.x, box.rect.y, box.rect.width
        thin = side * 0.06
        inner = Rect(x + thin / 2, y + thin / 2, side - thin, side - thin)
        found.setdefault(round(thin, 2), []).append(_rect(inner))
        if box.ticked:
            corners = "L".join(f"{_n(x + a * side)} {_n(y + b * side)}" for a, b in _TICK)
            found.setdefault(round(side * 0.11, 2), []).append(f"M{corners}")
    return [
        f'<path fill="none" stroke="#000" stroke-width="{_n(width)}" d="{"".join(paths)}"/>'
        for width, paths in found.items()
    ]
