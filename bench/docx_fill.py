"""Filling a docx: ours beside docxtpl and docxtemplater, on the same template and answers in one run.

Every way makes the whole document, from a template and a context in memory to the bytes of a docx; that all
say the same is checked before anything is timed.  Runs are interleaved, so a slow minute hits all of them.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import docxtemplater
from generator.docx.package import read_package

FORMS = ("record_e", "plan_d")
ROUNDS = 60
WARM_UP = 60
PER_ROUND = {"ours": 20, "ours, with page code": 20}
"""Documents a round of the ways that are over before a clock is fair to them."""

Fill = Callable[[], bytes]


def measure(forms: tuple[str, ...] = FORMS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Median milliseconds a document of each way, and how many times ours is faster, by form."""
    absent = docxtemplater.missing()
    results: dict[str, Any] = {form_id: _measure_form(form_id, rounds, absent) for form_id in forms}
    if absent:
        results["not measured"] = {"docxtemplater": absent}
    return results


def _measure_form(form_id: str, rounds: int, absent: str | None) -> dict[str, Any]:
    template, context = _material(form_id)
    ways = {**_ours(template, context), **_docxtpl(template, context)}
    with tempfile.TemporaryDirectory() as folder:
        if absent:
            return _compare(template, _timed(ways, {}, rounds), ways["ours"]())
        with docxtemplater.Docxtemplater(template, context, Path(folder)) as peer:
            documents = {name: fill() for name, fill in ways.items()} | {"docxtemplater": peer.document()}
            _require_same_text(form_id, documents)
            for _ in range(WARM_UP):
                peer.once()
            times = _timed(ways, {"docxtemplater": peer.once}, rounds)
    return _compare(template, times, documents["ours"])


def _material(form_id: str) -> tuple[bytes, Mapping[str, Any]]:
    """The shipped template of a form, and the print context of its first valid example."""
    from generator.docx.context import ContextBuilder, SheetText
    from generator.forms.catalogue import load_form
    from generator.resources import data_dir

    form = load_form(form_id)
    example = min((data_dir("schemas") / "examples" / form_id).glob("valid-*.json"))
    answers = json.loads(example.read_text(encoding="utf-8"))
    sheet = SheetText(form.title, form.captions["corrected"], "个案编号：GA-2026-0001", "样例", "")
    context = ContextBuilder(form).build(answers.get("data", answers), sheet)
    return (data_dir("templates") / f"{form_id}.docx").read_bytes(), context


def _ours(template: bytes, context: Mapping[str, Any]) -> dict[str, Fill]:
    from generator.docx.fill import CompiledTemplate
    from generator.docx.package import IDENTITY_PART
    from generator.identity.code import DEMO_KEY, PageCode, encode
    from generator.identity.symbol import symbol_png

    compiled = CompiledTemplate(template)

    def with_code() -> bytes:
        code = encode(PageCode("0123456789", 0, 0), DEMO_KEY)
        return compiled.fill(context, {IDENTITY_PART: symbol_png(code)})

    return {"ours": lambda: compiled.fill(context), "ours, with page code": with_code}


def _docxtpl(template: bytes, context: Mapping[str, Any]) -> dict[str, Fill]:
    from docxtpl import DocxTemplate

    reused = DocxTemplate(io.BytesIO(template))

    def save(document: Any) -> bytes:
        out = io.BytesIO()
        document.render(dict(context), autoescape=True)
        document.save(out)
        return out.getvalue()

    return {
        "docxtpl": lambda: save(DocxTemplate(io.BytesIO(template))),
        "docxtpl, object reused": lambda: save(reused),
    }


def _require_same_text(form_id: str, documents: Mapping[str, bytes]) -> None:
    """Refuse to compare ways that do not do the same work."""
    texts = {name: _text(raw) for name, raw in documents.items()}
    for name, text in texts.items():
        if text != texts["ours"]:
            raise RuntimeError(f"{form_id}: the document of {name} does not say what ours says")


def _text(docx: bytes) -> str:
    from lxml import etree

    root = etree.fromstring(read_package(docx).parts["word/document.xml"])
    return "".join("".join(element.text or "" for element in root.iter("{*}t")).split())


def _timed(
    ways: Mapping[str, Fill], clocks: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, list[float]]:
    """Seconds a document; ``clocks`` are ways that count for themselves."""
    times: dict[str, list[float]] = {name: [] for name in (*ways, *clocks)}
    for _ in range(rounds):
        for name, fill in ways.items():
            count = PER_ROUND.get(name, 1)
            start = time.perf_counter()
            for _ in range(count):
                fill()
            times[name].append((time.perf_counter() - start) / count)
        for name, once in clocks.items():
            times[name].append(once())
    return times


def _compare(template: bytes, times: Mapping[str, list[float]], document: bytes) -> dict[str, Any]:
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "template_bytes": len(template),
        "document_xml_bytes": len(read_package(document).parts["word/document.xml"]),
        "rounds": len(times["ours"]),
        "ms": {name: round(value * 1000, 3) for name, value in medians.items()},
        "times_ours": {name: round(value / medians["ours"], 1) for name, value in medians.items()},
    }


if __name__ == "__main__":
    json.dump(measure(), sys.stdout, ensure_ascii=False, indent=2)
    print()
