"""Reads the inside of one paragraph: runs, fields, pictures and bookmarks, flattened to one string.

Owns the decision which run content is printed, ignored or refused.  A bookmark that stays open at the
end of a paragraph goes on in the next one.
"""

from __future__ import annotations

from typing import Protocol

from lxml.etree import _Element

from generator.errors import TemplateDamaged
from generator.typeset.measures import PICTURE, number
from generator.typeset.ooxml import PIC, VAL, WP, A, R, W, local, unsupported
from generator.typeset.properties import apply_run, run_changes
from generator.typeset.styles import Styles
from generator.typeset.wml import (
    BOX_EMPTY,
    BOX_TICKED,
    LINE_BREAK,
    OBJECT,
    PAGE_BREAK,
    PAGE_FIELD,
    TAB,
    TOTAL_FIELD,
    Bookmark,
    Image,
    Paragraph,
    ParaProps,
    Run,
    RunProps,
)

IDENTITY = "kangdang-identity"
_IGNORED = frozenset(
    W + n
    for n in (
        "pPr", "rPr", "proofErr", "lastRenderedPageBreak", "permStart", "permEnd", "bookmarkEnd",
        "commentRangeStart", "commentRangeEnd", "softHyphen", "fldData",
    )
)  # fmt: skip
_CONTAINERS = frozenset(W + n for n in ("smartTag", "sdt", "sdtContent", "customXml"))
_CONTAINER_PROPS = frozenset(W + n for n in ("sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr"))
_PLAIN_SWITCHES = ("", "\\*MERGEFORMAT", "\\*ARABIC", "\\*ARABIC\\*MERGEFORMAT")
"""Switches that leave a number as it is; others ask for Roman or Chinese numerals, zeros, dashes."""
_FIELDS = {"PAGE": PAGE_FIELD, "NUMPAGES": TOTAL_FIELD}
_OUR_BOXES = str.maketrans({"\u2610": BOX_EMPTY, "\u2612": BOX_TICKED})
_WORD_BOXES = frozenset("\u2610\u2611\u2612")
_T, _R, _RPR = W + "t", W + "r", W + "rPr"
_MEDIA = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class Pictures(Protocol):
    """Finds the bytes of a picture by relation id."""

    def __call__(self, relation: str) -> bytes:
        """Return the picture of a relation id.  Raises TemplateDamaged when it is absent."""
        ...


