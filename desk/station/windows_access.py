"""Access lists of Windows folders, read and set by ``icacls``.

Only the two functions at the end run a program; the rest reads SDDL text, which is the same in every
language of Windows.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from archives.errors import HomeUnusable

_ACE = re.compile(r"\(([^()]*)\)")
_TRUSTED = frozenset(("SY", "BA", "CO", "OW", "LA", "S-1-5-18", "S-1-5-32-544", "S-1-3-0", "S-1-3-4"))
"""The system, administrators, the owner: who cannot be kept out anyway."""


def strangers(sddl: str, own: str) -> set[str]:
    """Who is let in by a discretionary list besides the owner (SID ``own``), the system, administrators.

    A folder without a list is open to everybody (``WD``).
    """
    start = sddl.find("D:")
    if start < 0 or "NO_ACCESS_CONTROL" in sddl:
        return {"WD"}
    body = sddl[start + 2 :].split("S:", 1)[0] if "S:(" in sddl[start:] else sddl[start + 2 :]
    found = set()
    for ace in _ACE.findall(body):
        fields = ace.split(";")
        if len(fields) >= 6 and fields[0] in ("A", "OA", "XA") and fields[5] not in _TRUSTED | {own}:
            found.add(fields[5])
    return found


def open_to_others(path: Path) -> bool:
    """Whether others than the owner are let in.  Raises HomeUnusable when the list cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "acl"
        _run("icacls", str(path), "/save", str(saved))
        return bool(strangers(saved.read_text(encoding="utf-16"), own_sid()))


def own_sid() -> str:
    """The SID of who runs the program."""
    told = _run("whoami", "/user", "/fo", "csv", "/nh")
    found = re.search(r"S-1-[0-9-]+", told)
    return found[0] if found else ""


def close_to_others(folder: Path) -> None:
    """Let in nobody but the owner, the system and administrators.  Raises HomeUnusable."""
    owner = f"*{own_sid()}:(OI)(CI)F"
    _run(
        "icacls", str(folder), "/inheritance:r", "/grant:r", owner, "*S-1-5-18:(OI)(CI)F",
        "*S-1-5-32-544:(OI)(CI)F",
    )  # fmt: skip


def _run(*words: str) -> str:
    try:
        done = subprocess.run(words, check=True, capture_output=True, timeout=60)  # noqa: S603 - system tools
    except (OSError, subprocess.SubprocessError) as error:
        raise HomeUnusable("无法读取或设置文件夹的访问权限。", hint="请把站点放在 NTFS 磁盘上。") from error
    return done.stdout.decode(errors="replace")
