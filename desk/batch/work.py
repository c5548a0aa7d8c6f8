"""The work on one row of a roster: CASE → finished files.  Runs in a worker process; reads no clock.

A person's files are all made before the first is written, so a person is done or not done.  Print ids follow
from the batch's seed and the row's content: a row made twice, after a kill, is the same sheets again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archives.system_words import reason
from desk.home import StationHome
from desk.print_records import earlier_line, earlier_records
from generator.errors import GeneratorError
from generator.identity.code import DEMO_KEY
from generator.render import PrintOptions

if TYPE_CHECKING:
    from desk.documents import RandomBytes
    from generator.forms.definition import FormDefinition
    from generator.render import FormKit
    from generator.typeset.fonts import FontSet
    from generator.validation.report import Problem

TEMPORARY = ".kangdang-tmp"
MAX_REASONS = 20


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is the same for all rows.  Everything in it travels to other processes."""

    name: str
    """A packet, or the id of one form."""
    forms: tuple[str, ...]
    """Form ids in the order of the packet."""
    packet: bool
    out: Path
    at: datetime
    seed: bytes = field(repr=False)
    home: Path | None = None
    system_fonts: tuple[Path, ...] = ()
    """Folders of the station's fonts; empty: the bundled ones."""
    extra_fonts: tuple[Path, ...] = ()
    options: PrintOptions = field(default_factory=PrintOptions)
    blank_missing: bool = False
    duplex: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One row to make: its number in the roster, the name its files begin with, its content."""

    row: int
    stem: str
    key: str
    """Hash of content and recipe: equal key, equal documents."""
    case: Mapping[str, Any]
    problems: tuple[str, ...] = ()
    """What is wrong with the row itself: it is only checked, so that all its faults are told in one round."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a job."""

    row: int
    stem: str
    key: str
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """File name → size and SHA-256."""
    print_ids: tuple[str, ...] = ()
    pages: int = 0
    documents: int = 0
    reasons: tuple[str, ...] = ()
    """Why it was not made; empty: it was."""
    notes: tuple[str, ...] = ()
    """What a person should know of a job that was made."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The finished files of a row, still in memory."""

    files: Mapping[str, bytes]
    print_ids: tuple[str, ...]
    pages: int
    documents: int
    notes: tuple[str, ...] = ()


class NotMade(Exception):
    """The row has errors; ``reasons`` are sentences for the result workbook."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def make_person(recipe: Recipe, job: Job) -> Made:
    """Make and write one row's files.  What a row or a disk can bring is told in ``Made``, never raised."""
    try:
        bundle = _bundle(recipe, job)
        files, kept = write_all(recipe.out, bundle.files)
    except NotMade as error:
        return Made(job.row, job.stem, job.key, reasons=error.reasons)
    except GeneratorError as error:
        return Made(job.row, job.stem, job.key, reasons=(f"{error.message}{error.hint}",))
    except Exception as error:
        # One row must not stop the others.
        if os.environ.get("KANGDANG_DEBUG"):
            raise
        # The text of an unforeseen error may hold an answer; its kind does not.
        return Made(
            job.row, job.stem, job.key,
            reasons=(f"程序内部出错（{type(error).__name__}），这一行没有完成。请告诉维护人员。",),
        )  # fmt: skip
    return Made(
        job.row, job.stem, job.key, files, bundle.print_ids, bundle.pages, bundle.documents, (),
        (*bundle.notes, *((earlier_line("、".join(kept)),) if kept else ())),
    )  # fmt: skip


def _bundle(recipe: Recipe, job: Job) -> Bundle:
    if job.problems:
        raise NotMade(limited([*job.problems, *_further(recipe, job)]))
    return _packet(recipe, job) if recipe.packet else _forms(recipe, job)


def _further(recipe: Recipe, job: Job) -> list[str]:
    """What the forms find in a faulty row beside its own faults."""
    from desk.batch.packets import packet_faults

    found = packet_faults(recipe, job) if recipe.packet else _checked(recipe, job)[1]
    # A cell that could not be read is missing in the form; one of the two sentences says why.
    named = {_place(problem) for problem in job.problems}
    return [reason for reason in found if _place(reason) not in named]


def _place(sentence: str) -> str:
    return re.sub(r"^《[^》]*》|（[^）]*）$", "", sentence.partition("：")[0])


def follows(form: FormDefinition, problem: Problem) -> bool:
    """Whether a finding only follows from another cell: what is computed lacks what it is computed from."""
    spec = form.fields.get(problem.path)
    return spec is not None and spec.computed is not None


def said(message: str, hint: str | None) -> str:
    """A finding as a roster can cure it: of the cell, not of an option of another command."""
    return f"{message}{hint or ''}".replace("，或加 --drop-hidden 略去", "")


