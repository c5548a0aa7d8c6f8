"""Forged, glued, mixed, double-fed: nothing of one person is ever in a document of another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from archives.errors import AlreadyThere, ArchiveError
from archives.items.documents import content_of, document_facts
from archives.scans.separators import Separator, register_separator
from archives.store.tables import documents
from desk.station.scanning.queue import accept, decide
from desk.station.scanning.receiving import receive
from generator.identity.code import DEMO_KEY, PageCode, encode
from generator.identity.print_id import PrintKind, new_print_id
from generator.reading.binding import streams_of
from tests.archives.making import seeded
from tests.reading.files import scanned_pdf
from tests.scans.forged import KEY, coded, codes_on, glued, rewritten, torn_off, two_at_once
from tests.scans.house import Paper, empty, issue, jpegs, signed
from tests.scans.sound import House, batches_and_pages, build, findings, ledgers_wrong

OTHER_KEY = bytes(range(32))


@dataclass
class Case:
    """A house with papers of two persons; what came in and whose it truly is."""

    house: House
    mine: list[Paper]
    others: list[Paper]
    owner: dict[str, int]
    """Hash of a picture → the file of the person it shows; foreign sheets are nobody's."""
    count: int = 0

    def receive(self, *stack: tuple[Paper, int]) -> list[tuple[str, str | None]]:
        """(state, reason) of each page of a stack of (paper, whose it truly is)."""
        self.count += 1
        pictures = jpegs([paper for paper, _ in stack], seed=1000 * self.count)
        for picture, (_, file) in zip(pictures, stack, strict=True):
            self.owner[hashlib.sha256(picture).hexdigest()] = file
        path = scanned_pdf(self.house.office.folder / f"s{self.count}.pdf", pictures, dpi=150)
        told = receive(self.house.as_role(), path)
        assert told.ledger.adds_up
        self.nothing_in_another_file()
        rows = next(rows for one, rows in batches_and_pages(self.house.whole.made) if one.id == told.batch.id)
        return [(row.state, row.reason if row.state != "filed" else None) for row in rows]

    def nothing_in_another_file(self) -> None:
        """Every picture of every document of a file shows that file's person, or nobody."""
        for file, hashes, content in self.documents():
            for picture in hashes:
                assert self.owner[picture] in (file, 0), f"a page of {self.owner[picture]} in {file}"
            for picture, owner in self.owner.items():
                assert owner in (file, 0) or picture not in hashes
            assert content
        assert ledgers_wrong(self.house.whole.made) == []

    def documents(self) -> Iterator[tuple[int, set[str], bytes]]:
        archive = self.house.archive
        with archive.looking(self.house.whole.made.records) as unit:
            query = select(documents.c.id).where(documents.c.kind != "issued")
            facts = [document_facts(unit, number) for number in unit.execute(query).scalars()]
        for one in facts:
            content = content_of(archive, one)
            yield one.file, {hashlib.sha256(part.data).hexdigest() for part in streams_of(content)}, content

    @property
    def a(self) -> int:
        return self.house.office.opened.file

    @property
    def b(self) -> int:
        return self.house.office.other.file


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    house = build(tmp_path)
    mine = [signed(one) for one in issue(house.office, "record_e")]
    others = [signed(one) for one in issue(house.office, "record_e", file=house.office.other.file)]
    yield Case(house, mine, others, {})
    assert findings(house.whole.made, house.whole.master) == []
    house.close()


def texts(paper: Paper) -> list[str]:
    return [text for text, _ in codes_on(paper.picture)]


