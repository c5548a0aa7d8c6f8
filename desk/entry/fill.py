"""Filling one form: draft → interview → data file.

open_session ─► run (one line, one saved draft) ─► finish (validate, write data, then remove the draft)
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.entry import wording
from desk.entry.answers import remove
from desk.entry.commands import LEGEND
from desk.entry.draft import Draft, draft_path, fingerprint, load_draft, save_draft, stamp
from desk.entry.durable import write_whole
from desk.entry.interview import Interview
from desk.entry.questions import Question
from desk.entry.state import Reply, State
from desk.entry.terminal import Terminal
from desk.output import put_out
from generator.errors import DataInvalid, OutputUnwritable
from generator.forms.catalogue import list_forms, load_form
from generator.forms.definition import FormDefinition, Level
from generator.packets.catalogue import packet_specs
from generator.validation import places
from generator.validation.report import ValidationReport
from generator.validation.strict_json import parse
from generator.validation.text_rules import pruned

Clock = Callable[[], datetime]
Prefill = Callable[[FormDefinition], tuple[dict[str, Any], Mapping[str, str]]]
"""A form → what is known already, and where each answer comes from."""


@dataclass(frozen=True, slots=True)
class Session:
    """One form being filled into one data file."""

    form: FormDefinition
    draft: Draft
    data: Path
    resumed: bool


def open_session(
    form_id: str, data: Path, level: Level, now: datetime, *, prefill: Prefill, edit: bool = False
) -> Session:
    """Take up the draft beside ``data``, or begin anew.

    Raises DataInvalid when the draft is another form's, or the data file exists and ``edit`` is not set.
    """
    draft = load_draft(draft_path(data))
    if draft is not None:
        if draft.form != form_id:
            raise DataInvalid(
                f"{draft_path(data)} 是表单 {draft.form} 的草稿，不是 {form_id} 的。",
                hint="请用 -o 换一个数据文件名，或先填完那份草稿。",
            )
        # The draft keeps its own version: answers typed to one wording are not moved under another.
        return Session(load_form(form_id, draft.version), draft, data, resumed=True)
    form = load_form(form_id)
    found = fingerprint(data)
    if found is not None and not edit:
        raise DataInvalid(
            f"数据文件 {data} 已存在。", hint="要修改它，请加 --edit；要另填一份，请用 -o 换名。"
        )
    answers: dict[str, Any] = pruned(parse(data.read_bytes())) if found is not None else {}
    known, origins = prefill(form)
    state = State(
        {**known, **answers}, origins={at: origin for at, origin in origins.items() if at[1:] not in answers}
    )
    return Session(form, Draft(form.id, form.version, level, state, found, stamp(now)), data, resumed=False)


def fill(session: Session, terminal: Terminal, clock: Clock) -> bool:
    """Ask until the form is whole and its data file written; False when the person left with a draft.

    Ctrl-C and the end of input leave with the draft as it was after the last line.
    """
    interview = Interview(session.form, session.draft.level, session.draft.state)
    _welcome(session, terminal)
    _save(session, interview, clock())
    # Ends: each round asks a person, who may leave; the end of input leaves.
    while True:
        try:
            if not _ask_all(session, interview, terminal, clock):
                return _left(session, terminal)
            if _finish(session, interview, terminal, clock()):
                return True
            if interview.question() is None:
                return _left(session, terminal)
        except (EOFError, KeyboardInterrupt):
            terminal.write("")
            return _left(session, terminal)


def _ask_all(session: Session, interview: Interview, terminal: Terminal, clock: Clock) -> bool:
    """Ask question after question; False when the person wants to leave."""
    titles = {form.id: form.title for form in list_forms()}
    shown: str | None = None
    # Ends: each round asks a person, who may leave; the end of input leaves.
    while (question := interview.question()) is not None:
        if not interview.state.lines and (
            shown != question.pointer or question.widget.kind in ("rows", "items")
        ):
            _show(interview, question, terminal, titles)
            shown = question.pointer
        reply = interview.take(terminal.read("  … " if interview.state.lines else "  > "), clock())
        if reply.edit is not None:
            reply = _edited(session, interview, terminal, reply.edit, clock())
        _save(session, interview, clock())
        for line in reply.told:
            terminal.write(f"    {line}")
        if reply.leave:
            return False
    return True


def _show(interview: Interview, question: Question, terminal: Terminal, titles: Mapping[str, str]) -> None:
    numbered = interview.shown()
    rank = numbered.index(question) + 1 if question in numbered else 0
    origin = wording.source(interview.state.origins.get(question.pointer), titles)
    terminal.write("")
    for line in (
        *wording.heading(interview.form, question, rank, len(numbered)),
        *wording.present(question, interview.value(question), origin),
    ):
        terminal.write(line)


def _edited(session: Session, interview: Interview, terminal: Terminal, text: str, now: datetime) -> Reply:
    """Have a long text written in the editor; its file lies beside the draft until the draft has the text."""
    path = session.data.with_name(f"{session.data.stem}.edit.txt")
    if not path.exists():
        write_whole(path, text.encode())
    if not terminal.edit(path):
        path.unlink()
        terminal.write("    没有设置编辑器（环境变量 VISUAL 或 EDITOR），请直接逐行输入。")
        return Reply()
    try:
        written = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        terminal.write(f"    读不出 {path}：请把它存成 UTF-8 编码，再写 e。")
        return Reply()
    reply = interview.edited(written, now)
    _save(session, interview, now)
    path.unlink()
    return reply


def _save(session: Session, interview: Interview, now: datetime) -> None:
    save_draft(draft_path(session.data), replace(session.draft, state=interview.state, saved_at=stamp(now)))


def _finish(session: Session, interview: Interview, terminal: Terminal, now: datetime) -> bool:
    """Write the data file when nothing is wrong; else say what is and stand at the first place."""
    completed = interview.review(now)
    _tell(session.form, completed.report, terminal)
    if completed.report.errors:
        return False
    # What the program works out is worked out where it is used: kept, it would contradict a later correction.
    kept = completed.data
    for place in completed.report.computed:
        kept = remove(kept, place)
    content = (json.dumps(in_form_order(session.form, kept), ensure_ascii=False, indent=2) + "\n").encode()
    write_data(session, content)
    terminal.write(f"已写入 {session.data}。")
    for line in next_steps(session.form, session.data):
        terminal.write(line)
    return True


def next_steps(form: FormDefinition, data: Path) -> Iterator[str]:
    """The commands that print what was written, by itself and with the other papers of its packet."""
    name, paper = _quoted(str(data)), _quoted(str(data.with_suffix(".pdf")))
    yield f"打印：kangdang render {form.id} {name} -o {paper}"
    for packet in packet_specs().values():
        if any(entry.form_id == form.id for entry in packet.entries):
            out = _quoted(str(data.with_name(f"{packet.title}.pdf")))
            yield f"和这个人的其他数据一起成包：kangdang packet {packet.name} {name} 其他数据.json -o {out}"
            return


def _quoted(name: str) -> str:
    """A file name as every shell takes it for one word; double quotes serve them all."""
    plain = all(char.isalnum() or char in "._-/\\:" for char in name) and not name.startswith("-")
    return name if plain else f'"{name}"'


def write_data(session: Session, content: bytes) -> None:
    """Write the data file, read it back, and only then remove the draft."""
    there = fingerprint(session.data)
    if there is not None and there != session.draft.replaces and session.data.read_bytes() != content:
        raise OutputUnwritable(
            f"填写期间，数据文件 {session.data} 被别的程序写过，没有覆盖它。",
            hint="请把它移到别处，再用同一命令继续：草稿还在，不用重填。",
        )
    write_whole(session.data, content)
    put_out([session.data], "unknown")
    if session.data.read_bytes() != content:
        raise OutputUnwritable(
            f"数据文件 {session.data} 写入后读出的内容不同。", hint="请检查磁盘；草稿还在。"
        )
    with contextlib.suppress(FileNotFoundError):
        draft_path(session.data).unlink()


def in_form_order(form: FormDefinition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with their names in the order of the form, at every depth."""
    made: dict[str, Any] = _ordered(form, answers, "")
    return made


