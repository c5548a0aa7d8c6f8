"""Every table and every column has its place here: in a digest, or left out for a reason.

A digest holds sealed bytes, ids, states and dates as they are stored.  Never a name, a number of a person or
an answer in plain: a hash on a log that lasts can be guessed back.  Such a value is left out where it
repeats what is sealed (the check compares the two), and stands as a keyed hash where nothing else holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, Literal

from sqlalchemy import Table

from archives.evidence.digest import keyed, row_digest, row_key
from archives.store.schema import METADATA
from archives.store.touched import LINKS

Via = Literal["station", "file", "person", "record", "document", "loan"]
_VIA: Final[dict[str, Via]] = {
    "": "station", "file_id": "file", "person_id": "person", "kept": "person", "record_id": "record",
    "document_id": "document", "loan_id": "loan",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A table whose rows are digested.  ``kind`` and ``title``: its name on the log, and for a reader."""

    kind: str
    title: str
    table: Table
    keyed: Mapping[str, str] = field(default_factory=dict)
    """Column → why it stands as a keyed hash."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Column → why it is in no digest."""

    @cached_property
    def name(self) -> str:
        """The name of the table."""
        return str(self.table.name)

    @cached_property
    def link(self) -> str:
        """The column that leads to the file of a row; empty for tables of the station."""
        return LINKS[self.table.name]

    @cached_property
    def via(self) -> Via:
        """What the link names; ``station`` for a table that belongs to no file."""
        if self.link == "id":
            return "person" if self.table.name == "persons" else "file"
        return _VIA[self.link]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the digest, those of the key among them."""
        # Plain texts: SQLAlchemy's own kind of text makes the digest of a row ten times as slow.
        return tuple(str(name) for name in self.table.c.keys() if name not in self.left)  # noqa: SIM118 - no mapping

    @cached_property
    def pick(self) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """What ``columns`` hold, of what all columns of the table hold."""
        every = self.table.c.keys()
        return itemgetter(*(every.index(name) for name in self.columns))

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(self.table.primary_key.columns.keys())

    def key(self, row: Mapping[str, Any]) -> str:
        """How the row is called on the log."""
        return row_key(self.kind, (row[name] for name in self.primary))

    def digest(self, held: Sequence[Any], secret: bytes) -> str:
        """The digest of what a row holds in ``columns``; ``secret``: the station's key for keyed hashes."""
        values = dict(zip(self.columns, held, strict=True))
        for name in self.keyed:
            if values[name] is not None:
                values[name] = keyed(secret, f"{self.table.name}.{name}", values[name])
        return row_digest(self.name, values)


_SEALED_IDENTITY: Final = "repeats the sealed identity, with which the check compares it"
_FREE: Final = "free text of a person, and nothing sealed holds it"
_NAME: Final = "a name, and nothing sealed holds it"


