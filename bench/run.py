"""Run the measurements of this folder and keep what they found: ``python -m bench.run [module …]``.

Every module with a ``measure() -> dict`` is one measurement.  A run of all writes the numbers and the machine
they hold for to ``bench/results/latest.json``; the table on the screen says the same.  Missing tools are
named.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
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
    report: dict[str, Any] = {"machine": machine(), "results": {}}
    for module in modules(names):
        name = module.__name__.rpartition(".")[2]
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            report["results"][name] = module.measure()
        except Exception as error:  # a broken measurement must not hide the others
            report["results"][name] = {"failed": f"{type(error).__name__}: {error}"}
    if not names:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(table(report))
    return int(any("failed" in result for result in report["results"].values()))


def modules(names: Sequence[str]) -> Iterator[ModuleType]:
    """The named modules of this folder, or all that have something to measure."""
    known = sorted(info.name for info in pkgutil.iter_modules([str(FOLDER)]) if info.name != "run")
    if unknown := set(names) - set(known):
        raise SystemExit(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in names or known:
        module = importlib.import_module(f"bench.{name}")
        if callable(getattr(module, "measure", None)):
            yield module


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
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
