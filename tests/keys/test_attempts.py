"""Failed logins: when somebody is locked out, for how long, and that every failure reaches the access log."""

from __future__ import annotations

import json
import stat
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.clock.steady import Stamp
from archives.errors import LoginLocked, LoginRefused, StoreUnusable, VaultDamaged
from archives.keys import attempts_file, vault, wrapping
from archives.keys.attempts import Attempts, Limits
from archives.keys.wrapping import Stretch
from tests.keys.crashing import Crash, crash_at
from tests.keys.making import NOW, WU, ZHOU, Kept, make_vault, seeded

WRONG = "not the password"
PC = "PC-1"
MINUTE = timedelta(minutes=1)


class Door:
    """A login at a moment that moves on when told to."""

    def __init__(self, kept: Kept, limits: Limits | None = None) -> None:
        self.kept = kept
        self.path = kept.path.with_name("attempts.json")
        attempts_file.create(self.path, seeded(3))
        self.attempts = Attempts(self.path, seeded(4), limits or Limits())
        self.now = NOW

    def enter(self, login: str, password: str, client: str = PC) -> str:
        try:
            master = self.attempts.log_in(self.kept.load(), login, password, client, self.now)
        except LoginRefused:
            return "refused"
        except LoginLocked:
            return "locked"
        assert master == self.kept.master
        return "in"

    def fail(self, times: int, login: str = "zhou", client: str = PC) -> list[str]:
        return [self.enter(login, WRONG, client) for _ in range(times)]

    def is_locked(self, at: datetime) -> bool:
        tallies = attempts_file.load(self.path).tallies
        return any(t.locked_for(Stamp(at)) for key, t in tallies.items() if key.startswith("login:"))

    def waits(self, span: timedelta) -> None:
        self.now += span

    def unlogged(self) -> list[tuple[str | None, str]]:
        with self.attempts.take_unlogged() as waiting:
            return [(f.login, f.kind) for f in waiting.failures]


@pytest.fixture
def door(kept: Kept) -> Door:
    return Door(kept)


def test_the_right_password_opens(door: Door) -> None:
    assert door.enter("ZHOU", ZHOU) == "in"
    assert door.unlogged() == []


def test_five_failures_lock_for_a_quarter_of_an_hour(door: Door) -> None:
    assert door.fail(5) == ["refused"] * 5
    assert door.enter("zhou", ZHOU) == "locked"
    door.waits(15 * MINUTE - timedelta(seconds=1))
    assert door.enter("zhou", ZHOU) == "locked"
    door.waits(timedelta(seconds=1))
    assert door.enter("zhou", ZHOU) == "in"


def test_the_lock_doubles_up_to_a_day(door: Door) -> None:
    spans = []
    for _ in range(9):
        door.fail(5)
        span = timedelta()
        while door.is_locked(door.now + span):
            span += 15 * MINUTE
        spans.append(span / MINUTE)
        door.waits(span)
    assert spans == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_the_lock_is_told_with_its_end_and_nothing_else(door: Door) -> None:
    door.fail(5)
    with pytest.raises(LoginLocked) as caught:
        door.attempts.log_in(door.kept.load(), "zhou", ZHOU, PC, door.now)
    assert caught.value.message == "登录失败次数过多，请在 2026-11-22 09:15 之后再试。"
    assert ZHOU not in str(caught.value)


