"""Why somebody opens a file: the closed list of 利用目的 (spec E2, AR4)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Code of a purpose; the code is what the access log stores."""

    CASE_SERVICE = "case_service"
    SUPERVISION = "supervision"
    QUALITY = "quality"
    INSPECTION = "inspection"
    JUDICIAL = "judicial"
    PERSON = "person"
    GUARDIAN = "guardian"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The wording of AR4 档案查阅登记."""
        return PURPOSE_NAMES[self]


PURPOSE_NAMES: Final[dict[Purpose, str]] = {
    Purpose.CASE_SERVICE: "个案服务",
    Purpose.SUPERVISION: "督导",
    Purpose.QUALITY: "质控",
    Purpose.INSPECTION: "评估检查",
    Purpose.JUDICIAL: "司法",
    Purpose.PERSON: "本人查询",
    Purpose.GUARDIAN: "监护人查询",
    Purpose.OTHER: "其他",
}
