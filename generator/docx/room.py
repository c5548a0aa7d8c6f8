"""Is there room for what a template wants to print?  Indents against cells, cells against the paper.

The typesetter sets one character a line where none fits, as Word does; nobody wants that, so it is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.typeset.model import Layout, PageLayout
from generator.typeset.reader import read_document
from generator.typeset.wml import Block, Paragraph, Table

MAX_PAGES = 99
_SLACK = 2.0
"""Points: borders stand half outside."""
Fault = tuple[str, str]


def without_room(parts: Mapping[str, bytes]) -> Iterator[Fault]:
    """Paragraphs in whose lines not one character fits.  Raises what reading a docx raises."""
    document = read_document(parts)
    section = document.section
    width = section.width - section.left - section.right
    for blocks in (document.blocks, document.header, document.footer):
        yield from _in_blocks(blocks, width)


def off_paper(layout: Layout) -> Iterator[Fault]:
    """Pages that print outside the paper, and too many pages."""
    outside = [f"第{number}页" for number, page in enumerate(layout.pages, 1) if _outside(page)]
    if outside:
        yield (
            f"{'、'.join(outside[:5])}有内容印到了纸外。",
            "请核对页边距、表格宽度和缩进，让内容留在纸内。",
        )
    if len(layout.pages) > MAX_PAGES:
        yield (
            f"空白表就有 {len(layout.pages)} 页，超过页码上限 {MAX_PAGES} 页。",
            "请核对字号、行距、行高和空行数。",
        )


def _in_blocks(blocks: list[Block], width: float) -> Iterator[Fault]:
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row.cells:
                    _, right, _, left = cell.margins
                    room = sum(block.grid[cell.column : cell.column + cell.span]) - left - right
                    for paragraph in cell.paragraphs:
                        yield from _in_paragraph(paragraph, room, "单元格")
        else:
            yield from _in_paragraph(block, width, "页面")


def _in_paragraph(paragraph: Paragraph, width: float, around: str) -> Iterator[Fault]:
    props, em = paragraph.props, paragraph.mark.size
    left = props.left_chars * em if props.left_chars else props.left
    right = props.right_chars * em if props.right_chars else props.right
    first = props.first_chars * em if props.first_chars else props.first
    tallest = max((image.height for image in paragraph.images.values()), default=0.0)
    if props.rule == "exact" and tallest > props.line:
        yield (
            f"模板{paragraph.where}图片高 {tallest:.0f} 磅，行距只有 {props.line:g} 磅，Word 会裁掉图片。",
            "请在“段落”中把行距改为单倍行距或最小值。",
        )
    taken = max(left, left + first, 0.0) + max(right, 0.0)
    if taken and width - taken < em:
        yield (
            f"模板{paragraph.where}的缩进比{around}还宽，一行放不下一个字。",
            "请在“段落”中把缩进改小。",
        )
    elif not taken and width < em and paragraph.text.strip():
        yield f"模板{paragraph.where}的{around}比一个字还窄。", "请把这一列加宽，或把单元格边距改小。"


def _outside(page: PageLayout) -> bool:
    rects = [part.rect for part in page.cells] + [picture.rect for picture in page.pictures]
    if any(
        r.x < -_SLACK or r.x + r.width > page.width + _SLACK or r.y + r.height > page.height + _SLACK
        for r in rects
    ):
        return True
    return any(
        span.x < -_SLACK or span.x + span.advance > page.width + _SLACK or not 0 <= span.y <= page.height
        for span in page.spans
    )
