"""The docx as a zip of parts: reading one that may be hostile, writing one that is always the same bytes.

Owns the zip container: limits while reading, order and dates while writing.  What a part may contain is
``safety``'s; nothing here knows what a document says.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from generator.errors import TemplateDamaged, TemplateUnsafe

CONTENT_TYPES = "[Content_Types].xml"
IDENTITY_NAME = "kangdang-identity"
"""Its name in the drawing, which editors keep; they rename the part."""
IDENTITY_PART = "word/media/identity.png"
"""The picture in the header of our templates that shows the page code of a working copy."""

MAX_ENTRIES = 500
MAX_PART_BYTES = 20_000_000
MAX_TOTAL_BYTES = 60_000_000
MAX_RATIO = 200
RATIO_FROM_BYTES = 100_000
"""Under this size a part may pack as well as it likes: it cannot fill the memory."""

LEVEL = 3
"""Deflate level.  A document.xml of 62 kB: level 1 0.08 ms to 7.6 kB, level 3 0.09 ms to 7.3 kB, level 6 0.30
ms to 6.9 kB.  Packing constant fragments in advance and joining them took 0.15 ms and 36 kB."""
STORED_UNDER = 2048
"""Changing parts shorter than this (headers, footers) are stored: setting up a deflate stream takes 12 µs,
a sixth of writing a package."""

_ENCRYPTED = 0x1
_UTF8 = 0x800
_ZIP64_EXTRA = 1
_ZIP64_LOCATOR = b"PK\x06\x07"
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (".png", ".jpg", ".jpeg", ".gif")
_DATE_1980 = 1 << 5 | 1
_STORED, _DEFLATED = 0, 8


class Package(NamedTuple):
    """The parts of a docx by name (``word/document.xml``), in the order of the file."""

    parts: Mapping[str, bytes]


def read_package(raw: bytes, *, known: bool = False) -> Package:
    """Open a docx that nobody has looked at yet; one that is ``known`` was found harmless, byte for byte.

    Raises TemplateDamaged when it is no readable Word package, TemplateUnsafe when it is over a limit or
    holds what a template must not have; the message names the part.
    """
    if raw.startswith(_OLD_WORD):
        raise TemplateDamaged(
            "这是旧版 .doc 文档或加了密码的文档。",
            hint="请在 Word 或 WPS 中去掉密码，另存为 .docx 后再安装。",
        )
    if not raw.startswith(b"PK\x03\x04"):
        raise TemplateDamaged("文件不是 .docx 文档。")
    if len(raw) > MAX_TOTAL_BYTES:
        raise TemplateUnsafe(f"文件太大（超过 {MAX_TOTAL_BYTES // 1_000_000} MB）。")
    parts = _read_parts(raw)
    if not known:
        from generator.docx.safety import refuse_unsafe

        refuse_unsafe(parts)
    return Package(MappingProxyType(parts))


def write_package(parts: Mapping[str, bytes], *, level: int = LEVEL) -> bytes:
    """Zip ``parts``; equal parts give equal bytes whatever their order, on one zlib version."""
    return PackageWriter(parts, level=level).assemble({})


class PackageWriter:
    """Writes many packages that differ in a few parts: all others are packed once.

    ``changing`` names the parts that will be given each time (only a hint: they are not packed in advance).
    Safe to share between threads.
    """

    def __init__(
        self, parts: Mapping[str, bytes], *, changing: Collection[str] = (), level: int = LEVEL
    ) -> None:
        self._parts = dict(parts)
        self._level = level
        self._packed = {
            name: _pack(name, data, level) for name, data in self._parts.items() if name not in changing
        }
        self._fixed: dict[frozenset[str], _Fixed] = {}

    def assemble(self, changed: Mapping[str, bytes]) -> bytes:
        """Write the package with ``changed`` in place of the parts of the same names.

        The parts that stay come first, so that they and their directory are one ready-made block.
        Raises KeyError for a name the package does not have: no other part would point to it.
        """
        names = frozenset(changed)
        fixed = self._fixed.get(names) or self._fix(names)
        chunks, directory, offset = [fixed.entries], [fixed.directory], len(fixed.entries)
        for name in fixed.changed:
            data = changed[name]
            entry = _pack(name, data, self._level if len(data) >= STORED_UNDER else 0)
            chunks.append(entry.local)
            directory.append(entry.central(offset))
            offset += len(entry.local)
        records = b"".join(directory)
        count = len(self._parts)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(records), offset, 0)
        return b"".join((*chunks, records, end))

    def _fix(self, changed: frozenset[str]) -> _Fixed:
        if unknown := sorted(changed - self._parts.keys()):
            raise KeyError(f"no such part: {unknown[0]}")
        entries, directory, offset = [], [], 0
        for name in _in_order(self._parts.keys() - changed):
            entry = self._packed.get(name) or _pack(name, self._parts[name], self._level)
            entries.append(entry.local)
            directory.append(entry.central(offset))
            offset += len(entry.local)
        fixed = _Fixed(b"".join(entries), b"".join(directory), tuple(_in_order(changed)))
        self._fixed[changed] = fixed
        return fixed


class _Fixed(NamedTuple):
    """What does not change between two packages, and the parts that follow it."""

    entries: bytes
    directory: bytes
    changed: tuple[str, ...]


class _Entry(NamedTuple):
    """One packed part: its local header with data, and what the directory says of it."""

    local: bytes
    described: bytes
    name: bytes

    def central(self, offset: int) -> bytes:
        return b"".join(
            (b"PK\x01\x02\x14\x00", self.described, bytes(10), struct.pack("<L", offset), self.name)
        )


def _pack(name: str, data: bytes, level: int) -> _Entry:
    """Deflate one part; level 0 and pictures, which are packed already, are stored."""
    method, packed = _STORED, data
    if level and not name.endswith(_PACKED):
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
        method, packed = _DEFLATED, deflate.compress(data) + deflate.flush()
    encoded = name.encode()
    described = struct.pack(
        "<5H3L2H",
        20,
        0 if name.isascii() else _UTF8,
        method,
        0,
        _DATE_1980,
        zlib.crc32(data),
        len(packed),
        len(data),
        len(encoded),
        0,
    )
    return _Entry(b"".join((b"PK\x03\x04", described, encoded, packed)), described, encoded)


def _in_order(names: Iterable[str]) -> list[str]:
    """Content types first, as Word writes them; then the package's relations; then by name."""
    return sorted(names, key=lambda name: (name != CONTENT_TYPES, name != "_rels/.rels", name))


