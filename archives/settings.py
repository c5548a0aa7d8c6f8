"""Which file of a station lies where, and what station.json says.

    home/                          keys/ (another folder, better another disk)
      station.json                   vault.json        master key, wrapped for each user
      calendar_overrides.csv         keys.db           item keys (SQLCipher)
      templates/                     seal.key          signs the seals of the access log (encrypted)
      data/kangdang.db (SQLCipher)   page-code.key     checks page codes
      data/blobs/                    attempts.json     failed logins

Imports nothing heavy: printing a form asks here for the key of its page codes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from archives.errors import HomeUnusable

SETTINGS = "station.json"
SAMPLE: Final = "DEMO-"
"""A station id that begins so is a sample station.  The vault is bound to its id, so no other becomes one."""
LEAST_WAITING: Final = 7
"""Days between approval and execution of a destruction list, whatever station.json says."""


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What a station's settings say about its archive."""

    station_id: str
    name: str
    fonds: str
    """全宗号."""
    start_rule: str = "next_year"
    medical: bool = False
    waiting_days: int = 7
    backup_days: int = 90
    loan_days: int = 7

    @property
    def sample(self) -> bool:
        """Whether this is a station to try things out, with invented people."""
        return self.station_id.startswith(SAMPLE)

    @property
    def waiting(self) -> int:
        """Days a list waits after its approval; only a sample station may wait less than a week."""
        return self.waiting_days if self.sample else max(LEAST_WAITING, self.waiting_days)


@dataclass(frozen=True, slots=True)
class Layout:
    """The two folders of a station and what lies in them."""

    home: Path
    keys: Path

    @property
    def settings(self) -> Path:
        """Names, 全宗号, where the keys are, periods."""
        return self.home / SETTINGS

    @property
    def calendar(self) -> Path:
        """The station's own working days and holidays."""
        return self.home / "calendar_overrides.csv"

    @property
    def templates(self) -> Path:
        """The station's own docx templates."""
        return self.home / "templates"

    @property
    def data(self) -> Path:
        """The folder that may be lost or stolen without telling anything."""
        return self.home / "data"

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.data / "kangdang.db"

    @property
    def blobs(self) -> Path:
        """The encrypted documents."""
        return self.data / "blobs"

    @property
    def vault(self) -> Path:
        """The wrapped master key."""
        return self.keys / "vault.json"

    @property
    def key_store(self) -> Path:
        """The item keys."""
        return self.keys / "keys.db"

    @property
    def seal_key(self) -> Path:
        """The encrypted key that signs seals."""
        return self.keys / "seal.key"

    @property
    def page_code_key(self) -> Path:
        """The key of the page codes (hex)."""
        return self.keys / "page-code.key"

    @property
    def attempts(self) -> Path:
        """The ledger of failed logins."""
        return self.keys / "attempts.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What station.json holds.  URLs are empty for the embedded stores."""

    station: StationFacts
    keys_folder: str
    data_url: str = ""
    keys_url: str = ""
    captions: str = "none"
    """Above the tables of official prints: none, corrected or verbatim (as the standard prints them)."""

    def to_json(self) -> bytes:
        """As it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode() + b"\n"


def read_settings(home: Path) -> Settings:
    """The settings of a home.  Raises HomeUnusable."""
    from archives.settings_file import read_members

    try:
        told = read_members(home / SETTINGS)
    except FileNotFoundError as error:
        raise HomeUnusable(
            f"{home} 不是康档站点文件夹（没有 {SETTINGS}）。", hint="新站点请先运行 kangdang init。"
        ) from error
    facts = StationFacts(**told.station.model_dump())
    return Settings(facts, told.keys_folder, told.data_url, told.keys_url, told.captions)


def layout_of(home: Path, settings: Settings) -> Layout:
    """Where the station's files are; a relative keys folder is relative to the home."""
    return Layout(home, (home / settings.keys_folder).resolve())
