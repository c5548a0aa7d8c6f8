"""Exports of a whole file: opened by others, readable, whole, only one person's, listed outside."""

from __future__ import annotations

import hashlib
import hmac
import html.parser
import json
import shutil
import struct
import subprocess
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import select

from archives.duties.copies import all_copies
from archives.errors import ArchiveError, InputRefused, PasswordRefused
from archives.items.records import void
from archives.log.purposes import Purpose
from archives.people.files import restrict
from archives.store.points import observe
from archives.store.tables_people import events
from desk.station.exporting import Order, export_file, open_export
from tests.station.office import ID_NUMBER, NAME, OTHER, PHONE, Office, office

PASSWORD = "江水-木桥-晴天-石榴-书包-风车"
SCAN = b"%PDF-1.7 signed by \xe6\xa0\xb7\xe4\xbe\x8b"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    made = office(tmp_path, monkeypatch, capfd)
    first = made.add_record("个案服务记录表（第1次）")
    made.add_document(first, SCAN)
    made.add_document(None, b"attachment", kind="attachment")
    made.add_record("另一人的记录", file=made.other.file)
    made.add_record("草稿", state="draft")
    mistake = made.add_record("误归的记录")
    with made.station.archive.acting("test.void", made.station.worker) as unit:
        void(unit, mistake, "误归")
    (made.folder / "密码.txt").write_text(PASSWORD, encoding="utf-8")
    return made


def exported(desk: Office, *more: str) -> Path:
    ended = desk.run(
        "records", "export", "make", desk.number, "-o", "案卷.zip", "--purpose", "本人查询",
        "--password-file", "密码.txt", *more,
    )  # fmt: skip
    assert ended.code == 0, ended.lines
    return desk.folder / "案卷.zip"


def members(path: Path) -> dict[str, bytes]:
    """The members as WinZip's own description of AE-2 says, without the library that wrote them."""
    told = {}
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            assert info.compress_type == 99
            assert info.CRC == 0  # AE-2 tells nothing of the plain bytes
            at = info.header_offset
            name_length, extra_length = struct.unpack("<HH", raw[at + 26 : at + 30])
            extra = raw[at + 30 + name_length : at + 30 + name_length + extra_length]
            assert struct.unpack("<HHH2sBH", extra[:11]) == (0x9901, 7, 2, b"AE", 3, 8)
            start = at + 30 + name_length + extra_length
            body = raw[start : start + info.compress_size]
            told[info.filename] = zlib.decompress(_decrypted(body), -15)
    return told


