"""Reading the page codes of a PDF the way a scan of it would be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pypdfium2
import zxingcpp

from tests.simulator.print_scan import Grey, PrintScan, at_half


def page_pictures(pdf: bytes, dpi: int = 300) -> list[Grey]:
    """Every page in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            np.array(page.render(scale=dpi / 72, grayscale=True).to_numpy()).squeeze() for page in document
        ]
    finally:
        document.close()


def read_codes(page: Grey) -> dict[str, str]:
    """The text of the code in the upper right and in the lower left quarter of a page."""
    height, width = page.shape
    found = {}
    for code in zxingcpp.read_barcodes(page, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)):
        upper, right = code.position.top_left.y < height / 2, code.position.top_left.x > width / 2
        found[f"{'upper' if upper else 'lower'} {'right' if right else 'left'}"] = code.text
    return found


def assert_codes_decode(pdf: bytes, expected_texts: Sequence[str], scan: PrintScan | None = None) -> None:
    """Both codes of every page decode at 150 dpi, clean and after a simulated print and scan."""
    scan = scan or PrintScan()
    pictures = page_pictures(pdf)
    assert len(pictures) == len(expected_texts), "one expected text for each page"
    for number, (picture, text) in enumerate(zip(pictures, expected_texts, strict=True), start=1):
        both = {"upper right": text, "lower left": text}
        assert read_codes(at_half(picture)) == both, f"page {number}, clean"
        assert read_codes(at_half(scan.apply(picture, seed=number))) == both, f"page {number}, scanned"
