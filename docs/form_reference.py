"""The reference of all forms: a page each with its pictures and, field by field, the clause or design reason.

A station can argue with every field: what demands it stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.forms.catalogue import list_forms, read_json
from generator.forms.definition import FieldSpec, FormDefinition
from generator.resources import data_dir

PAGES = Path(__file__).parent / "pages"
_PLACES = {"any": "各处", "case": "个案档案", "application": "申请", "site": "站点档案",
           "register": "登记簿"}  # fmt: skip
_CASES = {
    ("outcome", "accepted"): "接案的", ("outcome", "served_briefly"): "简短服务的",
    ("named", "True"): "记名的", ("yearly", "True"): "年度的", ("risk_level", "3"): "危险性 3 级以上的",
}  # fmt: skip
_LEVEL = {"final": "打印前必填", "signed": "签后必有", None: "选填"}


def form_references() -> dict[str, str]:
    """File name → content: ``forms.md`` and ``forms/<id>.md``."""
    forms = list_forms()
    index = ["# 表单目录", "", "由 `make docs` 生成。每份表单一页：页面图片、字段、条件与依据。", ""]
    families: dict[str, list[FormDefinition]] = {}
    for form in forms:
        families.setdefault(form.family, []).append(form)
    for family, members in families.items():
        index += [f"## {family}", "", "| 代号 | 表单 | 编号 | 依据 | 保管 |", "|---|---|---|---|---|"]
        for form in members:
            source = "；".join(form.source)
            index.append(
                f"| {form.code} | [{form.title}](forms/{form.id}.md) | `{form.id}` | {source} "
                f"| {_kept(form)} |"
            )
        index.append("")
    pages = {f"forms/{form.id}.md": form_page(form) for form in forms}
    return {"forms.md": "\n".join(index), **pages}


def _kept(form: FormDefinition) -> str:
    """What the schedule that comes with the program says, rule by rule; what is alike is said once."""
    rules = [rule for rule in _schedule() if rule["form"] == form.id]
    if not rules:
        return f"{form.retention['class']}（{form.retention['reason']}）"
    told: dict[str, list[str]] = {}
    for rule in rules:
        years = f" {rule['years']} 年" if "years" in rule else ""
        kept = f"{rule['class']}{years}（{rule['reason']}）"
        told.setdefault(kept, []).append(_where(rule, rules))
    if len(told) == 1:
        return next(iter(told))
    return "；".join(f"{'、'.join(dict.fromkeys(where))} {kept}" for kept, where in told.items())


def _where(rule: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> str:
    place = _PLACES[rule["placing"]]
    tests = rule.get("when", {}).items()
    told = [_CASES[fact, str(value)] for fact, test in tests for value in test.values()]
    if not told and any("when" in other for other in rules if other["placing"] == rule["placing"]):
        told = ["其余"]
    return f"{place}（{'、'.join(told)}）" if told else place


@lru_cache(maxsize=1)
def _schedule() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = read_json(data_dir("schemas") / "retention.json")["rules"]
    return rules


def form_page(form: FormDefinition) -> str:
    """One form: what it is, how it looks, what each field is there for."""
    lines = [
        f"# {form.title}", "",
        f"`{form.id}`，第 {form.version} 版，代号 {form.code}。依据：{'；'.join(form.source)}。"
        f"保管：{_kept(form)}。", "",
    ]  # fmt: skip
    lines += [f"![{path.stem}](../pages/{path.name})" for path in _pictures(form)]
    lines += [
        "",
        "| 字段 | 名称 | 类型 | 要求 | 适用条件 | 依据或理由 | 不印的理由 |",
        "|---|---|---|---|---|---|---|",
    ]
    for spec in form.fields.values():
        lines.append("| " + " | ".join(_cell(text) for text in _row(form, spec)) + " |")
    if form.rules:
        lines += ["", "| 规则 | 依据 |", "|---|---|"]
    for rule in form.rules:
        said = rule.message or f"`{rule.fn}` {' '.join(rule.args)}"
        lines.append(f"| {_cell(said)} | {_cell(rule.clause or '')} |")
    return "\n".join(lines) + "\n"


def _row(form: FormDefinition, spec: FieldSpec) -> Iterator[str]:
    yield f"`{spec.pointer}`"
    yield spec.label
    yield spec.kind + (f"：{'、'.join(str(option) for option in spec.options)}" if spec.options else "")
    yield _LEVEL[spec.required] + ("，纸上填写" if spec.on_paper is True else "")
    yield form.sentence(spec, spec.when) if spec.when else ""
    yield spec.clause or _inherited(form, spec)
    yield spec.unprinted or ""


def _inherited(form: FormDefinition, spec: FieldSpec) -> str:
    """A part of a field is there for the same reason as the whole."""
    parent = spec.pointer.rpartition("/")[0].removesuffix("/*")
    while parent:
        whole = form.fields.get(parent)
        if whole and whole.clause:
            return whole.clause
        parent = parent.rpartition("/")[0].removesuffix("/*")
    return ""


def _pictures(form: FormDefinition) -> list[Path]:
    return [path for kind in ("blank", "full") for path in sorted(PAGES.glob(f"{form.id}-{kind}-*.png"))]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
