"""The CASE: everything known of one person's case, as one JSON object.

    {"station": {…}, "person": {…}, "case": {…}, "forms": {form id: {…} or [{…}, …]},
     "site": {"activity_record": [{…}, …]}}

``site`` holds sheets about many people, of which only the person's own line is ever used.  No source of
prefill reaches it, so that nothing of anybody else can be copied into a paper.

Owns its shape and the sentences about one that has another shape.  Whether the answers inside are right is
``validation``'s, form by form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from generator.errors import DataInvalid
from generator.extracts import extract_of_case
from generator.forms import pointer
from generator.forms.catalogue import default
from generator.forms.finding import Finding
from generator.forms.suggest import did_you_mean
from generator.packets.catalogue import TRACKS, packet_specs, site_forms
from generator.prefill import ALIASES
from generator.validation import text_rules

Case = Mapping[str, Any]
PARTS = ("station", "person", "case", "forms", "site")
SUBJECT = "个案"
MAX_INSTANCES = 400
"""Of one form; a packet of more is a mistake in the file, or should be printed in parts."""

OWN_FACTS = {
    "person": {"name"},
    "station": {"name", "track"},
    "case": {"case_no", "application_no", "number", "responsible_worker", "track", "service_form",
             "referred_in", "referred_out", "not_applicable", "intake_date", "closing_date"},
}  # fmt: skip
"""Names that packets themselves look at, beside those the forms take their first values from."""


def read_case(document: Mapping[str, Any]) -> tuple[Case, list[Finding]]:
    """The case with each form's instances as a list, and everything wrong with its shape (all at once).

    With error findings the case holds only what is sound.
    """
    findings = [
        Finding(SUBJECT, pointer.join([name]), "不认识的部分。", did_you_mean(name, PARTS) or _PARTS_HINT)
        for name in document
        if name not in PARTS
    ]
    case: dict[str, Any] = {}
    for name in PARTS:
        value = document.get(name, {})
        if isinstance(value, dict):
            case[name] = value
        else:
            case[name] = {}
            findings.append(Finding(SUBJECT, f"/{name}", "应是一个对象，即由 { 和 } 括起的各项。"))
    for name in ("station", "person", "case"):
        findings += _facts(name, case[name])
    case["forms"], found = _forms(case["forms"])
    case["site"], of_site = _site(case)
    return case, findings + found + of_site + list(_case_facts(case["case"]))


_PARTS_HINT = "个案文件由 station、person、case、forms、site 五部分组成。"


def own_extract(case: Case, sheet: Mapping[str, Any]) -> dict[str, Any] | None:
    """The case's person's line of a sheet about many people; None when the person is not on it.

    Raises DataInvalid when it is not clear which line is the person's.
    """
    person, facts = case["person"], case["case"]
    return extract_of_case(
        sheet, str(facts.get("case_no") or ""), str(person.get("name") or person.get("client_name") or "")
    )


def track(case: Case) -> str:
    """The way of the case (``sw``, ``inst``, ``both``): as case or station says, else by its forms."""
    for part in ("case", "station"):
        said = case[part].get("track")
        if said in TRACKS:
            return str(said)
    social = any(form in case["forms"] for form in ("application_b", "consent_a", "preassess_c", "plan_d"))
    inst = any(form in case["forms"] for form in ("admission_application", "admission_assessment"))
    return "both" if social and inst else "inst" if inst else "sw"


def _forms(raw: Mapping[str, Any]) -> tuple[dict[str, list[Any]], list[Finding]]:
    known = default()
    site = site_forms()
    forms: dict[str, list[Any]] = {}
    findings: list[Finding] = []
    for form_id, value in raw.items():
        place = pointer.join(["forms", form_id])
        if form_id in site:
            # Somebody else's name stands on such a sheet: what stands here could be copied into a paper.
            cure = (
                "请移到 site 部分，打印时只取本人的一行。" if form_id in _extracted() else "不会印进文书包。"
            )
            findings.append(Finding(SUBJECT, place, f"{site[form_id]}。", cure))
            continue
        if form_id not in known:
            hint = did_you_mean(form_id, known.ids()) or "用 kangdang form list 查看可用的表单编号。"
            findings.append(Finding(SUBJECT, place, "没有这个编号的表单。", hint))
            continue
        forms[form_id], found = _instances(value, place)
        findings += found
    return forms, findings


def _site(case: dict[str, Any]) -> tuple[dict[str, list[Any]], list[Finding]]:
    """The sheets an extract can be made from, and what is wrong with the others.

    A sheet that is not clear is left out and said: it must not keep the other papers from being printed.
    """
    sound: dict[str, list[Any]] = {}
    findings: list[Finding] = []
    for form_id, value in case["site"].items():
        place = pointer.join(["site", form_id])
        if form_id not in _extracted():
            hint = (
                did_you_mean(form_id, _extracted()) or f"site 中只能放：{'、'.join(sorted(_extracted()))}。"
            )
            findings.append(Finding(SUBJECT, place, "这种表单不能从中取本人的一行。", hint))
            continue
        sheets, found = _instances(value, place)
        findings += found
        sound[form_id] = []
        for index, sheet in enumerate(sheets):
            finding = _sheet(case, sheet, f"{place}/{index}")
            findings += [finding] if finding else []
            # A sheet left out keeps its place, so that the pointers of the others stay true.
            sound[form_id].append({} if finding else sheet)
    return sound, findings


def _sheet(case: Case, sheet: Mapping[str, Any], place: str) -> Finding | None:
    """What keeps the person's line of a sheet from being taken."""
    try:
        if own_extract(case, sheet) is not None:
            return None
    except DataInvalid as error:
        return Finding(SUBJECT, place, error.message, f"{error.hint}这份记录不会印出。", "warning")
    return Finding(
        SUBJECT,
        place,
        "参加人员中没有本人，不会印出。",
        "请核对姓名和个案编号；没有参加的请删去这份记录。",
        "warning",
    )


