"""The demonstration: one invented person's documents printed every way, with pictures and an index page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.documents import (
    Answers,
    Issue,
    RandomBytes,
    blank_identity,
    check_answers,
    identity,
    issue_document,
    kit_for,
    require_final,
)
from desk.home import StationHome
from desk.output import make_folder, write_output
from generator.forms.catalogue import list_forms
from generator.forms.definition import FormDefinition
from generator.render import PrintOptions
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.version import __version__

PICTURE_DPI = 80


@dataclass(frozen=True, slots=True)
class DemoItem:
    """The files of one form, by name inside the demo folder."""

    code: str
    title: str
    print_id: str
    pdf: str
    docx: str
    record: str
    blank: str
    pages: tuple[str, ...]


def make_demo(folder: Path, at: datetime, random: RandomBytes) -> list[DemoItem]:
    """Print the sample person's forms into ``folder`` and write ``index.html``."""
    make_folder(folder)
    fonts = bundled_fonts()
    items = []
    for form, answers in sample_case():
        items.append(_one_form(form, answers, folder, at, random, fonts))
    write_output(folder / "index.html", _index(items).encode())
    return items


def sample_case() -> Iterator[tuple[FormDefinition, Answers]]:
    """The sample person's answers, form by form in the order of the appendices."""
    for form in sorted(list_forms(), key=lambda form: (form.family, form.code)):
        examples = sorted((data_dir("schemas") / "examples" / form.id).glob("valid-*.json"))
        if examples:
            yield form, json.loads(examples[0].read_text(encoding="utf-8"))


def _one_form(
    form: FormDefinition, answers: Answers, folder: Path, at: datetime, random: RandomBytes, fonts: FontSet
) -> DemoItem:
    from generator.typeset.raster import page_png

    home, kit = StationHome(), kit_for(form.id, StationHome())
    report, completed = check_answers(form, answers, "final", at)
    require_final(report, form)
    stem = f"{form.code}-{form.id}"
    who = identity(home, random, print_id=None, at=at)
    issue = Issue(PrintOptions(), who, fonts)
    pdf = issue_document(kit, completed, issue, folder / f"{stem}.pdf")
    issue_document(kit, completed, issue, folder / f"{stem}.docx")
    empty = Issue(PrintOptions(), blank_identity(form, home, at), fonts, "blank")
    issue_document(kit, {}, empty, folder / f"{stem}-空白.pdf")
    pages = []
    for number in range(pdf.pages):
        pages.append(f"{stem}-{number + 1}.png")
        write_output(folder / pages[-1], page_png(pdf.content, number, dpi=PICTURE_DPI))
    return DemoItem(
        form.code,
        form.title,
        who.print_id,
        f"{stem}.pdf",
        f"{stem}.docx",
        f"{stem}.print.json",
        f"{stem}-空白.pdf",
        tuple(pages),
    )


def _index(items: list[DemoItem]) -> str:
    from jinja2 import Environment, StrictUndefined

    page = (Path(__file__).parent / "pages" / "demo.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    context: dict[str, Any] = {"items": items, "person": "样例甲", "version": __version__}
    return environment.from_string(page).render(context)