def wrong_check(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def other_page(text: str, page: int) -> str:
    parts = text.split("*")
    return "*".join([*parts[:2], f"{page:02d}", *parts[3:]])


def other_print(text: str, print_id: str) -> str:
    parts = text.split("*")
    return "*".join([parts[0], print_id, *parts[2:]])


def test_a_code_with_a_wrong_check_opens_nothing(case: Case) -> None:
    first, second = case.mine
    forged = rewritten(case.others[0], *(wrong_check(text) for text in texts(first)))
    assert case.receive((forged, case.b), (second, case.a)) == [
        ("waiting", "refused"), ("waiting", "incomplete"),
    ]  # fmt: skip


def test_another_page_number_under_the_old_check(case: Case) -> None:
    first, second = case.mine
    assert texts(first) == [texts(first)[0]] * 2
    forged = rewritten(first, *(other_page(text, 2) for text in texts(first)))
    assert case.receive((forged, case.a), (second, case.a)) == [
        ("waiting", "refused"), ("waiting", "incomplete"),
    ]  # fmt: skip


def test_anothers_print_number_under_the_old_check(case: Case) -> None:
    forged = rewritten(
        case.others[0], *(other_print(text, case.mine[0].print_id) for text in texts(case.others[0]))
    )
    assert case.receive((forged, case.b)) == [("waiting", "refused")]


@pytest.mark.parametrize(
    ("key", "reason"), [(OTHER_KEY, "refused"), (DEMO_KEY, "sample")], ids=["station", "demo"]
)
def test_codes_made_with_another_key(case: Case, key: bytes, reason: str) -> None:
    text = encode(PageCode(case.mine[0].print_id, 1, 2), key)
    assert case.receive((rewritten(case.others[0], text, text), case.b)) == [("waiting", reason)]


def test_more_pages_than_were_printed_and_a_print_nobody_made(case: Case) -> None:
    """Codes only the station's own key can make, and still not as registered."""
    many = encode(PageCode(case.mine[0].print_id, 1, 3), KEY)
    unknown = encode(PageCode(new_print_id(seeded(77)), 1, 2), KEY)
    told = case.receive(
        (rewritten(case.others[0], many, many), case.b), (rewritten(case.others[1], unknown, unknown), case.b)
    )
    assert told == [("waiting", "page_count"), ("waiting", "not_issued")]


@pytest.mark.parametrize("which", [0, 1])
def test_one_code_of_a_person_glued_on_the_page_of_another(case: Case, which: int) -> None:
    forged = glued(case.mine[0], case.others[0], which)
    told = case.receive((forged, case.b), (case.mine[1], case.a), (case.others[1], case.b))
    assert told[0] == ("waiting", "double_feed")
    assert [state for state, _ in told] == ["waiting"] * 3


def test_one_forged_code_beside_a_genuine_one(case: Case) -> None:
    """Whatever is made of it, it cannot leave the person whose genuine code is on it."""
    text = texts(case.mine[0])[0]
    case.receive(
        (rewritten(case.others[0], wrong_check(text), None), case.b), (case.mine[1], case.a),
        (case.others[1], case.b),
    )  # fmt: skip


def test_two_sheets_at_once_can_only_be_rejected(case: Case) -> None:
    both = two_at_once(case.mine[0], case.others[0])
    assert case.receive((both, -1), (case.mine[1], case.a), (case.others[1], case.b))[0] == (
        "waiting", "double_feed",
    )  # fmt: skip
    ((_, rows),) = batches_and_pages(case.house.whole.made)
    records = case.house.as_role()
    with pytest.raises(ArchiveError):
        accept(records, rows[0].id)
    from desk.station.scanning.queue import assign_to_file, assign_to_print

    with pytest.raises(ArchiveError):
        assign_to_file(records, [rows[0].id], case.house.office.number)
    with pytest.raises(ArchiveError):
        assign_to_print(records, rows[0].id, case.mine[0].print_id, 1)
    decide(records, [rows[0].id], "rejected", "rescanned")
    assert case.receive((case.mine[0], case.a), (case.others[0], case.b)) == [("filed", None)] * 2


def separator(case: Case, file: int, pages: int) -> Paper:
    print_id = new_print_id(seeded(100 * file + pages), PrintKind.SERVICE)
    with case.house.archive.acting("test.separator", case.house.whole.made.worker) as unit:
        register_separator(unit, Separator(print_id, file, None, pages))
    return coded(empty(case.mine[0]), case.mine[0], print_id, 1, 1)


def test_a_page_of_another_person_behind_a_separator(case: Case) -> None:
    """A page with a code ends the run; what comes behind it is no attachment any more."""
    sheet = separator(case, case.a, 3)
    mine, theirs = torn_off(case.mine[0]), torn_off(case.others[1])
    told = case.receive(
        (sheet, 0), (mine, case.a), (case.others[0], case.b), (theirs, case.b), (case.others[1], case.b)
    )
    assert told == [
        ("service", None), ("waiting", "attachment_short"), ("filed", None), ("waiting", "no_code"),
        ("filed", None),
    ]  # fmt: skip


def test_two_separators_in_a_row_keep_their_pages_apart(case: Case) -> None:
    first, second = separator(case, case.a, 2), separator(case, case.b, 1)
    mine, theirs = torn_off(case.mine[0]), torn_off(case.others[0])
    told = case.receive(
        (first, 0), (mine, case.a), (second, 0), (theirs, case.b), (torn_off(case.mine[1]), 0)
    )
    assert told == [
        ("service", None), ("waiting", "attachment_short"), ("service", None), ("filed", None),
        ("waiting", "no_code"),
    ]  # fmt: skip


def test_runs_with_a_page_taken_out_between_are_not_put_together(case: Case) -> None:
    """A's run is one page short, and the first page of B's was rejected: B's second is not A's second."""
    from desk.station.scanning import homecoming

    first, second = separator(case, case.a, 2), separator(case, case.b, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(homecoming, "_attach", lambda *_: None)  # the crash came before anything was filed
        case.receive(
            (first, 0), (torn_off(case.mine[0]), case.a), (second, 0), (torn_off(case.others[0]), case.b),
            (torn_off(case.others[1]), case.b),
        )  # fmt: skip
    ((_, rows),) = batches_and_pages(case.house.whole.made)
    assert [row.reason for row in rows] == [None, "attachment", None, "attachment", "attachment"]
    decide(case.house.as_role(), [rows[3].id], "rejected", "not_wanted")
    case.nothing_in_another_file()
    ((_, rows),) = batches_and_pages(case.house.whole.made)
    assert [row.state for row in rows] == ["service", "waiting", "service", "rejected", "waiting"]


def shuffled(case: Case, seed: int) -> Sequence[tuple[Paper, int]]:
    """A stack of both persons' papers, some tampered with, in any order."""
    random = np.random.default_rng(seed)
    pages = [(paper, case.a) for paper in case.mine] + [(paper, case.b) for paper in case.others]
    stack: list[tuple[Paper, int]] = []
    for paper, file in pages:
        strange, whose = pages[int(random.integers(len(pages)))]
        text = texts(strange)[0]
        ways: list[tuple[Paper, int]] = [
            (paper, file), (paper, file), (torn_off(paper), file), (two_at_once(paper, strange), -1),
            (rewritten(paper, wrong_check(text), wrong_check(text)), file),
            (rewritten(paper, other_page(text, 2), other_page(text, 2)), file), (empty(paper), 0),
        ]  # fmt: skip
        if whose != file:
            ways.append((glued(strange, paper, int(random.integers(2))), file))
        chosen = ways[int(random.integers(len(ways)))]
        if chosen[1] == -1 and (strange is paper or whose == file):
            chosen = (paper, file)
        if "*02*02*" in text and chosen[0] is ways[5][0]:
            chosen = (paper, file)  # nothing would be altered, and it is a genuine code of somebody else
        stack.append(chosen)
    order = random.permutation(len(stack))
    return [stack[at] for at in order]


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_comes_in_and_is_accepted_nobody_sees_anothers_page(case: Case, seed: int) -> None:
    case.receive(*shuffled(case, seed))
    case.receive(*shuffled(case, seed + 1000))
    for _, rows in batches_and_pages(case.house.whole.made):
        for row in rows:
            try:
                accept(case.house.as_role(), row.id)
            except (ArchiveError, AlreadyThere):
                continue
    case.nothing_in_another_file()
