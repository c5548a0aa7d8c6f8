"""Whose a paper is: papers of one case that name different people do not belong into one packet.

A person is told by the number of the document, the day of birth and the name, in this order: where both
papers have the better one and it agrees, a name written otherwise is no other person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from generator.forms.catalogue import default, load_form
from generator.forms.finding import Finding

FACTS: Final = ("number", "birth_date", "name")
"""What tells a person, the surest first."""
_NAMES: Final = {
    "cid": "number", "other_id_no": "number", "id_number": "number",
    "birth_date": "birth_date", "name": "name", "client_name": "name",
}  # fmt: skip
_TITLES: Final = {"number": "证件号码", "birth_date": "出生日期", "name": "姓名"}
_JOINTS: Final = str.maketrans("", "", " \u3000·•．.’'‧・-")
_HINT: Final = "请取下别人的表；确是同一人的，把写错的改成与证件一致。"


class _Seen(NamedTuple):
    """A fact and where it was first said."""

    value: str
    place: str


def strangers(case: Mapping[str, Any]) -> Iterator[Finding]:
    """Papers of a case (``forms`` holds lists) that are another person's than the case, or than those before.

    Tells field and paper, never a value.
    """
    known = {name: _Seen(value, "/person") for name, value in facts_of(case.get("person", {})).items()}
    for form_id, rows in case.get("forms", {}).items():
        if form_id not in default():
            continue
        titled = load_form(form_id)
        own = {
            spec.name: _NAMES[fact]
            for spec in titled.fields.values()
            if spec.pointer == f"/{spec.name}"
            and (fact := (spec.prefill or "").removeprefix("person.")) in _NAMES
            and (spec.prefill or "").startswith("person.")
        }
        for index, answers in enumerate(rows):
            if not isinstance(answers, Mapping):
                continue
            said = facts_of({own[name]: answers[name] for name in own if name in answers}, own=FACTS)
            place = f"/forms/{form_id}/{index}"
            differing = _another(known, said)
            if differing is not None:
                earlier = known[differing].place
                of = "个案的人员资料" if earlier == "/person" else earlier
                yield Finding(
                    "个案",
                    place,
                    f"《{titled.title}》的{_TITLES[differing]}与{of}不同，像是别人的表。",
                    _HINT,
                )
                continue
            for name, value in said.items():
                known.setdefault(name, _Seen(value, place))


def facts_of(person: Mapping[str, Any], own: tuple[str, ...] = ()) -> dict[str, str]:
    """What tells a person, written one way; facts that are missing or no text are left out."""
    found: dict[str, str] = {}
    for name, value in person.items():
        fact = name if name in own else _NAMES.get(name)
        if fact is not None and isinstance(value, str) and (plain := _plain(value)):
            found.setdefault(fact, plain)
    return found


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).translate(_JOINTS).upper()


def _another(known: Mapping[str, _Seen], said: Mapping[str, str]) -> str | None:
    """The fact by which somebody is another person; None when the surest that both have agrees."""
    for fact in FACTS:
        if fact in known and fact in said:
            return fact if known[fact].value != said[fact] else None
    return None
