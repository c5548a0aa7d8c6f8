"""Files a record and a document and says so on standard output: ``acknowledging FOLDER MASTER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from archives.home import open_archive
from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.ports import Actor
from archives.settings import layout_of, read_settings
from tests.archives.making import StandingClock


def say(word: str) -> None:
    os.write(1, word.encode() + b"\n")


if __name__ == "__main__":
    home = Path(sys.argv[1]) / "home"
    settings = read_settings(home)
    archive = open_archive(
        layout_of(home, settings), settings, bytes.fromhex(sys.argv[2]), StandingClock(), os.urandom
    )
    worker = Actor(1, 1, frozenset({"worker"}), "test")
    say("BEGIN-RECORD")
    with archive.acting("test.record", worker) as unit:
        add_record(unit, 1, Content("record_e", 1, "个案服务记录表", b"{}"))
    say("ACKNOWLEDGED-RECORD")
    archive.keys._ready.clear()
    say("BEGIN-DOCUMENT")
    stored = store(archive, b"content" * 100)
    with archive.acting("test.document", worker) as unit:
        add_document(unit, 1, stored, DocumentEntry("attachment", "text/plain", 1))
    say("ACKNOWLEDGED-DOCUMENT")
    archive.close()
