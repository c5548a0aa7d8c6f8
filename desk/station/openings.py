"""What reading each act opens or closes that changes a file, and to whom: one row an act, data and no prose.

``docs/access.md`` is written from this table, and a test does every act and compares who may read before and
after.  An act that changes a file has its row here, or a test fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Who = Literal["case", "other", "supervisor", "director", "records", "asked", "before"]
"""case: the worker who has the case · other: another worker · supervisor: of the worker who has, or had, it ·
asked: a worker whose request was granted · before: the worker who had the case until then."""
Where = Literal["running", "earlier"]
"""The running volume (the last one until it is filed away), or the volumes before it."""
Level = Literal["free", "purpose", "no"]
"""Without saying why · saying a purpose · not at all; a request may be asked for."""

WHO: Final[dict[Who, str]] = {
    "case": "the worker who has the case",
    "other": "other workers",
    "supervisor": "the supervisor of that worker",
    "director": "负责人",
    "records": "档案员",
    "asked": "the worker whose request is granted",
    "before": "the worker who had it before",
}
LEVELS: Final[dict[Level, str]] = {"free": "free", "purpose": "with a purpose", "no": "closed"}


@dataclass(frozen=True, slots=True)
class Change:
    """From the act on these people read this part in this way."""

    who: tuple[Who, ...]
    where: Where
    level: Level


@dataclass(frozen=True, slots=True)
class Opening:
    """One act; without changes nobody can read more or less by it.  ``by``: the command."""

    act: str
    by: str
    changes: tuple[Change, ...] = ()
    more: str = ""


_OPEN: Final = (
    Change(("case", "supervisor"), "running", "free"),
    Change(("other", "director", "records"), "running", "purpose"),
)
_EVERYBODY: Final[tuple[Who, ...]] = ("case", "other", "supervisor", "director", "records")
_SHUT: Final = (Change(_EVERYBODY, "running", "no"),)

OPENINGS: Final[tuple[Opening, ...]] = (
    Opening("person.open", "person open", _OPEN, "The file is the case of whoever opened it."),
    Opening("file.accept", "file accept"),
    Opening("file.close", "file close, file end", (), "An ended volume that is not filed away stays open."),
    Opening("file.archive", "file archive", _SHUT, "Every volume is closed; each reading needs a request."),
    Opening(
        "file.grant", "file grant", (Change(("asked",), "running", "purpose"),
                                     Change(("asked",), "earlier", "purpose")),
        "All volumes, to the one who asked, until the day of the grant; to the case's own worker free.",
    ),
    Opening(
        "file.grant.reopen", "file grant (of file request --reopen)", (),
        "One reopening, no reading. A grant to read reopens nothing.",
    ),
    Opening(
        "file.reopen", "file reopen", _OPEN,
        "Only the new, empty volume. Earlier ones stay closed; by prefill come the person's identity and the"
        " totals of the last scores. Reopened by leave, the case is that person's.",
    ),
    Opening("file.takeback", "file takeback", _SHUT, "Only an empty volume; the file is as before it."),
    Opening(
        "file.assign", "file assign",
        (Change(("case",), "running", "free"), Change(("before", "supervisor"), "running", "purpose")),
        "The running volume only.",
    ),
    Opening(
        "person.merge", "person merge", (),
        "Ended volumes of the other file come as closed ones. Papers of an application under way go on in the"
        " running volume and are read as it is. A filed file is not merged. A grant that runs covers what"
        " comes to its file.",
    ),
    Opening("rights.register", "rights register", (), "Holds one's own files, others' after the look."),
    Opening("rights.look", "rights look"),
    Opening(
        "rights.restrict", "rights decide --decision 封存", (*_SHUT, Change(("asked",), "earlier", "no")),
        "Nothing but storage; a grant opens nothing meanwhile.",
    ),
    Opening(
        "rights.lift", "rights lift", (*_OPEN, Change(("asked",), "earlier", "purpose")),
        "What was open before, no more: a filed file is filed again, a grant runs on to its day.",
    ),
    Opening("hold.place", "hold place"),
    Opening("hold.release", "hold release"),
    Opening("loan.lend", "loan lend", (), "Paper in hand: approved by the 负责人 in writing."),
    Opening("loan.return", "loan return"),
    Opening("transfer.make", "transfer make"),
    Opening("file.place", "file place"),
    Opening("document.file", "document add, scan filing", (), "The paper is read as the volume it is in."),
    Opening("record.extract", "record extract", (), "One person's line leaves the sheet; no other line."),
    Opening(
        "user.supervisor", "user supervisor", (Change(("supervisor",), "running", "free"),),
        "Of all cases of that worker.",
    ),
    Opening("user.role", "user role", (), "What the role reaches (below), from the next command on."),
    Opening("user.leave", "user leave, user close", (), "Who left comes in no more."),
    Opening("disposal.execute", "disposal execute", (), "What is destroyed nobody reads again."),
    Opening("restore", "restore", (), "Rights are rows and come back as they were on the day of the backup."),
)  # fmt: skip
