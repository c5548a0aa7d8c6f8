"""What reading got right on pages whose truth is known, with the confidence the numbers buy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from generator.identity.page_map import PageMap
from generator.reading.container import SourcePage
from generator.reading.report import FieldReport, PageReport, read_fields, read_page
from tests.simulator.stack import KEY, ScannedPage

TRUTH = {"empty": "empty", "grazed": "empty", "struck": "crossed out"}
"""What a box is, by what was drawn; everything else is marked."""


@dataclass
class Score:
    """Counts over a stack."""

    pages: int = 0
    codes: Counter[tuple[int, str]] = field(default_factory=Counter)
    """(undamaged codes on the page, outcome)."""
    wrong_ids: int = 0
    unregistered: Counter[str] = field(default_factory=Counter)
    boxes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    """(truth, read as, sure)."""
    rooms: Counter[tuple[bool, bool, bool]] = field(default_factory=Counter)
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    """Seed of the page and what went wrong."""

    def add(self, page: ScannedPage) -> None:
        """Read one page and compare."""
        report, fields = read_whole(page)
        self.pages += 1
        self.codes[len(page.whole_codes), report.outcome] += 1
        reading = report.reading
        if reading is not None and any(seen.text != page.print.code for seen in reading.codes):
            self.wrong_ids += 1
            self.mistakes.append((page.seed, "wrong id"))
        if page.whole_codes and report.outcome != "identified":
            self.mistakes.append((page.seed, f"not identified: {report.reason}"))
        if fields is None:
            return
        if fields.registration is None:
            self.unregistered[str(fields.reason)] += 1
            return
        self._compare(page, fields)

    def _compare(self, page: ScannedPage, fields: FieldReport) -> None:
        for (index, mark), tick in zip(page.marks.items(), fields.ticks, strict=True):
            truth = TRUTH.get(mark, "marked")
            self.boxes[truth, tick.state, tick.sure] += 1
            if tick.sure and truth != tick.state:
                self.mistakes.append((page.seed, f"box {index}: {mark} read as {tick.state}"))
        for (index, how), room in zip(page.signed.items(), fields.signatures, strict=True):
            self.rooms[bool(how), room.ink, room.sure] += 1
            if room.sure and bool(how) != room.ink:
                self.mistakes.append((page.seed, f"room {index}: {how or 'empty'} read as ink={room.ink}"))

    @property
    def readable(self) -> tuple[int, int]:
        """Pages with an undamaged code, and how many of them were not identified."""
        some = {key: count for key, count in self.codes.items() if key[0]}
        return sum(some.values()), sum(count for key, count in some.items() if key[1] != "identified")

    @property
    def marked(self) -> tuple[int, int, int]:
        """Marked boxes; surely read as anything else; left to a person."""
        return self._boxes("marked", "empty", "crossed out")

    @property
    def empty(self) -> tuple[int, int, int]:
        """Empty boxes; surely read as anything else; left to a person."""
        return self._boxes("empty", "marked", "crossed out")

    @property
    def struck(self) -> tuple[int, int, int]:
        """Boxes crossed out; surely read as anything else; left to a person."""
        return self._boxes("crossed out", "empty", "marked")

    def _boxes(self, truth: str, *wrong: str) -> tuple[int, int, int]:
        own = {key: count for key, count in self.boxes.items() if key[0] == truth}
        return (
            sum(own.values()),
            sum(count for (_, state, sure), count in own.items() if sure and state in wrong),
            sum(count for (_, _, sure), count in own.items() if not sure),
        )

    def signatures(self, *, ink: bool) -> tuple[int, int, int]:
        """Rooms with (without) ink; surely read wrong; left to a person."""
        own = {key: count for key, count in self.rooms.items() if key[0] is ink}
        return (
            sum(own.values()),
            sum(count for (_, read, sure), count in own.items() if sure and read is not ink),
            sum(count for (_, _, sure), count in own.items() if not sure),
        )

    def summary(self) -> str:
        """Every number with its n and the one-sided 95 % bound on the rate."""
        lines = [f"pages {self.pages}, wrong ids {_rate(self.pages, self.wrong_ids)}"]
        lines.append(f"undamaged code but not identified: {_rate(*self.readable)}; {dict(self.codes)}")
        lines.append(f"identified but not registered: {dict(self.unregistered)}")
        for name, (count, wrong, unsure) in (
            ("marked boxes read otherwise", self.marked),
            ("empty boxes read otherwise", self.empty),
            ("crossed-out boxes read otherwise", self.struck),
            ("signed rooms read as empty", self.signatures(ink=True)),
            ("empty rooms read as signed", self.signatures(ink=False)),
        ):
            lines.append(f"{name}: {_rate(count, wrong)}; left to a person: {_rate(count, unsure)}")
        lines += [f"  seed {seed}: {what}" for seed, what in self.mistakes[:60]]
        return "\n".join(lines)


def read_whole(page: ScannedPage) -> tuple[PageReport, FieldReport | None]:
    """Both steps of reading, with the page map and, where that is not enough, the print as issued."""
    scan = page.scan
    source = SourcePage(1, scan.data, scan.media_type, scan.width, scan.height, scan.dpi, 0)
    report = read_page(source, [KEY], fields_follow=True)
    if report.outcome != "identified":
        return report, None
    page_map = PageMap(page.print.entries)
    fields = read_fields(report, page_map)
    if fields.registration is None:
        height, width = page.print.picture.shape
        issued = cv2.resize(page.print.picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        fields = read_fields(report, page_map, expected=np.asarray(issued, np.uint8))
    return report, fields


def score(pages: Iterable[ScannedPage]) -> Score:
    """Read a stack."""
    total = Score()
    for page in pages:
        total.add(page)
    return total


def upper_bound(count: int, failures: int, confidence: float = 0.95) -> float:
    """The exact one-sided bound on a rate (Clopper–Pearson): what ``failures`` of ``count`` still allow."""
    if count == 0 or failures >= count:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(failures, count, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(failures: int, count: int, rate: float) -> float:
    """Chance of at most ``failures`` at this rate."""
    total = 0.0
    for k in range(failures + 1):
        choose = math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        total += (
            math.exp(choose + k * math.log(rate) + (count - k) * math.log1p(-rate)) if 0 < rate < 1 else 0.0
        )
    return total


def _rate(count: int, failures: int) -> str:
    share = failures / count if count else 0.0
    return f"{failures} of {count} ({share:.3%}, at most {upper_bound(count, failures):.3%} at 95 %)"
