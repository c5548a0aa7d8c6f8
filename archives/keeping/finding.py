"""What a check finds: one kind, one sentence.  Places are numbers of things, never names of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class KeepingFinding:
    """One thing that is not as it must be; ``kind`` is a key of SENTENCES."""

    kind: str
    place: str

    @property
    def sentence(self) -> str:
        """What a user reads."""
        return SENTENCES[self.kind].format(place=self.place)


SENTENCES: Final[dict[str, str]] = {
    # stores
    "store_failed": "{place}",
    "store_lacks": "{place}",
    "database_damaged": "{place}损坏：数据库自身的检查没有通过。",
    "pages_changed": "{place}有数据页被改动或损坏。",
    "reference_broken": "表 {place} 中有行指向不存在的内容。",
    "version": "数据库的版本标记不对：{place}。",
    "guard": "数据库的防护规则 {place} 缺失或被改动。",
    "foreign": "数据库中的 {place} 不属于康档：可能在康档之外改动内容。请核对来历，并从备份恢复。",
    # content
    "blob_missing": "文件 {place} 的内容不在存储中。",
    "blob_changed": "文件 {place} 的内容打不开，或与登记的校验值不符：被换过、截断或损坏。",
    "sheet_changed": "文件 {place} 的打印登记打不开：被改动或损坏。",
    "document_key_missing": "文件 {place} 的密钥不在密钥库中，内容无法读出。",
    "record_key_missing": "文书 {place} 的密钥不在密钥库中，内容无法读出。",
    "revision_changed": "文书 {place} 的内容打不开：被改动或损坏。",
    "record_empty": "文书 {place} 没有内容。",
    "person_key_missing": "服务对象 {place} 的密钥不在密钥库中，身份信息无法读出。",
    "identity_changed": "服务对象 {place} 的身份信息打不开：被改动或损坏。",
    "note_key_missing": "档案 {place} 的说明密钥不在密钥库中。",
    "note_changed": "日志第 {place} 个事件的说明打不开，或与日志中的校验值不符。",
    "note_missing": "日志第 {place} 个事件的说明不见了：在康档之外被删除。请从备份恢复。",
    "note_moved": "日志第 {place} 个事件的说明记在了另一份档案名下：被改动。请从备份恢复。",
    "words_changed": "{place} 的说明文字打不开：被改动或损坏。",
    "document_differs": "文件 {place} 的登记与封存在内容里的登记不一致：被改动。请与纸质原件和备份核对。",
    "record_differs": "文书 {place} 的登记与封存的内容不一致：被改动。请与纸质原件和备份核对。",
    "person_differs": "服务对象 {place} 的登记与封存的身份信息不一致：被改动。请与纸质原件和备份核对。",
    "terms_differ": "服务对象 {place} 的查找用词与身份信息不一致：有增删。请与备份核对。",
    "scan_page": "扫描页 {place} 的内容打不开，或与登记的校验值不符。",
    "scan_ledger": "第 {place} 批扫描件的页数与登记不符。",
    "scan_copy": "第 {place} 批扫描件的原文件副本打不开，或与登记的校验值不符。",
    # the log and what it tells of
    "row_changed": "{place} 与日志登记的不一致：在康档之外被改动。请核对纸质件，并从备份恢复。",
    "row_missing": "{place} 日志有登记，数据库中没有：在康档之外被删除。请从备份恢复。",
    "row_unknown": "{place} 日志没有登记：不是由康档写入的。请核对来历，并从备份恢复。",
    # what must be gone
    "tombstone_key": "已销毁的 {place} 仍有密钥。",
    "tombstone_blob": "已销毁的 {place} 仍有文件。",
    "tombstone_content": "已销毁的 {place} 仍有内容。",
    "tombstone_missing": "已销毁的 {place} 没有销毁登记。",
    "restore_gap": "{place}",
    "list_missing": "销毁清册 {place} 的登记缺失，其他登记还指向它。请从备份核对。",
    "list_differs": "销毁清册 {place}。请与当时签字的纸质清册和备份核对。",
    "time_differs": "时间登记 {place} 与日志不一致：被改动、增加或删除。请与备份核对。",
    "events_order": "日志链 {place} 的事件编号与先后不符：被改动。请从备份恢复。",
    "time_leap": "时间登记 {place} 跳得太远：康档自己不会这样登记。请核对电脑时间，并从备份核对。",
    # numbers, log, keys, folders
    "number_gap": "编号 {place} 缺号，没有说明。",
    "log": "{place}",
    "vault": "密钥文件不能使用：{place}",
    "vault_fallback": "{place} 缺失或损坏，现在用的是上一代文件。",
    "seal_key": "封签密钥不能使用：{place}",
    "open_to_others": "{place} 可以被其他用户读取。",
}