def _entries() -> tuple[Entry, ...]:
    table = METADATA.tables
    return (
        # people
        Entry(
            "person", "服务对象", table["persons"],
            left=dict.fromkeys(("id_hash", "name", "sex", "birth_date", "phone"), _SEALED_IDENTITY),
        ),
        Entry("amendment", "身份更正", table["amendments"]),
        Entry("merge", "档案合并", table["merges"]),
        # files
        Entry("file", "案卷", table["files"]),
        Entry("volume", "分卷", table["volumes"]),
        Entry("placement", "存放位置", table["placements"]),
        Entry("record", "文书", table["records"]),
        Entry("revision", "文书各稿", table["revisions"]),
        Entry("document", "文件", table["documents"]),
        Entry("program", "含程序的文件", table["document_programs"]),
        Entry("hold", "冻结", table["holds"]),
        Entry("assignment", "个案指派", table["assignments"]),
        Entry("request", "查阅申请", table["access_requests"]),
        Entry("leave", "重新启用申请", table["leaves_to_reopen"]),
        Entry("loan", "借阅", table["loans"]),
        Entry("reminder", "催还", table["loan_reminders"]),
        Entry("rights", "权利请求", table["rights_requests"]),
        Entry("rightslook", "权利请求核对", table["rights_looks"]),
        Entry("override", "鉴定决定", table["overrides"]),
        Entry("tombstone", "销毁登记", table["tombstones"]),
        Entry("forgotten", "人员销毁登记", table["forgotten"]),
        Entry("question", "扫描核对事项", table["scan_questions"]),
        Entry("separator", "附件分隔页", table["scan_separators"]),
        Entry("written", "写出的文件", table["written_out"]),
        Entry("left", "销毁时在外的文件", table["disposal_written"]),
        Entry("acceptance", "分卷接案", table["volume_facts"]),
        Entry("title", "附件题名", table["document_titles"]),
        Entry("behind", "分隔页题名", table["separator_titles"]),
        # the station
        Entry("staff", "工作人员", table["staff"], keyed={"name": _NAME}),
        Entry("role", "人员角色", table["staff_roles"]),
        Entry("user", "账号", table["users"], keyed={"login": _NAME}),
        Entry("schedule", "保管期限表", table["schedules"]),
        Entry("settings", "站点设置", table["station_settings"], keyed={"body": _FREE}),
        Entry("copy", "馆外副本", table["outside_copies"], keyed={"name": _FREE}),
        Entry("transfer", "移交清单", table["transfers"]),
        Entry("transferred", "移交条目", table["transfer_items"]),
        Entry("gap", "恢复缺口", table["restore_gaps"]),
        Entry("gapend", "恢复缺口的了结", table["restore_gap_ends"]),
        # disposal
        Entry("disposal", "销毁清册", table["disposal_lists"], keyed={"method": _FREE, "place": _FREE}),
        Entry(
            "item", "清册条目", table["disposal_items"],
            keyed={"opinion_reason": _FREE, "paper_place": _FREE},
        ),
        Entry("appraisal", "鉴定意见", table["appraisals"]),
        Entry("approval", "销毁审批", table["disposal_approvals"]),
        Entry("execution", "销毁执行", table["disposal_executions"]),
        Entry("witness", "监销人", table["disposal_witnesses"]),
        Entry("credential", "监销人凭证", table["witness_credentials"]),
        # scans come home
        Entry("scan", "扫描批次", table["scan_batches"]),
        Entry("part", "扫描原件副本", table["scan_parts"]),
        Entry("page", "扫描页", table["scan_pages"]),
        Entry("look", "空白页核对", table["scan_blank_looks"]),
        Entry("clearing", "暂存清除", table["scan_clearings"]),
        Entry("scanprogram", "含程序的扫描原件", table["batch_programs"]),
        Entry("aside", "收件箱登记", table["scan_set_aside"]),
        Entry("successor", "重收登记", table["scan_successors"]),
    )  # fmt: skip


ENTRIES: Final = {entry.table.name: entry for entry in _entries()}
"""Name of the table → its place."""
BY_KIND: Final = {entry.kind: entry for entry in ENTRIES.values()}
EXEMPT: Final[dict[str, str]] = {
    "events": "the log itself; its chains, seals and anchors guard it",
    "seals": "signed, linked, and anchored outside",
    "seal_heads": "their root is in the signed seal",
    "notes": "the event carries the hash of its note",
    "search_terms": "derived from the sealed identity, made anew from it",
    "facts": "repeat answers of the sealed revision, with which the check compares them",
    "sequences": "the check compares them with the numbers given",
    "numbers": "a number stands on the row that bears it, and gaps are found by counting",
    "store_marks": "each opening compares them with the stores they name",
    "clock_readings": "guarded, and each confirmation has its event with both readings",
    "clock_wrongs": "derived from times on the log; each has its event",
}
"""Name of a table whose rows are in no digest → why not."""
