"""What an appraisal (AR6 鉴定意见) decided instead of destruction, and the date that follows from it.

续存 n 年 counts by the schedule's start rule from the later of the old end and the day of the opinion, so it
never shortens a period.  转永久 is final.  暂缓 puts the item off by a year unless the opinion says longer; a
reason that lasts (诉讼 …) is a hold of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from archives.errors import InputRefused
from archives.retention.period import StartRule, held

OverrideKind = Literal["prolong", "permanent", "defer"]
DEFER_YEARS = 1
MOST_YEARS = 100
_LIST_NO = re.compile(r"[0-9A-Za-z\u4e00-\u9fff·_\-]{1,40}")


@dataclass(frozen=True, slots=True)
class Override:
    """One opinion on one item: 续存 (with ``years``), 转永久, 暂缓.  ``list_no`` is the batch it stands in.

    Raises InputRefused for years that do not belong to the kind, or a batch number of other characters.
    """

    kind: OverrideKind
    years: int | None
    decided_on: date
    list_no: str

    def __post_init__(self) -> None:
        years = self.years
        if self.kind not in ("prolong", "permanent", "defer"):
            raise InputRefused("鉴定意见应是续存、转永久或暂缓。")
        if years is None and self.kind == "prolong":
            raise InputRefused("鉴定意见为续存时须写明年数。")
        if years is not None and (self.kind == "permanent" or not 1 <= years <= MOST_YEARS):
            raise InputRefused(f"鉴定意见的年数应是 1 到 {MOST_YEARS}，转永久不写年数。")
        if not _LIST_NO.fullmatch(self.list_no):
            raise InputRefused("鉴定批次号只可用字母、数字、汉字、“·”和连字符，40 字以内。")


def made_permanent(opinions: Sequence[Override]) -> Override | None:
    """The first 转永久: nothing later takes it back."""
    return next((opinion for opinion in opinions if opinion.kind == "permanent"), None)


def after(through: date, opinions: Sequence[Override], rule: StartRule) -> tuple[date, Override] | None:
    """The last day held after all opinions, with the latest of them; None past the year 9999.

    ``through`` is the day the schedule alone gives; ``opinions`` may be in any order, not empty.
    """
    ordered = sorted(opinions, key=lambda opinion: opinion.decided_on)
    for opinion in ordered:
        period = held(max(through, opinion.decided_on), opinion.years or DEFER_YEARS, rule)
        if period is None:
            return None
        through = period[1]
    return through, ordered[-1]
