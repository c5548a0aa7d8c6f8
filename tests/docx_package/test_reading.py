"""What a hostile or broken docx meets: a sentence that names the part, and never a crash or a full memory."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import warnings
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.docx.package import MAX_ENTRIES, read_package
from generator.errors import GeneratorError, TemplateDamaged, TemplateUnsafe
from tests.docx_package.packages import (
    DOCUMENT,
    OFFICE,
    RELATIONS,
    TYPES,
    WORD,
    document,
    relation,
    relations,
    sound,
    types,
    zipped,
)

SOUND = zipped(sound())
EXTERNAL = ' TargetMode="External"'


def refused(raw: bytes, kind: type[GeneratorError] = TemplateUnsafe) -> str:
    with pytest.raises(kind) as caught:
        read_package(raw)
    assert caught.value.hint
    return caught.value.message


def with_part(name: str, data: bytes = b"x", **parts: bytes) -> bytes:
    return zipped({**sound(), **parts, name: data})


def test_a_sound_docx_is_read_whole_and_in_order() -> None:
    assert list(read_package(SOUND).parts.items()) == list(sound().items())


def test_a_document_of_python_docx_is_read() -> None:
    out = io.BytesIO()
    document_ = docx.Document()
    document_.add_paragraph("样例")
    document_.save(out)
    assert DOCUMENT in read_package(out.getvalue()).parts


def test_the_parts_cannot_be_changed_behind_ones_back() -> None:
    with pytest.raises(TypeError):
        read_package(SOUND).parts[DOCUMENT] = b""  # type: ignore[index]


def test_folders_written_by_some_programs_are_skipped() -> None:
    assert list(read_package(zipped([("word/", b""), *sound().items()])).parts) == list(sound())


@pytest.mark.parametrize("raw", [b"", b"PK", b"%PDF-1.7", b"\x00" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_no_docx(raw: bytes) -> None:
    assert refused(raw, TemplateDamaged) == "文件不是 .docx 文档。"


def test_an_old_doc_or_one_with_a_password_is_told_how_to_be_saved() -> None:
    with pytest.raises(TemplateDamaged, match=r"旧版 \.doc .*另存为 \.docx"):
        read_package(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize("length", range(4, len(SOUND), 97))
def test_a_file_cut_off_anywhere_is_damaged(length: int) -> None:
    refused(SOUND[:length], TemplateDamaged)


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_bytes_changed_give_a_sentence_or_the_same_document(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(SOUND)
    for at, value in changes:
        raw[at] = value
    with contextlib.suppress(GeneratorError):
        parts = read_package(bytes(raw)).parts
        assert all(data in sound().values() for data in parts.values())


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part("word/bomb.xml", bytes(19_000_000))
    assert len(bomb) < 30_000
    tracemalloc.start()
    message = refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message == "部件 word/bomb.xml 的压缩比超过 200，可能是压缩炸弹。"
    assert peak < 5_000_000


def test_a_bomb_that_lies_about_its_size_is_damaged() -> None:
    raw = bytearray(with_part("word/bomb.xml", bytes(19_000_000)))
    name = b"word/bomb.xml"
    for signature, size_at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.find(signature)
        while name not in raw[at : at + 80]:
            at = raw.find(signature, at + 1)
        raw[at + size_at : at + size_at + 4] = struct.pack("<L", 1000)
    tracemalloc.start()
    refused(bytes(raw), TemplateDamaged)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_part_and_a_whole_that_are_too_large_are_refused() -> None:
    noise = bytes(range(256)) * 400
    assert "太大（超过 20 MB）" in refused(with_part("word/a.xml", noise * 200))
    parts = {f"word/media/{n}.png": noise * 190 for n in range(4)}
    assert refused(zipped({**sound(), **parts})) == "文件解压后太大（超过 60 MB）。"


def test_too_many_parts_are_refused() -> None:
    many = {f"word/p{n}.png": b"" for n in range(MAX_ENTRIES)}
    assert refused(zipped({**sound(), **many})) == "文件内的部件太多（超过 500 个）。"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.xml",
        "word/../../evil.xml",
        "/etc/passwd",
        "word//a.xml",
        "./a.xml",
        "C:\\a.xml",
        "word\\a.xml",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    raw = with_part("N" * len(name)).replace(b"N" * len(name), name.encode())
    assert refused(raw) == "文件内有部件的名称指向文件之外或含有非法字符。"


@pytest.mark.parametrize("name", ["a\x00b.xml", "a\nb.xml", "a\u202eb.xml"])
def test_a_name_with_hidden_characters_is_refused(name: str) -> None:
    encoded = name.encode()
    raw = with_part("é" + "N" * (len(encoded) - 2)).replace("é".encode() + b"N" * (len(encoded) - 2), encoded)
    refused(raw)


@pytest.mark.parametrize("twin", [DOCUMENT, "Word/Document.XML"])
def test_two_parts_of_one_name_are_refused(twin: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        raw = zipped([*sound().items(), (twin, document())])
    assert refused(raw) == f"部件 {twin} 出现了两次。"


def test_an_encrypted_part_is_refused() -> None:
    raw = bytearray(SOUND)
    at = raw.find(b"PK\x01\x02")
    raw[at + 8] |= 1
    assert refused(bytes(raw)) == f"部件 {TYPES} 加了密码。"


def test_other_ways_of_packing_are_refused() -> None:
    assert "压缩方法" in refused(zipped(sound(), zipfile.ZIP_LZMA))


def test_zip64_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in sound().items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HHQ", 1, 8, len(data))
            archive.writestr(info, data)
    assert "ZIP64" in refused(out.getvalue())
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    end = SOUND.rfind(b"PK\x05\x06")
    assert "ZIP64" in refused(SOUND[:end] + locator + SOUND[end:])


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("word/vbaProject.bin", "含有宏"),
        ("word/vbaData.xml", "含有宏"),
        ("customUI/customUI14.xml", "含有宏"),
        ("word/embeddings/oleObject1.bin", "含有嵌入对象（OLE）"),
        ("word/embeddings/Sheet1.xlsx", "含有嵌入对象（OLE）"),
        ("word/activeX/activeX1.xml", "含有 ActiveX 控件"),
        ("word/afchunk.htm", "嵌入了另一份文档（altChunk）"),
    ],
)
def test_programs_and_foreign_objects_are_refused(name: str, what: str) -> None:
    assert refused(with_part(name)) == f"部件 {name} {what}。"


def test_a_macro_document_renamed_to_docx_is_refused() -> None:
    macro = types(main="application/vnd.ms-word.document.macroEnabled.main+xml")
    assert refused(zipped({**sound(), TYPES: macro})) == f"部件 {DOCUMENT} 含有宏。"


def test_a_macro_under_an_innocent_name_is_refused_by_its_type() -> None:
    kind = '<Override PartName="/word/media/a.png" ContentType="application/vnd.ms-office.vbaProject"/>'
    raw = zipped({**sound(), TYPES: types(kind), "word/media/a.png": b"x"})
    assert refused(raw) == "部件 word/media/a.png 含有宏。"


def test_an_ole_file_under_an_innocent_name_is_refused_by_its_first_bytes() -> None:
    raw = with_part("word/media/a.png", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    assert refused(raw) == "部件 word/media/a.png 含有嵌入对象（OLE）。"


@pytest.mark.parametrize(
    ("kind", "target", "what"),
    [
        ("image", "https://example.invalid/a.png", "含有指向文件之外的链接"),
        ("hyperlink", "https://example.invalid/", "含有指向文件之外的链接"),
        ("attachedTemplate", "file:///C:/evil.dotm", "附加了另一个模板"),
        ("oleObject", "file:///C:/a.xls", "含有嵌入对象（OLE）"),
        ("subDocument", "file:///C:/a.docx", "引用了文件之外的内容"),
        ("aFChunk", "http://example.invalid/a", "嵌入了另一份文档（altChunk）"),
    ],
)
def test_links_out_of_the_file_are_refused(kind: str, target: str, what: str) -> None:
    parts = {**sound(), RELATIONS: relations(relation(kind, target, EXTERNAL))}
    assert refused(zipped(parts)) == f"部件 {RELATIONS} {what}。"


def test_a_link_inside_the_file_is_allowed() -> None:
    picture = {**sound(), RELATIONS: relations(relation("image", "media/a.png")), "word/media/a.png": b"x"}
    assert "word/media/a.png" in read_package(zipped(picture)).parts


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('<w:altChunk r:id="rId9"/>', "嵌入了另一份文档（altChunk）"),
        ("<w:p><w:r><w:object/></w:r></w:p>", "含有嵌入对象（OLE）"),
        ('<w:p><w:r><w:control r:id="rId9"/></w:r></w:p>', "含有 ActiveX 控件"),
        ('<w:subDoc r:id="rId9"/>', "引用了另一份文档（子文档）"),
        ('<w:p><w:fldSimple w:instr=" INCLUDETEXT c:/a "/></w:p>', "含有会读取外部内容的域（INCLUDETEXT）"),
        (
            '<w:p><w:fldSimple w:instr="HYPERLINK &quot;http://a&quot;"/></w:p>',
            "含有会读取外部内容的域（HYPERLINK）",
        ),
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DDE</w:instrText></w:r>'
            "<w:r><w:instrText>AUTO c:/cmd</w:instrText></w:r><w:r><w:fldChar/></w:r></w:p>",
            "含有会读取外部内容的域（DDEAUTO）",
        ),
    ],
)
def test_elements_and_fields_that_fetch_are_refused(body: str, what: str) -> None:
    assert refused(zipped({**sound(), DOCUMENT: document(body)})) == f"部件 {DOCUMENT} {what}。"


@pytest.mark.parametrize("field", [" PAGE ", " NUMPAGES ", " TOC \\o ", ' HYPERLINK \\l "_Toc1"', " DATE "])
def test_fields_that_stay_inside_are_allowed(field: str) -> None:
    body = f"<w:p><w:r><w:fldChar/></w:r><w:r><w:instrText>{field}</w:instrText></w:r></w:p>"
    assert read_package(zipped({**sound(), DOCUMENT: document(body)}))


BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    f'<w:document xmlns:w="{WORD}"><w:body>&c;</w:body></w:document>'
)


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        ('<?xml version="1.0" encoding="UTF-8"?>\n' + BOMB).encode("utf-8-sig"),
        BOMB.encode("utf-16"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
@pytest.mark.parametrize(
    "name", [DOCUMENT, RELATIONS, "word/styles.xml", "customXml/item1.xml", "word/a.svg"]
)
def test_entities_are_refused_in_every_part_and_encoding(name: str, data: bytes) -> None:
    assert refused(with_part(name, data)) == f"部件 {name} 含有 DOCTYPE 或实体定义，Word 不会这样写。"


def test_an_encoding_that_could_hide_entities_is_refused() -> None:
    hidden = b'<?xml version="1.0" encoding="UTF-7"?>' + b"+ADwAIQ-DOCTYPE a+AD4-<a/>"
    assert (
        refused(with_part("word/styles.xml", hidden)) == "部件 word/styles.xml 声明了 Word 不用的文字编码。"
    )
    assert "编码不是 UTF-8" in refused(with_part("word/styles.xml", b"<a>\xff</a>"), TemplateDamaged)


def test_broken_xml_is_damaged_with_the_line() -> None:
    raw = zipped({**sound(), DOCUMENT: b"<a>\n<b>\n</a>"})
    assert refused(raw, TemplateDamaged) == f"部件 {DOCUMENT} 不是完整的 XML（第 3 行）。"


def test_a_tower_of_elements_is_damaged() -> None:
    refused(zipped({**sound(), DOCUMENT: b"<a>" * 5000 + b"</a>" * 5000}), TemplateDamaged)


def test_a_zip_without_a_word_document_is_no_docx() -> None:
    assert "[Content_Types].xml" in refused(zipped({"a.txt": b"a"}), TemplateDamaged)
    sheet = types(main="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml")
    assert refused(zipped({**sound(), TYPES: sheet}), TemplateDamaged) == "文件里没有 Word 正文。"


def test_every_refusal_says_what_to_do() -> None:
    with pytest.raises(TemplateUnsafe) as caught:
        read_package(zipped({**sound(), RELATIONS: relations(relation("hyperlink", "http://a", EXTERNAL))}))
    assert "断开链接" in caught.value.hint
    assert OFFICE not in str(caught.value)
