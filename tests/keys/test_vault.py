"""The vault: who gets the master key, who does not, and what both are told."""

from __future__ import annotations

import json
import os
import stat
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from archives.errors import (
    AlreadyThere,
    ArchiveError,
    InputRefused,
    LoginRefused,
    NotFound,
    PasswordRefused,
    StateForbids,
    VaultDamaged,
)
from archives.keys import recovery, vault, wrapping
from archives.keys.vault_file import previous, save
from archives.keys.wrapping import Cost, Stretch, parse_stretch
from tests.keys.making import CHEAP, OTHER, SECRET, STATION, TODAY, WU, ZHOU, Kept, make_vault


def test_each_user_and_the_sheet_unlock_the_same_master_key(kept: Kept) -> None:
    opened = kept.load()
    assert vault.unlock(opened, "zhou", ZHOU) == kept.master
    assert vault.unlock(opened, "wu", WU) == kept.master
    assert vault.unlock_with_recovery(opened, SECRET) == kept.master
    assert len(kept.master) == 32
    assert not opened.fallback


@pytest.mark.parametrize("login", ["ZHOU", "ｚｈｏｕ", " Zhou "])
def test_a_login_is_no_trap_of_capitals(kept: Kept, login: str) -> None:
    assert vault.unlock(kept.load(), login, ZHOU) == kept.master


@pytest.mark.parametrize(
    ("login", "password"),
    [("zhou", WU), ("zhou", ZHOU + "x"), ("zhou", ""), ("nobody", ZHOU), ("", ""), ("a b/../", "x")],
)
def test_a_wrong_password_and_an_unknown_login_are_told_the_same(
    kept: Kept, login: str, password: str
) -> None:
    with pytest.raises(LoginRefused) as caught:
        vault.unlock(kept.load(), login, password)
    assert str(caught.value) == "用户名或密码不正确。请检查用户名和密码。"


def test_an_unknown_login_costs_the_same_work(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Cost] = []
    real = wrapping.stretch

    def counted(secret: bytes, kdf: Stretch) -> bytes:
        asked.append(kdf.cost)
        return real(secret, kdf)

    monkeypatch.setattr(wrapping, "stretch", counted)
    opened = kept.load()
    for login in ("zhou", "nobody"):
        with pytest.raises(LoginRefused):
            vault.unlock(opened, login, "wrong password")
    assert asked == [CHEAP, CHEAP]


def test_no_error_carries_the_password(kept: Kept) -> None:
    typed = "a-very-particular-password"
    acts = (
        lambda: vault.unlock(kept.load(), "zhou", typed),
        lambda: kept.change("zhou", typed, OTHER),
        lambda: kept.add("zhou", typed),
        lambda: kept.reset("nobody", typed),
    )
    for act in acts:
        with pytest.raises(ArchiveError) as caught:
            act()
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__)
        assert typed not in told


def test_a_changed_password_replaces_the_old_one_in_both_generations(kept: Kept) -> None:
    kept.change("zhou", ZHOU, OTHER)
    for name in (kept.path, previous(kept.path)):
        opened = vault.load(name)
        assert vault.unlock(opened, "zhou", OTHER) == kept.master
        assert vault.unlock(opened, "wu", WU) == kept.master
        with pytest.raises(LoginRefused):
            vault.unlock(opened, "zhou", ZHOU)


def test_changing_a_password_asks_for_the_old_one(kept: Kept) -> None:
    with pytest.raises(LoginRefused):
        kept.change("zhou", WU, OTHER)
    with pytest.raises(PasswordRefused, match="新密码与旧密码相同"):
        kept.change("zhou", ZHOU, ZHOU)
    with pytest.raises(PasswordRefused, match="密码太短"):
        kept.change("zhou", ZHOU, "short")
    assert vault.unlock(kept.load(), "zhou", ZHOU) == kept.master


def test_a_removed_user_is_in_neither_generation(kept: Kept) -> None:
    vault.remove_user(kept.path, kept.master, "Zhou")
    for name in (kept.path, previous(kept.path)):
        assert "zhou" not in name.read_text()
        with pytest.raises(LoginRefused):
            vault.unlock(vault.load(name), "zhou", ZHOU)
        assert vault.unlock(vault.load(name), "wu", WU) == kept.master


