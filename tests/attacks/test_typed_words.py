"""Tricks typed at the command line: an answer or a sentence, never a crash, never another file.

``text_fields`` tries the archive itself; here the words take the way a person's keyboard takes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.cli._common import EXIT_INTERNAL
from tests.attacks.test_role_commands import by_the_office, things
from tests.attacks.text_fields import TRICKS
from tests.station.office import Office, office

TYPED = "{typed}"
# who types what; every place of the words a person can fill in
LINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("worker", ("person", "search", TYPED)),
    ("worker", ("person", "open", "--name", TYPED, "--another")),
    ("worker", ("person", "open", "--name", "样例丙", "--phone", TYPED, "--another")),
    ("worker", ("person", "open", "--name", "样例丙", "--application-no", TYPED, "--another")),
    ("worker", ("person", "show", TYPED)),
    ("worker", ("person", "amend", "{file}", "name", "样例甲", "--reason", TYPED)),
    ("worker", ("person", "amend", "{file}", TYPED, "样例", "--reason", "录错")),
    ("worker", ("file", "show", TYPED)),
    ("worker", ("file", "accept", "{application}", "--case-no", TYPED)),
    ("worker", ("file", "request", "{file}", "--purpose", "督导", "--note", TYPED)),
    ("worker", ("record", "add", TYPED, "记录.json", "--person", "{file}")),
    ("worker", ("record", "add", "record_e", TYPED, "--person", "{file}")),
    ("worker", ("record", "show", TYPED)),
    ("worker", ("record", "void", TYPED, "--reason", TYPED)),
    ("worker", ("document", "add", TYPED, "--record", "{record}")),
    ("worker", ("rights", "register", "{file}", "--kind", "更正补充", "--scope", TYPED)),
    ("records", ("file", "place", "{file}", "--cabinet", TYPED, "--shelf", "1", "--box", "1")),
    ("records", ("hold", "place", "{file}", "--reason", TYPED)),
    ("records", ("hold", "place", "{file}", "--reason", "审计", "--note", TYPED)),
    ("records", ("loan", "remind", TYPED)),
    ("records", ("disposal", "propose", TYPED)),
    ("records", ("disposal", "show", TYPED)),
    ("records", ("person", "merge", "{file}", "{application}", "--reason", TYPED, "--execute")),
    ("records", ("retention", "schedule", "propose", TYPED)),
    ("director", ("file", "assign", "{file}", TYPED)),
    ("director", ("retention", "schedule", "approve", TYPED)),
    ("admin", ("user", "close", TYPED)),
    ("admin", ("user", "role", "user2", "--give", TYPED)),
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    place = office(tmp_path, monkeypatch, capsys)
    by_the_office(monkeypatch)
    return place


def test_words_never_break_a_command(made: Office) -> None:
    words = things(made)
    lying = {path for path in made.folder.parent.rglob("*") if path.is_file() and "data" not in path.parts}
    wrong = []
    for role, line in LINES:
        for trick, typed in TRICKS.items():
            if "\0" in typed or len(typed) > 10_000:  # no system hands a program such an argument
                continue
            told = made.run(role, *(typed if word == TYPED else words.get(word, word) for word in line))
            said = (told.out + told.err).strip()
            # Words that are not sentences at all may come back; control characters must not reach a screen.
            raw = [char for char in said if (char < " " and char != "\n") or char in "\u202e\x7f"]
            if told.code == EXIT_INTERNAL or not said or raw:
                wrong.append(f"{' '.join(line[:3])} · {trick}: {told.code} {said[:160]!a}")
    assert not wrong, "\n".join(wrong)
    after = {path for path in made.folder.parent.rglob("*") if path.is_file() and "data" not in path.parts}
    assert {path.name for path in after - lying} <= {"keys.db-wal", "keys.db-shm"}
