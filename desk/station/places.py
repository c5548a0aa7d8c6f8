"""Where a station may lie: places that are refused, places that are allowed with a warning.

The two folders hold people's files and the keys to them: nobody else on the computer may read them, and no
tool that copies, uploads or removes folders (git, pip, cloud drives) may hold them.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from archives.errors import HomeUnusable
from archives.settings import SETTINGS

_SYNCED = (
    ("onedrive", "OneDrive"), ("dropbox", "Dropbox"), ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"), ("icloud", "iCloud"), ("百度网盘", "百度网盘"),
    ("baidunetdisk", "百度网盘"), ("baidusyncdisk", "百度网盘"), ("坚果云", "坚果云"), ("nutstore", "坚果云"),
    ("微云", "腾讯微云"), ("weiyun", "腾讯微云"), ("wps云盘", "WPS 云盘"), ("wpsdrive", "WPS 云盘"),
    ("阿里云盘", "阿里云盘"), ("天翼云盘", "天翼云盘"), ("夸克网盘", "夸克网盘"), ("和彩云", "和彩云"),
)  # fmt: skip
_NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "fuse.rclone", "fuse.davfs", "davfs",
))  # fmt: skip
_PROGRAM_FOLDERS = ("site-packages", "dist-packages")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def place_of(folder: Path) -> Path:
    """The folder with every link and ``..`` resolved."""
    return Path(os.path.abspath(folder)).resolve()  # noqa: PTH100 - a folder that is not there yet


def refuse_places(home: Path, keys: Path) -> None:
    """Let two resolved folders pass for a station that is to be made, or raise HomeUnusable."""
    _refuse_each_other(home, keys)
    for folder in (home, keys):
        _refuse_content(folder)
        _refuse_tools(folder)
        _refuse_readers(folder)


def warnings_about(home: Path, keys: Path) -> list[str]:
    """What is allowed and still not wise, one sentence each."""
    told = []
    if _device(home) == _device(keys):
        told.append("站点文件夹和密钥文件夹在同一个磁盘上：丢了磁盘就都丢了，密钥宜放在另一个磁盘。")
    for folder in (home, keys):
        told += remote_warnings((folder,))
        if folder.is_relative_to(Path(tempfile.gettempdir()).resolve()):
            told.append(f"文件夹 {folder} 在临时文件夹中：重新启动电脑后可能被清空，只能用于试验。")
    return told


def remote_warnings(folders: Sequence[Path]) -> list[str]:
    """Folders whose content leaves this computer, one sentence each."""
    told = []
    for folder in map(place_of, folders):
        drive = _synced(folder)
        if drive:
            told.append(
                f"文件夹 {folder} 像是在{drive}的同步文件夹中：档案会被传到站外，请换到不同步的位置。"
            )
        if _network(folder):
            told.append(f"文件夹 {folder} 在网络磁盘上：断网时可能损坏数据，请放在本机磁盘。")
    return told


def require_private(folder: Path) -> None:
    """A folder just made must really be closed to others.  Raises HomeUnusable."""
    if readable_by_others(folder):
        raise HomeUnusable(
            f"文件夹 {folder} 所在的磁盘不能限制其他用户读取（例如 FAT 格式的 U 盘）。",
            hint="请换到能设置权限的磁盘（NTFS、ext4 等）。",
        )


def _refuse_each_other(home: Path, keys: Path) -> None:
    cure = "请把密钥放在另一个文件夹，最好在另一个磁盘上。"
    if home == keys:
        raise HomeUnusable("站点文件夹和密钥文件夹是同一个。", hint=cure)
    if keys.is_relative_to(home):
        raise HomeUnusable("密钥文件夹在站点文件夹之中，拿到一个就拿到全部。", hint=cure)
    if home.is_relative_to(keys):
        raise HomeUnusable("站点文件夹在密钥文件夹之中，拿到一个就拿到全部。", hint=cure)


def _refuse_content(folder: Path) -> None:
    if (folder / SETTINGS).exists():
        raise HomeUnusable(
            f"文件夹 {folder} 已经是一个康档站点。",
            hint="请直接登录，例如 kangdang login；新站点请换一个文件夹。",
        )
    if folder.exists() and not folder.is_dir():
        raise HomeUnusable(f"{folder} 是文件，不是文件夹。", hint="请给出一个还不存在的文件夹名称。")
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise HomeUnusable(
                f"文件夹 {folder} 不是空的。", hint="请给出一个还不存在的文件夹名称，或一个空文件夹。"
            )
    except PermissionError as error:
        raise HomeUnusable(f"没有权限读取文件夹 {folder}。") from error
    if not folder.parent.is_dir():
        raise HomeUnusable(
            f"上级文件夹 {folder.parent} 不存在。", hint="请先建立上级文件夹，或检查路径是否写错。"
        )


def _refuse_tools(folder: Path) -> None:
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            raise HomeUnusable(
                f"文件夹 {folder} 在源代码库 {above} 之中，档案会被一起提交、上传。",
                hint="请换一个与源代码（git）无关的文件夹。",
            )
        if above.name in _PROGRAM_FOLDERS or (above / "pyvenv.cfg").exists() or _is_program(above):
            raise HomeUnusable(
                f"文件夹 {folder} 在程序文件夹 {above} 之中，升级或卸载软件时会被删除。",
                hint="请换一个只放档案的文件夹。",
            )


def _is_program(folder: Path) -> bool:
    return (folder / "desk" / "cli" / "main.py").is_file() and (folder / "archives" / "store").is_dir()


def _refuse_readers(folder: Path) -> None:
    if folder.is_dir() and readable_by_others(folder):
        raise HomeUnusable(
            f"文件夹 {folder} 其他系统用户也能读取。",
            hint="请给出一个还不存在的文件夹名称，由康档建立并设好权限。",
        )
    for above in folder.parents:
        if _changeable_by_all(above):
            raise HomeUnusable(
                f"上级文件夹 {above} 任何人都能改写，其他人可以换掉其中的文件夹。",
                hint="请换一个位置，或请电脑管理员收回该文件夹的写权限。",
            )


def readable_by_others(path: Path) -> bool:
    """Whether another user of the system may look into it (permissions, or the access list on Windows)."""
    if sys.platform == "win32":
        from desk.station.windows_access import open_to_others

        return open_to_others(path)
    found = path.stat()
    return bool(found.st_mode & _OTHERS) or found.st_uid != os.geteuid()


def _changeable_by_all(folder: Path) -> bool:
    if sys.platform == "win32":
        return False  # the folder's own list, without what it inherits, decides there
    mode = folder.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def open_files(folder: Path) -> Iterator[Path]:
    """What in a station's folder, and the folder itself, others may read.

    Two levels: nobody reaches what lies deeper (documents, a million of them) but through these.
    """
    for path in (folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*"))):
        if not path.is_symlink() and readable_by_others(path):
            yield path


def _device(folder: Path) -> int:
    """The disk a folder lies or will lie on; -1 where not even the drive is there."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), None)
    return -1 if there is None else there.stat().st_dev


def _synced(folder: Path) -> str | None:
    parts = [part.casefold() for part in folder.parts]
    return next((name for sign, name in _SYNCED if any(sign in part for part in parts)), None)


def _network(folder: Path) -> bool:
    if str(folder).startswith("\\\\"):
        return True
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return network_mount(folder, mounts)


def network_mount(folder: Path, mounts: str) -> bool:
    """Whether the innermost mount over a folder is of the network; ``mounts`` as in /proc/self/mounts."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(parts[1].replace("\\040", " "))
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), parts[2]
    return kind in _NETWORK
