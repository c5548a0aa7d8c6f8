"""One thing wrong with a form definition or its examples, for the people who write forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from generator.errors import FormDefinitionInvalid


class Finding(NamedTuple):
    """``subject`` is the form id or file, ``pointer`` the place inside it (JSON pointer)."""

    subject: str
    pointer: str
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.subject} {self.pointer or '/'}：{self.message}{self.hint}"

    def to_dict(self) -> dict[str, str]:
        """The finding as plain data for ``--json``."""
        return {
            "subject": self.subject,
            "pointer": self.pointer,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


def as_error(findings: Sequence[Finding]) -> FormDefinitionInvalid:
    """One exception that names every finding, one a line."""
    lines = "\n".join(str(finding) for finding in findings)
    return FormDefinitionInvalid(f"表单定义有 {len(findings)} 处问题：\n{lines}\n")
