"""Lists of what is handed over (AR8): filing on the shelf, and handover to another office."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import case, func, insert, select
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit, canonical_json
from archives.duties.staff import require_present
from archives.errors import InputRefused, NotFound, SeparationBroken, StateForbids
from archives.numbering import next_number
from archives.people.files import current_volume, file_facts
from archives.people.naming import clean
from archives.store.tables import documents, records, volumes
from archives.store.tables_duties import transfer_items, transfers

TransferKind = Literal["filing", "handover"]
KINDS: Final[dict[str, str]] = {"filing": "归档", "handover": "移交"}
MOST_FILES: Final = 900
"""The printed list (AR8) holds as many."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes the files over: a colleague (``staff``), or a person of another office by name."""

    staff: int | None = None
    name: str | None = None
    unit_name: str | None = None
    """The office; None for this station."""
    basis: str | None = None
    """移交依据 of a handover."""
    supervisor: int | None = None
    """监交人 of a handover."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A list as its row says."""

    id: int
    ref_code: str
    kind: str
    handed_by: int
    received_by: int | None
    at: datetime
    files: int
    more: dict[str, Any]
    """``name``, ``unit``, ``basis``, ``supervisor`` where they were given."""


@dataclass(frozen=True, slots=True)
class TransferItem:
    """One volume of a list as it was counted then."""

    file: int
    volume: int
    pieces: int
    pages: int
    paper: bool
    electronic: bool


def make_transfer(unit: Unit, kind: TransferKind, file_ids: Sequence[int], receiver: Receiver) -> int:
    """Write a list over these files, handed over by who acts; returns its id.

    Filing names the last volume of each, a handover all that were not handed over before; whether they are
    whole is asked by ``desk.station.handing_over``, and the database refuses what is open, held or lent.
    Raises SeparationBroken, InputRefused, StateForbids, NotFound.
    """
    chosen = list(dict.fromkeys(file_ids))
    if not 1 <= len(chosen) <= MOST_FILES:
        raise InputRefused(f"一份移交清单应有 1 至 {MOST_FILES} 卷。", hint="多出的请另编一份。")
    check_receiver(unit, kind, receiver)
    year = unit.year
    code = f"YJ-{year}-{next_number(unit, f'transfer:{year}', 'transfer'):03d}"
    told = {
        "name": receiver.name, "unit": receiver.unit_name, "basis": receiver.basis,
        "supervisor": receiver.supervisor,
    }  # fmt: skip
    more = {
        name: clean(value, name, most=200) if isinstance(value, str) else value
        for name, value in told.items()
        if value is not None
    }
    result = unit.execute(
        insert(transfers),
        {
            "ref_code": code, "kind": kind, "handed_by": unit.staff(), "received_by": receiver.staff,
            "receiver_note": canonical_json(more).encode() if more else None, "at": unit.at,
        },
    )  # fmt: skip
    transfer = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    rows = [(file_id, volume) for file_id in chosen for volume in _volumes_of(unit, kind, file_id)]
    if len(rows) > MOST_FILES:
        raise InputRefused(f"一份移交清单应有 1 至 {MOST_FILES} 卷。", hint="多出的请另编一份。")
    for position, (file_id, volume) in enumerate(rows, start=1):
        _add(unit, transfer, position, file_id, volume)
    unit.log("transfer.list", f"transfer:{transfer}", detail={"files": len(chosen), "kind": kind})
    return transfer


def check_receiver(unit: Unit, kind: str, receiver: Receiver) -> None:
    """Refuse what is wrong about who takes over.  Raises InputRefused, SeparationBroken, NotFound."""
    if kind not in KINDS:
        raise InputRefused(f"移交方式应为：{'、'.join(KINDS.values())}。")
    if (receiver.staff is None) == (receiver.name is None):
        raise InputRefused("接收人应写明一位：本站人员的账号，或外单位人员的姓名。")
    if receiver.staff is not None:
        require_present(unit, receiver.staff, "接收人")
    told = (
        (receiver.name, "接收人", 30),
        (receiver.unit_name, "接收单位", 60),
        (receiver.basis, "移交依据", 200),
    )
    for text, name, most in told:
        if text is not None:
            clean(text, name, most=most)
    people = [unit.staff(), receiver.staff, receiver.supervisor]
    present = [one for one in people if one is not None]
    if len(set(present)) != len(present):
        raise SeparationBroken("移交人、接收人、监交人必须是不同的人。")
    if kind == "handover" and not (receiver.unit_name and receiver.basis and receiver.supervisor):
        raise InputRefused(
            "向外单位移交须写明接收单位、移交依据和监交人。",
            hint="请用 --to-unit、--basis、--supervisor 写明。",
        )
    if receiver.supervisor is not None:
        require_present(unit, receiver.supervisor, "监交人")


