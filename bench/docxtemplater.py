"""docxtemplater as a peer: our template in its syntax, and a node process that fills it on request."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from generator.docx.package import read_package, write_package

FOLDER = Path(__file__).parent / "js"
_ROW = re.compile(r"<w:tr>.*?</w:tr>|<w:tr .*?</w:tr>", re.DOTALL)
_LOOP = re.compile(r"\{%tr for (\w+) in ([^%]+?) %\}")
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)(.*?)(</w:t>)", re.DOTALL)


def missing() -> str | None:
    """Why docxtemplater cannot be measured here; installs it from its lock when only that is missing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    if not (FOLDER / "node_modules" / "docxtemplater").is_dir():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, check=False, cwd=FOLDER, capture_output=True, text=True, timeout=300)
        if done.returncode:
            return "npm ci failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1]
    return None


def converted(docx: bytes) -> bytes:
    """A template of ours with docxtemplater's sections in place of ``{% if %}`` and ``{%tr for %}``."""
    parts = dict(read_package(docx).parts)
    for name, data in parts.items():
        if re.fullmatch(r"word/(?:document|header\d*|footer\d*)\.xml", name):
            parts[name] = _conditions(_loops(data.decode())).encode()
    return write_package(parts)


def _loops(xml: str) -> str:
    """Put rows of ``{%tr for x in y %}`` into a section from their first to their last cell."""
    rows = list(_ROW.finditer(xml))
    out: list[str] = []
    inner: list[str] = []
    at, open_loop = 0, None
    for row in rows:
        if loop := _LOOP.search(row.group()):
            out.append(xml[at : row.start()])
            open_loop, inner, at = loop, [], row.end()
        elif open_loop and "{%tr endfor %}" in row.group():
            item, source = open_loop.groups()
            body = re.sub(rf"\b{item}\.(?=\w)", "", "".join(inner))
            section = _name(source)
            first, last = _TEXT.search(body), list(_TEXT.finditer(body))[-1]
            assert first is not None
            body = body[: last.end(2)] + "{{/" + section + "}}" + body[last.end(2) :]
            out.append(body[: first.start(2)] + "{{#" + section + "}}" + body[first.start(2) :])
            open_loop, at = None, row.end()
        elif open_loop:
            inner.append(row.group())
    out.append(xml[at:])
    return "".join(out)


def _name(source: str) -> str:
    return re.sub(r"\.at_least\((\d+)\)", r"_at_least_\1", source.strip())


def _conditions(xml: str) -> str:
    stack: list[str] = []

    def replace(match: re.Match[str]) -> str:
        word, _, condition = match.group(1).strip().partition(" ")
        if word == "if":
            stack.append(condition)
            return "{{#?" + condition + "}}"
        if word == "else":
            return "{{/}}{{^?" + stack[-1] + "}}"
        if word == "endif":
            stack.pop()
            return "{{/}}"
        raise ValueError(f"no counterpart for {match.group()}")

    return re.sub(r"\{%p? ([^%]+?) ?%\}", replace, xml)


def plain(context: Mapping[str, Any], docx: bytes) -> dict[str, Any]:
    """The print context as JSON: padded rows get a name of their own, composed answers their printed form."""
    out: dict[str, Any] = json.loads(json.dumps(_plain(context), ensure_ascii=False))
    for name, count in re.findall(
        rb"f\.(\w+)\.at_least\((\d+)\)", read_package(docx).parts["word/document.xml"]
    ):
        rows = context["f"][name.decode()].at_least(int(count))
        out["f"][f"{name.decode()}_at_least_{int(count)}"] = _plain(rows)
    return out


def _plain(value: Any) -> Any:
    if hasattr(value, "__html__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.replace("\a", "\n") if isinstance(value, str) else value


class Docxtemplater:
    """A warm node process; ``once`` makes one document and gives the seconds node counted."""

    def __init__(self, docx: bytes, context: Mapping[str, Any], folder: Path) -> None:
        template, data, self._out = folder / "template.docx", folder / "context.json", folder / "out.docx"
        template.write_bytes(converted(docx))
        data.write_text(json.dumps(plain(context, docx), ensure_ascii=False), encoding="utf-8")
        self._node = subprocess.Popen(
            ["node", "fill.js", str(template), str(data), str(self._out)],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._line() != "ready":
            raise RuntimeError("docxtemplater did not fill the template; its message is above")

    def document(self) -> bytes:
        """The document it made first."""
        return self._out.read_bytes()

    def once(self) -> float:
        """Seconds for one more document."""
        assert self._node.stdin is not None
        self._node.stdin.write("\n")
        self._node.stdin.flush()
        return int(self._line()) / 1e9

    def _line(self) -> str:
        assert self._node.stdout is not None
        return self._node.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.wait(10)
        self._node.stdout.close()
