"""How rooms to sign in are read, kind by kind: signatures, dirt, other ink, hands that miss their room."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from generator.identity.page_map import PageMap
from generator.reading.container import SourcePage
from generator.reading.report import read_fields, read_page
from tests.simulator import hands, pen, scanner
from tests.simulator.pen import Box
from tests.simulator.stack import FORMS, KEY, any_device, place, printed

SIGNED = ("signed", "finger")
KINDS = (
    "empty",
    "empty",
    "signed",
    "signed",
    "finger",
    "stain",
    "station seal",
    "neighbour's tail",
    "below",
    "right",
    "date stamp",
)


@dataclass
class Rooms:
    """(kind, ink, sure) → rooms."""

    rooms: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    mistakes: list[tuple[int, str, int]] = field(default_factory=list)
    doubtful: list[tuple[int, str, int]] = field(default_factory=list)

    def of(self, kind: str) -> tuple[int, int]:
        """Rooms of a kind, with and without streaks over the page; surely read wrong."""
        own = {key[1:]: n for key, n in self.rooms.items() if key[0].split(",")[0] == kind}
        return sum(own.values()), sum(n for (ink, sure), n in own.items() if sure and wrong_for(kind, ink))

    def summary(self) -> str:
        """One line a kind."""
        lines = []
        for kind in sorted({key[0] for key in self.rooms}):
            own = {key[1:]: n for key, n in self.rooms.items() if key[0] == kind}
            count = sum(own.values())
            wrong = sum(n for (ink, sure), n in own.items() if sure and wrong_for(kind, ink))
            person = sum(n for (_, sure), n in own.items() if not sure)
            lines.append(
                f"{kind:26} n {count:5} sure wrong {wrong:4} ({wrong / count:.2%}) "
                f"to a person {person:5} ({person / count:.1%})"
            )
        return "\n".join(lines)


def wrong_for(kind: str, ink: bool) -> bool:
    if kind.startswith(SIGNED):
        return not ink
    if kind in ("below", "right"):
        return not ink
    return ink


def count(seed: int, pages: int) -> Rooms:
    found, made = Rooms(), 0
    for turn in range(10_000):
        random = np.random.default_rng((seed, turn))
        form = FORMS[int(random.integers(len(FORMS)))]
        for page in printed(form, bool(random.random() < 0.5), random):
            rooms = [i for i, e in enumerate(page.entries) if e.kind == "signature"]
            if not rooms:
                continue
            sheet, truth = page.picture.copy(), {}
            ink = pen.any_pen(random)
            dirty = random.random() < 0.35
            for index in rooms:
                room = place(page.entries[index])
                kind = str(random.choice(KINDS))
                if (
                    kind in ("stain", "station seal", "date stamp", "below", "right", "neighbour's tail")
                    and len(rooms) > 1
                    and index != rooms[0]
                ):
                    kind = "empty"
                truth[index] = kind + (", streaks" if dirty else "")
                _draw(sheet, room, kind, random, ink)
            if any(
                k.split(",")[0]
                in ("stain", "station seal", "date stamp", "below", "right", "neighbour's tail")
                for k in truth.values()
            ):
                truth = {i: (k if i == rooms[0] else None) for i, k in truth.items()}
            if dirty:
                sheet = hands.streaks(sheet, random)
            made += 1
            random = np.random.default_rng((seed, turn, 7))
            scan = scanner.scan(sheet, any_device(random), random)
            source = SourcePage(1, scan.data, scan.media_type, scan.width, scan.height, scan.dpi, 0)
            report = read_page(source, [KEY], fields_follow=True)
            if report.outcome != "identified":
                continue
            fields = read_fields(report, PageMap(page.entries), expected=page.issued)
            if fields.registration is None:
                continue
            for index, reading in zip(rooms, fields.signatures, strict=True):
                if truth[index] is None:
                    continue
                kind = truth[index]
                found.rooms[kind, reading.ink, reading.sure] += 1
                if not reading.sure and kind.startswith(("empty", *SIGNED)):
                    found.doubtful.append((turn, kind, index))
                if reading.sure and wrong_for(kind.split(",")[0], reading.ink):
                    found.mistakes.append((turn, kind, index))
            if made >= pages:
                return found
    return found


def _draw(sheet: pen.Grey, room: Box, kind: str, random: pen.Random, ink: pen.Ink) -> None:
    if kind == "signed":
        pen.signature(sheet, room, random, ink)
    elif kind == "finger":
        pen.fingerprint(sheet, room, random)
    elif kind == "stain":
        hands.stain(
            sheet, (room.x + room.w / 2 + random.uniform(-35, 35), room.y + random.uniform(-30, 30)), random
        )
    elif kind == "station seal":
        pen.seal(sheet, (room.x + room.w * random.uniform(0, 1), room.y + random.uniform(-10, 16)), random)
    elif kind == "date stamp":
        pen.date_stamp(sheet, (room.x + random.uniform(-8, 12), room.y - random.uniform(0, 5)), random)
    elif kind == "neighbour's tail":
        y = room.y + room.h * random.uniform(0.2, 0.8)
        points = [
            (room.x - 12, y - 4),
            (room.x - 5, y + 2),
            (room.x - 1, y),
            (room.x + random.uniform(2, 6), y + 1),
        ]
        pen.stroke(sheet, pen.curve(points, random, 0.3), ink)
    elif kind == "below":
        pen.signature(sheet, Box(room.x, room.y + room.h + 0.5, min(room.w, 35), 8), random, ink)
    elif kind == "right":
        pen.signature(sheet, Box(room.x + room.w + 1.0, room.y, 25, min(room.h, 10)), random, ink)
