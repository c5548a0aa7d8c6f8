"""Where the page identity stands on a page, and the overlay that draws it.

Owns the geometry: one symbol top right, one bottom left (a torn or folded corner leaves the other), each
with its quiet zone inside the page margins and outside the 5 mm that printers cannot reach, and the code
in small print beside each.  The symbols stand at the same place on every sheet, whatever the document says.

    28 mm binding ┌──────────────────── KD1*…  ▓▓▓ ┐ 8 mm     16 mm symbol, right edge 20 mm from the paper's
                  │            body            ▓▓▓ │ 24 mm
                  │                                │
                  │ ▒▒                             │ 274 mm   14 mm symbol, left edge 28 mm from the paper's
                  └ ▒▒ KD1*…  ─────────────────────┘ 288 mm
"""

from __future__ import annotations

from generator.identity import symbol
from generator.typeset.model import PageLayout, PageOverlay, Rect, TextSpan

POINTS_PER_MM = 72 / 25.4

TOP_SIDE_MM, BOTTOM_SIDE_MM = 16.0, 14.0

_TOP_MM, _RIGHT_MM = 8.0, 20.0
_BOTTOM_MM, _LEFT_MM = 9.0, 28.0
_GAP_MM = 0.8
_FAMILY = "黑体"
_CODE_SIZE, _SAMPLE_SIZE = 5.5, 9.0
_WIDTHS = (
    "I*- 0.5", "JY 0.54", "0123456789FL 0.56", "VX 0.58", "EST 0.6", "AZ 0.62", "CPR 0.64", "BK 0.66",
    "DG 0.7", "HNU 0.74", "OQ 0.76", "M 0.82", "W 0.88",
)  # fmt: skip
_ADVANCE_EM = {char: float(line.split()[1]) for line in _WIDTHS for char in line.split()[0]}
"""Advances, rounded up, of Noto Sans SC or SimHei, whichever is wider: the text never runs into a symbol."""
_SAMPLE = "样例"


def overlay(code_text: str, page_size: tuple[float, float], *, demo: bool = False) -> PageOverlay:
    """Both symbols and the code in small print for a page of (width, height) points.

    ``demo`` puts the word 样例 before the small print.  Raises PageCodeRefused for a text no symbol can hold.
    """
    top, bottom = _symbols(page_size)
    dark = symbol.blocks(code_text)
    width = _width(code_text)
    gap = _GAP_MM * POINTS_PER_MM
    quiet_left, quiet_right = _zone(top).x, _zone(bottom).x + _zone(bottom).width
    texts = [
        *_small_print(code_text, quiet_left - gap - width, top.y + _CODE_SIZE, demo=demo, before=True),
        *_small_print(code_text, quiet_right + gap, bottom.y + bottom.height, demo=demo, before=False),
    ]
    return PageOverlay(
        rects=symbol.rects(dark, top.x, top.y, top.width)
        + symbol.rects(dark, bottom.x, bottom.y, bottom.width),
        texts=tuple(texts),
    )


def reserved(page_size: tuple[float, float]) -> tuple[Rect, Rect]:
    """Give the two squares (symbol and quiet zone) in which a document must print nothing."""
    top, bottom = _symbols(page_size)
    return _zone(top), _zone(bottom)


def head_room() -> float:
    """Points between the left margin of a sheet and the quiet zone of its upper code."""
    top, _ = reserved((210.0 * POINTS_PER_MM, 297.0 * POINTS_PER_MM))
    return top.x - _LEFT_MM * POINTS_PER_MM


def obstructions(page: PageLayout) -> tuple[Rect, ...]:
    """Find what a laid-out page prints inside the reserved squares: nothing, when its codes are readable."""
    zones = reserved((page.width, page.height))
    return tuple(item for item in _printed(page) if any(_overlap(item, zone) for zone in zones))


def _symbols(page_size: tuple[float, float]) -> tuple[Rect, Rect]:
    width, height = page_size
    mm = POINTS_PER_MM
    top = Rect(width - (_RIGHT_MM + TOP_SIDE_MM) * mm, _TOP_MM * mm, TOP_SIDE_MM * mm, TOP_SIDE_MM * mm)
    bottom = Rect(
        _LEFT_MM * mm, height - (_BOTTOM_MM + BOTTOM_SIDE_MM) * mm, BOTTOM_SIDE_MM * mm, BOTTOM_SIDE_MM * mm
    )
    return top, bottom


def _zone(square: Rect) -> Rect:
    quiet = square.width * symbol.QUIET / symbol.SIZE
    return Rect(square.x - quiet, square.y - quiet, square.width + 2 * quiet, square.height + 2 * quiet)


def _small_print(text: str, x: float, baseline: float, *, demo: bool, before: bool) -> list[TextSpan]:
    """Set the code with its left edge at ``x``, and for samples the word 样例 ``before`` or after it."""
    width = _width(text)
    spans = [TextSpan(x, baseline, text, _FAMILY, _CODE_SIZE, width)]
    if demo:
        room = len(_SAMPLE) * _SAMPLE_SIZE
        at = x - room - _SAMPLE_SIZE / 2 if before else x + width + _SAMPLE_SIZE / 2
        spans.append(TextSpan(at, baseline, _SAMPLE, _FAMILY, _SAMPLE_SIZE, room))
    return spans


def _width(text: str) -> float:
    return sum(_ADVANCE_EM[char] for char in text) * _CODE_SIZE


def _printed(page: PageLayout) -> list[Rect]:
    return [
        *(Rect(s.x, s.y - s.size, s.advance, s.size) for s in page.spans if s.text.strip()),
        *(Rect(min(r.x1, r.x2), min(r.y1, r.y2), abs(r.x2 - r.x1), abs(r.y2 - r.y1)) for r in page.rules),
        *(box.rect for box in page.boxes),
        *(picture.rect for picture in page.pictures),
    ]


def _overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
