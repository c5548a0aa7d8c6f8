"""PDFs with page identity on otherwise realistic pages, drawn straight by typst: no form is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from generator.typeset.model import PageOverlay

_SHELL = b'#eval(sys.inputs.src, mode: "markup")'
_LINES = "服务对象为样例甲，本页文字只为让扫描件像一张真正的文书：有正文、有表格线、有页边。"


@cache
def _compiler() -> Any:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )
    return typst.Compiler(_SHELL, font_paths=fonts)


def sample_pdf(overlays: Sequence[PageOverlay], size: tuple[float, float] = (595.28, 841.89)) -> bytes:
    """One page for each overlay, with text and rules inside the margins of our forms."""
    source = [
        f"#set page(width: {size[0]}pt, height: {size[1]}pt, margin: 0pt)\n",
        '#set text(font: "Noto Sans SC", lang: "zh", top-edge: 0pt, bottom-edge: 0pt)\n',
    ]
    for number, overlay in enumerate(overlays):
        source.append("#pagebreak()\n" if number else "")
        source.extend(_body(size))
        source.extend(
            f"#place(top+left, dx: {r.x}pt, dy: {r.y}pt, "
            f"rect(width: {r.width}pt, height: {r.height}pt, fill: black))\n"
            for r in overlay.rects
        )
        source.extend(
            f'#place(top+left, dx: {t.x}pt, dy: {t.y}pt, text(size: {t.size}pt, "{t.text}"))\n'
            for t in overlay.texts
        )
    pdf: bytes = _compiler().compile(
        _SHELL, sys_inputs={"src": "".join(source)}, format="pdf", pdf_standards=["a-2b"], timestamp=0
    )
    return pdf


def _body(size: tuple[float, float]) -> list[str]:
    width, height = size
    left, right, top, bottom = 79.4, width - 56.7, 79.4, height - 73.7
    lines = []
    y = top
    while y + 22 <= bottom:
        rule = f"line(length: {right - left}pt, stroke: 0.5pt)"
        lines.append(f"#place(top+left, dx: {left}pt, dy: {y}pt, {rule})\n")
        lines.append(f'#place(top+left, dx: {left + 4}pt, dy: {y + 15}pt, text(size: 10.5pt, "{_LINES}"))\n')
        y += 22
    return lines
