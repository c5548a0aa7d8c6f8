"""The packet record (``<name>.print.json``): the print record of each paper of a packet, and where it lies.

It holds no answer and no name; each paper's record is the one it would have alone (docs/page-identity.md), so
what is archived as issued is the paper, never the packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from generator.identity.members import Members, load, unreadable
from generator.identity.print_id import PrintKind, kind_of
from generator.identity.sheet import (
    FontUse,
    PrintedSheet,
    canonical_json,
    fingerprint,
    sheet_document,
    sheet_of,
)
from generator.packets.build import Packet, PacketDocument
from generator.version import __version__

FORMAT_VERSION = 1


class PacketPlace(NamedTuple):
    """One paper in a packet record: its print record, its first page in the file, its 卷内 number."""

    sheet: PrintedSheet
    first_page: int
    volume_page: int | None


def write_packet_record(packet: Packet, fonts: Sequence[FontUse]) -> bytes:
    """The record of a packet; equal packets give equal bytes."""
    service = packet.service
    return (
        canonical_json(
            {
                "packet_format_version": FORMAT_VERSION,
                "packet": packet.survey.spec.name,
                "service_id": service.print_id,
                "service_pages": packet.service_pages,
                "pages": packet.pages,
                "issued_at": service.issued_at.isoformat(timespec="seconds"),
                "demo": service.demo,
                "software": _software(),
                "bound": [
                    {"pages": scan.pages, "first_page": scan.first_page, "volume_page": scan.volume_page}
                    for scan in packet.bound
                ],
                "documents": [_document(document, fonts) for document in packet.documents],
            }
        )
        + b"\n"
    )


def _document(document: PacketDocument, fonts: Sequence[FontUse]) -> dict[str, Any]:
    return {
        "first_page": document.first_page,
        "volume_page": document.volume_page or 0,
        "sheet": sheet_document(printed_sheet(document, fonts)),
    }


def printed_sheet(document: PacketDocument, fonts: Sequence[FontUse]) -> PrintedSheet:
    """The print record of one paper of a packet."""
    laid = document.laid
    who = laid.identity
    anonymous = kind_of(who.print_id) is PrintKind.BLANK
    return PrintedSheet(
        print_id=who.print_id,
        form_id=laid.sheet.form.id,
        form_version=laid.sheet.form.version,
        level=laid.sheet.level,
        fingerprint=None if anonymous else fingerprint(laid.sheet.answers, who.print_id, who.key),
        copy=who.copy,
        copies=who.copies,
        pages=len(laid.pages),
        fonts=tuple(fonts),
        template_sha256=laid.template_sha256,
        issued_at=who.issued_at,
        demo=who.demo,
        software=_software(),
        page_map=laid.page_map,
    )


def read_packet_record(raw: bytes) -> list[PacketPlace]:
    """The papers in a packet record.  Raises DataUnreadable naming what is wrong."""
    members = load(raw)
    version = members.number("packet_format_version", 1)
    if version != FORMAT_VERSION:
        raise unreadable(f"文书包格式版本 {version} 本软件不认识", hint="请升级康档后再读。")
    pages = members.number("pages", 1)
    places = [_read_document(item, pages) for item in members.objects("documents")]
    for name in ("packet", "service_id", "software"):
        members.text(name)
    members.number("service_pages", 1)
    members.time("issued_at")
    members.truth("demo")
    for scan in members.objects("bound"):
        for name in ("pages", "first_page", "volume_page"):
            scan.number(name, 1)
        scan.nothing_more()
    members.nothing_more()
    return places


def _read_document(item: Members, pages: int) -> PacketPlace:
    first = item.number("first_page", 1)
    volume = item.number("volume_page", 0) or None
    sheet = sheet_of(item.object("sheet"))
    item.nothing_more()
    if first + max(sheet.pages, 1) - 1 > pages:
        raise unreadable(f"{item.place}/first_page 与总页数不符")
    return PacketPlace(sheet, first, volume)


def _software() -> str:
    return f"kangdang {__version__}"
