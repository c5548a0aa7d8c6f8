"""``kangdang batch``: a roster of people in, documents for each and a result workbook out."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    font_folders,
    read_answers,
    station_home,
)
from desk.cli.print_options import issue_time, looks, print_options

if TYPE_CHECKING:
    from desk.batch.plan import Plan
    from desk.batch.results import Result
    from desk.batch.roster import Roster
    from desk.batch.run import Batch
    from desk.batch.work import Recipe

RESULTS = "结果.xlsx"


def _batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        print_options,
        click.option("--duplex", is_flag=True, help="文书包按双面打印补空白页"),
        click.option("--blank-missing", is_flag=True, help="文书包中缺少或有误的文书印成空白表"),
        click.option("--track", type=click.Choice(["sw", "inst", "both"]),
                     help="文书包只取一条服务路径：sw 个案工作、inst 机构康复"),
        click.option("--case", "common", metavar="文件", help="各行共同的内容（JSON），如站点名称；名册优先"),
        click.option("--sheet", metavar="页名", help="名册有几页写了人时，读哪一页"),
        click.option("--hidden-rows", type=click.Choice(["skip", "print"]),
                     help="隐藏、筛选掉或划掉的行不印，还是照样印；没有说明时停下来"),
        click.option("--workers", metavar="个数", type=click.IntRange(1, 64),
                     help="同时工作的进程数，默认为处理器核数"),
        click.option("--template", type=path_type(dir_okay=False),
                     help="不生成文书，只写出空白名册（.xlsx）"),
        click.option("-o", "--output", "out", type=path_type(file_okay=False), help="放文书和结果表的文件夹"),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(cls=Command)
@click.argument("name", metavar="文书包或表单")
@click.argument("roster", metavar="名册", required=False, type=path_type(dir_okay=False))
@_batch_options
def batch(name: str, roster: Path | None, **how: Any) -> int:
    """按名册为许多人生成文书。名册为 .xlsx、.csv 或 .jsonl，一行一个人。

    先用 --template 名册.xlsx 得到空白名册。某一行有误不影响其他行；结果写在输出文件夹的 结果.xlsx 中。
    可以随时中断，用同一命令再运行，已完成的不会重做。
    """
    from desk.batch.plan import plan_for

    plan = plan_for(name, how["track"])
    if how["template"] is not None:
        return _write_template(plan, how["template"])
    if roster is None or how["out"] is None:
        raise click.UsageError("请给出名册和 -o 文件夹；还没有名册的，先用 --template 名册.xlsx 生成。")
    return _run(plan, roster, how["out"], how)


def _write_template(plan: Plan, path: Path) -> int:
    from desk.batch.template import template_workbook
    from desk.output import write_output

    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(f"空白名册 {path.name} 的扩展名应为 .xlsx。")
    columns = plan.columns()
    write_output(path, template_workbook(columns, plan.title), plain="nobody")
    offered = sum(column.offered for column in columns.all)
    click.echo(f"已生成空白名册 {path}，共 {offered} 列；填写方法见其中的“填写说明”。")
    return 0


def _run(plan: Plan, roster: Path, out: Path, how: dict[str, Any]) -> int:
    from desk.batch.ledger import FOLDER, Ledger, open_seed, sweep
    from desk.batch.roster import Roster
    from desk.batch.run import Batch, Runner
    from desk.batch.work import recipe_key
    from desk.entry.durable import locked
    from desk.output import make_folder, put_out

    make_folder(out)
    with locked(out / FOLDER.lstrip(".")):
        sweep(out)
        recipe = _recipe(plan, out, open_seed(out, secrets.token_bytes(32)), how)
        work = Batch(recipe, recipe_key(recipe), _common(how))
        people = Roster(roster, plan.columns(), how["sheet"], how["hidden_rows"])
        rows = people.rows()
        first = next(rows, None)  # headings are judged before any process is started
        if not how["as_json"]:
            for note in people.notes:
                click.echo(f"注意：{note}", err=True)
        workers = how["workers"] or os.cpu_count() or 1
        try:
            with Ledger(out) as ledger, processes(workers) as executor, _progress(how) as shown:
                Runner(work, executor, ledger, workers, shown).run(_again(first, rows))
        finally:
            _write_results(work, out)
            put_out((out / name for made in work.results.values() for name in made.files), "unknown")
    return _told(work, people, out, how)


def _again(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    if first is not None:
        yield first
        yield from rest


def _recipe(plan: Plan, out: Path, seed: bytes, how: dict[str, Any]) -> Recipe:
    from desk.batch.work import Recipe

    return Recipe(
        name=plan.name,
        forms=plan.forms,
        packet=plan.packet,
        out=out.resolve(),
        at=issue_time(how),
        seed=seed,
        home=station_home(how["home"]).folder,
        system_fonts=font_folders() if how["fonts"] == "system" else (),
        extra_fonts=tuple(how["extra_fonts"]),
        options=looks(how, station_home(how["home"])),
        blank_missing=how["blank_missing"],
        duplex=how["duplex"],
    )


def _common(how: dict[str, Any]) -> dict[str, Any]:
    from desk.entry.case_shape import require_shape

    common = read_answers(how["common"]) if how["common"] else {}
    require_shape(common, f"个案文件 {how['common']} ")
    if how["track"]:
        common["case"] = {**common.get("case", {}), "track": how["track"]}
    return common


@contextmanager
def processes(workers: int) -> Iterator[Any]:
    """The executor of this computer.  New processes, not forks: they inherit no lock and no open file."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    from desk.batch.work import start_worker

    executor = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _progress(how: dict[str, Any]) -> Iterator[Callable[[Result], None]]:
    """A bar on the screen; nothing where nobody looks."""
    import sys

    if how["as_json"] or not sys.stderr.isatty():
        yield lambda result: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    words = TextColumn("已处理 {task.completed:.0f} 人，未通过 {task.fields[failed]} 人")
    failed = 0
    with Progress(
        SpinnerColumn(), words, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task("", total=None, failed=0)

        def shown(result: Result) -> None:
            nonlocal failed
            failed += result.outcome == "未通过"
            bar.update(task, advance=1, failed=failed)

        yield shown


def _write_results(work: Batch, out: Path) -> None:
    from desk.batch.results import result_workbook
    from desk.output import write_output

    results = [work.results[row] for row in sorted(work.results)]
    if results:
        write_output(out / RESULTS, result_workbook(results, _summary(work, 0)))


def _summary(work: Batch, empty: int) -> str:
    counts = Counter(result.outcome for result in work.results.values())
    words = "，".join(f"{outcome} {count} 人" for outcome, count in counts.items())
    documents = sum(result.documents for result in work.results.values())
    blank = f"；跳过空行 {empty} 行" if empty else ""
    return f"共 {len(work.results)} 行：{words}；文书 {documents} 份{blank}。"


def _told(work: Batch, people: Roster, out: Path, how: dict[str, Any]) -> int:
    empty = people.empty
    failed = [result for result in work.results.values() if result.outcome != "完成" and result.why]
    wrong = [result for result in failed if result.outcome == "未通过"]
    if how["as_json"]:
        echo_json({
            "rows": len(work.results), "empty_rows": empty, "failed": len(wrong),
            "notes": people.notes,
            "documents": sum(result.documents for result in work.results.values()),
            "results": [_as_data(work.results[row]) for row in sorted(work.results)],
        })  # fmt: skip
        return EXIT_FINDINGS if wrong else 0
    if not work.results:
        click.echo("名册中没有人：标题下面都是空行。", err=True)
        return EXIT_FINDINGS
    for result in wrong[:10]:
        click.echo(f"第 {result.row} 行（{result.stem}）未通过：{result.why[0]}", err=True)
    if len(wrong) > 10:
        click.echo(f"……共 {len(wrong)} 行未通过，全部原因见 {out / RESULTS}。", err=True)
    click.echo(f"{_summary(work, empty)}结果见 {out / RESULTS}。")
    return EXIT_FINDINGS if wrong else 0


def _as_data(result: Result) -> dict[str, Any]:
    return {
        "row": result.row,
        "number": result.stem,
        "outcome": result.outcome,
        "why": list(result.why),
        "files": list(result.files),
        "print_ids": list(result.print_ids),
    }
