"""Running a batch: rows → jobs → an executor → result workbook.

    roster.rows ─► Batch.job ─► executor(make_person) ─► ledger ─► results

At most a few jobs per worker are under way, so memory does not grow with the roster.  A bad row is a result;
it never stops the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from desk.batch.ledger import Ledger
from desk.batch.results import Outcome, Result
from desk.batch.roster import Row, canonical
from desk.batch.work import Job, Made, Recipe, make_person
from generator.errors import GeneratorError

_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_AHEAD = 4
Progress = Callable[[Result], None]


@dataclass(slots=True)
class Batch:
    """A batch under way: its results by row, and what it counts."""

    recipe: Recipe
    key: str
    common: Mapping[str, Any] = field(default_factory=dict)
    """What all rows share (the station, its facts); a row's own value wins."""
    results: dict[int, Result] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    """Of the rows under way, for the result workbook; nothing else names a person."""
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def job(self, row: Row) -> Job:
        """The job of a row; one with problems is only checked."""
        case = merged(self.common, row.case)
        stem, wrong = file_stem(case, row.number)
        problems = (*row.problems, *wrong, *self._repeated(case, row.number))
        self.names[row.number] = _name(case)
        digest = hashlib.sha256(self.key.encode() + canonical(case)).hexdigest()
        return Job(row.number, stem, digest, case, problems)

    def _repeated(self, case: Mapping[str, Any], number: int) -> Iterator[str]:
        """One person stands in a roster once; the later row is the one refused."""
        for part, name, label in (
            ("person", "cid", "公民身份号码"),
            ("case", "case_no", "个案编号"),
            ("case", "application_no", "申请编号"),
        ):
            value = case.get(part, {}).get(name)
            if value is None:
                continue
            first = self._seen.setdefault((name, hashlib.sha256(str(value).encode()).hexdigest()), number)
            if first != number:
                yield f"{label}：与第 {first} 行相同。一个人只能有一行，请核对这两行。"


class Runner:
    """Feeds an executor and collects what comes back; few jobs are under way at a time."""

    def __init__(
        self, batch: Batch, executor: Executor, ledger: Ledger, workers: int, progress: Progress
    ) -> None:
        self._batch = batch
        self._executor = executor
        self._ledger = ledger
        self._ahead = workers * _AHEAD
        self._progress = progress
        self._waiting: dict[Future[Made], Job] = {}

    def run(self, rows: Iterator[Row]) -> None:
        """Make all rows; whatever ends this early, finished rows are noted and the others marked 未处理."""
        try:
            for row in rows:
                self._begin(row)
            # Ends: each round waits for one job at least.
            while self._waiting:
                self._collect_some()
        except BaseException:
            self._give_up()
            raise

    def _begin(self, row: Row) -> None:
        job = self._batch.job(row)
        known = self._ledger.find(job.key) if not job.problems else None
        if known is not None:
            self._note(_result(known, "此前已完成", job.row))
            return
        self._waiting[self._executor.submit(make_person, self._batch.recipe, job)] = job
        if len(self._waiting) >= self._ahead:
            self._collect_some()

    def _collect_some(self) -> None:
        for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
            self._collect(future)

    def _collect(self, future: Future[Made]) -> None:
        try:
            made = future.result()
        except BrokenExecutor as error:
            raise GeneratorError(
                "一个工作进程被系统终止，批量生成没有做完。",
                hint="用同一命令再运行一次，已完成的不会重做；内存不足时加 --workers 1。",
            ) from error
        del self._waiting[future]
        if not made.reasons:
            self._ledger.add(made)
        self._note(_result(made, "未通过" if made.reasons else "完成"))

    def _give_up(self) -> None:
        for future, job in list(self._waiting.items()):
            if not future.cancel() and future.done() and future.exception() is None:
                self._collect(future)
            else:
                self._note(Result(job.row, job.stem, "未处理"))

    def _note(self, result: Result) -> None:
        self._batch.results[result.row] = replace(result, name=self._batch.names.pop(result.row, ""))
        self._progress(result)


def _result(made: Made, outcome: Outcome, row: int | None = None) -> Result:
    return Result(
        row=made.row if row is None else row,
        stem=made.stem,
        outcome=outcome,
        why=made.reasons or made.notes,
        files=tuple(name for name in made.files if not name.endswith(".print.json")),
        documents=made.documents,
        pages=made.pages,
        print_ids=made.print_ids,
    )


def _name(case: Mapping[str, Any]) -> str:
    """The name in the result workbook: people look for names, not for rows."""
    name = case.get("person", {}).get("name")
    return name if isinstance(name, str) else ""


def file_stem(case: Mapping[str, Any], row: int) -> tuple[str, tuple[str, ...]]:
    """What a person's files are called: the number of the case, never the name; and what is wrong with it."""
    facts = case.get("case", {})
    number = facts.get("case_no") or facts.get("application_no")
    if number is None:
        return f"R{row:05d}", ()
    if not isinstance(number, str) or not _STEM.fullmatch(number):
        return f"R{row:05d}", ("编号：只能有字母、数字和“-”，如 GA-2026-0001。请改正编号。",)
    return number, ()


def merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """``own`` over ``common``, object by object."""
    made = dict(common)
    for name, value in own.items():
        below = made.get(name)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        made[name] = merged(below, value) if both and isinstance(below, Mapping) else value
    return made
