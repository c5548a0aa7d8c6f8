"""The session of the command line: it lasts as long as it may, and nothing is left of it."""

from __future__ import annotations

import json
import os
import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.errors import SessionEnded
from archives.keys import vault
from archives.keys.session import Session, Sessions, Spans
from tests.keys.crashing import Crash, crash_at, points_of
from tests.keys.making import NOW, OTHER, ZHOU, Kept, make_vault, seeded

MINUTE = timedelta(minutes=1)
TIMED_OUT = "登录已超时，请重新运行 kangdang login。"
ENDED = "登录已失效，请重新运行 kangdang login。"
NONE = "尚未登录。请重新运行 kangdang login。"


class Desk:
    """One system user's session folders."""

    def __init__(self, folder: Path, kept: Kept) -> None:
        self.kept = kept
        self.folder, self.runtime = folder / "user", folder / "run"
        self.sessions = Sessions(self.folder, self.runtime, seeded(11))
        self.now = NOW

    @property
    def session(self) -> Path:
        return self.folder / "session.json"

    @property
    def token(self) -> Path:
        return self.runtime / "session.token"

    def open(self, login: str = "zhou") -> Session:
        return self.sessions.open_session(self.kept.load(), login, self.kept.master, self.now)

    def resume(self) -> Session:
        return self.sessions.resume(self.kept.load(), self.now)

    def ended(self) -> str:
        """The sentence with which a resume ends; nothing is left of the session."""
        with pytest.raises(SessionEnded) as caught:
            self.resume()
        assert not self.session.exists()
        assert not self.token.exists()
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path, kept: Kept) -> Desk:
    return Desk(tmp_path, kept)


def test_the_next_command_has_the_master_key(desk: Desk) -> None:
    opened = desk.open("ZHOU")
    assert opened.ends_at == NOW + 15 * MINUTE
    resumed = desk.resume()
    assert (resumed.login, resumed.master, resumed.opened_at) == ("zhou", desk.kept.master, NOW)


def test_without_login_there_is_no_session(desk: Desk) -> None:
    with pytest.raises(SessionEnded) as caught:
        desk.resume()
    assert str(caught.value) == NONE
    desk.sessions.close()
    assert not desk.folder.exists()


def test_a_quarter_of_an_hour_without_a_command_ends_it(desk: Desk) -> None:
    desk.open()
    desk.now += 15 * MINUTE - timedelta(seconds=1)
    assert desk.resume().ends_at == desk.now + 15 * MINUTE
    desk.now += 14 * MINUTE
    desk.resume()
    desk.now += 15 * MINUTE
    assert desk.ended() == TIMED_OUT
    assert desk.ended() == NONE


