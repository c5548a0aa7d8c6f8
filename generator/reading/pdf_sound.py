"""Whether a picture in a PDF was decoded whole.

pdfium draws what it can of a damaged picture and says nothing: black or white from where the data end.  So
what is packed is unpacked here once more and counted.  JPEG and JPEG 2000 are heard when they are decoded.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.reading.page_image import Grey

_PIECE = 1 << 20
_HEARD = ("DCTDecode", "DCT", "JPXDecode")
_COUNTED = ("LZWDecode", "LZW", "RunLengthDecode", "RL", "ASCII85Decode", "A85", "ASCIIHexDecode", "AHx")
_FAX_ALIKE = 0.9995
"""Part of the dots that two decoders of the same fax page agree on; one wrong code spoils all lines below."""
_JBIG2_BASE, _JBIG2_CHANGE = 400, 2
"""Bytes of a JBIG2 picture without ink, and for each change from white to black: more hides something."""


def is_sound(picture: Any, grey: Grey | None) -> bool:
    """Whether a picture (a pypdfium2 image) is whole; ``grey`` is what pdfium made of it, if anything."""
    filters = picture.get_filters()
    width, height = picture.get_px_size()
    last = filters[-1] if filters else ""
    if last in _HEARD:
        return True
    if last in ("CCITTFaxDecode", "CCF"):
        return grey is not None and _fax_is_sound(picture, grey)
    if last == "JBIG2Decode":
        return grey is not None and _jbig2_is_sound(bytes(picture.get_data(decode_simple=True)), grey)
    expected = (width * picture.get_metadata().bits_per_pixel + 7) // 8 * height
    if filters in (["FlateDecode"], ["Fl"]):
        return unpacks(bytes(picture.get_data(decode_simple=False)), expected)
    if all(name in (*_COUNTED, "FlateDecode", "Fl") for name in filters):
        unpacked = bytes(picture.get_data(decode_simple=True))
        return bool(0 < expected <= len(unpacked))
    return False


def unpacks(data: bytes, expected: int) -> bool:
    """Whether Flate data unpack to their very end, checksum and all, and to at least as many bytes."""
    unpacker, size, at = zlib.decompressobj(), 0, 0
    try:
        # Ends: each round takes bytes in or gives bytes out, at most twice as many as are expected.
        while not unpacker.eof:
            piece = unpacker.unconsumed_tail or data[at : at + _PIECE]
            if not piece:
                return False
            at += 0 if unpacker.unconsumed_tail else len(piece)
            size += len(unpacker.decompress(piece, 16 * _PIECE))
            if size > 2 * expected + _PIECE:
                return False
    except zlib.error:
        return False
    return size >= expected > 0


def _fax_is_sound(picture: Any, grey: Grey) -> bool:
    """Two decoders agree: a damaged line is mended by each in its own way."""
    from generator.reading.pdf_pictures import fax_picture

    data = bytes(picture.get_data(decode_simple=True))
    other = fax_picture(data, grey.shape[1], grey.shape[0])
    if other is None or other.shape != grey.shape:
        return False
    alike = float(((other > 127) == (grey > 127)).mean())
    return max(alike, 1 - alike) >= _FAX_ALIKE


def _jbig2_is_sound(data: bytes, grey: Grey) -> bool:
    """Its segments fill the data and hold a region; a page without ink has no room for any."""
    import numpy as np

    if not _segments_fill(data):
        return False
    changes = int(np.count_nonzero(np.diff(grey > 127, axis=1)))
    return len(data) <= _JBIG2_BASE + _JBIG2_CHANGE * changes or float((grey <= 127).mean()) > 0.002


def _segments_fill(data: bytes) -> bool:
    at, regions = 0, 0
    # Ends: each round goes on by at least eleven bytes.
    while at + 11 <= len(data):
        number, flags = struct.unpack_from(">IB", data, at)
        referred = data[at + 5] >> 5
        if referred > 4:
            return regions > 0  # the long form, of shared dictionaries: pdfium read it
        at += 6 + referred * (1 if number <= 256 else 2 if number <= 65_536 else 4)
        at += 4 if flags & 0x40 else 1
        if at + 4 > len(data):
            return False
        size = int.from_bytes(data[at : at + 4])
        at += 4 + (0 if size == 0xFFFFFFFF else size)
        regions += flags & 0x3F in (4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43)
        if size == 0xFFFFFFFF:
            return regions > 0
    return regions > 0 and at == len(data)
