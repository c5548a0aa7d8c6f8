"""Is the station large enough for a disposal: four different people at the execution, a group that appraises.

Pure.  The rules themselves are constraints of the database; this says beforehand what would be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archives.disposal.appraisal import APPRAISERS, GROUPS
from archives.staff.members import Member, present

WITNESSES = 2


def missing_for_disposal(everybody: Iterable[Member]) -> list[str]:
    """What a station lacks for a disposal, one sentence each; empty when it has all.

    Approver: a 机构负责人; executor: a 档案员, another person; two 监销人, neither of them; an appraisal
    group of three with each kind of member.  Who acts needs an account; a witness from outside does not.
    """
    here = present(everybody)
    acting = [who for who in here if who.logins and not who.outside]
    told = []
    directors = [who for who in acting if "director" in who.roles]
    officers = [who for who in acting if "records" in who.roles]
    if not directors:
        told.append("没有能登录的机构负责人（审批人）。")
    if not officers:
        told.append("没有能登录的档案员（执行人）。")
    if directors and officers:
        told += _four(directors, officers, here)
    told += _group(acting)
    return told


def _four(directors: Sequence[Member], officers: Sequence[Member], here: Sequence[Member]) -> list[str]:
    pairs = [(a.id, e.id) for a in directors for e in officers if a.id != e.id]
    if not pairs:
        return ["机构负责人和档案员是同一个人，审批人和执行人必须是两个人。"]
    witnesses = {who.id for who in here if who.outside or who.logins}
    most = max(len(witnesses - set(pair)) for pair in pairs)
    if most >= WITNESSES:
        return []
    return [f"监销人不够：除审批人、执行人外还须 {WITNESSES} 人，现有 {most} 人；可登记站外监销人。"]


def _group(acting: Sequence[Member]) -> list[str]:
    named = {name for name, group in GROUPS.items() for who in acting if who.roles & group}
    told = [f"鉴定小组缺{name}。" for name in GROUPS if name not in named]
    appraisers = [who for who in acting if who.roles & frozenset().union(*GROUPS.values())]
    if len(appraisers) < APPRAISERS:
        told.append(f"鉴定小组至少 {APPRAISERS} 人，现有 {len(appraisers)} 人能参加。")
    return told
