"""Daily seals over the heads of all chains, signed with Ed25519.

Owns what a seal says, the bytes that are signed and hashed (docs/access-log.md), and making and checking one.
Keys, days and times are inputs.  The seal key is no database key and does not lie in the data folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from archives.errors import SealInvalid
from archives.log.chain import Head
from archives.log.event import NO_HASH

SIGN_PREFIX: Final = b"kangdang-seal-1\n"
HASH_PREFIX: Final = b"kangdang-seal-hash-1\n"
ROOT_PREFIX: Final = b"kangdang-heads-1\n"

_P: Final = 2**255 - 19
_Y8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y: Final = frozenset((0, 1, _P - 1, _Y8, _P - _Y8))
"""y of the eight points of small order: a signature under such a key says nothing about the message."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal; hashes and the public key are 32 bytes, the signature 64."""

    number: int
    """1, 2, 3 … without gaps."""
    day: str
    """The day it closes, ``2026-11-20``."""
    made_at: str
    prev_seal_hash: bytes
    """``seal_hash`` of the seal before; NO_HASH for the first."""
    heads_root: bytes
    """``heads_root`` of the chains that grew since the seal before."""
    count_events: int
    """Events of all chains up to this seal."""
    public_key: bytes
    signature: bytes = b""


def heads_root(heads: Iterable[Head]) -> bytes:
    """SHA-256 over the heads sorted by chain, 48 bytes each: chain and number (8 bytes, big-endian), hash.

    Raises SealInvalid for a head that has no such form (chain twice, number below 1, hash not 32 bytes).
    """
    root = hashlib.sha256(ROOT_PREFIX)
    before = -1
    for chain, seq, hash_ in sorted(heads):
        if chain == before or seq < 1 or len(hash_) != len(NO_HASH):
            raise SealInvalid("各链末条清单的内容不对。")
        root.update(chain.to_bytes(8, "big") + seq.to_bytes(8, "big") + hash_)
        before = chain
    return root.digest()


def signed_bytes(seal: Seal) -> bytes:
    """What is signed: prefix and the JSON array of all fields but the signature, hashes in hex."""
    fields = [
        seal.number,
        seal.day,
        seal.made_at,
        seal.prev_seal_hash.hex(),
        seal.heads_root.hex(),
        seal.count_events,
        seal.public_key.hex(),
    ]
    return SIGN_PREFIX + json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def seal_hash(seal: Seal) -> bytes:
    """SHA-256 (32 bytes) of a whole seal with its signature; what the next seal and every anchor holds."""
    return hashlib.sha256(HASH_PREFIX + signed_bytes(seal) + seal.signature).digest()


def make_seal(
    previous: Seal | None,
    heads: Iterable[Head],
    sealed_before: Mapping[int, int],
    *,
    day: str,
    made_at: str,
    private_key: bytes,
    lost: tuple[int, int] | None = None,
) -> Seal:
    """The seal after ``previous`` over the chains that grew.

    ``heads``: the head of each chain that grew since ``previous``; may be empty.  ``sealed_before``: chain →
    number of its head in the newest seal that has it (absent if none has).  ``private_key``: 32 bytes.
    ``lost``: (number, count of events) of the newest seal, where it is known only by its list of heads: this
    seal takes the number after it and names no seal before it.
    Raises SealInvalid for a chain that did not grow (something was cut off: verify the log first).
    """
    heads = list(heads)
    for head in heads:
        if head.seq <= sealed_before.get(head.chain, 0):
            raise SealInvalid(
                "有一条日志比上次封签时短，不能封签。",
                hint="请先运行 kangdang log verify，查明日志缺失的原因。",
            )
    key = Ed25519PrivateKey.from_private_bytes(private_key)
    number, prev, count = (
        (previous.number, seal_hash(previous), previous.count_events) if previous else (0, NO_HASH, 0)
    )
    if lost is not None:
        (number, count), prev = lost, NO_HASH
    grown = sum(head.seq - sealed_before.get(head.chain, 0) for head in heads)
    public = key.public_key().public_bytes_raw()
    unsigned = Seal(number + 1, day, made_at, prev, heads_root(heads), count + grown, public)
    return sign(unsigned, private_key)


def sign(seal: Seal, private_key: bytes) -> Seal:
    """The same seal signed with this key (32 bytes), whose public key already stands in it."""
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(signed_bytes(seal))
    return replace(seal, signature=signature)


def public_key_ok(public_key: bytes) -> bool:
    """Whether these 32 bytes are a point to check signatures with: canonical, not of small order."""
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    return len(public_key) == 32 and y < _P and y not in _SMALL_ORDER_Y


def signature_ok(seal: Seal) -> bool:
    """Whether the signature of a seal is right under the public key it names."""
    return verify_signature(seal.public_key, signed_bytes(seal), seal.signature)


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032); False for a bad key, a bad point, S not below the group order, a wrong length."""
    if not public_key_ok(public_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def readable(seal: Seal) -> bool:
    """Whether the fields have their types and lengths; a row of a database may hold anything."""
    texts, numbers = (seal.day, seal.made_at), (seal.number, seal.count_events)
    hashes = (seal.prev_seal_hash, seal.heads_root, seal.public_key)
    return (
        all(type(text) is str and text.isprintable() for text in texts)
        and all(type(number) is int and 0 <= number < 2**53 for number in numbers)
        and all(type(value) is bytes and len(value) == 32 for value in hashes)
        and type(seal.signature) is bytes
        and len(seal.signature) == 64
    )
