"""The file of a case as a whole: its papers in order with their page numbers, for cover, contents and note.

    all packets surveyed ─► papers in file order ─► pages counted ─► facts of the case (``case.file_…``)

What the case says itself goes before what is counted here.  Where a paper is missing and the case gives no
reason (``case.not_applicable``), none is made up: the note (AR3) stays unprinted until somebody writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from generator.packets.case import Case
from generator.packets.catalogue import file_sections
from generator.packets.survey import Paper, Survey, survey_file

ARCHIVE = "archive"
PageCounter = Callable[[Paper], int | None]
"""How many pages a paper has; None when it cannot be laid out."""
_TITLE_LENGTH = 100


def with_file_facts(case: Case, now: datetime, pages_of: PageCounter) -> Case:
    """The case with the facts of its file filled in where it does not give them itself."""
    looks = [look for look in survey_file(case, now) if look.spec.name != ARCHIVE]
    papers = [paper for look in looks for paper in look.sound]
    counted = [(paper, pages) for paper in papers if (pages := pages_of(paper)) is not None]
    uncounted = [paper for paper in papers if all(paper is not other for other, _ in counted)]
    facts = {
        **_title(case),
        **_span(paper for paper, _ in counted),
        "file_entries": _entries(counted, case),
        "file_items": len(counted),
        "file_pages": sum(pages for _, pages in counted),
        "file_missing": _missing(looks, uncounted),
        **_sections(case),
    }
    given = case["case"]
    return {**case, "case": {**{name: fact for name, fact in facts.items() if fact}, **given}}


def _title(case: Case) -> dict[str, str]:
    name = case["person"].get("name") or case["person"].get("client_name") or ""
    # One who never became a case has no case number; such papers are kept for three years.
    kept = "永久" if case["case"].get("case_no") else "3年"
    return {"file_title": f"{name}个案服务及康复档案"[:_TITLE_LENGTH], "file_retention": kept}


def _span(papers: Iterable[Paper]) -> dict[str, str]:
    days = sorted(paper.date for paper in papers if paper.date)
    return {"file_from": days[0], "file_until": days[-1]} if days else {}


def _entries(counted: Sequence[tuple[Paper, int]], case: Case) -> list[dict[str, Any]]:
    rows = []
    page = 1
    for paper, pages in counted:
        row: dict[str, Any] = {
            "doc_no": paper.entry.code,
            "author": _author(paper, case),
            "title": paper.form.title,
            "date": paper.date,
            "page": page,
            "page_to": page + pages - 1 if pages > 1 else None,
            "form_id": paper.form.id,
            "sign_status": _signed(paper),
        }
        rows.append({name: value for name, value in row.items() if value})
        page += pages
    return rows


def _author(paper: Paper, case: Case) -> str:
    """Who is responsible for a paper: the worker it names, else the case's, else the station."""
    for spec in paper.form.fields.values():
        if spec.index in ("responsible_worker", "staff") and isinstance(paper.answers.get(spec.name), str):
            return str(paper.answers[spec.name])
    return str(case["case"].get("responsible_worker") or case["station"].get("name") or "")


def _signed(paper: Paper) -> str:
    if not paper.form.signatures:
        return "不需签署"
    signatures = [spec for spec in paper.form.fields.values() if spec.kind == "sig" and not spec.in_rows]
    done = [paper.answers.get(spec.name) for spec in signatures]
    return "已签署" if any(isinstance(sig, Mapping) and sig.get("name") for sig in done) else "未签署"


def _missing(looks: Sequence[Survey], uncounted: Sequence[Paper]) -> list[dict[str, str]]:
    rows = []
    for look in looks:
        rows += [
            {"item": f"{waiver.entry.code} {waiver.entry.title}", "reason": waiver.reason}
            for waiver in look.waived
        ]
        rows += [{"item": f"{lack.entry.code} {lack.entry.title}"} for lack in look.missing]
        rows += [{"item": f"{paper.entry.code} {paper.form.title}"} for paper in look.faulty]
    return rows + [{"item": f"{paper.entry.code} {paper.form.title}"} for paper in uncounted]


def _sections(case: Case) -> dict[str, str]:
    """Of each section a file must have, whether it has anything."""
    waived = case["case"].get("not_applicable", {})
    found = {}
    for name, forms in file_sections().items():
        has = name == "sec_cover" or any(case["forms"].get(form_id) for form_id in forms)
        found[name] = "有" if has else "不适用" if any(form_id in waived for form_id in forms) else "无"
    return found
