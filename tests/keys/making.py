"""What the tests of keys share: cheap passwords, seeded randomness, a vault with two users."""

from __future__ import annotations

import random as _random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from archives.keys import vault
from archives.keys.wrapping import Cost

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=8)))
TODAY = date(2026, 11, 22)
CHEAP = Cost(8, 1, 1)
"""Argon2 at its least: the tests are about what happens, not about how long it takes."""
STATION = "样例康复站"
SECRET = bytes(range(100, 120))
ZHOU = "灯塔 雨伞 三文鱼 2 只"
WU = "kite-Barrel-lamp-17-violin"
OTHER = "竹林 铁轨 棉花糖 9 号"


def seeded(seed: int = 1) -> Callable[[int], bytes]:
    return _random.Random(seed).randbytes


@dataclass
class Kept:
    """A vault on the disk with the logins zhou and wu."""

    path: Path
    master: bytes
    random: Callable[[int], bytes]

    def load(self) -> vault.Vault:
        return vault.load(self.path)

    def add(self, login: str, password: str) -> vault.Vault:
        return vault.add_user(
            self.path, self.master, login, password, station_name=STATION, random=self.random, cost=CHEAP
        )

    def change(self, login: str, old: str, new: str) -> vault.Vault:
        return vault.change_password(
            self.path, login, old, new, station_name=STATION, random=self.random, cost=CHEAP
        )

    def reset(self, login: str, new: str) -> vault.Vault:
        return vault.set_password(
            self.path, self.master, login, new, station_name=STATION, random=self.random, cost=CHEAP
        )


def make_vault(folder: Path, seed: int = 1) -> Kept:
    random = seeded(seed)
    path = folder / "keys" / "vault.json"
    _, master = vault.create(path, station="S1", recovery_secret=SECRET, made_on=TODAY, random=random)
    kept = Kept(path, master, random)
    kept.add("zhou", ZHOU)
    kept.add("wu", WU)
    return kept
