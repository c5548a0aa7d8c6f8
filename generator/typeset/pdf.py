"""Draws a :class:`Layout` as PDF/A-2b with typst.

Owns the one compiler of a process and font set, and the small program that places texts and lines.  The
program computes nothing: every position comes from the layout, so pages do not depend on typst's own
line breaking.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from generator.errors import FontMissing
from generator.typeset.as_is import printed_as_is
from generator.typeset.drawing import drawing
from generator.typeset.fonts import BUNDLED, FontSet
from generator.typeset.model import Bookmark, Layout, PageLayout, PageLink, PageOverlay, Rect, Rule, TextSpan

if TYPE_CHECKING:
    import typst

_PROGRAM = """
#set document(title: d.title, author: ())
#set page(margin: 0pt, fill: none)
#set text(lang: "zh", region: "CN", top-edge: "baseline", bottom-edge: "baseline", cjk-latin-spacing: none,
  kerning: false, ligatures: false, overhang: false, hyphenate: false, fallback: false)
#set par(justify: false, linebreaks: "simple", leading: 0pt, spacing: 0pt)
#show heading: none
#let u = 0.01pt
#for p in d.pages { page(width: p.w * u, height: p.h * u, {
  for (level, title) in p.heads { place(heading(level: level, bookmarked: true, title)) }
  if p.lines != "" {
    place(top + left, image(bytes(p.lines), format: "svg", width: p.w * u, height: p.h * u))
  }
  for (x, y, w, h, i) in p.pictures {
    place(top + left, dx: x * u, dy: y * u, image(bytes(d.images.at(i)), width: w * u, height: h * u))
  }
  for g in p.texts {
    set text(font: g.font, size: g.size * u, fill: rgb(g.fill), tracking: g.tracking * u,
      stroke: if g.bold > 0 { g.bold * u + rgb(g.fill) } else { none })
    for (x, y, s) in g.items { place(top + left, dx: x * u, dy: y * u, s) }
  }
  for (x, y, w, h, target) in p.links {
    place(top + left, dx: x * u, dy: y * u,
      link((page: target, x: 0pt, y: 0pt), box(width: w * u, height: h * u)))
  }
}) }
"""
"""Comes after ``#let d``, the data, all lengths in hundredths of a point.

