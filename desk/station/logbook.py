"""The access log as people work with it: reading, sealing, anchors kept outside, exporting, verifying.

Whoever reads the log is on the log.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from archives.archive import Unit
from archives.errors import InputRefused, SealInvalid
from archives.items.written import note_written
from archives.log.anchor import Anchor, anchor_file, anchor_line, read_anchors
from archives.log.event import SITE_CHAIN
from archives.log.export import Counts, Header, write_export
from archives.log.purposes import PURPOSE_NAMES, Purpose
from archives.log.seal import Seal
from archives.log.words import act_name, result_name
from archives.people.files import find_file
from archives.ports import ROLE_NAMES
from archives.sealing import (
    last_seal,
    public_key_of,
    read_seal_key,
    seal_log,
    stored_events,
    stored_seal_heads,
    stored_seals,
    verify_log,
)
from archives.store.tables_people import events
from desk.output import put_out, write_output
from desk.output import told as output_told
from desk.station.handing_out import place_of
from desk.station.log_details import told
from desk.station.log_reasons import has_reason, reason_of
from desk.station.log_subjects import Subjects
from desk.station.opening import OpenStation
from desk.station.schedule_page import field_label, form_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archives.log.verify import Report

MOST_SHOWN = 1000
NOTED = "rows.noted"
"""An event that says nothing but what rows hold."""
HIDDEN_REASON = "理由另行加密保存，您无权查看"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event as an auditor reads it; codes and words."""

    chain: int
    seq: int
    at: str
    who: str
    role: str
    action: str
    number: str
    """档号 of the file; empty for the station's own log."""
    subject: str
    purpose: str | None
    result: str
    detail: Mapping[str, Any]
    about: str
    """The subject as a reader knows it: a file by its number, a paper by its title."""
    more: tuple[str, ...]
    """What changed, how many, until when, why."""

    @property
    def act(self) -> str:
        """What was done, in words; an older word that stood for two acts is told by its detail."""
        return act_name(self.action, self.subject, self.detail)

    @property
    def sentence(self) -> str:
        """The line on the screen."""
        parts = [self.at[:19].replace("T", " "), f"{self.who}（{self.role}）", self.act]
        parts += [self.number] if self.number and self.number not in self.about else []
        parts += [self.about]
        parts += [f"目的：{PURPOSE_NAMES[Purpose(self.purpose)]}"] if self.purpose else []
        parts += ["；".join(self.more)] if self.more else []
        return "  ".join([*parts, result_name(self.result)])


def sentences(lines: Iterable[LogLine]) -> Iterator[str]:
    """The lines on the screen; a run of lines that only note what rows hold is one, with their number."""

    def kind(one: LogLine) -> tuple[bool, str, str, str]:
        return one.action == NOTED, one.who, one.number, one.at[:10]

    for (noted, *_), run in groupby(lines, key=kind):
        same = list(run)
        if not noted or len(same) == 1:
            yield from (one.sentence for one in same)
        else:
            yield replace(same[0], more=(f"连续 {len(same)} 条，至 {same[-1].at[11:19]}",)).sentence


@dataclass(frozen=True, slots=True)
class Shown:
    """Part of the log; ``more``: lines that were not shown because there are too many."""

    lines: list[LogLine]
    more: int


def show(
    station: OpenStation, *, number: str | None = None, first: date | None = None, last: date | None = None,
    purpose: Purpose | None = None,
) -> Shown:  # fmt: skip
    """Events of a file or of the whole station in a period, the newest MOST_SHOWN, in the order of time.

    A reason given in words is content: it is read only where the reader may open the file (``purpose`` as
    there), and that reading is on the log of the file.  Raises InputRefused, NotFound.
    """
    if first is not None and last is not None and first > last:
        raise InputRefused("起始日期晚于截止日期。", hint="请核对 --from 和 --to。")
    with station.acting("log.read") as unit:
        file = find_file(unit, number).id if number is not None else None
        rows = list(unit.execute(_asked(file, first, last)))
        more = max(0, len(rows) - MOST_SHOWN)
        chosen = rows[:MOST_SHOWN][::-1]
        reasons, opened = _reasons(station, unit, chosen, purpose)
        lines = _lines(unit, chosen, reasons)
        unit.log("log.read", "log:1", chain=file or SITE_CHAIN, detail={"events": len(lines)})
        for one in sorted(opened):
            unit.log("log.reasons", f"file:{one}", chain=one, purpose=purpose)
    return Shown(lines, more)


def _asked(file: int | None, first: date | None, last: date | None) -> Select[Any]:
    query = select(events)
    if file is not None:
        query = query.where(events.c.chain == file)
    if first is not None:
        query = query.where(events.c.at >= first.isoformat())
    if last is not None:
        query = query.where(events.c.at < (last + timedelta(days=1)).isoformat())
    return query.order_by(events.c.id.desc()).limit(MOST_SHOWN + 1)


