"""What station.json may hold: members, types, ranges; anything else is a sentence that names the place.

Beside ``settings`` because it loads the validator, which help and printing without a station do not need.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archives.errors import HomeUnusable

LARGEST: Final = 64_000
"""Bytes of the file."""
_TEXT = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StationMembers(_Strict):
    """The member ``station``: what decides numbers, periods and safety."""

    station_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]
    name: _TEXT
    fonds: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,6}$")]
    start_rule: Annotated[str, Field(pattern="^(next_year|trigger_day)$")] = "next_year"
    medical: bool = False
    waiting_days: Annotated[int, Field(ge=0, le=365)] = 7
    backup_days: Annotated[int, Field(ge=1, le=3650)] = 90
    loan_days: Annotated[int, Field(ge=1, le=365)] = 7


class SettingsMembers(_Strict):
    """The whole file."""

    station: StationMembers
    keys_folder: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f]+$")]
    data_url: Annotated[str, Field(max_length=1000, pattern=r"^(postgresql(\+psycopg)?://\S+)?$")] = ""
    keys_url: Annotated[str, Field(max_length=1000, pattern=r"^(postgresql(\+psycopg)?://\S+)?$")] = ""
    captions: Annotated[str, Field(pattern="^(none|corrected|verbatim)$")] = "none"


def read_members(path: Path) -> SettingsMembers:
    """The file as it is.  Raises FileNotFoundError, HomeUnusable naming the member that is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise _unusable(path, "过大")
        raw = path.read_bytes()
        return SettingsMembers.model_validate(json.loads(raw, object_pairs_hook=_once), strict=True)
    except FileNotFoundError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "整个文件"
        raise _unusable(path, f"中的 {_shown(place)} {_WORDS.get(first['type'], _OTHER)}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path, "无法读取") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


_WORDS: Final = {"missing": "没有写", "extra_forbidden": "不是这里可以有的"}
_OTHER: Final = "的类型或范围不对"


def _shown(place: str) -> str:
    """A place as it can be printed: members nobody knows may have any name."""
    return "".join(char if char.isprintable() else "?" for char in place)[:60]


def _unusable(path: Path, what: str) -> HomeUnusable:
    return HomeUnusable(
        f"站点设置文件 {path} {what}。", hint="请改正这一处，或从备份恢复这个文件；不要重新建站。"
    )
