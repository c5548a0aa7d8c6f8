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


@dataclass(frozen=True, slots=True)
class DemoPacket:
    """One packet of the sample case, by file name inside the demo folder."""

    title: str
    documents: int
    page_count: int
    missing: int
    pdf: str
    docx: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demonstration has printed."""

    packets: tuple[DemoPacket, ...]
    forms: tuple[DemoItem, ...]


def make_demo(folder: Path, at: datetime, random: RandomBytes) -> Demo:
    """Print the sample person's case as packets and form by form, and write ``index.html``."""
    make_folder(folder)
    fonts = bundled_fonts()
    packets = tuple(_packets(folder, at, random, fonts))
    forms = tuple(_one_form(form, answers, folder, at, random, fonts) for form, answers in sample_answers())
    demo = Demo(packets, forms)
    write_output(folder / "index.html", _index(demo).encode())
    return demo


def _packets(folder: Path, at: datetime, random: RandomBytes, fonts: FontSet) -> Iterator[DemoPacket]:
    from desk.packets import PacketJob, issue_packet, issue_working_copies, load_case
    from generator.packets.catalogue import packet_specs
    from generator.packets.papers import PacketOptions
    from generator.typeset.raster import page_png

    sample = data_dir("schemas") / "cases" / "sample.json"
    case, _ = load_case(json.loads(sample.read_text(encoding="utf-8")))
    job = PacketJob(PacketOptions(at), StationHome(), random)
    for number, (name, spec) in enumerate(packet_specs().items(), start=1):
        stem = f"文书包{number}-{spec.title}"
        _forget_record(folder, stem)
        packet = issue_packet(name, case, job, fonts, folder / f"{stem}.pdf")
        issue_working_copies(name, case, job, folder / f"{stem}-docx.zip")
        pages = []
        for page in range(packet.service_pages):
            pages.append(f"{stem}-{page + 1}.png")
            write_output(folder / pages[-1], page_png(packet.content, page, dpi=PICTURE_DPI))
        yield DemoPacket(
            spec.title,
            len(packet.documents),
            packet.pages,
            len(packet.survey.missing),
            f"{stem}.pdf",
            f"{stem}-docx.zip",
            tuple(pages),
        )


def sample_answers() -> Iterator[tuple[FormDefinition, Answers]]:
    """The full example of every form, in the order of the catalogue."""
    for form in list_forms():
        example = data_dir("schemas") / "examples" / form.id / "valid-full.json"
        yield form, json.loads(example.read_text(encoding="utf-8"))


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
    for name in (stem, f"{stem}-空白"):
        _forget_record(folder, name)
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


def _forget_record(folder: Path, stem: str) -> None:
    """Samples are printed over samples: their sheets never come home."""
    (folder / f"{stem}.print.json").unlink(missing_ok=True)


def _index(demo: Demo) -> str:
    from jinja2 import Environment, StrictUndefined

    page = (Path(__file__).parent / "pages" / "demo.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    context: dict[str, Any] = {
        "packets": demo.packets,
        "items": demo.forms,
        "person": "样例甲",
        "version": __version__,
    }
    return environment.from_string(page).render(context)
