"""The PDF: PDF/A-2b, the same bytes everywhere, and ink exactly where the layout says."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pypdf import PdfReader

from generator.reading.binding import BoundPage, bind
from generator.reading.page_image import measured
from generator.typeset.as_is import printed_as_is
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.model import Layout, PageOverlay, Rect, TextSpan
from generator.typeset.pdf import to_pdf
from generator.typeset.raster import page_png
from tests.typeset import making, oracle
from tests.typeset.making import docx, para

WHEN = datetime(2026, 3, 5, 9, 30, tzinfo=timezone(timedelta(hours=8)))
_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fonts() -> FontSet:
    return bundled_fonts()


def _pdf(layout: Layout, fonts: FontSet, *overlays: PageOverlay) -> bytes:
    return to_pdf(layout, overlays, title="个案申请表（样例）", timestamp=WHEN, fonts=fonts)


def test_it_is_pdf_a_2b_with_title_and_the_given_time(fonts: FontSet) -> None:
    pdf = _pdf(typeset(making.form(), fonts), fonts)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert "个案申请表（样例）".encode() in pdf
    assert b"2026-03-05T01:30:00+00:00" in pdf


def preferences(pdf: bytes) -> dict[str, object]:
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    return dict(reader.root_object["/ViewerPreferences"])  # type: ignore[call-overload]  # a dictionary


def test_it_asks_to_be_printed_in_its_own_size(fonts: FontSet) -> None:
    asked = {"/PrintScaling": "/None", "/PickTrayByPDFSize": True}
    printed = _pdf(typeset(making.form(), fonts), fonts)
    assert asked.items() <= preferences(printed).items()
    picture = page_png(printed, dpi=50)
    width, height, media_type, dpi, _ = measured(picture)
    assert asked.items() <= preferences(bind([BoundPage(picture, media_type, width, height, dpi)])).items()


def test_a_file_that_is_built_otherwise_is_refused() -> None:
    for other in (
        b"",
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
        b"<</Type/Catalog/ViewerPreferences<<>>>>\n2 0 obj\n",
    ):
        with pytest.raises(ValueError, match="catalog"):
            printed_as_is(other)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_another_reader_finds_no_fault_in_the_table(fonts: FontSet, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(_pdf(typeset(making.form(), fonts), fonts))
    told = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


_AGAIN = """
import sys
from datetime import datetime
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.pdf import to_pdf
fonts = bundled_fonts()
when = datetime.fromisoformat("2026-03-05T09:30:00+08:00")
layout = typeset(open(sys.argv[1], "rb").read(), fonts)
sys.stdout.buffer.write(to_pdf(layout, [], title="个案申请表（样例）", timestamp=when, fonts=fonts))
"""


def test_same_bytes_in_another_process(fonts: FontSet, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(making.form())
    other = subprocess.run(
        [sys.executable, "-c", _AGAIN, str(tmp_path / "a.docx")], cwd=_ROOT, check=True, capture_output=True
    ).stdout
    assert other == _pdf(typeset(making.form(), fonts), fonts)


def test_several_threads_get_what_one_gets(fonts: FontSet) -> None:
    layouts = [typeset(making.form(n), fonts) for n in range(4)]
    expected = [_pdf(layout, fonts) for layout in layouts]
    found: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.__setitem__(i, _pdf(layouts[i], fonts))) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(4)] == expected


@pytest.mark.parametrize("align", ["left", "both"])
def test_characters_lie_where_the_layout_puts_them(fonts: FontSet, align: str) -> None:
    text = "（你好）：“好”，《书名》。——破折……「引」，”“第3次QQ随访；" * 6
    layout = typeset(docx(para("“" + text, f'<w:jc w:val="{align}"/>')), fonts)
    _, drawn = oracle.characters(_pdf(layout, fonts))
    places = {(round(c.y), c.text, round(c.x)) for c in drawn}
    for span in layout.pages[0].spans:
        x, advances = span.x, fonts.face(span.family).advances
        for char in span.text:
            if not char.isspace() and char != "—":
                near = {(round(span.y), char, round(x) + d) for d in (-1, 0, 1)}
                assert near & places, (char, x, span)
            x += advances[char] * span.size + span.tracking


def test_overlay_is_drawn(fonts: FontSet) -> None:
    import io

    from PIL import Image

    layout = typeset(docx(para("正文")), fonts)
    text = TextSpan(450, 40, "KD1*TEST", "黑体", 6, 30)
    pdf = _pdf(layout, fonts, PageOverlay((Rect(500, 30, 20, 20),), (text,)))
    image = Image.open(io.BytesIO(page_png(pdf, dpi=72))).convert("L")
    dark, light = image.crop((505, 35, 515, 45)).tobytes(), image.crop((523, 35, 530, 45)).tobytes()
    assert max(dark) < 10
    assert min(light) > 245
    assert any(c.text == "K" and abs(c.x - 450) < 1 for c in oracle.characters(pdf)[1])


def test_a_ticked_box_has_more_ink_than_an_empty_one(fonts: FontSet) -> None:
    import io

    from PIL import Image

    layout = typeset(docx(para("☑□")), fonts)
    image = Image.open(io.BytesIO(page_png(_pdf(layout, fonts), dpi=288))).convert("L")
    ink = []
    for box in layout.pages[0].boxes:
        rect = [round(v * 4) for v in (box.rect.x, box.rect.y, box.rect.width, box.rect.height)]
        part = image.crop((rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3]))
        ink.append(sum(255 - value for value in part.tobytes()))
    assert ink[0] > 1.2 * ink[1] > 0


_WARMED = """
import sys, threading
from generator.typeset.fonts import bundled_fonts
from generator.typeset.pdf import warm_up
threading.Thread(target=warm_up, args=[bundled_fonts()]).start()
"""


def test_same_bytes_while_typst_is_made_ready_in_another_thread(fonts: FontSet, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(making.form())
    command = [sys.executable, "-c", _WARMED + _AGAIN, str(tmp_path / "a.docx")]
    other = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True)
    assert other.stdout == _pdf(typeset(making.form(), fonts), fonts)
    assert other.stderr == b""


def test_wrong_calls_are_refused(fonts: FontSet) -> None:
    layout = typeset(making.form(), fonts)
    with pytest.raises(ValueError, match="overlay"):
        _pdf(layout, fonts, PageOverlay((), ()))
    with pytest.raises(ValueError, match="time zone"):
        to_pdf(layout, [], title="样例", timestamp=datetime(2026, 3, 5), fonts=fonts)
    assert to_pdf(layout, [], title="样例", timestamp=datetime(2026, 3, 5, tzinfo=UTC), fonts=fonts)
