"""What comes back from an editor: parts renamed, moved, in another encoding, or gone."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Mapping

import pytest
from lxml import etree
from PIL import Image

from generator.docx.bookmarks import base_name
from generator.docx.canonical import identity_parts, station_template
from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.docx.package import IDENTITY_PART, read_package, write_package
from generator.errors import TemplateDamaged
from generator.forms.catalogue import load_form
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.typeset.layout import typeset
from tests.docx.editing import DOCUMENT, edited, findings, parts_of, replaced, told

FORM = "file_note"
DOCUMENT_RELS = "word/_rels/document.xml.rels"
CODE = b"\x89PNG\r\n\x1a\n the code of this copy"


def moved(old: str, new: str, parts: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The parts with one of them under another name, and all that names it."""
    folder, name = new.rsplit("/", 1)
    made = {}
    was, now = old.encode(), new.encode()
    for part, data in (parts or parts_of(FORM)).items():
        told_of = part.endswith((".rels", "[Content_Types].xml"))
        text = data.replace(b"/" + was, b"/" + now).replace(b'"' + was, b'"' + now) if told_of else data
        own = f"word/_rels/{old.removeprefix('word/')}.rels"
        made[{old: new, own: f"{folder}/_rels/{name}.rels"}.get(part, part)] = (
            text.replace(was.removeprefix(b"word/"), now.removeprefix(b"word/")) if told_of else data
        )
    return made


def filled(raw: bytes, *, slowly: bool = False) -> dict[str, bytes]:
    template = CompiledTemplate(raw)
    context = ContextBuilder(load_form(FORM)).build({}, SheetText("题"))
    fill = template._fill_slowly if slowly else template.fill
    return dict(read_package(fill(context, {IDENTITY_PART: CODE})).parts)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "JPEG")
    return out.getvalue()


def as_jpeg() -> bytes:
    parts = moved(IDENTITY_PART, "word/media/image1.jpeg")
    parts["word/media/image1.jpeg"] = jpeg()
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(
        b'<Default Extension="png" ContentType="image/png"/>',
        b'<Default Extension="jpeg" ContentType="image/jpeg"/>',
    )
    return write_package(parts)


@pytest.mark.parametrize("slowly", [False, True])
@pytest.mark.parametrize(
    "raw",
    [
        write_package(parts_of(FORM)),
        write_package(moved(IDENTITY_PART, "word/media/image1.png")),
        as_jpeg(),
        write_package(moved("word/header1.xml", "word/hdr.xml")),
        write_package(moved(DOCUMENT, "word/document2.xml")),
    ],
    ids=["as built", "renamed picture", "jpeg", "renamed header", "moved main part"],
)
def test_the_code_picture_is_found_by_its_name(raw: bytes, slowly: bool) -> None:
    assert findings(FORM, raw) == []
    parts = filled(raw, slowly=slowly)
    (name,) = identity_parts(parts)
    assert parts[name] == CODE
    assert typeset(write_package(parts), bundled_fonts()).pages


