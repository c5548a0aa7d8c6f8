"""Rosters of invented people (样例), made from the forms' own examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from desk.batch.columns import Columns, fact_of
from desk.entry.answers import MISSING, get, put
from generator.forms import citizen_id
from generator.forms.catalogue import load_form
from generator.resources import data_dir

SEVEN = ("consent_a", "application_b", "preassess_c", "plan_d", "record_e", "evaluation_f", "closure_g")


def example(form_id: str) -> dict[str, Any]:
    """The first valid example of a form."""
    path = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def case_of(forms: Sequence[str]) -> dict[str, Any]:
    """A CASE whose facts and answers are those of the examples."""
    case: dict[str, Any] = {}
    for form_id in forms:
        form, answers = load_form(form_id), example(form_id)
        for spec in form.fields.values():
            fact = fact_of(spec)
            value = MISSING if spec.in_rows else get(answers, spec.pointer)
            place = "/" + (fact or "").replace(".", "/")
            # The examples tell of several people: the first form that says a fact says it for all.
            if fact is not None and value is not MISSING and get(case, place) is MISSING:
                case = put(case, place, value)
        case = put(case, f"/forms/{form_id}/0", answers)
    return case


def person(case: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Another invented person: own numbers, name and identity number, otherwise the same case."""
    born = date(1960, 1, 1) + timedelta(days=number % 9000)
    first = f"510402{born:%Y%m%d}{number % 500:03d}"
    first = first[:16] + str(int(first[16]) // 2 * 2 + 1)
    cid = first + citizen_id.check_character(first)
    made: dict[str, Any] = json.loads(json.dumps(case))
    made.setdefault("case", {}).update(
        {"case_no": f"GA-2026-{number:04d}", "application_no": f"SQ-2026-{number:04d}"}
    )
    made.setdefault("person", {}).update(
        {
            "name": f"样例{chr(0x4E00 + number % 5000)}",
            "cid": cid,
            "birth_date": born.isoformat(),
            "gender": "男",
        }
    )
    for form_id, rows in made["forms"].items():
        form = load_form(form_id)
        for answers in rows:
            for spec in form.fields.values():
                fact = fact_of(spec)
                if fact is not None or spec.computed is not None:
                    answers.pop(spec.name, None)
    return made


def line(columns: Columns, case: Mapping[str, Any]) -> dict[str, str]:
    """The cells of one person, by heading; only what has a value."""
    cells: dict[str, str] = {}
    for column in columns.all:
        value = get(case, column.target)
        if value is not MISSING:
            cells[column.heading] = column.widget.show(column.spec, value)
    return cells


def write_xlsx(
    path: Path, headings: Sequence[str], rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]]
) -> Path:
    """A plain workbook."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path
