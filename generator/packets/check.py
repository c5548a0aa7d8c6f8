"""Whether packets, forms and the sources of prefill agree; for the people who write forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.forms import conditions, pointer
from generator.forms.catalogue import Catalogue, default, read_json
from generator.forms.definition import FormDefinition
from generator.forms.finding import Finding
from generator.forms.suggest import did_you_mean
from generator.packets.catalogue import FILE, Entry, packet_specs, shape, site_forms
from generator.resources import data_dir

_CASE_PARTS = ("station", "person", "case")


def check_packets(catalogue: Catalogue | None = None) -> list[Finding]:
    """What is wrong with the packets and with the sources of prefill."""
    path = data_dir("schemas") / FILE
    if not path.is_file():
        return [Finding(FILE, "", "没有文书包定义文件。")]
    findings = list(shape(read_json(path)))
    if findings:
        return findings
    catalogue = catalogue or default()
    forms = {form_id: catalogue.load(form_id) for form_id in catalogue.ids()}
    entries = [entry for spec in packet_specs().values() for entry in spec.entries]
    findings += [finding for entry in entries for finding in _conditions(entry, forms)]
    findings += _unpacked(entries, forms)
    findings += [finding for form in forms.values() for finding in _sources(form, forms)]
    return findings


def absent_forms(catalogue: Catalogue | None = None) -> dict[str, str]:
    """The papers packets name and the catalogue has no form for yet: form id → code and title."""
    known = set((catalogue or default()).ids())
    entries = [entry for spec in packet_specs().values() for entry in spec.entries]
    return {entry.form_id: f"{entry.code} {entry.title}" for entry in entries if entry.form_id not in known}


def _conditions(entry: Entry, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """Conditions that ask a form for a field it does not have would never hold."""
    for test in conditions.tests(conditions.parse(entry.when)) if entry.when else ():
        part, *rest = test.path
        if part == "forms" and rest and rest[0] in forms:
            form = forms[rest[0]]
            place = pointer.join(rest[1:])
            spec = form.fields.get(place)
            if place and spec is None:
                yield Finding(FILE, entry.form_id, f"条件中的字段 {place} 不在表单 {form.id} 中。")
            elif spec is not None and spec.options and not set(test.values) <= set(spec.options):
                yield Finding(FILE, entry.form_id, f"条件中的值不是表单 {form.id} 字段 {place} 的选项。")


def _unpacked(entries: list[Entry], forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """A form in no packet and no list of site forms would be left out of every file without a word."""
    placed = {entry.form_id for entry in entries} | set(site_forms())
    for form_id in forms:
        if form_id not in placed:
            yield Finding(FILE, "", f"表单 {form_id} 不在任何文书包中，也不是站点表单。")


def _sources(form: FormDefinition, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """Sources of prefill that name no field."""
    for place, spec in form.fields.items():
        part, _, name = (spec.prefill or "").partition(".")
        if not part or part in _CASE_PARTS:
            continue
        source = forms.get(part)
        if not name:
            yield Finding(form.id, place, f"预填来源“{spec.prefill}”应写成“来源.字段”。")
        elif source is not None and pointer.join(name.split(".")) not in source.fields:
            names = [field.name for field in source.fields.values()]
            yield Finding(
                form.id, place, f"预填来源“{spec.prefill}”不在表单 {part} 中。", did_you_mean(name, names)
            )