def _volumes_of(unit: Unit, kind: str, file_id: int) -> list[Any]:
    """Rows of the volumes that go onto the list.  Raises StateForbids."""
    facts = file_facts(unit, file_id)
    if facts.state in ("merged", "destroyed"):
        raise StateForbids(f"档案 {facts.number} 已并入其他档案或已销毁，不能列入移交清单。")
    if kind != "handover" or facts.kind != "person":
        return [current_volume(unit, file_id)]
    given = (
        select(transfer_items.c.volume)
        .join(transfers, transfers.c.id == transfer_items.c.transfer_id)
        .where(transfer_items.c.file_id == file_id, transfers.c.kind == "handover")
    )
    query = select(volumes).where(volumes.c.file_id == file_id, volumes.c.number.not_in(given))
    return list(unit.execute(query.order_by(volumes.c.number)))


def _add(unit: Unit, transfer: int, position: int, file_id: int, volume: Any) -> None:
    pieces = unit.execute(
        select(func.count())
        .select_from(records)
        .where(records.c.volume_id == volume.id, records.c.state.in_(("final", "signed", "archived")))
    ).scalar_one()
    row = {
        "transfer_id": transfer, "position": position, "file_id": file_id, "volume": volume.number,
        "pieces": int(pieces), "pages": _pages(unit, volume.id),
    }  # fmt: skip
    try:
        unit.execute(insert(transfer_items), row)
    except IntegrityError as error:
        raise StateForbids(
            f"档案 {file_facts(unit, file_id).number} 没有归档、已冻结、借出未还或已经移交过，不能移交。"
        ) from error
    unit.log("transfer.item", f"transfer:{transfer}", chain=file_id, detail={"volume": volume.number})


def _pages(unit: Unit, volume_id: int) -> int:
    """Pages of a volume: of each item its scans and attachments, else one print of it."""
    filed = func.sum(case((documents.c.kind != "issued", documents.c.pages), else_=0))
    printed = func.max(case((documents.c.kind == "issued", documents.c.pages), else_=0))
    query = (
        select(filed.label("filed"), printed.label("printed"))
        .join(records, records.c.id == documents.c.record_id)
        .where(records.c.volume_id == volume_id, documents.c.state == "present")
        .group_by(documents.c.record_id)
    )
    return sum(int(row.filed or row.printed or 0) for row in unit.execute(query))


def handed_over(unit: Unit, file_id: int) -> dict[int, str]:
    """Volume → the list by which it went to another office."""
    query = (
        select(transfers.c.ref_code, transfer_items.c.volume)
        .join(transfers, transfers.c.id == transfer_items.c.transfer_id)
        .where(transfer_items.c.file_id == file_id, transfers.c.kind == "handover")
        .order_by(transfers.c.id)
    )
    return {int(row.volume): row.ref_code for row in unit.execute(query)}


def find_transfer(unit: Unit, ref_code: str) -> int:
    """The list of this number (YJ-2026-001).  Raises NotFound."""
    found = unit.execute(
        select(transfers.c.id).where(transfers.c.ref_code == ref_code.strip().upper())
    ).scalar()
    if found is None:
        raise NotFound(
            "没有这份移交清单。", hint="请用 kangdang transfer list 查看清单编号，例如 YJ-2026-001。"
        )
    return int(found)


def all_transfers(unit: Unit) -> list[Transfer]:
    """All lists, oldest first."""
    query = select(transfer_items.c.transfer_id, func.count().label("files"))
    counted = {
        row.transfer_id: row.files for row in unit.execute(query.group_by(transfer_items.c.transfer_id))
    }
    return [
        Transfer(
            row.id, row.ref_code, row.kind, row.handed_by, row.received_by, datetime.fromisoformat(row.at),
            counted.get(row.id, 0), json.loads(row.receiver_note) if row.receiver_note else {},
        )
        for row in unit.execute(select(transfers).order_by(transfers.c.id))
    ]  # fmt: skip


def items_of(unit: Unit, transfer_id: int) -> list[TransferItem]:
    """The volumes of a list in their order."""
    rows = unit.execute(
        select(transfer_items)
        .where(transfer_items.c.transfer_id == transfer_id)
        .order_by(transfer_items.c.position)
    )
    told = []
    for row in list(rows):
        kinds = set(
            unit.execute(
                select(documents.c.kind).where(documents.c.file_id == row.file_id).distinct()
            ).scalars()
        )
        told.append(
            TransferItem(
                row.file_id,
                row.volume,
                row.pieces,
                row.pages,
                bool({"issued", "scan"} & kinds),
                row.pieces > 0,
            )
        )
    return told