def test_the_last_user_stays(kept: Kept) -> None:
    vault.remove_user(kept.path, kept.master, "zhou")
    with pytest.raises(StateForbids, match="最后一个用户"):
        vault.remove_user(kept.path, kept.master, "wu")


def test_a_forgotten_password_is_set_anew_by_the_sheet(kept: Kept) -> None:
    master = vault.unlock_with_recovery(kept.load(), SECRET)
    vault.set_password(kept.path, master, "zhou", OTHER, station_name=STATION, random=kept.random, cost=CHEAP)
    assert vault.unlock(kept.load(), "zhou", OTHER) == kept.master


def test_another_sheet_is_told_apart_by_its_fingerprint(kept: Kept) -> None:
    other = bytes(20)
    with pytest.raises(LoginRefused) as caught:
        vault.unlock_with_recovery(kept.load(), other)
    assert caught.value.message == (
        f"这不是本站现行的恢复单（指纹 {recovery.fingerprint(other)}，"
        f"现行的是 {recovery.fingerprint(SECRET)}）。"
    )
    assert caught.value.hint == "请找 2026-11-22 打印的那一张。"


def test_a_renewed_sheet_ends_the_one_before(kept: Kept) -> None:
    fresh = bytes(range(20))
    vault.renew_recovery(kept.path, kept.master, fresh, TODAY, kept.random)
    for name in (kept.path, previous(kept.path)):
        assert vault.unlock_with_recovery(vault.load(name), fresh) == kept.master
        with pytest.raises(LoginRefused):
            vault.unlock_with_recovery(vault.load(name), SECRET)


def test_what_is_there_or_not_there_is_said(kept: Kept) -> None:
    with pytest.raises(AlreadyThere, match="这个用户名已经有了"):
        kept.add("ZHOU", OTHER)
    with pytest.raises(NotFound, match="没有这个用户名"):
        vault.remove_user(kept.path, kept.master, "nobody")
    with pytest.raises(NotFound):
        kept.reset("nobody", OTHER)
    with pytest.raises(InputRefused, match="用户名只能用"):
        kept.add("a b", OTHER)
    with pytest.raises(PasswordRefused, match="有用户名"):
        kept.add("zheng", "zheng-violin-77")
    with pytest.raises(PasswordRefused, match="本站的名称"):
        kept.add("zheng", f"{STATION}-violin")
    with pytest.raises(AlreadyThere, match="已有密钥文件"):
        vault.create(kept.path, station="S1", recovery_secret=SECRET, made_on=TODAY, random=kept.random)


def test_create_never_overwrites_the_last_generation_left(kept: Kept) -> None:
    kept.path.unlink()
    with pytest.raises(AlreadyThere):
        vault.create(kept.path, station="S1", recovery_secret=SECRET, made_on=TODAY, random=kept.random)


def test_generations_are_counted(kept: Kept) -> None:
    assert kept.load().generation == 3
    kept.change("zhou", ZHOU, OTHER)
    assert kept.load().generation == 4


def test_the_master_key_of_another_station_changes_nothing(kept: Kept) -> None:
    before = kept.path.read_bytes()
    with pytest.raises(VaultDamaged):
        vault.remove_user(kept.path, bytes(32), "zhou")
    assert kept.path.read_bytes() == before


def test_vaults_are_bound_to_their_station_and_their_login(kept: Kept, tmp_path: Path) -> None:
    opened = kept.load()
    zhou, wu = opened.users
    swapped = replace(opened, users=(replace(zhou, login="wu"), replace(wu, login="zhou")))
    with pytest.raises(LoginRefused):
        vault.unlock(swapped, "wu", ZHOU)
    with pytest.raises(LoginRefused):
        vault.unlock(replace(opened, station="S2"), "zhou", ZHOU)
    other = make_vault(tmp_path / "other", seed=2)
    moved = replace(opened, vault_id=other.load().vault_id)
    with pytest.raises(LoginRefused):
        vault.unlock(moved, "zhou", ZHOU)


