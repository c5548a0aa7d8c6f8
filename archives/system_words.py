"""What the operating system says about a file, in Chinese: its own words are English wherever Linux is.

Imports nothing heavy; every message that tells why a file cannot be read or written asks here.
"""

from __future__ import annotations

import errno
from typing import Final

_WORDS: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限，或文件正被其他程序打开",
    errno.EPERM: "系统不允许这样做",
    errno.EEXIST: "同名文件已存在",
    errno.ENOTDIR: "该位置不是文件夹",
    errno.EISDIR: "该位置是文件夹，不是文件",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: "超出了磁盘配额",
    errno.EROFS: "磁盘是只读的",
    errno.EFBIG: "文件太大，这个磁盘放不下",
    errno.ENAMETOOLONG: "文件名或路径太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EMFILE: "打开的文件太多，请关闭其他程序",
    errno.ENFILE: "打开的文件太多，请关闭其他程序",
    errno.EBUSY: "文件正被其他程序使用",
    errno.ETXTBSY if hasattr(errno, "ETXTBSY") else -2: "文件正在运行",
    errno.EIO: "磁盘读写出错，请检查磁盘",
    errno.ENODEV: "没有这个设备",
    errno.ENXIO: "没有这个设备",
    errno.EXDEV: "不能跨磁盘移动",
    errno.ENOMEM: "内存不足",
    errno.EINVAL: "系统不接受这个文件名或位置",
    errno.EBADF: "文件已关闭",
    errno.EPIPE: "接收的程序已经结束",
    errno.ENOTSUP: "这个磁盘不支持这样做",
    errno.ENOSYS: "这个系统不支持这样做",
    errno.ETIMEDOUT: "等待超时",
    errno.ESTALE if hasattr(errno, "ESTALE") else -3: "网络文件夹已断开",
}
_WINDOWS: Final = {
    32: "文件正被其他程序打开",
    33: "文件的一部分正被其他程序使用",
    39: "磁盘已满",
    112: "磁盘已满",
    53: "找不到网络位置",
    64: "网络位置已断开",
    123: "文件名写法不对",
    206: "文件名或路径太长",
}
"""Codes that Windows alone has."""


def reason(error: OSError) -> str:
    """Why it did not go, as a clause without a full stop; never the system's own sentence."""
    of_windows = _WINDOWS.get(getattr(error, "winerror", None) or 0)
    if of_windows:
        return of_windows
    number = error.errno
    if number is None:
        return "系统没有说明原因"
    return _WORDS.get(number, f"系统错误 {number}")
