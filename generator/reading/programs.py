"""Whether a file holds programs: what a viewer would run, start or unpack when somebody opens it.

A PDF is looked through twice.  Every object of every cross-reference is visited, also those in object streams
and behind an owner's password, whether or not a page leads to it; and the words of the file are read outside
its streams, so that an object an edit left behind, or a reader does not find, counts too.  Nothing is run.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

NAMES: Final[Mapping[str, str]] = {
    "javascript": "JavaScript 脚本",
    "launch": "启动其他程序的动作",
    "embedded": "内嵌的文件",
    "media": "富媒体或三维内容",
    "xfa": "动态表单（XFA）",
    "action": "自动提交、导入或打开外部文件的动作",
    "macro": "宏",
    "archive": "接在后面的压缩包",
    "unseen": "看不清的部分",
}
"""Kind of a program → what a user reads.  Kinds are kept with documents for ever."""
_KEYS: Final[Mapping[str, str]] = {
    "/JS": "javascript", "/JavaScript": "javascript", "/EmbeddedFiles": "embedded", "/EF": "embedded",
    "/RichMediaContent": "media", "/RichMediaSettings": "media", "/XFA": "xfa", "/Launch": "launch",
}  # fmt: skip
"""A key that is there is enough."""
_ACTIONS: Final[Mapping[str, str]] = {
    "/JavaScript": "javascript", "/Launch": "launch", "/SubmitForm": "action", "/ImportData": "action",
    "/GoToE": "embedded", "/RichMediaExecute": "media", "/Rendition": "media", "/Movie": "media",
}  # fmt: skip
"""Type of an action (``/S``) → kind."""
_SUBTYPES: Final[Mapping[str, str]] = {
    "/RichMedia": "media", "/3D": "media", "/Screen": "media", "/Movie": "media",
    "/FileAttachment": "embedded",
}  # fmt: skip
_AUTOMATIC: Final = frozenset(("/URI", "/GoToR", "/Hide", "/SetOCGState", "/Trans", "/Thread", "/Sound"))
"""Harmless where a person clicks; by themselves, at the opening, they are not."""
_WORDS: Final = {
    name.encode(): kind
    for name, kind in (*_KEYS.items(), ("/RichMedia", "media"), ("/FileAttachment", "embedded"))
}
_NAME: Final = re.compile(rb"/[^\x00\t\n\x0c\r ()<>\[\]{}/%]+")
_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_OBJECTS: Final = 300_000
_MOST_INSIDE: Final = 100_000
"""Parts of one object; a page tree of a book has some hundreds."""
_MACRO_PARTS: Final = ("vbaproject", "vbadata", "macrosheets/", "activex/", "embeddings/", "oleobject")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_WORDS: Final = tuple(word.encode("utf-16-le") for word in ("_VBA_PROJECT", "Macros", "Ole10Native"))


@dataclass(frozen=True, slots=True)
class Looked:
    """Kinds of programs found, in the order of NAMES; ``whole``: nothing was left that could not be read."""

    kinds: tuple[str, ...]
    whole: bool


def programs_in(content: bytes) -> Looked:
    """What a file in memory holds."""
    return _looked(io.BytesIO(content))


def programs_in_file(path: Path) -> Looked:
    """What a file on disk holds; read piece by piece."""
    with path.open("rb") as stream:
        return _looked(stream)


def _looked(stream: IO[bytes]) -> Looked:
    head = stream.read(1024)
    found: set[str] = set()
    whole = True
    if b"%PDF-" in head:
        found |= set(_words(stream))
        walked = _Walk()
        walked.file(stream)
        found, whole = found | walked.found, walked.whole
        if _is_zip(stream):
            found.add("archive")
    elif head.startswith(b"PK"):
        macros, whole = _zipped(stream)
        found |= macros
    elif head.startswith((_OLE, b"{\\rtf")):
        stream.seek(0)
        body = stream.read()
        if any(word in body for word in _OLE_WORDS) or b"\\objdata" in body:
            found.add("macro")
    return Looked(tuple(kind for kind in NAMES if kind in found), whole)


def _is_zip(stream: IO[bytes]) -> bool:
    stream.seek(0)
    return zipfile.is_zipfile(stream)


def _zipped(stream: IO[bytes]) -> tuple[set[str], bool]:
    """Macros and objects among the parts; whether the parts could be listed."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as parts:
            macro = any(word in name.lower() for name in parts.namelist() for word in _MACRO_PARTS)
    except (zipfile.BadZipFile, OSError, ValueError):
        return set(), False
    return {"macro"} if macro else set(), True


