"""Site series (业务、质量控制 …): one file a year for what is not one person's, opened when first needed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, text

from archives.archive import Unit
from archives.errors import InputRefused
from archives.numbering import SERIES, series_code
from archives.people.files import FileFacts, file_facts
from archives.store.tables import files

_OPEN: Final = text(
    "INSERT INTO files (kind, series, year, ref_code, state, opened_at, note_key)"
    " VALUES ('series', :series, :year, :code, 'open', :at, :key) ON CONFLICT DO NOTHING"
)


def series_file(unit: Unit, series: str, year: int) -> FileFacts:
    """The file of a series and year; the first act that needs it opens it.  Raises InputRefused."""
    if series not in SERIES:
        told = "、".join(f"{code} {name}" for code, (name, _) in SERIES.items())
        raise InputRefused(f"站点档案的类别应为：{told}。")
    if not 2000 <= year <= unit.today.year + 1:
        raise InputRefused(f"年度 {year} 不在可用范围内。")
    found = _find(unit, series, year)
    if found is not None:
        return file_facts(unit, found)
    key_name, _ = unit.archive.keys.new()
    made = unit.execute(
        _OPEN,
        {
            "series": series, "year": year, "code": series_code(unit.archive.station.fonds, series, year),
            "at": unit.at, "key": key_name,
        },
    )  # fmt: skip
    file_id = _find(unit, series, year)
    assert file_id is not None  # noqa: S101 - the row is there: ours, or that of an act at the same moment
    if made.rowcount == 1:
        unit.log("file.create", f"file:{file_id}", chain=file_id, detail={"kind": series, "number": year})
    return file_facts(unit, file_id)


def series_there(unit: Unit, series: str, year: int) -> FileFacts | None:
    """The file of a series and year, if an act has opened it."""
    found = _find(unit, series, year)
    return None if found is None else file_facts(unit, found)


def _find(unit: Unit, series: str, year: int) -> int | None:
    query = select(files.c.id).where(files.c.series == series, files.c.year == year)
    found = unit.execute(query).scalar()
    return None if found is None else int(found)
