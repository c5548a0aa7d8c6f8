"""Making guesses expensive: Argon2id turns a password into a key, and a key wraps the master key.

Owns the cost; new wraps are made at the caller's cost (``STANDARD``), never at the one a file asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archives.errors import ItemUnreadable, StoreUnusable
from archives.keys.bindings import Bound
from archives.keys.suite import decrypt, encrypt
from archives.ports import RandomBytes

SALT_BYTES = 16
Whose = Callable[[str], Bound]
"""How a password is stretched (``Stretch.text``) → what the key wrapped under it is bound to."""
_TEXT = re.compile(r"argon2id\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs.  Raises ValueError outside the limits, so that no file can ask for all memory."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        if not (
            8 * self.lanes <= self.memory_kib <= 1 << 20 and 1 <= self.passes <= 64 and 1 <= self.lanes <= 16
        ):
            raise ValueError("cost outside the limits")


STANDARD = Cost(64 * 1024, 3, 4)
"""RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes; about 0.1 s on an office PC."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Argon2id with its cost and salt."""

    cost: Cost
    salt: bytes

    def text(self) -> str:
        """``argon2id$m=65536,t=3,p=4$<salt in hex>``."""
        cost = self.cost
        return f"argon2id$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${self.salt.hex()}"


def parse_stretch(text: str) -> Stretch | None:
    """What ``Stretch.text`` wrote; None for anything else."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    memory, passes, lanes, salt = match.groups()
    try:
        return Stretch(Cost(int(memory), int(passes), int(lanes)), bytes.fromhex(salt))
    except ValueError:
        return None


def stretch(secret: bytes, kdf: Stretch) -> bytes:
    """The 32-byte key of a password.  Raises StoreUnusable when the computer has no memory for it."""
    cost = kdf.cost
    try:
        return hash_secret_raw(secret, kdf.salt, cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID)
    except HashingError:
        # The cause is dropped: its traceback would carry the password along.
        raise StoreUnusable("内存不足，无法核对密码。", hint="请关闭其他程序后再试。") from None


def wrap(
    master: bytes, password: bytes, whose: Whose, cost: Cost, random: RandomBytes
) -> tuple[Stretch, bytes]:
    """The master key wrapped under a password: (how the password is stretched, the sealed bytes)."""
    kdf = Stretch(cost, random(SALT_BYTES))
    return kdf, encrypt(stretch(password, kdf), master, whose(kdf.text()), random(12))


def unwrap(sealed: bytes, password: bytes, whose: Whose, kdf: Stretch) -> bytes | None:
    """The master key; None when the password is another (or the bytes were changed)."""
    return _open(stretch(password, kdf), sealed, whose(kdf.text()))


def wrap_by_secret(master: bytes, secret: bytes, bound_to: Bound, random: RandomBytes) -> bytes:
    """The master key wrapped under a random secret, which no guessing finds: HKDF is enough."""
    return encrypt(_key_of(secret), master, bound_to, random(12))


def unwrap_by_secret(sealed: bytes, secret: bytes, bound_to: Bound) -> bytes | None:
    """The master key; None when the secret is another (or the bytes were changed)."""
    return _open(_key_of(secret), sealed, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: Bound) -> bytes | None:
    try:
        return decrypt(key, sealed, bound_to)
    except ItemUnreadable:
        return None


def _key_of(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"kangdang/1/secret").derive(secret)
