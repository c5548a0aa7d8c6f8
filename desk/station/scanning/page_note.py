"""What is known of one scanned page, as JSON kept under the page's own key.

Enough to lay the page into a document without decoding it again, to ask about its answers once it is filed,
and to say what its rooms to sign hold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archives.scans.questions import Asked
from desk.station.scanning.comparing import Room

if TYPE_CHECKING:
    from generator.reading.container import SourcePage
    from generator.reading.registration import Matrix, Registration


@dataclass(frozen=True, slots=True)
class PageNote:
    """One page: its picture's size and place, what differs from the record, what its rooms hold."""

    width: int
    height: int
    dpi: tuple[float, float] | None
    rotation: int
    angle: float | None = None
    matrix: Matrix | None = None
    unread: str | None = None
    """Why boxes and rooms were not looked at."""
    differences: tuple[dict[str, Any], ...] = ()
    rooms: tuple[Room, ...] = field(default=())

    def to_json(self) -> bytes:
        """As it is kept."""
        return json.dumps(
            {
                "size": [self.width, self.height], "dpi": self.dpi, "rotation": self.rotation,
                "angle": self.angle, "matrix": self.matrix, "unread": self.unread,
                "differences": self.differences,
                "rooms": self.rooms,
            },
            ensure_ascii=False, separators=(",", ":"),
        ).encode()  # fmt: skip

    def asked(self, page: int) -> list[Asked]:
        """The questions this page leaves."""
        told = [
            Asked(
                "tick" if one["kind"] == "unsure" else one["kind"], page,
                json.dumps(one, ensure_ascii=False, sort_keys=True).encode(),
            )
            for one in self.differences
        ]  # fmt: skip
        if self.unread is not None:
            told.append(Asked("unread", page, json.dumps({"why": self.unread}, ensure_ascii=False).encode()))
        return told


def note_of_source(source: SourcePage, angle: float | None = None) -> PageNote:
    """A page nothing is known of but its picture."""
    return PageNote(source.width, source.height, source.dpi, source.rotation, angle)


def from_json(raw: bytes) -> PageNote:
    """What ``to_json`` kept."""
    kept = json.loads(raw)
    matrix = kept["matrix"]
    return PageNote(
        kept["size"][0],
        kept["size"][1],
        tuple(kept["dpi"]) if kept["dpi"] else None,
        kept["rotation"],
        kept["angle"],
        None if matrix is None else (tuple(matrix[0]), tuple(matrix[1])),
        kept["unread"],
        tuple(kept["differences"]),
        tuple((place, inked, sure) for place, inked, sure in kept["rooms"]),
    )


def registration_of(note: PageNote) -> Registration | None:
    """The map of the page, for cut-outs."""
    from generator.reading.registration import Registration

    return None if note.matrix is None else Registration(note.matrix, "both codes", 0.0)
