"""What an event is about, as a reader knows it: files by number, papers by title, lists by code.

Everything a line needs is asked once for all lines.  Never a name of a person served, never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, select

from archives.archive import Unit
from archives.duties.staff import names_of
from archives.store.tables import documents, files, holds, records
from archives.store.tables_duties import disposal_lists, loans, rights_requests, transfers
from archives.store.tables_people import users
from archives.store.tables_scans import scan_pages

_PAPERS: Final[Mapping[str, str]] = {"issued": "打印件", "scan": "扫描件", "attachment": "附件"}
_REGISTERS: Final[Mapping[str, str]] = {
    "station": "本站", "log": "访问日志", "backup": "备份", "register": "登记簿",
}  # fmt: skip
_PLAIN: Final[Mapping[str, str]] = {
    "scan": "第 {} 批扫描件", "hold": "第 {} 号冻结", "request": "第 {} 号申请",
    "copy": "第 {} 号馆外副本",
    "seal": "第 {} 号封签", "assignment": "第 {} 号指派", "grant": "第 {} 号批准", "override": "第 {} 号鉴定",
    "revision": "第 {} 稿", "volume": "第 {} 卷", "schedule": "保管期限表 {} 版", "sheet": "打印编号 {}",
    "witness": "监销人 {}", "client": "电脑 {}", "item": "第 {} 件",
}  # fmt: skip
_ROWS: Final[Mapping[str, Table]] = {
    "record": records, "document": documents, "page": scan_pages, "hold": holds, "disposal": disposal_lists,
    "loan": loans, "transfer": transfers, "rights": rights_requests, "user": users,
}  # fmt: skip
_BATCH: Final = 500


class Subjects:
    """The subjects of some events, looked up; what is not there any more keeps its number."""

    def __init__(
        self,
        unit: Unit,
        subjects: Iterable[str],
        form_title: Callable[[str], str],
        label: Callable[[str, str], str],
    ) -> None:
        self._form_title, self._label = form_title, label
        self.staff = names_of(unit)
        wanted: dict[str, set[int]] = {kind: set() for kind in _ROWS}
        people: set[int] = set()
        for subject in subjects:
            kind, _, number = subject.partition(":")
            if kind == "person" and number.isdecimal():
                people.add(int(number))
            elif kind in wanted and number.isdecimal():
                wanted[kind].add(int(number))
        self._rows: dict[str, dict[int, Any]] = {
            kind: _asked(unit, table, wanted[kind]) for kind, table in _ROWS.items() if kind != "record"
        }
        papers = wanted["record"] | {
            row.record_id
            for kind in ("document", "hold")
            for row in self._rows[kind].values()
            if row.record_id is not None
        }
        self._rows["record"] = _asked(unit, records, papers)
        self._numbers = {
            row.id: row.ref_code or row.application_no or f"未编号的档案 {row.id}"
            for row in unit.execute(select(files.c.id, files.c.ref_code, files.c.application_no))
        }
        owners = select(files.c.person_id, files.c.id).where(files.c.person_id.is_not(None))
        self._files_of = {row.person_id: row.id for row in unit.execute(owners)} if people else {}

    def number(self, file: int | None) -> str:
        """档号 or 申请编号 of a file; empty for the station's own log."""
        return "" if not file else self._numbers.get(file, f"档案 {file}")

    def told(self, subject: str) -> str:
        """The thing in words."""
        kind, _, rest = subject.partition(":")
        if kind == "form":
            return f"《{self._form_title(rest)}》"
        if kind == "number":
            sequence, _, number = rest.rpartition(":")
            return f"编号 {sequence.replace(':', ' ')} 第 {number} 号"
        if kind in _REGISTERS:
            return _REGISTERS[kind]
        known = self._known(kind, int(rest)) if rest.isdecimal() else None
        return known or _PLAIN.get(kind, kind + " {}").format(rest)

    def _known(self, kind: str, number: int) -> str | None:
        if kind == "file":
            return f"档案 {self.number(number)}"
        if kind == "person":
            return f"档案 {self.number(self._files_of.get(number))}".rstrip() + "的本人信息"
        if kind == "staff":
            return f"工作人员 {self.staff.get(number, f'#{number}')}"
        row = self._rows.get(kind, {}).get(number)
        return _BY_ROW[kind](self, row) if row is not None else None

    def paper(self, record: int | None) -> str:
        """《题名》 of a paper and its 档号 (``#id`` before it has one)."""
        row = self._rows["record"].get(record or 0)
        if row is None:
            return f"第 {record} 号文书" if record else ""
        return f"《{row.title}》（{row.ref_code or f'#{row.id}'}）"

    def label(self, subject: str, name: str) -> str:
        """A field as the form of a paper calls it; its own name where the form is not known."""
        kind, _, number = subject.partition(":")
        row = self._rows["record"].get(int(number)) if kind == "record" and number.isdecimal() else None
        return name if row is None else self._label(row.form_id, name)

    def _document(self, row: Any) -> str:
        return (
            f"{self.paper(row.record_id)}的{_PAPERS[row.kind]}"
            if row.record_id
            else f"未归件的{_PAPERS[row.kind]}"
        )

    def _hold(self, row: Any) -> str:
        return f"第 {row.id} 号冻结（{self.paper(row.record_id) or '全卷'}）"

    def _user(self, row: Any) -> str:
        return f"{self.staff.get(row.staff_id, f'#{row.staff_id}')}的账号"


def _coded(word: str, column: str) -> Callable[[Subjects, Any], str]:
    return lambda _known, row: f"{word} {getattr(row, column)}"


_BY_ROW: Final[Mapping[str, Callable[[Subjects, Any], str]]] = {
    "record": lambda known, row: known.paper(row.id),
    "document": Subjects._document,  # noqa: SLF001 - of this module
    "hold": Subjects._hold,  # noqa: SLF001 - of this module
    "user": Subjects._user,  # noqa: SLF001 - of this module
    "page": lambda _known, row: f"第 {row.batch_id} 批扫描件的第 {row.number} 页",
    "disposal": _coded("销毁清册", "ref_code"),
    "transfer": _coded("移交清单", "ref_code"),
    "loan": _coded("借阅", "ref_code"),
    "rights": _coded("权利请求", "ref_code"),
}


def _asked(unit: Unit, table: Table, numbers: set[int]) -> dict[int, Any]:
    chosen: Sequence[int] = sorted(numbers)
    found: dict[int, Any] = {}
    for start in range(0, len(chosen), _BATCH):
        query = select(table).where(table.c.id.in_(chosen[start : start + _BATCH]))
        found |= {row.id: row for row in unit.execute(query)}
    return found
