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
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from generator.errors import FontMissing
from generator.typeset.fonts import BUNDLED, FontSet
from generator.typeset.model import Bookmark, Layout, PageLayout, PageLink, PageOverlay, Rect, TextSpan

if TYPE_CHECKING:
    import typst

_PROGRAM = b"""#let d = json(bytes(sys.inputs.d))
#set document(title: d.title, author: ())
#set page(margin: 0pt, fill: none)
#set text(lang: "zh", region: "CN", top-edge: "baseline", bottom-edge: "baseline", cjk-latin-spacing: none,
  kerning: false, ligatures: false, overhang: false, hyphenate: false, fallback: false)
#set par(justify: false, linebreaks: "simple", leading: 0pt, spacing: 0pt)
#show heading: none
#let at(x, y, body) = place(top + left, dx: x * 1pt, dy: y * 1pt, body)
#for p in d.pages { page(width: p.w * 1pt, height: p.h * 1pt, {
  for (level, title) in p.at("heads", default: ()) {
    at(0, 0, heading(level: level, bookmarked: true, title))
  }
  for (x, y, w, h, c) in p.fills { at(x, y, rect(width: w * 1pt, height: h * 1pt, fill: rgb(c))) }
  for (w, c, segments) in p.rules {
    let pen = (paint: rgb(c), thickness: w * 1pt, cap: "square")
    at(0, 0, curve(stroke: pen, ..for (a, b, e, f) in segments {
      (curve.move((a * 1pt, b * 1pt)), curve.line((e * 1pt, f * 1pt)))
    }))
  }
  for (x, y, w, h, i) in p.pictures {
    at(x, y, image(bytes(d.images.at(i)), width: w * 1pt, height: h * 1pt))
  }
  for g in p.texts {
    set text(font: g.font, size: g.size * 1pt, fill: rgb(g.fill), tracking: g.tracking * 1pt,
      stroke: if g.bold > 0 { g.bold * 1pt + rgb(g.fill) } else { none })
    for (x, y, s) in g.items { at(x, y, s) }
  }
  for (w, paths) in p.strokes {
    at(0, 0, curve(stroke: (paint: black, thickness: w * 1pt, join: "miter"), ..for path in paths {
      for (i, (x, y)) in path.enumerate() {
        if i == 0 { (curve.move((x * 1pt, y * 1pt)),) } else { (curve.line((x * 1pt, y * 1pt)),) }
      }
      if path.len() == 4 { (curve.close(),) }
    }))
  }
  if p.blocks.len() > 0 {
    at(0, 0, curve(fill: black, stroke: none, ..for (x, y, w, h) in p.blocks {
      (curve.move((x * 1pt, y * 1pt)), curve.line((x * 1pt + w * 1pt, y * 1pt)),
       curve.line((x * 1pt + w * 1pt, y * 1pt + h * 1pt)), curve.line((x * 1pt, y * 1pt + h * 1pt)),
       curve.close())
    }))
  }
  for (x, y, w, h, target) in p.at("links", default: ()) {
    at(x, y, link((page: target, x: 0pt, y: 0pt), box(width: w * 1pt, height: h * 1pt)))
  }
}) }
"""

_BOLD = 0.03  # stroke that thickens a regular face, of the em
_OPENING = frozenset("“‘（《「『【〔〖〈［｛〝")
_CLOSING = "”’）》」』】〕〗〉］｝〞，。．、；：？！"
_PUNCTUATION = "".join(_OPENING) + _CLOSING
_ADJACENT = re.compile(f"(?<=[{_PUNCTUATION}])(?=[{_PUNCTUATION}])")
_compilers: dict[tuple[str, ...], tuple[typst.Compiler, threading.Lock]] = {}
_guard = threading.Lock()


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
        pages[mark.page].setdefault("heads", []).append([mark.level, mark.title])
    for link in links:
        pages[link.page].setdefault("links", []).append([*_numbers(link.rect), link.target + 1])
    data = {"title": title, "pages": pages, "images": [list(image) for image in images]}
    compiler, lock = _compiler(fonts)
    with lock:
        result: Any = compiler.compile(
            _PROGRAM,
            sys_inputs={"d": json.dumps(data, ensure_ascii=False, separators=(",", ":"))},
            format="pdf",
            pdf_standards=["a-2b"],
            timestamp=_fixed(timestamp),
            pdf_tags=False,
        )
    return bytes(result)


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


