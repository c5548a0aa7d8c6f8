"""Sessions and locks when somebody sets the clock: the time since the computer started decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archives.errors import LoginLocked, LoginRefused, SessionEnded
from archives.keys import attempts_file
from archives.keys.attempts import Attempts
from archives.keys.session import Sessions
from archives.ports import Uptime
from tests.keys.making import NOW, ZHOU, Kept, seeded

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Desk:
    """One system user at one computer: a clock that can be set, a start that cannot."""

    kept: Kept
    sessions: Sessions
    attempts: Attempts
    clock = NOW
    boot = "first"
    seconds = 5000.0

    @property
    def up(self) -> Uptime:
        return Uptime(self.boot, self.seconds)

    def waits(self, span: timedelta) -> None:
        self.clock += span
        self.seconds += span.total_seconds()

    def restarts(self) -> None:
        self.boot, self.seconds = (self.boot and "second"), 30.0

    def open(self) -> None:
        self.sessions.open_session(self.kept.load(), "zhou", self.kept.master, self.clock, self.up)

    def goes_on(self) -> bool:
        try:
            return bool(self.sessions.resume(self.kept.load(), self.clock, self.up).master)
        except SessionEnded:
            return False

    def enters(self, password: str) -> str:
        try:
            self.attempts.log_in(self.kept.load(), "zhou", password, "PC-1", self.clock, self.up)
        except LoginRefused:
            return "refused"
        except LoginLocked:
            return "locked"
        return "in"


@pytest.fixture
def desk(tmp_path: Path, kept: Kept) -> Desk:
    path = kept.path.with_name("attempts.json")
    attempts_file.create(path, seeded(3))
    return Desk(kept, Sessions(tmp_path / "user", tmp_path / "run", seeded(11)), Attempts(path, seeded(4)))


@pytest.mark.parametrize("by", [400 * DAY, -400 * DAY, 16 * MINUTE, -3 * HOUR])
def test_setting_the_clock_neither_ends_nor_lengthens_a_session(desk: Desk, by: timedelta) -> None:
    desk.open()
    desk.waits(10 * MINUTE)
    desk.clock += by
    assert desk.goes_on()
    desk.waits(14 * MINUTE)
    assert desk.goes_on()
    desk.clock -= 14 * MINUTE
    desk.waits(15 * MINUTE)
    assert not desk.goes_on(), "idle for 15 minutes, whatever the clock says"


def test_twelve_hours_are_twelve_hours(desk: Desk) -> None:
    desk.open()
    for _ in range(60):
        desk.waits(12 * MINUTE - timedelta(seconds=1))
        desk.clock -= 12 * MINUTE  # a clock that is set back again and again
        assert desk.goes_on()
    desk.waits(2 * MINUTE)
    assert not desk.goes_on()


@pytest.mark.parametrize("boot", ["first", ""])
def test_no_session_outlives_a_start_of_the_computer(desk: Desk, boot: str) -> None:
    desk.boot = boot
    desk.open()
    desk.clock += MINUTE
    desk.restarts()
    assert not desk.goes_on()


def test_where_starts_have_no_name_the_stricter_counts(desk: Desk) -> None:
    desk.boot = ""
    desk.open()
    desk.clock += 20 * MINUTE
    assert not desk.goes_on(), "by the clock"
    desk.open()
    desk.seconds += 20 * 60
    assert not desk.goes_on(), "by the time since the start"
    desk.open()
    desk.clock -= 5 * MINUTE
    desk.seconds += 10
    assert desk.goes_on(), "a clock set right by minutes ends nothing"


@pytest.mark.parametrize("boot", ["first", ""])
@pytest.mark.parametrize("by", [DAY, 400 * DAY])
def test_setting_the_clock_opens_no_lock(desk: Desk, boot: str, by: timedelta) -> None:
    desk.boot = boot
    assert [desk.enters("falsch") for _ in range(5)] == ["refused"] * 5
    desk.clock += by
    assert desk.enters(ZHOU) == "locked"
    desk.restarts()
    assert desk.enters(ZHOU) == "locked", "nor does a start of the computer with it"
    desk.waits(15 * MINUTE - timedelta(seconds=31))
    assert desk.enters(ZHOU) == "locked"
    desk.waits(timedelta(seconds=1))
    assert desk.enters(ZHOU) == "in", "15 minutes have surely passed since the start"


def test_a_clock_that_stands_keeps_nobody_out(desk: Desk) -> None:
    assert [desk.enters("falsch") for _ in range(5)] == ["refused"] * 5
    desk.seconds += 15 * 60
    assert desk.enters(ZHOU) == "in"
