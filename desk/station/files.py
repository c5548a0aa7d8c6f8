"""A person's file at work: looking at it, accepting the case, ending it, filing it away.

Acceptance (接案) needs its ground on file: form B that says 接案, or an agreement come home signed (spec A).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from archives.archive import Unit
from archives.duties.staff import names_of
from archives.errors import InputRefused, StateForbids
from archives.items.holds import OpenHold, open_holds
from archives.items.lists import Item, facts_in, items_of
from archives.people.files import (
    FileFacts,
    accept,
    current_volume,
    file_away,
    file_facts,
    find_file,
    require_ended,
)
from archives.people.merge import kept_number
from archives.people.naming import clean
from archives.people.volume_facts import facts_of_volume
from archives.store.tables import persons, placements, volumes
from archives.store.tables_people import assignments
from desk.station.casework import said_by_papers
from desk.station.completeness import Completeness, Held, Track, held, look, served
from desk.station.opening import OpenStation
from desk.station.records import reading
from desk.station.standing import RUNNING, hidden_volumes
from generator.forms.catalogue import list_forms

if TYPE_CHECKING:
    from archives.log.purposes import Purpose

NOTE = "file_note"
_AGREEMENTS = ("admission_agreement", "service_agreement")
_APPLICATION = "application_b"


def file_named(station: OpenStation, number: str) -> FileFacts:
    """The file of a 档号, 申请编号 or 个案编号, before anything is asked or told.  Raises NotFound."""
    with station.archive.looking(station.actor) as unit:
        return find_file(unit, number)


# --- looking ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Volume:
    """One episode of a file."""

    number: int
    case_no: str | None
    opened_on: str
    """The day it was entered."""
    accepted_on: str | None
    applied_on: str | None
    """What its papers say, which may be years before they were entered."""
    closed_on: str | None
    outcome: str | None
    outcome_on: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What a file holds, as it is shown."""

    file: FileFacts
    merged_into: str | None
    name: str
    worker: str | None
    place: str | None
    volumes: tuple[Volume, ...]
    items: tuple[Item, ...]
    holds: tuple[OpenHold, ...]
    closed: int = 0
    """Items of closed volumes that are not told: they are seen on request."""


def overview(station: OpenStation, number: str, purpose: Purpose | None = None) -> Overview:
    """Open a file; the opening is on the log before anything is told.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound.
    """
    file = file_named(station, number)
    if file.state == "merged":
        _tell_where(station, file)
    station.allow(reading(file), file=file.id, purpose=purpose, part=RUNNING)
    with station.acting("file.open") as unit:
        everything, hidden = items_of(unit, file.id), hidden_volumes(unit, file.id)
        items = tuple(item for item in everything if item.volume not in hidden)
        told = Overview(
            file, None, _name(unit, file), _worker(unit, file.id), place_of(unit, file.id),
            tuple(_volumes(unit, file.id)), items, tuple(open_holds(unit, file=file.id)),
            len(everything) - len(items),
        )  # fmt: skip
        unit.log(
            "file.open", f"file:{file.id}", chain=file.id, purpose=purpose, detail={"records": len(items)}
        )
    return told


def _tell_where(station: OpenStation, file: FileFacts) -> None:
    with station.archive.looking(station.actor) as unit:
        into = kept_number(unit, file.id)
    raise StateForbids(f"档案 {file.number} 已并入 {into}。", hint=f"请查看 {into}。")


def _name(unit: Unit, file: FileFacts) -> str:
    if file.person is None:
        return ""
    return str(unit.execute(select(persons.c.name).where(persons.c.id == file.person)).scalar() or "")


def _worker(unit: Unit, file_id: int) -> str | None:
    query = select(assignments.c.staff_id).where(
        assignments.c.file_id == file_id, assignments.c.to_on.is_(None)
    )
    found = unit.execute(query).scalar()
    return None if found is None else names_of(unit).get(found)


