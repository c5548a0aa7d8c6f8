"""A copier made of arithmetic: printed papers go in, one PDF of scanned pages comes out.

    prints ─ 300 dpi ─► signed and ticked ─► shuffled, turned, with backs ─► crooked, grey, JPEG ─► PDF

What comes out is what an office gets back: pages in any order, some upside down, one forgotten on the desk.
Its measures are its own and the same seed gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from desk.sample.hand import DOTS, DPI, Ink, Place, Random, cross_out, sign, tick
from generator.identity.page_map import PageMap, PageMapEntry

if TYPE_CHECKING:
    from desk.sample.hand import Grey

_MOST_CROOKED = 0.8
"""Degrees a sheet may lie crooked on the glass."""
_TONER, _WHITE = 38, 246
_SEEN_THROUGH = 0.03
_GRAIN = 3.0
_GRAIN_FIELD = (1200, 1700)
"""Drawing noise anew for every sheet would take most of the time: each is shown another part of one field."""
_QUALITY = 62


class Box(NamedTuple):
    """A tick box of a print by what it stands for, as the page map names it."""

    pointer: str
    option: str | None
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed paper and what people did with it before it was scanned."""

    pdf: bytes = field(repr=False)
    page_map: PageMap = field(default=PageMap(), repr=False)
    sign: bool | frozenset[str] = False
    """All rooms to sign in, or those of these pointers."""
    tick: tuple[Box, ...] = ()
    cross_out: tuple[Box, ...] = ()
    missing: frozenset[int] = frozenset()
    """Pages (from 1) that nobody put on the copier."""
    behind: bool = False
    """It lies right behind the paper before it, in order: an attachment behind its separator sheet."""


@dataclass(frozen=True, slots=True)
class Copier:
    """What the stack goes through, in sheets of each kind."""

    upside_down: int = 3
    blank_backs: int = 2


@dataclass(frozen=True, slots=True)
class Face:
    """One scanned side: page ``page`` of paper number ``paper`` (from 0), or the empty back of that page."""

    paper: int
    page: int
    back: bool = False
    turned: bool = False
    degrees: float = 0.0


@dataclass(frozen=True, slots=True)
class Stack:
    """One scanned file and what it is made of, side by side in its order."""

    content: bytes = field(repr=False)
    faces: tuple[Face, ...]


def copied(papers: Sequence[Paper], seed: int, copier: Copier = Copier()) -> Stack:
    """Sign, shuffle and scan the papers, one sheet at a time.

    Raises ValueError for a box that no page of its paper has.
    """
    random = np.random.default_rng(seed)
    for paper in papers:
        for box in (*paper.tick, *paper.cross_out):
            if not any(_is(entry, box) for entry in paper.page_map.entries):
                raise ValueError("the print has no such box")
    faces = _stacked(papers, copier, random)
    grain = random.standard_normal(_GRAIN_FIELD, dtype=np.float32) * _GRAIN
    pictures = (
        _scanned(_by_hand(papers[face.paper], face.page, (seed, face.paper, face.page)), face, grain, random)
        for face in faces
    )
    return Stack(_pdf(pictures), tuple(faces))


# --- at the table -----------------------------------------------------------------------------------------


def _by_hand(paper: Paper, page: int, seed: Sequence[int]) -> Grey:
    """One page as it lies on the copier; its own seed draws the same hand for its front and its back."""
    random = np.random.default_rng(seed)
    with _opened(paper) as document:
        drawn = document[page - 1].render(scale=DPI / 72, grayscale=True).to_numpy()
        sheet = np.array(drawn, np.uint8).squeeze()
    for entry in paper.page_map.entries:
        if entry.page == page:
            _write(sheet, entry, paper, random)
    return sheet


