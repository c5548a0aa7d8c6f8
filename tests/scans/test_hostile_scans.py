"""Hostile files through the whole reception: a sentence or a reason, and nothing else is disturbed."""

from __future__ import annotations

import io
import os
import shutil
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from archives.errors import ArchiveError, InputRefused, ProgramInside
from archives.store.tables_people import events
from desk.station.opening import OpenStation
from desk.station.scanning.inbox import Inbox, Outcome
from desk.station.scanning.receiving import receive
from generator.errors import GeneratorError, ScanTooLarge, ScanUnusable
from tests.archives.making import Station
from tests.reading.files import (
    content_bomb,
    jpeg,
    many_pages,
    picture,
    picture_bomb,
    raw_pdf,
    scanned_pdf,
    stream,
    with_script,
)
from tests.scans.killed import INCOMING, facts_of, opened, prepare
from tests.scans.sound import batches_and_pages, desk_of, findings, ledgers_wrong, scans_of

PAGE_OF_ONE = [
    b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    b" /Resources << /XObject << /A 5 0 R >> >> >>",
]  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that has received a stack already: one batch is open, one document filed."""
    folder = tmp_path_factory.mktemp("papers") / "template"
    prepare(folder)
    made = opened(folder, 3)
    receive(desk_of(made, facts_of(folder)[0]), folder / INCOMING)
    made.archive.close()
    return folder


@dataclass
class Standing:
    """A station and everything a hostile file must leave alone."""

    made: Station
    records: OpenStation
    folder: Path
    before: object

    def receive(self, path: Path, *, with_programs: bool = False) -> list[tuple[str, str | None]]:
        """(state, reason) of each page of a file that is taken in."""
        told = receive(self.records, path, with_programs=with_programs)
        assert told.ledger.adds_up
        rows = next(rows for batch, rows in batches_and_pages(self.made) if batch.id == told.batch.id)
        self.sound()
        return [(row.state, row.reason) for row in rows]

    def refused(self, path: Path, kind: type[Exception]) -> ArchiveError | GeneratorError:
        """The sentence with which a file is not taken in; nothing at all was written."""
        size = path.lstat().st_size if path.is_file() else None
        blobs, keys = sorted(self.made.archive.blobs.names()), len(batches_and_pages(self.made))
        with pytest.raises(kind) as caught:
            receive(self.records, path)
        error: ArchiveError | GeneratorError = caught.value  # type: ignore[assignment]  # typed, as asked
        assert error.message.endswith("。")
        assert error.hint.endswith("。")
        assert path.name not in str(error)
        assert size is None or path.lstat().st_size == size
        assert (sorted(self.made.archive.blobs.names()), len(batches_and_pages(self.made))) == (blobs, keys)
        self.sound()
        return error

    def sound(self) -> None:
        """What was there before is there as it was."""
        assert findings(self.made, facts_of(self.folder)[0]) == []
        assert ledgers_wrong(self.made) == []
        assert state_of(self.made) == self.before


def state_of(made: Station) -> object:
    first = batches_and_pages(made)[0]
    return first, [one for one in scans_of(made) if one[2] == "scan"]


@pytest.fixture
def standing(template: Path, tmp_path: Path) -> Iterator[Standing]:
    folder = shutil.copytree(template, tmp_path / "a")
    (folder / "inbox").mkdir()
    made = opened(folder, 4)
    yield Standing(made, desk_of(made, facts_of(folder)[0]), folder, state_of(made))
    made.archive.close()


def put(standing: Standing, content: bytes, name: str = "scan.pdf") -> Path:
    path = standing.folder / "inbox" / name
    path.write_bytes(content)
    return path


def nested_forms(levels: int = 12, width: int = 10) -> bytes:
    """A page that draws a form that draws a form ten times …: a trillion strokes in three kilobytes."""
    objects = [*PAGE_OF_ONE, stream(b"", b"/A Do")]
    for level in range(levels):
        last = level == levels - 1
        inside = b"" if last else b"/Resources << /XObject << /A %d 0 R >> >>" % (6 + level)
        body = b"0 0 m 9 9 l S\n" if last else b"/A Do\n" * width
        objects.append(stream(b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + inside, body))
    return raw_pdf(objects)


def of_jpeg(data: bytes, width: int, height: int) -> bytes:
    """A PDF of one page with a JPEG whose size it states as it likes."""
    about = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray" % (width, height)
    return raw_pdf(
        [
            *PAGE_OF_ONE,
            stream(b"", b"q 595 0 0 842 0 0 cm /A Do Q"),
            stream(about + b" /BitsPerComponent 8 /Filter /DCTDecode", data),
        ]
    )


def sized(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose own header states another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[at + 4 :]


def encrypted(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def large_png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


REFUSED: tuple[tuple[str, Callable[[], bytes], type[Exception], str], ...] = (
    ("zero bytes", lambda: b"", ScanUnusable, "0 字节"),
    ("a program called scan", lambda: b"MZ\x90\x00 a program", ScanUnusable, "与扩展名无关"),
    ("a text", lambda: "样例".encode() * 50, ScanUnusable, "与扩展名无关"),
    ("a zip", lambda: b"PK\x03\x04" + bytes(500), ScanUnusable, "与扩展名无关"),
    ("a PDF in name", lambda: b"%PDF-1.7 and then nothing", ScanUnusable, "不能打开"),
    ("a PDF with a password", lambda: encrypted(many_pages(1)), ScanUnusable, "有密码"),
    ("10,001 pages", lambda: many_pages(10_001), ScanTooLarge, "10001 页，超过上限 10000 页"),
    ("a page description of 40 MB", lambda: content_bomb(40), ScanTooLarge, "解压后的内容过大"),
    ("forms in forms", nested_forms, ScanUnusable, "用时、内存超过上限"),
    ("400 million dots", large_png, ScanTooLarge, "像素"),
    ("a torn JPEG", lambda: b"\xff\xd8\xff\xe0 torn", ScanUnusable, "不能读取"),
    ("a torn TIFF", lambda: b"II*\x00\x08\x00\x00\x00", ScanUnusable, "不完整"),
    ("noise in a PDF", lambda: b"%PDF-1.4\n" + zlib.compress(bytes(9999)) * 40, ScanUnusable, "不能打开"),
)


@pytest.mark.usefixtures("real_reader")
@pytest.mark.parametrize(
    ("content", "kind", "words"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_refused_before_anything_is_written(
    standing: Standing, content: Callable[[], bytes], kind: type[Exception], words: str
) -> None:
    assert words in standing.refused(put(standing, content()), kind).message


SMALL = jpeg(picture())
WAITS: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("a picture of 3.6 billion dots", picture_bomb),
    ("a JPEG that says it is larger than its page does",
     lambda: of_jpeg(sized(SMALL, 32_000, 32_000), 620, 877)),
    ("a page that says it is larger than its JPEG", lambda: of_jpeg(SMALL, 60_000, 60_000)),
    ("a JPEG cut off", lambda: of_jpeg(SMALL[: len(SMALL) // 2], 620, 877)),
    ("a JPEG of a thousand passes", lambda: of_jpeg(passes(1000), 620, 877)),
)  # fmt: skip


def passes(count: int) -> bytes:
    data = jpeg(picture(), progressive=True)
    return data[:-2] + data[data.rfind(b"\xff\xda") : -2] * count + data[-2:]


@pytest.mark.usefixtures("real_reader")
@pytest.mark.parametrize("content", [one[1] for one in WAITS], ids=[one[0] for one in WAITS])
def test_a_page_that_cannot_be_looked_at_waits(standing: Standing, content: Callable[[], bytes]) -> None:
    assert standing.receive(put(standing, content())) == [("waiting", "unreadable")]


def test_the_same_size_told_wrongly_by_a_little(standing: Standing) -> None:
    assert standing.receive(put(standing, of_jpeg(SMALL, 310, 438))) == [("waiting", "no_code")]


def test_a_script_is_not_run(standing: Standing, tmp_path: Path) -> None:
    path = with_script(standing.folder / "inbox/scan.pdf", SMALL, tmp_path / "touched")
    assert "JavaScript" in standing.refused(path, ProgramInside).message
    assert standing.receive(path, with_programs=True) == [("waiting", "no_code")]
    assert not (tmp_path / "touched").exists()


def test_a_broken_page_of_five_leaves_the_others(standing: Standing) -> None:
    pictures = [jpeg(picture(seed=seed)) for seed in range(5)]
    path = scanned_pdf(standing.folder / "inbox/scan.pdf", pictures)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(pictures[2][20:-20], bytes(len(pictures[2]) - 40)))
    told = standing.receive(path)
    assert told == [("waiting", "unreadable" if number == 2 else "no_code") for number in range(5)]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_pdf_cut_off_is_refused_or_accounted_for(standing: Standing, part: float) -> None:
    pictures = [jpeg(picture(seed=seed)) for seed in range(5)]
    path = scanned_pdf(standing.folder / "inbox/scan.pdf", pictures)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * part)])
    try:
        told = standing.receive(path)
    except ScanUnusable:
        assert path.exists()
        standing.sound()
    else:
        assert told
        assert all(state == "waiting" for state, _ in told)


def test_a_tiff_cut_off_within_its_third_page(standing: Standing) -> None:
    pictures = [picture(seed=seed) for seed in range(5)]
    path = standing.folder / "inbox/fax.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.5)])
    standing.refused(path, ScanUnusable)


NAMES = (
    "--execute.pdf", "-rf", "$(touch x).pdf", "a;b|c&.pdf", "样\n例.pdf", "\u202efdp.exe.pdf", "\x1b[2J.pdf",
    "x" * 251 + ".pdf", " .pdf", "scan.txt", "样例甲的签字件", "..pdf", "%s%n.pdf",
)  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:20] for name in NAMES])
def test_the_name_of_a_file_does_nothing(standing: Standing, name: str) -> None:
    assert standing.receive(put(standing, SMALL, name)) == [("waiting", "no_code")]
    assert sorted(path.name for path in (standing.folder / "inbox").iterdir()) == []
    with standing.made.archive.data.reading() as connection:
        told = [str(tuple(row)) for row in connection.execute(select(events))]
    assert not any(len(name) > 2 and name in line for line in told)
    standing.refused(put(standing, b"nothing", name), ScanUnusable)


def test_a_way_round_through_folders_is_the_file_itself(standing: Standing) -> None:
    (standing.folder / "inbox/sub").mkdir()
    path = put(standing, SMALL)
    assert standing.receive(path.parent / "sub/../scan.pdf") == [("waiting", "no_code")]
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links are Unix")
def test_what_is_no_plain_file_is_not_touched(standing: Standing) -> None:
    desk = standing.folder / "inbox"
    target = put(standing, SMALL, "target.jpg")
    (desk / "link.pdf").symlink_to(target)
    (desk / "nowhere.pdf").symlink_to(desk / "gone")
    (desk / "round.pdf").symlink_to(desk / "round.pdf")
    (desk / "folder.pdf").mkdir()
    os.mkfifo(desk / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(desk)
        listening.bind("socket.pdf")
        for name in ("link", "nowhere", "round", "folder", "pipe", "socket"):
            assert "普通文件" in standing.refused(desk / f"{name}.pdf", InputRefused).message
    for path in (Path("/dev/zero"), Path("/dev/null"), desk / "gone.pdf"):
        standing.refused(path, InputRefused)
    with pytest.raises(InputRefused, match="读不出来"):
        receive(standing.records, desk / ("x" * 5000))
    assert target.read_bytes() == SMALL
    told: list[Outcome] = []
    target.unlink()
    inbox = Inbox(desk, iter(range(0, 10_000, 100)).__next__)
    for _ in range(4):
        assert inbox.still() == []
    assert inbox.take(standing.records, told.append) == 0
    assert told == []


def test_a_file_without_permission(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(standing, SMALL)
    plain_open = Path.open

    def refusing(self: Path, *arguments: object, **more: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return plain_open(self, *arguments, **more)  # type: ignore[call-overload]  # handed on

    monkeypatch.setattr(Path, "open", refusing)
    error = standing.refused(path, InputRefused)
    assert "读不出来" in error.message
