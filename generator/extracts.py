"""One person's part of a record of many: activity_record → activity_extract (one file per person, 000 5.4.1).

The sheet of the group stays in the site's series; a person's file gets the own line and what says which
activity it was.  What was written about the group as a whole (process, effect) is not taken over, and names
and numbers of everybody else are masked in the texts that are.  Pure: no file, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from generator.errors import DataInvalid

Answers = Mapping[str, Any]

OTHER, STAFF = "某参加者", "工作人员"
_FACTS = ("activity_no", "domain", "form", "held_on", "start_time", "end_time", "duration_min")
_COURSE = ("course_id", "course_session", "course_total")
_TITLES = ("activity_name", "place", "goal")
_OWN_LINE = ("kind", "attended", "performance", "note")
_DOTS = "·•・‧∙．."


def extract(record: Answers, person: str, *, name_staff: bool = False) -> dict[str, Any]:
    """The answers of activity_extract for one participant of an activity_record.

    ``person`` is the name or the number of the participant.  Nobody else's name is in the result; with
    ``name_staff`` the leaders are named.  A nickname in the person's own line cannot be known and stays.
    Raises DataInvalid when the person is not on the list, or when a name alone fits several lines.
    """
    rows = _rows(record)
    return _extracted(record, rows, _own_row(rows, person), name_staff)


def extract_of_case(
    record: Answers, number: str, name: str, *, name_staff: bool = False
) -> dict[str, Any] | None:
    """The extract for the person of a case; None when the person is not on the list.

    The line is the one with the case's ``number``; without a number on it, the one with the ``name``.  A line
    with another number is a namesake's.  Raises DataInvalid when several lines fit, or when the name beside
    the number is another: such a line may be somebody else's, and must not get into this file.
    """
    rows = _rows(record)
    numbered = [row for row in rows if number and row.get("client_no") == number]
    named = [row for row in rows if name and _same_name(row, name)]
    found = numbered or [row for row in named if not number or not row.get("client_no")]
    if not found:
        return None
    if len(found) > 1:
        raise DataInvalid(_SEVERAL, hint=_SEVERAL_CURE)
    if name and not _same_name(found[0], name):
        raise DataInvalid("活动记录中与个案编号同行的是另一个姓名。", hint="请核对该行的姓名和编号。")
    return _extracted(record, rows, found[0], name_staff)


_SEVERAL = "活动记录中有几行都符合，分不清是哪一位。"
_SEVERAL_CURE = "同名的请改用个案编号；重复的行请先删去。"


def _same_name(row: Answers, name: str) -> bool:
    said = row.get("name")
    return isinstance(said, str) and _plain(said) == _plain(name)


def _extracted(record: Answers, rows: list[Answers], own: Answers, name_staff: bool) -> dict[str, Any]:
    others = [row for row in rows if row is not own]
    staff = [] if name_staff else _staff(record)
    found: dict[str, Any] = {"case_no": own.get("client_no"), "client_name": own.get("name")}
    found |= {name: record.get(name) for name in (*_FACTS, *_COURSE)}
    titles = _Mask(own, others, staff)
    found |= {name: titles.apply(record.get(name)) for name in _TITLES}
    if name_staff:
        found["leaders"] = [name for name in record.get("leaders") or [] if isinstance(name, str)]
    line = _Mask(own, others, staff, given_names=True)
    found |= {name: line.apply(own.get(name)) for name in _OWN_LINE}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def participants(record: Answers) -> tuple[str, ...]:
    """Number or, without one, name of each service user on the list: for whom extracts are due."""
    rows = _rows(record)
    keys = [row.get("client_no") or row.get("name") for row in rows if row.get("kind") == "服务对象"]
    return tuple(key for key in keys if isinstance(key, str))


def _rows(record: Answers) -> list[Answers]:
    listed = record.get("participants")
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []


def _own_row(rows: list[Answers], person: str) -> Answers:
    found = [row for row in rows if row.get("client_no") == person]
    found = found or [row for row in rows if row.get("name") == person]
    if not found:
        raise DataInvalid("活动记录的参加人员中没有这个人。", hint="请核对姓名或个案编号。")
    if len(found) > 1:
        raise DataInvalid(_SEVERAL, hint=_SEVERAL_CURE)
    return found[0]


def _staff(record: Answers) -> list[str]:
    lists = [record.get("leaders"), record.get("assistants")]
    return [name for names in lists if isinstance(names, list) for name in names if isinstance(name, str)]


class _Mask:
    """Replaces what names other people; the longest reading wins and the person's own name stays."""

    def __init__(
        self, own: Answers, others: Iterable[Answers], staff: Iterable[str], *, given_names: bool = False
    ) -> None:
        self._words: dict[str, str] = {}
        rows = list(others)
        for name in staff:
            self._add(name, STAFF)
        for row in rows:
            self._add(row.get("name"), OTHER)
            self._add(row.get("client_no"), OTHER)
        mine = str(own.get("name") or "")
        for row in rows if given_names else ():
            given = str(row.get("name") or "")[-2:]
            if _is_han_name(str(row.get("name") or "")) and given not in mine:
                self._words.setdefault(given, OTHER)
        # A namesake is told from the person by nothing in a text, so the name stays the person's own.
        for kept in (mine, own.get("client_no")):
            if kept:
                self._words[_plain(kept)] = ""
        ordered = sorted(self._words, key=len, reverse=True)
        self._keys = ordered
        self._pattern = re.compile("|".join(f"({_loose(word)})" for word in ordered), re.IGNORECASE)

    def _add(self, name: object, word: str) -> None:
        if isinstance(name, str) and _plain(name):
            self._words.setdefault(_plain(name), word)

    def apply(self, value: Any) -> Any:
        """The text with others masked; values that are no text as they are."""
        if not isinstance(value, str) or not self._keys:
            return value
        return self._pattern.sub(self._word, value)

    def _word(self, match: re.Match[str]) -> str:
        # Every alternative is one group, so the last group names the one that matched.
        return self._words[self._keys[(match.lastindex or 1) - 1]] or match.group()


def _is_han_name(name: str) -> bool:
    """Whether the name is three or four Chinese characters: the last two are what people are called by."""
    return len(name) in (3, 4) and all("㐀" <= char <= "鿿" for char in name)


def _plain(name: str) -> str:
    return "".join("·" if char in _DOTS else char for char in name if not char.isspace())


def _loose(name: str) -> str:
    """The name with spaces between its characters, any middle dot, or no dot at all."""
    parts = [f"[{re.escape(_DOTS)}]?" if char == "·" else re.escape(char) for char in name]
    return r"\s*".join(parts)
