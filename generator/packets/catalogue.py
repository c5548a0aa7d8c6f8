"""Which papers belong to which packet: ``schemas/packets.json`` as objects, and what is wrong with it.

The file is data: the order of the papers, when each belongs to a case, why, and by which clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from generator.errors import FormDefinitionInvalid, PacketNotFound
from generator.forms import conditions
from generator.forms.catalogue import read_json
from generator.forms.finding import Finding
from generator.forms.suggest import did_you_mean
from generator.resources import data_dir

Track = Literal["sw", "inst", "both"]
TRACKS: tuple[Track, ...] = ("sw", "inst", "both")
FILE = "packets.json"

_ENTRY_KEYS = {
    "form": str, "code": str, "title": str, "tracks": list, "when": dict, "least": int, "most": int,
    "instead": list, "why": str, "clause": str, "copies": int, "from": str, "numbered": bool,
}  # fmt: skip
_ENTRY_NEEDS = ("form", "code", "title", "tracks")


class Entry(NamedTuple):
    """One kind of paper in a packet."""

    form_id: str
    code: str
    title: str
    tracks: tuple[str, ...]
    least: int = 0
    """How many a complete packet has, when ``when`` holds; 0: only those there are."""
    most: int | None = None
    when: Mapping[str, Any] | None = None
    instead: tuple[str, ...] = ()
    """Forms of which any one makes this paper unnecessary."""
    why: str = ""
    clause: str = ""
    copies: int | None = None
    """None: as many as the form says."""
    source: str | None = None
    """A sheet about many people, of which this paper is one person's extract."""
    numbered: bool = True
    """Whether its pages count in the volume; cover, contents and note of a file do not."""


class PacketSpec(NamedTuple):
    """One packet: its papers in their order."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@lru_cache(maxsize=1)
def _document() -> Mapping[str, Any]:
    return read_json(data_dir("schemas") / FILE)


@lru_cache(maxsize=1)
def packet_specs() -> Mapping[str, PacketSpec]:
    """The shipped packets by name, in their order.  Raises FormDefinitionInvalid."""
    document = _document()
    findings = list(shape(document))
    if findings:
        lines = "\n".join(map(str, findings))
        raise FormDefinitionInvalid(f"文书包定义有 {len(findings)} 处问题：\n{lines}\n")
    return {name: _spec(name, raw) for name, raw in document["packets"].items()}


def packet_spec(name: str) -> PacketSpec:
    """The packet of that name.  Raises PacketNotFound."""
    specs = packet_specs()
    if name not in specs:
        raise PacketNotFound(f"没有名为“{name}”的文书包。{did_you_mean(name, specs)}")
    return specs[name]


def site_forms() -> Mapping[str, str]:
    """Forms about many people or the station: id → why none of them goes into a person's packet."""
    found: Mapping[str, str] = _document()["site_forms"]
    return found


def file_sections() -> Mapping[str, tuple[str, ...]]:
    """The sections a person's file must have: name of the field in the contents → forms that fill it."""
    sections = _document()["sections"]
    return {name: tuple(section["forms"]) for name, section in sections.items()}


def shape(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the file as a file."""
    packets = document.get("packets")
    parts = (packets, document.get("site_forms"), document.get("sections"))
    if not all(isinstance(part, dict) for part in parts) or not isinstance(packets, dict):
        yield Finding(FILE, "", "应有 packets、sections 和 site_forms 三项。")
        return
    seen: dict[str, str] = {}
    for name, raw in packets.items():
        place = f"/packets/{name}"
        if not isinstance(raw, dict) or not isinstance(raw.get("title"), str):
            yield Finding(FILE, place, "缺少 title。")
            continue
        for index, entry in enumerate(raw.get("entries", ())):
            at = f"{place}/entries/{index}"
            yield from _entry_shape(entry, at)
            form_id = str(entry.get("form"))
            if form_id in seen:
                yield Finding(FILE, at, f"表单 {form_id} 已在 {seen[form_id]} 中：每种文书只属于一个包。")
            seen.setdefault(form_id, at)


def _entry_shape(entry: Mapping[str, Any], at: str) -> Iterator[Finding]:
    for name, value in entry.items():
        kind = _ENTRY_KEYS.get(name)
        if kind is None:
            yield Finding(FILE, f"{at}/{name}", f"不认识的项。{did_you_mean(name, _ENTRY_KEYS)}")
        elif not isinstance(value, kind):
            yield Finding(FILE, f"{at}/{name}", "类型不对。")
    for name in _ENTRY_NEEDS:
        if name not in entry:
            yield Finding(FILE, at, f"缺少 {name}。")
    if not set(entry.get("tracks", ())) <= {"sw", "inst"}:
        yield Finding(FILE, f"{at}/tracks", "只能是 sw、inst。")
    if entry.get("least") and not entry.get("why"):
        yield Finding(FILE, at, "必备的文书应有 why（为什么需要）。")
    if "when" in entry:
        try:
            conditions.parse(entry["when"])
        except conditions.ConditionInvalid as error:
            yield Finding(FILE, f"{at}/when", str(error))


def _spec(name: str, raw: Mapping[str, Any]) -> PacketSpec:
    return PacketSpec(name, raw["title"], tuple(_entry(entry) for entry in raw["entries"]))


def _entry(raw: Mapping[str, Any]) -> Entry:
    return Entry(
        form_id=raw["form"],
        code=raw["code"],
        title=raw["title"],
        tracks=tuple(raw["tracks"]),
        least=raw.get("least", 0),
        most=raw.get("most"),
        when=raw.get("when"),
        instead=tuple(raw.get("instead", ())),
        why=raw.get("why", ""),
        clause=raw.get("clause", ""),
        copies=raw.get("copies"),
        source=raw.get("from"),
        numbered=raw.get("numbered", True),
    )
