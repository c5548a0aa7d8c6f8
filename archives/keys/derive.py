"""From the one master key to a key for each purpose (HKDF-SHA256), and the keyed hash of ID numbers.

A key of one purpose says nothing about another's or about the master.  The info strings are part of the
stored data: changing one makes everything encrypted under it unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archives.errors import InputRefused

MASTER_BYTES = 32
_INFO = "kangdang/1/"


class Purpose(StrEnum):
    """What a derived key is for; the value is the end of its info string."""

    DATA = "data"
    """Raw key of the database (SQLCipher)."""
    KEYS = "keys"
    """Raw key of the store of item keys."""
    ID_HASH = "id-hash"
    """Keyed hash of ID numbers."""
    SEAL = "seal"
    """Encrypts the file of the Ed25519 key that signs seals of the access log."""
    CONFIG = "config"
    """Encrypts settings that are secrets (passwords of database servers)."""
    VAULT = "vault"
    """Authenticates the vault as a whole."""


def derive(master: bytes, purpose: str) -> bytes:
    """The 32-byte key of a purpose (a ``Purpose``, or ``import/7`` and the like for one-off keys)."""
    if len(master) != MASTER_BYTES:
        raise ValueError("a master key is 32 bytes")
    return HKDF(SHA256(), 32, salt=None, info=(_INFO + str(purpose)).encode()).derive(master)


def id_hash(key: bytes, id_number: str) -> str:
    """HMAC-SHA256 (64 hexadecimal digits) of an ID number as ``normal_id`` writes it.

    Without the key nobody can try all ID numbers.  Raises InputRefused when there is no number in the text.
    """
    return hmac.new(key, normal_id(id_number).encode(), hashlib.sha256).hexdigest()


def normal_id(id_number: str) -> str:
    """One spelling for one number: widths, capitals, brackets, dashes and the 15-digit form do not matter.

    Raises InputRefused when nothing is left.
    """
    text = unicodedata.normalize("NFKC", id_number).upper()
    text = "".join(c for c in text if c.isalnum())
    if not text:
        raise InputRefused("证件号码是空的。", hint="没有证件号码时请不要填写此项。")
    if re.fullmatch(r"[0-9]{15}", text):
        return _eighteen(text)
    return text


def _eighteen(old: str) -> str:
    # GB 11643-1999: a 15-digit number (issued until 1999) gains the century 19 and a check character, so a
    # person who shows the old card and later the present one is found to be one person.
    body = old[:6] + "19" + old[6:]
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]
