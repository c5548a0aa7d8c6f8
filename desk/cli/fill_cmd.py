"""``kangdang fill``: one form, question by question, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import EXIT_FINDINGS, home_option, now, read_answers, station_home

if TYPE_CHECKING:
    from generator.forms.definition import FormDefinition, Level


@click.command(cls=Command)
@click.argument("form_id", metavar="表单")
@click.option(
    "-o",
    "--output",
    "data",
    type=path_type(dir_okay=False),
    help="数据文件（JSON），默认为当前文件夹中的 表单编号.json",
)
@click.option(
    "--person", metavar="文件", help="某人的基本数据（JSON），作为已知内容列出；用 - 从标准输入读取"
)
@click.option("--case", "case_file", metavar="文件", help="某人的个案数据（JSON），作为已知内容列出")
@click.option(
    "--level",
    type=click.Choice(["final", "signed"]),
    default="final",
    show_default=True,
    help="final 填到可以打印；signed 连同纸上的签名、日期一起登记",
)
@click.option("--edit", is_flag=True, help="修改已有的数据文件")
@home_option
def fill(
    form_id: str,
    data: Path | None,
    person: str | None,
    case_file: str | None,
    level: Level,
    edit: bool,
    home: Path | None,
) -> int:
    """在终端里逐题填写一份表单。

    每答一题就存入草稿；按 Ctrl-C、关闭窗口、断电，都可以用同一命令接着填。填完检查无误才写出数据文件。
    """
    from desk.entry.draft import draft_path
    from desk.entry.durable import locked
    from desk.entry.fill import fill as run
    from desk.entry.fill import open_session
    from desk.entry.terminal import Console
    from generator.forms.catalogue import load_form

    if person is not None and case_file is not None:
        raise click.UsageError("--person 和 --case 只能给出一个。")
    load_form(form_id)  # before a lock is laid beside a file of a form that is not there
    known = _known(person, case_file)
    station = station_home(home).facts
    if station:
        known["station"] = {**station, **known.get("station", {})}
    target = data or Path(f"{form_id}.json")
    with locked(draft_path(target)):
        session = open_session(
            form_id, target, level, now(), prefill=lambda form: _prefilled(form, known), edit=edit
        )
        done = run(session, Console(click.echo), now)
    return 0 if done else EXIT_FINDINGS


def _known(person: str | None, case_file: str | None) -> dict[str, Any]:
    from desk.entry.case_shape import require_shape
    from desk.entry.person_file import facts_of

    if case_file is not None:
        known = read_answers(case_file)
        require_shape(known, "个案文件")
        return known
    return {} if person is None else {"person": facts_of(read_answers(person))}


def _prefilled(form: FormDefinition, known: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """What is known of the person, by the form's own declaration."""
    if not known:
        return {}, {}
    from generator.prefill import prefill

    answers, origins = prefill(form, known, now())
    return dict(answers), origins
