"""One scanned page as a grey picture, at full size or cheaply at half.

Owns decoding (JPEG at half size never becomes a full picture first), the limits on it, and the resolution.
Coordinates elsewhere in this room are dots of the full picture, x to the right, y down, pixel centres at .5
(the upper left corner of the picture is 0, 0).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.errors import ScanTooLarge, ScanUnusable
from generator.reading.hearing import hears, listened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey: TypeAlias = NDArray[np.uint8]
    """Rows × columns, 0 black to 255 white."""

MAX_PIXELS = 140_000_000
"""A3 at 1,000 dpi, A2 at 600: beyond is a mistake or an attack on the memory."""

MAX_SAMPLES = 200_000_000
"""Dots times colours of what has to be unpacked in colour first (all but JPEG): A3 in RGB at 550 dpi."""
MAX_JPEG_SCANS = 60
"""A JPEG is built up in one to some fourteen passes; thousands of passes would take hours."""

_JPEG, _JPEG_SCAN, _JPEG_END = b"\xff\xd8\xff", b"\xff\xda", b"\xff\xd9"
_SHEET_MM = (40.0, 620.0)
"""Longer side of what is scanned: a receipt, A2."""
_LAST_BYTES = 6
"""Of a JPEG's data: enough for its last dots to be missed."""
_OBLONG = 1.25
"""Dots this much longer than wide (fax at normal resolution) are made square before anything is sought."""


