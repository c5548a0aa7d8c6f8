"""Extracts: one person's line of a sheet about many people becomes a record of that person's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from archives.archive import Unit
from archives.errors import AlreadyThere, InputRefused, NotFound
from archives.items.lists import count_of_form, extracts_of
from archives.items.records import LIVE, add_record, read_record, record_facts
from archives.log.purposes import Purpose
from archives.people.files import FileFacts
from desk.station.casework import whose
from desk.station.content import content_of
from desk.station.opening import OpenStation
from desk.station.records import Entered, checked_answers, found, place_of, reading
from generator.extracts import extract_of_case
from generator.forms.catalogue import load_form

EXTRACT: Final = "activity_extract"
EXTRACTED: Final = "activity_record"


def extract(station: OpenStation, number: str, person: str) -> Entered:
    """Put one person's line of a sheet about many people into that person's file.

    Raises NotFound (not on the sheet), AlreadyThere, InputRefused, AccessDenied, StateForbids, DataInvalid.
    """
    sheet, series = found(station, number)
    station.allow(reading(series), file=series.id)  # one's own person's line leaves it, and nothing else
    place = place_of(station, EXTRACT, person)
    if sheet.form_id != EXTRACTED or sheet.state not in LIVE:
        raise InputRefused("只能从有效的活动记录中摘录。", hint="请给出活动记录的档号。")
    file = place.file
    assert file is not None  # noqa: S101 - a number was given
    with station.acting("record.read") as unit:
        _, _, plain = read_record(unit, sheet.id, purpose=Purpose.CASE_SERVICE)
        line = _line(unit, file, json.loads(plain))
    if line is None:
        raise NotFound("这份活动记录的参加人员中没有这个人。", hint="请核对姓名或个案编号。")
    form = load_form(EXTRACT)
    checked = checked_answers(station, form, line, file, draft=False)
    if checked.report.errors:
        return Entered(checked.report)
    with station.acting("record.extract") as unit:
        if file.id in extracts_of(unit, sheet.id):
            raise AlreadyThere("这份活动记录已摘录到这份档案。")
        content = content_of(form, checked.answers, "final", number=count_of_form(unit, file.id, form.id) + 1)
        record = add_record(unit, file.id, content, source_record=sheet.id)
        unit.log("record.extract", f"record:{record}", chain=file.id, detail={"other": sheet.id})
        return Entered(checked.report, record_facts(unit, record), checked.filled)


def _line(unit: Unit, file: FileFacts, sheet: Mapping[str, Any]) -> dict[str, Any] | None:
    person = whose(unit, file)
    for number in person.numbers:
        line = extract_of_case(sheet, number, str(person.identity.get("name") or ""))
        if line is not None:
            return line
    return None
