"""What a signed page says against what its record says: only where they differ, or nobody can be sure.

    answers as printed + FieldReport + page map ─ compare ─► Difference …  ─ sentence ─► words for a person
                                       accepted Differences ─ proposal ─► answers to enter as a correction

Owns what counts as a difference, and which rooms must be signed.  Which boxes a print has ticked is asked
where the print asks (``chosen_options``), which rooms must be signed where validation does (``required_at``).
Nothing is written anywhere; sentences tell a field and an option as every copy of the form has them printed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from generator.docx.context import chosen_options
from generator.forms import conditions, pointer
from generator.forms.conditions import Condition, Every
from generator.forms.definition import FieldSpec, FormDefinition
from generator.identity.page_map import PageMap, PageMapEntry
from generator.validation.level_schema import required_at

if TYPE_CHECKING:
    from generator.reading.ink import InkReading
    from generator.reading.report import FieldReport
    from generator.reading.ticks import TickReading

Answers = Mapping[str, Any]
DifferenceKind = Literal["tick", "unsure", "signature", "mark"]
Read = Literal["empty", "marked", "crossed out"]
Room = tuple[str, bool, bool]
"""(place, inked, sure) of one room to sign in, ``place`` as ``place_of`` gives it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of a page somebody has to look at.

    *tick*: the box is read otherwise than the record says, or it is crossed out · *unsure*: it is read as the
    record says, but not surely · *signature*: a room that must be signed is empty, or nobody can be sure ·
    *mark*: options printed as words without boxes, which are not read, where the record has no answer.
    """

    kind: DifferenceKind
    pointer: str = field(repr=False)
    """The concrete JSON pointer: ``/rows/0/x``."""
    option: str | None = field(repr=False)
    printed: bool = field(repr=False)
    """Whether the print had the box ticked."""
    read: Read = field(repr=False)
    sure: bool
    confidence: float
    page: int
    entry: PageMapEntry = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "kind": self.kind, "pointer": self.pointer, "option": self.option, "printed": self.printed,
            "read": self.read, "sure": self.sure, "confidence": self.confidence, "page": self.page,
            "entry": self.entry._asdict(),
        }  # fmt: skip


def from_dict(kept: Mapping[str, Any]) -> Difference:
    """What ``to_dict`` gave."""
    return Difference(**{**kept, "entry": PageMapEntry(**kept["entry"])})


def place_of(entry: PageMapEntry) -> str:
    """The concrete pointer of an entry: in ``/rows/*/x`` the row its occurrence counts."""
    tokens = pointer.split(entry.pointer)
    return pointer.join(str(entry.occurrence - 1) if part == "*" else part for part in tokens)


# --- comparing --------------------------------------------------------------------------------------------


def compare(
    form: FormDefinition, answers: Answers, report: FieldReport, page_map: PageMap
) -> tuple[Difference, ...]:
    """What a person has to look at on one page: boxes first, then marks, then rooms to sign.

    ``answers`` are those of the printed revision ({} for a blank: all that is marked is a difference),
    ``page_map`` is of the whole print.  A page that was not registered gives nothing: its report says why.
    """
    if report.registration is None:
        return ()
    must = required_rooms(form, answers, page_map)
    marks = [entry for entry in page_map.entries if entry.kind == "mark" and entry.page == report.page]
    return (
        *(told for tick in report.ticks if (told := _tick(answers, tick))),
        *_marks(form, answers, marks),
        *(told for room in report.signatures if (told := _room(must, room))),
    )


def _tick(answers: Answers, tick: TickReading) -> Difference | None:
    entry = tick.entry
    place = place_of(entry)
    printed = entry.option in chosen_options(value_at(answers, place))
    agrees = tick.state != "crossed out" and (tick.state == "marked") == printed
    if agrees and tick.sure:
        return None
    kind: DifferenceKind = "unsure" if agrees else "tick"
    return Difference(
        kind, place, entry.option, printed, tick.state, tick.sure, tick.confidence, entry.page, entry
    )


def _marks(form: FormDefinition, answers: Answers, entries: Iterable[PageMapEntry]) -> Iterator[Difference]:
    """One for each field whose options have no boxes and which the record leaves open."""
    fields: dict[str, list[PageMapEntry]] = {}
    for entry in entries:
        fields.setdefault(place_of(entry), []).append(entry)
    for place, own in fields.items():
        spec = form.fields.get(own[0].pointer)
        if value_at(answers, place) is None and (spec is None or _applies(form, spec, answers, place)):
            yield Difference("mark", place, None, False, "empty", False, 0.0, own[0].page, _around(own))


def _around(entries: Sequence[PageMapEntry]) -> PageMapEntry:
    """All options of a field as one place."""
    left, top = min(one.x_mm for one in entries), min(one.y_mm for one in entries)
    right = max(one.x_mm + one.w_mm for one in entries)
    bottom = max(one.y_mm + one.h_mm for one in entries)
    return entries[0]._replace(
        option=None, x_mm=left, y_mm=top, w_mm=round(right - left, 2), h_mm=round(bottom - top, 2)
    )


def _room(must: frozenset[str], room: InkReading) -> Difference | None:
    place = place_of(room.entry)
    if place not in must or (room.ink and room.sure):
        return None
    read: Read = "marked" if room.ink else "empty"
    return Difference(
        "signature", place, None, False, read, room.sure, room.confidence, room.entry.page, room.entry
    )


# --- signatures -------------------------------------------------------------------------------------------


def required_rooms(form: FormDefinition, answers: Answers, page_map: PageMap) -> frozenset[str]:
    """Places (concrete pointers) that must be signed for the document to be signed.

    Those that validation asks for at the level ``signed``.  Where that depends on a box of this very print
    which the record leaves open, paper may have answered it: then the room counts as required.
    """
    on_paper = frozenset(place_of(entry) for entry in page_map.entries if entry.kind in ("tick", "mark"))
    return frozenset(
        place
        for spec in form.fields.values()
        if spec.kind == "sig" and (needed := required_at(form, spec, "signed")) is not None
        for place in _places(spec, answers)
        if _must(form, spec, _with_own(form, spec, needed), answers, place, on_paper)
    )


def all_signed(form: FormDefinition, answers: Answers, page_map: PageMap, rooms: Iterable[Room]) -> bool:
    """Whether every room of the document that must be signed surely holds ink.

    ``rooms`` are those of all its pages; one that goes on over several pages is one room.  A document
    without rooms that must be signed has nothing missing.
    """
    inked = {place for place, ink, sure in rooms if ink and sure}
    return required_rooms(form, answers, page_map) <= inked


def _must(
    form: FormDefinition,
    spec: FieldSpec,
    condition: Condition,
    answers: Answers,
    place: str,
    on_paper: frozenset[str],
) -> bool:
    if _holds(condition, answers, place):
        return True
    asked = {
        _of_row(form.target(spec, test), place): form.fields.get(form.target(spec, test))
        for test in conditions.tests(condition)
    }
    return any(
        where in on_paper
        and value_at(answers, where) is None
        and (target is None or _applies(form, target, answers, where))
        for where, target in asked.items()
    )


def _with_own(form: FormDefinition, spec: FieldSpec, needed: Sequence[Condition]) -> Condition:
    applies = form.applies(spec)
    return Every((*([applies] if applies is not None else []), *needed))


def _applies(form: FormDefinition, spec: FieldSpec, answers: Answers, place: str) -> bool:
    condition = form.applies(spec)
    return condition is None or _holds(condition, answers, place)


def _holds(condition: Condition, answers: Answers, place: str) -> bool:
    here = value_at(answers, place.rsplit("/", 1)[0])
    return conditions.predicate(condition)(answers, here)


def _places(spec: FieldSpec, answers: Answers) -> Iterator[str]:
    """The field itself, or once in each row that the answers have."""
    if not spec.in_rows:
        yield spec.pointer
        return
    tokens = pointer.split(spec.parent)
    for path, _ in pointer.located(answers, tokens):
        yield pointer.join((*path, spec.name))


def _of_row(field_pointer: str, place: str) -> str:
    """A field of the same row as ``place``, or outside all rows."""
    own = pointer.split(place)
    return pointer.join(
        own[at] if part == "*" and at < len(own) else part
        for at, part in enumerate(pointer.split(field_pointer))
    )


def value_at(answers: Any, place: str) -> Any:
    """What stands at a concrete pointer; None where nothing does."""
    for token in pointer.split(place):
        if isinstance(answers, list):
            answers = answers[int(token)] if token.isdigit() and int(token) < len(answers) else None
        elif isinstance(answers, Mapping):
            answers = answers.get(token)
        else:
            return None
    return answers


# --- words ------------------------------------------------------------------------------------------------


def sentence(form: FormDefinition, difference: Difference) -> str:
    """One difference in Chinese; of the answers it tells no more than the caption of the option."""
    return f"第{difference.page}页“{_caption(form, difference)}”：{_told(difference)}"


def _caption(form: FormDefinition, difference: Difference) -> str:
    spec = form.fields.get(difference.entry.pointer)
    label = spec.label if spec is not None else difference.entry.pointer
    if "*" not in pointer.split(difference.entry.pointer):
        return label
    return f"{label}（第{difference.entry.occurrence}行）"


def _told(difference: Difference) -> str:
    if difference.kind == "mark":
        return "这里的选项没有方格，不能读取；档案中没有填，请看纸上是否勾选。"
    if difference.kind == "signature":
        if difference.sure:
            return "应当签字，纸上是空的。"
        return "看不清是否已签字，请看纸上。"
    option = difference.option
    record = "档案中已勾选" if difference.printed else "档案中没有勾选"
    if difference.read == "crossed out":
        return f"纸上的“{option}”像是被划掉了，{record}，请看纸上。"
    if not difference.sure:
        seen = "像是勾选了" if difference.read == "marked" else "像是没有勾选"
        return f"看不清纸上是否勾选了“{option}”（{seen}），{record}，请看纸上。"
    paper = f"纸上勾选了“{option}”" if difference.read == "marked" else f"纸上没有勾选“{option}”"
    return f"{paper}，{record}。"


# --- answers ----------------------------------------------------------------------------------------------


def proposal(form: FormDefinition, answers: Answers, accepted: Iterable[Difference]) -> dict[str, Any]:
    """The answers as the paper has them where a person accepted a difference; nothing is validated.

    What the paper takes away goes before what it adds, so in a single choice the box marked by hand stays.
    """
    told: dict[str, Any] = copy.deepcopy(dict(answers))
    boxes = [one for one in accepted if one.kind in ("tick", "unsure") and one.option is not None]
    for one in sorted(boxes, key=lambda one: one.read == "marked"):
        spec = form.fields[one.entry.pointer]
        if one.read == "marked":
            _add(told, spec, one)
        elif one.option in chosen_options(value_at(told, one.pointer)):
            _take_away(told, spec, one)
    return told


def _add(told: dict[str, Any], spec: FieldSpec, one: Difference) -> None:
    parent, name = _parent(told, one.pointer)
    if spec.kind == "bool":
        parent[name] = one.option == "是"
        return
    value = next(option for option in spec.options if str(option) == one.option)
    if spec.kind == "set":
        held = [*parent.get(name, ()), value]
        parent[name] = [option for option in spec.options if option in held]
    else:
        parent[name] = value


def _take_away(told: dict[str, Any], spec: FieldSpec, one: Difference) -> None:
    parent, name = _parent(told, one.pointer)
    left = [option for option in parent[name] if str(option) != one.option] if spec.kind == "set" else []
    if left:
        parent[name] = left
    else:
        del parent[name]


def _parent(told: dict[str, Any], place: str) -> tuple[dict[str, Any], str]:
    """The object a field is a member of; objects and rows that are not there yet are made."""
    tokens = pointer.split(place)
    here: Any = told
    for token, after in pairwise(tokens):
        empty: Any = [] if after.isdigit() else {}
        if isinstance(here, list):
            # Ends: the number is a printed row, and a print has no more rows than lines.
            while len(here) <= int(token):
                here.append({})
            here = here[int(token)]
        else:
            here = here.setdefault(token, empty)
    return here, tokens[-1]