def _words(stream: IO[bytes]) -> Iterator[str]:
    """Kinds of the names that stand outside streams, however they are spelled (``/J#53``)."""
    with _content(stream) as content:
        for start, end in _between_streams(content):
            for name in set(_NAME.findall(content, start, end)):
                plain = _HEX.sub(lambda found: bytes([int(found[1], 16)]), name)
                if plain in _WORDS:
                    yield _WORDS[plain]


@contextmanager
def _content(stream: IO[bytes]) -> Iterator[bytes | mmap.mmap]:
    """The whole file, where it lies on a disk without being read into memory."""
    if isinstance(stream, io.BytesIO):
        yield stream.getvalue()
        return
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _between_streams(content: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where the words of the file lie: all of it but the bodies of streams."""
    last = at = 0
    # Ends: each round goes on behind the place it found.
    while (at := content.find(b"stream", at)) >= 0:
        body = at + len(b"stream")
        if content[max(at - 3, 0) : at] == b"end" or content[body : body + 1] not in (b"\r", b"\n"):
            at = body
            continue
        end = content.find(b"endstream", body)
        if end < 0:
            break
        yield last, body
        last = at = end + len(b"endstream")
    yield last, len(content)


class _Walk:
    """Every object of a PDF, each once."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.whole = True

    def file(self, stream: IO[bytes]) -> None:
        """Visit all objects; what breaks the reader leaves the look unfinished."""
        from pypdf import PdfReader

        try:
            stream.seek(0)
            reader = PdfReader(stream, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                self.whole = False
                return
            self._objects(reader)
            self._value(reader.trailer)
            self._opening(reader)
        except Exception:  # pypdf raises whatever a broken file makes it raise
            self.whole = False

    def _objects(self, reader: Any) -> None:
        from pypdf.generic import IndirectObject

        numbers = {(number, generation) for generation, known in reader.xref.items() for number in known}
        numbers |= {(number, 0) for number in reader.xref_objStm}
        if len(numbers) > _MOST_OBJECTS:
            self.whole = False
            return
        for number, generation in sorted(numbers):
            with contextlib.suppress(Exception):  # a broken object is none for a viewer either
                self._value(reader.get_object(IndirectObject(number, generation, reader)))
            reader.resolved_objects.clear()  # a scan of a thousand pages is not held

    def _value(self, value: Any) -> None:
        """Look at one object and everything written inside it; not at what it refers to."""
        waiting, seen = [value], 0
        # Ends: every part of an object is taken once, and at most _MOST_INSIDE of them.
        while waiting:
            part, seen = waiting.pop(), seen + 1
            if seen > _MOST_INSIDE:
                self.whole = False
                return
            if isinstance(part, dict):
                self._dictionary(part)
                waiting += [dict.__getitem__(part, key) for key in part]
            elif isinstance(part, list):
                waiting += [list.__getitem__(part, place) for place in range(len(part))]

    def _dictionary(self, part: Mapping[Any, Any]) -> None:
        self.found |= {_KEYS[key] for key in part if key in _KEYS}
        for key, kinds in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES)):
            named = part.get(key)
            if isinstance(named, str) and named in kinds:
                self.found.add(kinds[named])

    def _opening(self, reader: Any) -> None:
        """What happens by itself when the file is opened or a page is shown."""
        root = reader.trailer["/Root"]
        places = [root.get("/OpenAction"), *_automatic(root.get("/AA"))]
        for page in reader.pages:
            places += _automatic(page.get("/AA"))
            reader.resolved_objects.clear()
        for place in places:
            action = place.get_object() if hasattr(place, "get_object") else place
            if isinstance(action, dict) and action.get("/S") in _AUTOMATIC:
                self.found.add("action")


def _automatic(actions: Any) -> list[Any]:
    told = actions.get_object() if hasattr(actions, "get_object") else actions
    return list(told.values()) if isinstance(told, dict) else []