def place_of(unit: Unit, file_id: int) -> str | None:
    """Where the paper of the last volume lies (``1柜2架3盒``)."""
    row = unit.execute(
        select(placements)
        .where(placements.c.file_id == file_id)
        .order_by(placements.c.volume.desc(), placements.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else f"{row.cabinet}柜{row.shelf}架{row.box}盒"


def _volumes(unit: Unit, file_id: int) -> list[Volume]:
    rows = unit.execute(select(volumes).where(volumes.c.file_id == file_id).order_by(volumes.c.number))
    return [
        Volume(
            row.number, row.case_no, row.opened_on, *_days_of(unit, row), row.closed_on, row.outcome,
            row.outcome_on,
        )
        for row in rows.all()
    ]  # fmt: skip


def _days_of(unit: Unit, volume: Any) -> tuple[str | None, str | None]:
    """When the episode was accepted and when it was applied for, as far as anything says so."""
    accepted = facts_of_volume(unit, volume.id).accepted_on
    if accepted is None and volume.number == 1:
        accepted = file_facts(unit, volume.file_id).accepted_on
    applied = said_by_papers(unit, volume.id).get("application_date")
    return (accepted.isoformat() if accepted else None), (str(applied)[:10] if applied else None)


# --- accepting --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """A case that begins."""

    ref_code: str
    case_no: str
    ground: Item
    on: date


def accept_case(
    station: OpenStation, number: str, *, on: date | None = None, case_no: str | None = None
) -> Accepted:
    """接案, on the ground that is on file.

    Raises StateForbids (no ground), AlreadyThere, InputRefused, AccessDenied, NotFound.
    """
    file = file_named(station, number)
    station.allow("file.accept", file=file.id, part=RUNNING)
    with station.acting("file.accept") as unit:
        volume = current_volume(unit, file.id)
        ground, told = _ground(unit, file, volume.number)
        day = on or _day(told.get("decision_date")) or ground.document_date or unit.reference().day
        code = accept(unit, file.id, day, case_no or told.get("case_no"))
        given = current_volume(unit, file.id).case_no
    return Accepted(code, given, ground, day)


def _ground(unit: Unit, file: FileFacts, volume: int) -> tuple[Item, dict[str, str]]:
    """The paper that makes this a case, and its facts."""
    told = facts_in(unit, file.id)
    here = [item for item in items_of(unit, file.id) if item.live and item.volume == volume]
    for item in here:
        facts = told.get(item.id, {})
        if item.form_id == _APPLICATION and item.state != "draft" and _says_accept(facts):
            return item, facts
    for item in here:
        if item.form_id in _AGREEMENTS and item.state in ("signed", "archived"):
            return item, told.get(item.id, {})
    raise StateForbids(
        f"档案 {file.number} 没有接案依据：个案申请表未选“接案”，也没有已签字的协议。",
        hint="请先录入处理方式为“接案”的个案申请表，或归入已签字的协议扫描件（--signed）。",
    )


def _says_accept(facts: dict[str, str]) -> bool:
    raw = facts.get("inscope_action", "")
    return "接案" in (json.loads(raw) if raw.startswith("[") else [raw])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


# --- completeness and filing away -------------------------------------------------------------------------


def completeness(
    station: OpenStation, number: str, track: Track | None = None, purpose: Purpose | None = None
) -> tuple[FileFacts, Completeness]:
    """What the file has and lacks; the looking is on the log.

    Raises AccessDenied, PurposeNeeded, StateForbids, NotFound.
    """
    file = file_named(station, number)
    _require_person(file)
    # The records officer counts the papers of every file; contents are not opened for it.
    station.allow("file.catalogue" if "records" in station.actor.roles else "file.open",
                  file=file.id, purpose=purpose, part=RUNNING)  # fmt: skip
    with station.acting("file.complete") as unit:
        told = look_at(unit, file, track)
        unit.log(
            "file.complete", f"file:{file.id}", chain=file.id, purpose=purpose,
            detail={"count": len(told.missing)},
        )  # fmt: skip
    return file, told


def _require_person(file: FileFacts) -> None:
    if file.kind != "person":
        raise StateForbids(f"{file.number} 是站点档案，不核对个人档案的齐全。")


def look_at(unit: Unit, file: FileFacts, track: Track | None) -> Completeness:
    """Compare the running volume with the lists; papers of earlier episodes do not stand for it."""
    volume = current_volume(unit, file.id)
    end = date.fromisoformat(volume.closed_on) if volume.closed_on else unit.today
    started = file.accepted_on if volume.number == 1 else date.fromisoformat(volume.opened_on)
    records = _held(unit, file, volume.number)
    # A brief service ends as one; any other service without acceptance lacks what makes it a case.
    case = volume.case_no is not None or (volume.outcome != "served_briefly" and served(records))
    return look(records, (started, end), track, case=case)


def _held(unit: Unit, file: FileFacts, volume: int) -> list[Held]:
    items = [item for item in items_of(unit, file.id) if item.volume == volume]
    return held(items, facts_in(unit, file.id))


def archive_file(
    station: OpenStation, number: str, track: Track | None = None, *, why: str | None = None
) -> tuple[FileFacts, int]:
    """归档: complete, or with a note (AR3) on file that gives the reasons; returns how many are archived.

    An application that never became a case has no 档号 and so no note: ``why`` is its reason, kept encrypted.
    Raises StateForbids, InputRefused, AccessDenied, NotFound.
    """
    file = file_named(station, number)
    station.allow("file.archive", file=file.id, part=RUNNING)
    _require_person(file)
    if why is not None and file.ref_code is not None:
        raise InputRefused(
            f"档案 {file.number} 的原因写在卷内备考表中，不用 --reason。",
            hint="请用 kangdang file catalogue 的 --reason 写明原因，印出备考表后归档。",
        )
    why = None if why is None else clean(why, "原因", most=500)
    with station.acting("file.archive") as unit:
        volume = require_ended(unit, file)
        told = look_at(unit, file, track)
        records = _held(unit, file, volume.number)
        if not told.complete and why is None and not _noted(records):
            way = (
                "再次归档时用 --reason 写明原因" if file.ref_code is None
                else "用 kangdang file catalogue 在卷内备考表中写明原因后归档"
            )  # fmt: skip
            raise StateForbids(
                f"档案 {file.number} 还不齐全：{summary(told)}。",
                hint=f"逐项见 kangdang file complete {file.number}。请补齐；确实没有的，{way}。",
            )
        unsigned_forms = {form.id for form in list_forms() if not form.signatures}
        file_away(
            unit, file.id,
            complete=[one.item.id for one in records if one.item.form_id in unsigned_forms], why=why,
        )  # fmt: skip
        after = items_of(unit, file.id)
        return file_facts(unit, file.id), sum(1 for item in after if item.state == "archived")


def _noted(records: Sequence[Held]) -> bool:
    return any(one.item.form_id == NOTE and one.item.state in ("final", "signed") for one in records)


def summary(told: Completeness) -> str:
    """What keeps a file from being complete, in few words."""
    parts = [line.sentence for line in told.missing[:5]]
    if len(told.missing) > 5:
        parts.append(f"等共 {len(told.missing)} 项")
    if told.drafts:
        parts.append(f"草稿 {len(told.drafts)} 件")
    if told.unsigned:
        parts.append(f"未见签字 {len(told.unsigned)} 件")
    return "，".join(parts)