def _round(value: float) -> float:
    return round(value, 2)


def _color(value: str | None) -> str:
    return f"#{value}" if value else "#000000"


def _page(
    page: PageLayout, overlay: PageOverlay | None, fonts: FontSet, images: dict[bytes, int]
) -> dict[str, Any]:
    rules: dict[tuple[float, str], list[list[float]]] = {}
    for rule in page.rules:
        segment = [_round(rule.x1), _round(rule.y1), _round(rule.x2), _round(rule.y2)]
        rules.setdefault((_round(rule.width), _color(rule.color)), []).append(segment)
    pictures = []
    for picture in page.pictures:
        number = images.setdefault(picture.data, len(images))
        pictures.append([*_numbers(picture.rect), number])
    spans = [*page.spans, *(overlay.texts if overlay else ())]
    return {
        "w": _round(page.width),
        "h": _round(page.height),
        "fills": [[*_numbers(fill.rect), _color(fill.color)] for fill in page.fills],
        "rules": [[width, color, segments] for (width, color), segments in rules.items()],
        "pictures": pictures,
        "texts": _texts(spans, fonts),
        "strokes": _strokes(page),
        "blocks": [_numbers(rect) for rect in overlay.rects] if overlay else [],
    }


def _numbers(rect: Rect) -> list[float]:
    return [_round(rect.x), _round(rect.y), _round(rect.width), _round(rect.height)]


def _strokes(page: PageLayout) -> list[list[Any]]:
    """Return the outlines of tick boxes: squares as closed paths, ticks as open ones."""
    found: dict[float, list[list[list[float]]]] = {}
    for box in page.boxes:
        x, y, side = box.rect.x, box.rect.y, box.rect.width
        thin = side * 0.06
        left, upper, right, lower = x + thin / 2, y + thin / 2, x + side - thin / 2, y + side - thin / 2
        square = [[left, upper], [right, upper], [right, lower], [left, lower]]
        found.setdefault(_round(thin), []).append([[_round(a), _round(b)] for a, b in square])
        if box.ticked:
            tick = [(0.18, 0.52), (0.42, 0.78), (0.86, 0.16)]
            path = [[_round(x + a * side), _round(y + b * side)] for a, b in tick]
            found.setdefault(_round(side * 0.11), []).append(path)
    return [[width, paths] for width, paths in found.items()]


def _texts(spans: Sequence[TextSpan], fonts: FontSet) -> list[dict[str, Any]]:
    # Only neighbours share a group: the order in the file is the order a search or a screen reader reads.
    groups: list[tuple[tuple[str, float, str, float, bool], list[list[Any]]]] = []
    for span in spans:
        key = (span.family, span.size, _color(span.color), _round(span.tracking), span.bold)
        if not groups or groups[-1][0] != key:
            groups.append((key, []))
        _items(span, fonts, groups[-1][1])
    return [
        {
            "font": [BUNDLED.get(family, family)],
            "size": size,
            "fill": fill,
            "tracking": tracking,
            "bold": _round(size * _BOLD) if bold else 0,
            "items": items,
        }
        for (family, size, fill, tracking, bold), items in groups
    ]


def _items(span: TextSpan, fonts: FontSet, group: list[list[Any]]) -> None:
    """Add a span in pieces that typst sets as they are.

    typst narrows two Chinese punctuation marks in a row and moves an opening mark at the beginning of a
    line half an em to the left; the first is avoided by cutting, the second undone.
    """
    text, at, x = span.text, 0, span.x
    points = [match.start() for match in _ADJACENT.finditer(text)]
    if not points and text[0] not in _OPENING:
        group.append([_round(x), _round(span.y), text])
        return
    advances = fonts.face(span.family).advances
    for end in (*points, len(text)):
        part = text[at:end]
        shift = span.size / 2 if _is_moved(part[0], advances[part[0]], span.tracking) else 0.0
        group.append([_round(x + shift), _round(span.y), part])
        x += sum(map(advances.__getitem__, part)) * span.size + span.tracking * len(part)
        at = end


def _is_moved(char: str, advance: float, tracking: float) -> bool:
    """Whether typst moves ``char`` at the beginning of a line; quotes only while they are one em wide."""
    return char in _OPENING and advance == 1.0 and (not tracking or char not in "“‘")
