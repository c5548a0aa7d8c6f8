"""``docs/access.md``: what reading every act opens, written from ``desk.station.openings``."""

from __future__ import annotations

from archives.ports import ROLE_NAMES
from desk.station.access import ACTS
from desk.station.openings import LEVELS, OPENINGS, WHO, Change, Opening

_REACH = {"own": "own cases", "supervised": "supervised cases", "purpose": "with a purpose", "any": "any"}


def page(text: str) -> str:
    """The page as it stands, with its two tables made anew between their marks."""
    return _between(_between(text, "acts", _acts()), "roles", _roles())


def _between(text: str, name: str, lines: list[str]) -> str:
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    after = rest.partition(end)[2]
    return "\n".join((before + start, *lines, end + after))


def _acts() -> list[str]:
    head = ["| act | command | what reading it opens or closes, and to whom | more |", "|---|---|---|---|"]
    return [*head, *(f"| `{one.act}` | {one.by} | {_told(one)} | {one.more} |" for one in OPENINGS)]


def _roles() -> list[str]:
    lines = ["| act | what | who, and how far |", "|---|---|---|"]
    for act, rule in ACTS.items():
        who = ", ".join(f"{ROLE_NAMES[role]}: {_REACH[reach]}" for role, reach in rule.reach.items())
        leave = "; or by leave" if rule.by_leave else ""
        lines.append(f"| `{act}` | {rule.name} | {who}{leave} |")
    return lines


def _told(one: Opening) -> str:
    return "; ".join(map(_change, one.changes)) or "nothing"


def _change(change: Change) -> str:
    who = ", ".join(WHO[one] for one in change.who)
    part = "the running volume" if change.where == "running" else "earlier volumes"
    return f"{part} **{LEVELS[change.level]}**: {who}"
