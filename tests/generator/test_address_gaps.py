"""The gaps of a blank address are wide enough to write a name in."""

from __future__ import annotations

import re

from generator.paging.settle import settle
from generator.render import form_kit
from generator.typeset.fonts import bundled_fonts
from generator.typeset.reader import read_document
from generator.typeset.wml import Table
from tests.paging.stretching import filled

_ENOUGH = 5
"""Full-width spaces: 18 mm, room for three or four characters written by hand."""


def test_the_address_of_an_application_can_be_written_on_one_line() -> None:
    kit = form_kit("application_b")
    settled = settle(filled(kit, {}), bundled_fonts(), kit.names)
    tables = [block for block in read_document(settled.parts).blocks if isinstance(block, Table)]
    texts = [p.text for table in tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    (address,) = [text for text in texts if text.strip("\u3000 ").startswith("省")]
    assert all(len(gap) >= _ENOUGH for gap in re.findall("(\u3000*)[省市区]", address))
    lines = {
        round(span.y)
        for page in settled.layout.pages
        for span in page.spans
        if re.search("省|市|区（县）", span.text)
    }
    assert len(lines) == 1
