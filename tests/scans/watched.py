"""Looks on while a stack comes in, is decided on and cleared: which changes of the disk have no write point.

``python -m tests.scans.watched FOLDER [leak [watched]]`` prints them as JSON; with ``leak`` the story also
writes and removes a file without saying so, which has to be told; ``watched``: received from an inbox.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from archives.store import points
from tests.scans.killed import prepare, prepare_watched, story

Step = tuple[str, str]
"""(kind, what): ``point``, ``file`` (opened for writing, renamed, removed), ``commit``."""


def watch(root: Path) -> list[Step]:
    """Everything that happens from here on, in its order."""
    steps: list[Step] = []
    place = str(root)

    def audit(name: str, arguments: tuple[object, ...]) -> None:
        if name == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(place):
                steps.append(("file", f"open {path}"))
        elif name in ("os.remove", "os.rename", "os.truncate", "os.rmdir") and str(arguments[0]).startswith(
            place
        ):
            steps.append(("file", f"{name} {arguments[0]}"))

    sys.addaudithook(audit)
    event.listen(Engine, "commit", lambda connection: steps.append(("commit", kind(connection))))
    points.observe(lambda point: steps.append(("point", point)))
    return steps


def kind(connection: object) -> str:
    return "write" if connection.connection.info.get("kangdang_may_write") else "look"  # type: ignore[attr-defined]


def unsaid(steps: list[Step]) -> list[str]:
    """Changes of files that no point follows before the next change; commits without points around them."""
    told = []
    seen = [step for step in steps if step != ("commit", "look") and not harmless(step)]
    for at, (what, name) in enumerate(seen):
        before = seen[at - 1] if at else ("", "")
        after = seen[at + 1] if at + 1 < len(seen) else ("", "")
        around = before[1].endswith(":committing") and after[1].endswith(":committed")
        if (what == "file" and after[0] != "point") or (what == "commit" and not around):
            told.append(f"{what} {name}: {before[1]} … {after[1]}")
    return told


def harmless(step: Step) -> bool:
    """Lock files hold nothing; what the tests write is not the product's; SQLite's empty file is its own."""
    return step[0] == "file" and step[1].endswith((".lock", "acknowledged", "kangdang.db", "keys.db"))


def main(folder: str, leak: str = "", way: str = "") -> None:
    root = Path(folder)
    (prepare_watched if way else prepare)(root)
    steps = watch(root)
    if leak:
        (root / "home" / "leak").write_bytes(b"x")
        (root / "home" / "leak").unlink()
    story(root, 7)
    files = sum(what == "file" for what, _ in steps)
    commits = sum(step == ("commit", "write") for step in steps)
    print(json.dumps({"unsaid": unsaid(steps), "files": files, "commits": commits}))


if __name__ == "__main__":
    main(*sys.argv[1:])
