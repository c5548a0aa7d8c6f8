"""One look over everything that must agree: definitions, templates and examples."""

from __future__ import annotations

from desk.home import StationHome
from generator.docx.check import check_template
from generator.forms.catalogue import list_forms
from generator.forms.check import check_forms
from generator.forms.finding import Finding
from generator.packets.check import check_packets
from generator.resources import data_dir
from generator.validation.examples import check_examples


def check_all(home: StationHome) -> tuple[list[Finding], dict[str, int]]:
    """All findings, and how many forms, templates and examples were looked at."""
    forms = list_forms()
    findings = list(check_forms(extra=[check_examples]))
    findings += check_packets()
    for form in forms:
        path = home.template(form.id) or data_dir("templates") / f"{form.id}.docx"
        if path.is_file():
            findings += check_template(form, path.read_bytes(), subject=f"{form.id} 的模板")
        else:
            findings.append(Finding(form.id, "", "没有模板文件。", "运行 kangdang template build 生成。"))
    examples = sum(1 for _ in data_dir("schemas").glob("examples/*/*.json"))
    return findings, {"forms": len(forms), "templates": len(forms), "examples": examples}
