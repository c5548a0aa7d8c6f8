"""A file that holds a program is known for it, wherever in the file the program lies; a scan never is."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from generator.reading.programs import NAMES, programs_in, programs_in_file
from tests.station.casefiles import jpeg, pdf


def made(change: Callable[[PdfWriter], None]) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf(2)))
    change(writer)
    raw = io.BytesIO()
    writer.write(raw)
    return raw.getvalue()


def action(kind: str, **more: str) -> DictionaryObject:
    told = DictionaryObject({NameObject("/S"): NameObject(kind)})
    for key, value in more.items():
        told[NameObject(f"/{key}")] = TextStringObject(value)
    return told


SCRIPT = action("/JavaScript", JS="app.alert(1)")


def opening(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(SCRIPT)


def on_page(writer: PdfWriter) -> None:
    shown = DictionaryObject({NameObject("/O"): SCRIPT})
    writer.pages[1][NameObject("/AA")] = shown


def named(writer: PdfWriter) -> None:
    tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), SCRIPT])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})


def launching(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action("/Launch", F="calc.exe")


def attached(writer: PdfWriter) -> None:
    writer.add_attachment("a.exe", b"MZ")


def rich(writer: PdfWriter) -> None:
    note = DictionaryObject(
        {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/RichMedia")}
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def form(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/XFA"): TextStringObject("<xdp/>"), NameObject("/Fields"): ArrayObject()}
    )


def calling(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action("/URI", URI="http://example.invalid")


def chained(writer: PdfWriter) -> None:
    first = action("/GoTo")
    first[NameObject("/Next")] = ArrayObject([SCRIPT])
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(first)


HOW: dict[str, tuple[Callable[[PdfWriter], None], str]] = {
    "run at the opening": (opening, "javascript"), "run when a page is shown": (on_page, "javascript"),
    "in the tree of names": (named, "javascript"), "behind another action": (chained, "javascript"),
    "starts a program": (launching, "launch"), "holds a file": (attached, "embedded"),
    "rich media": (rich, "media"), "a dynamic form": (form, "xfa"), "calls a site": (calling, "action"),
}  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_a_program_is_found(how: str, tmp_path: Path) -> None:
    change, kind = HOW[how]
    content = made(change)
    assert kind in programs_in(content).kinds
    (tmp_path / "a.pdf").write_bytes(content)
    assert programs_in_file(tmp_path / "a.pdf") == programs_in(content)


@pytest.mark.parametrize("how", HOW)
def test_a_program_behind_an_owners_password_is_found(how: str) -> None:
    def locked(writer: PdfWriter) -> None:
        HOW[how][0](writer)
        writer.encrypt("", "owner", algorithm="AES-256")

    assert HOW[how][1] in programs_in(made(locked)).kinds


@pytest.mark.parametrize("how", HOW)
def test_a_program_put_in_by_a_later_edit_is_found(how: str) -> None:
    writer = PdfWriter(io.BytesIO(pdf(2)), incremental=True)
    HOW[how][0](writer)
    raw = io.BytesIO()
    writer.write(raw)
    assert raw.getvalue().count(b"%%EOF") >= 2, "an edit behind the end"
    assert HOW[how][1] in programs_in(raw.getvalue()).kinds


def packed(body: bytes) -> bytes:
    """A PDF whose catalogue lies in an object stream, as current programs write it."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>",
        body,
    ]
    index, held, at = [], b"", 0
    for number, one in enumerate(objects, start=1):
        index.append(f"{number} {at}")
        held += one + b" "
        at = len(held)
    first = " ".join(index).encode() + b" "
    squeezed = zlib.compress(first + held)
    out = b"%PDF-1.7\n"
    start = len(out)
    out += (
        b"5 0 obj\n<< /Type /ObjStm /N 4 /First %d /Length %d /Filter /FlateDecode >>\nstream\n"
        % (len(first), len(squeezed))
        + squeezed
        + b"\nendstream\nendobj\n"
    )
    where = len(out)
    rows = b"\x00\x00\x00\x00" + b"".join(b"\x02\x00\x05" + bytes([n]) for n in range(4))
    rows += b"\x01" + start.to_bytes(2) + b"\x00" + b"\x01" + where.to_bytes(2) + b"\x00"
    out += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length %d >>\nstream\n" % len(rows)
    return out + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % where


def test_a_program_in_an_object_stream_is_found() -> None:
    content = packed(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>")
    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    assert b"JavaScript" not in content
    assert programs_in(content).kinds == ("javascript",)
    assert programs_in(packed(b"<< /S /GoTo /D [3 0 R /Fit] >>")).kinds == ()


def test_a_name_in_other_letters_is_the_same_name() -> None:
    content = made(opening).replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")
    assert programs_in(content).kinds == ("javascript",)


def test_what_no_page_leads_to_and_no_table_knows_is_found_too() -> None:
    content = pdf(1) + b"\n99 0 obj\n<< /S /Launch /F (calc.exe) >>\nendobj\n"
    assert programs_in(content).kinds == ("launch",)
    bait = pdf(1) + b"\n% stream\n99 0 obj\n<< /S /Launch /F (calc.exe) >>\nendobj\n"
    assert programs_in(bait).kinds == ("launch",), "a stream that never ends hides nothing"


def test_a_zip_behind_a_pdf_and_macros_of_office_are_found() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as parts:
        parts.writestr("word/vbaProject.bin", b"x")
    assert programs_in(pdf(1) + raw.getvalue()).kinds == ("archive",)
    assert programs_in(raw.getvalue()).kinds == ("macro",)
    assert programs_in(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le")).kinds == (
        "macro",
    )


@pytest.mark.parametrize("content", [pdf(3), jpeg()], ids=["pdf", "jpeg"])
def test_a_scan_holds_none(content: bytes) -> None:
    assert programs_in(content) == programs_in(content)
    assert programs_in(content).kinds == ()
    assert programs_in(content).whole


def test_a_click_that_opens_a_site_and_a_first_view_are_no_programs() -> None:
    def clicked(writer: PdfWriter) -> None:
        link = DictionaryObject(
            {NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action("/URI", URI="http://x")}
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([link])
        writer.root_object[NameObject("/OpenAction")] = ArrayObject([NumberObject(0), NameObject("/Fit")])

    assert programs_in(made(clicked)).kinds == ()


def test_what_cannot_be_opened_is_said_to_be_unseen() -> None:
    def shut(writer: PdfWriter) -> None:
        writer.encrypt("secret", "owner", algorithm="AES-256")

    assert not programs_in(made(shut)).whole
    assert not programs_in(b"%PDF-1.7\nnothing").whole


def test_every_kind_has_a_name() -> None:
    assert {kind for _, kind in HOW.values()} <= set(NAMES)
