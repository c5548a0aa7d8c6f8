"""Thin paper: backs on which the front is seen, fronts on which another page is seen, scanned in any order.

Nothing is filed by a code of the other side, no front is lost for a back, and no page that may show more than
the one that is kept goes as its duplicate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from archives.errors import AlreadyThere, StateForbids
from archives.items.documents import content_of, document_facts, documents_of, void_document
from archives.scans.filing import scan_of_print
from archives.scans.pages import PageFacts
from archives.scans.quarantine import clear_scans
from desk.station.scanning.incoming import clear_batch
from desk.station.scanning.queue import accept, decide, show, waiting
from desk.station.scanning.receiving import receive
from desk.station.scanning.splitting import split
from generator.reading.binding import streams_of
from tests.reading.files import scanned_pdf
from tests.reading.pages import without
from tests.reading.score import upper_bound
from tests.scans.forged import like
from tests.scans.house import PLAIN, Paper, house, issue, jpegs, rows, signed
from tests.simulator import pen, scanner
from tests.simulator.stack import place
from tests.simulator.through import Flip, back_of, through
from tests.station.office import Office

OTHER_COPIER = scanner.Device(dpi=200, turn=2, skew=0.8, noise=5.0, black=60, white=230)
Told = tuple[str, str | None]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One station for all tests: each issues papers of its own."""
    with pytest.MonkeyPatch.context() as patch:
        made = house(tmp_path_factory.mktemp("station"), patch, None)  # type: ignore[arg-type]  # captures nothing
        yield made
        made.station.archive.close()


def copy_of(made: Office, form_id: str, file: int | None = None) -> list[Paper]:
    """The first copy of a form, issued anew, with every room signed."""
    pages = unsigned(made, form_id, file)
    return [signed(page, 7 + at) for at, page in enumerate(pages)]


def unsigned(made: Office, form_id: str, file: int | None = None) -> list[Paper]:
    pages = issue(made, form_id, file=file)
    return [page for page in pages if page.print_id == pages[0].print_id]


def back(paper: Paper, levels: float, flip: Flip = "long") -> Paper:
    return Paper(0, "", 0, 0, back_of(paper.picture, levels, flip=flip), ())


def scan(
    made: Office, stack: Sequence[Paper], device: scanner.Device = PLAIN, seed: int = 1
) -> tuple[list[PageFacts], list[bytes]]:
    """Receive a stack; its rows and its streams."""
    streams = jpegs(stack, device, seed)
    number = len(list(made.folder.glob("*.kept")))
    (made.folder / f"{number}.kept").touch()
    path = scanned_pdf(made.folder / f"through{number}.pdf", streams, dpi=device.dpi)
    told = receive(made.as_role("records"), path)
    assert told.ledger.adds_up
    return rows(made, told.batch.id), streams


def told(pages: Sequence[PageFacts]) -> list[Told]:
    return [(page.state, page.reason) for page in pages]


def home_of(made: Office, page: PageFacts) -> tuple[str | None, int | None, int]:
    """(print, position, file) of the document a page is filed in."""
    with made.station.archive.looking(made.station.records) as unit:
        scanned = document_facts(unit, page.filed_as or 0)
        printed = next(
            one
            for one in documents_of(unit, file=scanned.file)
            if one.kind == "issued" and scan_of_print(unit, one.id) == scanned.id
        )
        return printed.print_id, page.position, scanned.file


def filed_streams(made: Office, paper: Paper) -> list[bytes]:
    """What is filed of the print of a paper."""
    with made.station.archive.looking(made.station.records) as unit:
        scanned = document_facts(unit, scan_of_print(unit, paper.document) or 0)
    return [stream for _, stream in streams_of(content_of(made.station.archive, scanned))]


# --- ghosts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["backs first", "fronts first", "mixed"])
def test_in_whatever_order_the_fronts_are_filed_and_the_backs_are_not(desk: Office, order: str) -> None:
    mine, others = copy_of(desk, "record_e"), copy_of(desk, "consent_a", desk.other.file)
    fronts = [*mine, *others]
    how: list[tuple[float, Flip]] = [(16, "long"), (25, "long"), (40, "short"), (80, "long")]
    backs = [back(front, *seen) for front, seen in zip(fronts, how, strict=True)]
    stack = {"backs first": backs + fronts, "fronts first": fronts + backs}.get(
        order, [backs[2], fronts[0], backs[0], fronts[3], backs[3], fronts[2], backs[1], fronts[1]]
    )
    pages, streams = scan(desk, stack)
    for paper, page, stream in zip(stack, pages, streams, strict=True):
        if not paper.print_id:
            assert (page.state, page.reason) in [("blank", None), ("waiting", "seen_through")]
            continue
        assert page.state == "filed"
        file = desk.opened.file if paper in mine else desk.other.file
        assert home_of(desk, page) == (paper.print_id, paper.page, file)
        assert stream in filed_streams(desk, paper)


