"""Pages of which the file's own words say that they are one JPEG and nothing else.

Copiers write such pages.  Whoever reads the words of one need not draw it to know what a viewer shows: the
words are few, each is in the list below, and a page with any other word is not bare.  They are read by pypdf
and the picture by pdfium, so the two must also agree on which picture it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

_NUMBER: Final = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)")
_TAKES: Final = {
    b"q": 0, b"Q": 0, b"cm": 6,
    b"G": 1, b"g": 1, b"RG": 3, b"rg": 3, b"w": 1, b"J": 1, b"j": 1, b"M": 1, b"i": 1,
}  # fmt: skip
"""Operators that draw and hide nothing, and how many numbers each takes."""
_HARMLESS: Final = {
    "/Type": "/ExtGState", "/CA": 1, "/ca": 1, "/BM": "/Normal", "/SMask": "/None", "/AIS": False,
    "/SA": True, "/OP": False, "/op": False, "/OPM": 0,
}  # fmt: skip
"""What a graphics state may say: nothing is seen through, nothing is hidden."""
_OF_PAGE: Final = frozenset(
    ("/Type", "/Parent", "/Resources", "/Contents", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox",
     "/ArtBox", "/Rotate")
)  # fmt: skip
_OF_PICTURE: Final = frozenset(
    ("/Type", "/Subtype", "/Name", "/Length", "/Width", "/Height", "/BitsPerComponent", "/ColorSpace",
     "/Filter")
)  # fmt: skip
_CHANNELS: Final = {"/DeviceGray": 1, "/DeviceRGB": 3}
_MOST_WORDS = 1_000
"""Bytes of a page description; a bare one has a hundred."""


class BarePicture(NamedTuple):
    """The one picture of a bare page."""

    width: int
    height: int
    channels: int
    length: int
    """Bytes of its JPEG."""


class BarePages:
    """The pages of a file, asked one by one; memory does not grow with its pictures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._reader: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def picture(self, number: int) -> BarePicture | None:
        """The picture of page ``number`` (from 1); None for a page that has or is anything else."""
        try:
            return self._picture(self._opened().pages[number - 1])
        except Exception:  # pypdf raises whatever a broken file makes it raise: such a page is drawn
            return None

    def _opened(self) -> Any:
        from pypdf import PdfReader

        if self._reader is None:
            self._file = self._path.open("rb")
            self._reader = PdfReader(self._file, strict=False)
        return self._reader

    def _picture(self, page: Any) -> BarePicture | None:
        if not _OF_PAGE.issuperset(page):
            return None
        words = page["/Contents"].get_object().get_data()
        said = _said(words.split()) if len(words) <= _MOST_WORDS else None
        if said is None:
            return None
        resources = page["/Resources"].get_object()
        states = resources.get("/ExtGState", {})
        if not all(_is_harmless(states.get_object()[name].get_object()) for name in said.states):
            return None
        reference = resources["/XObject"].get_object().raw_get(said.picture)
        try:
            return _jpeg(reference.get_object())
        finally:
            self._reader.resolved_objects.pop((reference.generation, reference.idnum), None)


class _Said(NamedTuple):
    """What a page description names: the one picture it draws, the graphics states."""

    picture: str
    states: list[str]


def _said(words: list[bytes]) -> _Said | None:
    """What it names; None when it says anything else that is seen, or draws more than once or nothing."""
    pictures: list[str] = []
    states: list[str] = []
    before: list[bytes] = []
    for word in words:
        if word.startswith(b"/") or _NUMBER.fullmatch(word):
            before.append(word)
            continue
        named = [one.decode("latin-1") for one in before if one.startswith(b"/")]
        if word in (b"Do", b"gs") and len(named) == len(before) == 1:
            (pictures if word == b"Do" else states).extend(named)
        elif named or _TAKES.get(word) != len(before):
            return None
        before = []
    return _Said(pictures[0], states) if len(pictures) == 1 and not before else None


def _is_harmless(state: Any) -> bool:
    return all(key in _HARMLESS and value == _HARMLESS[key] for key, value in state.items())


def _jpeg(picture: Any) -> BarePicture | None:
    filters = picture["/Filter"]
    channels = _CHANNELS.get(str(picture["/ColorSpace"]))
    # How colours are turned says nothing of a picture that has none.
    told = _OF_PICTURE | {"/DecodeParms"} if channels == 1 else _OF_PICTURE
    if (
        not told.issuperset(picture)
        or picture["/Subtype"] != "/Image"
        or channels is None
        or picture["/BitsPerComponent"] != 8
        or ([filters] if isinstance(filters, str) else list(filters)) != ["/DCTDecode"]
    ):
        return None
    stream = bytes(picture._data)  # noqa: SLF001 - pypdf has no other way to the bytes as they lie
    return BarePicture(int(picture["/Width"]), int(picture["/Height"]), channels, len(stream))
