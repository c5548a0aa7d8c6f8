"""Papers whose codes were tampered with: written anew, glued over, swapped, fed two at a time."""

from __future__ import annotations

import numpy as np
import zxingcpp

from generator.identity.code import PageCode, encode
from generator.identity.symbol import symbol
from tests.scans.house import Paper, empty
from tests.simulator.pen import Grey

KEY = bytes.fromhex("5a" * 32)
"""The key of the house's page codes."""
QR = zxingcpp.BarcodeFormat.QRCode
_MARGIN = 12
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in dots."""


def codes_on(sheet: Grey) -> list[tuple[str, Box]]:
    """(text, place) of each code, the upper one first."""
    told = []
    for code in zxingcpp.read_barcodes(sheet, zxingcpp.BarcodeFormats(QR)):
        place = code.position
        xs = [getattr(place, name).x for name in ("top_left", "top_right", "bottom_left", "bottom_right")]
        ys = [getattr(place, name).y for name in ("top_left", "top_right", "bottom_left", "bottom_right")]
        told.append((code.text, (min(xs), min(ys), max(xs), max(ys))))
    return sorted(told, key=lambda one: one[1][1])


def rewritten(paper: Paper, *texts: str | None) -> Paper:
    """The paper with other texts in its codes (upper, lower); None leaves a code as it is."""
    sheet = paper.picture.copy()
    for (_, (left, top, right, bottom)), text in zip(codes_on(sheet), texts, strict=True):
        if text is None:
            continue
        raw = np.where(np.array(symbol(text)), 0, 255).astype(np.uint8)
        side = right - left
        rows = np.arange(side) * raw.shape[0] // side
        sheet[top - _MARGIN : bottom + _MARGIN, left - _MARGIN : right + _MARGIN] = 255
        sheet[top : top + side, left : left + side] = raw[np.ix_(rows, rows)]
    return like(paper, sheet)


def glued(code_of: Paper, on: Paper, *which: int) -> Paper:
    """A paper with codes (0 upper, 1 lower) of another one glued over its own."""
    sheet = on.picture.copy()
    theirs, own = codes_on(code_of.picture), codes_on(sheet)
    for number in which:
        left, top, right, bottom = theirs[number][1]
        piece = code_of.picture[top - _MARGIN : bottom + _MARGIN, left - _MARGIN : right + _MARGIN]
        x, y = own[number][1][0] - _MARGIN, own[number][1][1] - _MARGIN
        sheet[y : y + piece.shape[0], x : x + piece.shape[1]] = piece
    return like(on, sheet)


def torn_off(paper: Paper) -> Paper:
    """Both codes are gone."""
    sheet = paper.picture.copy()
    for _, (left, top, right, bottom) in codes_on(sheet):
        sheet[top - _MARGIN : bottom + _MARGIN, left - _MARGIN : right + _MARGIN] = 255
    return like(paper, sheet)


def two_at_once(above: Paper, below: Paper) -> Paper:
    """Two sheets fed together: the upper part of one, the lower part of the other."""
    middle = above.picture.shape[0] // 2
    return like(above, np.vstack([above.picture[:middle], below.picture[middle:]]))


def coded(blank: Paper, on: Paper, print_id: str, page: int, pages: int) -> Paper:
    """An empty sheet with genuine codes of this print, in the places of ``on``'s."""
    text = encode(PageCode(print_id, page, pages), KEY)
    return like(blank, np.minimum(empty(on).picture, _only_codes(rewritten(on, text, text))))


def _only_codes(paper: Paper) -> Grey:
    sheet = np.full_like(paper.picture, 255)
    for _, (left, top, right, bottom) in codes_on(paper.picture):
        area = np.s_[top - _MARGIN : bottom + _MARGIN, left - _MARGIN : right + _MARGIN]
        sheet[area] = paper.picture[area]
    return sheet


def like(paper: Paper, sheet: Grey) -> Paper:
    return Paper(paper.document, paper.print_id, paper.page, paper.pages, sheet, paper.entries)
