"""Seven forms in a cold process: start, validate, fill, lay out, draw, write: what a person waits for."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RUNS = 7
PROGRAM = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from generator.render import PrintIdentity, PrintOptions, form_kit, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.validation.validate import complete
at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
for form_id in "consent_a application_b preassess_c plan_d record_e evaluation_f closure_g".split():
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    kit = form_kit(form_id)
    done = complete(kit.form, json.loads(path.read_text(encoding="utf-8")), "final", at)
    assert done.report.ok
    pdf = render_pdf(kit, done.data, PrintOptions(), PrintIdentity("0000000000", at), bundled_fonts())
    Path(sys.argv[1], form_id + ".pdf").write_bytes(pdf.content)
"""


def measure() -> dict[str, Any]:
    """Seconds of the whole process, and of ``kangdang --version`` beside it."""
    with tempfile.TemporaryDirectory() as folder:
        cold = [_seconds([sys.executable, "-c", PROGRAM, folder]) for _ in range(RUNS)]
        assert len(list(Path(folder).glob("*.pdf"))) == 7
    asking = [sys.executable, "-c", "from desk.cli.main import run; run(['--version'])"]
    version = [_seconds(asking) for _ in range(RUNS)]
    return {
        "seven_forms_cold_s": round(statistics.median(cold), 3),
        "version_s": round(statistics.median(version), 3),
        "runs": RUNS,
        "must": {"seven_forms_cold_s": 2.0, "version_s": 0.25},
        "aim": {"seven_forms_cold_s": 1.0},
    }


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started
