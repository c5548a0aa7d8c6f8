"""``kangdang template``: build the standard templates, check and install a station's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    findings_exit,
    home_option,
    json_option,
    read_bytes,
    show_findings,
    strict_option,
)
from generator.errors import DataUnreadable, TemplateNotFound

if TYPE_CHECKING:
    from generator.forms.finding import Finding

_docx_argument = click.argument("docx", metavar="模板.docx", type=path_type())
_form_argument = click.argument("form_id", metavar="表单")


@click.group(cls=Group)
def template() -> None:
    """模板：由源文件生成标准模板；检查、安装本站用 Word 或 WPS 改过的模板。"""


@template.command()
@click.argument("form_ids", metavar="[表单]...", nargs=-1)
@click.option("--out", type=path_type(file_okay=False), help="输出文件夹，默认为软件的 templates")
@click.option("--check", "only_check", is_flag=True, help="只核对已有模板是否与源文件一致，不写文件")
@json_option
def build(form_ids: tuple[str, ...], out: Path | None, only_check: bool, as_json: bool) -> int:
    """由 templates/<表单>.yaml 生成 docx 模板和预处理数据。"""
    from desk.output import make_folder, write_output
    from generator.docx.library import build_form_files, sources

    states: dict[str, str] = {}
    for path in sources(form_ids):
        folder = out or path.parent
        made = build_form_files(path)
        if out is not None:  # prepared data are read beside the standard templates only
            made = {name: content for name, content in made.items() if name.suffix == ".docx"}
        files = {folder / name: content for name, content in made.items()}
        if only_check:
            same = all(file.is_file() and file.read_bytes() == content for file, content in files.items())
            states[path.stem] = "一致" if same else "与源文件不一致，请重新生成"
            continue
        for file, content in files.items():
            make_folder(file.parent)
            write_output(file, content, plain="nobody")
        states[path.stem] = f"已生成 {folder / path.stem}.docx"
    if as_json:
        echo_json(states)
    else:
        for form_id, state in states.items():
            click.echo(f"{form_id}：{state}")
    return EXIT_FINDINGS if only_check and set(states.values()) - {"一致"} else 0


@template.command()
@_form_argument
@_docx_argument
@strict_option
@json_option
def check(form_id: str, docx: Path, strict: bool, as_json: bool) -> int:
    """检查一个 docx 模板能否用于某表单，指出每处错误在哪里。"""
    findings = _findings(form_id, docx, _read(docx))
    if as_json:
        echo_json([finding.to_dict() for finding in findings])
    else:
        show_findings(findings)
        click.echo(f"{docx.name}：{len(findings)} 处问题。")
    return findings_exit(findings, strict=strict)


@template.command()
@_form_argument
@_docx_argument
@home_option
@strict_option
@json_option
def install(form_id: str, docx: Path, home: Path | None, strict: bool, as_json: bool) -> int:
    """检查后把本站的 docx 模板装进站点文件夹，以后该表单用它打印。"""
    from desk.home import StationHome
    from desk.output import make_folder, write_output

    folder = StationHome(home).templates
    if folder is None:
        raise click.UsageError("没有指定站点文件夹，请用 --home 或环境变量 KANGDANG_HOME 指定。")
    raw = _read(docx)
    findings = _findings(form_id, docx, raw)
    failed = findings_exit(findings, strict=strict)
    target = folder / f"{form_id}.docx"
    if not failed:
        make_folder(folder)
        write_output(target, raw, plain="nobody")
    if as_json:
        told = [finding.to_dict() for finding in findings]
        echo_json({"installed": None if failed else str(target), "findings": told})
    else:
        show_findings(findings, err=True)
        click.echo(
            f"{docx.name} 没有安装：先改正上面的问题。" if failed else f"已安装到 {target}。",
            err=bool(failed),
        )
    return failed


def _read(docx: Path) -> bytes:
    try:
        return read_bytes(str(docx))
    except DataUnreadable as error:
        raise TemplateNotFound(error.message, hint=error.hint) from error


def _findings(form_id: str, docx: Path, raw: bytes) -> list[Finding]:
    from generator.docx.check import check_template
    from generator.forms.catalogue import load_form

    return check_template(load_form(form_id), raw, subject=docx.name)
