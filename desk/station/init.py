"""Making a station: everything, or nothing.

Both folders are built beside their places under names of their own and renamed when all is on the disk and
the recovery sheet is written: the keys first, the home last.  Only a home that is there counts; what a
crash leaves before that is swept by the next try at the same place.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from archives.archive import Archive, StationFacts
from archives.disposal.schedules import propose_schedule
from archives.errors import AlreadyThere, HomeUnusable, InputRefused, StoreUnusable
from archives.home import open_archive
from archives.keeping.migrate import migrate
from archives.keeping.stores import bind_stores
from archives.keys import crockford, recovery
from archives.keys import vault as vaults
from archives.keys.attempts_file import create as create_attempts
from archives.keys.durable import read_private, told, write_private
from archives.keys.recovery import RecoverySheet
from archives.keys.wrapping import STANDARD, Cost
from archives.people.naming import clean
from archives.ports import Actor, Clock, RandomBytes, system
from archives.sealing import create_seal_key, read_seal_key, seal_log
from archives.settings import LEAST_WAITING, SAMPLE, Layout, Settings
from archives.staff.accounts import open_account
from archives.staff.members import add_member, find_member, members, set_supervisor
from archives.staff.roles import give_role
from archives.store.gate import Gate
from archives.store.points import reached
from archives.store.sync import sync_folder
from archives.timekeeping import found_time, founding
from desk.station.newcomers import Newcomer, check_first_people
from desk.station.places import place_of, refuse_places, require_private, warnings_about

_CALENDAR: Final = b"date,kind,source\n"
_LOCK: Final = "init.lock"
UNFINISHED: Final = "init.unfinished"
"""In the keys folder while its home is not in place; says which home that is."""
_OURS: Final = frozenset((
    _LOCK, UNFINISHED, "station.json", "calendar_overrides.csv", "templates", "data", "vault.json",
    "vault.json.1", "vault.lock", "attempts.json", "attempts.lock", "seal.key", "page-code.key", "keys.db",
    "keys.db-wal", "keys.db-shm", "keys.lock", "tombstones.jsonl", "attempts.json.1", "newest.mark",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class InitPlan:
    """What a station is to be.  The station id in ``facts`` is drawn anew.

    ``schedule``: the 保管期限表 to propose (JSON); ``sheet``: where the recovery sheet is printed to, outside
    both folders.
    """

    home: Path
    keys: Path
    facts: StationFacts
    people: Sequence[Newcomer]
    sheet: Path
    schedule: bytes
    sample: bool = False
    cost: Cost = STANDARD


@dataclass(frozen=True, slots=True)
class Created:
    """A station that is there."""

    layout: Layout
    settings: Settings
    fingerprint: str
    warnings: tuple[str, ...]
    proposer: str | None
    """Name of the archivist who stands as proposer of the schedule; None where there is none yet."""


SheetMaker = Callable[[RecoverySheet, datetime], bytes]


def create_station(plan: InitPlan, clock: Clock, random: RandomBytes, print_sheet: SheetMaker) -> Created:
    """Make the station.

    Raises HomeUnusable, InputRefused, PasswordRefused, SeparationBroken, ScheduleInvalid, StoreUnusable;
    then nothing of it is there.
    """
    layout = Layout(place_of(plan.home), place_of(plan.keys))
    facts = _facts(plan, random)
    check_first_people(plan.people, facts.name)
    _sweep_keys(layout)
    refuse_places(layout.home, layout.keys)
    sheet_path = sheet_place(plan.sheet, layout)
    staged = Layout(_beside(layout.home), _beside(layout.keys))
    settings = Settings(facts, _keys_folder(layout))
    sheet, secret = recovery.make(random, clock().date(), facts.name)
    made: list[Path] = []
    try:
        for folder in (staged.keys, staged.home):
            _fresh(folder, made)
        proposer = _build(plan, staged, settings, secret, clock, random)
        write_private(sheet_path, print_sheet(sheet, clock()), "init.sheet")
        _put_in_place(staged, layout)
    except BaseException:
        _undo(made, layout, sheet_path)
        raise
    warnings = tuple(warnings_about(layout.home, layout.keys))
    return Created(layout, settings, sheet.fingerprint, warnings, proposer)


def _facts(plan: InitPlan, random: RandomBytes) -> StationFacts:
    facts = plan.facts
    fonds = facts.fonds.strip().upper()
    if not (2 <= len(fonds) <= 6 and fonds.isascii() and fonds.isalnum()):
        raise InputRefused(
            "全宗号应为 2 至 6 位大写字母和数字。", hint="由档案馆给定；没有时用站点代码，如 PZ01。"
        )
    if plan.sample and "样例" not in facts.name:
        raise InputRefused(
            "样例站点的名称须含“样例”二字。", hint="站点名称会印在文书上，不能让人误作正式文书。"
        )
    if facts.waiting_days < (0 if plan.sample else LEAST_WAITING):
        raise InputRefused(
            f"销毁审批后的等待期不能少于 {LEAST_WAITING} 天。", hint="等待期是留给发现差错的时间，可以更长。"
        )
    if not 1 <= facts.backup_days <= 3650 or not 1 <= facts.loan_days <= 365 or facts.waiting_days > 365:
        raise InputRefused(
            "天数超出范围。", hint="等待期最多 365 天，备份保留 1 至 3650 天，借阅 1 至 365 天。"
        )
    number = (SAMPLE if plan.sample else "ST-") + crockford.encode(random(5))
    return replace(facts, station_id=number, name=clean(facts.name, "站点名称", most=50), fonds=fonds)


def _keys_folder(layout: Layout) -> str:
    """Relative when both lie side by side, so that they can be moved together; else absolute."""
    if layout.keys.parent == layout.home.parent:
        return f"../{layout.keys.name}"
    return str(layout.keys)


def sheet_place(path: Path, layout: Layout) -> Path:
    """Where a recovery sheet is printed to: a new PDF outside both folders.

    Raises HomeUnusable, InputRefused, AlreadyThere.
    """
    place = place_of(path)
    if place.is_relative_to(layout.home) or place.is_relative_to(layout.keys):
        raise HomeUnusable(
            "恢复单不能放在站点文件夹或密钥文件夹里。", hint="请换一个位置，印出后删除该文件。"
        )
    if place.suffix.lower() != ".pdf":
        raise InputRefused("恢复单的文件名应以 .pdf 结尾。", hint="请换一个文件名，例如 恢复单.pdf。")
    if place.exists():
        raise AlreadyThere(f"文件 {place} 已经存在。", hint="可能是另一份恢复单，请先移走，或换一个文件名。")
    if not place.parent.is_dir():
        raise HomeUnusable(f"放恢复单的文件夹 {place.parent} 不存在。", hint="请先建立文件夹，或换一个位置。")
    return place


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.unfinished")


def _fresh(folder: Path, made: list[Path]) -> None:
    """An empty private folder in the place of what a crash may have left there; noted in ``made``."""
    if folder.exists():
        _sweep(folder)
    with told(folder.parent):
        folder.mkdir(mode=0o700)
        made.append(folder)
        _close_to_others(folder)
        sync_folder(folder.parent)
    require_private(folder)
    reached("init.folder:created")


def _close_to_others(folder: Path) -> None:
    if os.name == "nt":
        from desk.station.windows_access import close_to_others

        close_to_others(folder)
    else:
        folder.chmod(0o700)


def _sweep(folder: Path) -> None:
    """Remove what an earlier try left.  Raises StoreUnusable while that try still runs, HomeUnusable."""
    if {path.name.removesuffix(".tmp") for path in folder.iterdir()} - _OURS:
        raise HomeUnusable(f"文件夹 {folder} 中有不是康档写的文件。", hint="请查看后移走，再重新建站。")
    try:
        with Gate(folder / _LOCK, patience=0).hold():
            pass
    except StoreUnusable as error:
        raise StoreUnusable("同一位置正在建站。", hint="请等另一个窗口结束后再试。") from error
    with told(folder.parent):
        shutil.rmtree(folder)


def _sweep_keys(layout: Layout) -> None:
    """Keys put in place by a try for this very home that never came to it open nothing: they go."""
    mark = read_private(layout.keys / UNFINISHED)
    if mark is not None and mark.decode(errors="replace") == str(layout.home) and not layout.home.exists():
        _sweep(layout.keys)


def _build(
    plan: InitPlan, staged: Layout, settings: Settings, secret: bytes, clock: Clock, random: RandomBytes
) -> str | None:
    """All of the station in the staged folders; returns the name of who proposes the schedule."""
    with Gate(staged.keys / _LOCK, patience=0).hold(), Gate(staged.home / _LOCK, patience=0).hold():
        with told(staged.home):
            staged.data.mkdir(mode=0o700)
            staged.blobs.mkdir(mode=0o700)
            staged.templates.mkdir(mode=0o700)
        write_private(staged.settings, settings.to_json(), "init.settings")
        write_private(staged.calendar, _CALENDAR, "init.calendar")
        master = _keys(plan, staged, settings, secret, clock, random)
        archive = open_archive(staged, settings, master, clock, random, make=True)
        try:
            migrate(archive)
            proposer = _people(archive, plan)
            bind_stores(archive, staged, master)
            seal_log(archive, system("init"), read_seal_key(staged, master))
            for database in (archive.data, archive.keys.database):
                database.truncate_journal()
        finally:
            archive.close()
    for folder in (staged.keys, staged.home):
        (folder / _LOCK).unlink()
        sync_folder(folder)
    return proposer


def _keys(
    plan: InitPlan, staged: Layout, settings: Settings, secret: bytes, clock: Clock, random: RandomBytes
) -> bytes:
    """Master key, passwords, seal key, page-code key."""
    station = settings.station
    _, master = vaults.create(
        staged.vault,
        station=station.station_id,
        recovery_secret=secret,
        made_on=clock().date(),
        random=random,
    )
    for who in plan.people:
        if who.login is not None and who.password is not None:
            vaults.add_user(
                staged.vault, master, who.login, who.password, station_name=station.name, random=random,
                cost=plan.cost,
            )  # fmt: skip
    create_seal_key(staged, master, random)
    write_private(staged.page_code_key, random(32).hex().encode() + b"\n", "page_code.key")
    create_attempts(staged.attempts, random)
    write_private(staged.keys / UNFINISHED, str(place_of(plan.home)).encode(), "init.mark")
    return master


def _people(archive: Archive, plan: InitPlan) -> str | None:
    with archive.acting("station.create", system("init")) as unit:
        founding(unit)
        unit.log("station.create", "station:1", detail={"count": len(plan.people)})
        for who in plan.people:
            number = add_member(unit, who.name, who.id_number, outside=who.outside).id
            held = next(one.roles for one in members(unit) if one.id == number)
            for role in who.roles:
                if role not in held:
                    give_role(unit, number, role)
            if who.login is not None:
                open_account(unit, number, who.login)
        for who in plan.people:
            if who.supervisor is not None:
                boss = find_member(unit, who.supervisor).id
                set_supervisor(unit, add_member(unit, who.name, who.id_number, outside=who.outside).id, boss)
        everybody = members(unit)
        # The person who founds the station answers for its first date as for the rest of the form.
        found_time(unit, min(one.id for one in everybody if one.roles & {"records", "admin"}))
    # Whoever proposes may not approve: somebody else than the director, the archivist before others.
    able = [one for one in everybody if one.logins and one.roles & {"records", "admin"}]
    by = min(able, key=lambda one: ("director" in one.roles, "records" not in one.roles, one.id))
    # Handing in is the archivist's; where there is none yet, the program brings its own schedule.
    handed_in = "records" in by.roles
    roles = by.roles if handed_in else system("init").roles
    with archive.acting("schedule.propose", Actor(None, by.id, roles, "init")) as unit:
        propose_schedule(unit, plan.schedule)
    return by.name if handed_in else None


def _put_in_place(staged: Layout, layout: Layout) -> None:
    with told(layout.home.parent):
        for built, place, what in (
            (staged.keys, layout.keys, "init.keys"),
            (staged.home, layout.home, "init.home"),
        ):
            if place.is_dir():
                place.rmdir()  # empty: looked at before; Windows renames onto nothing else
            built.rename(place)
            sync_folder(place.parent)
            reached(f"{what}:renamed")
        (layout.keys / UNFINISHED).unlink()
        sync_folder(layout.keys)
        reached("init.mark:unlinked")


def _undo(made: Sequence[Path], layout: Layout, sheet: Path) -> None:
    """Leave nothing behind; once the home is in place the station is there and stays."""
    if layout.settings.exists():
        return
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)
    if made and (layout.keys / UNFINISHED).is_file():
        shutil.rmtree(layout.keys, ignore_errors=True)
    sheet.unlink(missing_ok=True)


def station_schedule(raw: bytes, facts: StationFacts) -> bytes:
    """The schedule that comes with the program, with what a station chose to have otherwise.

    Changed content has a version of its own.
    """
    body = json.loads(raw)
    chosen = {"medical": facts.medical, "start_rule": facts.start_rule}
    if any(body[name] != value for name, value in chosen.items()):
        body |= {**chosen, "version": f"{body['version']}-local"}
    return json.dumps(body, ensure_ascii=False).encode()
