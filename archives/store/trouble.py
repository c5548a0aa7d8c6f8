"""What a database complains about, as a sentence of the store it is: which file, and where its cure lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from archives.errors import StoreUnusable


@dataclass(frozen=True, slots=True)
class Store:
    """A store as people are told of it."""

    name: str
    folder: str
    cure: str
    """What to do when it is gone or damaged."""


DATA: Final = Store("数据库", "数据文件夹", "请停止使用，不要清理文件；请从备份恢复站点：kangdang restore。")
KEYS: Final = Store(
    "密钥库", "密钥文件夹",
    "请停止使用，不要清理文件；请从最新的密钥备份恢复 keys.db（连同 keys.db-wal），"
    "或恢复整个站点：kangdang restore。",
)  # fmt: skip
_DISK = "请检查磁盘空间和磁盘健康。"
_READ_ONLY = "请检查文件夹权限，或磁盘是否写保护。"
_TROUBLES: Final[tuple[tuple[str, str, str], ...]] = (
    # (sign in the words of the database, sentence, what to do; empty: the store's own cure)
    ("full", "磁盘已满，这一次没有保存。", "请清出空间后再做一次；此前确认过的内容没有丢失。"),
    ("readonly", "{0.folder}是只读的，无法保存。", _READ_ONLY),
    ("read-only", "{0.folder}是只读的，无法保存。", _READ_ONLY),
    ("locked", "{0.name}正被另一个程序占用。", "请稍后再试，或关闭其他康档窗口。"),
    ("not a database", "{0.name}打不开：密钥不对，或文件已损坏。", ""),
    ("malformed", "{0.name}已损坏。", ""),
    ("disk i/o", "读写{0.name}时出错，这一次没有做完。", _DISK + "仍然出错时，文件已损坏：{0.cure}"),
    ("unable to open", "无法打开{0.name}。", "请检查{0.folder}是否完整、是否有读写权限。"),
    ("no such table", "{0.name}不完整：缺少表。", ""),
    ("connection", "无法连接数据库服务器。", "请检查服务器是否在运行。"),
)  # fmt: skip


def trouble(words: str, store: Store) -> StoreUnusable:
    """The error to raise for what the database said; nothing is promised that is not known."""
    said = words.lower()
    for sign, message, hint in _TROUBLES:
        if sign in said:
            return StoreUnusable(message.format(store), hint=hint.format(store) or store.cure)
    return StoreUnusable(f"{store.name}报告了错误，这一次没有做完。", hint=f"{_DISK}{store.cure}")