def _read_parts(raw: bytes) -> dict[str, bytes]:
    if _ZIP64_LOCATOR in raw[-200:]:
        raise TemplateUnsafe("文件用了 ZIP64 格式，模板不需要。")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = archive.infolist()
            _check_entries(infos)
            files = [info for info in infos if not info.filename.endswith("/")]
            return {info.filename: _read_part(archive, info) for info in files}
    # What zipfile raises for the many ways a zip can be broken.
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise TemplateDamaged("文件已损坏，不能作为 .docx 打开。") from error


def _read_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # read() without a number unpacks everything first and looks at the announced size afterwards.
    with archive.open(info) as part:
        return part.read(info.file_size + 1)


def _check_entries(infos: list[zipfile.ZipInfo]) -> None:
    """All limits, by what the entries announce, before a single byte is unpacked."""
    if len(infos) > MAX_ENTRIES:
        raise TemplateUnsafe(f"文件内的部件太多（超过 {MAX_ENTRIES} 个）。")
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise TemplateUnsafe(f"文件解压后太大（超过 {MAX_TOTAL_BYTES // 1_000_000} MB）。")
    seen: set[str] = set()
    for info in infos:
        _check_name(info)
        _check_entry(info)
        folded = info.filename.casefold()
        if folded in seen:
            raise TemplateUnsafe(f"部件 {info.filename} 出现了两次。")
        seen.add(folded)


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.filename
    steps = name.removesuffix("/").split("/")
    plain = name == info.orig_filename and name.isprintable() and not set(name) & set('\\:*?"<>|')
    if not plain or any(step in ("", ".", "..") for step in steps):
        raise TemplateUnsafe("文件内有部件的名称指向文件之外或含有非法字符。")


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if info.flag_bits & _ENCRYPTED:
        raise TemplateUnsafe(f"部件 {name} 加了密码。", hint="请在 Word 或 WPS 中去掉密码后另存为 .docx。")
    if info.compress_type not in (_STORED, _DEFLATED):
        raise TemplateUnsafe(f"部件 {name} 用了 Word 不用的压缩方法。")
    if _has_zip64_extra(info.extra):
        raise TemplateUnsafe(f"部件 {name} 用了 ZIP64 格式，模板不需要。")
    if info.filename.endswith("/") and info.file_size:
        raise TemplateUnsafe(f"文件夹 {name} 带有内容。")
    if info.file_size > MAX_PART_BYTES:
        raise TemplateUnsafe(f"部件 {name} 太大（超过 {MAX_PART_BYTES // 1_000_000} MB）。")
    if info.file_size > RATIO_FROM_BYTES and info.file_size > MAX_RATIO * info.compress_size:
        raise TemplateUnsafe(f"部件 {name} 的压缩比超过 {MAX_RATIO}，可能是压缩炸弹。")


def _has_zip64_extra(extra: bytes) -> bool:
    at = 0
    # Ends: each round goes on by at least four bytes.
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64_EXTRA:
            return True
        at += 4 + length
    return False