def _ordered(form: FormDefinition, node: Any, base: str) -> Any:
    if isinstance(node, dict):
        last = len(form.order)
        names = sorted(node, key=lambda name: form.order.get(f"{base}/{name}", last))
        return {name: _ordered(form, node[name], f"{base}/{name}") for name in names}
    if isinstance(node, list):
        return [_ordered(form, item, f"{base}/*") for item in node]
    return node


def _welcome(session: Session, terminal: Terminal) -> None:
    terminal.write(f"《{session.form.title}》　{LEGEND}")
    if session.resumed:
        terminal.write(
            f"接着上次的草稿继续（保存于 {session.draft.saved_at}，表单第 {session.form.version} 版）。"
        )
    for line in session.draft.state.lines:
        terminal.write(f"  已输入：{line}")


def _tell(form: FormDefinition, report: ValidationReport, terminal: Terminal) -> None:
    for problem in report.problems:
        terminal.write(f"    {wording.problem(problem)}")
    for place in report.dropped:
        terminal.write(f"    已略去不再适用的一项：{places.label(form, place)}")
    if report.errors:
        terminal.write(f"    还有 {len(report.errors)} 处要改正，改正后才写入数据文件；! 保存草稿并离开。")


def _left(session: Session, terminal: Terminal) -> bool:
    terminal.write(f"已保存到草稿 {draft_path(session.data)}；用同一命令继续填写。")
    return False
