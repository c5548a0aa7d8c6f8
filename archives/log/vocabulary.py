"""The closed words of the access log: actions, kinds of subjects, keys of details.

The lists only grow: events are kept for ever, so a word once used keeps its meaning.
"""

from __future__ import annotations

from typing import Final, Literal

ACTIONS: Final[dict[str, str]] = {
    "login": "登录",
    "login.failed": "登录失败",
    "login.locked": "登录被锁定",
    "logout": "退出登录",
    "access.denied": "越权操作被拒绝",
    "station.create": "建立站点",
    "station.configure": "修改站点设置",
    "station.migrate": "升级数据格式",
    "staff.add": "登记人员",
    "staff.change": "修改人员信息",
    "staff.role": "变更人员角色",
    "user.add": "建立账号",
    "user.change": "修改账号",
    "user.disable": "停用账号",
    "user.password": "修改密码",
    "user.recover": "用恢复单恢复",
    "assignment.set": "指派个案负责人",
    "assignment.end": "结束个案指派",
    "person.add": "登记服务对象",
    "person.search": "检索服务对象",
    "person.read": "查看服务对象信息",
    "person.amend": "更正服务对象信息",
    "person.merge": "合并服务对象",
    "file.open": "打开档案",
    "file.search": "检索档案",
    "file.create": "建档",
    "file.volume": "设立分卷",
    "file.close": "案卷封卷",
    "file.reopen": "案卷重新启用",
    "file.merge": "合并案卷",
    "file.place": "登记存放位置",
    "file.print": "打印案卷封面目录",
    "file.export": "导出案卷",
    "file.restrict": "封存档案",
    "file.unrestrict": "解除封存",
    "file.request": "申请查阅",
    "file.grant": "批准查阅",
    "file.refuse": "不批准查阅",
    "record.add": "录入文书",
    "record.read": "查看文书",
    "record.search": "检索文书",
    "record.revise": "修改文书",
    "record.state": "变更文书状态",
    "record.print": "打印文书",
    "record.issue": "正式打印文书",
    "record.export": "导出文书",
    "record.extract": "摘录入卷",
    "record.void": "作废文书",
    "document.add": "归入文件",
    "document.read": "查看文件",
    "document.print": "打印文件",
    "document.export": "导出文件",
    "document.void": "作废文件",
    "scan.receive": "接收扫描件",
    "scan.file": "扫描件归档",
    "scan.reject": "退回扫描件",
    "scan.read": "查看扫描页",
    "scan.settle": "处理扫描页",
    "scan.blanks": "看过空白页",
    "scan.question": "核对扫描差异",
    "scan.separate": "制作附件分隔页",
    "scan.clear": "清除扫描暂存",
    "scan.export": "取回扫描原文件",
    "hold.place": "冻结",
    "hold.release": "解除冻结",
    "schedule.submit": "提交保管期限表",
    "schedule.approve": "批准保管期限表",
    "retention.plan": "查看到期计划",
    "retention.override": "延长或变更保管期限",
    "disposal.list": "编制销毁清册",
    "disposal.appraise": "鉴定",
    "disposal.approval": "审批销毁清册",
    "disposal.refuse": "退回销毁清册",
    "disposal.withdraw": "撤回销毁清册",
    "disposal.witness": "监销人到场确认",
    "disposal.credential": "发放监销人一次性凭证",
    "disposal.execute": "执行销毁",
    "disposal.destroyed": "单件销毁完成",
    "disposal.complete": "销毁清册执行完毕",
    "loan.lend": "借出",
    "loan.remind": "催还",
    "loan.return": "归还",
    "transfer.list": "编制移交清单",
    "transfer.complete": "移交完成",
    "rights.request": "受理权利请求",
    "rights.decide": "办理权利请求",
    "number.void": "说明缺号",
    "copy.made": "形成馆外副本",
    "copy.gone": "馆外副本已销毁",
    "register.print": "打印登记簿",
    "register.export": "导出登记簿",
    "register.read": "查看登记簿",
    "log.read": "查看日志",
    "log.export": "导出日志",
    "log.verify": "核对日志",
    "log.seal": "日志封签",
    "log.anchor": "封签外存",
    "rows.noted": "登记内容校验值",
    "rows.baseline": "登记升级前内容的校验值",
    "clock.doubt": "日期未确认",
    "clock.confirm": "确认日期",
    "clock.return": "时钟恢复正常",
    "check.run": "全面检查",
    "backup.make": "备份",
    "backup.verify": "验证备份",
    "backup.restore": "从备份恢复",
}
"""Action code → what a user reads."""

SUBJECT_KINDS: Final[frozenset[str]] = frozenset((
    "station", "staff", "user", "client", "assignment", "person", "file", "volume", "record", "revision",
    "document", "sheet", "scan", "page", "hold", "schedule", "override", "disposal", "item", "loan",
    "transfer", "rights", "copy", "register", "request", "grant", "witness", "log", "seal", "backup",
    "form",
))  # fmt: skip
"""What stands before the colon of a subject; ``form:<id>`` and ``number:<sequence>:<year>:<n>`` too."""

DetailKind = Literal["int", "bool", "code", "sha256", "digests"]

_NUMBERS = (
    "person", "file", "volume", "record", "revision", "document", "scan", "page", "hold", "override",
    "disposal", "item", "loan", "transfer", "rights", "copy", "request", "grant", "witness", "seal",
    "staff", "user", "other", "count", "pages", "copies", "bytes", "hits", "rows", "items", "files",
    "records", "documents", "events", "chains", "seals", "findings", "failures", "years", "months",
    "days", "number", "first", "last",
)  # fmt: skip
_TRUTHS = (
    "provisional", "official", "paper", "outside", "dry_run", "full", "encrypted", "exact", "latest",
)  # fmt: skip
_CODES = (
    "form", "version", "command", "kind", "reason", "state", "state_before", "state_after", "role",
    "role_before", "role_after", "media", "schedule", "opinion", "print_id", "reference", "on", "until",
    "due", "started", "ended", "error", "format", "location_code", "suite", "numbers", "clock", "reading",
    "confirmed",
)  # fmt: skip
_HASHES = (
    "sha256", "sha256_before", "payload_sha256", "list_sha256", "template_sha256", "login_sha256",
    "query_sha256",
)  # fmt: skip

DETAIL_KEYS: Final[dict[str, DetailKind]] = {
    **dict.fromkeys(_NUMBERS, "int"),
    **dict.fromkeys(_TRUTHS, "bool"),
    **dict.fromkeys(_CODES, "code"),
    **dict.fromkeys(_HASHES, "sha256"),
    "digests": "digests",
}
"""Key of a detail → kind of its value: a number, a truth, a short ASCII code or date, a hash in hex, and
the digests of rows (``kind:key`` → a hash in hex, or ``gone``)."""
