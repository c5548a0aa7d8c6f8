"""Where the codes stand: on paper that printers reach, in margins the document leaves, away from all text."""

from __future__ import annotations

import pytest

from generator.identity import symbol
from generator.identity.placement import BOTTOM_SIDE_MM, TOP_SIDE_MM, obstructions, overlay, reserved
from generator.typeset.model import PageLayout, Rect, Rule, TextSpan

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
A5 = (148 * MM, 210 * MM)
TEXT = "KD1*0123456789*01*03*WSFJ"
WIDEST = "KD1*WWWWWWWWWW*99*99*WWWW"


def edges(rects: tuple[Rect, ...]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in millimetres."""
    return (
        min(r.x for r in rects) / MM,
        min(r.y for r in rects) / MM,
        max(r.x + r.width for r in rects) / MM,
        max(r.y + r.height for r in rects) / MM,
    )


def symbols(size: tuple[float, float] = A4) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
    rects = overlay(TEXT, size).rects
    return (
        tuple(r for r in rects if r.y < size[1] / 2),
        tuple(r for r in rects if r.y > size[1] / 2),
    )


def test_the_symbols_have_their_sizes_and_corners() -> None:
    top, bottom = symbols()
    assert edges(top) == pytest.approx((174, 8, 190, 24))
    assert edges(bottom) == pytest.approx((28, 274, 42, 288))
    assert (TOP_SIDE_MM, BOTTOM_SIDE_MM) == (16, 14)


def test_another_paper_keeps_the_distances_to_its_edges() -> None:
    top, bottom = symbols(A5)
    assert edges(top) == pytest.approx((112, 8, 128, 24))
    assert edges(bottom) == pytest.approx((28, 187, 42, 201))


@pytest.mark.parametrize("size", [A4, A5])
def test_everything_is_inside_what_a_printer_reaches(size: tuple[float, float]) -> None:
    drawn = overlay(WIDEST, size, demo=True)
    left, top, right, bottom = edges(drawn.rects)
    width, height = size[0] / MM, size[1] / MM
    assert left >= 5
    assert top >= 5
    assert right <= width - 5
    assert bottom <= height - 5
    for span in drawn.texts:
        assert span.x / MM >= 28
        assert (span.x + span.advance) / MM <= width - 5
        assert (span.y - span.size) / MM >= 5
        assert span.y / MM <= height - 5


def test_the_quiet_zones_stay_in_the_margins_of_our_forms() -> None:
    top, bottom = reserved(A4)
    module = TOP_SIDE_MM / symbol.SIZE
    assert edges((top,)) == pytest.approx(
        (174 - 4 * module, 8 - 4 * module, 190 + 4 * module, 24 + 4 * module)
    )
    assert edges((top,))[3] < 28
    assert edges((bottom,))[1] > 297 - 26
    assert edges((top,))[1] > 0
    assert edges((bottom,))[3] < 297


@pytest.mark.parametrize("text", [TEXT, WIDEST, "KD1*FIII---001*00*00*1111"])
@pytest.mark.parametrize("demo", [True, False])
def test_the_small_print_touches_neither_quiet_zone(text: str, *, demo: bool) -> None:
    page = PageLayout(*A4, spans=list(overlay(text, A4, demo=demo).texts))
    assert obstructions(page) == ()


def test_the_code_is_printed_beside_both_symbols() -> None:
    texts = overlay(TEXT, A4).texts
    assert [span.text for span in texts] == [TEXT, TEXT]
    above, below = texts
    assert 170 < (above.x + above.advance) / MM < 171.44
    assert 8 < above.y / MM < 24
    assert 44.24 < below.x / MM < 46
    assert 274 < below.y / MM <= 288


def test_samples_say_so_beside_both_symbols() -> None:
    texts = overlay(TEXT, A4, demo=True).texts
    assert sorted(span.text for span in texts) == sorted([TEXT, "样例", TEXT, "样例"])


def test_the_text_of_a_page_in_a_quiet_zone_is_found() -> None:
    page = PageLayout(*A4, spans=[TextSpan(100, 60, "个案编号", "宋体", 9, 36)])
    assert obstructions(page) == ()
    page.spans.append(TextSpan(172 * MM, 20 * MM, "个", "宋体", 9, 9))
    page.spans.append(TextSpan(176 * MM, 20 * MM, "   ", "宋体", 9, 9))
    page.rules.append(Rule(20 * MM, 280 * MM, 190 * MM, 280 * MM, 0.5))
    assert len(obstructions(page)) == 2
