"""A page's stream as the picture object of a PDF, and back.

    JPEG (grey, RGB, CMYK), JPEG 2000    the stream itself, byte for byte
    TIFF group 4 in one strip            its strip, byte for byte, as CCITT
    PNG, not interlaced, nothing in it transparent    its IDAT, byte for byte, as Flate
    everything else                      decoded and packed again without loss: group 4 or PNG

A stream is judged by its head, never by what it was called.  Nothing is decoded that can pass as it is.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.errors import ScanUnusable
from generator.reading.hearing import listened
from generator.reading.page_image import check_pixels, is_negative, on_white, opened

if TYPE_CHECKING:
    from PIL.Image import Image

    from generator.reading.page_image import Grey

PNG = b"\x89PNG\r\n\x1a\n"
_ROWS_PER_STRIP = 278
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1}
_MODES = {"L": 1, "RGB": 3}


class PdfPicture(NamedTuple):
    """A picture as a PDF keeps it; ``head`` is its dictionary without type and length."""

    width: int
    height: int
    head: str
    data: bytes


class PageStream(NamedTuple):
    """A page's stream as a file of its own."""

    media_type: str
    data: bytes


def picture_of(stream: bytes) -> PdfPicture:
    """What a PDF keeps of a page's stream.

    Raises ScanUnusable for what is no sound picture, ScanTooLarge beyond the dots a page may have.
    """
    made = _as_it_is(stream)
    if made is None:
        made = _as_it_is(_packed(stream))
    if made is None:
        raise ScanUnusable("该页图像不能存入文件：不是完整的 JPEG、PNG、TIFF 图片。")
    check_pixels(made.width, made.height)
    return made


def _as_it_is(stream: bytes) -> PdfPicture | None:
    """The stream without touching its picture, where a PDF can hold it so."""
    if stream.startswith(b"\xff\xd8\xff"):
        return _of_jpeg(stream)
    if stream.startswith(PNG):
        return _of_png(stream)
    if stream[:4] in (b"II*\x00", b"MM\x00*"):
        return _of_tiff(stream)
    return _of_jpeg2000(stream)


def _packed(stream: bytes) -> bytes:
    """Decoded and packed again: black-and-white as group 4, all else as PNG; what is transparent is paper."""
    out = io.BytesIO()
    with opened(stream) as image:
        try:
            shown = _storable(image)
            if shown.mode == "1":
                shown.save(out, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: shown.height})
            else:
                shown.save(out, "PNG", compress_level=6)
        except Exception as error:  # Pillow's decoders raise whatever a broken picture makes them raise
            raise ScanUnusable("该页图像已损坏，不能解码。") from error
    return out.getvalue()


def _storable(image: Any) -> Image:
    negative = is_negative(image)
    shown: Image = on_white(image).copy()  # a copy has no tags, which would be written along
    if negative:
        shown = _inverted(shown)
    if shown.mode in ("1", "L", "RGB", "I;16"):
        return shown
    if shown.mode.startswith("I"):
        return shown.convert("I;16")
    return shown.convert("L" if shown.mode == "LA" else "RGB")


def _inverted(image: Image) -> Image:
    import numpy as np
    from PIL import Image as Images

    return Images.fromarray((65_535 - np.asarray(image).clip(0, 65_535)).astype(np.uint16))


# --- JPEG -------------------------------------------------------------------------------------------------


