"""What waits while station.json says something that nobody accepted: the acts that would decide by it.

What such an act leaves cannot be taken back: a number on paper, a destruction, a deadline somebody was told.
Everything else goes on under the settings in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from archives.errors import StateForbids
from archives.keeping.accepted import shown

CURE: Final = (
    "请系统管理员或机构负责人核对：kangdang station settings show；属实的用 accept 确认，不属实的改回原样。"
)
_DISPOSAL: Final = ("disposal.prepare", "disposal.approve", "disposal.execute")
_DECIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "fonds": (
        "person.open", "file.accept", "series.write", "record.issue", "register.print", "transfer.make",
        *_DISPOSAL,
    ),
    "name": ("record.issue", "register.print", "file.export", "transfer.make", *_DISPOSAL),
    "start_rule": ("schedule.propose", "schedule.approve", *_DISPOSAL),
    "medical": ("schedule.propose", "schedule.approve", *_DISPOSAL),
    "waiting_days": _DISPOSAL,
    "loan_days": ("loan.lend", "loan.approve"),
    "backup_days": (),
    "station_id": (),
}  # fmt: skip
"""Member of station.json → acts that decide by it.  The station id is bound to the vault: another one opens
nothing.  Of copies the longer time counts."""


def question(members: tuple[str, ...]) -> str:
    """What a change of these members means, as a sentence."""
    return f"站点设置 station.json 中的{shown(members)}与已确认的不同，仍按已确认的办理。"


def disputed(act: str, members: tuple[str, ...]) -> StateForbids | None:
    """Why an act has to wait, or None."""
    deciding = tuple(name for name in members if act in _DECIDES[name])
    if not deciding:
        return None
    return StateForbids(
        f"站点设置 station.json 中的{shown(deciding)}与已确认的不同，确认之前不能办理这一项。", hint=CURE
    )
