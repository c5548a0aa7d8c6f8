"""Who is in the sample station: its staff, two people it serves, and what their papers say.

Everybody is invented; answers are the shipped examples with each person's own name and numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from archives.people.persons import PersonFacts
from desk.station.newcomers import Newcomer
from generator.resources import data_dir

STATION: Final = "样例站点"
WORKER: Final = "wu"
"""Login of who enters and prints."""
KEEPER: Final = "li"
"""Login of who files what comes home."""


def staff(password: str) -> tuple[Newcomer, ...]:
    """The staff, all with one password."""
    return (
        Newcomer("样例管理员", "SAMPLE0001", ("admin",), "wang", password),
        Newcomer("样例档案员", "SAMPLE0002", ("records",), KEEPER, password),
        Newcomer("样例审计员", "SAMPLE0003", ("auditor",), "zhao", password),
        Newcomer("样例负责人", "SAMPLE0004", ("director",), "sun", password),
        Newcomer("样例社工", "SAMPLE0005", ("worker",), WORKER, password),
    )


@dataclass(frozen=True, slots=True)
class Client:
    """One person the sample station serves."""

    name: str
    birth_date: str
    age: int
    """On the day of the application."""
    id_number: str
    phone: str
    application_no: str
    case_no: str

    @property
    def facts(self) -> PersonFacts:
        """As the archive keeps them."""
        return PersonFacts(self.name, "男", self.birth_date, self.phone, self.id_number)


CLIENTS: Final = (
    Client("样例甲", "1985-03-12", 39, "510402198503120014", "13800000000", "SQ-2025-0001", "GA-2025-0001"),
    Client("样例乙", "1991-07-20", 33, "510402199107200033", "13800000005", "SQ-2025-0002", "GA-2025-0002"),
)


def answers_of(client: Client, form_id: str) -> dict[str, Any]:
    """A sound filled form of this person."""
    example = data_dir("schemas") / "examples" / form_id / "valid-full.json"
    answers: dict[str, Any] = json.loads(example.read_text(encoding="utf-8"))
    own = {
        "client_name": client.name,
        "birth_date": client.birth_date,
        "age": client.age,
        "cid": client.id_number,
        "phone": client.phone,
        "application_no": client.application_no,
        "case_no": client.case_no,
        "record_no": client.case_no,
        "session_no": 1,
    }
    if form_id == "record_e":  # long enough for a second page: a feeder then has something to lose
        answers["content"] = "\n".join([answers["content"]] * 3)[:750]
    return answers | {name: value for name, value in own.items() if name in answers}
