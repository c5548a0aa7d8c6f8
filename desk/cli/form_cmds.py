"""``kangdang form``: the catalogue of forms."""

from __future__ import annotations

import click

from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option, station_home


@click.group()
def form() -> None:
    """表单目录：有哪些表单、有哪些字段、定义与模板是否一致。"""


@form.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """列出全部表单。"""
    from generator.forms.catalogue import list_forms

    forms = list_forms()
    if as_json:
        echo_json([{"id": f.id, "code": f.code, "title": f.title, "version": f.version, "family": f.family} for f in forms])
        return
    for item in forms:
        click.echo(f"{item.code:<4} {item.id:<16} 第 {item.version} 版  {item.title}（{item.family}）")


@form.command()
@click.argument("form_id", metavar="表单")
@json_option
def show(form_id: str, as_json: bool) -> None:
    """列出一份表单的字段、选项、填写条件和依据。"""
    from generator.forms.catalogue import load_form

    definition = load_form(form_id)
    if as_json:
        echo_json(dict(definition.schema))
        return
    click.echo(f"{definition.title}（{definition.id}，第 {definition.version} 版）依据：{'；'.join(definition.source)}")
    need = {"final": "必填", "signed": "签后必有", None: "选填"}
    for pointer, spec in definition.fields.items():
        depth = "  " * (pointer.count("/") - 1)
        line = f"{depth}{pointer}  {spec.label}  〔{spec.kind}〕{need[spec.required]}"
        if spec.options:
            line += f"  选项：{'、'.join(str(option) for option in spec.options)}"
        if spec.when:
            line += f"  条件：{definition.sentence(spec, spec.when)}"
        if spec.unprinted:
            line += f"  不印：{spec.unprinted}"
        click.echo(line + (f"  〔{spec.clause}〕" if spec.clause else ""))


@form.command()
@home_option
@json_option
def check(home: str | None, as_json: bool) -> int:
    """核对：定义、模板、示例三者一致；示例的问题与记录的完全相同。"""
    from pathlib import Path

    from desk.checking import check_all

    findings, counts = check_all(station_home(Path(home) if home else None))
    if as_json:
        echo_json({"findings": [finding.to_dict() for finding in findings], **counts})
    else:
        for finding in findings:
            click.echo(("错误 " if finding.severity == "error" else "提醒 ") + str(finding))
        click.echo(
            f"核对了 {counts['forms']} 份表单、{counts['templates']} 个模板、{counts['examples']} 个示例，"
            f"{len(findings)} 处问题。"
        )
    return EXIT_FINDINGS if any(finding.severity == "error" for finding in findings) else 0
