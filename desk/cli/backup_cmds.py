"""``kangdang backup`` and ``kangdang restore``: copies on other media, their proof, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli import _station
from desk.cli._chinese import Command, Group, path_type
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option
from desk.cli._duties import confirmed_count, confirmed_word, say

if TYPE_CHECKING:
    from archives.keeping.backup import Made
    from archives.keeping.gaps import Applicable
    from archives.keeping.tombs import Stones

OTHERS = "销毁登记中有 {count} 条所指的内部编号在本站是别的内容，没有照办，本站内容不动"
_folder = path_type(file_okay=False)


class _MakeByDefault(Group):
    """``backup DEST`` makes a backup; a folder called like a command is written ``./list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_MakeByDefault)
def backup() -> None:
    """备份：backup 文件夹 --keys-dest 另一盘 制作；verify 验证、list 列表、expire 清除到期备份。"""


@backup.command(cls=Command)
@click.argument("dest", metavar="备份文件夹", type=_folder)
@click.option(
    "--keys-dest", "keys_dests", multiple=True, type=_folder, help="密钥备份的文件夹，须在别处；至少给两个盘"
)
@click.option("--new-medium", "new", is_flag=True, help="启用一个新的备份盘（本站用过别的盘之后须写明）")
@home_option
@json_option
def make(dest: Path, keys_dests: tuple[Path, ...], new: bool, home: Path | None, as_json: bool) -> int:
    """备份数据，再备份密钥，到别的磁盘上；不需要登录，办公中也可以做。"""
    import secrets

    from archives.keeping.backup import back_up_data, back_up_keys, refuse_keys_place, refuse_place
    from archives.keeping.medium import Media, refuse_disks
    from archives.keeping.state import read_keeping
    from desk.station.opening import home_of
    from desk.station.places import remote_warnings
    from generator.version import __version__

    layout, settings = home_of(home)
    media = Media(_station.disk_of, secrets.token_bytes, new, read_keeping(layout.home).media)
    refuse_place(layout, dest)
    for place in keys_dests:
        refuse_keys_place(layout, place, dest)
    for place in (dest, *keys_dests):  # all of them before the first is written
        refuse_disks(layout, settings, place, None if place == dest else dest, media)
    now = _station.station_now
    made = [("data", back_up_data(layout, settings, dest, now(), __version__, media))]
    for place in keys_dests:
        made.append(("keys", back_up_keys(layout, settings, place, dest, now(), __version__, media)))
    for sentence in (*remote_warnings((dest, *keys_dests)), *(one for _, m in made for one in m.warnings)):
        click.echo(f"提醒：{sentence}", err=True)
    if as_json:
        echo_json([_made(kind, one) for kind, one in made])
        return 0
    for kind, one in made:
        what = "数据" if kind == "data" else "密钥"
        more = f"，文件 {one.manifest.blobs} 个（新复制 {one.copied} 个）" if kind == "data" else ""
        click.echo(f"{what}备份完成：{one.folder}{more}，保留到 {one.manifest.until}。")
    if len(keys_dests) < 2:
        click.echo("提醒：密钥备份应放在两个不同的盘上（再给一个 --keys-dest）。", err=True)
    return 0


def _made(kind: str, one: Made) -> dict[str, Any]:
    return {
        "kind": kind, "folder": str(one.folder), "made_at": one.manifest.made_at, "until": one.manifest.until,
        "blobs": one.manifest.blobs, "copied": one.copied, "sha256": one.manifest.sha256,
    }  # fmt: skip


@backup.command(name="list", cls=Command)
@click.argument("dest", metavar="备份文件夹", type=_folder)
@json_option
def list_sets(dest: Path, as_json: bool) -> int:
    """列出一个备份文件夹中的备份。"""
    from archives.keeping.shelf import sets_of

    found = sets_of(dest)
    rows = [
        {"name": one.folder.name, "kind": one.manifest.kind if one.manifest else None,
         "made_at": one.manifest.made_at if one.manifest else None,
         "until": one.manifest.until if one.manifest else None}
        for one in found
    ]  # fmt: skip
    if as_json:
        echo_json(rows)
    else:
        for row in rows:
            what = {"data": "数据", "keys": "密钥", None: "无法读取"}[row["kind"]]
            click.echo(f"{row['name']}  {what}  {row['made_at'] or ''}  保留到 {row['until'] or '—'}")
        click.echo(f"共 {len(rows)} 份。")
    return EXIT_FINDINGS if any(one.manifest is None for one in found) else 0