The data stand in the source and not in ``sys.inputs``: those belong to typst's library, and whatever typst
has set before would be thrown away with each new value.  Lines and squares are one SVG per page, because
each component of a typst curve costs as much as a short text.
"""

_WORD = "0"
_BOLD = 0.03  # stroke that thickens a regular face, of the em
_OPENING = frozenset("“‘（《「『【〔〖〈［｛〝")
_CLOSING = "”’）》」』】〕〗〉］｝〞，。．、；：？！"
_PUNCTUATION = "".join(_OPENING) + _CLOSING
_ADJACENT = re.compile(f"(?<=[{_PUNCTUATION}])(?=[{_PUNCTUATION}])")
_compilers: dict[tuple[str, ...], tuple[typst.Compiler, threading.Lock]] = {}
_guard = threading.Lock()
_Look = tuple[str, float, str | None, float, bool]


def to_pdf(
    layout: Layout,
    overlays: Sequence[PageOverlay],
    *,
    title: str,
    timestamp: datetime,
    fonts: FontSet,
    outline: Sequence[Bookmark] = (),
    links: Sequence[PageLink] = (),
) -> bytes:
    """Return PDF/A-2b bytes; the same input gives the same bytes in every process.

    ``overlays`` is empty or has one entry per page.  ``outline`` becomes the bookmarks of the file.
    ``timestamp`` must know its time zone; it is the only time in the file.  Safe to call
    from several threads.
    """
    if overlays and len(overlays) != len(layout.pages):
        raise ValueError("one overlay per page")
    if timestamp.utcoffset() is None:
        raise ValueError("timestamp needs a time zone")
    images: dict[bytes, int] = {}
    pages = [
        _page(page, overlays[at] if overlays else None, fonts, images) for at, page in enumerate(layout.pages)
    ]
    for mark in outline:
        pages[mark.page]["heads"].append([mark.level, mark.title])
    for link in links:
        pages[link.page]["links"].append([*_numbers(link.rect), link.target + 1])
    data = {"title": title, "pages": pages, "images": [list(image) for image in images]}
    compiler, lock = _compiler(fonts)
    with lock:
        result: Any = compiler.compile(
            _source(data),
            format="pdf",
            pdf_standards=["a-2b"],
            timestamp=_fixed(timestamp),
            pdf_tags=False,
        )
    return printed_as_is(bytes(result))


def warm_up(fonts: FontSet) -> None:
    """Do what the first PDF of a process waits for: load typst and the fonts, draw a line and a word in each.

    For a thread beside the layout of the first document; typst works without Python's lock.
    """
    page = PageLayout(100.0, 100.0, rules=[Rule(1.0, 1.0, 9.0, 9.0, 1.0)])
    for at, record in enumerate(fonts.records()):
        page.spans.append(TextSpan(1.0, 10.0 + at, _WORD, record.family, 9.0, 9.0))
    to_pdf(Layout([page]), [], title=_WORD, timestamp=datetime(2000, 1, 1, tzinfo=UTC), fonts=fonts)


def _source(data: dict[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'#let d = json(bytes("{quoted}")){_PROGRAM}'.encode()


def _fixed(timestamp: datetime) -> datetime:
    """Return ``timestamp`` in a zone of fixed offset, without microseconds."""
    from datetime import timezone

    offset = timestamp.utcoffset() or timedelta()
    return timestamp.astimezone(timezone(offset)).replace(microsecond=0)


def _compiler(fonts: FontSet) -> tuple[typst.Compiler, threading.Lock]:
    # typst takes folders, not files, and silently ignores a file.
    key = tuple(dict.fromkeys(str(path.parent) for path in fonts.paths()))
    with _guard:
        found = _compilers.get(key)
        if found is None:
            import typst

            book = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(key))
            _check_families(fonts, book.families())
            found = _compilers[key] = (typst.Compiler(b"", font_paths=book), threading.Lock())
        return found


def _check_families(fonts: FontSet, known: Sequence[str]) -> None:
    """Refuse a face typst cannot find by name: its text would vanish without an error."""
    names = {name.lower() for name in known}
    for record in fonts.records():
        if record.family.lower() not in names:
            raise FontMissing(f"字体“{record.family}”（{record.path.name}）不能用于生成 PDF。")


def _hundredths(value: float) -> int:
    return round(value * 100)


def _color(value: str | None) -> str:
    return f"#{value}" if value else "#000000"


def _page(
    page: PageLayout, overlay: PageOverlay | None, fonts: FontSet, images: dict[bytes, int]
) -> dict[str, Any]:
    pictures = []
    for picture in page.pictures:
        number = images.setdefault(picture.data, len(images))
        pictures.append([*_numbers(picture.rect), number])
    spans = [*page.spans, *(overlay.texts if overlay else ())]
    return {
        "w": _hundredths(page.width),
        "h": _hundredths(page.height),
        "heads": [],
        "lines": drawing(page, overlay.rects if overlay else ()),
        "pictures": pictures,
        "texts": _texts(spans, fonts),
        "links": [],
    }


def _numbers(rect: Rect) -> list[int]:
    return [round(rect.x * 100), round(rect.y * 100), round(rect.width * 100), round(rect.height * 100)]


def _texts(spans: Sequence[TextSpan], fonts: FontSet) -> list[dict[str, Any]]:
    # Only neighbours share a group: the order in the file is the order a search or a screen reader reads.
    groups: list[tuple[_Look, list[list[Any]]]] = []
    for span in spans:
        key = (span.family, span.size, span.color, span.tracking, span.bold)
        if not groups or groups[-1][0] != key:
            groups.append((key, []))
        _items(span, fonts, groups[-1][1])
    return [
        {
            "font": [BUNDLED.get(family, family)],
            "size": _hundredths(size),
            "fill": _color(color),
            "tracking": _hundredths(tracking),
            "bold": _hundredths(size * _BOLD) if bold else 0,
            "items": items,
        }
        for (family, size, color, tracking, bold), items in groups
    ]


def _items(span: TextSpan, fonts: FontSet, group: list[list[Any]]) -> None:
    """Add a span in pieces that typst sets as they are.

    typst narrows two Chinese punctuation marks in a row and moves an opening mark at the beginning of a
    line half an em to the left; the first is avoided by cutting, the second undone.
    """
    text, y = span.text, round(span.y * 100)
    if text[0] not in _OPENING and _ADJACENT.search(text) is None:
        group.append([round(span.x * 100), y, text])
        return
    at, x, advances = 0, span.x, fonts.face(span.family).advances
    for end in (*(match.start() for match in _ADJACENT.finditer(text)), len(text)):
        part = text[at:end]
        shift = span.size / 2 if _is_moved(part[0], advances[part[0]], span.tracking) else 0.0
        group.append([round((x + shift) * 100), y, part])
        x += sum(map(advances.__getitem__, part)) * span.size + span.tracking * len(part)
        at = end


def _is_moved(char: str, advance: float, tracking: float) -> bool:
    """Whether typst moves ``char`` at the beginning of a line; quotes only while they are one em wide."""
    return char in _OPENING and advance == 1.0 and (not tracking or char not in "“‘")
