"""Where a station keeps its own settings for printing: templates edited in Word, fonts, the page-code key.

The home is a folder (``KANGDANG_HOME`` or ``--home``); without one everything has its standard value and
prints are samples.  Knows nothing of people's files: those live in the archive.  A station with an archive
(``station.json``) keeps its page-code key with its other keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from archives.settings import SETTINGS, layout_of, read_settings
from generator.errors import KeyInvalid

if TYPE_CHECKING:
    from generator.render import Captions

KEY_FILE = "page-code.key"


@dataclass(frozen=True, slots=True)
class StationHome:
    """A station's own things; ``folder`` is None where there is no station."""

    folder: Path | None = None

    @property
    def templates(self) -> Path | None:
        """Folder of the station's own docx templates."""
        return self.folder / "templates" if self.folder else None

    def template(self, form_id: str) -> Path | None:
        """The station's own template of a form, if it installed one."""
        path = self.templates / f"{form_id}.docx" if self.templates else None
        return path if path and path.is_file() else None

    def page_code_key(self) -> bytes | None:
        """The key of the station's page codes; None prints samples.

        Raises KeyInvalid when the key file is there but cannot be read or is too short, or when a station's
        is missing: its official papers must not come out as samples; HomeUnusable for a damaged station.json.
        """
        path = self._key_file()
        if path is None:
            return None
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise KeyInvalid(f"站点密钥文件 {path} 无法读取。", hint="内容应为一行十六进制数字。") from error
        if len(key) < 16:
            raise KeyInvalid(f"站点密钥文件 {path} 太短。", hint="至少需要 16 字节（32 位十六进制数字）。")
        return key

    @property
    def sample(self) -> bool:
        """Whether this is a station for practice: it has a key and prints samples all the same.

        Raises HomeUnusable for a damaged station.json.
        """
        there = self.folder is not None and (self.folder / SETTINGS).exists()
        return there and read_settings(cast("Path", self.folder)).station.sample

    @property
    def captions(self) -> Captions:
        """What stands above the tables of official prints, unless the command says otherwise.

        Samples have the captions of the standard; a station's papers none, or what its station.json says.
        Raises HomeUnusable for a damaged station.json.
        """
        if self._key_file() is None:
            return "corrected"
        assert self.folder is not None  # noqa: S101 - a key lies in a folder
        if not (self.folder / SETTINGS).exists():
            return "none"
        return cast("Captions", read_settings(self.folder).captions)

    @property
    def facts(self) -> dict[str, Any]:
        """The station as its papers name it (name, address, …); empty where there is no station.

        Raises HomeUnusable for damaged settings.
        """
        if self.folder is None or not (self.folder / SETTINGS).exists():
            return {}
        from desk.station.print_facts import print_facts

        settings = read_settings(self.folder)
        return print_facts(layout_of(self.folder, settings), settings.station)

    def _key_file(self) -> Path | None:
        if self.folder is None:
            return None
        if (self.folder / SETTINGS).exists():
            settings = read_settings(self.folder)
            # What a sample station prints must look like a sample, whatever keys it has.
            return None if settings.station.sample else layout_of(self.folder, settings).page_code_key
        path = self.folder / KEY_FILE
        return path if path.exists() else None
