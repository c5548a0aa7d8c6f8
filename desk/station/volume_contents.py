"""What the running volume of a file holds, as its contents (AR2) list it: rows in order, with page numbers.

Only what is on paper has pages; what has none is named with the reason.  No reason for a missing thing is
made up: those nobody explained are listed by their titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from archives.archive import Unit
from archives.duties.staff import names_of
from archives.errors import InputRefused
from archives.items.documents import DocumentFacts, documents_of
from archives.items.lists import Item, facts_in, items_of
from archives.items.titles import titles_of
from archives.people.files import FileFacts, current_volume
from desk.station.casework import case_of
from desk.station.completeness import Completeness, Track
from desk.station.files import look_at, place_of
from desk.station.opening import OpenStation
from generator.forms.catalogue import list_forms
from generator.forms.definition import FormDefinition
from generator.packets.catalogue import file_sections, packet_specs

NOTE: Final = "file_note"
NoPlace = Literal["draft", "undated", "unprinted"]
Lack = Literal["missing", "unsigned", "unlisted"]
_NO_PLACE: Final[Mapping[NoPlace, str]] = {
    "draft": "还是草稿",
    "undated": "没有日期",
    "unprinted": "尚未打印",
}
_LACK: Final[Mapping[Lack, str]] = {"missing": "", "unsigned": "未签字", "unlisted": "未列入目录"}
"""As the note says them, and as ``--reason`` names them."""
MOST_TITLE: Final = 60
"""Characters of a row of the note."""
_ARCHIVE: Final = "archive"


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says for the note: nobody else can know it."""

    situation: str
    checker: int
    """Staff number; another person than who files."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Title or form id of a missing thing → why it is missing."""
    photos: int = 0
    discs: int = 0
    filing_no: str | None = None
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paper that is not listed, and why."""

    title: str
    why: NoPlace

    @property
    def reason(self) -> str:
        """``还是草稿``"""
        return _NO_PLACE[self.why]

    @property
    def lack(self) -> Unexplained:
        """The same among what nobody explained."""
        return Unexplained(self.title, "unlisted")


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What a file lacks and nobody gave a reason for."""

    title: str
    lack: Lack

    @property
    def named(self) -> str:
        """``服务协议（未签字）``"""
        return f"{self.title}（{_LACK[self.lack]}）" if _LACK[self.lack] else self.title


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the contents."""

    values: Mapping[str, Any]
    pages: int


@dataclass(frozen=True, slots=True)
class Contents:
    """The volume as it is catalogued."""

    file: FileFacts
    case: Mapping[str, Any] = field(repr=False)
    """The CASE with the facts of the file (``case.file_…``)."""
    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...]
    unexplained: tuple[Unexplained, ...]
    """Missing things without a reason: the note cannot be written yet."""
    note: Item | None
    """The note that is already there."""

    @property
    def pages(self) -> int:
        """All pages of the volume."""
        return sum(row.pages for row in self.rows)


def gather(unit: Unit, station: OpenStation, file: FileFacts, told: Told | None) -> Contents:
    """Read the running volume.  The caller puts it on the log.  Raises InputRefused, NotFound."""
    volume = current_volume(unit, file.id).number
    items = [item for item in items_of(unit, file.id) if item.volume == volume]
    case = case_of(unit, file, station.layout)
    facts = facts_in(unit, file.id)
    papers = documents_of(unit, file=file.id)
    rows, left_out = _rows(items, facts, papers, case, titles_of(unit, file.id))
    state = look_at(unit, file, told.track if told else None)
    missing, unexplained = _missing(state, left_out, told.reasons if told else {})
    case["case"] |= _file_facts(file, case, rows, items)
    case["case"] |= {
        "file_missing": missing, "filer": names_of(unit)[unit.staff()], "filed_on": unit.today.isoformat(),
        "file_shelf": place_of(unit, file.id),
    }  # fmt: skip
    if told is not None:
        case["case"] |= _said(unit, told)
    notes = [item for item in items if item.form_id == NOTE and item.live]
    return Contents(
        file, case, tuple(rows), tuple(left_out), tuple(unexplained), notes[-1] if notes else None
    )


def _said(unit: Unit, told: Told) -> dict[str, Any]:
    if told.checker == unit.staff():
        raise InputRefused("立卷人和检查人必须是两个人。", hint="请由另一位同事检查。")
    said = {"checker": names_of(unit)[told.checker], "file_photos": told.photos, "file_discs": told.discs}
    return said if told.filing_no is None else {**said, "filing_no": told.filing_no}


def _rows(
    items: Sequence[Item],
    facts: Mapping[int, Mapping[str, str]],
    papers: Sequence[DocumentFacts],
    case: Mapping[str, Any],
    titles: Mapping[int, str],
) -> tuple[list[Row], list[LeftOut]]:
    """The lines of the contents in file order, numbered by page; and what has none, with the reason."""
    forms = {form.id: form for form in list_forms()}
    ordered = _in_order(items)
    left_out = [LeftOut(item.title, why) for item in ordered if (why := _why_left_out(item)) is not None]
    lines = [
        (_values(item, facts.get(item.id, {}), case, forms) | _proof(item, papers), item.paper.pages)
        for item in ordered
        if _why_left_out(item) is None
    ]
    lines += [
        (_attached(paper, ordered, case, titles.get(paper.id)), paper.pages)
        for paper in _attachments(papers, ordered)
    ]
    rows: list[Row] = []
    page = 1
    for values, pages in lines:
        rows.append(Row(_numbered(values, page, pages), pages))
        page += pages
    return rows, left_out


def _in_order(items: Iterable[Item]) -> list[Item]:
    rank = {form: place for place, form in enumerate(_order())}
    counted = [item for item in items if item.live and item.form_id not in _own_forms()]
    return sorted(
        counted, key=lambda item: (rank.get(item.form_id, len(rank)), str(item.document_date), item.id)
    )


def _order() -> list[str]:
    """Forms in the order of a file (spec E2): the packets in theirs."""
    return [
        entry.form_id for spec in packet_specs().values() if spec.name != _ARCHIVE for entry in spec.entries
    ]


def _own_forms() -> frozenset[str]:
    """Forms about the file itself, which do not count in it."""
    return frozenset(entry.form_id for entry in packet_specs()[_ARCHIVE].entries)


def _why_left_out(item: Item) -> NoPlace | None:
    if item.state == "draft":
        return "draft"
    if item.document_date is None:
        return "undated"
    return None if item.paper.pages else "unprinted"


def _values(
    item: Item, facts: Mapping[str, str], case: Mapping[str, Any], forms: Mapping[str, FormDefinition]
) -> dict[str, Any]:
    form = forms.get(item.form_id)
    signed = item.state in ("signed", "archived")
    asks = form is not None and form.signatures
    worker = facts.get("responsible_worker") or case["case"].get("responsible_worker")
    return {
        "doc_no": form.code if form is not None else None,
        "author": worker or case["station"].get("name", ""),
        "title": item.title,
        "date": item.document_date.isoformat() if item.document_date else None,
        "form_id": item.form_id,
        "sign_status": "不需签署" if not asks else "已签署" if signed else "未签署",
    }


def _numbered(values: Mapping[str, Any], page: int, pages: int) -> dict[str, Any]:
    numbered = {**values, "page": page, "page_to": page + pages - 1 if pages > 1 else None}
    return {name: value for name, value in numbered.items() if value not in (None, "")}


def _proof(item: Item, papers: Iterable[DocumentFacts]) -> dict[str, str]:
    """The hash of what is kept of the item: its scan, else its print."""
    own = [one for one in papers if one.record == item.id and one.state == "present"]
    kept = [one for one in own if one.kind == "scan"] or [
        one for one in own if one.kind == "issued" and one.copy == 1
    ]
    return {"sha256": kept[-1].sha256} if kept else {}


def _attachments(papers: Iterable[DocumentFacts], items: Iterable[Item]) -> list[DocumentFacts]:
    records = {item.id for item in items} | {None}
    return [
        one for one in papers if one.kind == "attachment" and one.state == "present" and one.record in records
    ]


def _attached(
    paper: DocumentFacts, items: Iterable[Item], case: Mapping[str, Any], own: str | None
) -> dict[str, Any]:
    title = next((item.title for item in items if item.id == paper.record), "")
    return {
        "author": case["station"].get("name", ""),
        "title": own or (f"{title}附件" if title else "附件"),
        "date": paper.at[:10],
        "sha256": paper.sha256,
        "sign_status": "不需签署",
    }


def _file_facts(
    file: FileFacts, case: Mapping[str, Any], rows: Sequence[Row], items: Sequence[Item]
) -> dict[str, Any]:
    days = sorted(row.values["date"] for row in rows)
    kept = "永久" if file.accepted_on else "3年"
    facts = {
        "file_title": f"{case['person'].get('name', '')}个案服务及康复档案"[:100],
        "file_retention": kept,
        "file_entries": [dict(row.values) for row in rows],
        "file_items": len(rows),
        "file_pages": sum(row.pages for row in rows),
        "number": case["case"].get("case_no") or case["case"].get("application_no"),
        "file_no": file.ref_code,
        **_sections(items),
    }
    return facts | ({"file_from": days[0], "file_until": days[-1]} if days else {})


def _sections(items: Iterable[Item]) -> dict[str, str]:
    there = {item.form_id for item in items if item.live and item.state != "draft"}
    return {
        name: "有" if name == "sec_cover" or not there.isdisjoint(forms) else "无"
        for name, forms in file_sections().items()
    }


def _missing(
    state: Completeness, left_out: Sequence[LeftOut], reasons: Mapping[str, str]
) -> tuple[list[dict[str, str]], list[Unexplained]]:
    """Rows of the note, and what nobody gave a reason for."""
    rows: list[dict[str, str]] = []
    unexplained: list[Unexplained] = []
    for line in state.missing:
        why = next((reasons[name] for name in (line.title, *line.forms) if name in reasons), None)
        if why is None:
            unexplained.append(Unexplained(line.title, "missing"))
        else:
            rows.append({"item": line.title, "reason": why})
    for item in state.unsigned:
        if item.form_id == NOTE:
            continue
        why = reasons.get(item.title) or reasons.get(_LACK["unsigned"])
        if why is None:
            unexplained.append(Unexplained(item.title, "unsigned"))
        else:
            rows.append({"item": unsigned_row(item.title), "reason": why})
    more, unlisted_ones = _unlisted(left_out, reasons)
    return [*rows, *more], [*unexplained, *unlisted_ones]


def _unlisted(
    left_out: Sequence[LeftOut], reasons: Mapping[str, str]
) -> tuple[list[dict[str, str]], list[Unexplained]]:
    """The same of what is not in the contents: what it lacks is known; why, only people know."""
    rows: list[dict[str, str]] = []
    unexplained: list[Unexplained] = []
    for one in left_out:
        names = (one.title, one.lack.named, _LACK["unlisted"])
        why = next((reasons[name] for name in names if name in reasons), None)
        if why is None or one.why == "draft":  # a draft is finished or made void, not explained
            unexplained.append(one.lack)
        else:
            rows.append({"item": one.title[:MOST_TITLE], "reason": f"{one.reason}：{why}"})
    return rows, unexplained


def unsigned_row(title: str) -> str:
    """How the note (备考表) names a paper that nobody signed."""
    return Unexplained(title, "unsigned").named[:MOST_TITLE]
