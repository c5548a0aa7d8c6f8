"""A station's template brought into the shape the rest of the program knows.

Editors name parts as they like, move the main part, write UTF-16, share one picture between places.  Here
the main part and its headers and footers are found by their relations, text becomes UTF-8, the code picture
is found by its name.  A part that is pointed to but is not there is said.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lxml import etree

from generator.docx.package import (
    CONTENT_TYPES,
    IDENTITY_NAME,
    IDENTITY_PART,
    Package,
    read_package,
    write_package,
)
from generator.docx.prepared import DOCUMENT, filled
from generator.errors import TemplateDamaged, TemplateUnsupported

_KINDS = re.compile(r".*/relationships/(officeDocument|header|footer)\Z")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PNG = b"\x89PNG\r\n\x1a\n"
_OWN_PICTURE = "word/media/kangdang-identity.png"
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


class StationTemplate(NamedTuple):
    """A template of a station: its bytes as they are filled, its parts, the parts of its code picture."""

    raw: bytes
    package: Package
    identity: tuple[str, ...]


def station_template(raw: bytes) -> StationTemplate:
    """Read a template that nobody has looked at yet.

    Raises TemplateDamaged, TemplateUnsafe and TemplateUnsupported.
    """
    given = read_package(raw).parts
    parts = {name: _as_utf8(name, data) for name, data in given.items()}
    _refuse_missing(parts)
    parts = _renamed(parts, _new_names(parts))
    for name in filter(filled, parts):
        _refuse_prefix(name, parts[name])
    parts = _with_own_picture(parts)
    made = raw if parts == given else write_package(parts)
    return StationTemplate(made, Package(MappingProxyType(parts)), identity_parts(parts))


def identity_parts(parts: Mapping[str, bytes]) -> tuple[str, ...]:
    """The pictures that show the page code: those named so in header or footer."""
    return tuple(dict.fromkeys(target for _, _, target in _identity_relations(parts)))


# --- relations ----------------------------------------------------------------------------------------------


class _Relation(NamedTuple):
    element: Any
    kind: str
    target: str


def _rels_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _owner(rels: str) -> str:
    folder, name = posixpath.split(rels)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def _relations(parts: Mapping[str, bytes], rels: str) -> tuple[Any, list[_Relation]]:
    """The relations written in ``rels``, with whole names of their targets."""
    if rels not in parts:
        return None, []
    root = etree.fromstring(parts[rels])
    folder = posixpath.dirname(_owner(rels))
    found = []
    for element in root.iter("{*}Relationship"):
        target = element.get("Target", "").partition("#")[0]
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        found.append(_Relation(element, element.get("Type", ""), posixpath.normpath(path) if target else ""))
    return root, found


def _refuse_missing(parts: Mapping[str, bytes]) -> None:
    """Every relation inside the package leads to a part."""
    for rels in (name for name in parts if name.endswith(".rels")):
        for relation in _relations(parts, rels)[1]:
            if relation.target and relation.target not in parts:
                raise TemplateDamaged(
                    f"文件里缺少部件 {relation.target}。",
                    hint="请在 Word 或 WPS 中打开核对有没有丢内容，另存为 .docx 后再安装。",
                )


# --- names and encodings ------------------------------------------------------------------------------------


def _as_utf8(name: str, data: bytes) -> bytes:
    if not name.lower().endswith((".xml", ".rels")):
        return data
    if not data.startswith(_MARKS) and not _DECLARED.match(data):
        return data
    return _xml(etree.fromstring(data))


def _refuse_prefix(name: str, data: bytes) -> None:
    root = etree.fromstring(data)
    if root.nsmap.get("w") != _W:
        raise TemplateUnsupported(
            f"部件 {name} 的写法与 Word 不同（没有 w: 前缀），不能填写。",
            hint="请在 Word 或 WPS 中打开并另存为 .docx，再安装。",
        )


def _new_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Old → new name of the main part and its headers and footers, where they are named otherwise."""
    main = [r.target for r in _relations(parts, "_rels/.rels")[1] if _kind(r) == "officeDocument"]
    if not main:
        raise TemplateDamaged("文件中没有 Word 正文。")
    names = {} if main[0] == DOCUMENT else {main[0]: DOCUMENT}
    taken = set(parts)
    for relation in _relations(parts, _rels_of(main[0]))[1]:
        kind = _kind(relation)
        if kind in ("header", "footer") and not filled(relation.target) and relation.target not in names:
            free = next(n for n in range(1, len(taken) + 2) if f"word/{kind}{n}.xml" not in taken)
            names[relation.target] = f"word/{kind}{free}.xml"
            taken.add(names[relation.target])
    if DOCUMENT in parts and DOCUMENT in names.values():
        names[DOCUMENT] = "word/document-unused.xml"
    return names


