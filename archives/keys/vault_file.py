"""vault.json, byte for byte, in two generations: ``vault.json`` and ``vault.json.1``.

Whatever step a crash falls on, both names hold a whole generation or one of them does and the other is as
before.  An addition leaves the generation before in ``.1``.  A revocation (a user removed, a password
changed) must not leave the revoked wrap there: it is written to ``.1`` first and to ``vault.json`` second, so
that it counts only when both are done.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archives.errors import StoreUnusable, VaultDamaged
from archives.keys.durable import private_folder, write_private
from archives.keys.wrapping import Stretch, parse_stretch

FORMAT = "kangdang-vault"
VERSION = 1
LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Wrap:
    """The master key wrapped for one login."""

    login: str
    kdf: Stretch
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """What a vault file says.  ``mac`` covers all the rest under a key of the master key."""

    station: str
    """Id of the station."""
    vault_id: str
    generation: int
    users: tuple[Wrap, ...]
    recovery: bytes
    recovery_fingerprint: str
    recovery_made_on: str
    mac: bytes = b""
    fallback: bool = False
    """Read from the earlier generation because vault.json is missing or damaged."""

    def find(self, login: str) -> Wrap | None:
        """The wrap of a login in its one spelling."""
        return next((wrap for wrap in self.users if wrap.login == login), None)

    def body(self) -> bytes:
        """What the mac covers."""
        return _canonical(_facts(self))


def previous(path: Path) -> Path:
    """Where the earlier generation lies."""
    return path.with_name(path.name + ".1")


def load(path: Path) -> Vault:
    """The vault, or its earlier generation (``fallback``) when the file is missing, torn or damaged.

    Raises VaultDamaged when neither can be used, or when a later version of the program wrote it.
    """
    found = []
    for name, fallback in ((path, False), (previous(path), True)):
        raw = _read(name)
        found.append(raw is not None)
        vault = None if raw is None else _parse(raw, fallback=fallback)
        if vault is not None:
            return vault
    if not any(found):
        raise VaultDamaged(
            f"没有密钥文件 {path}。", hint="请检查密钥文件夹的位置；文件确已丢失时，请从密钥备份恢复。"
        )
    raise VaultDamaged(
        f"密钥文件 {path} 及其上一代都无法读取。", hint="请停止操作，从密钥备份恢复密钥文件夹后再试。"
    )


def is_whole(path: Path) -> bool:
    """Whether a file holds a whole vault.  Raises StoreUnusable, VaultDamaged for a later version."""
    raw = _read(path)
    return raw is not None and _parse(raw, fallback=False) is not None


def save(path: Path, vault: Vault, *, before: Vault | None, revoking: bool) -> None:
    """Write a generation; ``before`` is the one it replaces.  Raises StoreUnusable: then that one counts."""
    private_folder(path.parent)
    content = _written(vault)
    if before is not None or revoking:
        earlier = content if revoking or before is None else _written(before)
        write_private(previous(path), earlier, "vault.previous")
    write_private(path, content, "vault")


def _read(path: Path) -> bytes | None:
    """The bytes; None when there is no such file, none at all (damaged) when the disk cannot read them."""
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise StoreUnusable(
            f"没有权限读取密钥文件 {path}。", hint="请用站点所属的系统账户运行，或检查密钥文件夹权限。"
        ) from error
    except OSError:
        return b""


def _facts(vault: Vault) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "station": vault.station,
        "vault_id": vault.vault_id,
        "generation": vault.generation,
        "users": [{"login": w.login, "kdf": w.kdf.text(), "wrapped": w.sealed.hex()} for w in vault.users],
        "recovery": {
            "wrapped": vault.recovery.hex(),
            "fingerprint": vault.recovery_fingerprint,
            "made_on": vault.recovery_made_on,
        },
    }


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _written(vault: Vault) -> bytes:
    facts = {**_facts(vault), "mac": vault.mac.hex()}
    facts["sha256"] = hashlib.sha256(_canonical(facts)).hexdigest()
    return json.dumps(facts, ensure_ascii=False, indent=1).encode() + b"\n"


def _parse(raw: bytes, *, fallback: bool) -> Vault | None:
    """The vault; None when the bytes are not one whole vault.  Raises VaultDamaged for a later version."""
    try:
        facts = json.loads(raw)
        if facts["format"] == FORMAT and isinstance(facts["version"], int) and facts["version"] > VERSION:
            raise VaultDamaged(
                f"密钥文件由更高版本的康档写成（格式 {facts['version']}）。",
                hint="请升级康档后再试；文件没有损坏。",
            )
        written = facts.pop("sha256")
        if hashlib.sha256(_canonical(facts)).hexdigest() != written:
            return None
        vault = _vault(facts, fallback=fallback)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # Anything the file says beside this would be covered by no mac.
    return vault if _canonical({**_facts(vault), "mac": vault.mac.hex()}) == _canonical(facts) else None


def _vault(facts: dict[str, Any], *, fallback: bool) -> Vault:
    recovery = facts["recovery"]
    return Vault(
        station=facts["station"],
        vault_id=facts["vault_id"],
        generation=facts["generation"],
        users=tuple(_wrap(raw) for raw in facts["users"]),
        recovery=bytes.fromhex(recovery["wrapped"]),
        recovery_fingerprint=recovery["fingerprint"],
        recovery_made_on=recovery["made_on"],
        mac=bytes.fromhex(facts["mac"]),
        fallback=fallback,
    )


def _wrap(raw: dict[str, Any]) -> Wrap:
    kdf = parse_stretch(raw["kdf"])
    if kdf is None:
        raise ValueError("unknown key derivation")
    return Wrap(raw["login"], kdf, bytes.fromhex(raw["wrapped"]))