def _checked(recipe: Recipe, job: Job) -> tuple[list[tuple[FormKit, Any]], list[str]]:
    """The answers of each form as they would be printed, and what is wrong with them."""
    from desk.documents import kit_for
    from generator.prefill import prefill
    from generator.validation.validate import complete

    home = StationHome(recipe.home)
    ready: list[tuple[FormKit, Any]] = []
    reasons: list[str] = []
    for form_id in recipe.forms:
        kit = kit_for(form_id, home)
        given = job.case.get("forms", {}).get(form_id, {})
        first = given[0] if isinstance(given, list) and given else given or {}
        answers, _ = prefill(kit.form, job.case, recipe.at, first, index=0)
        done = complete(kit.form, answers, "final", recipe.at)
        title = f"《{kit.form.title}》" if len(recipe.forms) > 1 else ""
        reasons += [
            f"{title}{said(problem.message, problem.hint)}"
            for problem in done.report.errors
            if not (job.problems and follows(kit.form, problem))
        ]
        ready.append((kit, done.data))
    return ready, reasons


def _forms(recipe: Recipe, job: Job) -> Bundle:
    """One PDF and print record for each form."""
    from desk.documents import Issue, identity, print_record
    from generator.render import render_pdf

    home, fonts, random = StationHome(recipe.home), fonts_of(recipe), drawing(recipe.seed, job.key)
    files: dict[str, bytes] = {}
    ids: list[str] = []
    pages = 0
    ready, reasons = _checked(recipe, job)
    if reasons:
        raise NotMade(limited(reasons))
    for kit, answers in ready:
        issue = Issue(recipe.options, identity(home, random, print_id=None, at=recipe.at), fonts)
        rendered = render_pdf(kit, answers, issue.options, issue.identity, fonts)
        stem = f"{job.stem}-{kit.form.id}"
        files[f"{stem}.pdf"] = rendered.content
        files[f"{stem}.print.json"] = print_record(kit, answers, issue, rendered)
        ids.append(issue.identity.print_id)
        pages += rendered.pages
    return Bundle(files, tuple(ids), pages, len(ready))


def _packet(recipe: Recipe, job: Job) -> Bundle:
    from desk.batch.packets import packet_bundle

    return packet_bundle(recipe, job)


def limited(reasons: list[str]) -> tuple[str, ...]:
    """The first reasons, and how many there are."""
    if len(reasons) <= MAX_REASONS:
        return tuple(reasons)
    return (*reasons[:MAX_REASONS], f"……共 {len(reasons)} 处。")


def write_all(folder: Path, files: Mapping[str, bytes]) -> tuple[dict[str, tuple[int, str]], list[str]]:
    """Put finished files in place: each whole or not at all, whoever kills the process.

    Also returns the names under which earlier print records were kept.
    """
    from generator.errors import OutputUnwritable

    made: dict[str, tuple[int, str]] = {}
    try:
        kept = earlier_records({folder / name: content for name, content in files.items()})
        for name, content in {**{path.name: old for path, old in kept.items()}, **files}.items():
            # The process id keeps a straggler of a killed run from writing into this run's file.
            temporary = folder / f".{name}.{os.getpid()}{TEMPORARY}"
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(folder / name)
            if name in files:
                made[name] = (len(content), hashlib.sha256(content).hexdigest())
    except OSError as error:
        raise OutputUnwritable(f"无法写入文件夹 {folder}：{reason(error)}。") from error
    return made, [path.name for path in kept]


def drawing(seed: bytes, key: str) -> RandomBytes:
    """A source of bytes that is random to everyone without the seed, and the same again for the same row."""
    stream = _drawn(seed, key)
    return lambda count: b"".join(next(stream) for _ in range(count))


def _drawn(seed: bytes, key: str) -> Iterator[bytes]:
    counter = 0
    # Ends: a caller takes as many bytes as it asks for.
    while True:
        block = hmac.digest(seed, f"{key}:{counter}".encode(), "sha256")
        yield from (block[at : at + 1] for at in range(len(block)))
        counter += 1


def fonts_of(recipe: Recipe) -> FontSet:
    """The fonts of a recipe, opened once in each process."""
    return _fonts(recipe.system_fonts, recipe.extra_fonts)


@lru_cache(maxsize=2)
def _fonts(folders: tuple[Path, ...], extra: tuple[Path, ...]) -> FontSet:
    from generator.typeset.fonts import bundled_fonts, system_fonts

    return system_fonts(folders, extra) if folders else bundled_fonts(extra)


def recipe_key(recipe: Recipe) -> str:
    """A hash of all that makes documents differ for equal rows: forms, templates, options, key, program."""
    from desk.documents import kit_for
    from generator.version import __version__

    home = StationHome(recipe.home)
    kits = [kit_for(form_id, home) for form_id in recipe.forms]
    definitions = [hashlib.sha256(kit.form.path.read_bytes()).hexdigest() for kit in kits]
    key = home.page_code_key() or DEMO_KEY
    parts: list[Any] = [
        recipe.name,
        [(kit.form.id, kit.form.version, kit.template_sha256) for kit in kits],
        definitions,
        repr(recipe.options),
        [str(path) for path in (*recipe.system_fonts, *recipe.extra_fonts)],
        (recipe.blank_missing, recipe.duplex, recipe.packet),
        hashlib.sha256(key).hexdigest(),
        __version__,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def start_worker() -> None:
    """Prepare a worker process: one thread of work each, and the end of the parent is its end."""
    import multiprocessing
    import signal
    import threading

    # One worker per core: a second pool of threads inside each would only take turns with the others.
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    # Ctrl-C is the main process's to answer; it lets the rows under way come to their end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)  # a worker of a killed run must not go on writing

    threading.Thread(target=end_with_parent, daemon=True).start()