@pytest.mark.parametrize(("levels", "flip"), [(16, "long"), (60, "short")])
def test_a_front_with_anothers_ghost_is_filed_by_its_own_code(
    desk: Office, levels: float, flip: Flip
) -> None:
    mine, others = copy_of(desk, "record_e"), copy_of(desk, "consent_a", desk.other.file)
    ghosts = [
        like(paper, through(paper.picture, ghost.picture, levels, flip=flip))
        for paper, ghost in zip(mine, others, strict=True)
    ]
    pages, _ = scan(desk, [*ghosts, *others])
    assert told(pages) == [("filed", None)] * 4
    assert [home_of(desk, page)[2] for page in pages] == [desk.opened.file] * 2 + [desk.other.file] * 2


def test_folded_codes_with_anothers_ghost_are_nobodys_page(desk: Office) -> None:
    mine, others = copy_of(desk, "record_e"), copy_of(desk, "consent_a", desk.other.file)
    folded = [
        like(paper, through(without(paper.picture, "upper right", "lower left"), ghost.picture, levels))
        for paper, ghost, levels in zip(mine, others, (25, 80), strict=True)
    ]
    pages, _ = scan(desk, [*folded, *others])
    assert [page.state for page in pages] == ["waiting", "waiting", "filed", "filed"]
    assert {page.reason for page in pages[:2]} <= {"seen_through", "no_code"}
    assert "seen_through" in {page.reason for page in pages[:2]}
    words = {one.page.id: one.sentence for one in waiting(desk.as_role("records"))}
    assert any("反的页码" in words[page.id] for page in pages[:2])


@pytest.mark.parametrize("how", ["only its codes", "one code", "the sheet behind shines through"])
def test_a_page_with_a_code_and_without_its_print_is_asked_about(desk: Office, how: str) -> None:
    first, second = copy_of(desk, "record_e")
    sheet = np.full_like(first.picture, 255)
    if how == "the sheet behind shines through":
        sheet = np.asarray(255 - (255 - first.picture) * 0.15, np.uint8)
    else:
        bare = without(first.picture, *(("lower left",) if how == "one code" else ()))
        ours = without(bare, "upper right", "lower left") != bare
        sheet[ours] = bare[ours]
    pages, _ = scan(desk, [like(first, sheet), second])
    assert told(pages) == [("waiting", "no_print"), ("waiting", "incomplete")]
    with_print, streams = scan(desk, [first], seed=5)
    assert told(with_print) == [("waiting", "differs")], "nothing was dropped for it"
    filed = accept(desk.as_role("records"), with_print[0].id)
    assert filed.pages == 2
    assert filed_streams(desk, first)[0] == streams[0]


# --- the same page again ----------------------------------------------------------------------------------


def test_a_signed_page_after_its_unsigned_copy_is_asked_about(desk: Office) -> None:
    plain = unsigned(desk, "consent_a", desk.other.file)
    full = [signed(page) for page in plain]
    first, _ = scan(desk, plain)
    assert told(first) == [("filed", None)] * 2
    again, streams = scan(desk, full, OTHER_COPIER)
    assert told(again) == [("duplicate", "filed_before"), ("waiting", "differs")]
    records = desk.as_role("records")
    assert show(records, again[1].id).twin, "it can be seen beside the one that is filed"
    with pytest.raises(AlreadyThere):
        accept(records, again[1].id)
    split(records, first[0].filed_as or 0, "没有签字")
    accept(records, again[1].id)
    assert filed_streams(desk, full[1])[1] == streams[1]
    assert not [one for one in waiting(records, everything=True) if one.page.print_id == plain[0].print_id]


def test_an_unsigned_copy_after_the_signed_page_is_a_duplicate(desk: Office) -> None:
    plain = unsigned(desk, "consent_a")
    scan(desk, [signed(page) for page in plain])
    again, _ = scan(desk, plain, OTHER_COPIER)
    assert told(again) == [("duplicate", "filed_before")] * 2


def test_the_same_sheets_through_another_copier_are_duplicates(desk: Office) -> None:
    pages = copy_of(desk, "needs_survey")
    scan(desk, pages)
    again, _ = scan(desk, pages, OTHER_COPIER)
    assert told(again) == [("duplicate", "filed_before")] * len(pages)


def test_a_pencil_note_a_tick_and_a_seal_are_more(desk: Office) -> None:
    (first, *rest) = unsigned(desk, "needs_survey")
    random = np.random.default_rng(3)
    pencil, ticked, sealed = (first.picture.copy() for _ in range(3))
    pen.signature(pencil, pen.Box(60, 262, 40, 10), random, pen.Ink(205, 0.5))
    pen.tick(ticked, _empty_box(first), random, pen.Ink(40, 0.5))
    pen.seal(sealed, (120.0, 262.0), random, radius_mm=15.0)
    scan(desk, [first, *rest])
    for sheet in (pencil, ticked, sealed):
        again, _ = scan(desk, [like(first, sheet)], OTHER_COPIER)
        assert told(again) == [("waiting", "differs")]


