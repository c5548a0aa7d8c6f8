"""What ``doctor`` sees of a station with its stores open: people, schedule, seals, what waits.

Counts and dates only, nothing of any person's file.  Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import func, select

from archives.archive import Archive, Unit
from archives.clock.reference import sentence
from archives.disposal.lists import all_lists
from archives.disposal.schedules import all_schedules
from archives.duties.copies import all_copies
from archives.duties.loans import loans_out
from archives.duties.requests import waiting
from archives.duties.rights import requests_of
from archives.errors import ArchiveError, DateUnconfirmed, SessionEnded, StoreUnusable
from archives.home import Layout, Settings, open_archive
from archives.keeping import gaps, structure
from archives.keeping.accepted import accepted, changed_files, differing
from archives.keeping.baseline import noted_since
from archives.keeping.state import read_keeping
from archives.keeping.stores import blobs_lost, lacks
from archives.keys import vault as vaults
from archives.keys.session import Session
from archives.ports import Clock, RandomBytes, system, uptime_of
from archives.sealing import last_seal, read_seal_key
from archives.staff.accounts import accounts, mismatches
from archives.staff.members import members, present
from archives.staff.size import missing_for_disposal
from archives.store.migrations import HEAD
from archives.store.migrations.runner import version_of
from archives.store.tables import schedules
from archives.store.tables_people import events
from desk.probes import Probe
from desk.station.disputed import CURE, question
from desk.station.doctor import guarded
from desk.station.opening import client_name, sessions_of

_STALE_SEAL, _STALE_ANCHOR = 7, 35
"""Days after which a seal, and one kept outside, are told to be old."""


def examine_inside(layout: Layout, settings: Settings, clock: Clock, random: RandomBytes) -> list[Probe]:
    """The checks that need the master key; one note when nobody is logged in."""
    try:
        session = sessions_of(layout, random).resume(vaults.load(layout.vault), clock(), uptime_of(clock))
    except SessionEnded:
        told = "没有登录，以下未查：数据库、人员、保管期限表、封签、待办。"
        return [Probe("站点内部", "note", told, "请登录后再运行一次：kangdang login。")]
    except ArchiveError as error:
        return [Probe("站点内部", "bad", error.message, error.hint)]
    return guarded("数据库", lambda: _inside(layout, settings, session, clock, random))


def _inside(
    layout: Layout, settings: Settings, session: Session, clock: Clock, random: RandomBytes
) -> Iterator[Probe]:
    archive = open_archive(layout, settings, session.master, clock, random)
    try:
        yield from guarded("各库", lambda: _stores(archive, layout, session))
        with archive.data.reading() as connection:
            if version_of(connection) != HEAD:
                return
        with archive.looking(system(client_name())) as unit:
            files = unit.execute(select(func.count()).select_from(events)).scalar_one()
            with archive.keys.database.reading():
                yield Probe("数据库", "ok", f"数据库和密钥库都能打开，日志 {files} 条")
            yield from guarded("站点设置", lambda: _settings(unit, layout, settings))
            checks: tuple[tuple[str, Callable[[], Iterator[Probe]]], ...] = (
                ("日期", lambda: _date(unit)),
                ("日志与内容", lambda: _noted(unit)),
                ("恢复缺口", lambda: _gaps(unit, layout)),
                ("账号", lambda: _accounts(unit, layout)),
                ("人员", lambda: _people(unit)),
                ("保管期限表", lambda: _schedule(unit)),
                ("封签", lambda: _seals(unit, layout, session)),
                ("待办", lambda: _waiting(unit)),
            )
            for name, check in checks:
                yield from guarded(name, check)
    finally:
        archive.close()


def _stores(archive: Archive, layout: Layout, session: Session) -> Iterator[Probe]:
    with archive.data.reading() as connection:
        version = version_of(connection)
    if version != HEAD:
        yield Probe("各库", "note", "数据是旧版本的，还没有核对各库。", "登录一次即升级：kangdang login。")
        return
    found = list(lacks(archive, layout, session.master, counting=True))
    for lack in found:
        yield Probe("各库", "bad", lack.message, lack.hint)
    for page in structure.pages(archive):
        found.append(StoreUnusable(page.sentence))
        yield Probe("各库", "bad", page.sentence, "请停止使用，不要清理文件；从备份恢复：kangdang restore。")
    lost = blobs_lost(archive)
    if lost:
        told = f"文件存储中有 {len(lost)} 个文件不见了，或长度不对。"
        yield Probe("文件", "bad", told, "请运行 kangdang check 查看是哪些，并从备份的 blobs 文件夹放回。")
    if not found:
        yield Probe("各库", "ok", "数据库、密钥库、封签密钥、页码密钥、销毁登记都是本站的一套，没有缺少")


def _noted(unit: Unit) -> Iterator[Probe]:
    since = noted_since(unit.connection)
    if since:
        yield Probe("日志与内容", "ok", since)


def _gaps(unit: Unit, layout: Layout) -> Iterator[Probe]:
    """What the database knows and the home has not been told, or not any more."""
    told = read_keeping(layout.home).gap_since
    for gap in gaps.open_gaps(unit.connection):
        if gap.backup_at != told:  # that one is told without a password
            yield Probe("恢复缺口", "bad", gap.sentence, gaps.CURE)


def _settings(unit: Unit, layout: Layout, settings: Settings) -> Iterator[Probe]:
    if version_of(unit.connection) != HEAD:
        return
    force = accepted(unit.connection)
    if force is None:
        return
    unsettled = differing(settings.station, force.station)
    if unsettled:
        yield Probe("站点设置", "bad", question(unsettled), CURE)
    for name in changed_files(layout, force):
        told = f"{name} 在上次确认之后改动过、新增或不见了。"
        cure = "是本站人员改的，请确认：kangdang station settings accept；不是的，请从备份恢复这个文件。"
        yield Probe("站点设置", "note", told, cure)


def _date(unit: Unit) -> Iterator[Probe]:
    if unit.confirmed:
        yield Probe("日期", "ok", f"{unit.today} 已确认")
    else:
        yield Probe("日期", "bad", sentence(unit.reckoned), DateUnconfirmed.default_hint)


def _accounts(unit: Unit, layout: Layout) -> Iterator[Probe]:
    known = accounts(unit)
    words = {
        "no_password": (
            "建立没有完成，还没有密码",
            "请用 kangdang user password 设定密码，或 user close 停用。",
        ),
        "left_over": ("已停用，密码尚未清除", "再登录一次即自动清除。"),
        "unknown": (
            "能解开密钥而不在账号表中",
            "可能恢复过旧数据；请查明来由，用 kangdang user add 重新登记。",
        ),
    }
    found = mismatches(known, [wrap.login for wrap in vaults.load(layout.vault).users])
    for one in found:
        told, cure = words[one.kind]
        yield Probe("账号", "bad" if one.kind == "unknown" else "note", f"账号 {one.login}：{told}。", cure)
    if not found:
        active = sum(account.state == "active" for account in known)
        yield Probe("账号", "ok", f"{active} 个账号，与密钥文件一致")


def _people(unit: Unit) -> Iterator[Probe]:
    everybody = members(unit)
    here = present(everybody)
    inside = sum(not who.outside for who in here)
    yield Probe("人员", "ok", f"在岗 {inside} 人，站外监销人 {len(here) - inside} 人")
    lacking = missing_for_disposal(everybody)
    if lacking:
        cure = "请用 kangdang user add、user role 补齐；人员不足时可登记站外监销人。"
        yield Probe("销毁人手", "note", "不能办理销毁：" + "".join(lacking), cure)
    else:
        yield Probe("销毁人手", "ok", "审批、执行、两名监销人和鉴定小组都有人担任")
    if not any("auditor" in who.roles and who.logins for who in here):
        told = "没有能登录的审计员，无人核对访问日志。"
        yield Probe("审计", "note", told, "请由档案员、系统管理员以外的人担任审计员。")


def _schedule(unit: Unit) -> Iterator[Probe]:
    rows = unit.execute(select(schedules.c.version, schedules.c.approved_at)).all()
    approved = [row for row in rows if row.approved_at]
    for row in rows:
        if not row.approved_at:
            told = f"{row.version} 版已提交，等待机构负责人批准"
            cure = "机构负责人登录后运行 kangdang retention schedule approve。"
            yield Probe("保管期限表", "note" if approved else "bad", told + "。", cure)
    if approved:
        newest = next(one for one in all_schedules(unit) if one["state"] == "有效")
        yield Probe("保管期限表", "ok", f"现行 {newest['version']} 版，{newest['approved_on']} 批准")
    elif not rows:
        cure = "请档案员用 kangdang retention schedule propose 提交。"
        yield Probe("保管期限表", "bad", "没有保管期限表。", cure)


def _seals(unit: Unit, layout: Layout, session: Session) -> Iterator[Probe]:
    read_seal_key(layout, session.master)
    newest = last_seal(unit)
    if newest is None:
        yield Probe("封签", "note", "访问日志还没有封签。", "登录一次即自动封签，或运行 kangdang log seal。")
        return
    age = (unit.today - date.fromisoformat(newest.day)).days
    told = f"第 {newest.number} 号封签，{newest.day}（{_days_ago(age)}）"
    cure = "登录一次即自动封签，或运行 kangdang log seal。"
    stale = not 0 <= age <= _STALE_SEAL
    yield Probe("封签", "note" if stale else "ok", told, cure if stale else "")
    yield _anchored(unit)


def _anchored(unit: Unit) -> Probe:
    query = select(events.c.at).where(events.c.action == "log.anchor").order_by(events.c.id.desc()).limit(1)
    last = unit.execute(query).scalar()
    cure = "请审计员运行 kangdang log anchor，打印后存放在站外。"
    if last is None:
        return Probe("封签外存", "note", "封签还没有存到站外：整套数据被换掉时发现不了。", cure)
    age = (unit.today - date.fromisoformat(last[:10])).days
    if not 0 <= age <= _STALE_ANCHOR:
        told = f"最近一次 {last[:10]}（{_days_ago(age)}），不在建议的间隔之内。"
        return Probe("封签外存", "note", told, cure)
    return Probe("封签外存", "ok", f"最近一次 {last[:10]}（{age} 天前）")


def _days_ago(age: int) -> str:
    """A day of a clock that ran ahead is no news of today."""
    return f"{age} 天前" if age >= 0 else "当时的日期有误"


def _waiting(unit: Unit) -> Iterator[Probe]:
    today = unit.settled
    lists = [one.state for one in all_lists(unit)]
    counted = (
        ("查阅申请待批准", len(waiting(unit)), "机构负责人用 kangdang file requests 查看并办理。"),
        ("借出的原件已逾期", len(loans_out(unit, overdue_only=True)), "请用 kangdang loan list 查看并催还。"),
        ("权利请求待办理", len(requests_of(unit, open_only=True)), "请用 kangdang rights list 查看期限。"),
        ("销毁清册待审批", lists.count("appraised"), "机构负责人用 kangdang disposal list 查看。"),
        ("销毁清册执行到一半", lists.count("executing"), "请执行人用 kangdang disposal execute 继续。"),
        (
            "馆外副本已到销毁日期", sum(copy.gone_by < today for copy in all_copies(unit)),
            "请用 kangdang copy list 查看，销毁后用 kangdang copy gone 登记。",
        ),
    )  # fmt: skip
    for name, count, cure in counted:
        if count:
            yield Probe("待办", "note", f"{name}：{count} 件。", cure)
    if not any(count for _, count, _ in counted):
        yield Probe("待办", "ok", "没有等待办理的事项")