def _of_jpeg(stream: bytes) -> PdfPicture | None:
    """Baseline and progressive JPEG of eight bits; None for what PDF viewers do not decode."""
    adobe, frame = False, b""
    for marker, body in _jpeg_segments(stream):
        if marker == 0xEE and body.startswith(b"Adobe"):
            adobe = True
        if marker in (0xC0, 0xC1, 0xC2):
            frame = body
    if len(frame) < 6 or frame[0] != 8 or frame[5] not in _SPACES or len(frame) < 6 + 3 * frame[5]:
        return None
    height, width, channels = struct.unpack_from(">HHB", frame, 1)
    head = f"/ColorSpace {_SPACES[channels]} /BitsPerComponent 8 /Filter /DCTDecode"
    if channels == 4 and adobe:
        # Adobe's programs write CMYK with 0 for full ink.
        head += " /Decode [1 0 1 0 1 0 1 0]"
    if channels == 3 and not adobe and bytes(frame[6::3][:3]) == b"RGB":
        head += " /DecodeParms << /ColorTransform 0 >>"
    return PdfPicture(width, height, head, stream) if width and height else None


def _jpeg_segments(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, body) up to where the picture's data begin."""
    at = 2
    # Ends: each round goes on by at least one byte.
    while at + 4 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        if marker in (0xD9, 0xDA):
            return
        size = int.from_bytes(stream[at + 2 : at + 4])
        yield marker, stream[at + 4 : at + 2 + size]
        at += 2 + size


def jpeg_size(stream: bytes) -> tuple[int, int, int] | None:
    """Width, height and channels of a JPEG that PDF viewers show without being told how; None for others."""
    made = _of_jpeg(stream) if stream.startswith(b"\xff\xd8\xff") else None
    if made is None or "/Decode" in made.head:
        return None
    channels = next(count for count, space in _SPACES.items() if f"/ColorSpace {space} " in made.head)
    return made.width, made.height, channels


def _of_jpeg2000(stream: bytes) -> PdfPicture | None:
    with opened(stream) as image:
        if image.format != "JPEG2000" or image.mode not in _MODES:
            return None
        head = f"/ColorSpace {_SPACES[_MODES[image.mode]]} /BitsPerComponent 8 /Filter /JPXDecode"
        return PdfPicture(image.width, image.height, head, stream)


# --- PNG --------------------------------------------------------------------------------------------------


def _of_png(stream: bytes) -> PdfPicture | None:
    chunks = list(_png_chunks(stream))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        return None
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    names = [name for name, _ in chunks]
    if kind not in _PNG_CHANNELS or interlaced or b"tRNS" in names or names[-1] != b"IEND":
        return None
    space = _SPACES[_PNG_CHANNELS[kind]]
    if kind == 3:
        colours = bytes(next((body for name, body in chunks if name == b"PLTE"), b""))
        if not colours or len(colours) % 3:
            return None
        space = f"[/Indexed /DeviceRGB {len(colours) // 3 - 1} <{colours.hex()}>]"
    head = (
        f"/ColorSpace {space} /BitsPerComponent {bits} /Filter /FlateDecode /DecodeParms "
        f"<< /Predictor 15 /Colors {_PNG_CHANNELS[kind]} /BitsPerComponent {bits} /Columns {width} >>"
    )
    return PdfPicture(width, height, head, b"".join(body for name, body in chunks if name == b"IDAT"))


def _png_chunks(stream: bytes) -> Iterator[tuple[bytes, memoryview]]:
    at, raw = len(PNG), memoryview(stream)
    # Ends: each round goes on by at least twelve bytes.
    while at + 12 <= len(stream):
        size = int.from_bytes(stream[at : at + 4])
        if at + 12 + size > len(stream):
            return
        yield stream[at + 4 : at + 8], raw[at + 8 : at + 8 + size]
        at += 12 + size


