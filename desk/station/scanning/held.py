"""Whether another program has a file open, as far as the system says.

Windows: opening without sharing fails while anybody holds the file.  Linux: a read lease is refused while it
is open for writing; a lock somebody took says the same.  Elsewhere, on other people's files and on shares
that know no leases nobody can tell: then only time helps.
"""

from __future__ import annotations

import sys
from pathlib import Path


def held_by_another(path: Path) -> bool | None:
    """True: somebody writes it or holds it; False: nobody; None: the system cannot tell."""
    try:
        return _held(path)
    except PermissionError:
        return True if sys.platform == "win32" else None
    except OSError:
        return None


if sys.platform == "win32":
    import ctypes

    _READ, _OPEN_EXISTING = 0x80000000, 3
    _INVALID = ctypes.c_void_p(-1).value
    _SHARING_VIOLATION, _LOCK_VIOLATION = 32, 33

    def _held(path: Path) -> bool | None:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = ctypes.c_void_p
        kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
        handle = kernel.CreateFileW(str(path), _READ, 0, None, _OPEN_EXISTING, 0, None)
        if handle == _INVALID:
            held = ctypes.get_last_error() in (_SHARING_VIOLATION, _LOCK_VIOLATION)
            return True if held else None
        kernel.CloseHandle(handle)
        return False

elif sys.platform == "linux":
    import errno
    import fcntl
    import os
    import signal

    def _held(path: Path) -> bool | None:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return _locked(handle) or _leased(handle)
        finally:
            os.close(handle)

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(handle, fcntl.LOCK_UN)
            fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.lockf(handle, fcntl.LOCK_UN)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks
            return False
        return False

    def _leased(handle: int) -> bool | None:
        try:
            # Whoever opens the file this very moment makes the system send a signal; the usual one ends the
            # program, this one is ignored.
            fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            return True if error.errno == errno.EAGAIN else None
        return False

else:

    def _held(path: Path) -> bool | None:
        return None if path.exists() else False