def _kind(relation: _Relation) -> str:
    match = _KINDS.match(relation.kind)
    return match[1] if match else ""


def _renamed(parts: dict[str, bytes], names: dict[str, str]) -> dict[str, bytes]:
    """The package with parts under new names; everything that points to them follows."""
    if not names:
        return parts
    made: dict[str, bytes] = {}
    for name, data in parts.items():
        if name == CONTENT_TYPES:
            made[name] = _types_renamed(data, names)
        elif name.endswith(".rels"):
            root, relations = _relations(parts, name)
            for relation in relations:
                if relation.target:
                    target = names.get(relation.target, relation.target)
                    relation.element.set("Target", f"/{target}")
            owner = _owner(name)
            made[_rels_of(names.get(owner, owner)) if owner else name] = _xml(root)
        else:
            made[names.get(name, name)] = data
    return made


def _types_renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    root = etree.fromstring(data)
    for element in root.iter(f"{_TYPES}Override"):
        part = element.get("PartName", "").lstrip("/")
        if part in names:
            element.set("PartName", f"/{names[part]}")
    return _xml(root)


def _xml(root: Any) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


# --- the code picture ---------------------------------------------------------------------------------------


def _identity_relations(parts: Mapping[str, bytes]) -> Iterator[tuple[str, Any, str]]:
    """(part, blip, target) of every picture that shows the page code."""
    for name in parts:
        if not filled(name) or name == DOCUMENT or IDENTITY_NAME.encode() not in parts[name]:
            continue
        targets = {r.element.get("Id"): r.target for r in _relations(parts, _rels_of(name))[1]}
        for properties in etree.fromstring(parts[name]).iter(f"{_DRAWING}docPr"):
            if properties.get("name") != IDENTITY_NAME:
                continue
            for blip in properties.getparent().iter(f"{_MAIN}blip"):
                target = targets.get(blip.get(f"{_R}embed"), "")
                if target in parts:
                    yield name, blip, target


def _with_own_picture(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The package with a part of its own, a PNG, for the code picture: it is replaced in each copy.

    Editors rename it, turn it into another format, or keep one part for two equal pictures.
    """
    ours = list(_identity_relations(parts))
    if not ours or all(target == IDENTITY_PART for _, _, target in ours):
        return parts
    made = dict(parts)
    for name in dict.fromkeys(name for name, _, _ in ours):
        root, relations = _relations(made, _rels_of(name))
        part = etree.fromstring(made[name])
        fresh = "rIdKangdangIdentity"
        etree.SubElement(
            root,
            root.tag.replace("Relationships", "Relationship"),
            Id=fresh,
            Type=next(r.kind for r in relations if r.target in {target for _, _, target in ours}),
            Target=f"/{_OWN_PICTURE}",
        )
        for properties in part.iter(f"{_DRAWING}docPr"):
            if properties.get("name") == IDENTITY_NAME:
                for blip in properties.getparent().iter(f"{_MAIN}blip"):
                    blip.set(f"{_R}embed", fresh)
        made[name], made[_rels_of(name)] = _xml(part), _xml(root)
    picture = parts[ours[0][2]]
    made[_OWN_PICTURE] = picture if picture.startswith(_PNG) else _placeholder()
    made[CONTENT_TYPES] = _with_png(made[CONTENT_TYPES])
    return made


def _placeholder() -> bytes:
    from generator.identity.symbol import placeholder_png

    return placeholder_png()


def _with_png(data: bytes) -> bytes:
    root = etree.fromstring(data)
    if any(e.get("Extension", "").lower() == "png" for e in root.iter(f"{_TYPES}Default")):
        return data
    root.insert(0, etree.Element(f"{_TYPES}Default", Extension="png", ContentType="image/png"))
    return _xml(root)
