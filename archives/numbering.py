"""Numbers and 档号: given one after another, never twice, gaps explained (spec E1, DA/T 13-2022).

Person file ``PZ01-FW·GA-2026-Y-0007``, its later episodes ``…-0007·2``, items ``…-0007-003``; site series
``PZ01-FW·YW-2026-D3`` with items ``…-0012``; registers ``PZ01-FW·GL-2026-Y`` with items ``…-0003``.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import insert, text, update

from archives.archive import Unit
from archives.errors import InputRefused, NotFound
from archives.store.tables import numbers

SERIES: Final = {
    "YW": ("业务", "D3"),
    "ZK": ("质量控制", "D3"),
    "PX": ("培训", "D3"),
    "TS": ("投诉", "Y"),
    "GL": ("档案管理", "Y"),
}
"""Second-level category of site series → (name, retention code)."""
REF_CODE: Final = re.compile(
    r"[A-Z0-9]{2,6}-[A-Z]{2}·[A-Z]{2}-\d{4}-(Y|D3|D10|D30)(-\d{4,})?(·\d+)?(-\d{3,})?\Z"
)
_TAKE: Final = text(
    "INSERT INTO sequences (name, next) VALUES (:name, 2)"
    " ON CONFLICT (name) DO UPDATE SET next = sequences.next + 1 RETURNING next"
)
_GIVEN: Final = insert(numbers)
_FONDS = re.compile(r"[A-Z0-9]{2,6}\Z")


def check_fonds(fonds: str) -> str:
    """The 全宗号, or InputRefused."""
    if not _FONDS.match(fonds):
        raise InputRefused(
            "全宗号应为 2–6 位大写字母或数字。", hint="没有全宗号的站点请用站点代码，例如 PZ01。"
        )
    return fonds


def person_file_code(fonds: str, year: int, number: int) -> str:
    """档号 of a person's file."""
    return f"{check_fonds(fonds)}-FW·GA-{year:04d}-Y-{number:04d}"


def series_code(fonds: str, series: str, year: int) -> str:
    """档号 of a site series of one year."""
    return f"{check_fonds(fonds)}-FW·{series}-{year:04d}-{SERIES[series][1]}"


def item_code(file_code: str, item_no: int, *, volume: int = 1, in_series: bool = False) -> str:
    """档号 of an item (件) of a file."""
    part = f"·{volume}" if volume > 1 else ""
    width = 4 if in_series else 3
    return f"{file_code}{part}-{item_no:0{width}d}"


def file_name_of(ref_code: str) -> str:
    """The 档号 as part of a file name: ``·`` is not safe on every disk."""
    return ref_code.replace("·", "_")


def next_number(unit: Unit, sequence: str, used_for: str) -> int:
    """Take the next number of a sequence for good; the act's failure gives it back."""
    # One statement, so that two acts beginning a sequence at once take their turn on a server too.
    number = int(unit.execute(_TAKE, {"name": sequence}).scalar_one()) - 1
    unit.execute(_GIVEN, {"sequence": sequence, "number": number, "used_for": used_for, "at": unit.at})
    return number


def explain_gap(unit: Unit, sequence: str, number: int, reason: str) -> None:
    """Say why a number came to nothing (缺号说明).  Raises NotFound, InputRefused."""
    if not reason.strip():
        raise InputRefused("缺号必须说明原因。")
    changed = unit.execute(
        update(numbers)
        .where(numbers.c.sequence == sequence, numbers.c.number == number)
        .values(void_reason=reason.strip())
    )
    if changed.rowcount != 1:
        raise NotFound(f"没有发出过编号 {sequence} 第 {number} 号。")
    unit.log("number.void", f"number:{sequence}:{number}")