@backup.command(cls=Command)
@click.argument("dest", metavar="备份文件夹", type=_folder)
@click.option("--execute", is_flag=True, help="真的清除；不加只列出")
@home_option
@json_option
def expire(dest: Path, execute: bool, home: Path | None, as_json: bool) -> int:
    """清除到期的数据备份；最新的一份总是保留。"""
    from archives.clock.reference import outside_reference
    from archives.keeping.shelf import expire as drop
    from archives.keeping.shelf import expired
    from archives.keeping.state import read_keeping
    from desk.station.opening import home_of

    layout, _ = home_of(home)
    reference = outside_reference(_station.station_now(), read_keeping(layout.home).confirmed)
    gone = drop(layout, dest, reference) if execute else expired(dest, reference)
    if as_json:
        echo_json({"executed": execute, "sets": [path.name for path in gone]})
    else:
        for path in gone:
            click.echo(f"{'已清除' if execute else '将清除'} {path.name}")
        click.echo(f"共 {len(gone)} 份到期。" + ("" if execute or not gone else "确认后请加 --execute。"))
    return 0


@backup.command(cls=Command)
@click.argument("source", metavar="备份", type=_folder)
@click.option("--keys", "keys", required=True, type=_folder, help="密钥备份的文件夹")
@home_option
@json_option
def verify(source: Path, keys: Path, home: Path | None, as_json: bool) -> int:
    """验证备份：试恢复一次，打开每一件并与登记和日志核对；结果记入日志。"""
    from archives.keeping.rebuild import source_of
    from archives.keeping.verify import prove_backup
    from archives.settings import Layout

    with _station.open_station(home) as station:
        station.allow("station.backup")
        found = source_of(source, keys)
        scratch = Layout(station.layout.home / ".scratch", station.layout.keys / ".scratch")
        proof = prove_backup(station.archive, station.layout, station.actor, station.master, found, scratch)
    if as_json:
        echo_json({
            "ok": proof.ok, "made_at": proof.made_at, "damaged": list(proof.damaged),
            "findings": [one.sentence for one in proof.findings], "counts": proof.counts,
            "documents": proof.documents,
        })  # fmt: skip
        return 0 if proof.ok else EXIT_FINDINGS
    for name in proof.damaged:
        click.echo(f"问题 备份中的 {name} 缺失或被改动。")
    for one in proof.findings:
        click.echo(f"问题 {one.sentence}")
    rows, files = sum(proof.counts.values()), proof.documents
    click.echo(
        f"备份（{proof.made_at}）验证通过：{rows} 行数据、{files} 个文件都能恢复并打开。" if proof.ok
        else f"备份（{proof.made_at}）验证没有通过，不能依靠这份备份；请立即重新备份。"
    )  # fmt: skip
    return 0 if proof.ok else EXIT_FINDINGS


@backup.command(cls=Command)
@click.argument("file", metavar="文件", type=path_type(dir_okay=False))
@click.option("--execute", "really", is_flag=True, help="真正再次销毁；不给时只列出")
@click.option("--items", "count", metavar="件数", type=int, help="要再次销毁几件，不给时会询问")
@click.option("--word", metavar="销毁", help="输入“销毁”二字，不给时会询问")
@home_option
@json_option
def tombstones(
    file: Path, really: bool, count: int | None, word: str | None, home: Path | None, as_json: bool
) -> int:
    """给恢复后的站点补用一份较新的销毁登记（档案员）：其中已销毁、又恢复出来的，再次销毁。"""
    from archives.keeping.gaps import applicable, apply_list
    from archives.keeping.tombs import read_stones
    from desk.station.attempting import attempting

    with _station.open_station(home) as station:
        station.allow("restore.list")
        stones = read_stones(file, missing_ok=False)
        with station.archive.looking(station.actor) as unit:
            found = applicable(unit, stones)
        _tell_again(found, as_json=as_json, done=False)
        if really:
            with attempting(station, "restore.list", "backup:1"):
                confirmed_count(len(found.records), count, "要再次销毁的档案")
                confirmed_word("销毁", word)
                found, _ = apply_list(station.archive, station.actor, station.layout, stones)
    if as_json:
        echo_json({"executed": really, "records": found.records, "persons": found.persons,
                   "held": found.held, "others": found.others})  # fmt: skip
    elif really:
        _tell_again(found, as_json=as_json, done=True)
    return EXIT_FINDINGS if found.held else 0


def _tell_again(found: Applicable, *, as_json: bool, done: bool) -> None:
    if as_json:
        return
    if done:
        end = "冻结的没有销毁，缺口仍在。" if found.held else "恢复缺口已经补上。"
        click.echo(f"已再次销毁 {len(found.records)} 件，清除 {found.persons} 人的身份信息。{end}")
        return
    for code in found.records:
        click.echo(f"会再次销毁 {code}")
    for code in found.held:
        click.echo(f"已冻结，不销毁 {code}")
    if found.others:
        click.echo(f"{OTHERS.format(count=found.others)}。")
    click.echo(
        f"会再次销毁 {len(found.records)} 件，清除 {found.persons} 人的身份信息。确认后请加 --execute。"
    )


