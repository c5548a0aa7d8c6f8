"""Stacks of scanned pages with the truth about each: our own prints, signed, worn and scanned by seed.

form + answers ─ lay_out, to_pdf ─► print ─ pen ─► signed sheet ─ wear ─► worn sheet ─ scan ─► ScannedPage
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np

from generator.identity.page_map import PageMapEntry, build_page_map
from generator.identity.placement import overlay
from generator.identity.print_id import new_print_id
from generator.reading.report import PrintedPages
from generator.render import PrintIdentity, PrintOptions, form_kit, lay_out, page_codes
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.typeset.model import Layout
from generator.typeset.pdf import to_pdf
from tests.simulator import pen, scanner
from tests.simulator.codes import page_pictures
from tests.simulator.pen import Box, Grey, Random
from tests.simulator.scanner import Corner

FORMS = (
    "consent_a",
    "application_b",
    "preassess_c",
    "plan_d",
    "record_e",
    "evaluation_f",
    "closure_g",
    "needs_survey",
    "admission_application",
    "admission_assessment",
    "risk_assessment",
    "referral",
    "basic_registration",
    "service_agreement",
    "psychosocial_assessment",
    "attachment_list",
    "privacy_consent",
    "rehab_plan",
    "medication_record",
    "stage_assessment",
    "attendance_sheet",
    "visit_record",
    "info_exchange",
    "incident_record",
    "employment_agreement",
    "discharge_application",
    "followup_visit",
)
"""The seven forms of the standard and those with most boxes; a form added later changes no stack."""
KEY = b"the page key of one station"
ISSUED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Mark = Literal["empty", "grazed", "printed", "tick", "cross", "fill", "struck"]
_MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page as the printer gives it."""

    picture: Grey = field(repr=False)
    code: str
    entries: tuple[PageMapEntry, ...]
    ticked: frozenset[int]
    """Indexes of the entries whose box is printed ticked."""
    form_id: str
    filled: bool = False

    @property
    def issued(self) -> Grey:
        """The page as it was issued, at 150 dpi."""
        return as_issued(self.form_id, self.filled, self.entries[0].page)


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a stack and what is true of it."""

    seed: int
    scan: scanner.Scan = field(repr=False)
    device: scanner.Device
    print: PrintedPage
    marks: Mapping[int, Mark]
    """By index of the entry, for boxes."""
    signed: Mapping[int, str]
    """By index of the entry, for rooms to sign in: how it is signed, or "" when it is not."""
    whole_codes: frozenset[Corner]
    """Codes nothing was done to."""
    wear: tuple[str, ...]


@cache
def fonts() -> FontSet:
    """The bundled fonts."""
    return bundled_fonts()


@cache
def _answers(form_id: str) -> Mapping[str, Any]:
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _layout(form_id: str, filled: bool) -> Layout:
    identity = PrintIdentity("0000000000", ISSUED, KEY)
    return lay_out(form_kit(form_id), _answers(form_id) if filled else {}, PrintOptions(), identity, fonts())


def printed(form_id: str, filled: bool, random: Random) -> list[PrintedPage]:
    """A copy of its own of one form: every page with its codes, at 300 dpi."""
    layout = _layout(form_id, filled)
    identity = PrintIdentity(new_print_id(random.bytes), ISSUED, KEY)
    codes = page_codes(identity, len(layout.pages))
    overlays = [
        overlay(code, (page.width, page.height)) for code, page in zip(codes, layout.pages, strict=True)
    ]
    pdf = to_pdf(layout, overlays, title="样例", timestamp=ISSUED, fonts=fonts())
    entries = build_page_map(layout, form_kit(form_id).fields).entries
    pages = []
    for number, picture in enumerate(page_pictures(pdf, pen.DPI), start=1):
        own = tuple(entry for entry in entries if entry.page == number)
        pages.append(
            PrintedPage(picture.copy(), codes[number - 1], own, _ticked(layout, number, own), form_id, filled)
        )
    return pages


@lru_cache(maxsize=64)
def as_issued(form_id: str, filled: bool, page: int) -> Grey:
    """A page of a print as a reader of its scans draws it, without codes."""
    layout = _layout(form_id, filled)
    pages = PrintedPages(to_pdf(layout, [], title="样例", timestamp=ISSUED, fonts=fonts()))
    try:
        return pages.page(page)
    finally:
        pages.close()


def _ticked(layout: Layout, number: int, entries: tuple[PageMapEntry, ...]) -> frozenset[int]:
    places = [
        (box.rect.x * _MM_PER_POINT, box.rect.y * _MM_PER_POINT)
        for box in layout.pages[number - 1].boxes
        if box.ticked
    ]
    return frozenset(
        index
        for index, entry in enumerate(entries)
        if entry.kind == "tick" and any(abs(entry.x_mm - x) + abs(entry.y_mm - y) < 0.5 for x, y in places)
    )


def place(entry: PageMapEntry) -> Box:
    """Where an entry lies."""
    return Box(entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm)


def sign(page: PrintedPage, random: Random) -> tuple[Grey, dict[int, Mark], dict[int, str]]:
    """Fill a printed page by hand: boxes, signatures, seals."""
    sheet = page.picture.copy()
    ink = pen.any_pen(random)
    marks = {
        index: _mark(
            sheet,
            place(entry),
            random,
            ink,
            printed_tick=index in page.ticked,
            room=_room_right(place(entry), page),
        )
        for index, entry in enumerate(page.entries)
        if entry.kind == "tick"
    }
    rooms = {index: place(entry) for index, entry in enumerate(page.entries) if entry.kind == "signature"}
    signed = {
        index: _signed(sheet, room, random, ink, alone=_alone(room, rooms.values()))
        for index, room in rooms.items()
    }
    return sheet, marks, signed


def _alone(room: Box, rooms: Iterable[Box]) -> bool:
    """Whether a stamp fits here without reaching into another room (which would then hold ink, truly)."""
    middle = (room.x + room.w / 2, room.y + room.h / 2)
    return all(
        other == room
        or abs(other.x + other.w / 2 - middle[0]) > 30 + other.w / 2
        or abs(other.y + other.h / 2 - middle[1]) > 30 + other.h / 2
        for other in rooms
    )


def _room_right(box: Box, page: PrintedPage) -> float:
    """Millimetres to the next box of the line, less one."""
    rights = [e.x_mm - box.x - box.w for e in page.entries if e.kind == "tick" and abs(e.y_mm - box.y) < 3]
    return min((gap - 1 for gap in rights if gap > 0), default=10.0)


def _mark(sheet: Grey, box: Box, random: Random, ink: pen.Ink, *, printed_tick: bool, room: float) -> Mark:
    draw = random.random()
    if printed_tick:
        if draw < 0.03:
            pen.strike_out(sheet, box, random, ink, room)
            return "struck"
        return "printed"
    if draw < 0.28:
        kind, how = [("tick", pen.tick), ("cross", pen.cross), ("fill", pen.fill)][
            int(random.choice(3, p=[0.6, 0.25, 0.15]))
        ]
        how(sheet, box, random, ink)
        if random.random() < 0.03:
            pen.strike_out(sheet, box, random, ink, room)
            return "struck"
        return kind  # type: ignore[return-value]
    if draw < 0.30:
        pen.graze(sheet, box, random, ink)
        return "grazed"
    return "empty"


def _signed(sheet: Grey, room: Box, random: Random, ink: pen.Ink, *, alone: bool) -> str:
    kind = str(random.choice(["", "pen", "seal", "finger"], p=[0.45, 0.35, 0.1, 0.1]))
    if kind in ("seal", "finger") and not alone:
        kind = "pen"
    if kind == "pen":
        pen.signature(sheet, room, random, ink)
    elif kind == "seal":
        centre = (room.x + room.w * random.uniform(0.3, 0.7), room.y + room.h * random.uniform(0.2, 0.8))
        pen.seal(sheet, centre, random, radius_mm=float(random.choice([15.0, 20.0])))
    elif kind == "finger":
        pen.fingerprint(sheet, room, random)
    return kind


def any_device(random: Random) -> scanner.Device:
    """An office's devices: mostly a 300-dpi grey copier, sometimes worse."""
    mode = str(random.choice(["grey", "colour", "bw", "fax"], p=[0.62, 0.18, 0.13, 0.07]))
    dpi = (
        200 if mode == "fax" else int(random.choice([150, 200, 300, 400, 600], p=[0.1, 0.2, 0.6, 0.06, 0.04]))
    )
    if mode == "bw":
        dpi = max(dpi, 200)
    much = random.random() < 0.15
    lid = int(random.choice([250, 20], p=[0.7, 0.3]))
    return scanner.Device(
        mode=mode,  # type: ignore[arg-type]
        dpi=dpi,
        scale=float(random.uniform(0.9, 1.05) if random.random() < 0.3 else random.uniform(0.96, 1.0)),
        stretch=float(random.uniform(0.996, 1.004)),
        skew=float(random.uniform(-10, 10) if much else random.normal(0, 1.2)),
        turn=int(random.choice(4, p=[0.7, 0.05, 0.2, 0.05])),
        shift=(float(random.normal(0, 2)), float(random.normal(0, 2))),
        blur_mm=float(random.uniform(0.03, 0.1)),
        black=int(random.integers(15, 90)),
        white=int(random.integers(215, 256)),
        noise=float(random.uniform(1, 10)),
        margin=float(random.uniform(8, 25)) if much and random.random() < 0.7 else 0.0,
        lid=lid,
        edge=float(random.uniform(0.5, 4)) if lid < 120 else 0.0,
        edges=tuple(int(side) for side in random.choice(4, 2, replace=False)),
        shadow=bool(random.random() < 0.1),
        quality=int(random.integers(35, 90)),
    )


