"""The station home: which file lies where, and opening it.

    home/                          keys/ (another folder, better another disk)
      station.json                   vault.json        master key, wrapped for each user
      calendar_overrides.csv         keys.db           item keys (SQLCipher)
      templates/                     seal.key          signs the seals of the access log (encrypted)
      data/kangdang.db (SQLCipher)   page-code.key     checks page codes
      data/blobs/

The data folder alone is unreadable, the keys folder alone too without somebody's password.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from archives.archive import Archive, StationFacts
from archives.errors import HomeUnusable
from archives.keys.derive import Purpose, derive
from archives.ports import Clock, RandomBytes
from archives.store import item_keys
from archives.store.blobs import FolderBlobs
from archives.store.database import Database, embedded, server
from archives.store.item_keys import KeyStore

SETTINGS = "station.json"


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


@dataclass(frozen=True, slots=True)
class Settings:
    """What station.json holds.  URLs are empty for the embedded stores."""

    station: StationFacts
    keys_folder: str
    data_url: str = ""
    keys_url: str = ""

    def to_json(self) -> bytes:
        """As it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode() + b"\n"


def read_settings(home: Path) -> Settings:
    """The settings of a home.  Raises HomeUnusable."""
    path = home / SETTINGS
    try:
        raw: dict[str, Any] = json.loads(path.read_bytes())
        station = {
            item.name: raw["station"][item.name]
            for item in fields(StationFacts)
            if item.name in raw["station"]
        }
        return Settings(
            StationFacts(**station), raw["keys_folder"], raw.get("data_url", ""), raw.get("keys_url", "")
        )
    except FileNotFoundError as error:
        raise HomeUnusable(
            f"{home} 不是康档站点文件夹（没有 {SETTINGS}）。", hint="新站点请先运行 kangdang init。"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeUnusable(f"站点设置文件 {path} 无法读取。", hint="请从备份恢复这个文件。") from error


def layout_of(home: Path, settings: Settings) -> Layout:
    """Where the station's files are; a relative keys folder is relative to the home."""
    return Layout(home, (home / settings.keys_folder).resolve())


def open_archive(
    layout: Layout, settings: Settings, master: bytes, clock: Clock, random: RandomBytes
) -> Archive:
    """Open all stores with the master key.  Raises StoreUnusable, HomeUnusable."""
    data = _database(settings.data_url, layout.database, derive(master, Purpose.DATA))
    keys = _database(settings.keys_url, layout.key_store, derive(master, Purpose.KEYS))
    return Archive(
        data, KeyStore(keys, random, clock), FolderBlobs(layout.blobs, random), clock, random,
        settings.station, derive(master, Purpose.ID_HASH),
    )  # fmt: skip


def _database(url: str, path: Path, key: bytes) -> Database:
    return server(url) if url else embedded(path, key)


def create_stores(archive: Archive, migrate: Callable[[Archive], None]) -> None:
    """Make the tables of an empty archive."""
    with archive.keys.database.writing("home.keys") as connection:
        item_keys.METADATA.create_all(connection)
    migrate(archive)