@backup.command(cls=Command)
@click.option("--word", metavar="知悉", help="输入“知悉”二字，不给时会询问")
@home_option
@json_option
def settle(word: str | None, home: Path | None, as_json: bool) -> None:
    """签认：没有比备份新的销毁登记，备份之后销毁的可能重新出现（机构负责人）。"""
    from archives.keeping.gaps import open_gaps, sign_gaps, tell_outside
    from desk.station.attempting import attempting

    with _station.open_station(home) as station:
        station.allow("restore.settle")
        with station.archive.looking(station.actor) as unit:
            gaps = open_gaps(unit.connection)
        for gap in gaps:
            click.echo(gap.sentence, err=True)
        with attempting(station, "restore.settle", "backup:1"):
            if gaps:
                confirmed_word("知悉", word)
            with station.acting("restore.settle") as unit:
                signed = sign_gaps(unit)
        tell_outside(station.archive, station.layout)
    days = [gap.backup_at[:10] for gap in signed]
    say(f"已签认恢复缺口 {len(days)} 处（{'、'.join(days)}）。", {"signed": days}, as_json=as_json)


@click.command(cls=Command)
@click.argument("source", metavar="备份", type=_folder)
@click.option("--keys", "keys", required=True, type=_folder, help="密钥备份的文件夹")
@click.option("--to", "target", required=True, type=_folder, help="恢复成的站点文件夹，须还不存在")
@click.option("--keys-to", "keys_target", required=True, type=_folder, help="恢复成的密钥文件夹，须还不存在")
@click.option(
    "--login", "login", metavar="用户名", required=True, prompt="用户名", help="备份时站点中的一个用户名"
)
@click.option("--password-file", type=path_type(exists=True, dir_okay=False), help="第一行是密码的文件")
@click.option(
    "--tombstones", "lists", multiple=True, type=path_type(exists=True, dir_okay=False),
    help="其他地方保存的 tombstones.jsonl（销毁登记），可多次给出",
)  # fmt: skip
@click.option(
    "--without-newer-list", "without", is_flag=True,
    help="没有比备份新的销毁登记，仍要恢复：备份之后销毁的会重新出现，由机构负责人签认",
)  # fmt: skip
@home_option
@json_option
def restore(
    source: Path, keys: Path, target: Path, keys_target: Path, login: str, password_file: Path | None,
    lists: tuple[Path, ...], without: bool, home: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """从备份恢复成一个新的站点；备份之后销毁的，按比备份新的销毁登记再次销毁。"""
    import secrets

    from archives.keeping.rebuild import source_of
    from archives.keeping.restore import restore as bring_back
    from archives.keeping.restore import unlock
    from archives.settings import Layout
    from desk.station.opening import client_name

    found = source_of(source, keys)
    further, live = _known_stones(lists, home, found.data_manifest.station)
    master = unlock(found, login, _password(password_file))
    told = bring_back(
        found,
        Layout(target, keys_target),
        master,
        further,
        _station.station_now,
        secrets.token_bytes,
        client_name(),
        live=live,
        without_newer_list=without,
    )
    again = told.applied
    if as_json:
        echo_json({
            "made_at": told.made_at, "counts": told.counts, "destroyed_again": again.records,
            "forgotten_again": again.persons, "numbers_lost": again.numbers, "others": again.others,
            "gap": told.gap,
        })  # fmt: skip
        return 0
    click.echo(f"已恢复到 {target}（密钥在 {keys_target}），内容到 {told.made_at} 为止。")
    click.echo("此后录入、更正、打印、借阅、审批和日志都不在其中，请凭纸质件和登记簿逐项补录。")
    if again.records or again.persons:
        click.echo(f"备份之后销毁的 {again.records} 件、清除的 {again.persons} 人已再次销毁。")
    if again.numbers:
        click.echo(f"备份之后发出的编号 {again.numbers} 个已按缺号登记，不会再发给别人。")
    if again.others:
        click.echo(f"{OTHERS.format(count=len(again.others))}：{'、'.join(again.others[:20])}。")
    if told.gap:
        from archives.keeping.gaps import CURE, Gap

        click.echo(f"警告：{Gap(0, told.made_at).sentence}", err=True)
        click.echo(f"警告：{CURE}在此之前，检查、诊断和每份销毁清册（AR7）都会写明。", err=True)
    click.echo("请运行 kangdang login 后运行 kangdang check。")
    return 0


def _password(file: Path | None) -> str:
    if file is None:
        return str(click.prompt("密码", hide_input=True))
    lines = file.read_text(encoding="utf-8").splitlines()
    return lines[0] if lines else ""


def _known_stones(lists: tuple[Path, ...], home: Path | None, station: str) -> tuple[Stones, bool]:
    """Tombstones from the files given and from the station that is still there; whether it is among them.

    The list of another station names other papers by the same numbers.
    """
    from archives.errors import HomeUnusable
    from archives.keeping.tombs import NAME, merged, read_stones
    from desk.station.opening import home_of

    known = merged(*(read_stones(path, missing_ok=False) for path in lists))
    if home is None:
        return known, False
    try:
        layout, settings = home_of(home)
    except HomeUnusable:
        return known, False  # the station is lost: that is why there is a restore
    path = layout.keys / NAME
    if settings.station.station_id != station or not path.exists():
        return known, False
    return merged(known, read_stones(path)), True
