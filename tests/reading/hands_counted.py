"""How marks of every kind are read, kind by kind: pages of many forms, marked by hand, slipped, stained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from generator.identity.page_map import PageMap
from generator.reading.container import SourcePage
from generator.reading.report import read_fields, read_page
from tests.simulator import hands, pen, scanner
from tests.simulator.hands import AROUND, TAKEN_BACK, Draw
from tests.simulator.pen import Box, Grey
from tests.simulator.stack import FORMS, KEY, PrintedPage, any_device, place, printed

INSIDE: Mapping[str, Draw] = {
    "tick in the box": lambda sheet, box, label, random, ink: pen.tick(sheet, box, random, ink),
    "cross in the box": lambda sheet, box, label, random, ink: pen.cross(sheet, box, random, ink),
    "box hatched": lambda sheet, box, label, random, ink: pen.fill(sheet, box, random, ink),
}
KINDS: Mapping[str, Draw] = {**INSIDE, **AROUND, **TAKEN_BACK}
_GAP_MM, _LONGEST_MM = 1.5, 40.0
_EVERY = 4
"""One box in so many is marked: what one hand does must not hide another's."""


def label_of(page: PrintedPage, index: int) -> Box:
    """The printed words right of a box, by the white behind them."""
    box = place(page.entries[index])
    rights = [
        e.x_mm for e in page.entries if e.kind == "tick" and abs(e.y_mm - box.y) < 2 and e.x_mm > box.x + 1
    ]
    end = min([*rights, box.x + box.w + _LONGEST_MM, 195.0])
    left = box.x + box.w + 0.3
    rows = slice(round((box.y + 0.3) * pen.MM), round((box.y + box.h - 0.3) * pen.MM))
    dark = (page.picture[rows, round(left * pen.MM) : round(end * pen.MM)] < 128).any(axis=0)
    at = np.flatnonzero(dark)
    if not len(at):
        return Box(left, box.y, 3.0, box.h)
    gaps = np.flatnonzero(np.diff(at) > _GAP_MM * pen.MM)
    last = at[gaps[0]] if len(gaps) else at[-1]
    return Box(left, box.y, max(float(last) / pen.MM, 1.5), box.h)


@dataclass
class Counted:
    """(kind, read as, sure) → boxes."""

    boxes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    unread: int = 0
    pages: int = 0
    mistakes: list[tuple[int, str, int]] = field(default_factory=list)

    def of(self, kind: str) -> tuple[int, int, int]:
        """Boxes of a kind; surely read wrong; left to a person."""
        own = {key[1:]: count for key, count in self.boxes.items() if key[0] == kind}
        wrong = sum(n for (state, sure), n in own.items() if sure and not _right(kind, state))
        return sum(own.values()), wrong, sum(n for (_, sure), n in own.items() if not sure)

    def summary(self) -> str:
        kinds = sorted({key[0] for key in self.boxes})
        lines = [f"pages {self.pages}, not registered {self.unread}"]
        for kind in kinds:
            count, wrong, person = self.of(kind)
            lines.append(
                f"{kind:28} n {count:6} sure wrong {wrong:4} ({wrong / count:.2%}) "
                f"to a person {person:5} ({person / count:.1%})"
            )
        return "\n".join(lines)


def _right(kind: str, state: str) -> bool:
    if kind in TAKEN_BACK:
        return state != "marked"
    return state == ("empty" if kind in ("empty", "other ink") else "marked")


def marked_pages(
    seed: int, pages: int, *, slip_mm: float = 0.0, kinds: Mapping[str, Draw] = KINDS
) -> Iterator[tuple[int, PrintedPage, Grey, dict[int, str]]]:
    """Pages with one box in some marked by one of the kinds."""
    made = 0
    for turn in range(10_000):
        random = np.random.default_rng((seed, turn))
        form = FORMS[int(random.integers(len(FORMS)))]
        for page in printed(form, bool(random.random() < 0.4), random):
            boxes = [i for i, e in enumerate(page.entries) if e.kind == "tick"]
            if len(boxes) < 2:
                continue
            sheet, truth = page.picture.copy(), {}
            ink = pen.any_pen(random)
            first = int(random.integers(_EVERY))
            for at, index in enumerate(boxes):
                if index in page.ticked:
                    truth[index] = "printed"
                elif at % _EVERY == first:
                    kind = list(kinds)[int(random.integers(len(kinds)))]
                    kinds[kind](sheet, place(page.entries[index]), label_of(page, index), random, ink)
                    truth[index] = kind
                else:
                    truth[index] = "empty"
            if slip_mm:
                sheet = hands.slipped(sheet, float(random.uniform(0.3, slip_mm)), random)
            yield turn, page, sheet, truth
            made += 1
            if made >= pages:
                return


def count(seed: int, pages: int, **how: object) -> Counted:
    found = Counted()
    for turn, page, sheet, truth in marked_pages(seed, pages, **how):  # type: ignore[arg-type]
        random = np.random.default_rng((seed, turn, 7))
        made = scanner.scan(sheet, any_device(random), random)
        source = SourcePage(1, made.data, made.media_type, made.width, made.height, made.dpi, 0)
        report = read_page(source, [KEY], fields_follow=True)
        found.pages += 1
        if report.outcome != "identified":
            found.unread += 1
            continue
        fields = read_fields(report, PageMap(page.entries), expected=page.issued)
        if fields.registration is None:
            found.unread += 1
            continue
        ticks = iter(fields.ticks)
        for index, entry in enumerate(page.entries):
            if entry.kind != "tick":
                continue
            tick = next(ticks)
            kind = truth[index]
            found.boxes[kind, tick.state, tick.sure] += 1
            if tick.sure and not _right(kind, tick.state):
                found.mistakes.append((turn, kind, index))
    return found