class Bookmarks:
    """Bookmarks open at the reading position; they may span paragraphs and cells."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, int]] = {}
        self.closed: list[Bookmark] = []

    @property
    def idle(self) -> bool:
        """No bookmark is open."""
        return not self._open and not self.closed

    def start(self, element: _Element, position: int) -> None:
        """Take a ``bookmarkStart`` at ``position``."""
        name = element.get(W + "name") or ""
        if not name.startswith("_"):
            self._open[element.get(W + "id") or ""] = (name, position)

    def end(self, element: _Element, position: int) -> None:
        """Take a ``bookmarkEnd`` at ``position``."""
        found = self._open.pop(element.get(W + "id") or "", None)
        if found is not None and (position > 0 or found[1] == 0):
            self.closed.append(Bookmark(found[0], found[1], position))

    def take(self, length: int) -> list[Bookmark]:
        """Return the bookmarks of a paragraph of ``length`` characters that ends here."""
        found = self.closed
        self.closed = []
        for key, (name, start) in self._open.items():
            found.append(Bookmark(name, start, length))
            self._open[key] = (name, 0)
        return found


class InlineReader:
    """Collects the text of one paragraph at a time."""

    def __init__(self, styles: Styles, pictures: Pictures, bookmarks: Bookmarks, *, fields: bool) -> None:
        self._styles = styles
        self._pictures = pictures
        self._bookmarks = bookmarks
        self._fields = fields

    def read(
        self, element: _Element, props: ParaProps, base: RunProps, mark: RunProps, where: str
    ) -> Paragraph:
        """Return the paragraph ``element`` with resolved properties.  Raises TemplateUnsupported."""
        self._text: list[str] = []
        self._length = 0
        self._runs: list[Run] = []
        self._images: dict[int, Image] = {}
        self._where = where
        self._base = base
        self._field: list[str] | None = None
        self._result = False
        self._content(element)
        text = "".join(self._text)
        marks = self._bookmarks.take(self._length)
        return Paragraph(text, self._runs, props, mark, marks, self._images, where)

    def _content(self, element: _Element) -> None:
        for child in element.iterchildren("*"):
            tag = child.tag
            if tag == _R:
                self._run(child)
            elif tag == W + "bookmarkStart":
                self._bookmarks.start(child, self._length)
            elif tag == W + "bookmarkEnd":
                self._bookmarks.end(child, self._length)
            elif tag in _CONTAINERS:
                self._content(child)
            elif tag == W + "fldSimple":
                self._simple_field(child)
            elif tag not in _IGNORED and tag not in _CONTAINER_PROPS:
                raise unsupported(local(child), self._where)

    def _add(self, text: str, props: RunProps) -> None:
        if not text:
            return
        start = self._length
        self._length += len(text)
        self._text.append(text)
        if self._runs and self._runs[-1].props is props:
            self._runs[-1] = Run(self._runs[-1].start, self._length, props)
        else:
            self._runs.append(Run(start, self._length, props))

    def _props(self, run: _Element) -> RunProps:
        element = run.find(_RPR)
        if element is None:
            return self._base
        key = (self._base, tuple((c.tag, *c.attrib.items()) for c in element))
        found = self._styles.run_cache.get(key)
        if found is None:
            base = self._base
            if (style := element.find(W + "rStyle")) is not None:
                base = self._styles.character(style.get(VAL) or "", base)
            found = apply_run(base, run_changes(element, self._where))
            self._styles.run_cache[key] = found
        return found

    def _run(self, run: _Element) -> None:
        props = self._props(run)
        for child in run.iterchildren("*"):
            tag = child.tag
            if tag == _T:
                if self._field is None:
                    self._words(child.text or "", props)
            elif tag == W + "fldChar" or tag == W + "instrText":
                self._complex_field(child, props)
            elif tag not in _IGNORED:
                self._special(child, props)

    def _words(self, text: str, props: RunProps) -> None:
        """Add text; the boxes of Word's own check box control are drawn as ours, in any font."""
        if not _WORD_BOXES.isdisjoint(text):
            text = text.translate(_OUR_BOXES)
            if set(text) <= {BOX_EMPTY, BOX_TICKED}:
                props = props._replace(latin=self._base.latin, east=self._base.east)
        self._add(text, props)

    def _special(self, child: _Element, props: RunProps) -> None:
        name = local(child)
        if self._field is not None:
            return
        if name == "tab":
            self._add(TAB, props)
        elif name in ("br", "cr"):
            kind = child.get(W + "type") or "textWrapping"
            if kind == "column":
                raise unsupported("br", self._where, f"={kind}")
            self._add(PAGE_BREAK if kind == "page" else LINE_BREAK, props)
        elif name == "noBreakHyphen":
            self._add("\u2011", props)
        elif name == "drawing":
            self._drawing(child, props)
        else:
            raise unsupported(name, self._where)

    def _put_field(self, instruction: str, props: RunProps) -> None:
        name, *switches = instruction.upper().split() or [""]
        if name not in _FIELDS or not self._fields:
            raise unsupported("fldSimple", self._where, f" {name}")
        if "".join(switches) not in _PLAIN_SWITCHES:
            raise unsupported("fldSimple", self._where, f" {name} {' '.join(switches)[:20]}")
        self._add(_FIELDS[name], props)

    def _simple_field(self, element: _Element) -> None:
        run = element.find(_R)
        self._put_field(element.get(W + "instr") or "", self._base if run is None else self._props(run))

    def _complex_field(self, child: _Element, props: RunProps) -> None:
        kind = child.get(W + "fldCharType")
        if child.tag == W + "instrText":
            if self._field is not None and not self._result:
                self._field.append(child.text or "")
        elif kind == "begin":
            if self._field is not None:
                raise unsupported("fldChar", self._where)
            self._field, self._result = [], False
        elif kind == "separate":
            self._result = True
        elif kind == "end" and self._field is not None:
            instruction, self._field = "".join(self._field), None
            self._put_field(instruction, props)

    def _drawing(self, drawing: _Element, props: RunProps) -> None:
        frame = next(drawing.iterchildren("*"), None)
        if frame is None:
            return
        properties = frame.find(WP + "docPr")
        identity = self._fields and properties is not None and properties.get("name") == IDENTITY
        if frame.tag != WP + "inline":
            if identity:
                return
            raise unsupported("anchor", self._where)
        extent = frame.find(WP + "extent")
        if extent is None:
            raise TemplateDamaged("Word 文件中的图片没有尺寸。")
        data, media = (b"", "") if identity else self._picture(frame)
        width, height = (number(extent.get(side) or "0", PICTURE, scale=12700) for side in ("cx", "cy"))
        self._images[self._length] = Image(width, height, data, media)
        self._add(OBJECT, props)

    def _picture(self, frame: _Element) -> tuple[bytes, str]:
        picture = frame.find(f"{A}graphic/{A}graphicData/{PIC}pic")
        if picture is None:
            raise unsupported("drawing", self._where)
        crop = picture.find(f"{PIC}blipFill/{A}srcRect")
        form = picture.find(f"{PIC}spPr/{A}xfrm")
        if (crop is not None and crop.attrib) or (form is not None and form.attrib):
            raise unsupported("drawing", self._where, " 裁剪或旋转")
        blip = picture.find(f"{PIC}blipFill/{A}blip")
        data = self._pictures((blip.get(R + "embed") or "") if blip is not None else "")
        for magic, media in _MEDIA:
            if data.startswith(magic):
                if media == "image/jpeg" and _components(data) == 4:
                    raise unsupported("drawing", self._where, " CMYK 颜色的 JPEG")
                return data, media
        raise unsupported("drawing", self._where, " 图片格式（只支持 PNG、JPEG）")


def _components(jpeg: bytes) -> int:
    """Return the number of colour components of a JPEG (0 when its frame header is not found)."""
    at = 2
    # Ends: each round goes on by at least two bytes.
    while at + 9 < len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return jpeg[at + 9]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return 0
