"""The page map: every box, cell and text where the layout put it, under the field it belongs to."""

from __future__ import annotations

import pytest

from generator.errors import TemplateTagInvalid
from generator.identity.page_map import FieldRef, build_page_map
from generator.typeset.model import Layout, Mark, PageLayout, Rect, TickBox

MM = 72 / 25.4
FIELDS = {
    "f_gender_o1": FieldRef("/gender", "男", "tick"),
    "f_method_o2": FieldRef("/method", "面谈", "tick"),
    "f_signature": FieldRef("/signature", None, "signature"),
    "f_problem": FieldRef("/problem", None, "text"),
    "f_plan_rows_goal": FieldRef("/plan_rows/*/goal", None, "text"),
}


def rect(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(x * MM, y * MM, width * MM, height * MM)


def layout(*pages: list[Mark]) -> Layout:
    return Layout([PageLayout(595.28, 841.89, marks=marks) for marks in pages])


def test_a_tick_box_is_the_square_not_the_line_around_it() -> None:
    mark = Mark("f_gender_o1", rect(30, 50, 12, 7), box=TickBox(rect(30.5, 51, 4, 4), ticked=False))
    (entry,) = build_page_map(layout([mark]), FIELDS).entries
    assert (entry.pointer, entry.option, entry.kind, entry.page) == ("/gender", "男", "tick", 1)
    assert (entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm) == (30.5, 51, 4, 4)


def test_an_option_without_a_box_is_a_word_to_be_marked() -> None:
    (entry,) = build_page_map(layout([Mark("f_method_o2", rect(30, 50, 12, 7))]), FIELDS).entries
    assert (entry.kind, entry.w_mm) == ("mark", 12)


def test_a_signature_is_the_room_its_bookmark_encloses() -> None:
    (entry,) = build_page_map(
        layout([Mark("f_signature", rect(30, 50, 40, 14), cell=rect(28, 45, 60, 20))]), FIELDS
    ).entries
    assert (entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm) == (30, 50, 40, 14)


def test_a_signature_marked_by_a_point_is_its_cell_or_outside_tables_the_point() -> None:
    inside = Mark("f_signature", rect(30, 50, 0, 7), cell=rect(28, 45, 60, 20))
    outside = Mark("f_signature", rect(30, 50, 0, 7))
    (entry,) = build_page_map(layout([inside]), FIELDS).entries
    assert (entry.x_mm, entry.y_mm, entry.w_mm, entry.h_mm) == (28, 45, 60, 20)
    (entry,) = build_page_map(layout([outside]), FIELDS).entries
    assert (entry.w_mm, entry.h_mm) == (0, 7)


def test_a_text_over_lines_and_pages_is_one_rectangle_a_page() -> None:
    found = build_page_map(
        layout(
            [Mark("f_problem", rect(80, 250, 100, 8)), Mark("f_problem", rect(30, 258, 150, 8))],
            [Mark("f_problem", rect(30, 30, 40, 8))],
        ),
        FIELDS,
    ).find("/problem")
    assert [entry.page for entry in found] == [1, 2]
    assert [entry.occurrence for entry in found] == [1, 1]
    first = found[0]
    assert (first.x_mm, first.y_mm, first.w_mm, first.h_mm) == (30, 250, 150, 16)


def test_rows_of_a_list_are_counted_over_pages() -> None:
    page_map = build_page_map(
        layout(
            [Mark("f_plan_rows_goal", rect(30, 50, 9, 7)), Mark("f_plan_rows_goal__2", rect(30, 60, 9, 7))],
            [Mark("f_plan_rows_goal__3", rect(30, 30, 9, 7))],
        ),
        FIELDS,
    )
    places = [(entry.occurrence, entry.page, entry.y_mm) for entry in page_map.entries]
    assert places == [(1, 1, 50), (2, 1, 60), (3, 2, 30)]
    assert [entry.page for entry in page_map.find("/plan_rows/*/goal", occurrence=3)] == [2]


def test_words_own_bookmarks_are_left_out() -> None:
    assert build_page_map(layout([Mark("_GoBack", rect(1, 1, 1, 1))]), FIELDS).entries == ()


def test_a_mark_of_no_field_is_a_mistake_in_the_template() -> None:
    with pytest.raises(TemplateTagInvalid, match="f_gendre_o1"):
        build_page_map(layout([Mark("f_gendre_o1", rect(1, 1, 1, 1))]), FIELDS)