def worn(
    sheet: Grey, random: Random, back: Grey | None, lid: int
) -> tuple[Grey, frozenset[Corner], tuple[str, ...]]:
    """What happens to a sheet between signing and scanning; at most one code is lost."""
    whole: set[Corner] = {"upper right", "lower left"}
    wear = []
    if back is not None and random.random() < 0.15:
        sheet = scanner.seen_through(sheet, back, float(random.uniform(0.04, 0.14)))
        wear.append("seen through")
    high, wide = sheet.shape[0] / pen.MM, sheet.shape[1] / pen.MM
    at: dict[Corner, pen.Point] = {"upper right": (wide - 28, 16), "lower left": (35, high - 16)}
    corner: Corner = ("upper right", "lower left")[int(random.integers(2))]
    draw = random.random()
    if draw < 0.06:
        scanner.torn(sheet, corner, random)
        whole.discard(corner)
        wear.append(f"torn {corner}")
    elif draw < 0.2:
        x, y = at[corner]
        centre = (x + random.normal(0, 9), y + random.normal(0, 9))
        (pen.seal if random.random() < 0.5 else pen.date_stamp)(sheet, centre, random)
        whole.discard(corner)
        wear.append(f"stamp {corner}")
    if random.random() < 0.2:
        scanner.punched(sheet, random, lid)
        wear.append("punched")
    return sheet, frozenset(whole), tuple(wear)


