"""``kangdang form``: the catalogue of forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import Group
from desk.cli._common import (
    echo_json,
    findings_exit,
    home_option,
    json_option,
    show_findings,
    station_home,
    strict_option,
)

if TYPE_CHECKING:
    from generator.forms.definition import FieldSpec, FormDefinition
    from generator.forms.errata import Correction


@click.group(cls=Group)
def form() -> None:
    """表单目录：有哪些表单、有哪些字段、定义与模板是否一致。"""


@form.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """列出全部表单。"""
    from generator.forms.catalogue import list_forms

    forms = list_forms()
    if as_json:
        members = ("id", "code", "title", "version", "family")
        echo_json([{name: getattr(item, name) for name in members} for item in forms])
        return
    for item in forms:
        click.echo(f"{item.code:<4} {item.id:<16} 第 {item.version} 版  {item.title}（{item.family}）")


@form.command()
@click.argument("form_id", metavar="表单")
@click.option("--errata", is_flag=True, help="只列出原文的错字、误植，以及印成什么")
@json_option
def show(form_id: str, errata: bool, as_json: bool) -> None:
    """列出一份表单的字段、选项、填写条件和依据；加 --errata 列出更正了原文的哪些地方。"""
    from generator.forms.catalogue import load_form

    item = load_form(form_id)
    if errata:
        _show_errata(item, as_json=as_json)
        return
    if as_json:
        echo_json(dict(item.schema))
        return
    click.echo(f"{item.title}（{item.id}，第 {item.version} 版）依据：{'；'.join(item.source)}")
    for pointer, spec in item.fields.items():
        click.echo("  " * (pointer.count("/") - 1) + _field_line(item, pointer, spec))


def _show_errata(item: FormDefinition, *, as_json: bool) -> None:
    """What the printed original has wrong, what stands for it, and what has to be said for that."""
    from generator.forms.errata import corrections

    found = corrections(item.id)
    if as_json:
        echo_json([one._asdict() for one in found])
        return
    for one in found:
        click.echo(f"{one.place}：原文“{one.seed}”，{_instead(one)}。{one.reason.removesuffix('；照印')}。")
    changed = sum(one.seed != one.corrected for one in found)
    click.echo(f"《{item.title}》：可更正 {changed} 处，照印并说明 {len(found) - changed} 处。")


def _instead(one: Correction) -> str:
    if one.seed == one.corrected:
        return "照印"
    when = "加 --typo-fix 时" if one.kind == "typo" else "--captions corrected 时"
    return f"{when}印成“{one.corrected}”"


def _field_line(item: FormDefinition, pointer: str, spec: FieldSpec) -> str:
    need = {"final": "必填", "signed": "签后必有", None: "选填"}[spec.required]
    parts = [f"{pointer}  {spec.label}  〔{spec.kind}〕{need}"]
    if spec.options:
        parts.append(f"选项：{'、'.join(str(option) for option in spec.options)}")
    if spec.when:
        parts.append(f"条件：{item.sentence(spec, spec.when)}")
    if spec.unprinted:
        parts.append(f"不印：{spec.unprinted}")
    if spec.clause:
        parts.append(f"〔{spec.clause}〕")
    return "  ".join(parts)


@form.command()
@home_option
@strict_option
@json_option
def check(home: Path | None, strict: bool, as_json: bool) -> int:
    """核对：定义、模板、示例三者一致；示例的问题与记录的完全相同。"""
    from desk.checking import check_all
    from generator.packets.check import absent_forms

    findings, counts = check_all(station_home(home))
    if as_json:
        absent = absent_forms()
        echo_json({"findings": [finding.to_dict() for finding in findings], **counts, "absent": absent})
    else:
        show_findings(findings)
        click.echo(
            f"核对了 {counts['forms']} 份表单、{counts['templates']} 个模板、{counts['examples']} 个示例，"
            f"{len(findings)} 处问题。"
        )
        if absent := absent_forms():
            listed = "；".join(f"{title}（{form_id}）" for form_id, title in absent.items())
            click.echo(f"文书包中还有 {len(absent)} 种文书目录里没有表单：{listed}。")
    return findings_exit(findings, strict=strict)