def _empty_box(paper: Paper) -> pen.Box:
    """The box with the least print in it."""
    boxes = [place(entry) for entry in paper.entries if entry.kind == "tick"]

    def tone(box: pen.Box) -> float:
        top, left = round((box.y + 0.8) * pen.MM), round((box.x + 0.8) * pen.MM)
        side = round((box.w - 1.6) * pen.MM)
        return float(paper.picture[top : top + side, left : left + side].mean())

    return max(boxes, key=tone)


def test_a_page_that_was_covered_when_it_was_filed(desk: Office) -> None:
    first, second = copy_of(desk, "record_e")
    covered = first.picture.copy()
    covered[1200:2600, 300:2200] = 255
    scan(desk, [like(first, covered), second])
    again, _ = scan(desk, [first, second])
    assert told(again) == [("waiting", "differs"), ("duplicate", "filed_before")]


def test_a_page_left_out_when_its_print_was_filed_is_not_its_duplicate(desk: Office) -> None:
    first, second = copy_of(desk, "record_e")
    pages, _ = scan(desk, [first])
    accept(desk.as_role("records"), pages[0].id)
    late, _ = scan(desk, [second])
    assert told(late) == [("waiting", "filed_without")]


# --- the last copy ----------------------------------------------------------------------------------------


def test_the_duplicate_of_a_rejected_page_waits_again(desk: Office) -> None:
    first, second = copy_of(desk, "record_e")
    pages, _ = scan(desk, [first, first])
    assert told(pages) == [("waiting", "incomplete"), ("duplicate", "twice")]
    records = desk.as_role("records")
    decide(records, [pages[0].id], "rejected", "rescanned")
    left = rows(desk, pages[0].batch)
    assert told(left) == [("rejected", "rescanned"), ("waiting", "only_copy")]
    scan(desk, [second])
    assert accept(records, left[1].id).pages == 2


def test_a_batch_with_the_last_copy_of_a_page_is_not_destroyed(desk: Office) -> None:
    pages = copy_of(desk, "record_e")
    first, _ = scan(desk, pages)
    again, _ = scan(desk, pages, OTHER_COPIER)
    with desk.station.archive.acting("test.void", desk.station.records) as unit:
        void_document(unit, first[0].filed_as or 0, "归错了")
    records = desk.as_role("records")
    with pytest.raises(StateForbids, match="待处理"):
        clear_batch(records, again[0].batch)
    clear_scans(desk.station.archive, desk.station.records)
    assert told(rows(desk, again[0].batch)) == [("waiting", "only_copy")] * 2
    assert accept(records, again[0].id).pages == 2


# --- many -------------------------------------------------------------------------------------------------


def _ghostly(made: Office, random: np.random.Generator) -> list[tuple[str, Paper, int]]:
    """Two people's papers on thin sheets, with their backs, shuffled: (what it is, the page, whose)."""
    fronts = [
        (paper, file)
        for file in (made.opened.file, made.other.file)
        for paper in copy_of(made, str(random.choice(["record_e", "consent_a", "needs_survey"])), file)
    ]
    stack: list[tuple[str, Paper, int]] = []
    for paper, file in fronts:
        ghost, flip = fronts[int(random.integers(len(fronts)))][0], ("long", "short")[int(random.integers(2))]
        levels = float(random.choice([8, 16, 25, 40, 60, 80]))
        sheet = paper.picture
        if random.random() < 0.4 and ghost is not paper:
            sheet = through(sheet, ghost.picture, levels, flip=flip)  # type: ignore[arg-type]
        stack.append(("front", like(paper, sheet), file))
        stack.append(("back", back(paper, levels, flip), 0))  # type: ignore[arg-type]
        if random.random() < 0.2:
            bare = without(paper.picture, "upper right", "lower left")
            folded = through(bare, ghost.picture, levels, flip=flip)  # type: ignore[arg-type]
            stack.append(("folded", replace(paper, picture=folded), file))
    return [stack[at] for at in random.permutation(len(stack))]


@pytest.mark.slow
def test_hundreds_of_thin_sheets(desk: Office, capfd: pytest.CaptureFixture[str]) -> None:
    count: Counter[str] = Counter()
    wrong = []
    for seed in range(50):
        random = np.random.default_rng(seed)
        stack = _ghostly(desk, random)
        device = scanner.Device(
            dpi=int(random.choice([150, 200, 300])), turn=int(random.integers(4)),
            noise=float(random.uniform(1, 5)), skew=float(random.normal(0, 1)),
        )  # fmt: skip
        pages, _ = scan(desk, [paper for _, paper, _ in stack], device, seed)
        for (kind, paper, file), page in zip(stack, pages, strict=True):
            count[f"{kind}: {page.state} {page.reason or ''}".strip()] += 1
            if kind == "front":
                right = page.state == "filed" and home_of(desk, page) == (paper.print_id, paper.page, file)
            else:
                right = page.state in (("blank", "waiting") if kind == "back" else ("waiting",))
            if not right:
                wrong.append((seed, kind, page.number, page.state, page.reason))
    total = sum(count.values())
    with capfd.disabled():
        bound = upper_bound(total, len(wrong))
        print(f"\n{total} pages: {len(wrong)} wrong, at most {bound:.3%} (95 %); {dict(count)}")
    assert total >= 400
    assert wrong == []
