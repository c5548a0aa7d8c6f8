"""The mistakes of docs/bad-input.md, each as a function that makes the program answer.

Shared by the test that compares the documented sentences and by anybody who wants to see them again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from generator.errors import DataUnreadable
from generator.forms.catalogue import load_form
from generator.forms.definition import Level
from generator.resources import data_dir
from generator.validation.strict_json import parse
from generator.validation.validate import validate

NOW = datetime(2026, 1, 5, 9, 0)
ABSENT = object()
Answer = tuple[str, str]
"""(sentence, cure)"""


def example(form_id: str, name: str = "valid-full") -> dict[str, Any]:
    path = data_dir("schemas") / "examples" / form_id / f"{name}.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def unreadable(raw: bytes) -> Callable[[], list[Answer]]:
    def run() -> list[Answer]:
        try:
            parse(raw)
        except DataUnreadable as refused:
            return [(refused.message, refused.hint)]
        return []

    return run


def answers(
    form_id: str, level: Level = "final", base: str = "valid-full", **changes: Any
) -> Callable[[], list[Answer]]:
    """Change an example (``place__street`` goes inside; ABSENT removes) and validate it."""

    def run() -> list[Answer]:
        data = copy.deepcopy(example(form_id, base))
        for place, value in changes.items():
            *around, last = place.split("__")
            node: Any = data
            for name in around:
                node = node[int(name)] if isinstance(node, list) else node[name]
            if value is ABSENT:
                del node[last]
            else:
                node[int(last) if isinstance(node, list) else last] = value
        report = validate(load_form(form_id), data, level, NOW)
        return [(problem.message, problem.hint) for problem in report.problems]

    return run


CASES: dict[str, Callable[[], list[Answer]]] = {
    "JSON 缺逗号": unreadable(b'{\n  "age": 39\n  "gender": "\xe7\x94\xb7"\n}'),
    "JSON 末项多逗号": unreadable(b'{\n  "age": 39,\n}'),
    "文字缺后引号": unreadable('{"client_name": "样例甲}'.encode()),
    "文字中直接换行": unreadable('{"client_needs": "第一行\n第二行"}'.encode()),
    "文件是 GBK 编码": unreadable('{\n"client_name": "样例甲"}'.encode("gbk")),
    "NaN": unreadable(b'{"place": {"floor": NaN}}'),
    "无穷大": unreadable(b'{"age": 1e999}'),
    "重复的项目": unreadable(b'{"plan_rows": [{"method": "a", "method": "b"}]}'),
    "半个字符": unreadable(b'{"client_name": "\\ud83d"}'),
    "最外层是列表": unreadable(b"[]"),
    "文件过大": unreadable(b'{"a": "' + b"x" * 5_000_000 + b'"}'),
    "嵌套过深": unreadable(b'{"a":' * 40 + b"1" + b"}" * 40),
    "两份数据相连": unreadable(b"{} {}"),
    "空文件": unreadable(b""),
    "必填项未填": answers("application_b", application_date=ABSENT),
    "必填项只有空格": answers("application_b", client_needs="  "),
    "行内必填项未填": answers("plan_d", plan_rows__2__method=ABSENT),
    "列表为空": answers("record_e", staff=[]),
    "类型不对": answers("application_b", age="39"),
    "填了 null": answers("application_b", client_needs=None),
    "项目名称写错": answers("application_b", aplication_date="2025-03-03"),
    "用了中文项目名": answers("application_b", 申请途径="主动求助"),
    "不存在的选项": answers("application_b", gender="未知"),
    "多选中有不存在的选项": answers("record_e", service_modes=["面谈", "微信"]),
    "校验码不对": answers("application_b", cid="510402198503120015"),
    "15 位旧号码": answers("application_b", cid="510402850312001"),
    "小写 x": answers("application_b", cid="11010519491231002x"),
    "出生日期与号码不符": answers("application_b", birth_date="1985-03-13"),
    "性别与号码不符": answers("application_b", gender="女"),
    "年龄与出生日期不符": answers("application_b", age=40),
    "将来的日期": answers("preassess_c", fill_date="2026-01-06"),
    "日期先后颠倒": answers(
        "closure_g", closing_date="2025-03-01", notice_date="2025-02-01", fill_date="2025-03-05"
    ),
    "不存在的日期": answers("application_b", application_date="2025-02-30"),
    "日期写法不对": answers("application_b", application_date="2025.3.3"),
    "年份写错": answers("application_b", application_date="0225-03-03"),
    "时间写法不对": answers("record_e", start_at="2025-04-08 14:30"),
    "电话写法不对": answers("application_b", phone="1380000000"),
    "编号写法不对": answers("preassess_c", case_no="GA-25-1"),
    "没有电话也没有联系人": answers("application_b", phone="无", contact_phone="0812-3000000"),
    "条件项未填": answers("application_b", channel_note_referred=ABSENT),
    "不再适用的答案": answers("application_b", reject_basis=["其他"]),
    "家访只有一人": answers("record_e", base="valid-visit", staff=["样例社工"]),
    "面谈超过 60 分钟": answers("record_e", duration_min=90),
    "时长为 0": answers("record_e", duration_min=0),
    "录音没有编号": answers("record_e", audio=True),
    "目标跳号": answers("plan_d", goal_2=ABSENT),
    "优先次序重复": answers("preassess_c", needs_analysis__1__priority=1),
    "拒绝而不转介": answers(
        "application_b",
        base="valid-reject",
        reject_action=["明确告知不能接案的原因"],
        reject_referral_note=ABSENT,
    ),
    "督导与社工同一人": answers("plan_d", "signed", "valid-signed", supervisor_sign__name="样例社工"),
    "签名未登记": answers("closure_g", "signed", "valid-signed", worker_sign=ABSENT),
    "零宽字符": answers("record_e", goal="目标\u200b一"),
    "方向控制字符": answers("record_e", goal="目标\u202e一"),
    "控制字符": answers("record_e", goal="目标\u0007一"),
    "自造字": answers("record_e", goal="目标\ue000一"),
    "乱码": answers("record_e", goal="目标\ufffd一"),
    "未规范化的字符": answers("record_e", goal="cafe\u0301"),
    "单行项目中换行": answers("application_b", channel_note_referred="第一行\n第二行"),
    "超过字数": answers("application_b", channel_note_referred="字" * 201),
    "工作人员重复": answers("record_e", staff=["样例社工", "样例社工"]),
}