def _decrypted(body: bytes) -> bytes:
    salt, check, sealed, mac = body[:16], body[16:18], body[18:-10], body[-10:]
    keys = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, 1000, 66)
    assert keys[64:] == check
    assert hmac.new(keys[32:64], sealed, "sha1").digest()[:10] == mac
    cipher = Cipher(algorithms.AES256(keys[:32]), modes.ECB()).encryptor()
    blocks = range(1, len(sealed) // 16 + 2)
    stream = b"".join(cipher.update(block.to_bytes(16, "little")) for block in blocks)
    return bytes(a ^ b for a, b in zip(sealed, stream, strict=False))


def test_the_export_opens_by_the_published_format_alone_and_is_whole(desk: Office) -> None:
    found = members(exported(desk))
    assert set(found) == {
        "index.html", "catalogue.json", "person.json", "records/001.json", "documents/001-1.pdf",
        "documents/loose-1.pdf",
    }  # fmt: skip
    assert found["documents/001-1.pdf"] == SCAN
    assert json.loads(found["records/001.json"]) == {"content": "个案服务记录表（第1次）的内容"}
    assert json.loads(found["person.json"])["id_number"] == ID_NUMBER
    catalogue = json.loads(found["catalogue.json"])
    assert [item["ref_code"] for item in catalogue["items"]] == [f"{desk.number}-001"]
    (entry,) = catalogue["items"][0]["documents"]
    assert hashlib.sha256(found[entry["name"]]).hexdigest() == entry["sha256"]


def test_nobody_elses_data_and_no_mistakes_are_in_it(desk: Office) -> None:
    for content in members(exported(desk)).values():
        text = content.decode("utf-8", "replace")
        assert OTHER not in text
        assert "另一人的记录" not in text
        assert "误归" not in text
        assert "草稿" not in text


def test_without_the_password_the_file_tells_nothing(desk: Office) -> None:
    raw = exported(desk).read_bytes()
    for word in (NAME, ID_NUMBER, PHONE, "个案服务记录表", "的内容", desk.number):
        assert word.encode() not in raw
    with pytest.raises(InputRefused, match="密码不对"):
        open_export(desk.folder / "案卷.zip", "别的-密码-别的-密码-别的", desk.folder / "取出")
    assert not (desk.folder / "取出").exists()


def test_the_page_is_readable_and_safe(desk: Office) -> None:
    desk.add_record("<script>alert(1)</script>（第2次）")
    text = members(exported(desk))["index.html"].decode()
    parser = html.parser.HTMLParser()
    tags: list[str] = []
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(text)
    assert "script" not in tags
    assert "http" not in text.replace("http-equiv", "")
    for word in (NAME, desk.number, "基本信息", "目录", "签字扫描件", "联系电话"):
        assert word in text


@pytest.mark.skipif(shutil.which("7zz") is None, reason="7-Zip is not installed")
def test_seven_zip_opens_it(desk: Office) -> None:
    path = exported(desk)
    subprocess.run(
        ["7zz", "x", f"-p{PASSWORD}", "-oout", str(path)], check=True, capture_output=True, cwd=desk.folder
    )
    assert (desk.folder / "out" / "documents" / "001-1.pdf").read_bytes() == SCAN


def test_kangdang_opens_it_too(desk: Office) -> None:
    exported(desk)
    ended = desk.run("records", "export", "open", "案卷.zip", "-o", "取出", "--password-file", "密码.txt")
    assert ended.code == 0
    assert (desk.folder / "取出" / "documents" / "001-1.pdf").read_bytes() == SCAN


def test_a_changed_export_is_refused(desk: Office) -> None:
    path = exported(desk)
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        last = archive.infolist()[-1]
    for at in (60, last.header_offset + 120, len(raw) - 30):
        damaged = bytearray(raw)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(InputRefused):
            open_export(path, PASSWORD, desk.folder / "取出")
        assert not (desk.folder / "取出").exists()


def test_it_is_on_the_log_with_its_purpose_and_listed_as_a_copy_outside(desk: Office) -> None:
    path = exported(desk, "--days", "10")
    archive = desk.station.archive
    with archive.data.reading() as connection:
        told = connection.execute(
            select(events.c.action, events.c.purpose, events.c.subject)
            .where(events.c.chain == desk.opened.file, events.c.action.in_(["file.export", "copy.made"]))
            .order_by(events.c.id)
        ).all()
    assert [row.action for row in told] == ["file.export", "copy.made"]
    assert told[0].purpose == "person"
    with archive.looking(desk.station.records) as unit:
        (copy,) = all_copies(unit)
    assert copy.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert copy.gone_by == date(2026, 12, 2)
    listed = desk.run("records", "copy", "list")
    assert "案卷.zip" in listed.out
    assert desk.number in listed.out
    assert NAME not in listed.out
    desk.station.clock.pass_days(11)
    assert "已过期，请销毁" in desk.run("records", "copy", "list").out
    assert desk.run("records", "copy", "gone", str(copy.id)).code == 0
    assert desk.run("records", "copy", "list").out == "没有馆外副本。\n"
    assert desk.run("records", "copy", "gone", str(copy.id)).code == 67


def test_a_drawn_password_is_shown_once_and_opens_it(desk: Office) -> None:
    ended = desk.run(
        "director", "export", "make", desk.number, "-o", "案卷.zip", "--purpose", "司法", "--draw", "--json"
    )
    told = json.loads(ended.out)
    assert open_export(desk.folder / "案卷.zip", told["password"], desk.folder / "取出") == 6


def test_a_sealed_file_stays(desk: Office) -> None:
    with desk.station.archive.acting("test.restrict", desk.station.director) as unit:
        restrict(unit, desk.opened.file, "rights:1")
    ended = desk.run(
        "records", "export", "make", desk.number, "-o", "案卷.zip", "--purpose", "本人查询",
        "--password-file", "密码.txt",
    )  # fmt: skip
    assert ended.code == 63
    assert "已封存" in ended.err
    assert not (desk.folder / "案卷.zip").exists()


def test_weak_passwords_are_refused(desk: Office) -> None:
    for password in ("短", "1234567890123456789", "aaaaaaaaaaaaaaaaaaaa"):
        with pytest.raises(PasswordRefused):
            export_file(
                desk.as_role("records"), Order(desk.opened.file, Purpose.PERSON, password), Path("案卷.zip")
            )


def test_a_crash_leaves_no_copy_that_is_not_listed(desk: Office) -> None:
    order = Order(desk.opened.file, Purpose.PERSON, PASSWORD)
    points: list[str] = []
    observe(points.append)
    try:
        export_file(desk.as_role("records"), order, desk.folder / "数.zip")
    finally:
        observe(None)
    relevant = [name for name in points if name.startswith("export")]
    assert relevant.index("export.register:committed") < relevant.index("export:renamed")


def test_an_unreadable_document_leaves_no_file_behind(desk: Office) -> None:
    for path in (desk.station.layout.blobs).rglob("*"):
        if path.is_file():
            path.write_bytes(b"x" * 100)
    with pytest.raises(ArchiveError):
        export_file(
            desk.as_role("records"), Order(desk.opened.file, Purpose.PERSON, PASSWORD), Path("案卷.zip")
        )
    assert sorted(path.name for path in desk.folder.iterdir()) == ["密码.txt"]
