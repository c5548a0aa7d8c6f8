"""What a PDF of ours asks of a printer: neither shrink nor enlarge, and paper of the size of its pages.

A sheet that was printed smaller comes home all the same, but boxes and rooms are then too small for a hand.
"""

from __future__ import annotations

import re
from typing import Final

PREFERENCES: Final = b"/PrintScaling/None/PickTrayByPDFSize true"
"""Members of a catalog's viewer preferences (ISO 32000-1, 12.2)."""
_END = re.compile(rb"startxref\n(\d+)\n%%EOF\s*\Z")
_THERE: Final = b"/ViewerPreferences<<"


def printed_as_is(pdf: bytes) -> bytes:
    """A PDF of typst with the preferences in its catalog.

    The catalog is its last object, so that only the place of the table behind it moves.
    Raises ValueError for a file that is built otherwise.
    """
    end = _END.search(pdf)
    table = int(end[1]) if end else -1
    at = pdf.rfind(_THERE, 0, max(table, 0))
    if end is None or at < 0 or pdf.find(b" obj", at, table) >= 0 or pdf[table : table + 4] != b"xref":
        raise ValueError("the catalog is not the last object of the file")
    at += len(_THERE)
    tail = b"startxref\n%d\n%%%%EOF" % (table + len(PREFERENCES))
    return pdf[:at] + PREFERENCES + pdf[at : end.start()] + tail
