"""``kangdang template``: build the standard templates, check and install a station's own."""

from __future__ import annotations

from pathlib import Path

import click

from desk.cli._common import EXIT_FINDINGS, EXIT_USAGE, echo_json, home_option, json_option, station_home


@click.group()
def template() -> None:
    """模板：由源文件生成标准模板；检查、安装本站用 Word 或 WPS 改过的模板。"""


@template.command()
@click.argument("form_ids", metavar="[表单]...", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="输出文件夹，默认为软件的 templates")
@click.option("--check", "only_check", is_flag=True, help="只核对已有模板是否与源文件一致，不写文件")
def build(form_ids: tuple[str, ...], out: Path | None, only_check: bool) -> int:
    """由 templates/<表单>.yaml 生成 docx 模板。"""
    from desk.output import write_output
    from generator.docx.library import build_form_template, sources

    stale = 0
    for path in sources(form_ids):
        raw = build_form_template(path)
        target = (out or path.parent) / f"{path.stem}.docx"
        if only_check:
            same = target.is_file() and target.read_bytes() == raw
            stale += not same
            click.echo(f"{path.stem}：{'一致' if same else '与源文件不一致，请重新生成'}")
        else:
            write_output(target, raw)
            click.echo(f"已生成 {target}")
    return EXIT_FINDINGS if stale else 0


@template.command()
@click.argument("form_id", metavar="表单")
@click.argument("docx", metavar="模板.docx", type=click.Path(path_type=Path))
@json_option
def check(form_id: str, docx: Path, as_json: bool) -> int:
    """检查一个 docx 模板能否用于某表单，指出每处错误在哪里。"""
    findings = _findings(form_id, docx)
    if as_json:
        echo_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            click.echo(("错误 " if finding.severity == "error" else "提醒 ") + str(finding))
        click.echo(f"{docx.name}：{len(findings)} 处问题。")
    return EXIT_FINDINGS if any(finding.severity == "error" for finding in findings) else 0


@template.command()
@click.argument("form_id", metavar="表单")
@click.argument("docx", metavar="模板.docx", type=click.Path(path_type=Path))
@home_option
def install(form_id: str, docx: Path, home: Path | None) -> int:
    """检查后把本站的 docx 模板装进站点文件夹，以后该表单用它打印。"""
    from desk.cli._common import read_bytes
    from desk.output import make_folder, write_output

    folder = station_home(home).templates
    if folder is None:
        click.echo("没有指定站点文件夹。请用 --home 或环境变量 KANGDANG_HOME 指定。", err=True)
        return EXIT_USAGE
    errors = [finding for finding in _findings(form_id, docx) if finding.severity == "error"]
    if errors:
        for finding in errors:
            click.echo(f"错误 {finding}", err=True)
        click.echo("模板有错误，没有安装。", err=True)
        return EXIT_FINDINGS
    make_folder(folder)
    write_output(folder / f"{form_id}.docx", read_bytes(str(docx)))
    click.echo(f"已安装到 {folder / f'{form_id}.docx'}。")
    return 0


def _findings(form_id: str, docx: Path) -> list:  # type: ignore[type-arg] - imported late
    from desk.cli._common import read_bytes
    from generator.docx.check import check_template
    from generator.forms.catalogue import load_form

    return check_template(load_form(form_id), read_bytes(str(docx)), subject=docx.name)
