"""``kangdang backup`` and ``kangdang restore``: copies on other media, their proof, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli import _station
from desk.cli._chinese import Command, Group, path_type
from desk.cli._common import EXIT_FINDINGS, echo_json, home_option, json_option

if TYPE_CHECKING:
    from archives.keeping.backup import Made

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
@home_option
@json_option
def restore(
    source: Path, keys: Path, target: Path, keys_target: Path, login: str, password_file: Path | None,
    lists: tuple[Path, ...], home: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """从备份恢复成一个新的站点；备份之后销毁的，恢复时再次销毁。"""
    import secrets

    from archives.keeping.rebuild import source_of
    from archives.keeping.restore import restore as bring_back
    from archives.keeping.restore import unlock
    from archives.settings import Layout
    from desk.station.opening import client_name

    found = source_of(source, keys)
    further = _known_stones(lists, home)
    master = unlock(found, login, _password(password_file))
    told = bring_back(
        found,
        Layout(target, keys_target),
        master,
        further,
        _station.station_now,
        secrets.token_bytes,
        client_name(),
    )
    again = told.applied
    if as_json:
        echo_json({
            "made_at": told.made_at, "counts": told.counts, "destroyed_again": again.records,
            "forgotten_again": again.persons, "numbers_lost": again.numbers,
        })  # fmt: skip
        return 0
    click.echo(f"已恢复到 {target}（密钥在 {keys_target}），内容到 {told.made_at} 为止。")
    click.echo("此后录入、更正、打印、借阅、审批和日志都不在其中，请凭纸质件和登记簿逐项补录。")
    if again.records or again.persons:
        click.echo(f"备份之后销毁的 {again.records} 件、清除的 {again.persons} 人已再次销毁。")
    if again.numbers:
        click.echo(f"备份之后发出的编号 {again.numbers} 个已按缺号登记，不会再发给别人。")
    click.echo("请运行 kangdang login 后运行 kangdang check。")
    return 0


def _password(file: Path | None) -> str:
    if file is None:
        return str(click.prompt("密码", hide_input=True))
    lines = file.read_text(encoding="utf-8").splitlines()
    return lines[0] if lines else ""


def _known_stones(lists: tuple[Path, ...], home: Path | None) -> Any:
    """Tombstones from the files given and from the station that is still there."""
    from archives.errors import HomeUnusable
    from archives.keeping.tombs import NAME, merged, read_stones
    from desk.station.opening import home_of

    known = merged(*(read_stones(path, missing_ok=False) for path in lists))
    if home is None:
        return known
    try:
        layout, _ = home_of(home)
    except HomeUnusable:
        return known  # the station is lost: that is why there is a restore
    return merged(known, read_stones(layout.keys / NAME))
