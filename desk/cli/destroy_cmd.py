"""``kangdang disposal execute``: the destruction itself, a dry run unless ``--execute`` is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from archives.errors import InputRefused, ListChanged
from desk.cli._chinese import Command, path_type
from desk.cli._common import EXIT_FINDINGS, at_terminal, echo_json, home_option, json_option
from desk.cli._duties import asked_password, confirmed_hash, say

if TYPE_CHECKING:
    from archives.archive import Unit
    from archives.disposal.completion import Progress
    from archives.disposal.lists import ListFacts
    from archives.disposal.rehearsal import Rehearsal
    from desk.station.destroying import Act
    from desk.station.opening import OpenStation

_METHODS: Final = ("粉碎", "化浆", "焚毁", "无纸质档案")
_NUMBER = click.argument("number", metavar="清册")


@click.command(cls=Command)
@_NUMBER
@click.option("--execute", "really", is_flag=True, help="真正销毁；不给时只演练，不改动任何内容")
@click.option("--number", "typed", metavar="编号", help="再输一次清册编号，不给时会询问")
@click.option("--sha256", "prefix", metavar="前8位", help="清册校验值前 8 位，不给时会询问")
@click.option("--method", type=click.Choice(_METHODS), help="纸质档案的销毁方式，不给时会询问")
@click.option("--place", metavar="地点", help="销毁地点，不给时会询问")
@click.option("--paper-checked", is_flag=True, help="纸质档案已逐件清点，与清册相符；不给时逐件询问页数")
@click.option("--leave-written", is_flag=True, help="写出的未加密文件不先清理，直接销毁；清册写明还有几份")
@click.option(
    "--witness",
    "witnesses",
    multiple=True,
    metavar="用户名",
    help="监销人的用户名；站外监销人用 # 加人员编号。须给两次，不给时会询问",
)
@click.option(
    "--password-file",
    "files",
    multiple=True,
    type=path_type(dir_okay=False),
    help="从文件第一行读取监销人的密码或一次性凭证，次序与 --witness 相同（供脚本使用）",
)
@json_option
@home_option
def execute(number: str, really: bool, as_json: bool, home: Path | None, **told: Any) -> int:
    """执行一份批准的清册。不带 --execute 时只演练：列出会销毁什么、什么会留下、还缺什么。

    真正销毁要再输清册编号和校验值、清点纸质档案、两名监销人当场各输自己的密码（站外监销人输一次性凭证）。
    中断后用同一命令继续。
    """
    from archives.disposal.lists import find_list
    from desk.cli._station import open_station
    from desk.station.attempting import attempting

    with open_station(home) as station:
        station.allow("disposal.execute")
        with station.archive.looking(station.actor) as unit:
            facts = find_list(unit, number)
        if not really:
            return _rehearsed(station, facts, as_json=as_json)
        with attempting(station, "disposal.execute", f"disposal:{facts.id}"):
            progress = _destroyed(station, facts, told)
        return _show_progress(station, facts, progress, as_json=as_json)


def _rehearsed(station: OpenStation, facts: ListFacts, *, as_json: bool) -> int:
    from archives.disposal.rehearsal import rehearse

    with station.acting("disposal.rehearse") as unit:
        found = rehearse(unit, facts.id)
        unit.log(
            "disposal.rehearse", f"disposal:{facts.id}",
            detail={"dry_run": True, "items": len(found.destroy)},
        )  # fmt: skip
    if as_json:
        echo_json(_rehearsal_json(facts, found))
    else:
        _show_rehearsal(facts, found)
    return EXIT_FINDINGS if found.obstacles else 0


def _rehearsal_json(facts: ListFacts, found: Rehearsal) -> dict[str, Any]:
    stay = [{"ref": one.ref_code, "because": one.because, "sentence": one.sentence} for one in found.stay]
    return {
        "dry_run": True, "list": facts.ref_code, "sha256": facts.list_sha256, "destroy": found.destroy,
        "stay": stay, "obstacles": found.obstacles, "paper_items": found.paper_items,
        "paper_pages": found.paper_pages, "written": [one.path for one in found.written],
    }  # fmt: skip


def _show_rehearsal(facts: ListFacts, found: Rehearsal) -> None:
    known = f"校验值 {facts.list_sha256}" if facts.list_sha256 else "鉴定没有结束，还没有校验值"
    click.echo(f"演练清册 {facts.ref_code}，{known}。没有改动任何内容。")
    for code in found.destroy:
        click.echo(f"会销毁 {code}")
    for one in found.stay:
        click.echo(f"会留下 {one.ref_code}：{one.sentence}")
    click.echo(f"会销毁 {len(found.destroy)} 件，留下 {len(found.stay)} 件；"
               f"纸质档案 {found.paper_items} 件 {found.paper_pages} 页须先清点。")  # fmt: skip
    _tell_written(found)
    for obstacle in found.obstacles:
        click.echo(f"还不能执行：{obstacle}")


def _tell_written(found: Rehearsal, *, err: bool = False) -> None:
    """Plain files the destruction does not reach: a person goes and takes them away first."""
    from archives.items.written import KINDS

    for one in found.written:
        click.echo(
            f"还在外面：{one.path}（{KINDS.get(one.kind, one.kind)}，{one.at[:10]}，{one.client}）", err=err
        )
    if found.written:
        click.echo(
            f"以上 {len(found.written)} 个未加密的文件不随销毁清除，请先运行 kangdang tidy 清理；"
            "不清理的，销毁清册写明还有几份。",
            err=err,
        )


def _require_tidied(station: OpenStation, facts: ListFacts, *, left: bool) -> None:
    """Say which plain files stay behind; at a terminal the person decides whether to go on."""
    from archives.disposal.rehearsal import rehearse

    with station.archive.looking(station.actor) as unit:
        found = rehearse(unit, facts.id)
    _tell_written(found, err=True)
    if (
        found.written
        and not left
        and at_terminal()
        and not click.confirm("不清理，继续销毁吗", default=False)
    ):
        raise click.Abort


def _destroyed(station: OpenStation, facts: ListFacts, told: dict[str, Any]) -> Progress:
    from archives.disposal.lists import require_state
    from desk.station.destroying import destroy

    require_state(facts, "approved", "executing")
    typed = told["typed"] or click.prompt("请再输一次要销毁的清册编号")
    if typed.strip().upper() != facts.ref_code:
        raise ListChanged("再次输入的清册编号与要销毁的不一致。", hint="请看清清册编号后重新执行。")
    confirmed_hash(str(facts.list_sha256), told["prefix"])
    _require_tidied(station, facts, left=told["leave_written"])
    with station.archive.looking(station.actor) as unit:
        act = _act(unit, facts, told)
    witnesses = list(told["witnesses"]) or [click.prompt(f"监销人{which}的用户名") for which in "一二"]
    return destroy(station, facts.id, act, witnesses, _secrets(witnesses, told["files"]))


def _act(unit: Unit, facts: ListFacts, told: dict[str, Any]) -> Act:
    from archives.disposal.execution import PaperCount
    from archives.disposal.rehearsal import paper_of
    from desk.station.destroying import Act

    items, pages = paper_of(unit, facts.id)
    if facts.state == "executing":  # confirmed when the execution was opened
        return Act(str(facts.list_sha256), str(facts.method), str(facts.place), PaperCount(items, pages))
    method = told["method"] or (
        click.prompt("纸质档案的销毁方式", type=click.Choice(_METHODS)) if items else _METHODS[-1]
    )
    place = told["place"] or click.prompt("销毁地点")
    count = PaperCount(items, pages) if told["paper_checked"] else _counted(unit, facts.id)
    return Act(str(facts.list_sha256), method, place, count)


def _counted(unit: Unit, list_id: int) -> Any:
    """The paper counted item by item in front of the box."""
    from archives.disposal.execution import PaperCount
    from archives.disposal.lists import entries

    found = [
        click.prompt(f"{row.ref_code}（{row.paper_place}）清点到的纸质页数", type=click.IntRange(0))
        for row in entries(unit, list_id, "listed")
        if row.paper_pages
    ]
    return PaperCount(sum(count > 0 for count in found), sum(found))


def _secrets(witnesses: list[str], files: tuple[Path, ...]) -> Callable[[str], str]:
    if files and len(files) != len(witnesses):
        raise InputRefused("密码文件应与监销人一样多。", hint="请按监销人的次序各给一个 --password-file。")
    sources = dict(zip(witnesses, files, strict=False))

    def secret(who: str) -> str:
        if who in sources:
            return asked_password(sources[who], confirm=False)
        click.echo(f"请监销人 {who} 本人输入{'一次性凭证' if who.startswith('#') else '密码'}。", err=True)
        return asked_password(None, confirm=False)

    return secret


def _show_progress(station: OpenStation, facts: ListFacts, progress: Progress, *, as_json: bool) -> int:
    from archives.disposal.lists import LIST_STATES, entries, list_facts

    with station.archive.looking(station.actor) as unit:
        after = list_facts(unit, facts.id)
        rows = {row.ref_code: row for row in entries(unit, facts.id)}
    stayed = [
        {"ref": one.ref_code, "because": one.because, "sentence": one.sentence} for one in progress.stayed
    ]
    if as_json:
        echo_json({"list": facts.ref_code, "state": LIST_STATES[after.state], "destroyed": progress.destroyed,
                   "stayed": stayed, "unfinished": [list(one) for one in progress.unfinished]})  # fmt: skip
        return EXIT_FINDINGS if progress.unfinished else 0
    click.echo(f"清册 {facts.ref_code}：销毁 {len(progress.destroyed)} 件，留下 {len(stayed)} 件。")
    for code in progress.destroyed:
        if rows[code].paper_pages:
            click.echo(f"请当场销毁纸质件：{code}，{rows[code].paper_pages} 页，{rows[code].paper_place}")
    for one in progress.stayed:
        back = "；纸质件请放回原处" if rows[one.ref_code].paper_pages else ""
        click.echo(f"留下 {one.ref_code}：{one.sentence}{back}")
    for code, sentence in progress.unfinished:
        click.echo(f"没有完成 {code}：{sentence}请排除原因后重新运行同一命令。", err=True)
    if after.state == "done":
        click.echo(f"执行完毕。证明：kangdang disposal certificate {facts.ref_code} -o 销毁证明.pdf")
    return EXIT_FINDINGS if progress.unfinished else 0


@click.command(cls=Command)
@_NUMBER
@click.option("--execute", "really", is_flag=True, help="真正中止；不给时只说明会怎样")
@json_option
@home_option
def stop(number: str, really: bool, as_json: bool, home: Path | None) -> int:
    """中止一份不能继续的执行（机构负责人）：已销毁的不变，余下各件离开清册、不受影响。"""
    from archives.disposal.execution import stop as stop_list
    from archives.disposal.lists import entries, find_list, require_state
    from desk.cli._station import open_station
    from desk.station.attempting import attempting

    with open_station(home) as station:
        station.allow("disposal.approve")
        with station.archive.looking(station.actor) as unit:
            facts = find_list(unit, number)
            left = len(entries(unit, facts.id, "listed"))
        if not really:
            require_state(facts, "executing")
            told = f"会中止清册 {facts.ref_code} 的执行，余下 {left} 件离开清册。确定时请加 --execute。"
            say(told, {"dry_run": True, "list": facts.ref_code, "left": left}, as_json=as_json)
            return 0
        with attempting(station, "disposal.stop", f"disposal:{facts.id}"):
            progress = stop_list(station.archive, station.actor, facts.id)
        return _show_progress(station, facts, progress, as_json=as_json)


@click.command(cls=Command)
@_NUMBER
@click.option("--witness", "who", required=True, metavar="人员编号", help="站外监销人的人员编号，例如 #12")
@click.option(
    "--hours", metavar="小时数", type=click.IntRange(1, 72), default=24, show_default=True, help="有效几小时"
)
@json_option
@home_option
def credential(number: str, who: str, hours: int, as_json: bool, home: Path | None) -> None:
    """给站外监销人签发一次性凭证（机构负责人）；只显示一次，请当面交给本人。"""
    from archives.disposal.credentials import issue_credential
    from archives.disposal.lists import find_list
    from desk.cli._station import open_station

    told = who.removeprefix("#")
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise InputRefused("站外监销人用 # 加人员编号表示，例如 #12。")
    with open_station(home) as station:
        station.allow("disposal.approve")
        with station.acting("disposal.credential") as unit:
            facts = find_list(unit, number)
            code = issue_credential(unit, facts.id, int(told), hours=hours)
    if as_json:
        echo_json({"list": facts.ref_code, "witness": int(told), "code": code, "hours": hours})
        return
    click.echo(
        f"清册 {facts.ref_code} 人员 #{int(told)} 的一次性凭证：{code}（{hours} 小时内有效，只能用一次）"
    )
