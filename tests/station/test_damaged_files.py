"""Each file of a station's two folders is deleted, emptied, cut and changed in turn.

Never opened wrongly, never an internal error, never a new store in the place of one; and what is damaged is
named by the login, by ``doctor`` or by ``check``, or the station is whole all the same.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archives.items.documents import DocumentEntry, add_document, store
from archives.items.records import Content, add_record
from archives.keeping.state import Waiting, add_waiting
from archives.people.persons import PersonFacts, open_person
from tests.station.founding import PASSWORDS, House, id_number

INTERNAL = 70
FOLDERS = ("站点", "密钥")
STORES = ("keys.db", "kangdang.db", "seal.key", "page-code.key", "vault.json")
"""The list of what was destroyed is not among them: here the database knows all it named."""
FLIPS = 28
"""Places of a file where one bit is changed."""
LENGTHS = (1, 16, 100, 2048)
"""Bytes left of a file that is cut; its half and all but its last byte besides."""


@dataclass(frozen=True)
class Change:
    """What happens to one file; None: it is deleted."""

    name: str
    how: str
    content: bytes | None


def changes(model: Path) -> Iterator[Change]:
    """Every change of every file of the two folders of a station."""
    for folder in FOLDERS:
        for path in sorted((model / folder).rglob("*")):
            if path.is_file():
                yield from of_one(str(path.relative_to(model)), path.read_bytes())


def of_one(name: str, raw: bytes) -> Iterator[Change]:
    yield Change(name, "deleted", None)
    if not raw:
        return
    yield Change(name, "emptied", b"")
    for length in sorted({*LENGTHS, len(raw) // 2, len(raw) - 1}):
        if 0 < length < len(raw):
            yield Change(name, f"cut to {length}", raw[:length])
    for part in range(FLIPS):
        place = min(len(raw) - 1, (len(raw) * part) // FLIPS + part)
        bit = 1 << (part % 8)
        changed = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
        yield Change(name, f"bit {bit} at {place}", changed)


@pytest.fixture
def crashed(home: House, tmp_path: Path) -> Path:
    """A station as a kill leaves it: logged in, with content, its journals and all its files."""
    (home.layout.home / "print-facts.json").write_text('{"phone": "028-0000000"}\n', encoding="utf-8")
    (home.layout.home / "print-facts.json").chmod(0o600)
    add_waiting(home.layout.home, Waiting("gone", "b/1", "0" * 64, ""))
    home.login("fu")
    assert home.run("station", "settings", "accept").code == 0
    add_waiting(home.layout.home, Waiting("gone", "b/1", "0" * 64, ""))
    home.login("guan")
    kept = tmp_path / "kept"
    with home.station("she") as station:
        with station.acting("test.open") as unit:
            opened = open_person(unit, PersonFacts("样例甲", "男", "1990-01-01", None, id_number(90)))
            content = Content("record_e", 1, "个案服务记录表", b'{"content": "x"}', "final", None)
            add_record(unit, opened.file, content)
        stored = store(station.archive, b"sample " * 900)
        with station.acting("test.document") as unit:
            add_document(unit, opened.file, stored, DocumentEntry("attachment", "text/plain", 1))
        home.login("guan")  # check is an administrator's; the crash comes while others still work
        for name in FOLDERS:
            shutil.copytree(tmp_path / name, kept / name)
    return kept


class Tried:
    """A station put back, changed, and what its people are told of it."""

    def __init__(self, home: House, kept: Path) -> None:
        self.home, self.kept = home, kept
        self.secret = home.file("密码.txt", PASSWORDS["guan"])
        self.sessions = self.home.folder / "账户"
        shutil.copytree(self.sessions, kept / "账户")

    def put_back(self) -> None:
        for name in (*FOLDERS, "账户"):
            shutil.rmtree(self.home.folder / name)
            shutil.copytree(self.kept / name, self.home.folder / name)

    def told(self, change: Change | None) -> str:
        """Who told of it: ``login``, ``doctor``, ``check``, or ``nobody``."""
        self.put_back()
        if change is not None:
            path = self.home.folder / change.name
            path.unlink() if change.content is None else path.write_bytes(change.content)
        shown = self.run("doctor")
        named = [line for line in shown.splitlines() if line.startswith(("缺失", "说明"))]
        checked = self.run("check")
        login = self.home.run("login", "guan", "--password-file", self.secret)
        assert login.code != INTERNAL, (change and (change.name, change.how), login.err)
        assert not self.stores_made(change), (change and change.name, "is made anew")
        if login.code:
            return "login"
        if named != self.usual:
            return "doctor"
        return "check" if checked != self.sound else "nobody"

    def run(self, *words: str) -> str:
        ended = self.home.run(*words)
        assert ended.code != INTERNAL, (words, ended.lines)
        return ended.out + ended.err

    def stores_made(self, change: Change | None) -> bool:
        """Whether a store that was deleted is there again."""
        if change is None or change.content is not None or Path(change.name).name not in STORES:
            return False
        return (self.home.folder / change.name).exists()

    usual: list[str]
    sound: str

    def measure(self) -> None:
        """What the station that is whole shows."""
        self.usual, self.sound = [], ""
        self.put_back()
        shown = self.run("doctor")
        self.usual = [line for line in shown.splitlines() if line.startswith(("缺失", "说明"))]
        self.sound = self.run("check")
        assert "没有发现问题" in self.sound
        assert self.told(None) == "nobody"


UNAFFECTED = (".lock", "-shm")
"""Empty files writers take turns by; SQLite's index of the journal, which it makes from the journal."""


def unaffected(change: Change, kept: Path) -> bool:
    """Whether nothing of the station is in what was changed: an empty file, or the end of the last line."""
    if change.name.endswith(UNAFFECTED):
        return True
    return change.content is not None and change.content.strip() == (kept / change.name).read_bytes().strip()


def tried(home: House, crashed: Path, chosen: list[Change]) -> Counter[str]:
    place = Tried(home, crashed)
    place.measure()
    told: Counter[str] = Counter()
    missed = []
    for change in chosen:
        who = place.told(change)
        told[who] += 1
        if who == "nobody" and not unaffected(change, crashed):
            missed.append((change.name, change.how))
    assert not missed, "\n".join(" ".join(one) for one in missed)
    return told


def test_a_sample_of_all_changes(home: House, crashed: Path) -> None:
    every = list(changes(crashed))
    told = tried(home, crashed, every[:: max(1, len(every) // 20)])
    assert told["login"] + told["doctor"] >= 10, told


@pytest.mark.slow
def test_every_change_of_every_file(home: House, crashed: Path) -> None:
    every = list(changes(crashed))
    assert len(every) >= 600, len(every)
    told = tried(home, crashed, every)
    print(f"\n{len(every)} changes of {len({one.name for one in every})} files: {dict(told)}")
