"""Printing a packet: the way from a CASE file to paper, with its record.

case file ─► read_case ─► build_packet (or docx working copies) ─► write ─► packet record
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from desk.documents import RandomBytes, font_uses, kit_for, make_ready
from desk.home import StationHome
from desk.output import make_folder, write_output, write_together
from generator.forms.finding import Finding
from generator.identity.print_id import PrintKind, new_print_id
from generator.packets.build import Packet, build_packet
from generator.packets.case import Case, read_case
from generator.packets.listing import ARCHIVE, with_file_facts
from generator.packets.papers import PacketOptions, page_counter
from generator.packets.record import write_packet_record
from generator.render import FormKit
from generator.typeset.fonts import bundled_fonts
from generator.whose import strangers

if TYPE_CHECKING:
    from generator.packets.scans import BoundScan
    from generator.packets.working import WorkingPacket
    from generator.typeset.fonts import FontSet

Scans = Sequence[tuple[str, bytes]]
"""Name and content of files to bind."""


@dataclass(frozen=True, slots=True)
class PacketJob:
    """What a packet is made with; identity and time are given, so it can be made again."""

    options: PacketOptions
    home: StationHome
    random: RandomBytes
    scans: Scans = ()
    originals: Scans = ()

    def new_id(self, kind: PrintKind) -> str:
        """A new print id."""
        return new_print_id(self.random, kind)

    @property
    def kits(self) -> Callable[[str], FormKit]:
        """Forms with the station's own templates."""
        return lambda form_id: kit_for(form_id, self.home)


def load_case(document: dict[str, Any]) -> tuple[Case, list[Finding]]:
    """A CASE and everything wrong with its shape; papers of another person are wrong, too."""
    case, findings = read_case(document)
    return case, [*findings, *strangers(case)]


def issue_packet(name: str, case: Case, job: PacketJob, fonts: FontSet, out: Path) -> Packet:
    """Print a packet to ``out`` (.pdf) with its record beside it."""
    make_ready(fonts)
    packet = build_packet(
        name,
        case,
        job.options,
        job.new_id,
        fonts,
        kits=job.kits,
        scans=_bound(job.scans),
        originals=_counted(job.originals),
    )
    content = _with_originals(packet.content, job.originals)
    record = write_packet_record(packet, font_uses(fonts))
    write_together({out.with_suffix(".print.json"): record, out: content})
    return packet


# What few packets need is imported when one does.
def _bound(scans: Scans) -> list[BoundScan]:
    if not scans:
        return []
    from generator.packets.scans import bind

    return [bind(*scan) for scan in scans]


def _counted(originals: Scans) -> list[tuple[str, int]]:
    if not originals:
        return []
    from generator.packets.original import page_count

    return [(title, page_count(title, content)) for title, content in originals]


def _with_originals(content: bytes, originals: Scans) -> bytes:
    if not originals:
        return content
    from generator.packets.original import append_originals

    return append_originals(content, originals)


def issue_working_copies(name: str, case: Case, job: PacketJob, out: Path) -> WorkingPacket:
    """Write a packet as docx working copies: into the folder ``out``, or as one .zip."""
    from generator.packets.working import working_copies, zipped

    if name == ARCHIVE:
        fonts = bundled_fonts()
        case = with_file_facts(case, job.options.at, page_counter(job.options, fonts, job.kits))
    packet = working_copies(name, case, job.options, job.new_id, kits=job.kits)
    if kind_of_output(out) == "zip":
        write_output(out, zipped(packet.files, job.options.at))
        return packet
    make_folder(out)
    for file in packet.files:
        write_output(out / file.name, file.content)
    return packet


def kind_of_output(out: Path) -> Literal["pdf", "zip", "folder"]:
    """What a packet is written as, by the name of the output."""
    suffix = out.suffix.lower()
    return "pdf" if suffix == ".pdf" else "zip" if suffix == ".zip" else "folder"