def _png_file(width: int, height: int, bits: int, kind: int, palette: bytes, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = [(b"IHDR", head), *([(b"PLTE", palette)] if palette else []), (b"IDAT", data), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
        for name, body in chunks
    ]
    return PNG + b"".join(parts)


# --- TIFF -------------------------------------------------------------------------------------------------

_BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _OFFSETS, _SAMPLES, _COUNTS, _T6 = (
    258, 259, 262, 266, 273, 277, 279, 293,
)  # fmt: skip


def _of_tiff(stream: bytes) -> PdfPicture | None:
    """Group 4 in one strip: the strip is what CCITTFaxDecode asks for."""
    with opened(stream) as image:
        try:
            tags: Any = image.tag_v2
            offsets, counts = tags.get(_OFFSETS, ()), tags.get(_COUNTS, ())
            black_is_zero = tags.get(_PHOTOMETRIC, 0)
            plain = (
                tags.get(_COMPRESSION) == 4
                and tuple(tags.get(_BITS, (1,))) == (1,)
                and (tags.get(_SAMPLES, 1), tags.get(_FILL_ORDER, 1), tags.get(_T6, 0)) == (1, 1, 0)
                and black_is_zero in (0, 1)
                and len(offsets) == len(counts) == 1
            )
        except Exception:  # a damaged directory; decoding finds out what can be read
            return None
        width, height = image.size
    if not plain or offsets[0] + counts[0] > len(stream):
        return None
    data = stream[offsets[0] : offsets[0] + counts[0]]
    return PdfPicture(width, height, _ccitt(width, height, inverted=bool(black_is_zero)), data)


def _ccitt(width: int, height: int, *, inverted: bool) -> str:
    turned = " /BlackIs1 true" if inverted else ""
    return (
        "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
        f"/DecodeParms << /K -1 /Columns {width} /Rows {height}{turned} >>"
    )


def fax_picture(data: bytes, width: int, height: int) -> Grey | None:
    """Group 4 data as libtiff decodes them, black 0; None when it complains."""
    import numpy as np

    with opened(_tiff_file(width, height, data, inverted=False)) as image:
        try:
            made, complaint = listened(lambda: np.asarray(image.convert("L"), np.uint8))
        except Exception:  # Pillow's decoders raise whatever a broken picture makes them raise
            return None
    return None if complaint else made


def _tiff_file(width: int, height: int, data: bytes, *, inverted: bool) -> bytes:
    """One strip of group 4 behind a directory of nine entries."""
    start = 8 + 2 + 9 * 12 + 4
    entries = [
        (256, 4, width), (257, 4, height), (_BITS, 3, 1), (_COMPRESSION, 3, 4),
        (_PHOTOMETRIC, 3, int(inverted)), (_OFFSETS, 4, start), (_SAMPLES, 3, 1),
        (_ROWS_PER_STRIP, 4, height), (_COUNTS, 4, len(data)),
    ]  # fmt: skip
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\x00" + struct.pack("<IH", 8, len(entries)) + body + bytes(4) + data


# --- and back ---------------------------------------------------------------------------------------------


def stream_of(head: Any, data: bytes) -> PageStream:
    """The page's stream out of a picture ``picture_of`` made; ``head`` is its dictionary as pypdf reads it.

    JPEG and JPEG 2000 as they were; group 4 and PNG in a file made anew around the same data.
    Raises ScanUnusable for another kind of picture.
    """
    kind, width, height = head.get("/Filter"), int(head["/Width"]), int(head["/Height"])
    if kind in ("/DCTDecode", "/JPXDecode"):
        return PageStream("image/jpeg" if kind == "/DCTDecode" else "image/jp2", data)
    parms = head.get("/DecodeParms") or {}
    if kind == "/CCITTFaxDecode":
        inverted = bool(parms.get("/BlackIs1", False))
        return PageStream("image/tiff", _tiff_file(width, height, data, inverted=inverted))
    if kind != "/FlateDecode" or parms.get("/Predictor") != 15:
        raise ScanUnusable("该 PDF 不是归档的扫描件，不能取出原始图像。")
    space, palette = head["/ColorSpace"], b""
    colour = {"/DeviceGray": 0, "/DeviceRGB": 2}.get(space if isinstance(space, str) else "", 3)
    if colour == 3:
        palette = bytes(getattr(space[3], "original_bytes", space[3]))
    bits = int(head["/BitsPerComponent"])
    return PageStream("image/png", _png_file(width, height, bits, colour, palette, data))
