"""Filled rows give up the room for handwriting on longer prints; rows to be written in keep it."""

from __future__ import annotations

from typing import Any

import pytest

from generator.paging.settle import Settled, settle
from generator.render import form_kit
from generator.typeset.fonts import bundled_fonts
from generator.typeset.reader import read_document
from generator.typeset.wml import Table
from tests.paging.stretching import filled, full_example


def _settled(form_id: str, answers: dict[str, Any]) -> Settled:
    kit = form_kit(form_id)
    return settle(filled(kit, answers), bundled_fonts(), kit.names)


def _heights(settled: Settled) -> dict[str, float]:
    """The least height of each row by how its text begins."""
    return {
        "".join(paragraph.text for cell in row.cells for paragraph in cell.paragraphs)[:4]: row.height
        for block in read_document(settled.parts).blocks
        if isinstance(block, Table)
        for row in block.rows
    }


@pytest.mark.parametrize("paragraphs", [1, 3])
def test_form_e_stands_on_one_page(paragraphs: int) -> None:
    example = full_example("record_e")
    assert len(_settled("record_e", example).layout.pages) == 1
    text = "服务对象按时到站，情绪平稳，能主动说出近期的打算。" * 24
    share = 600 // paragraphs
    lines = [text[:600][at : at + share] for at in range(0, 600, share)]
    short = {name: value[:20] if isinstance(value, str) else value for name, value in example.items()}
    assert len(_settled("record_e", {**short, "content": "\n".join(lines)}).layout.pages) == 1


def test_rows_to_be_written_in_keep_their_height() -> None:
    example = full_example("visit_record")
    whole, blank = _heights(_settled("visit_record", example)), _heights(_settled("visit_record", {}))
    without = _heights(_settled("visit_record", {**example, "guidance": ""}))
    low = [begin for begin in whole if begin in blank and whole[begin] < blank[begin]]
    assert len(low) > 3
    assert "指导内容" in low
    assert without["指导内容"] == blank["指导内容"]
    assert all(whole[begin] == blank[begin] for begin in whole if begin.startswith("签字"))


def test_a_form_of_one_page_keeps_its_look() -> None:
    example = full_example("info_exchange")
    kit = form_kit("info_exchange")
    parts = filled(kit, example)
    assert settle(parts, bundled_fonts(), kit.names).parts is parts
