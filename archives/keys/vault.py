"""The vault: the master key, wrapped once for each user's password and once for the recovery sheet.

Lives in the keys folder, outside the data folder.  Every change is a generation of its own, made by somebody
who has the master key (the mac says so), durable when the function returns.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from archives.errors import AlreadyThere, LoginRefused, NotFound, PasswordRefused, StateForbids, VaultDamaged
from archives.keys import recovery as recovery_sheet
from archives.keys.bindings import VAULT_RECOVERY, VAULT_USER, Bound
from archives.keys.derive import MASTER_BYTES, Purpose, derive
from archives.keys.password import PasswordOwner, check_password, normal_login, password_bytes, spelled
from archives.keys.vault_file import Vault, Wrap, is_whole, load, previous, save
from archives.keys.wrapping import (
    STANDARD,
    Cost,
    Stretch,
    Whose,
    unwrap,
    unwrap_by_secret,
    wrap,
    wrap_by_secret,
)
from archives.ports import RandomBytes
from archives.store.gate import Gate

__all__ = [
    "Vault", "add_user", "change_password", "create", "is_whole", "load", "previous", "remove_user",
    "renew_recovery", "require_genuine", "set_password", "stamp", "unlock", "unlock_with_recovery",
]  # fmt: skip

_DUMMY_SALT = bytes(16)


def create(
    path: Path, *, station: str, recovery_secret: bytes, made_on: date, random: RandomBytes
) -> tuple[Vault, bytes]:
    """Make the vault of a station (its id) and its master key; users are added after it.

    Raises AlreadyThere when there is a vault, StoreUnusable.
    """
    if path.exists() or previous(path).exists():
        raise AlreadyThere(
            "密钥文件夹中已有密钥文件。", hint="请换一个空的密钥文件夹；不要删除已有的密钥文件。"
        )
    master = random(MASTER_BYTES)
    empty = Vault(station, random(16).hex(), 1, (), b"", "", "")
    vault = _signed(_with_recovery(empty, master, recovery_secret, made_on, random), master)
    save(path, vault, before=None, revoking=True)
    return vault, master


def unlock(vault: Vault, login: str, password: str) -> bytes:
    """The master key.

    Raises LoginRefused: the same sentence, after the same work, for an unknown login and a wrong password;
    VaultDamaged when somebody without the master key changed the file.  Count failures: see ``attempts``.
    """
    found = vault.find(spelled(login))
    if found is None:
        unwrap(b"", password_bytes(password), _user(vault, ""), Stretch(_usual_cost(vault), _DUMMY_SALT))
        master = None
    else:
        master = unwrap(found.sealed, password_bytes(password), _user(vault, found.login), found.kdf)
    if master is None:
        raise LoginRefused("用户名或密码不正确。")
    return _genuine(vault, master)


def unlock_with_recovery(vault: Vault, secret: bytes) -> bytes:
    """The master key, by the secret that ``recovery.read`` returned.  Raises LoginRefused, VaultDamaged."""
    master = unwrap_by_secret(vault.recovery, secret, _recovery(vault))
    if master is None:
        raise LoginRefused(
            f"这不是本站现行的恢复单（指纹 {recovery_sheet.fingerprint(secret)}，"
            f"现行的是 {vault.recovery_fingerprint}）。",
            hint=f"请找 {vault.recovery_made_on} 打印的那一张。",
        )
    return _genuine(vault, master)


def add_user(
    path: Path, master: bytes, login: str, password: str, *, station_name: str, random: RandomBytes,
    cost: Cost = STANDARD,
) -> Vault:  # fmt: skip
    """Let one more login in.

    Raises AlreadyThere, PasswordRefused, InputRefused, VaultDamaged, StoreUnusable.
    """
    name = normal_login(login)
    check_password(password, PasswordOwner(name, station_name))

    def change(vault: Vault) -> Vault:
        if vault.find(name) is not None:
            raise AlreadyThere("这个用户名已经有了。", hint="请换一个用户名。")
        return replace(vault, users=(*vault.users, _wrapped(vault, name, master, password, cost, random)))

    return _changed(path, master, change, revoking=False)


def set_password(
    path: Path, master: bytes, login: str, password: str, *, station_name: str, random: RandomBytes,
    cost: Cost = STANDARD,
) -> Vault:  # fmt: skip
    """Give a login a new password without the old one; its sessions and the old password end.

    Raises NotFound, PasswordRefused, VaultDamaged, StoreUnusable.
    """
    name = spelled(login)
    check_password(password, PasswordOwner(name, station_name))

    def change(vault: Vault) -> Vault:
        _known(vault, name)
        fresh = _wrapped(vault, name, master, password, cost, random)
        return replace(vault, users=tuple(fresh if w.login == name else w for w in vault.users))

    return _changed(path, master, change, revoking=True)


def change_password(
    path: Path,
    login: str,
    old: str,
    new: str,
    *,
    station_name: str,
    random: RandomBytes,
    cost: Cost = STANDARD,
) -> Vault:
    """Change one's own password; sessions under the old one end.

    Raises LoginRefused for the old one (count it: see ``attempts``), PasswordRefused for the new one.
    """
    master = unlock(load(path), login, old)
    if password_bytes(old) == password_bytes(new):
        raise PasswordRefused("新密码与旧密码相同。")
    return set_password(path, master, login, new, station_name=station_name, random=random, cost=cost)


def remove_user(path: Path, master: bytes, login: str) -> Vault:
    """Take a login out of both generations; its sessions end.

    The last one stays (StateForbids).  Raises NotFound, VaultDamaged, StoreUnusable.
    """
    name = spelled(login)

    def change(vault: Vault) -> Vault:
        _known(vault, name)
        if len(vault.users) == 1:
            raise StateForbids("这是最后一个用户，不能移除。", hint="请先增加另一个用户。")
        return replace(vault, users=tuple(w for w in vault.users if w.login != name))

    return _changed(path, master, change, revoking=True)


def renew_recovery(path: Path, master: bytes, secret: bytes, made_on: date, random: RandomBytes) -> Vault:
    """Put another recovery sheet in the place of the present one, which opens nothing any more."""

    def change(vault: Vault) -> Vault:
        return _with_recovery(vault, master, secret, made_on, random)

    return _changed(path, master, change, revoking=True)


def stamp(vault: Vault, login: str) -> str | None:
    """What changes whenever a login's password does; None for a login that is not there."""
    found = vault.find(spelled(login))
    if found is None:
        return None
    text = "\x1f".join((vault.station, vault.vault_id, found.login, found.kdf.text(), found.sealed.hex()))
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(path: Path, master: bytes, change: Callable[[Vault], Vault], *, revoking: bool) -> Vault:
    with Gate(path.with_suffix(".lock")).hold():
        before = load(path)
        _genuine(before, master)
        after = replace(change(before), generation=before.generation + 1, fallback=False)
        after = _signed(after, master)
        save(path, after, before=before, revoking=revoking)
        return after


