"""Writing on a print that came home is proposed to a person, with its picture; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from archives.errors import StateForbids
from archives.store.tables_people import events
from desk.station.scanning.receiving import receive
from desk.station.scanning.written import written_on
from generator.typeset.fonts import bundled_fonts
from tests.scans.house import Paper, house, issue, stack_file
from tests.simulator import pen, scanner
from tests.station.office import Office

WORDS = "样例家属代写"


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Office]:
    made = house(tmp_path, monkeypatch, capfd)
    yield made
    made.station.archive.close()


def written(paper: Paper, x_mm: float, y_mm: float) -> Paper:
    """The page with words set by hand at a place."""
    sheet = Image.fromarray(paper.picture)
    font = ImageFont.truetype(str(bundled_fonts().records()[0].path), round(4.2 * pen.MM))
    ImageDraw.Draw(sheet).text((x_mm * pen.MM, y_mm * pen.MM), WORDS, font=font, fill=60)
    return replace(paper, picture=np.asarray(sheet))


def test_what_was_written_into_an_open_field_is_proposed(desk: Office) -> None:
    pytest.importorskip("rapidocr", reason="the optional extra ocr is not installed")
    papers = issue(desk, "basic_registration", without=("work_history",))
    papers = [one for one in papers if one.print_id == papers[0].print_id]
    target = next(one for paper in papers for one in paper.entries if one.pointer == "/work_history")
    papers[target.page - 1] = written(papers[target.page - 1], target.x_mm + 1, target.y_mm - 1.5)
    told = receive(
        desk.as_role("records"),
        stack_file(desk.folder / "1.pdf", papers, scanner.Device(skew=1.0, turn=2)),
    )
    found = written_on(desk.as_role("worker"), told.filed[0].document)
    assert [(one.pointer, one.text) for one in found] == [("/work_history", WORDS)]
    assert all(cv2.imdecode(np.frombuffer(one.picture, np.uint8), 0) is not None for one in found)
    assert all(one.text not in repr(one) for one in found)
    with desk.station.archive.looking(desk.station.records) as unit:
        last = unit.execute(select(events).order_by(events.c.id.desc())).first()
    assert last is not None
    assert last.action == "document.read"


def test_only_scans_of_prints_are_read(desk: Office) -> None:
    issue(desk, "record_e")
    with pytest.raises(StateForbids, match="签字扫描件"):
        written_on(desk.as_role("worker"), 1)
