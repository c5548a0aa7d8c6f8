"""``kangdang validate``: all problems of one data file, or of a whole case, at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    home_option,
    json_option,
    now,
    problem_line,
    read_answers,
    show_findings,
    show_report,
    station_home,
    strict_option,
)
from desk.cli._packet_said import rows_lines, station_lines, told_apart

if TYPE_CHECKING:
    from generator.forms.definition import FormDefinition, Level
    from generator.forms.finding import Finding
    from generator.validation.report import ValidationReport


@click.command(cls=Command)
@click.argument("form_id", metavar="表单", required=False)
@click.argument("data", metavar="数据文件", required=False)
@click.option(
    "--case",
    "case_file",
    metavar="文件",
    help="个案文件：一并算入已知的内容；不写表单和数据文件时，检查个案中的全部文书",
)
@click.option(
    "--level",
    type=click.Choice(["draft", "final", "signed"]),
    default="final",
    show_default=True,
    help="draft 草稿；final 可打印；signed 已签字，可归档",
)
@click.option("--drop-hidden", is_flag=True, help="去掉不再适用的答案，并列出去掉了什么")
@click.option(
    "-o",
    "--output",
    type=path_type(dir_okay=False),
    help="把补全计算项（和个案中已知的内容）后的数据写到这个文件",
)
@home_option
@strict_option
@json_option
def validate(form_id: str | None, data: str | None, case_file: str | None, **how: Any) -> int:
    """检查一份数据，或用 --case 检查整个个案。数据文件为 JSON，用 - 从标准输入读取。

    打印时会自动填上的内容（计算项、个案中已知的），这里不算缺。
    """
    if form_id is None and case_file is not None:
        return _whole_case(case_file, how)
    if form_id is None or data is None:
        raise click.UsageError(f"缺少参数 {'表单' if form_id is None else '数据文件'}。")
    if data == case_file == "-":
        raise click.UsageError("数据文件和 --case 不能都从标准输入读取。")
    return _one(form_id, data, case_file, how)


def _one(form_id: str, data: str, case_file: str | None, how: dict[str, Any]) -> int:
    from desk.documents import check_answers
    from desk.output import write_output
    from generator.forms.catalogue import load_form

    form, at, level = load_form(form_id), now(), how["level"]
    answers = read_answers(data)
    if case_file is not None:
        from generator.prefill import prefill

        case, findings = _case(case_file, how)
        if any(found.severity == "error" for found in findings):
            show_findings(findings, err=True)
            return EXIT_FINDINGS
        answers = dict(prefill(form, case, at, answers)[0])
    report, completed = check_answers(form, answers, level, at, drop_hidden=how["drop_hidden"])
    if how["output"]:
        write_output(how["output"], (json.dumps(completed, ensure_ascii=False, indent=2) + "\n").encode())
    if how["as_json"]:
        echo_json(report.to_dict())
    else:
        show_report(report)
        click.echo(f"共 {len(report.errors)} 个错误，{len(report.warnings)} 个提醒。")
    return EXIT_FINDINGS if report.errors or (how["strict"] and report.warnings) else 0


def _case(source: str, how: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    from desk.packets import load_case

    document = read_answers(source)
    station = document.get("station", {})
    if isinstance(station, dict):
        document["station"] = {**station_home(how["home"]).facts, **station}
    case, findings = load_case(document)
    return dict(case), findings


class _Looked(NamedTuple):
    """One paper of the case as it would be printed, and what is wrong with it."""

    form: FormDefinition
    place: str
    origins: Mapping[str, str]
    report: ValidationReport


def _whole_case(source: str, how: dict[str, Any]) -> int:
    if how["output"]:
        raise click.UsageError("检查整个个案时不写出数据，请去掉 -o。")
    case, findings = _case(source, how)
    found = list(_papers(case, how["level"], drop_hidden=how["drop_hidden"]))
    of_shape = sum(one.severity == "error" for one in findings)
    errors = of_shape + sum(len(one.report.errors) for one in found)
    warnings = len(findings) - of_shape + sum(len(one.report.warnings) for one in found)
    if how["as_json"]:
        papers = [{"form": one.form.id, "pointer": one.place, **one.report.to_dict()} for one in found]
        echo_json({"findings": [one.to_dict() for one in findings], "papers": papers})
    else:
        show_findings(findings)
        for line in _lines(found):
            click.echo(line)
        click.echo(f"查看了 {len(found)} 份文书：共 {errors} 个错误，{warnings} 个提醒。")
    return EXIT_FINDINGS if errors or (how["strict"] and warnings) else 0


def _lines(found: list[_Looked]) -> Iterator[str]:
    station: dict[str, str] = {}
    for one in found:
        told = told_apart(one.form, one.origins, one.report.problems)
        lines = [
            *map(problem_line, told.own), *rows_lines(told.rows), *station_lines(told.station, short=True),
            *(f"已去掉不再适用的答案：{place}" for place in one.report.dropped),
        ]  # fmt: skip
        station |= told.station
        if lines:
            yield f"《{one.form.title}》（{one.place}）："
            yield from (f"　{line}" for line in lines)
    yield from station_lines(station)


def _papers(case: dict[str, Any], level: Level, *, drop_hidden: bool) -> Iterator[_Looked]:
    from generator.forms.catalogue import load_form
    from generator.packets.listing import with_file_facts
    from generator.prefill import Prefiller
    from generator.validation.validate import validate as look

    at = now()
    # Printing counts the pages; here any number stands for one that will be there.
    prefiller = Prefiller(with_file_facts(case, at, lambda paper: 1), at)
    for form_id, rows in case["forms"].items():
        form = load_form(form_id)
        for index, given in enumerate(rows):
            filled = prefiller.fill(form, given, index)
            report = look(form, filled.answers, level, at, drop_hidden)
            yield _Looked(form, f"/forms/{form_id}/{index}", filled.origins, report)
