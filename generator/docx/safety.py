"""What a docx must not carry when it comes from outside: programs, foreign objects, links out, XML traps.

Owns the list of refusals; every one names the part and how to get rid of it.  Limits of the zip itself are
``package``'s, the sandbox for tags is ``environment``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.errors import TemplateDamaged, TemplateUnsafe

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "urn:schemas-microsoft-com:office:office",
)
_XML_NAMES = (".xml", ".rels", ".vml", ".svg")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MACRO_HINT = "请在 Word 或 WPS 中另存为“Word 文档 (*.docx)”，不要存为启用宏的格式。"
_OBJECT_HINT = "请在 Word 或 WPS 中删除该对象（需要的文字直接录入），另存后再安装。"
_LINK_HINT = "请断开链接（图片改为嵌入、超链接改为普通文字），另存后再安装。"
_TEMPLATE_HINT = "请在“开发工具→文档模板”中改为 Normal，另存后再安装。"

# Matched against part names, content types and relationship types alike, in lower case.
_FORBIDDEN_KINDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("vbaproject", "vbadata", "macroenabled", "keymapcustomization", "customui", "ui/extensibility"),
     "含有宏", _MACRO_HINT),
    (("activex", "relationships/control"), "含有 ActiveX 控件", _OBJECT_HINT),
    (("oleobject", "embeddings/", "relationships/package"), "含有嵌入对象（OLE）", _OBJECT_HINT),
    (("afchunk",), "嵌入了另一份文档（altChunk）", _OBJECT_HINT),
    (("attachedtemplate",), "附加了另一个模板", _TEMPLATE_HINT),
    (("webextension", "subdocument", "mailmerge", "relationships/frame"), "引用了文件之外的内容", _LINK_HINT),
)  # fmt: skip

_FORBIDDEN_ELEMENTS = {
    "altChunk": ("嵌入了另一份文档（altChunk）", _OBJECT_HINT),
    "attachedTemplate": ("附加了另一个模板", _TEMPLATE_HINT),
    "control": ("含有 ActiveX 控件", _OBJECT_HINT),
    "OLEObject": ("含有嵌入对象（OLE）", _OBJECT_HINT),
    "object": ("含有嵌入对象（OLE）", _OBJECT_HINT),
    "subDoc": ("引用了另一份文档（子文档）", _LINK_HINT),
    "mailMerge": ("连接了邮件合并数据源", _LINK_HINT),
}
_ACTIVE_FIELD = re.compile(
    r"\b(DDEAUTO|DDE|LINK|EMBED|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|DATABASE|RD|MACROBUTTON"
    r"|HYPERLINK(?!\s*\\l))\b",
    re.IGNORECASE,
)
_DECLARED = re.compile(r"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)""")
_TRAP = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def refuse_unsafe(parts: Mapping[str, bytes]) -> None:
    """Check every part of a package.

    Raises TemplateUnsafe or TemplateDamaged naming the first part that must not or cannot be used.
    """
    types = _content_types(parts)
    for name, data in parts.items():
        _refuse_kind(name, name)
        _refuse_kind(name, types[name])
        if data.startswith(_OLE_MAGIC):
            raise TemplateUnsafe(f"部件 {name} 含有嵌入对象（OLE）。", hint=_OBJECT_HINT)
        if not name.lower().endswith(_XML_NAMES) and not types[name].endswith("xml"):
            continue
        root = _parse(name, data)
        if name.endswith(".rels"):
            _refuse_relations(name, root)
        _refuse_elements(name, root)
        _refuse_fields(name, root)
    if _MAIN_TYPE not in types.values():
        raise TemplateDamaged("文件里没有 Word 正文。")


def _content_types(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Content type of every part, by its own entry or by its extension."""
    if _CONTENT_TYPES not in parts:
        raise TemplateDamaged("文件里没有内容类型表（[Content_Types].xml），不是 Word 文档。")
    by_extension: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for element in _parse(_CONTENT_TYPES, parts[_CONTENT_TYPES]).iter("{*}Default", "{*}Override"):
        kind = element.get("ContentType", "").strip()
        by_extension[element.get("Extension", "").lower()] = kind
        by_name[element.get("PartName", "").lstrip("/").lower()] = kind
    return {
        name: by_name.get(name.lower()) or by_extension.get(name.rpartition(".")[2].lower(), "")
        for name in parts
    }


def _refuse_kind(part: str, kind: str) -> None:
    lowered = kind.lower()
    for words, what, cure in _FORBIDDEN_KINDS:
        if any(word in lowered for word in words):
            raise TemplateUnsafe(f"部件 {part} {what}。", hint=cure)


def _parse(name: str, data: bytes) -> Any:
    """Parse one part; entities and encodings that could hide them are refused before the parser sees them."""
    from lxml import etree

    if _TRAP.search(_text(name, data)):
        raise TemplateUnsafe(f"部件 {name} 含有 DOCTYPE 或实体定义，Word 不会这样写。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise TemplateDamaged(f"部件 {name} 不是完整的 XML（第 {error.lineno} 行）。") from error


def _text(name: str, data: bytes) -> str:
    """Decode a part as Word may write it (UTF-8 or UTF-16); any other encoding could hide a DOCTYPE."""
    encoding = "utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TemplateDamaged(f"部件 {name} 的文字编码不是 UTF-8。") from error
    if "\0" in text:  # UTF-16 without its mark
        raise TemplateDamaged(f"部件 {name} 的文字编码不是 UTF-8。")
    declared = _DECLARED.match(text)
    if declared and not encoding.startswith(declared[1].lower().replace("us-ascii", "utf-8")):
        raise TemplateUnsafe(f"部件 {name} 声明了 Word 不用的文字编码。")
    return text


def _refuse_relations(name: str, root: Any) -> None:
    for relation in root.iter("{*}Relationship"):
        _refuse_kind(name, relation.get("Type", ""))
        if relation.get("TargetMode", "").lower() == "external":
            raise TemplateUnsafe(f"部件 {name} 含有指向文件之外的链接。", hint=_LINK_HINT)


def _refuse_elements(name: str, root: Any) -> None:
    for element in root.iter(*(f"{{{space}}}{tag}" for space in _WORD for tag in _FORBIDDEN_ELEMENTS)):
        what, cure = _FORBIDDEN_ELEMENTS[element.tag.rpartition("}")[2]]
        raise TemplateUnsafe(f"部件 {name} {what}。", hint=cure)


def _refuse_fields(name: str, root: Any) -> None:
    for instruction in _instructions(root):
        active = _ACTIVE_FIELD.search(instruction)
        if active:
            raise TemplateUnsafe(
                f"部件 {name} 含有会读取外部内容的域（{active[1].upper()}）。", hint=_LINK_HINT
            )


def _instructions(root: Any) -> Iterator[str]:
    """Yield the instruction of every field, put together where Word split it over runs."""
    pieces: list[str] = []
    for element in root.iter("{*}instrText", "{*}delInstrText", "{*}fldChar", "{*}fldSimple"):
        tag = element.tag.rpartition("}")[2]
        if tag.endswith("nstrText"):
            pieces.append(element.text or "")
            continue
        yield "".join(pieces)
        pieces.clear()
        yield from (value for key, value in element.attrib.items() if key.endswith("}instr"))
    yield "".join(pieces)
