"""Lists of what is handed over (AR8): filing on the shelf, and handover to another office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from archives.archive import Unit
from archives.errors import InputRefused, SeparationBroken
from archives.numbering import next_number, series_code
from archives.people.files import current_volume, file_facts
from archives.store.tables import documents, records
from archives.store.tables_duties import transfer_items, transfers

TransferKind = Literal["filing", "handover"]
KINDS: dict[str, str] = {"filing": "归档", "handover": "移交"}


def make_transfer(
    unit: Unit, kind: TransferKind, file_ids: Sequence[int], *, handed_by: int, received_by: int | None
) -> int:
    """Write a list over the last volume of these files; returns its id.

    Raises SeparationBroken, InputRefused.
    """
    chosen = list(dict.fromkeys(file_ids))
    if not chosen:
        raise InputRefused("移交清单中没有档案。")
    if handed_by == received_by:
        raise SeparationBroken("移交人和接收人必须是两个人。")
    year = unit.today.year
    number = next_number(unit, f"AR8:{year}", "transfer")
    code = f"{series_code(unit.archive.station.fonds, 'GL', year)}-AR8-{number:04d}"
    try:
        result = unit.execute(
            insert(transfers),
            {
                "ref_code": code,
                "kind": kind,
                "handed_by": handed_by,
                "received_by": received_by,
                "at": unit.at,
            },
        )
    except IntegrityError as error:
        raise InputRefused("移交方式应为归档或移交。") from error
    transfer = int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
    for position, file_id in enumerate(chosen, start=1):
        _add(unit, transfer, position, file_id)
    unit.log("transfer.list", f"transfer:{transfer}", detail={"files": len(chosen), "kind": kind})
    return transfer


def _add(unit: Unit, transfer: int, position: int, file_id: int) -> None:
    file_facts(unit, file_id)
    volume = current_volume(unit, file_id)
    pieces = unit.execute(
        select(func.count())
        .select_from(records)
        .where(records.c.volume_id == volume.id, records.c.state.in_(("final", "signed", "archived")))
    ).scalar_one()
    pages = unit.execute(
        select(func.coalesce(func.sum(documents.c.pages), 0))
        .join(records, records.c.id == documents.c.record_id)
        .where(records.c.volume_id == volume.id, documents.c.kind != "issued", documents.c.state == "present")
    ).scalar_one()
    unit.execute(
        insert(transfer_items),
        {
            "transfer_id": transfer, "position": position, "file_id": file_id, "volume": volume.number,
            "pieces": int(pieces), "pages": int(pages),
        },
    )  # fmt: skip
    unit.log("transfer.complete", f"transfer:{transfer}", chain=file_id, detail={"volume": volume.number})