def scanned(
    page: PrintedPage,
    seed: int,
    *,
    back: Grey | None = None,
    device: scanner.Device | None = None,
    sheet_seed: int | None = None,
) -> ScannedPage:
    """One printed page signed, worn and scanned; equal seeds give equal bytes.

    ``sheet_seed`` is of what happens to the sheet: the same sheet may then be scanned by several devices.
    """
    random = np.random.default_rng(seed)
    by_hand = random if sheet_seed is None else np.random.default_rng(sheet_seed)
    sheet, marks, signed = sign(page, by_hand)
    device = device or any_device(random)
    sheet, whole, wear = worn(sheet, by_hand, back, device.lid)
    whole -= _beside_the_glass(device)
    return ScannedPage(seed, scanner.scan(sheet, device, random), device, page, marks, signed, whole, wear)


def _beside_the_glass(device: scanner.Device) -> frozenset[Corner]:
    """Codes that lie, with two modules of white around them, outside the picture or in its dark edge."""
    squares: dict[Corner, Box] = {
        "upper right": Box(172.7, 6.7, 18.6, 18.6),
        "lower left": Box(26.9, 272.9, 16.2, 16.2),
    }
    matrix = scanner.glass_matrix(device, (25.4, 25.4))
    wide, high = scanner.glass_size(device)
    top, bottom, left, right = (device.edge if side in device.edges else 0.0 for side in range(4))
    lost = set()
    for corner, box in squares.items():
        for x, y in (
            (box.x, box.y),
            (box.x + box.w, box.y),
            (box.x, box.y + box.h),
            (box.x + box.w, box.y + box.h),
        ):
            u, v = matrix @ (x, y, 1.0)
            seen = (v >= top, v <= high - bottom, u >= left, u <= wide - right)
            if not all(seen):
                lost.add(corner)
    return frozenset(lost)


def stack(seed: int, count: int) -> Iterator[ScannedPage]:
    """``count`` pages of all forms, filled and blank, each document with an id of its own."""
    random = np.random.default_rng(seed)
    made, before = 0, None
    while made < count:
        form_id = str(random.choice(FORMS))
        for page in printed(form_id, bool(random.random() < 0.5), random):
            if made < count:
                yield scanned(page, seed * 1_000_000 + made, back=before)
                made += 1
            before = page.picture
