"""How bytes are encrypted: one byte says the suite, so that another can join and old items stay readable.

    suite 01:  01 ‖ nonce (12 bytes) ‖ AES-256-GCM ciphertext with its 16-byte tag

The authenticated data is the suite byte and ``bound_to``, which says what the bytes are (``bindings``): an
item put in the place of another does not open.  Nothing is stored or drawn here.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archives.errors import InputRefused, ItemUnreadable
from archives.keys.bindings import Bound

AES_256_GCM = 0x01
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES
"""How many bytes longer the sealed bytes are."""
MAX_PLAIN = 64 * 1024 * 1024
"""Longest content in bytes; an item is encrypted in one piece."""


def encrypt(key: bytes, plain: bytes, bound_to: Bound, nonce: bytes) -> bytes:
    """Seal ``plain`` under a 32-byte key.  ``nonce`` is 12 bytes, never used twice with one key.

    Raises InputRefused for content over 64 MB.
    """
    _check_key(key)
    if len(nonce) != NONCE_BYTES:
        raise ValueError("a nonce is 12 bytes")
    if len(plain) > MAX_PLAIN:
        raise InputRefused("文件超过 64 MB，不能归档。", hint="请分成几个文件，或降低扫描分辨率后再归档。")
    head = bytes([AES_256_GCM])
    return head + nonce + AESGCM(key).encrypt(nonce, plain, head + bound_to.words)


def decrypt(key: bytes, sealed: bytes, bound_to: Bound) -> bytes:
    """The plain bytes.

    Raises ItemUnreadable for an unknown suite, missing bytes, another key, changed bytes or another binding;
    the last three look alike to the cipher.
    """
    _check_key(key)
    if not sealed:
        raise ItemUnreadable("加密内容是空的。")
    if sealed[0] != AES_256_GCM:
        raise ItemUnreadable(
            f"加密方式编号 {sealed[0]} 不认识。",
            hint="请升级康档后再读；如版本已是最新，内容已损坏，请从备份中核对该件。",
        )
    if len(sealed) < OVERHEAD:
        raise ItemUnreadable("加密内容不完整，后面的部分缺失。")
    if len(sealed) > MAX_PLAIN + OVERHEAD:
        raise ItemUnreadable("加密内容超过 64 MB，不是康档写入的。")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    cipher = AESGCM(key)
    for words in (bound_to.words, *bound_to.former):
        try:
            return cipher.decrypt(nonce, body, sealed[:1] + words)
        except InvalidTag:
            continue
    raise ItemUnreadable("内容无法解密：密钥不是这一件的，或内容被改动、调换过。")


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes")