def _reasons(
    station: OpenStation, unit: Unit, rows: Sequence[Any], purpose: Purpose | None
) -> tuple[dict[int, str], set[int]]:
    """(id of an event → its reason, or that there is one; files whose reasons were read)."""
    told: dict[int, str] = {}
    allowed: dict[int, bool] = {}
    opened: set[int] = set()
    for row in rows:
        if row.chain == SITE_CHAIN or not has_reason(unit, row):
            continue
        if row.chain not in allowed:
            allowed[row.chain] = station.may("file.open", unit, row.chain, purpose)
        if not allowed[row.chain]:
            told[row.id] = HIDDEN_REASON
            continue
        told[row.id] = f"理由：{reason_of(unit, row)}"
        opened.add(row.chain)
    return told, opened


def _lines(unit: Unit, rows: Sequence[Any], reasons: Mapping[int, str]) -> list[LogLine]:
    details = {row.id: json.loads(row.detail) for row in rows}
    named = [f"record:{one[key]}" for one in details.values() for key in ("record", "other") if one.get(key)]
    known = Subjects(unit, [*(row.subject for row in rows), *named], form_title, field_label)
    lines = []
    for row in rows:
        detail = details[row.id]
        more = told(row.action, row.subject, detail, known, known.label)
        more += [reasons[row.id]] if row.id in reasons else []
        lines.append(
            LogLine(
                row.chain, row.seq, row.at, known.staff.get(row.staff, "系统"), _roles(row.role), row.action,
                known.number(row.chain), row.subject, row.purpose, row.result, detail,
                known.told(row.subject), tuple(more),
            )
        )  # fmt: skip
    return lines


def _roles(codes: str) -> str:
    names: Mapping[str, str] = ROLE_NAMES  # type: ignore[assignment]  # read by any text
    return "、".join(names.get(code, "程序" if code == "system" else code) for code in codes.split("+"))


def seal(station: OpenStation) -> Seal | None:
    """Seal what has grown; None when nothing has.  Raises SealInvalid, StoreUnusable."""
    return seal_log(station.archive, station.actor, read_seal_key(station.layout, station.master))


def anchor(station: OpenStation, out: Path) -> tuple[Seal, str]:
    """Seal, write the newest seal to ``out`` as an anchor; returns it and the line to print.

    Raises SealInvalid (nothing to seal yet), OutputUnwritable.
    """
    seal(station)
    with station.archive.looking(station.actor) as unit:
        newest = last_seal(unit)
    if newest is None:
        raise SealInvalid("日志还没有封签。", hint="请先运行 kangdang log seal。")
    write_output(out, anchor_file(newest), plain="nobody")
    with station.acting("log.anchor") as unit:
        unit.log("log.anchor", f"seal:{newest.number}", detail={"format": "json"})
    return newest, anchor_line(newest)


def verify(station: OpenStation, anchor_files: Sequence[Path]) -> Report:
    """Check the stored log against its seals, the station's own seal key, and anchors kept outside.

    Raises SealInvalid for an anchor that cannot be read, and when the seal key cannot.
    """
    anchors = [one for path in anchor_files for one in _anchors(path)]
    own = public_key_of(read_seal_key(station.layout, station.master))
    return verify_log(station.archive, station.actor, anchors, (own,))


def _anchors(path: Path) -> list[Anchor]:
    try:
        return read_anchors(path.read_bytes())
    except OSError as error:
        raise SealInvalid(f"无法读取外存凭证文件 {path.name}。", hint="请检查文件名和权限。") from error


def export(station: OpenStation, out: Path) -> Counts:
    """Write the whole log for an outside examiner; the export itself is an event before it.

    Raises LogExportInvalid, OutputUnwritable.
    """
    with station.acting("log.export") as unit:
        unit.log("log.export", "log:1", detail={"format": "jsonl"})
        header = Header(unit.archive.station.station_id, unit.at)
    with _beside(out) as temporary:
        with station.archive.looking(station.actor) as unit, output_told(out), temporary.open("wb") as stream:
            counts = write_export(
                stream, header, stored_seals(unit), stored_seal_heads(unit), stored_events(unit)
            )
            stream.flush()
            os.fsync(stream.fileno())
        with output_told(out), temporary.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        with station.acting("plain.note") as unit:
            note_written(unit, "log.export", [], {place_of(out): digest})
        with output_told(out):
            temporary.replace(out)
        put_out([out], "known")
    return counts


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    with output_told(out):
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=".kangdang-", suffix=".tmp")
        os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
