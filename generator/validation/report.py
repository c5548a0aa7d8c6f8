"""What validation says: problems, each at one field, and the values it filled or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning"]


class Problem(NamedTuple):
    """One thing to correct.  ``path`` is a JSON pointer into the answers; no text repeats an answer."""

    path: str
    keyword: str
    severity: Severity
    message: str
    hint: str
    clause: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """The problem as plain data for ``--json``."""
        return {
            "path": self.path,
            "keyword": self.keyword,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "clause": self.clause,
        }


class ValidationReport(NamedTuple):
    """All problems in form order; ``computed`` maps pointers to values the program filled in."""

    problems: tuple[Problem, ...] = ()
    computed: Mapping[str, Any] = MappingProxyType({})
    dropped: tuple[str, ...] = ()
    """Pointers of hidden answers that were left out on request."""

    @property
    def ok(self) -> bool:
        """No errors; warnings may remain."""
        return not any(problem.severity == "error" for problem in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop an official print."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems a person may decide to leave."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data for ``--json``."""
        return {
            "ok": self.ok,
            "problems": [problem.to_dict() for problem in self.problems],
            "computed": dict(self.computed),
            "dropped": list(self.dropped),
        }
