"""tools/verify_log.py alone: its Ed25519, its independence, its exit codes."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from archives.log.seal import verify_signature
from tests.log.station import KEY, anchor_of, arguments, build
from tools import verify_log
from tools.verify_log import ORDER, P, signature_ok

PROGRAM = Path(verify_log.__file__)
RFC_8032 = {  # section 7.1: public key, message, signature
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
}


@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032)
def test_rfc_8032(vector: tuple[str, str, str]) -> None:
    key, message, signature = map(bytes.fromhex, vector)
    assert signature_ok(key, message, signature)
    assert not signature_ok(key, message + b"x", signature)


def signed(secret: bytes, message: bytes) -> tuple[bytes, bytes]:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key.public_key().public_bytes_raw(), key.sign(message)


secrets = st.binary(min_size=32, max_size=32)


@settings(max_examples=60)
@given(secrets, st.binary(max_size=2000), st.data())
def test_agrees_with_cryptography(secret: bytes, message: bytes, data: st.DataObject) -> None:
    key, signature = signed(secret, message)
    assert signature_ok(key, message, signature)
    whole = bytearray(key + signature + message)
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = bytes(whole[:32]), bytes(whole[96:]), bytes(whole[32:96])
    assert signature_ok(*changed) is verify_signature(*changed) is False


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_noise_is_no_signature(key: bytes, signature: bytes) -> None:
    assert signature_ok(key, b"", signature) is verify_signature(key, b"", signature) is False


def test_s_must_lie_below_the_order() -> None:
    key, signature = signed(KEY, b"message")
    s = int.from_bytes(signature[32:], "little")
    for other in (s + ORDER, s + 2 * ORDER, 2**256 - 1):
        changed = signature[:32] + (other % 2**256).to_bytes(32, "little")
        assert signature_ok(key, b"message", changed) is verify_signature(key, b"message", changed) is False


def small_order() -> list[bytes]:
    """All encodings of points of small order, the ones beyond the field too."""
    y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    return [
        (y | sign << 255).to_bytes(32, "little")
        for y in (0, 1, P - 1, y8, P - y8, P, P + 1)
        for sign in (0, 1)
    ]


@pytest.mark.parametrize("key", small_order(), ids=bytes.hex)
def test_keys_that_sign_everything_are_refused(key: bytes) -> None:
    """R = the neutral point, S = 0 satisfies the equation under such keys for some or all messages."""
    for message in (b"%d" % number for number in range(16)):
        signature = b"\1" + bytes(63)
        assert signature_ok(key, message, signature) is verify_signature(key, message, signature) is False


def test_what_is_no_point_is_refused() -> None:
    outside = next(
        raw
        for raw in (bytes([number]) + bytes(31) for number in range(2, 40))
        if verify_log.decode_point(raw) is None
    )
    assert not signature_ok(outside, b"", bytes(64))
    key, signature = signed(KEY, b"")
    assert not signature_ok(key, b"", signature[:63])
    assert not signature_ok(key[:31], b"", signature)
    assert not signature_ok(key, b"", outside + signature[32:])
    for raw in small_order()[:10]:
        point = verify_log.decode_point(raw)
        if point is not None:
            assert verify_log.encode_point(point) == raw


def test_it_needs_the_standard_library_alone() -> None:
    named = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            named.add((node.module or "").split(".")[0])
    assert named <= set(sys.stdlib_module_names)


def run(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), *words], capture_output=True, timeout=300, check=False
    )


def test_exit_codes(tmp_path: Path) -> None:
    station = build()
    good = arguments(station, [anchor_of(station, 4)], [], tmp_path)
    assert run(*good).returncode == 0
    assert run().returncode == 2
    assert run(good[0], "--public-key", "zz").returncode == 2
    missing = run(str(tmp_path / "none.jsonl"))
    assert (missing.returncode, missing.stderr.decode().strip()) == (2, "日志导出文件无法读取。")
    no_anchor = run(good[0], "--anchor", good[0])
    assert (no_anchor.returncode, no_anchor.stderr.decode().strip()) == (
        2,
        "外存凭证文件的内容不完整。",
    )
    gone = run(good[0], "--anchor", str(tmp_path / "none"))
    assert (gone.returncode, gone.stderr.decode().strip()) == (2, "外存凭证文件无法读取。")
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(Path(good[0]).read_bytes()[:-20])
    damaged = run(str(cut))
    assert damaged.returncode == 1
    assert damaged.stdout.decode().strip() == (
        "日志导出文件第 40 行不符合格式，文件不完整或被改动。核对没有完成，不能当作通过。"
    )


def test_main_runs_in_process_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    station = build()
    assert verify_log.main(arguments(station, [], [], tmp_path)) == 0
    assert capsys.readouterr().out.splitlines()[1] == "没有发现改动。"
