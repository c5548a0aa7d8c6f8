"""Who may do what (design §5, spec E3.6): one table of acts, one pure decision.

An act on a file asks three things: does a role allow it, what is the person to the file (own, supervised,
neither), and does the state of the file, or of the volume asked about, allow it.  Denials are sentences; the
caller puts them on the log.  What reading an act opens by changing a state is ``openings``' to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archives.errors import AccessDenied, ArchiveError, PurposeNeeded, StateForbids
from archives.ports import ROLE_NAMES, Role

Relation = Literal["own", "supervised", "none"]
Reach = Literal["own", "supervised", "any", "purpose"]
"""own: one's cases · supervised: cases of those one supervises · purpose: others too, saying why · any."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What each role may reach with an act; ``content`` acts show or change what a file says."""

    name: str
    reach: Mapping[Role, Reach]
    content: bool = False
    changes: bool = False
    """Whether the act adds to or changes the file, which a filed one does not allow."""
    into_closed: frozenset[Role] = frozenset()
    """Who may still add to an earlier, closed volume of a file that is in use again."""
    lists: bool = False
    """Whether the act prints numbers and titles: of what is closed only for who answers for all files."""
    by_leave: bool = False
    """Whether a leave given for this very act stands for being the file's worker."""


ACTS: Mapping[str, Rule] = {
    "person.open": Rule("建档", {"worker": "any"}),
    "person.search": Rule(
        "检索", {"worker": "any", "supervisor": "any", "director": "any", "records": "any"}
    ),
    "file.open": Rule(
        "查看档案",
        {"worker": "purpose", "supervisor": "purpose", "director": "purpose", "records": "purpose"},
        content=True,
    ),
    "record.write": Rule("录入文书", {"worker": "own"}, content=True, changes=True),
    "record.issue": Rule(
        "打印文书", {"worker": "own", "supervisor": "supervised"}, content=True, changes=True
    ),
    "series.write": Rule("录入站点文书", {"worker": "any", "supervisor": "any"}, changes=True),
    "series.read": Rule(
        "查看站点文书",
        {"worker": "any", "supervisor": "any", "director": "any", "records": "any"},
    ),
    "record.event": Rule("登记起算日期", {"records": "any"}),
    "person.amend": Rule("更正身份信息", {"worker": "own"}, content=True, changes=True),
    "person.merge": Rule("合并档案", {"records": "any"}, changes=True),
    "series.names": Rule(
        "查看写有姓名的站点文书",
        {"worker": "purpose", "supervisor": "purpose", "director": "purpose", "records": "purpose"},
        content=True,
    ),
    "document.file": Rule(
        "归入文件", {"worker": "own", "records": "any"}, changes=True, into_closed=frozenset({"records"})
    ),
    "scan.add": Rule("接收扫描件", {"worker": "any", "records": "any"}),
    "scan.status": Rule(
        "查看扫描批次", {"worker": "any", "supervisor": "any", "director": "any", "records": "any"}
    ),
    "scan.queue": Rule("处理扫描页", {"records": "any"}),
    "file.accept": Rule("接案", {"worker": "own"}, changes=True),
    "file.close": Rule("结案", {"worker": "own"}, changes=True),
    "file.archive": Rule("归档", {"records": "any"}, changes=True),
    "file.reopen": Rule("重新启用", {"worker": "own", "records": "any"}, by_leave=True),
    "file.takeback": Rule("撤回空的新卷", {"worker": "own", "records": "any"}, changes=True),
    "file.catalogue": Rule("编制卷内目录", {"records": "any", "worker": "own"}, lists=True),
    "file.place": Rule("登记存放位置", {"records": "any"}),
    "file.assign": Rule("指派", {"supervisor": "any", "director": "any"}),
    "file.request": Rule("申请查阅或重新启用", {"worker": "any", "supervisor": "any", "director": "any"}),
    "file.grant": Rule("批准查阅或重新启用", {"director": "any"}),
    "file.export": Rule("导出案卷", {"records": "purpose", "director": "purpose"}, content=True),
    "hold.place": Rule("冻结", {"director": "any", "records": "any", "supervisor": "supervised"}),
    "hold.list": Rule("查看冻结", {"director": "any", "records": "any", "supervisor": "supervised"}),
    "hold.release": Rule("解除冻结", {"director": "any"}),
    "schedule.propose": Rule("提交保管期限表", {"records": "any"}),
    "schedule.approve": Rule("批准保管期限表", {"director": "any"}),
    "retention.plan": Rule("查看到期计划", {"records": "any", "director": "any"}),
    "disposal.prepare": Rule("编制销毁清册", {"records": "any"}),
    "disposal.appraise": Rule(
        "鉴定", {"records": "any", "director": "any", "supervisor": "any", "worker": "any"}
    ),
    "disposal.approve": Rule("审批销毁", {"director": "any"}),
    "disposal.execute": Rule("执行销毁", {"records": "any"}),
    "loan.lend": Rule("借出", {"records": "any"}),
    "loan.approve": Rule("批准借阅", {"director": "any"}),
    "transfer.make": Rule("移交", {"records": "any", "worker": "own"}),
    "rights.register": Rule("受理权利请求", {"records": "any", "worker": "any"}),
    "rights.look": Rule("核对权利请求", {"records": "any"}),
    "rights.decide": Rule("办理权利请求", {"director": "any"}),
    "register.print": Rule("打印登记簿", {"records": "any", "director": "any"}),
    "plain.tidy": Rule(
        "清理写出的文件",
        {
            "worker": "any",
            "supervisor": "any",
            "director": "any",
            "records": "any",
            "auditor": "any",
            "admin": "any",
        },
    ),
    "copy.gone": Rule("登记副本已销毁", {"records": "any", "admin": "any"}),
    "clock.confirm": Rule("确认日期", {"records": "any", "admin": "any"}),
    "log.read": Rule("查看日志", {"auditor": "any"}),
    "log.export": Rule("导出日志", {"auditor": "any"}),
    "log.verify": Rule("核对日志", {"auditor": "any", "admin": "any"}),
    "log.seal": Rule("日志封签", {"auditor": "any", "admin": "any"}),
    "user.manage": Rule("管理用户", {"admin": "any"}),
    "station.settings": Rule("确认站点设置", {"admin": "any", "director": "any"}),
    "station.check": Rule("检查数据", {"admin": "any", "records": "any"}),
    "restore.list": Rule("补用销毁登记", {"records": "any"}),
    "restore.settle": Rule("签认恢复后的销毁缺口", {"director": "any"}),
    "station.backup": Rule("备份", {"admin": "any"}),
}
_CUSTODIANS: frozenset[Role] = frozenset({"records", "director"})
"""They answer for all files: lists tell them every number and title."""
_WIDTH: Mapping[Reach, int] = {"own": 1, "supervised": 2, "purpose": 3, "any": 4}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the acting person is to a file."""

    state: str
    relation: Relation
    granted: bool = False
    """Whether a request to see this closed file was granted and has not run out."""
    number: str = ""
    closed: bool = False
    """Whether the part of the file that the act is about is closed; of a filed one every part is."""
    leave: bool = False
    """Whether a leave to reopen this file was granted, has not run out and is not used up."""


def refusal(
    act: str, roles: frozenset[Role], file: Standing | None = None, purpose: str | None = None
) -> ArchiveError | None:
    """Why the act is not allowed, or None when it is."""
    rule = ACTS[act]
    reaches = [rule.reach[role] for role in rule.reach if role in roles]
    if not reaches:
        allowed = "、".join(ROLE_NAMES[role] for role in rule.reach)
        return AccessDenied(f"{rule.name}由{allowed}办理。")
    if file is None:
        return None
    return (
        _by_state(rule, roles, file)
        or _unseen(rule, roles, file)
        or _by_reach(act, rule, max(reaches, key=_WIDTH.__getitem__), file, purpose)
    )


def _by_state(rule: Rule, roles: frozenset[Role], file: Standing) -> ArchiveError | None:
    uses = rule.content or rule.changes or rule.by_leave
    if file.state == "merged" and uses:
        return StateForbids(
            f"档案 {file.number} 已并入另一份档案。",
            hint="请用姓名查找，在合并后的档案中办理：kangdang person search。",
        )
    if file.state == "destroyed" and uses:
        return StateForbids(
            f"档案 {file.number} 已销毁，内容不存在。", hint="销毁经过见销毁清册：kangdang disposal list。"
        )
    if file.state == "restricted" and uses:
        return AccessDenied(
            f"档案 {file.number} 已封存，只保存、不使用。",
            hint="解除封存须由机构负责人办理：kangdang rights lift，或 kangdang hold release。",
        )
    if file.state == "filed" and rule.changes:
        return StateForbids(
            f"档案 {file.number} 已归档，内容不能改动。",
            hint="确需补充时请先重新启用该档案：kangdang file reopen。",
        )
    if file.closed and rule.changes and not roles & rule.into_closed:
        return StateForbids(
            f"档案 {file.number} 以前的卷已经结束，内容不能改动。",
            hint=(
                "补充的情况请用 kangdang record add 写入本次服务的这一卷；"
                "补归原件请交档案员（kangdang scan add、kangdang document add）。"
            ),
        )
    return None


def _unseen(rule: Rule, roles: frozenset[Role], file: Standing) -> AccessDenied | None:
    """The act would show what is closed, and no request was granted."""
    shows = (rule.content and not rule.changes) or (rule.lists and not roles & _CUSTODIANS)
    if not shows or file.granted or not (file.closed or file.state == "filed"):
        return None
    what = "已归档" if file.state == "filed" else "以前的卷已经结束"
    return AccessDenied(
        f"档案 {file.number} {what}，查看须先申请并经批准。", hint="请用 kangdang file request 提出申请。"
    )


def _by_reach(act: str, rule: Rule, reach: Reach, file: Standing, purpose: str | None) -> ArchiveError | None:
    if reach == "any" or file.relation == "own" or (rule.by_leave and file.leave):
        return None
    if file.relation == "supervised" and reach in ("supervised", "purpose"):
        return None
    if reach == "purpose":
        return None if purpose else _purpose_needed(act, file)
    if rule.by_leave:
        return AccessDenied(
            f"{rule.name}由原负责人员或档案员办理，其他人须经机构负责人批准。",
            hint="请用 kangdang file request --reopen 提出申请；查阅的批准不能代替。",
        )
    return AccessDenied(f"{rule.name}只能由负责该个案的人员办理。")


def _purpose_needed(act: str, file: Standing) -> PurposeNeeded:
    if act == "series.names":
        return PurposeNeeded(f"站点档案 {file.number} 中的这份文书写有姓名，须说明利用目的。")
    return PurposeNeeded(f"档案 {file.number} 不是您负责的个案，须说明利用目的。")


# --- lists ------------------------------------------------------------------------------------------------


def named_in_lists(roles: frozenset[Role], file: Standing) -> bool:
    """Whether a list, a queue or an account tells this person the number and titles of a file's part."""
    if roles & _CUSTODIANS:
        return True
    if file.closed and not file.granted:
        return False
    if file.relation == "own":
        return "worker" in roles
    return file.relation == "supervised" and "supervisor" in roles


def sees_list_of_items(roles: frozenset[Role], state: str, *, took_part: bool) -> bool:
    """Whether the items of a 销毁清册 are told: to the custodians, to whom appraises it, to who took part."""
    return bool(roles & _CUSTODIANS) or state == "proposed" or took_part


def freezes_at_once(roles: frozenset[Role], relation: Relation) -> bool:
    """Whether a request this person registers holds the file at once, before the 档案员 has looked."""
    return bool(roles & _CUSTODIANS) or relation == "own"