def test_a_locked_login_is_refused_without_looking_at_the_password(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.fail(5)
    monkeypatch.setattr(wrapping, "stretch", lambda secret, kdf: pytest.fail("the password was looked at"))
    assert door.fail(3) == ["locked"] * 3


def test_knocking_at_a_lock_does_not_make_it_longer(door: Door) -> None:
    door.fail(5)
    door.waits(14 * MINUTE)
    door.fail(20)
    door.waits(MINUTE)
    assert door.enter("zhou", ZHOU) == "in"


def test_success_forgets_the_failures_of_a_login(door: Door) -> None:
    door.fail(4)
    assert door.enter("zhou", ZHOU) == "in"
    assert door.fail(4) == ["refused"] * 4
    assert door.enter("zhou", ZHOU) == "in"


def test_the_fifth_try_may_be_the_right_one(door: Door) -> None:
    door.fail(4)
    assert door.enter("zhou", ZHOU) == "in"
    assert door.enter("zhou", ZHOU) == "in"


def test_an_unknown_login_is_locked_like_a_known_one(door: Door) -> None:
    answers = {login: [door.enter(login, WRONG, login) for _ in range(7)] for login in ("zhou", "nobody")}
    assert answers["zhou"] == answers["nobody"] == ["refused"] * 5 + ["locked"] * 2


def test_one_login_locked_leaves_the_others_alone(door: Door) -> None:
    door.fail(5)
    assert door.enter("wu", WU) == "in"
    assert door.enter("zhou", ZHOU, "PC-2") == "locked"


def test_one_computer_trying_many_logins_is_locked(door: Door) -> None:
    for number in range(20):
        assert door.enter(f"user{number}", WRONG) == "refused"
    assert door.enter("wu", WU) == "locked"
    assert door.enter("wu", WU, "PC-2") == "in"


def test_logging_in_oneself_does_not_clear_the_computer(door: Door) -> None:
    for number in range(19):
        door.enter(f"user{number}", WRONG)
        assert door.enter("wu", WU) == "in"
    assert door.enter("user19", WRONG) == "refused"
    assert door.enter("wu", WU) == "locked"


def test_a_right_twentieth_try_does_not_lock_the_computer(door: Door) -> None:
    for number in range(19):
        door.enter(f"user{number}", WRONG)
    assert door.enter("wu", WU) == "in"
    assert door.enter("wu", WU) == "in"


def test_a_quiet_day_is_forgotten(door: Door) -> None:
    door.fail(5)
    door.waits(15 * MINUTE + timedelta(hours=24))
    assert door.fail(4) == ["refused"] * 4
    door.waits(timedelta(hours=24))
    assert door.fail(5) == ["refused"] * 5
    door.waits(15 * MINUTE)
    assert door.enter("zhou", ZHOU) == "in"


def test_a_clock_put_back_makes_no_lock_longer_and_one_put_on_shortens_it(door: Door) -> None:
    door.fail(5)
    door.now = NOW - timedelta(days=365)
    assert door.enter("zhou", ZHOU) == "locked"
    door.waits(15 * MINUTE)
    assert door.enter("zhou", ZHOU) == "in"


def test_the_administrator_can_pardon(door: Door) -> None:
    door.fail(5)
    door.attempts.pardon("Zhou")
    assert door.enter("zhou", ZHOU) == "in"


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["zhou", "wu", "x"]), st.integers(0, 3000)), max_size=40))
def test_no_login_is_guessed_more_than_five_times_between_locks(
    tmp_path_factory: pytest.TempPathFactory, tries: list[tuple[str, int]]
) -> None:
    door = Door(make_vault(tmp_path_factory.mktemp("door")))
    looked: list[tuple[str, datetime]] = []
    for login, pause in tries:
        door.waits(timedelta(seconds=pause))
        if door.enter(login, WRONG) == "refused":
            looked.append((login, door.now))
    for login in {name for name, _ in looked}:
        at = [moment for name, moment in looked if name == login]
        assert all(later - first >= 15 * MINUTE for first, later in zip(at, at[5:], strict=False))


def test_failures_wait_for_the_access_log_and_name_only_logins_that_exist(door: Door) -> None:
    door.fail(1, "Zhou")
    door.fail(1, "my-secret-password-typed-in-the-wrong-field")
    door.fail(4)
    door.fail(1)
    assert "my-secret" not in door.path.read_text()
    with door.attempts.take_unlogged() as waiting:
        assert [(f.login, f.kind, f.client, f.at) for f in waiting.failures] == [
            ("zhou", "wrong", PC, NOW),
            (None, "wrong", PC, NOW),
            *[("zhou", "wrong", PC, NOW)] * 4,
            ("zhou", "locked", PC, NOW),
        ]
        assert [f.number for f in waiting.failures] == list(range(1, 8))
        assert waiting.dropped == 0
    assert door.unlogged() == []


def test_failures_stay_when_the_log_could_not_be_written(door: Door) -> None:
    door.fail(2)
    with pytest.raises(StoreUnusable), door.attempts.take_unlogged():
        raise StoreUnusable("磁盘已满。")
    assert len(door.unlogged()) == 2


def test_a_failure_during_the_taking_is_kept(door: Door) -> None:
    door.fail(2)
    with door.attempts.take_unlogged():
        door.fail(1, "wu")
    assert door.unlogged() == [("wu", "wrong")]


