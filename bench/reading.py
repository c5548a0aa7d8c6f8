"""Finding page codes in a scanned PDF: ours against pdf2image + pyzbar, on the same file in the same run.

The file: signed pages of our forms, 300 dpi grey JPEG, crooked, some upside down.  One process, one thread.
Both sides are asked for every code of every page; how many pages gave one is counted beside the speed.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from generator.identity.page_map import PageMap
from generator.reading.container import SourcePage, pages_of
from generator.reading.report import read_fields, read_page
from tests.simulator import scanner
from tests.simulator.stack import FORMS, KEY, PrintedPage, printed, scanned

ROOT = Path(__file__).resolve().parents[1]
PAGES = 60
ROUNDS = 3
LONG = 500


def stack_of(count: int) -> list[tuple[PrintedPage, bytes]]:
    """Pages as a 300-dpi grey copier gives them, with the print each was made of."""
    random = np.random.default_rng(2026)
    made: list[tuple[PrintedPage, bytes]] = []
    while len(made) < count:
        form_id = str(random.choice(FORMS))
        for page in printed(form_id, filled=bool(random.random() < 0.5), random=random):
            device = scanner.Device(
                skew=float(random.normal(0, 1)),
                scale=0.97,
                turn=int(random.choice([0, 0, 0, 2])),
                noise=3.0,
                quality=75,
            )
            made.append((page, scanned(page, len(made), device=device).scan.data))
    return made[:count]


def write_pdf(path: Path, pictures: list[bytes]) -> None:
    """What a copier writes: one JPEG a page."""
    document = pypdfium2.PdfDocument.new()
    for data in pictures:
        picture = pypdfium2.PdfImage.new(document)
        picture.load_jpeg(io.BytesIO(data), inline=True)
        width, height = picture.get_px_size()
        picture.set_matrix(pypdfium2.PdfMatrix().scale(width * 72 / 300, height * 72 / 300))
        page = document.new_page(width * 72 / 300, height * 72 / 300)
        page.insert_obj(picture)
        page.gen_content()
        page.close()
    document.save(path)
    document.close()


def ours(path: Path) -> int:
    """Pages identified."""
    return sum(read_page(page, [KEY]).outcome == "identified" for page in pages_of(path))


def with_pyzbar(path: Path) -> int:
    """Pages with at least one code, the usual way: draw each page at 200 dpi, search it."""
    from pdf2image import convert_from_path, pdfinfo_from_path
    from pyzbar.pyzbar import ZBarSymbol, decode

    found = 0
    for number in range(1, pdfinfo_from_path(path)["Pages"] + 1):
        (picture,) = convert_from_path(path, dpi=200, first_page=number, last_page=number, grayscale=True)
        found += bool(decode(picture, symbols=[ZBarSymbol.QRCODE]))
    return found


def rate(run: Callable[[Path], int], path: Path, rounds: int) -> dict[str, Any]:
    """Pages a second (median) and pages found."""
    times, found = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        found = run(path)
        times.append(time.perf_counter() - started)
    return {"pages_per_second": round(PAGES / statistics.median(times), 1), "pages_found": f"{found}/{PAGES}"}


def field_rate(stack: list[tuple[PrintedPage, bytes]]) -> float:
    """Pages a second with codes, registration, ticks and signatures."""
    started = time.perf_counter()
    for number, (page, data) in enumerate(stack, start=1):
        with Image.open(io.BytesIO(data)) as head:
            width, height = head.size
        source = SourcePage(number, data, "image/jpeg", width, height, (300.0, 300.0), 0)
        read_fields(read_page(source, [KEY], fields_follow=True), PageMap(page.entries))
    return round(len(stack) / (time.perf_counter() - started), 1)


_MEMORY = """
import sys
from pathlib import Path
import psutil
from generator.reading.container import pages_of
from generator.reading.report import read_page
for page in pages_of(Path(sys.argv[1])):
    read_page(page, [bytes(16)])
    if page.number in (20, int(sys.argv[2])):
        print(psutil.Process().memory_info().rss // 2**20)
"""


def memory_over(path: Path) -> dict[str, Any]:
    """Resident memory of a new process after the first pages and after the whole of a long file."""
    command = [sys.executable, "-c", _MEMORY, str(path), str(LONG)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return {"mb_after_20_pages": int(told[0]), f"mb_after_{LONG}_pages": int(told[1])}


def measure() -> dict[str, Any]:
    """All numbers of this page."""
    cv2.setNumThreads(1)
    stack = stack_of(PAGES)
    with tempfile.TemporaryDirectory() as folder:
        path, long = Path(folder) / "scan.pdf", Path(folder) / "long.pdf"
        write_pdf(path, [data for _, data in stack])
        write_pdf(long, [stack[index % PAGES][1] for index in range(LONG)])
        result: dict[str, Any] = {"memory": memory_over(long), "codes": rate(ours, path, ROUNDS)}
        result["codes_ticks_signatures_pages_per_second"] = field_rate(stack)
        try:
            peer = rate(with_pyzbar, path, 1)
        except Exception as error:  # the peer is optional: its absence is a result too
            result["pdf2image_pyzbar_200dpi"] = f"not measured: {type(error).__name__}: {error}"
            return result
    result["pdf2image_pyzbar_200dpi"] = peer
    result["times_faster"] = round(result["codes"]["pages_per_second"] / peer["pages_per_second"], 1)
    return result
