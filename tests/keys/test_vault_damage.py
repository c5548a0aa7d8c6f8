"""Torn, damaged, half-written and lost vault files."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from archives.errors import LoginRefused, StoreUnusable, VaultDamaged
from archives.keys import vault
from archives.keys.vault_file import previous
from archives.store import points
from tests.keys.crashing import Crash, crash_at, points_of
from tests.keys.making import OTHER, SECRET, TODAY, WU, ZHOU, Kept, make_vault

Act = Callable[[Kept], object]
ADDITION: dict[str, Act] = {"add_user": lambda kept: kept.add("zheng", OTHER)}
REVOCATIONS: dict[str, Act] = {
    "change_password": lambda kept: kept.change("zhou", ZHOU, OTHER),
    "remove_user": lambda kept: vault.remove_user(kept.path, kept.master, "zhou"),
    "renew_recovery": lambda kept: vault.renew_recovery(
        kept.path, kept.master, bytes(20), TODAY, kept.random
    ),
}
ACTS = ADDITION | REVOCATIONS


def refused(opened: vault.Vault, login: str, password: str) -> bool:
    try:
        vault.unlock(opened, login, password)
    except LoginRefused:
        return True
    return False


def state(opened: vault.Vault) -> tuple[bool, ...]:
    """What opens: zhou's old password, zhou's other one, zheng, the first sheet."""
    try:
        sheet = bool(vault.unlock_with_recovery(opened, SECRET))
    except LoginRefused:
        sheet = False
    return (
        not refused(opened, "zhou", ZHOU),
        not refused(opened, "zhou", OTHER),
        not refused(opened, "zheng", OTHER),
        sheet,
    )


def somebody_gets_in(opened: vault.Vault) -> bool:
    return any(state(opened)) or not refused(opened, "wu", WU)


@pytest.mark.parametrize("name", ACTS)
def test_a_crash_at_any_point_leaves_the_old_or_the_new_generation(name: str, tmp_path: Path) -> None:
    act = ACTS[name]
    rehearsal = make_vault(tmp_path / "rehearsal")
    old = state(rehearsal.load())
    steps = points_of(lambda: act(rehearsal))
    new = state(rehearsal.load())
    assert old != new
    seen = set()
    for number, point in enumerate(steps):
        kept = make_vault(tmp_path / str(number))
        with pytest.raises(Crash, match=point), crash_at(number):
            act(kept)
        opened = kept.load()
        assert not opened.fallback, point
        assert vault.unlock(opened, "wu", WU) == kept.master, point
        assert state(opened) in (old, new), point
        assert somebody_gets_in(vault.load(previous(kept.path))), point
        seen.add(state(opened))
        act(kept) if state(opened) == old else None  # the next run goes through
        assert state(kept.load()) == new, point
    assert seen == {old, new}


@pytest.mark.parametrize("name", REVOCATIONS)
def test_a_revocation_counts_only_when_neither_generation_has_the_old_wrap(name: str, tmp_path: Path) -> None:
    act = REVOCATIONS[name]
    rehearsal = make_vault(tmp_path / "rehearsal")
    old = state(rehearsal.load())
    steps = points_of(lambda: act(rehearsal))
    for number, point in enumerate(steps):
        kept = make_vault(tmp_path / str(number))
        with pytest.raises(Crash), crash_at(number):
            act(kept)
        if state(kept.load()) != old:
            assert state(vault.load(previous(kept.path))) != old, point


def test_every_step_of_a_write_has_its_point(kept: Kept) -> None:
    steps = ("created", "written", "synced", "renamed", "read_back")
    assert points_of(lambda: kept.add("zheng", OTHER)) == [
        *(f"vault.previous:{step}" for step in steps),
        *(f"vault:{step}" for step in steps),
    ]


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_answer(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        steps.append("fsync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "fsync file")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    points.observe(steps.append)
    try:
        kept.add("zheng", OTHER)
    finally:
        points.observe(None)
    folder = [] if sys.platform == "win32" else ["fsync folder"]
    for what in ("vault.previous", "vault"):
        start = steps.index(f"{what}:created")
        assert steps[start : start + 7] == [
            f"{what}:created", f"{what}:written", "fsync file", f"{what}:synced", f"{what}:renamed", *folder,
            f"{what}:read_back",
        ][:7]  # fmt: skip


def test_an_addition_keeps_the_generation_before(kept: Kept) -> None:
    before = kept.path.read_bytes()
    kept.add("zheng", OTHER)
    assert previous(kept.path).read_bytes() == before


@pytest.mark.parametrize("name", ACTS)
def test_damage_to_the_file_falls_back_to_the_generation_before_and_heals(name: str, kept: Kept) -> None:
    kept.path.write_bytes(kept.path.read_bytes()[:200])
    opened = kept.load()
    assert opened.fallback
    assert opened.generation == 2
    assert vault.unlock(opened, "zhou", ZHOU) == kept.master
    kept.add("wu", WU)  # only the newest addition is lost
    ACTS[name](kept)
    assert not kept.load().fallback
    assert vault.unlock(vault.load(previous(kept.path)), "wu", WU) == kept.master


def test_every_changed_or_missing_byte_falls_back_or_is_told(kept: Kept) -> None:
    raw = kept.path.read_bytes()
    told_later = []
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 2
        kept.path.write_bytes(bytes(changed))
        opened, told = loaded(kept.path)
        if opened is None:
            told_later.append(told)
        else:
            assert opened.fallback, place
    assert told_later == ["密钥文件由更高版本的康档写成（格式 3）。"]  # the version itself
    for length in range(0, len(raw) - 1, 7):
        kept.path.write_bytes(raw[:length])
        assert kept.load().fallback, length


def loaded(path: Path) -> tuple[vault.Vault | None, str]:
    try:
        return vault.load(path), ""
    except VaultDamaged as told:
        return None, told.message


def test_damage_to_both_generations_is_told(kept: Kept) -> None:
    for name in (kept.path, previous(kept.path)):
        name.write_bytes(b"\0" * 500)
    with pytest.raises(VaultDamaged) as caught:
        kept.load()
    assert caught.value.message == f"密钥文件 {kept.path} 及其上一代都无法读取。"
    assert "密钥备份" in caught.value.hint


def test_a_missing_vault_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultDamaged, match="没有密钥文件"):
        vault.load(tmp_path / "keys" / "vault.json")


def test_a_lost_file_falls_back(kept: Kept) -> None:
    kept.path.unlink()
    assert kept.load().fallback
    assert vault.unlock(kept.load(), "zhou", ZHOU) == kept.master


@pytest.mark.parametrize(
    "facts",
    [
        [],
        {},
        "text",
        {"format": "kangdang-vault", "version": 1},
        {"format": "kangdang-vault", "version": "1", "sha256": 5},
        {"format": "other", "version": 2, "sha256": ""},
    ],
)
def test_other_json_is_no_vault(facts: object, tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    path.write_text(json.dumps(facts))
    with pytest.raises(VaultDamaged, match="都无法读取"):
        vault.load(path)


def test_what_no_mac_covers_is_not_taken(kept: Kept) -> None:
    facts = json.loads(kept.path.read_bytes())
    facts["hint"] = "added by somebody"
    del facts["sha256"]
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    facts["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    kept.path.write_text(json.dumps(facts))
    assert kept.load().fallback


def test_a_later_version_is_not_taken_for_damage(kept: Kept) -> None:
    facts = json.loads(kept.path.read_bytes())
    facts["version"] = 2
    kept.path.write_text(json.dumps(facts))
    with pytest.raises(VaultDamaged) as caught:
        kept.load()
    assert caught.value.message == "密钥文件由更高版本的康档写成（格式 2）。"
    assert caught.value.hint == "请升级康档后再试；文件没有损坏。"


def test_a_file_left_by_a_crash_is_overwritten(kept: Kept) -> None:
    left = kept.path.with_name("vault.json.tmp")
    left.write_bytes(b"half")
    left.chmod(0o644)
    kept.add("zheng", OTHER)
    assert not left.exists()
    assert vault.unlock(kept.load(), "zheng", OTHER) == kept.master


def test_a_full_disk_leaves_the_old_generation(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, content: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = kept.path.read_bytes()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreUnusable, match="磁盘已满"):
        kept.add("zheng", OTHER)
    monkeypatch.undo()
    assert kept.path.read_bytes() == before
    kept.add("zheng", OTHER)


def test_a_disk_that_gives_back_other_bytes_is_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.read_bytes
    calls = []

    def bad(self: Path) -> bytes:
        calls.append(self)
        return real(self) if len(calls) == 1 else b"other"

    monkeypatch.setattr(Path, "read_bytes", bad)
    with pytest.raises(StoreUnusable, match="读回后不一致"):
        kept.add("zheng", OTHER)


def test_two_changes_at_once_are_both_kept(kept: Kept) -> None:
    threads = [threading.Thread(target=kept.add, args=(f"user{n}", OTHER)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {w.login for w in kept.load().users} == {"zhou", "wu", *(f"user{n}" for n in range(8))}


KILLED = """
import os, sys
from pathlib import Path
from archives.keys import vault
from archives.store import points
from tests.keys.making import CHEAP, OTHER, STATION, seeded
path, point = Path(sys.argv[1]), sys.argv[2]
master = bytes.fromhex(sys.argv[3])
points.observe(lambda reached: os._exit(137) if reached == point else None)
vault.add_user(path, master, "zheng", OTHER, station_name=STATION, random=seeded(9), cost=CHEAP)
"""


@pytest.mark.parametrize("point", ["vault.previous:renamed", "vault:written", "vault:renamed"])
def test_a_killed_process_leaves_a_usable_vault_and_no_lock(point: str, kept: Kept) -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(kept.path), point, kept.master.hex()], cwd=root, check=False
    )
    assert run.returncode == 137
    opened = kept.load()
    assert not opened.fallback
    assert vault.unlock(opened, "zhou", ZHOU) == kept.master
    if opened.find("zheng") is None:
        kept.add("zheng", OTHER)
    assert vault.unlock(kept.load(), "zheng", OTHER) == kept.master


def test_a_copied_keys_folder_opens_with_a_password(kept: Kept, tmp_path: Path) -> None:
    # The key backup is a plain copy: what restores it needs nothing but a password or the sheet.
    copy = tmp_path / "copy"
    shutil.copytree(kept.path.parent, copy)
    assert vault.unlock(vault.load(copy / "vault.json"), "wu", WU) == kept.master
