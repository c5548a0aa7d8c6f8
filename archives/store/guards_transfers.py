"""Guards of handing over: only what is filed, at home, free and not handed over yet goes onto such a list."""

from __future__ import annotations

from archives.store.guard import Guard


def _handover(condition: str) -> str:
    """The condition, for a row of a list that hands over."""
    handover = "(SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover'"
    return " AND ".join((handover, condition))


TRANSFER_GUARDS: tuple[Guard, ...] = (
    Guard(
        "handover_of_filed", "transfer_items", "INSERT",
        _handover(
            "EXISTS (SELECT 1 FROM files WHERE files.id = NEW.file_id AND files.kind = 'person'"
            " AND files.state <> 'filed')"
        ),
        "transfer_items: only a filed 案卷 is handed over",
    ),
    Guard(
        "handover_of_free", "transfer_items", "INSERT",
        _handover(
            "(EXISTS (SELECT 1 FROM holds WHERE holds.file_id = NEW.file_id AND holds.released_at IS NULL)"
            " OR EXISTS (SELECT 1 FROM loans WHERE loans.file_id = NEW.file_id"
            " AND loans.returned_on IS NULL))"
        ),
        "transfer_items: nothing held or lent is handed over",
    ),
    Guard(
        "handover_once", "transfer_items", "INSERT",
        _handover(
            "EXISTS (SELECT 1 FROM transfer_items AS earlier"
            " JOIN transfers AS lists ON lists.id = earlier.transfer_id WHERE lists.kind = 'handover'"
            " AND earlier.file_id = NEW.file_id AND earlier.volume = NEW.volume)"
        ),
        "transfer_items: handed over once",
    ),
)  # fmt: skip