def test_a_user_list_changed_without_the_master_key_is_seen_at_the_next_login(kept: Kept) -> None:
    opened = kept.load()
    for changed in (
        replace(opened, users=opened.users[:1]),
        replace(opened, users=opened.users[::-1]),
        replace(opened, generation=9),
        replace(opened, recovery_fingerprint="0000 0000"),
    ):
        save(kept.path, changed, before=None, revoking=True)
        with pytest.raises(VaultDamaged, match="密钥文件被改动过"):
            vault.unlock(kept.load(), "zhou", ZHOU)


def test_weaker_work_cannot_be_asked_for(kept: Kept) -> None:
    opened = kept.load()
    zhou, wu = opened.users
    weak = replace(zhou, kdf=replace(zhou.kdf, cost=Cost(16, 1, 1)))
    with pytest.raises(LoginRefused):
        vault.unlock(replace(opened, users=(weak, wu)), "zhou", ZHOU)


@pytest.mark.parametrize(
    "text",
    [
        "argon2id$m=99999999,t=3,p=4$" + "0" * 32,
        "argon2id$m=4194304,t=3,p=4$" + "0" * 32,
        "argon2id$m=65536,t=0,p=4$" + "0" * 32,
        "argon2id$m=65536,t=3,p=0$" + "0" * 32,
        "argon2id$m=8,t=3,p=4$" + "0" * 32,
        "argon2i$m=65536,t=3,p=4$" + "0" * 32,
        "argon2id$m=65536,t=3,p=4$00",
        "scrypt",
    ],
)
def test_no_file_can_ask_for_all_memory_or_no_work(text: str) -> None:
    assert parse_stretch(text) is None


def test_the_standard_cost_is_the_recommended_one() -> None:
    assert Cost(65536, 3, 4) == wrapping.STANDARD
    kdf = Stretch(wrapping.STANDARD, bytes(16))
    assert parse_stretch(kdf.text()) == kdf


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")
def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept = make_vault(tmp_path)
        kept.change("zhou", ZHOU, OTHER)
    finally:
        os.umask(before)
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in kept.path.parent.iterdir()}
    assert modes == {"vault.json": 0o600, "vault.json.1": 0o600, "vault.lock": 0o600}


def test_the_file_holds_no_password_no_secret_and_no_key(kept: Kept) -> None:
    text = kept.path.read_text() + previous(kept.path).read_text()
    for hidden in (ZHOU, WU, SECRET.hex(), kept.master.hex()):
        assert hidden not in text
    assert set(json.loads(kept.path.read_text())) == {
        "format", "version", "station", "vault_id", "generation", "users", "recovery", "mac", "sha256",
    }  # fmt: skip


def test_the_stamp_follows_a_login_and_no_other(kept: Kept) -> None:
    zhou, wu = vault.stamp(kept.load(), "zhou"), vault.stamp(kept.load(), "wu")
    assert zhou != wu
    kept.add("zheng", OTHER)
    assert vault.stamp(kept.load(), "ZHOU") == zhou
    kept.change("zhou", ZHOU, OTHER + "!")
    assert vault.stamp(kept.load(), "zhou") != zhou
    assert vault.stamp(kept.load(), "wu") == wu
    vault.remove_user(kept.path, kept.master, "zhou")
    assert vault.stamp(kept.load(), "zhou") is None


def test_a_computer_without_memory_is_told_so_and_not_the_password(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2.exceptions import HashingError

    def full(*_: object, **__: object) -> bytes:
        raise HashingError("Memory allocation error")

    monkeypatch.setattr(wrapping, "hash_secret_raw", full)
    with pytest.raises(ArchiveError, match="内存不足") as caught:
        vault.unlock(kept.load(), "zhou", ZHOU)
    assert caught.value.__cause__ is None


def test_random_bytes_come_from_outside(tmp_path: Path) -> None:
    assert make_vault(tmp_path / "a", 5).path.read_bytes() == make_vault(tmp_path / "b", 5).path.read_bytes()
    assert make_vault(tmp_path / "c", 6).master != make_vault(tmp_path / "d", 7).master
