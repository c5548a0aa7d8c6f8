"""The reference of all forms: a page each with its pictures and, field by field, the clause or design reason.

A station can argue with every field: what demands it stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.forms.catalogue import list_forms
from generator.forms.definition import FieldSpec, FormDefinition

PAGES = Path(__file__).parent / "pages"
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
                f"| {form.retention['class']} |"
            )
        index.append("")
    pages = {f"forms/{form.id}.md": form_page(form) for form in forms}
    return {"forms.md": "\n".join(index), **pages}


def form_page(form: FormDefinition) -> str:
    """One form: what it is, how it looks, what each field is there for."""
    lines = [
        f"# {form.title}", "",
        f"`{form.id}`，第 {form.version} 版，代号 {form.code}。依据：{'；'.join(form.source)}。"
        f"保管：{form.retention['class']}（{form.retention['reason']}）。", "",
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
