"""``kangdang validate``: all problems of one data file at once."""

from __future__ import annotations

import click

from desk.cli._common import EXIT_FINDINGS, json_option, now, read_bytes, show_report


@click.command()
@click.argument("form_id", metavar="表单")
@click.argument("data", metavar="数据文件")
@click.option("--level", type=click.Choice(["draft", "final", "signed"]), default="final", show_default=True,
              help="draft 草稿；final 可打印；signed 已签字，可归档")
@click.option("--drop-hidden", is_flag=True, help="去掉不再适用的答案，并列出去掉了什么")
@click.option("--output", "-o", type=click.Path(), help="把补全计算项后的数据写到这个文件")
@click.option("--strict", is_flag=True, help="有提醒也算不通过")
@json_option
def validate(
    form_id: str, data: str, level: str, drop_hidden: bool, output: str | None, strict: bool, as_json: bool
) -> int:
    """检查一份数据。数据文件为 JSON，用 - 从标准输入读取。"""
    from pathlib import Path

    from desk.documents import check_answers, load_answers
    from desk.output import write_output
    from generator.forms.catalogue import load_form

    form = load_form(form_id)
    answers = load_answers(read_bytes(data))
    report, completed = check_answers(form, answers, level, now(), drop_hidden=drop_hidden)
    show_report(report, as_json=as_json)
    if report.dropped and not as_json:
        click.echo(f"已去掉不再适用的答案：{'、'.join(report.dropped)}")
    if output:
        import json

        write_output(Path(output), (json.dumps(completed, ensure_ascii=False, indent=2) + "\n").encode())
    failed = report.errors or (strict and report.warnings)
    return EXIT_FINDINGS if failed else 0


