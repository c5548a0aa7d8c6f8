"""The full intake packet of the sample case: our command in a new process, and LibreOffice on the same docx.

Prints JSON: seconds of a cold process from start to end (median), where the time goes in a warm process, and
LibreOffice's time for all docx of the packet in one call.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from generator.resources import data_dir  # noqa: E402
from tests.typeset import oracle  # noqa: E402

CASE = data_dir("schemas") / "cases" / "sample.json"
RUNS = 5
MUST, AIM, MUST_SHARE = 2.5, 1.2, 0.25


def _command(*arguments: str) -> float:
    """Seconds of one command in a process of its own, from start to end."""
    started = time.perf_counter()
    program = "from desk.cli.main import main; main()"
    # An installed program has its bytecode; one told not to write any compiles 230 modules each time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return time.perf_counter() - started


def _children() -> float:
    """Processor seconds of all child processes so far: what other work on the machine does not lengthen."""
    times = os.times()
    return times.children_user + times.children_system


def measure(runs: int = RUNS) -> dict[str, Any]:
    """All numbers of this bench."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "packet.pdf"
        _command("packet", "intake", str(CASE), "-o", str(out))
        before = _children()
        times = [_command("packet", "intake", str(CASE), "-o", str(out)) for _ in range(runs)]
        processor = (_children() - before) / runs
        bare = statistics.median(_command("--version") for _ in range(3))
        record = json.loads(out.with_suffix(".print.json").read_text(encoding="utf-8"))
        cold = statistics.median(times)
        result: dict[str, Any] = {
            "documents": len(record["documents"]),
            "pages": record["pages"],
            "cold_s": round(cold, 3),
            "cold_processor_s": round(processor, 3),
            "cold_s_each": [round(value, 3) for value in times],
            "of_it_bare_interpreter_s": round(bare, 3),
            "must_s": MUST,
            "aim_s": AIM,
            "warm_ms": _warm(),
        }
        result |= _libreoffice(folder, cold)
    return result


def _warm() -> dict[str, float]:
    """Milliseconds of the parts in a process that has made one packet before."""
    from generator.identity.print_id import new_print_id
    from generator.packets.build import build_packet
    from generator.packets.case import read_case
    from generator.packets.papers import PacketOptions, laid_out, sheets_of
    from generator.packets.survey import survey
    from generator.typeset.fonts import bundled_fonts
    from generator.validation.validate import CHINA

    source, fonts = random.Random(1), bundled_fonts()
    options = PacketOptions(datetime(2026, 11, 20, 9, 30, tzinfo=CHINA))
    case, _ = read_case(json.loads(CASE.read_text(encoding="utf-8")))

    def ids(kind: Any) -> str:
        return new_print_id(source.randbytes, kind)

    parts: dict[str, list[float]] = {"survey": [], "fill_and_layout": [], "whole": []}
    for _ in range(4):
        start = time.perf_counter()
        look = survey("intake", case, options.at)
        surveyed = time.perf_counter()
        laid_out(sheets_of(look, case, options), options, ids, fonts)
        laid = time.perf_counter()
        build_packet("intake", case, options, ids, fonts)
        parts["survey"].append(surveyed - start)
        parts["fill_and_layout"].append(laid - surveyed)
        parts["whole"].append(time.perf_counter() - laid)
    shown = {name: round(statistics.median(values[1:]) * 1000, 1) for name, values in parts.items()}
    shown["draw_and_the_rest"] = round(shown["whole"] - shown["survey"] - shown["fill_and_layout"], 1)
    return shown


def _libreoffice(folder: Path, cold: float) -> dict[str, Any]:
    if oracle.soffice_path() is None:
        return {"libreoffice": "LibreOffice (soffice) is not installed: not compared"}
    docx = folder / "docx"
    _command("packet", "intake", str(CASE), "-o", str(docx))
    files = sorted(docx.glob("*.docx"))
    oracle.convert(files[:1], folder)  # the profile of a first start is not counted
    start, before = time.perf_counter(), _children()
    oracle.convert(files, folder)
    taken, processor = time.perf_counter() - start, _children() - before
    return {
        "libreoffice_s": round(taken, 3),
        "libreoffice_processor_s": round(processor, 3),
        "libreoffice_files": len(files),
        "share_of_libreoffice": round(cold / taken, 3),
        "must_share": MUST_SHARE,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
