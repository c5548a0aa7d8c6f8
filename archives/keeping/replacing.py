"""A backup of keys takes the place of the one before it, so it must be this station's and lack nothing.

Nobody's password is there to open what is copied.  What can be seen without: which files there are, whose
vault it is, and that the two keys and the first bytes of the key store (drawn once) are as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from archives.errors import HomeUnusable, StoreUnusable
from archives.keys import attempts_file
from archives.keys import vault as vaults
from archives.keys.durable import told
from archives.settings import Layout, Settings
from archives.store.database import PAGE_BYTES

_SALT: Final = 16
"""Bytes of a key store that stay as they were drawn when it was made."""


def require_keys_to_copy(layout: Layout, settings: Settings, older: Sequence[Path]) -> None:
    """Let a keys folder pass that may take the place of the sets ``older``.

    Raises HomeUnusable, VaultDamaged, StoreUnusable; then the sets stay as they are.
    """
    if vaults.load(layout.vault).station != settings.station.station_id:
        raise HomeUnusable(
            f"{layout.settings.name} 中的站点编号与密钥文件夹不是一套，没有备份密钥。",
            hint="盘上原有的密钥备份没有动；请检查密钥文件夹的位置，或从密钥备份恢复。",
        )
    if not settings.keys_url and len(_head(layout.key_store, PAGE_BYTES)) < PAGE_BYTES:
        raise _lost(layout.key_store.name, "不见了，或是空的")
    for kept in older:
        if (kept / layout.attempts.name).is_file():
            attempts_file.load(layout.attempts)
        for ours, length in ((layout.key_store, _SALT), (layout.seal_key, -1), (layout.page_code_key, -1)):
            before = _head(kept / ours.name, length)
            if before and _head(ours, length) != before:
                raise _lost(ours.name, "不见了、已损坏，或不是备份过的那一份")


def _head(path: Path, length: int) -> bytes:
    """The first bytes (-1: all) of a file; none of one that is not there."""
    with told(path.parent):
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(length)


def _lost(name: str, how: str) -> StoreUnusable:
    return StoreUnusable(
        f"密钥文件夹中的 {name} {how}：没有备份密钥，盘上原有的密钥备份没有动。",
        hint=f"请用密钥备份中的 {name} 代替，能登录以后再备份；站点登录一直正常的，请换一个新的盘。",
    )
