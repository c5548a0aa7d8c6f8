"""What an event adds to its act, in words: what changed, how many, until when, why it was refused.  Pure.

Keys that only a program needs (hashes of passwords, counters, digests of rows) say nothing here; the event
itself keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from archives.disposal.lists import OPINIONS
from archives.disposal.rehearsal import BECAUSE
from archives.duties.copies import KINDS as COPIES
from archives.duties.rights import DECISIONS
from archives.duties.rights import KINDS as REQUESTS
from archives.duties.transfers import KINDS as TRANSFERS
from archives.items.holds import REASONS as HOLDS
from archives.items.records import STATE_NAMES as RECORD_STATES
from archives.ports import ROLE_NAMES
from archives.retention.item import EVENTS
from archives.scans.batches import STATE_NAMES as PAGE_STATES
from archives.scans.reasons import REASONS as SCAN_REASONS
from desk.station.access import ACTS
from desk.station.log_subjects import Subjects
from desk.station.programs import named

Detail = Mapping[str, Any]
Label = Callable[[str, str], str]
"""(subject, name of a field) → the field as its form calls it."""

REFUSALS: Final[Mapping[str, str]] = {
    "NotYet": "日期未到", "DateUnconfirmed": "日期未确认", "StateForbids": "现在的状态不允许",
    "SeparationBroken": "应由不同的人办理", "ListChanged": "核对的内容不符",
    "InputRefused": "填写的内容不被接受",
    "WitnessRefused": "监销人没有通过验证", "LoginRefused": "密码不对", "LoginLocked": "账号被锁定",
    "AccessDenied": "没有权限", "DisposalRefused": "清册中有不能销毁的件", "Held": "已被冻结",
    "NotFound": "编号不对", "AlreadyThere": "已经有了", "StoreUnusable": "数据不能读写",
    "BackupInvalid": "销毁登记不能使用",
    "ProgramInside": "文件里有程序",
}  # fmt: skip
"""Class of an error → why, in a few words."""
_IDENTITY: Final[Mapping[str, str]] = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "phone": "电话", "id_number": "证件号码",
}  # fmt: skip
_OUTCOMES: Final[Mapping[str, str]] = {
    "rejected": "不接案", "referred_out": "转介", "served_briefly": "简短服务",
}  # fmt: skip
_FILES: Final[Mapping[str, str]] = {"open": "在用", "filed": "已归档", "restricted": "已封存"}
_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "transfer.list": TRANSFERS, "rights.request": REQUESTS, "rights.decide": DECISIONS, "copy.made": COPIES,
    "copy.gone": COPIES, "application.end": _OUTCOMES, "file.close": _OUTCOMES, "retention.event": EVENTS,
    "record.state": EVENTS,
    "disposal.witness": {"password": "凭密码", "one_time": "凭一次性凭证"},
    "record.read": {"history": "修改经过"},
    "register.read": {"holds": "冻结", "copies": "馆外副本"},
    "station.configure": {"settings": "站点设置"},
    "file.merge": {"kept": "保留的一份", "merged": "被并入的一份"},
}  # fmt: skip
_COUNTED: Final[Mapping[str, str]] = {
    "items": "{} 件", "records": "{} 件", "documents": "{} 个文件", "files": "{} 卷", "pages": "{} 页",
    "rows": "{} 行", "hits": "找到 {} 份", "findings": "{} 处问题", "events": "{} 条", "days": "{} 天",
    "failures": "{} 次", "years": "{} 年",
}  # fmt: skip
_DATED: Final[Mapping[str, str]] = {"on": "日期 {}", "due": "应于 {} 前", "until": "到 {}"}
_REASONS: Final[Mapping[str, str]] = {**SCAN_REASONS, **dict(BECAUSE.items()), **HOLDS}


def told(action: str, subject: str, detail: Detail, known: Subjects, label: Label) -> list[str]:
    """Phrases in the order they are read."""
    return [phrase for part in _PARTS for phrase in part(action, subject, detail, known, label) if phrase]


def _papers(action: str, _subject: str, detail: Detail, known: Subjects, _label: Label) -> Iterator[str]:
    if detail.get("record"):
        yield known.paper(detail["record"])
    if action == "record.extract" and detail.get("other"):
        yield f"摘自{known.paper(detail['other'])}"
    if action == "file.merge" and detail.get("file"):
        yield f"另一份 {known.number(detail['file'])}"
    if detail.get("volume") and action != "file.create":  # which has the number of the row, not the volume's
        yield f"第 {detail['volume']} 卷"
    if detail.get("revision"):
        yield f"第 {detail['revision']} 稿"


def _people(action: str, _subject: str, detail: Detail, known: Subjects, _label: Label) -> Iterator[str]:
    for key, word in (("staff", "人员"), ("witness", "监销人")):
        if detail.get(key):
            yield f"{word} {known.staff.get(detail[key], '#' + str(detail[key]))}"
    if action == "loan.lend" and detail.get("other"):
        yield f"批准人 {known.staff.get(detail['other'], '#' + str(detail['other']))}"
    for key, word in (("role_after", "给予角色"), ("role_before", "取消角色")):
        if detail.get(key):
            names: Mapping[str, str] = ROLE_NAMES  # type: ignore[assignment]  # read by any text
            yield f"{word}{names.get(detail[key], detail[key])}"


def _what(action: str, _subject: str, detail: Detail, _known: Subjects, _label: Label) -> Iterator[str]:
    kind = detail.get("kind")
    if kind is not None and action.startswith("register."):
        yield _KINDS["register.read"].get(kind, kind)
    elif kind is not None and kind in _KINDS.get(action, ()):
        yield _KINDS[action][kind]
    if detail.get("opinion"):
        yield f"意见：{OPINIONS.get(detail['opinion'], detail['opinion'])}"
    if detail.get("programs"):
        yield f"文件里有程序：{named(tuple(detail['programs'].split(',')))}"
    if detail.get("schedule"):
        yield f"保管期限表 {detail['schedule']} 版"


def _changed(action: str, subject: str, detail: Detail, _known: Subjects, label: Label) -> Iterator[str]:
    if action == "person.amend" and detail.get("kind"):
        yield f"改动的项目：{_IDENTITY.get(detail['kind'], detail['kind'])}"
    if detail.get("fields"):
        names = [label(subject, name) for name in str(detail["fields"]).split(",")]
        more = f"等 {detail['count']} 项" if detail.get("count", 0) > len(names) else ""
        yield f"改动的项目：{'、'.join(names)}{more}"
    states = PAGE_STATES if subject.startswith("page:") else {**_FILES, **RECORD_STATES}
    before = str(detail.get("state_before"))
    after = str(detail.get("state_after", detail.get("state")))
    if before in states and after in states and before != after:
        yield f"由“{states[before]}”改为“{states[after]}”"


def _counted(_action: str, _subject: str, detail: Detail, _known: Subjects, _label: Label) -> Iterator[str]:
    if detail.get("paper"):
        yield "其中纸质"
    for words in (_COUNTED, _DATED):
        for key, word in words.items():
            if detail.get(key) is not None:
                yield word.format(detail[key])


def _why(_action: str, _subject: str, detail: Detail, _known: Subjects, _label: Label) -> Iterator[str]:
    if detail.get("reason"):
        yield f"原因：{_REASONS.get(detail['reason'], detail['reason'])}"
    if detail.get("error"):
        yield f"原因：{REFUSALS.get(detail['error'], detail['error'])}"
    if detail.get("command"):
        rule = ACTS.get(detail["command"])
        yield f"想做的是：{rule.name if rule else detail['command']}"
    if detail.get("clock") == "unconfirmed":
        yield "当时日期未确认"


_PARTS: Final = (_papers, _people, _what, _changed, _counted, _why)
