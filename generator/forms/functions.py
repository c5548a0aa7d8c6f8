"""The closed table of named functions a definition may call, for computed values and for rules.

A form is data: it names functions of this table and nothing else.  A new function is a change of the
generator.  No function reads a clock: ``now`` comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.forms import answer_rules, date_rules
from generator.forms.function_kinds import Rule, RuleFunction
from generator.forms.value_functions import VALUE_FUNCTIONS


def _rule(
    call: Rule,
    args: tuple[int, int],
    message: str,
    hint: str,
    doc: str,
    params: str = "",
    required: str = "",
) -> RuleFunction:
    names, needed = frozenset(params.split()), frozenset(required.split())
    return RuleFunction(call, args[0], args[1], names | needed, needed, message, hint, doc)


__all__ = ["RULE_FUNCTIONS", "VALUE_FUNCTIONS"]

RULE_FUNCTIONS: Mapping[str, RuleFunction] = {
    "date_order": _rule(
        date_rules.date_order,
        (2, 99),
        "{label}：不能早于{other}。",
        "请核对这两个日期。",
        "各日期依次不早于前一个",
    ),
    "not_future": _rule(
        date_rules.not_future, (1, 99), "{label}：不能晚于今天。", "请核对日期。", "日期不晚于验证时刻"
    ),
    "days_between": _rule(
        date_rules.days_between,
        (2, 2),
        "{label}：与{other}相隔的天数不合规定。",
        "请核对这两个日期。",
        "两个日期相隔 min–max 天",
        "min max",
    ),
    "workdays_between": _rule(
        date_rules.workdays_between,
        (2, 2),
        "{label}：与{other}相隔的工作日超过规定。",
        "请核对这两个日期。",
        "后一日期不晚于前一日期之后第 max 个工作日（当日不算，调休算）",
        "",
        "max",
    ),
    "within_months": _rule(
        date_rules.within_months,
        (2, 2),
        "{label}：与{other}相隔过久。",
        "请核对这两个日期。",
        "后一日期不晚于前一日期 max 个月之后（没有该日的，到月末）",
        "",
        "max",
    ),
    "no_streak": _rule(
        date_rules.no_streak,
        (2, 9),
        "{label}：连续的次数过多。",
        "请核对各行。",
        "第一个参数为行的日序，其余为各行所选；连续选 values 之一的不超过 max 行",
        "",
        "values max",
    ),
    "contiguous": _rule(
        answer_rules.contiguous,
        (1, 99),
        "{label}：应依次连续，不能跳过。",
        "请重新编号，或把内容依次前移。",
        "一个参数：数字为 1..n 不重不漏；多个参数：依次填写，中间不空",
    ),
    "number_between": _rule(
        answer_rules.number_between,
        (1, 99),
        "{label}：数值超出通常范围。",
        "请核对数值。",
        "数字在 min–max 之间",
        "min max",
    ),
    "count_between": _rule(
        answer_rules.count_between,
        (1, 99),
        "{label}：项数不合规定。",
        "请核对项数。",
        "列表的项数在 min–max 之间",
        "min max",
    ),
    "expect": _rule(
        answer_rules.expect,
        (1, 99),
        "{label}：所选内容不合规定。",
        "请核对所选内容。",
        "填了就应是 values 之一",
        "",
        "values",
    ),
    "covers": _rule(
        answer_rules.covers,
        (1, 99),
        "{label}：缺少应选的内容。",
        "请补选。",
        "各参数合起来应包含 values 的每一个",
        "",
        "values",
    ),
    "covers_any": _rule(
        answer_rules.covers_any,
        (1, 99),
        "{label}：缺少应选的内容。",
        "请补选。",
        "各参数合起来应包含 values 中的至少一个",
        "",
        "values",
    ),
    "time_order": _rule(
        answer_rules.time_order,
        (2, 2),
        "{label}：应晚于{other}。",
        "请核对这两个时刻。",
        "时刻（09:30）后者晚于前者",
    ),
    "matching_rows": _rule(
        answer_rules.matching_rows,
        (1, 9),
        "{label}：符合条件的行数不合规定。",
        "请核对各行。",
        "行数在 min–max 之间；只数各参数依次等于 values 的行",
        "min max",
        "values",
    ),
    "alone": _rule(
        answer_rules.alone,
        (1, 99),
        "{label}：所选内容互相矛盾。",
        "请核对所选内容。",
        "选了 value 就不能再选其他项",
        "",
        "value",
    ),
    "same": _rule(answer_rules.equal, (2, 2), "{label}：与{other}不一致。", "请核对这两项。", "两项相同"),
    "differs": _rule(
        answer_rules.differs, (2, 2), "{label}：不能与{other}相同。", "请核对这两项。", "两项不同"
    ),
    "any_present": _rule(
        answer_rules.any_present, (1, 99), "{label}：必填，未填写。", "请填写。", "至少填了其中一项"
    ),
    "cid_birth": _rule(
        answer_rules.cid_birth,
        (2, 2),
        "{label}：与{other}中的出生日期不一致。",
        "请对照身份证核对这两项。",
        "公民身份号码、出生日期一致",
    ),
    "cid_sex": _rule(
        answer_rules.cid_sex,
        (2, 3),
        "{label}：与{other}表示的性别不一致。",
        "请对照身份证核对这两项；确实不一致的，填写“性别与身份号码不一致的说明”。",
        "公民身份号码、性别一致；第三个参数有说明时不查",
    ),
    "cert_holder": _rule(
        answer_rules.cert_holder,
        (2, 2),
        "{label}：前 18 位与{other}不一致。",
        "请对照残疾人证和身份证核对；补发、换发的证确实不同的，可以保留。",
        "残疾人证号、公民身份号码：前 18 位相同",
    ),
    "cert_level": _rule(
        answer_rules.cert_level,
        (2, 2),
        "{label}：与{other}中的等级不一致。",
        "请对照残疾人证核对这两项；证号第 20 位是等级。",
        "残疾人证号、残疾等级一致",
    ),
    "ranked": _rule(
        answer_rules.ranked,
        (2, 99),
        "{label}：次序应从 1 起，不重复、不跳过。",
        "请重新排列次序。",
        "各项的数字合起来为 1..n，不重不漏",
    ),
}
