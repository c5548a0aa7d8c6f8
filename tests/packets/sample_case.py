"""Makes the sample CASE (schemas/cases/sample.json) of the examples: ``python -m tests.packets.sample_case``.

What every form says of person, case and station is written once; what prefill gives by itself is left out of
the forms.  A test holds the file against what this makes, so a changed example cannot leave the case behind.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from generator.derived import DERIVED
from generator.forms import pointer
from generator.forms.catalogue import default, load_form
from generator.forms.definition import FormDefinition
from generator.packets.catalogue import packet_specs
from generator.packets.share import without_known
from generator.prefill import Prefiller
from generator.resources import data_dir
from generator.validation.validate import CHINA, complete
from tests.conftest import NOW

PATH = data_dir("schemas") / "cases" / "sample.json"
ROOTS = ("station", "person", "case")
SEVERAL = ("record_e", "visit_record", "info_exchange")
"""Forms of which the case has every example, not the fullest alone."""
LEFT_OUT = ("admission_agreement", "activity_extract", "refusal_notice", "peer_supporter")
"""One agreement per case: the sample person comes by day.  Extracts are made from the sheets of ``site``.
The person was admitted and is nobody's peer supporter."""
FACTS = {
    "station": {
        "name": "样例社区精神康复站",
        "risk_assessor": {"name": "样例医师", "qualification": "精神科医师", "unit": "样例市第三人民医院"},
    },
    "person": {
        "name": "样例甲",
        "medications": [
            {"name": "奥氮平片", "dose": "5mg，每次2片", "usage": "每晚一次", "since": "2021年3月"},
            {"name": "苯海索片", "dose": "2mg，每次1片", "usage": "每日两次", "since": "2021年3月"},
        ],
    },
    "case": {
        "track": "both",
        "service_form": ["日间康复"],
        "case_no": "GA-2025-0001",
        "file_no": "YL01-FW·GA-2025-Y-0001",
        "referred_in": True,
    },
}


def made(now: datetime = NOW) -> dict[str, Any]:
    """The sample case."""
    full: dict[str, Any] = copy.deepcopy(FACTS)
    full["forms"] = {form.id: [answers for _, answers in found] for form, found in _examples()}
    for form, found in _examples():
        for _, answers in found:
            _collect(form, answers, full)
    short = {**full, "forms": {}}
    for form, found in _examples():
        short["forms"][form.id] = [
            _shortened(form, answers, index, full, now) for index, (_, answers) in enumerate(found)
        ]
    _put_back(full, short, now)
    sheet = data_dir("schemas") / "examples" / "activity_record" / "valid-full.json"
    short["site"] = {"activity_record": [json.loads(sheet.read_text(encoding="utf-8"))]}
    return short


def _examples() -> Iterator[tuple[FormDefinition, list[tuple[str, dict[str, Any]]]]]:
    """The forms of the packets in their order, each with the sample person's examples."""
    known = set(default().ids())
    for spec in packet_specs().values():
        for entry in spec.entries:
            if entry.form_id not in known or entry.form_id in LEFT_OUT:
                continue
            form = load_form(entry.form_id)
            found = [
                (path.name, answers)
                for path in sorted((data_dir("schemas") / "examples" / form.id).glob("valid-*.json"))
                if ("signed" not in path.name or path.name == PREFERRED.get(form.id))
                and not path.name.startswith("valid-blank")
                and (answers := json.loads(path.read_text(encoding="utf-8"))).get("client_name", "样例甲")
                == "样例甲"
            ]
            best = PREFERRED.get(form.id, "valid-full.json")
            full = [item for item in found if item[0] == best] or found[:1]
            yield form, found if form.id in SEVERAL else full


def _collect(form: FormDefinition, answers: dict[str, Any], case: dict[str, Any]) -> None:
    """Write down each fact of person, case and station the first time a form says it."""
    for spec in form.fields.values():
        part, _, name = (spec.prefill or "").partition(".")
        if part not in ROOTS or spec.in_rows or "." in name or _follows(f"{part}.{name}"):
            continue
        value: Any = answers
        for token in pointer.split(spec.pointer):
            value = value.get(token) if isinstance(value, dict) else None
        if value not in (None, "", [], {}):
            case[part].setdefault(name, value)


def _follows(source: str) -> bool:
    """Facts the program works out itself: numbers that count on, and the contents of the file."""
    name = source.partition(".")[2]
    return source in DERIVED or name.startswith(("next_", "sec_")) or name in FILE_FACTS


FILE_FACTS = (
    "file_title", "file_retention", "file_from", "file_until", "file_entries", "file_items", "file_pages",
    "file_missing",
)  # fmt: skip
COUNTED = ("file_cover", "file_contents", "file_note")
"""Forms filled from the whole file: their examples tell of another one."""
PREFERRED = {"plan_d": "valid-signed.json"}
"""A plan is dated by its signatures."""


def _shortened(
    form: FormDefinition, answers: dict[str, Any], index: int, case: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The answers without what prefill gives by itself."""
    typed = without_known(form, answers)
    if form.id in COUNTED:
        return _in_order(form, typed)
    again = Prefiller(case, now).fill(form, typed, index).answers
    wanted = complete(form, answers, "draft", now).data
    for name, value in wanted.items():
        if again.get(name) != value:
            typed[name] = answers.get(name, value)
    unwanted = [name for name in again if name not in wanted]
    return {name: value for name, value in _in_order(form, typed).items() if name not in unwanted}


def _in_order(form: FormDefinition, answers: dict[str, Any]) -> dict[str, Any]:
    order = [spec.name for spec in form.fields.values() if spec.pointer.count("/") == 1]
    return {name: answers[name] for name in [*order, *answers] if name in answers}


def _put_back(full: dict[str, Any], short: dict[str, Any], now: datetime) -> None:
    """Restore answers that a form could only copy from another form that copies it back."""
    prefiller = Prefiller(short, now)
    for form_id, rows in full["forms"].items():
        if form_id in COUNTED:
            continue
        form = load_form(form_id)
        for index, answers in enumerate(rows):
            own = short["forms"][form_id][index]
            again = prefiller.fill(form, own, index).answers
            wanted = complete(form, answers, "draft", now).data
            lost = {name: value for name, value in wanted.items() if again.get(name) != value}
            own.update(lost)
            short["forms"][form_id][index] = _in_order(form, own)


def text() -> str:
    """The file as it stands in the repository."""
    return json.dumps(made(datetime(2026, 11, 20, 17, 30, tzinfo=CHINA)), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8")