def test_a_picture_shared_with_another_place_changes_only_in_the_code() -> None:
    drawing = parts_of(FORM)["word/header1.xml"].decode()
    logo = drawing[drawing.index("<w:r><w:drawing>") : drawing.index("</w:drawing></w:r>") + 18]
    parts = moved(IDENTITY_PART, "word/media/image1.png")
    logo = logo.replace("kangdang-identity", "站徽").replace("rId1", "rId77") + "</w:r>"
    relation = (
        '<Relationship Id="rId77" Target="media/image1.png" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )
    parts[DOCUMENT] = (
        parts[DOCUMENT]
        .replace(b"<w:sectPr>", f"<w:p>{logo.removesuffix('</w:r>')}</w:r></w:p><w:sectPr>".encode())
        .replace(b"</w:r></w:r>", b"</w:r>")
    )
    parts[DOCUMENT_RELS] = parts[DOCUMENT_RELS].replace(b"</Relationships>", relation.encode())
    made = filled(write_package(parts))
    (name,) = identity_parts(made)
    assert made[name] == CODE
    assert made["word/media/image1.png"] == parts["word/media/image1.png"]


@pytest.mark.parametrize("slowly", [False, True])
def test_a_template_without_the_code_picture_is_a_finding_and_prints_no_docx(slowly: bool) -> None:
    raw = edited(FORM, lambda text: text.replace("kangdang-identity", "图片 1"), "word/header1.xml")
    assert "没有页面识别码的图片" in told(FORM, raw)
    with pytest.raises(TemplateDamaged, match="没有页面识别码的图片"):
        filled(raw, slowly=slowly)


@pytest.mark.parametrize("part", [DOCUMENT, "word/header1.xml", "word/styles.xml", "_rels/.rels"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_parts_in_other_encodings_are_read(part: str, encoding: str) -> None:
    text = parts_of(FORM)[part].decode()
    if encoding == "utf-16":
        text = text.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    raw = write_package({**parts_of(FORM), part: text.encode(encoding)})
    assert findings(FORM, raw) == []
    assert filled(raw).keys() == filled(write_package(parts_of(FORM))).keys()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_an_encoding_that_is_not_read_is_said(encoding: str) -> None:
    text = parts_of(FORM)[DOCUMENT].decode()
    raw = write_package({**parts_of(FORM), DOCUMENT: text.encode(encoding)})
    assert "文字编码" in told(FORM, raw)


@pytest.mark.parametrize("part", ["word/styles.xml", "word/header1.xml", IDENTITY_PART, "docProps/core.xml"])
def test_a_part_that_is_missing_is_said(part: str) -> None:
    parts = {name: data for name, data in parts_of(FORM).items() if name != part}
    types = parts["[Content_Types].xml"].decode().replace(f'PartName="/{part}"', 'PartName="/x.xml"')
    raw = write_package({**parts, "[Content_Types].xml": types.encode()})
    assert f"缺少部件 {part}" in told(FORM, raw)


def test_a_main_part_without_its_relation_is_said() -> None:
    assert "没有 Word 正文" in told(FORM, replaced(FORM, '/officeDocument"', '/other"', "_rels/.rels"))


def test_another_prefix_than_words_is_said() -> None:
    def change(text: str) -> str:
        return text.replace("<w:", "<q:").replace("</w:", "</q:").replace(" w:", " q:").replace(":w=", ":q=")

    assert "没有 w: 前缀" in told(FORM, edited(FORM, change))


def test_a_sound_template_stays_as_it_is() -> None:
    raw = (data_dir("templates") / f"{FORM}.docx").read_bytes()
    assert station_template(raw).raw is raw


# --- bookmarks ----------------------------------------------------------------------------------------------


def names(data: bytes) -> list[str]:
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return [e.get(f"{w}name") or "" for e in etree.fromstring(data).iter(f"{w}bookmarkStart")]


def test_no_bookmark_name_stands_twice_in_a_standard_template() -> None:
    for path in sorted(data_dir("templates").glob("*.docx")):
        counts = Counter(name.lower() for name in names(parts_of(path.stem)[DOCUMENT]))
        assert max(counts.values(), default=1) == 1, path.stem


@pytest.mark.parametrize("direction", ["转入", "转出"])
def test_of_two_places_the_printed_one_has_the_plain_name(direction: str) -> None:
    form = load_form("referral")
    template = CompiledTemplate((data_dir("templates") / "referral.docx").read_bytes())
    context = ContextBuilder(form).build({"direction": direction}, SheetText("题"))
    found = names(template.fill_parts(context)[DOCUMENT])
    assert {"f_other_name", "f_own_phone"} <= set(found)
    assert not [name for name in found if name.startswith(("f_other", "f_own")) and name != base_name(name)]


def test_a_template_that_lost_places_is_told_how_many() -> None:
    def without(text: str) -> str:
        root = etree.fromstring(text.encode())
        w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
        for mark in list(root.iter(f"{w}bookmarkStart")):
            if "__" in (mark.get(f"{w}name") or ""):
                mark.getparent().remove(mark)
        return etree.tostring(root, encoding="unicode")

    (finding,) = findings("referral", edited("referral", without))
    assert finding.severity == "warning"
    assert "少了 8 处书签" in finding.message


def test_a_warning_does_not_keep_the_blank_from_being_tried() -> None:
    def change(text: str) -> str:
        text = text.replace('w:name="f_place"', 'w:name="_gone"', 1)
        return text.replace("<w:sectPr>", '<w:p><w:r><w:sym w:char="F0FE"/></w:r></w:p><w:sectPr>', 1)

    found = findings("case_note", edited("case_note", change))
    assert [finding.severity for finding in found] == ["warning", "error"]


def test_word_draws_the_lines_of_signatures() -> None:
    with zipfile.ZipFile(data_dir("templates") / "consent_a.docx") as package:
        assert b"<w:compat><w:ulTrailSpace/><w:doNotExpandShiftReturn/>" in package.read("word/settings.xml")


def test_titles_and_sections_stand_in_the_navigation_pane() -> None:
    styles = parts_of("consent_a")["word/styles.xml"].decode()
    assert styles.count('<w:outlineLvl w:val="0"/>') == 1
    assert styles.count('<w:outlineLvl w:val="1"/>') == 2
