"""What a packet lacks and what is wrong in it, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from desk.cli._common import problem_line

if TYPE_CHECKING:
    from generator.forms.definition import FormDefinition
    from generator.packets.papers import Refused
    from generator.packets.survey import Survey
    from generator.validation.report import Problem


class Sorted(NamedTuple):
    """Problems of what a person wrote; facts of the station that lack; rows the program listed itself."""

    own: list[Problem]
    station: dict[str, str]
    """Label → source."""
    rows: dict[str, int]
    """Label → how many rows lack their reason."""


def refused_lines(look: Survey, refused: Iterable[Refused]) -> Iterator[str]:
    """The papers not printed and why.  What the program listed itself is told once, not row by row."""
    papers = {paper.pointer: paper for paper in look.papers}
    station: dict[str, str] = {}
    for item in refused:
        yield f"未印 {item.entry.code} {item.title}（{item.pointer}）：内容有误，没有印正式件。"
        paper = papers.get(item.pointer)
        told = Sorted(list(item.problems), {}, {})
        if paper is not None:
            told = told_apart(paper.form, paper.origins, item.problems)
        yield from (f"　{problem_line(problem)}" for problem in told.own)
        yield from (f"　{line}" for line in rows_lines(told.rows))
        yield from (f"　{line}" for line in station_lines(told.station, short=True))
        station |= told.station
        if item.error is not None:
            yield f"　错误 {item.error.message}{item.error.hint}"
    yield from station_lines(station)


def station_lines(station: Mapping[str, str], *, short: bool = False) -> Iterator[str]:
    """That facts of the station lack; the cure once for all papers."""
    if station and short:
        yield f"错误 缺少本站的资料：{'、'.join(station)}。"
    elif station:
        names = "、".join(dict.fromkeys(station.values()))
        yield f"本站的资料请用 --home 给出站点文件夹，或写在个案文件的 station 部分：{names}。"


def rows_lines(rows: Mapping[str, int]) -> Iterator[str]:
    """That rows the program listed wait for a reason."""
    for label, count in rows.items():
        yield f"错误 {label}：由程序列出的 {count} 行没有写明原因。{_REASONS}"


_REASONS = "请在个案文件 case 部分的 not_applicable 中按表单编号写明；要在纸上手写的，加 --blank-missing。"


def told_apart(form: FormDefinition, origins: Mapping[str, str], problems: Iterable[Problem]) -> Sorted:
    """What of a paper's problems the person who wrote it can mend there, and what stands elsewhere."""
    own: list[Problem] = []
    station: dict[str, str] = {}
    rows: dict[str, set[str]] = {}
    for problem in problems:
        top = "/" + problem.path.split("/")[1] if "/" in problem.path else ""
        spec = form.fields.get(top)
        if spec is None or problem.keyword != "required":
            own.append(problem)
        elif problem.path == top and (spec.prefill or "").startswith("station."):
            station[spec.label] = str(spec.prefill).removeprefix("station.")
        elif problem.path != top and origins.get(top, "").startswith("case.file_"):
            rows.setdefault(spec.label, set()).add("/".join(problem.path.split("/")[:3]))
        else:
            own.append(problem)
    return Sorted(own, station, {label: len(places) for label, places in rows.items()})


def lacking_lines(look: Survey) -> Iterator[str]:
    """The papers that are not there, are too many, or do not apply."""
    for lack in look.missing:
        absent = "（本系统尚无此表）" if lack.form is None else ""
        yield f"缺少 {lack.entry.code} {lack.entry.title}{absent}：{lack.reason}"
    for entry in look.too_many:
        yield f"提醒 {entry.code} {entry.title} 一般每案 {entry.most} 份，实际更多，请核对。"
    for waiver in look.waived:
        yield f"不适用 {waiver.entry.code} {waiver.entry.title}：{waiver.reason}"