@contextmanager
def _opened(paper: Paper) -> Iterator[Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(paper.pdf)
    try:
        yield document
    finally:
        document.close()


def _write(sheet: Grey, entry: PageMapEntry, paper: Paper, random: Random) -> None:
    place = Place(entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm)
    ink = Ink()
    if entry.kind == "signature" and (paper.sign is True or (paper.sign and entry.pointer in paper.sign)):
        sign(sheet, place, ink, random)
    if entry.kind == "tick" and any(_is(entry, box) for box in paper.tick):
        tick(sheet, place, ink, random)
    if entry.kind == "tick" and any(_is(entry, box) for box in paper.cross_out):
        cross_out(sheet, place, ink, random)


def _is(entry: PageMapEntry, box: Box) -> bool:
    return (entry.kind, entry.pointer, entry.option, entry.occurrence) == ("tick", *box)


# --- the stack --------------------------------------------------------------------------------------------


def _stacked(papers: Sequence[Paper], copier: Copier, random: Random) -> list[Face]:
    """Which side comes when: the sheets shuffled, some turned, some with their empty backs."""
    piles: list[list[Face]] = []
    for number, page in _pages(papers):
        face = Face(number, page, degrees=float(random.uniform(-_MOST_CROOKED, _MOST_CROOKED)))
        if papers[number].behind and piles:
            piles[-1].append(face)
        else:
            piles.append([face])
    order = random.permutation(len(piles)).tolist()
    turned = _some(copier.upside_down, len(piles), random)
    backs = _some(copier.blank_backs, len(piles), random)
    return [side for at in order for side in _sides(piles[at], turned=at in turned, back=at in backs)]


def _pages(papers: Sequence[Paper]) -> Iterator[tuple[int, int]]:
    """Paper (from 0) and page (from 1) of every sheet somebody put on the copier."""
    for number, paper in enumerate(papers):
        with _opened(paper) as document:
            count = len(document)
        yield from ((number, page) for page in range(1, count + 1) if page not in paper.missing)


def _some(count: int, of: int, random: Random) -> Collection[int]:
    chosen: list[int] = random.choice(of, min(count, of), replace=False).tolist()
    return set(chosen)


def _sides(pile: Sequence[Face], *, turned: bool, back: bool) -> Iterator[Face]:
    for face in pile:
        yield Face(face.paper, face.page, turned=turned, degrees=face.degrees)
    if back:
        last = pile[-1]
        yield Face(last.paper, last.page, back=True, turned=turned, degrees=-last.degrees)


# --- the glass --------------------------------------------------------------------------------------------


def _scanned(sheet: Grey, face: Face, grain: np.ndarray, random: Random) -> tuple[bytes, int, int]:
    """One side as JPEG with its width and height in dots."""
    if face.back:
        mirrored = cv2.GaussianBlur(cv2.flip(sheet, 1), (0, 0), 4).astype(np.float32)
        sheet = (255 - (255 - mirrored) * _SEEN_THROUGH).astype(np.uint8)
    if face.turned:
        sheet = np.ascontiguousarray(sheet[::-1, ::-1])
    high, wide = sheet.shape
    spin = cv2.getRotationMatrix2D((wide / 2, high / 2), face.degrees, 1.0)
    for axis in (0, 1):
        spin[axis, 2] += random.uniform(-1.5, 1.5) * DOTS
    laid = cv2.warpAffine(sheet, spin, (wide, high), flags=cv2.INTER_LINEAR, borderValue=(255,))
    tone = (_TONER + np.arange(256) * ((_WHITE - _TONER) / 255)).astype(np.float32)
    down, across = (int(random.integers(0, size)) for size in grain.shape)
    rows, columns = (np.arange(high) + down) % grain.shape[0], (np.arange(wide) + across) % grain.shape[1]
    noisy = tone[laid] + grain[rows[:, None], columns]
    grey = np.clip(cv2.GaussianBlur(noisy, (0, 0), 0.7), 0, 255).astype(np.uint8)
    sound, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not sound:
        raise MemoryError("the picture cannot be packed")
    return packed.tobytes(), wide, high


def _pdf(pictures: Iterator[tuple[bytes, int, int]]) -> bytes:
    """One page a picture, each JPEG as it is: the kind of file copiers send."""
    out = io.BytesIO(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    out.seek(0, io.SEEK_END)
    offsets: dict[int, int] = {}
    kids = []

    def put(number: int, head: str, stream: bytes | None = None) -> None:
        offsets[number] = out.tell()
        body = b"" if stream is None else b"\nstream\n" + stream + b"\nendstream"
        out.write(f"{number} 0 obj\n{head}".encode() + body + b"\nendobj\n")

    for at, (jpeg, wide, high) in enumerate(pictures):
        page = 3 + 3 * at
        kids.append(f"{page} 0 R")
        width, height = wide * 72 / DPI, high * 72 / DPI
        draw = f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Im Do Q".encode()
        put(page, f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2f} {height:.2f}]"
                  f"/Resources<</XObject<</Im {page + 2} 0 R>>>>/Contents {page + 1} 0 R>>")  # fmt: skip
        put(page + 1, f"<</Length {len(draw)}>>", draw)
        put(page + 2, f"<</Type/XObject/Subtype/Image/Width {wide}/Height {high}/BitsPerComponent 8"
                      f"/ColorSpace/DeviceGray/Filter/DCTDecode/Length {len(jpeg)}>>", jpeg)  # fmt: skip
    put(1, "<</Type/Catalog/Pages 2 0 R>>")
    put(2, f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>")
    table = out.tell()
    lines = "".join(f"{offsets[number]:010d} 00000 n \n" for number in sorted(offsets))
    size = len(offsets) + 1
    out.write(f"xref\n0 {size}\n0000000000 65535 f \n{lines}".encode())
    out.write(f"trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()
