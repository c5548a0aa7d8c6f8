"""``kangdang --version`` answers at once: nothing heavy is loaded before a command needs it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 0.25
HEAVY = (
    "typst", "lxml", "docx", "docxtpl", "jinja2", "pydantic", "jsonschema_rs", "PIL", "yaml", "rich", "segno",
    "fontTools", "pypdf", "pypdfium2", "numpy", "cv2",
)  # fmt: skip
START = "from desk.cli.main import run; "


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )


def test_version_answers_within_a_quarter_second() -> None:
    python(START + "run(['--version'])")
    times = []
    for _ in range(5):
        before = os.times()
        told = python(START + "raise SystemExit(run(['--version']))").stdout
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        times.append(spent)
        assert told.startswith("康档 ")
    # Processor time: the program waits for nothing, and what else this computer does is not its start.
    assert statistics.median(times) < SECONDS


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["render", "--help"], ["rendr"]])
def test_nothing_heavy_is_loaded_to_say_so(arguments: list[str]) -> None:
    told = python(
        f"import sys; {START}run({arguments!r}); "
        f"print('loaded:', *sorted(set({HEAVY!r}) & {{name.split('.')[0] for name in sys.modules}}))"
    )
    assert told.stdout.splitlines()[-1].strip() == "loaded:"


def test_the_list_of_forms_needs_no_print_engine() -> None:
    told = python(
        f"import sys; {START}run(['form', 'list']); "
        "print('loaded:', *sorted({'typst', 'docx', 'docxtpl', 'PIL'} & set(sys.modules)))"
    )
    assert told.stdout.splitlines()[-1].strip() == "loaded:"
