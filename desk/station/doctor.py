"""What ``doctor`` sees of a station without anybody's password: folders, keys, calendar, backups.

Each check looks at one thing and says what to do; none changes anything.  What only shows with the stores
open is in ``doctor_inside``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from archives.calendar.working_days import WorkingDays
from archives.errors import ArchiveError
from archives.keeping.gaps import CURE, Gap
from archives.keeping.register import keys_outlive
from archives.keeping.state import NAME as KEEPING
from archives.keeping.state import read_keeping
from archives.keeping.tombs import NAME as STONES
from archives.keeping.tombs import named, read_stones
from archives.keys import attempts_file
from archives.keys import vault as vaults
from archives.ports import Clock, RandomBytes
from archives.settings import Layout, Settings
from archives.system_words import reason
from desk.probes import Probe
from desk.station.init import UNFINISHED
from desk.station.opening import home_of
from desk.station.places import open_files, warnings_about

_LOW, _VERY_LOW = 5_000_000_000, 500_000_000
"""Bytes free on a disk."""
_STALE_BACKUP, _STALE_PROOF, _STALE_CHECK = 7, 100, 35
"""Days after which a backup, a proof of one, and a check are told to be old."""
_SHOWN = 5


def examine_station(home: Path, clock: Clock, random: RandomBytes) -> list[Probe]:
    """All checks of a station in the order they are read; those inside only while somebody is logged in."""
    try:
        layout, settings = home_of(home)
    except ArchiveError as error:
        return [Probe("站点", "bad", error.message, error.hint)]
    now = clock()
    checks: tuple[tuple[str, Callable[[], Iterator[Probe]]], ...] = (
        ("站点", lambda: _station(layout, settings)),
        ("权限", lambda: _permissions(layout)),
        ("位置", lambda: _places(layout)),
        ("密钥", lambda: _keys(layout)),
        ("登录记录", lambda: _failures(layout)),
        ("销毁登记", lambda: _stones(layout)),
        ("磁盘空间", lambda: _space(layout)),
        ("日历", lambda: _calendar(layout, now.date())),
        ("备份", lambda: _backups(layout, now)),
        ("检查", lambda: _checked(layout, now)),
    )
    probes = [probe for name, check in checks for probe in guarded(name, check)]
    from desk.station.doctor_inside import examine_inside

    return probes + examine_inside(layout, settings, clock, random)


def guarded(name: str, check: Callable[[], Iterator[Probe]]) -> list[Probe]:
    """A check that fails is a finding, not the end of the others."""
    try:
        return list(check())
    except ArchiveError as error:
        return [Probe(name, "bad", error.message, error.hint)]
    except OSError as error:
        cure = "请检查文件夹是否完整、是否有读取权限。"
        return [Probe(name, "bad", f"无法读取：{reason(error)}。", cure)]


def _station(layout: Layout, settings: Settings) -> Iterator[Probe]:
    facts = settings.station
    profile = "医疗机构" if facts.medical else "非医疗机构"
    yield Probe("站点", "ok", f"{facts.name}，全宗号 {facts.fonds}，{profile}，{layout.home}")
    if settings.data_url:
        return
    missing = [path.name for path in (layout.database, layout.blobs) if not path.exists()]
    if not missing and not layout.database.stat().st_size:
        missing = [layout.database.name]
    if missing:
        yield Probe(
            "数据",
            "bad",
            f"数据文件夹中缺少 {'、'.join(missing)}。",
            "请停止使用，从备份恢复：kangdang restore。",
        )


def _permissions(layout: Layout) -> Iterator[Probe]:
    found = [path for folder in (layout.home, layout.keys) for path in open_files(folder)]
    if not found:
        yield Probe("权限", "ok", "站点和密钥文件夹只有本账户能读取")
        return
    names = "、".join(str(path) for path in found[:_SHOWN])
    more = f" 等 {len(found)} 处" if len(found) > _SHOWN else ""
    cure = "请收回其他用户的权限，例如 chmod -R go-rwx 站点文件夹 密钥文件夹。"
    yield Probe("权限", "bad", f"其他系统用户也能读取：{names}{more}。", cure)


def _places(layout: Layout) -> Iterator[Probe]:
    for told in warnings_about(layout.home, layout.keys):
        yield Probe("位置", "note", told)
    for above in (layout.home, *layout.home.parents, layout.keys, *layout.keys.parents):
        if (above / ".git").exists():
            cure = "请立即移出源代码库，并查明是否已经提交、上传。"
            yield Probe("位置", "bad", f"{above} 是源代码库，档案会被一起提交、上传。", cure)
            return


def _keys(layout: Layout) -> Iterator[Probe]:
    cure = "请从密钥备份恢复密钥文件夹。"
    wanted = (layout.key_store, layout.seal_key, layout.page_code_key)
    missing = [path.name for path in wanted if not path.exists() or not path.stat().st_size]
    if missing:
        yield Probe("密钥", "bad", f"密钥文件夹中缺少 {'、'.join(missing)}，或是空的。", cure)
    vault = vaults.load(layout.vault)
    if vault.fallback:
        yield Probe("密钥", "bad", "密钥文件 vault.json 已损坏，正在使用上一代。", cure)
    elif not vaults.is_whole(vaults.previous(layout.vault)):
        told = "密钥文件的上一代 vault.json.1 不见了或已损坏；现行的一份完好。"
        yield Probe("密钥", "note", told, "改一次密码即重写；请查明谁删改了它。")
    if (layout.keys / UNFINISHED).exists():
        yield Probe("密钥", "note", "建站的最后一步没有做完，不影响使用；登录一次后消失。")
    if len(vault.users) < 2:
        told = "只有一个账号能打开档案：忘记密码时只能用恢复单。"
        yield Probe("密钥", "note", told, "请用 kangdang user add 增加另一个人的账号。")
    if not missing and not vault.fallback:
        yield Probe(
            "密钥", "ok",
            f"齐全；第 {vault.generation} 代，{len(vault.users)} 个账号，"
            f"恢复单印于 {vault.recovery_made_on}（指纹 {vault.recovery_fingerprint}）",
        )  # fmt: skip


def _failures(layout: Layout) -> Iterator[Probe]:
    """The record of failed logins can be read."""
    both = (layout.attempts, attempts_file.second(layout.attempts))
    bad = [path.name for path in both if attempts_file.read(path) is None]
    if len(bad) == len(both):
        cure = "请从密钥备份恢复 attempts.json；没有备份时，用恢复单重新开始：kangdang user recover。"
        yield Probe("登录记录", "bad", "登录失败的记录不见了或已损坏，不能登录。", cure)
    elif bad:
        told = f"登录失败的记录 {bad[0]} 不见了或已损坏，另一份完好。"
        yield Probe("登录记录", "bad", told, "登录一次即写好两份；请查明谁删改了它。")


def _stones(layout: Layout) -> Iterator[Probe]:
    """The list of what was destroyed can be read; whether it is whole shows inside."""
    count = named(read_stones(layout.keys / STONES, missing_ok=False))[0]
    yield Probe("销毁登记", "ok", f"可以读取，{count} 条")
    since = read_keeping(layout.home).gap_since
    if since:
        yield Probe("恢复缺口", "bad", Gap(0, since).sentence, CURE)


def _space(layout: Layout) -> Iterator[Probe]:
    for name, folder in (("站点", layout.home), ("密钥", layout.keys)):
        free = shutil.disk_usage(folder).free
        told = f"{name}文件夹所在磁盘剩余 {free / 1e9:.1f} GB"
        if free < _VERY_LOW:
            yield Probe("磁盘空间", "bad", told + "，随时可能保存不了。", "请立即清理磁盘。")
        elif free < _LOW:
            yield Probe("磁盘空间", "note", told + "。", "请清理磁盘或换更大的磁盘。")
        else:
            yield Probe("磁盘空间", "ok", told)


def _calendar(layout: Layout, today: date) -> Iterator[Probe]:
    if layout.calendar.exists():
        days = WorkingDays.from_csv(layout.calendar.read_bytes())
    else:
        days = WorkingDays()
        cure = "请从备份恢复，或建立只有一行 date,kind,source 的文件。"
        yield Probe("日历", "note", "没有 calendar_overrides.csv，只按国家公布的安排计算。", cure)
    unknown = [
        year
        for year in (today.year, today.year + 1)
        if any(days.is_workday(date(year, month, 1)).provisional for month in (1, 5, 10))
    ]
    if not unknown:
        yield Probe("日历", "ok", f"{today.year}、{today.year + 1} 年的放假安排齐全")
        return
    years = "、".join(map(str, unknown))
    told = f"没有 {years} 年的放假安排，跨到该年的期限先按暂定计算。"
    cure = "国务院公布后，请升级康档，或把安排写入站点的 calendar_overrides.csv。"
    yield Probe("日历", "bad" if today.year in unknown else "note", told, cure)


def _backups(layout: Layout, now: datetime) -> Iterator[Probe]:
    kept = read_keeping(layout.home)
    if not (layout.home / KEEPING).exists():
        told = "没有 keeping.json：何时备份和检查过、用过哪些备份盘都不知道了；首次登录之前没有它。"
        yield Probe("备份", "note", told, "请从备份恢复这个文件，或重新备份、重新检查一次。")
    if kept.damaged:
        told = "keeping.json 已损坏：何时备份和检查过、用过哪些备份盘都不知道了。"
        yield Probe("备份", "bad", told, "请从备份恢复这个文件，或重新备份、重新检查一次；旧文件会留作证据。")
    for name, at in (("数据备份", kept.data_backup), ("密钥备份", kept.keys_backup)):
        cure = "请运行 kangdang backup make，数据和密钥备份到不同的磁盘。"
        yield _aged(name, at, now, _STALE_BACKUP, f"还没有做过{name}。", cure, worst="bad")
    if keys_outlive(layout):
        told = "上次密钥备份之后有销毁，已销毁内容的密钥还留在密钥备份里。"
        yield Probe("密钥备份", "bad", told, "请立即重新备份密钥，旧的密钥备份会被销毁。")
    yield _aged(
        "备份验证", kept.verified, now, _STALE_PROOF, "备份还没有验证过能否恢复。",
        "请运行 kangdang backup verify。", worst="note",
    )  # fmt: skip


def _checked(layout: Layout, now: datetime) -> Iterator[Probe]:
    check = read_keeping(layout.home).check
    if check.started and not check.finished:
        told = f"{check.started[:10]} 开始的检查没有做完。"
        yield Probe("检查", "bad", told, "请重新运行 kangdang check，直到做完。")
        return
    if check.findings:
        told = f"{check.finished[:10]} 的检查有 {check.findings} 处问题。"
        yield Probe("检查", "bad", told, "请运行 kangdang check 查看并逐项处理。")
        return
    cure = "请运行 kangdang check。"
    yield _aged("检查", check.finished, now, _STALE_CHECK, "还没有做过全面检查。", cure, worst="note")


def _aged(name: str, at: str, now: datetime, days: int, never: str, cure: str, *, worst: str) -> Probe:
    """How old something dated is; ``worst`` is the state of what was never done."""
    if not at:
        return Probe(name, "bad" if worst == "bad" else "note", never, cure)
    age = now - datetime.fromisoformat(at)
    if age < timedelta(days=-1):
        return Probe(name, "note", f"最近一次记在 {at[:10]}，晚于今天：当时或现在的日期有误。", cure)
    told = f"最近一次 {at[:10]}（{max(age.days, 0)} 天前）"
    if age > timedelta(days=days):
        return Probe(name, "note", told + "，已经超过建议的间隔。", cure)
    return Probe(name, "ok", told)
