"""docx → PDF/A: our typesetter against LibreOffice on the same files, in one run.

Prints JSON: milliseconds per document warm (every document different), cold first PDF of a new process,
resident memory after 1,000 documents, LibreOffice's time per document with all files in one call, the ratio.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.typeset import making, oracle

FILES = 20
TIMESTAMP = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def documents(count: int) -> list[bytes]:
    """Forms of two to three pages, no two with the same text."""
    text, found = making.SENTENCE, []
    for number in range(count):
        making.SENTENCE = f"第{number}号样例。" + text[number % 40 :] + text[: number % 40]
        found.append(making.form(2 + number % 2, 4 + number % 3))
    making.SENTENCE = text
    return found


_COLD = """
import sys, time
started = time.perf_counter()
from datetime import UTC, datetime
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from generator.typeset.pdf import to_pdf
docx = open(sys.argv[1], "rb").read()
fonts = bundled_fonts()
to_pdf(typeset(docx, fonts), [], title="样例", timestamp=datetime(2026, 3, 5, tzinfo=UTC), fonts=fonts)
print(time.perf_counter() - started)
"""


def _cold(docx: bytes, folder: Path) -> float:
    """Seconds from the first import to the first PDF in a new process (median of five)."""
    path = folder / "cold.docx"
    path.write_bytes(docx)
    root = Path(__file__).resolve().parents[1]
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", _COLD, str(path)], cwd=root, check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(5)
    ]
    return statistics.median(times)


def _resident() -> float:
    """Resident memory of this process in MB (peak where the current value is not known)."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def measure(soak: int = 1000) -> dict[str, Any]:
    """All numbers of this bench."""
    from generator.typeset.fonts import bundled_fonts
    from generator.typeset.layout import typeset
    from generator.typeset.pdf import to_pdf

    fonts, files = bundled_fonts(), documents(FILES + 3)

    def make(docx: bytes) -> tuple[float, float, int]:
        start = time.perf_counter()
        layout = typeset(docx, fonts)
        middle = time.perf_counter()
        to_pdf(layout, [], title="样例", timestamp=TIMESTAMP, fonts=fonts)
        return middle - start, time.perf_counter() - middle, len(layout.pages)

    for docx in files[FILES:]:
        make(docx)
    timed = [make(docx) for docx in files[:FILES]]
    warm = statistics.median(a + b for a, b, _ in timed)
    result: dict[str, Any] = {
        "files": FILES,
        "pages": statistics.mean(pages for _, _, pages in timed),
        "layout_ms": round(statistics.median(a for a, _, _ in timed) * 1000, 1),
        "pdf_ms": round(statistics.median(b for _, b, _ in timed) * 1000, 1),
        "warm_ms": round(warm * 1000, 1),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result["cold_ms"] = round(_cold(files[0], folder) * 1000)
        if oracle.soffice_path() is None:
            result["libreoffice"] = "LibreOffice (soffice) is not installed: not compared"
        else:
            result.update(_libreoffice(files[:FILES], folder, warm))
    result.update(_soak(make, soak))
    return result


def _libreoffice(files: list[bytes], folder: Path, warm: float) -> dict[str, Any]:
    paths = [folder / f"f{number}.docx" for number in range(len(files))]
    for path, docx in zip(paths, files, strict=True):
        path.write_bytes(docx)
    oracle.convert(paths[:1], folder)  # the profile of a first start is not counted
    start = time.perf_counter()
    oracle.convert(paths, folder)
    each = (time.perf_counter() - start) / len(files)
    return {"libreoffice_ms": round(each * 1000, 1), "times_faster": round(each / warm, 1)}


def _soak(make: Any, count: int) -> dict[str, Any]:
    memory = [_resident()]
    for number, docx in enumerate(documents(count)):
        make(docx)
        if number % 250 == 249:
            memory.append(_resident())
    return {"soak_documents": count, "resident_mb": [round(value) for value in memory]}


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