def test_too_many_failures_are_counted(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_file, "MOST_FAILURES", 3)
    door.fail(5)
    with door.attempts.take_unlogged() as waiting:
        assert (len(waiting.failures), waiting.dropped) == (3, 2)
    with door.attempts.take_unlogged() as waiting:
        assert (len(waiting.failures), waiting.dropped) == (0, 0)


def test_a_flood_of_logins_does_not_fill_the_disk(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_file, "MOST_TALLIES", 10)
    for number in range(30):
        door.enter(f"user{number}", WRONG, f"PC-{number}")
        door.waits(timedelta(seconds=1))
    assert len(json.loads(door.path.read_text())["tallies"]) <= 10


def test_a_try_counts_even_when_the_program_is_ended_during_it(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(secret: bytes, kdf: Stretch) -> bytes:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(wrapping, "stretch", killed)
        for _ in range(5):
            with pytest.raises(Crash):
                door.enter("zhou", WRONG)
    assert door.enter("zhou", ZHOU) == "locked"
    assert door.unlogged() == [("zhou", "wrong")] * 5 + [("zhou", "locked")]


def test_a_damaged_vault_is_nobodys_failure(door: Door) -> None:
    opened = door.kept.load()
    broken = vault.Vault(**{**{f: getattr(opened, f) for f in opened.__dataclass_fields__}, "mac": bytes(32)})
    for _ in range(6):
        with pytest.raises(VaultDamaged):
            door.attempts.log_in(broken, "zhou", ZHOU, PC, NOW)
    assert door.enter("zhou", ZHOU) == "in"
    assert door.unlogged() == []


LOST = [None, b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1, "salt": "zz"}', b"\xff" * 50, b"[" * 9999]


def damage(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("content", LOST)
def test_one_lost_file_of_the_ledger_forgets_nothing(door: Door, content: bytes | None) -> None:
    door.fail(5)
    for path in (door.path, attempts_file.second(door.path)):
        damage(path, content)
        assert door.enter("zhou", ZHOU) == "locked"
        assert attempts_file.read(path) is not None, "the next try writes both again"


@pytest.mark.parametrize("content", LOST)
def test_a_lost_ledger_lets_nobody_in_and_is_not_made_anew(door: Door, content: bytes | None) -> None:
    door.fail(5)
    for path in (door.path, attempts_file.second(door.path)):
        damage(path, content)
    before = door.path.exists()
    with pytest.raises(StoreUnusable, match="登录失败的记录"):
        door.enter("zhou", ZHOU)
    assert door.path.exists() == before
    door.attempts.start_again()  # by who holds the recovery sheet
    assert door.enter("zhou", WRONG) == "refused"
    assert [kind for _, kind in door.unlogged()] == ["record_lost", "wrong"]


def test_every_torn_or_changed_ledger_is_noticed(door: Door) -> None:
    door.fail(2)
    raw = door.path.read_bytes()
    for length in range(0, len(raw) - 1, 11):
        damage(door.path, raw[:length])
        assert attempts_file.read(door.path) is None
    for place in range(len(raw) - 1):
        damage(door.path, raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        assert attempts_file.read(door.path) is None, raw[place - 9 : place + 9]


def test_a_crash_while_counting_leaves_the_old_or_the_new_count(door: Door) -> None:
    door.fail(1)
    for number in range(5):
        before = len(attempts_file.load(door.path).failures)
        with pytest.raises(Crash), crash_at(number) as points:
            door.enter("zhou", WRONG)
        ledger = attempts_file.load(door.path)
        assert not ledger.lost, points
        assert len(ledger.failures) - before in (0, 1), points


def test_a_keys_folder_that_cannot_be_written_lets_nobody_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    def full(handle: int, content: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreUnusable, match="磁盘已满"):
        door.enter("zhou", ZHOU)


def test_tries_at_the_same_moment_are_all_counted(door: Door) -> None:
    threads = [threading.Thread(target=door.fail, args=(1, "zhou", f"PC-{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kind for _, kind in door.unlogged()) == ["locked"] * 3 + ["wrong"] * 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")
def test_the_ledger_is_for_its_owner_alone(door: Door) -> None:
    door.fail(1)
    assert stat.S_IMODE(door.path.stat().st_mode) == 0o600
    assert not Path(f"{door.path}.tmp").exists()
