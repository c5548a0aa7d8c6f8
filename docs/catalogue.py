"""Compiles the Chinese words of the command line, ``kangdang.po`` → ``kangdang.mo``.

Owns the two formats as far as our one catalogue needs them, so that no gettext tools have to be installed;
``gettext`` itself reads the result.
"""

from __future__ import annotations

import ast
import struct
from pathlib import Path

CATALOGUE = Path(__file__).parents[1] / "desk" / "cli" / "locale" / "zh_CN" / "LC_MESSAGES" / "kangdang.po"
_MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """Message → translation; a plural message is both its forms with a NUL between."""
    messages: dict[str, str] = {}
    singular = plural = ""
    for line in text.splitlines():
        word, _, quoted = line.partition(" ")
        if word == "msgid":
            singular, plural = ast.literal_eval(quoted), ""
        elif word == "msgid_plural":
            plural = ast.literal_eval(quoted)
        elif word in ("msgstr", "msgstr[0]"):
            key = f"{singular}\0{plural}" if plural else singular
            if key in messages:
                raise ValueError(f"twice in the catalogue: {singular}")
            messages[key] = ast.literal_eval(quoted)
        elif line and not line.startswith("#"):
            raise ValueError(f"not understood in the catalogue: {line}")
    return messages


def write_mo(messages: dict[str, str]) -> bytes:
    """The binary catalogue: a header, two tables of (length, offset) sorted by message, then the texts."""
    pairs = sorted((key.encode(), text.encode()) for key, text in messages.items())
    count = len(pairs)
    at = 28 + 16 * count
    tables, texts = ([], []), b""
    for side in (0, 1):
        for pair in pairs:
            tables[side].extend((len(pair[side]), at + len(texts)))
            texts += pair[side] + b"\0"
    header = struct.pack("<7I", _MAGIC, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return header + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + texts


def compiled() -> tuple[Path, bytes]:
    """The compiled catalogue and where it belongs."""
    return CATALOGUE.with_suffix(".mo"), write_mo(read_po(CATALOGUE.read_text(encoding="utf-8")))