def test_twelve_hours_end_it_however_busy(desk: Desk) -> None:
    desk.open()
    for _ in range(71):
        desk.now += 10 * MINUTE
        ends = desk.resume().ends_at
    assert ends == NOW + timedelta(hours=12)
    desk.now += 10 * MINUTE
    assert desk.ended() == TIMED_OUT


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 1800), min_size=1, max_size=12))
def test_it_lasts_exactly_while_every_pause_is_short(
    tmp_path_factory: pytest.TempPathFactory, pauses: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    desk = Desk(folder, make_vault(folder))
    desk.sessions = Sessions(
        desk.folder, desk.runtime, seeded(1), Spans(timedelta(minutes=15), timedelta(hours=1))
    )
    desk.open()
    for pause in pauses:
        desk.now += timedelta(seconds=pause)
        if pause >= 900 or desk.now - NOW >= timedelta(hours=1):
            assert desk.ended() == TIMED_OUT
            return
        assert desk.resume().master == desk.kept.master


def test_logging_out_leaves_nothing(desk: Desk) -> None:
    desk.open()
    desk.sessions.close()
    assert desk.ended() == NONE
    desk.sessions.close()


def test_a_changed_password_ends_the_sessions_under_the_old_one(desk: Desk) -> None:
    desk.open()
    desk.kept.change("zhou", ZHOU, OTHER)
    assert desk.ended() == ENDED


def test_a_removed_user_has_no_session(desk: Desk) -> None:
    desk.open()
    vault.remove_user(desk.kept.path, desk.kept.master, "zhou")
    assert desk.ended() == ENDED
    with pytest.raises(SessionEnded):
        desk.open()


def test_other_users_coming_and_going_do_not_end_it(desk: Desk) -> None:
    desk.open()
    desk.kept.add("zheng", OTHER)
    desk.kept.reset("wu", OTHER + "!")
    vault.remove_user(desk.kept.path, desk.kept.master, "wu")
    assert desk.resume().login == "zhou"


def test_a_session_of_another_station_is_none(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    desk.kept = make_vault(tmp_path / "other", seed=5)
    assert desk.ended() == ENDED


def test_a_clock_put_back_ends_it_and_a_small_correction_does_not(desk: Desk) -> None:
    desk.now += 10 * MINUTE
    desk.open()
    desk.now -= MINUTE
    assert desk.resume().ends_at == NOW + 25 * MINUTE
    desk.now -= 2 * MINUTE
    assert desk.ended() == ENDED


def test_neither_file_alone_opens_anything(desk: Desk) -> None:
    for gone in ("session", "token"):
        desk.open()
        getattr(desk, gone).unlink()
        assert desk.ended() == ENDED


def test_every_changed_byte_of_either_file_ends_it(desk: Desk) -> None:
    desk.open()
    session, token = desk.session.read_bytes(), desk.token.read_bytes()
    for place in range(len(session) - 1):
        changed = bytearray(session)
        changed[place] ^= 1
        restore(desk, bytes(changed), token)
        assert desk.ended() == ENDED, place
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] ^= 1
        restore(desk, session, bytes(changed))
        assert desk.ended() == ENDED, place
    restore(desk, session, token)
    assert desk.resume().master == desk.kept.master


def restore(desk: Desk, session: bytes, token: bytes) -> None:
    for path, content in ((desk.session, session), (desk.token, token)):
        path.write_bytes(content)
        path.chmod(0o600)


def test_the_times_in_the_file_cannot_be_edited(desk: Desk) -> None:
    desk.open()
    facts = json.loads(desk.session.read_bytes())
    for name in ("opened_at", "used_at", "login", "station", "stamp"):
        restore(
            desk, json.dumps({**facts, name: "2027-01-01T00:00:00+08:00"}).encode(), desk.token.read_bytes()
        )
        token = desk.token.read_bytes()
        assert desk.ended() == ENDED
        restore(desk, json.dumps(facts).encode(), token)
    assert desk.resume().login == "zhou"


def test_an_old_copy_of_both_files_ends_by_the_clock(desk: Desk) -> None:
    desk.open()
    session, token = desk.session.read_bytes(), desk.token.read_bytes()
    desk.sessions.close()
    desk.now += 15 * MINUTE
    restore(desk, session, token)
    assert desk.ended() == TIMED_OUT


def test_logging_in_again_ends_the_session_before(desk: Desk) -> None:
    desk.open("zhou")
    first = desk.token.read_bytes()
    desk.open("wu")
    assert desk.resume().login == "wu"
    assert desk.token.read_bytes() != first
    # The old token is overwritten, not only replaced: its bytes would stay on the disk.
    assert points_of(desk.open)[:2] == ["session.token:unlinked", "session:unlinked"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead of modes")
def test_files_are_for_their_owner_alone_and_others_files_are_not_trusted(desk: Desk) -> None:
    before = os.umask(0)
    try:
        desk.open()
        desk.resume()
    finally:
        os.umask(before)
    for path in (desk.session, desk.token):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    desk.token.chmod(0o640)
    assert desk.ended() == ENDED


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_in_the_place_of_a_file_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    elsewhere = tmp_path / "elsewhere"
    desk.token.rename(elsewhere)
    content = elsewhere.read_bytes()
    desk.token.symlink_to(elsewhere)
    assert desk.ended() == ENDED
    assert elsewhere.read_bytes() == content


def test_the_files_hold_no_key(desk: Desk) -> None:
    opened = desk.open()
    assert desk.kept.master.hex() not in desk.session.read_text()
    assert desk.kept.master not in desk.token.read_bytes()
    assert desk.kept.master.hex() not in repr(opened)
    assert repr(desk.kept.master) not in repr(opened)


def test_a_crash_anywhere_leaves_a_session_or_none(desk: Desk) -> None:
    desk.open()
    acts = {"open": desk.open, "resume": desk.resume, "close": desk.sessions.close}
    for act in acts.values():
        desk.open()
        for number in range(len(points_of(act))):
            desk.open()
            with pytest.raises(Crash), crash_at(number):
                act()
            try:
                assert desk.resume().master == desk.kept.master
            except SessionEnded:
                assert not desk.token.exists()
                assert not desk.session.exists()


def test_closing_destroys_the_token_first(desk: Desk) -> None:
    desk.open()
    assert points_of(desk.sessions.close) == ["session.token:unlinked", "session:unlinked"]


def test_resuming_at_once_from_two_commands_harms_nobody(desk: Desk) -> None:
    import threading

    desk.open()
    problems: list[BaseException] = []

    def go() -> None:
        try:
            for _ in range(5):
                Sessions(desk.folder, desk.runtime, seeded()).resume(desk.kept.load(), desk.now)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert desk.resume().login == "zhou"