def _known(vault: Vault, name: str) -> None:
    if vault.find(name) is None:
        raise NotFound("没有这个用户名。", hint="用 kangdang user list 查看用户名。")


def _wrapped(vault: Vault, name: str, master: bytes, password: str, cost: Cost, random: RandomBytes) -> Wrap:
    kdf, sealed = wrap(master, password_bytes(password), _user(vault, name), cost, random)
    return Wrap(name, kdf, sealed)


def _with_recovery(vault: Vault, master: bytes, secret: bytes, made_on: date, random: RandomBytes) -> Vault:
    return replace(
        vault,
        recovery=wrap_by_secret(master, secret, _recovery(vault), random),
        recovery_fingerprint=recovery_sheet.fingerprint(secret),
        recovery_made_on=made_on.isoformat(),
    )


def _user(vault: Vault, login: str) -> Whose:
    return lambda kdf: VAULT_USER.of(station=vault.station, vault_id=vault.vault_id, login=login, kdf=kdf)


def _recovery(vault: Vault) -> Bound:
    return VAULT_RECOVERY.of(station=vault.station, vault_id=vault.vault_id)


def _signed(vault: Vault, master: bytes) -> Vault:
    return replace(vault, mac=_mac(vault, master))


def require_genuine(vault: Vault, master: bytes) -> None:
    """Raises VaultDamaged when somebody without the master key changed the vault."""
    _genuine(vault, master)


def _genuine(vault: Vault, master: bytes) -> bytes:
    if not hmac.compare_digest(_mac(vault, master), vault.mac):
        raise VaultDamaged(
            "密钥文件被改动过：用户名单与当初保存的不一致。",
            hint="请停止操作，查明原因，并从密钥备份恢复密钥文件夹。",
        )
    return master


def _mac(vault: Vault, master: bytes) -> bytes:
    return hmac.new(derive(master, Purpose.VAULT), vault.body(), hashlib.sha256).digest()


def _usual_cost(vault: Vault) -> Cost:
    return vault.users[0].kdf.cost if vault.users else STANDARD