def _extracted() -> frozenset[str]:
    """Sheets about many people of which one person's extract goes into a packet."""
    specs = packet_specs().values()
    return frozenset(entry.source for spec in specs for entry in spec.entries if entry.source)


def _instances(value: Any, place: str) -> tuple[list[Any], list[Finding]]:
    listed = value if isinstance(value, list) else [value]
    findings = [
        Finding(
            SUBJECT, f"{place}/{index}" if isinstance(value, list) else place, "应是一个对象，即一份数据。"
        )
        for index, item in enumerate(listed)
        if not isinstance(item, dict)
    ]
    if len(listed) > MAX_INSTANCES:
        findings.append(
            Finding(SUBJECT, place, f"共 {len(listed)} 份，超过上限 {MAX_INSTANCES} 份。", "请分开打印。")
        )
    return [item for item in listed if isinstance(item, dict)][:MAX_INSTANCES], findings


def _facts(part: str, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Names nobody reads are misspelt; texts with invisible characters would be copied into every paper."""
    names = vocabulary()[part]
    for name in facts:
        if name not in names:
            hint = did_you_mean(name, names) or "这一项不会用到，请核对名称。"
            yield Finding(SUBJECT, pointer.join([part, name]), "不认识的项。", hint, "warning")
    for blemish in text_rules.blemishes(facts):
        place = pointer.join([part, *blemish.path])
        yield Finding(
            SUBJECT, place, f"含有不能打印的字符（{blemish.code_point}）。", "请删除后重新输入这一项。"
        )


def _case_facts(facts: Mapping[str, Any]) -> Iterator[Finding]:
    if facts.get("track", "sw") not in TRACKS:
        yield Finding(SUBJECT, "/case/track", "只能是 sw（个案工作）、inst（机构康复）或 both（两者）。")
    reasons = facts.get("not_applicable", {})
    if not isinstance(reasons, dict) or not all(isinstance(why, str) and why for why in reasons.values()):
        yield Finding(SUBJECT, "/case/not_applicable", '写成 {"表单编号": "不适用的原因"}。')


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The names of station, person and case that some form or packet reads."""
    found: dict[str, set[str]] = {part: set(names) for part, names in OWN_FACTS.items()}
    for source in default().prefill_sources():
        part, _, name = source.partition(".")
        if part in found:
            found[part].add(name.split(".")[0])
    for short, long in ALIASES.items():
        found["person"] |= {short, long}
    return {part: frozenset(names) for part, names in found.items()}