@dataclass(frozen=True)
class PageImage:
    """A page's stream and what is needed to look at it; nothing is decoded before it is asked for.

    ``dpi`` is what the file says (across, down) or None.  The properties raise ScanUnusable for a stream
    that is no sound picture, ScanTooLarge beyond MAX_PIXELS.
    """

    stream: bytes = field(repr=False)
    width: int
    height: int
    dpi: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_pixels(self.width, self.height)

    @cached_property
    def half(self) -> Grey:
        """Half as wide and high."""
        if "full" in self.__dict__ or self._oblong or not self.stream.startswith(_JPEG):
            return _halved(self.full)
        import cv2

        return _decoded(self.stream, cv2.IMREAD_REDUCED_GRAYSCALE_2)

    @cached_property
    def two_tone(self) -> bool:
        """Whether the page is black-and-white."""
        sample = self.full[::7, ::7]
        return bool(((sample < 8) | (sample > 247)).mean() > 0.995)

    def reduced(self, least: int) -> Grey:
        """As small as decodes cheaply, its longer side not below ``least``; oblong dots stay so."""
        import cv2

        if not self.stream.startswith(_JPEG):
            return _by_pillow(self.stream)
        flags = (
            (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
            (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
            (1, cv2.IMREAD_GRAYSCALE),
        )
        longest = max(self.width, self.height)
        return _decoded(
            self.stream, next((flag for by, flag in flags if longest >= by * least), flags[-1][1])
        )

    def decode(self) -> None:
        """Decode at full size; ``half`` is then made of it, which costs less than decoding twice."""
        _ = self.full

    @cached_property
    def full(self) -> Grey:
        """Every dot; oblong dots made square by repeating the coarser direction."""
        import cv2

        if self.stream.startswith(_JPEG):
            grey = _decoded(self.stream, cv2.IMREAD_GRAYSCALE)
        else:
            grey = _by_pillow(self.stream)
        size = self.full_size(grey.shape[1], grey.shape[0])
        if size == (grey.shape[1], grey.shape[0]):
            return grey
        return _grey(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR))

    def full_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of ``full`` of a picture that has so many dots."""
        across, down = self._stretch
        return round(width * across), round(height * down)

    @property
    def dots_per_mm(self) -> float | None:
        """Of the full picture, the finer direction; None when the file does not say or cannot be meant."""
        if self.dpi is None or not all(50 <= value <= 1300 for value in self.dpi):
            return None
        return max(self.dpi) / 25.4

    @property
    def square_dpi(self) -> tuple[float, float] | None:
        """Across and down, of the full picture as it is given here; None as above."""
        if self.dots_per_mm is None or self.dpi is None:
            return None
        across, down = self._stretch
        return self.dpi[0] * across, self.dpi[1] * down

    @property
    def _oblong(self) -> bool:
        return self._stretch != (1.0, 1.0)

    @property
    def _stretch(self) -> tuple[float, float]:
        if self.dots_per_mm is None or self.dpi is None:
            return 1.0, 1.0
        finest = max(self.dpi)
        if finest / min(self.dpi) < _OBLONG:
            return 1.0, 1.0
        return finest / self.dpi[0], finest / self.dpi[1]


def check_pixels(width: int, height: int) -> None:
    """Raise ScanTooLarge for a picture of more than MAX_PIXELS."""
    if width * height > MAX_PIXELS:
        raise ScanTooLarge(f"该页图像有 {width} × {height} 个像素，超过上限。")


def measured(stream: bytes) -> tuple[int, int, str, tuple[float, float] | None, int]:
    """Width, height, media type, resolution and clockwise turn (EXIF) of a JPEG or PNG, without decoding it.

    Raises ScanUnusable when it is neither or its head is broken, ScanTooLarge beyond MAX_PIXELS.
    """
    with opened(stream) as image:
        # A telephone's JPEG may carry further pictures behind the one that is shown.
        kinds = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff",
                 "JPEG2000": "image/jp2"}  # fmt: skip
        turn = {3: 180, 6: 90, 8: 270}.get(_orientation(image), 0)
        return image.width, image.height, kinds[image.format or ""], resolution(image), turn


def meant(dpi: tuple[float, float] | None, width: int, height: int) -> tuple[float, float] | None:
    """Dots an inch as told, or None when no sheet has the size they give: cameras write just 72."""
    if dpi is None or min(dpi) <= 0:
        return None
    longest = max(width / dpi[0], height / dpi[1]) * 25.4
    return dpi if _SHEET_MM[0] <= longest <= _SHEET_MM[1] else None


def resolution(image: Any) -> tuple[float, float] | None:
    """What a Pillow image says of its dots an inch; None when it says nothing or what cannot be meant."""
    told = image.info.get("dpi")
    try:
        across, down = float(told[0]), float(told[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    told_well = 50 <= across <= 2500 and 50 <= down <= 2500
    return meant((across, down), image.width, image.height) if told_well else None


def _orientation(image: Any) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # a damaged EXIF block says nothing about the picture itself
        return 1


def opened(stream: bytes) -> Any:
    """The stream as a Pillow image of which only the head was read.  Raises as ``measured``."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(stream), formats=("JPEG", "PNG", "TIFF", "JPEG2000"))
    except Image.DecompressionBombError as error:
        raise ScanTooLarge("该页图像的像素太多，超过上限。") from error
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        raise ScanUnusable("该页图像不能读取：不是完整的 JPEG、PNG、TIFF 图片。") from error
    check_pixels(image.width, image.height)
    if (
        image.format not in ("JPEG", "MPO")
        and image.width * image.height * len(image.getbands()) > MAX_SAMPLES
    ):
        raise ScanTooLarge(f"该页彩色图像有 {image.width} × {image.height} 个像素，超过上限。")
    return image


def _decoded(stream: bytes, flag: int) -> Grey:
    """By OpenCV, without turning it as EXIF says: the place of things is asked of the page itself."""
    import cv2
    import numpy as np

    # Half a JPEG decodes without complaint, grey from where it ends.  Some copiers pad the end with zeros.
    if not stream.rstrip(b"\x00\r\n").endswith(_JPEG_END):
        raise ScanUnusable("该页图像不完整（文件在中途结束）。")
    if stream.count(_JPEG_SCAN) > MAX_JPEG_SCANS:
        raise ScanUnusable("该页图像由太多遍组成，不像扫描件。")
    opened(stream).close()  # what the file around it says of its size may be a lie
    dots = np.frombuffer(stream, np.uint8)
    try:
        picture, complaint = listened(lambda: cv2.imdecode(dots, flag | cv2.IMREAD_IGNORE_ORIENTATION))
    except cv2.error as error:
        raise ScanUnusable("该页图像已损坏，不能解码。") from error
    if picture is None:
        raise ScanUnusable("该页图像已损坏，不能解码。")
    if complaint:
        raise ScanUnusable("该页图像已损坏（有数据丢失或被改动）。", hint="请重新扫描这一页。")
    return _grey(picture)


def ends_with_its_data(stream: bytes) -> bool:
    """Whether a JPEG needs its last bytes: one that does not has dots that were lost on the way.

    A few bytes changed in the middle often leave a stream that decodes without complaint, with too many data
    at the end.  True where nobody hears the decoder.  Other kinds of pictures have sums of their own.
    """
    import cv2
    import numpy as np

    if not stream.startswith(_JPEG) or not hears():
        return True
    end = stream.rstrip(b"\x00\r\n")
    cut = np.frombuffer(end[: -2 - _LAST_BYTES] + _JPEG_END, np.uint8)
    try:
        picture, complaint = listened(lambda: cv2.imdecode(cut, cv2.IMREAD_REDUCED_GRAYSCALE_8))
    except cv2.error:
        return True
    return picture is None or bool(complaint)


def _by_pillow(stream: bytes) -> Grey:
    import numpy as np

    def decode() -> Grey:
        if image.mode == "F" or (image.mode == "I" and image.getextrema()[1] > 65_535):
            raise ValueError("levels without a known white")
        if image.mode.startswith("I"):  # sixteen bits a dot, which ``convert`` would cut off, not scale
            levels = np.asarray(image).clip(0, 65_535) >> 8
            return _grey(255 - levels if is_negative(image) else levels)
        return _grey(np.asarray(on_white(image).convert("L")))

    with opened(stream) as image:
        try:
            grey, complaint = listened(decode)
        except Exception as error:  # as above: decoders of broken pictures raise anything
            raise ScanUnusable("该页图像已损坏，不能解码。") from error
    if complaint:
        raise ScanUnusable("该页图像已损坏（有数据丢失或被改动）。", hint="请重新扫描这一页。")
    return grey


def is_transparent(stream: bytes) -> bool:
    """Whether parts of a picture may be transparent.  Raises as ``measured``."""
    with opened(stream) as image:
        return bool(image.has_transparency_data)


def holds_more(stream: bytes) -> bool:
    """Whether a JPEG or PNG holds pictures behind the first one, which most viewers do not show.

    Raises as ``measured``.
    """
    with opened(stream) as image:
        return int(getattr(image, "n_frames", 1)) > 1


def is_negative(image: Any) -> bool:
    """Whether a TIFF of sixteen bits calls 0 white, which Pillow does not heed for these."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and image.mode.startswith("I") and tags.get(0x0106, 1) == 0


def on_white(image: Any) -> Any:
    """What is transparent is paper."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    layered = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)


def _halved(grey: Grey) -> Grey:
    import cv2

    high, wide = grey.shape[0] // 2, grey.shape[1] // 2
    # Exactly two by two dots for one: OpenCV has a way for that which is ten times faster.
    return _grey(cv2.resize(grey[: 2 * high, : 2 * wide], (wide, high), interpolation=cv2.INTER_AREA))


def _grey(picture: Any) -> Grey:
    import numpy as np

    return np.ascontiguousarray(picture, np.uint8)
