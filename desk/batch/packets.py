"""One row of a roster as a packet: the papers its answers give, and those that need none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from desk.batch.work import Bundle, Job, NotMade, Recipe, drawing, follows, fonts_of, limited, said
from desk.documents import font_uses
from desk.home import StationHome
from desk.packets import PacketJob
from generator.forms.definition import FormDefinition
from generator.identity.code import DEMO_KEY
from generator.packets.build import Packet, build_packet
from generator.packets.case import Case, read_case
from generator.packets.papers import PacketOptions
from generator.packets.record import write_packet_record
from generator.packets.survey import Paper, Survey, survey
from generator.prefill import prefill
from generator.typeset.fonts import FontSet
from generator.typeset.model import Layout, PageLayout
from generator.typeset.pdf import to_pdf
from generator.validation.report import Problem
from generator.validation.validate import complete

_DRAWINGS_KEPT = 12


def packet_bundle(recipe: Recipe, job: Job) -> Bundle:
    """The packet of a row with its record.  Raises NotMade with reasons, and what ``build_packet`` raises."""
    case, findings = read_case(dict(job.case))
    wrong = [finding for finding in findings if finding.severity == "error"]
    if wrong:
        raise NotMade(limited([f"{finding.pointer}：{finding.message}{finding.hint}" for finding in wrong]))
    case, look = _with_given_papers(recipe, case)
    if look.faulty and not recipe.blank_missing:
        raise NotMade(limited(list(_faults(look.faulty))))
    fonts, home = fonts_of(recipe), StationHome(recipe.home)
    options = PacketOptions(
        at=recipe.at,
        key=home.page_code_key() or DEMO_KEY,
        print=recipe.options,
        duplex=recipe.duplex,
        blank_missing=recipe.blank_missing,
        all_copies=True,
    )
    makes = PacketJob(options, home, drawing(recipe.seed, job.key))
    packet = build_packet(recipe.name, case, options, makes.new_id, fonts, kits=makes.kits)
    _forget_drawings(fonts, recipe.at)
    if packet.refused and not recipe.blank_missing:
        raise NotMade(limited([f"《{item.title}》没有印成。" for item in packet.refused]))
    stem = f"{job.stem}-{recipe.name}"
    return Bundle(
        {f"{stem}.pdf": packet.content, f"{stem}.print.json": write_packet_record(packet, font_uses(fonts))},
        (packet.service.print_id, *(document.laid.identity.print_id for document in packet.documents)),
        packet.pages,
        len(packet.documents),
        tuple(_notes(packet)),
    )


def packet_faults(recipe: Recipe, job: Job) -> list[str]:
    """What is wrong with the papers of a packet; nothing is drawn."""
    case, findings = read_case(dict(job.case))
    wrong = [finding for finding in findings if finding.severity == "error"]
    if wrong:
        return [f"{finding.pointer}：{finding.message}{finding.hint}" for finding in wrong]
    _, look = _with_given_papers(recipe, case)
    return [] if recipe.blank_missing else list(_faults(look.faulty, but=follows))


def _forget_drawings(fonts: FontSet, at: datetime) -> None:
    """Let the drawing engine drop this packet: it keeps what its last ten drawings needed.

    For packets of 40 pages that is half a gigabyte in each worker; a few empty drawings cost 25 ms instead.
    """
    for _ in range(_DRAWINGS_KEPT):
        to_pdf(Layout([PageLayout(10, 10)]), [], title="", timestamp=at, fonts=fonts)


def _with_given_papers(recipe: Recipe, case: Case) -> tuple[Case, Survey]:
    """The case with the papers that what is known fills completely: nobody has a column for them."""
    look = survey(recipe.name, case, recipe.at)
    added: dict[str, list[Any]] = {}
    for lack in look.missing:
        if lack.form is None:
            continue
        answers, _ = prefill(lack.form, case, recipe.at)
        if complete(lack.form, answers, "final", recipe.at).report.ok:
            added[lack.entry.form_id] = [{}]
    if not added:
        return case, look
    case = {**case, "forms": {**case["forms"], **added}}
    return case, survey(recipe.name, case, recipe.at)


def _faults(
    papers: tuple[Paper, ...], but: Callable[[FormDefinition, Problem], bool] = lambda form, problem: False
) -> Iterator[str]:
    for paper in papers:
        for problem in paper.report.errors:
            if not but(paper.form, problem):
                yield f"《{paper.form.title}》{said(problem.message, problem.hint)}"


def _notes(packet: Packet) -> Iterator[str]:
    if packet.survey.missing:
        yield "尚缺：" + "、".join(lack.entry.title for lack in packet.survey.missing) + "。"
    if packet.refused:
        yield "有误，印成空白表：" + "、".join(item.title for item in packet.refused) + "。"
    if packet.glyph_gaps:
        yield f"有 {len(packet.glyph_gaps)} 处缺字已留空，请打印后手写。"
