"""Run the measurements of this folder and keep what they found: ``python -m bench.run [module …]``.

Every module with a ``measure() -> dict`` is one measurement, in a process of its own.  A run of all writes
the numbers and the machine they hold for to ``bench/results/latest.json``; the table on the screen says the
same, and ``make docs`` writes the tables of docs/performance.md from it.  Missing tools are named.
"""

from __future__ import annotations

import ast
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results" / "latest.json"
TOOLS = {"node": ["--version"], "soffice": ["--version"]}
LIBRARIES = (
    "cryptography", "docxtpl", "jinja2", "jsonschema", "jsonschema-rs", "lxml", "sqlalchemy", "sqlcipher3",
    "typst",
)  # fmt: skip


def main(names: Sequence[str]) -> int:
    """Measure and print, and keep what a run of all found; 1 when a measurement failed."""
    chosen = chosen_of(names)
    report: dict[str, Any] = {"machine": machine(), "results": {}}
    for name in chosen:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        report["results"][name] = apart(name)
    if not names:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(table(report))
    return int(any("failed" in result for result in report["results"].values()))


def measurements(folder: Path = FOLDER) -> list[str]:
    """Modules of this folder with a ``measure`` that needs no arguments.

    Read, not imported: a process starts with the peak of the one that started it on its account, so this one
    stays small.
    """
    return sorted(path.stem for path in folder.glob("*.py") if _measures(ast.parse(path.read_bytes())))


def _measures(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == "measure"
        and len(node.args.posonlyargs + node.args.args) == len(node.args.defaults)
        and None not in node.args.kw_defaults
        for node in tree.body
    )


def chosen_of(names: Sequence[str]) -> Sequence[str]:
    """The named measurements or all.  Ends the program when there is none of that name."""
    known = measurements()
    if unknown := set(names) - set(known):
        raise SystemExit(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    return names or known


def apart(name: str) -> dict[str, Any]:
    """What one measurement found, in a process of its own: no other's memory or caches are in its numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path, started = Path(folder) / "found.json", time.perf_counter()
        command = [sys.executable, "-c", _ONE, name, str(path)]
        done = subprocess.run(command, cwd=FOLDER.parent, check=False, stdout=sys.stderr)
        if not path.exists():  # a broken measurement must not hide the others
            return {"failed": f"the process ended with {done.returncode}"}
        found: dict[str, Any] = json.loads(path.read_bytes())
    return {**found, "measured_in_s": round(time.perf_counter() - started)}


_ONE = """
import importlib, json, sys
from pathlib import Path
try:
    found = importlib.import_module("bench." + sys.argv[1]).measure()
except Exception as error:
    found = {"failed": f"{type(error).__name__}: {error}"}
Path(sys.argv[2]).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
"""


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "commit": _commit(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "tools": {tool: _tool_version(tool, arguments) for tool, arguments in TOOLS.items()},
        "libraries": {library: _library_version(library) for library in LIBRARIES},
    }


def table(report: Mapping[str, Any]) -> str:
    """Every number on a line of its own, under its module."""
    lines = [f"{key:>12}  {value}" for key, value in report["machine"].items()]
    for name, result in report["results"].items():
        rows = list(_leaves(result))
        width = max((len(label) for label, _ in rows), default=0)
        lines += ["", name, *(f"  {label:<{width}}  {value}" for label, value in rows)]
    return "\n".join(lines)


def _leaves(value: Any, label: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{label} · {key}" if label else str(key))
    else:
        yield label, value


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=FOLDER, check=False, capture_output=True, text=True,
        )  # fmt: skip
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def _tool_version(tool: str, arguments: Sequence[str]) -> str:
    path = shutil.which(tool)
    if path is None:
        return "not installed"
    done = subprocess.run([path, *arguments], check=False, capture_output=True, text=True, timeout=60)
    return (done.stdout.strip().splitlines() or ["does not start"])[0]


def _library_version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
