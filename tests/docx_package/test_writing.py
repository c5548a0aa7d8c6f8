"""The packages we write: the same bytes every time, opened by everything that opens a docx."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.docx.package import PackageWriter, read_package, write_package
from tests.docx_package.packages import DOCUMENT, TYPES, document, sound

names = st.from_regex(r"\Aword/[a-z]{1,8}\.(?:bin|png)\Z")
part_sets = st.dictionaries(names, st.binary(max_size=300), max_size=6).map(lambda more: {**sound(), **more})


def members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@given(part_sets, st.randoms(use_true_random=False))
def test_equal_parts_give_equal_bytes_in_any_order(parts: dict[str, bytes], shuffler: random.Random) -> None:
    items = list(parts.items())
    shuffler.shuffle(items)
    assert write_package(dict(items)) == write_package(parts)
    assert members(write_package(parts)) == parts


def test_what_is_written_is_read_back() -> None:
    assert dict(read_package(write_package(sound())).parts) == sound()


def test_content_types_come_first_and_no_clock_is_in_the_file() -> None:
    with zipfile.ZipFile(io.BytesIO(write_package(sound()))) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos[:2]] == [TYPES, "_rels/.rels"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_a_chinese_part_name_survives() -> None:
    parts = {**sound(), "word/media/图1.png": b"x"}
    assert members(write_package(parts)) == parts


@given(part_sets, st.data())
def test_the_writer_makes_the_package_with_the_changed_parts(
    parts: dict[str, bytes], data: st.DataObject
) -> None:
    writer = PackageWriter(parts, changing=data.draw(st.sets(st.sampled_from(sorted(parts)))))
    for _ in range(3):
        changed = data.draw(
            st.dictionaries(st.sampled_from(sorted(parts)), st.binary(max_size=300), max_size=3)
        )
        assert members(writer.assemble(changed)) == {**parts, **changed}


def test_the_writer_keeps_nothing_of_the_document_before() -> None:
    writer = PackageWriter(sound(), changing=[DOCUMENT])
    first = writer.assemble({DOCUMENT: document("<w:p/>")})
    writer.assemble({DOCUMENT: document()})
    assert writer.assemble({DOCUMENT: document("<w:p/>")}) == first
    assert members(writer.assemble({})) == sound()


def test_a_part_nothing_points_to_is_not_added() -> None:
    with pytest.raises(KeyError, match=r"word/new\.xml"):
        PackageWriter(sound()).assemble({"word/new.xml": b""})


@pytest.mark.parametrize("body", ["<w:p><w:r><w:t>样例甲</w:t></w:r></w:p>"])
def test_python_docx_opens_it(body: str) -> None:
    raw = PackageWriter(sound(), changing=[DOCUMENT]).assemble({DOCUMENT: document(body)})
    assert [paragraph.text for paragraph in docx.Document(io.BytesIO(raw)).paragraphs] == ["样例甲"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="soffice (LibreOffice) is not installed")
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>样例甲在此</w:t></w:r></w:p>"
    raw = PackageWriter(sound(), changing=[DOCUMENT]).assemble({DOCUMENT: document(body)})
    (tmp_path / "a.docx").write_bytes(raw)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "a.docx")], check=True, capture_output=True, timeout=300)
    assert (tmp_path / "a.txt").read_text("utf-8-sig").strip() == "样例甲在此"
