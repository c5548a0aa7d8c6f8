"""``kangdang disposal``: a list from proposal to approval, and on paper; destroying is in ``destroy_cmd``."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, font_options, font_set, home_option, json_option
from desk.cli._duties import (
    coded,
    confirmed_count,
    confirmed_hash,
    confirmed_word,
    known_word,
    say,
    show_rows,
)
from desk.cli.destroy_cmd import credential, execute, stop

if TYPE_CHECKING:
    from archives.archive import Unit
    from archives.disposal.lists import ListFacts
    from desk.station.opening import OpenStation

_OPINIONS: Final = {"destroy": "销毁", "prolong": "续存", "permanent": "转永久", "defer": "暂缓"}
_ITEMS: Final = {
    "position": "序号", "ref": "档号", "title": "题名", "held_through": "保管至", "pages": "页数",
    "paper_pages": "纸质页数", "paper_place": "纸质件位置", "state": "状态", "opinion": "鉴定意见",
    "reason": "理由",
}  # fmt: skip
_HASH = click.option("--sha256", "prefix", metavar="前8位", help="所核对意见的校验值前 8 位")


@click.group(cls=Group)
def disposal() -> None:
    """鉴定与销毁：提出清册、鉴定、审批，等待期过后在两名监销人面前销毁，出具证明。"""


disposal.add_command(execute)
disposal.add_command(stop)
disposal.add_command(credential)


@disposal.command()
@click.argument("items", metavar="件", nargs=-1)
@click.option(
    "--eligible", is_flag=True, help="不逐件指定：列入全部已到期的件（最多 500 件，最早到期的在前）"
)
@json_option
@home_option
def propose(items: tuple[str, ...], eligible: bool, as_json: bool, home: Path | None) -> None:
    """提出一份清册：按档号或 #编号指定到期的件；有一件不能销毁，整份不受理。"""
    from archives.disposal.lists import list_facts, opinions_hash
    from archives.disposal.proposal import eligible_records, propose_list
    from archives.items.lists import find_record
    from desk.cli._station import open_station

    if bool(items) == eligible:
        raise click.UsageError("请指定列入清册的件，或用 --eligible 列入全部已到期的件（二者取一）。")
    with open_station(home) as station:
        station.allow("disposal.prepare")
        with station.archive.looking(station.actor) as unit:
            due = eligible_records(unit, unit.reference().day) if eligible else []
            chosen = due or [find_record(unit, item).id for item in items]
        with station.acting("disposal.propose") as unit:
            number = propose_list(unit, chosen)
            facts, sha256 = list_facts(unit, number), opinions_hash(unit, number)
    told = {"list": facts.ref_code, "appraisal": facts.appraisal_no, "items": len(chosen), "sha256": sha256}
    if as_json:
        echo_json(told)
        return
    click.echo(f"已提出清册 {facts.ref_code}，{len(chosen)} 件。请逐件填写鉴定意见，再由鉴定小组签字。")


@disposal.command()
@click.argument("number", metavar="清册")
@click.argument("items", metavar="件", nargs=-1)
@click.option("--all", "every", is_flag=True, help="所有还没有意见的件都用这一意见")
@click.option(
    "--opinion", required=True, metavar="意见", callback=coded(_OPINIONS), help="销毁、续存、转永久、暂缓之一"
)
@click.option("--years", metavar="年数", type=click.IntRange(1, 100), help="续存几年")
@click.option("--reason", metavar="理由", required=True, help="理由，100 字以内，不写姓名和病情")
@json_option
@home_option
def appraise(number: str, items: tuple[str, ...], every: bool, opinion: Any, years: int | None,
             reason: str, as_json: bool, home: Path | None) -> None:  # fmt: skip
    """填写鉴定意见；意见改动后，已签的字不再算数。"""
    from archives.disposal.appraisal import set_opinion
    from archives.disposal.lists import entries, find_list
    from archives.items.lists import find_record
    from desk.cli._station import open_station

    if bool(items) == every:
        raise click.UsageError("请指定件的档号，或用 --all（二者取一）。")
    with open_station(home) as station:
        station.allow("disposal.appraise")
        with station.acting("disposal.appraise") as unit:
            facts = find_list(unit, number)
            open_ones = [row.record_id for row in entries(unit, facts.id) if row.opinion is None]
            chosen = open_ones if every else [find_record(unit, item).id for item in items]
            for record in chosen:
                set_opinion(unit, facts.id, record, opinion, reason, years)
    say(
        f"{len(chosen)} 件的鉴定意见：{_OPINIONS[opinion]}。",
        {"list": facts.ref_code, "items": len(chosen), "opinion": opinion}, as_json=as_json,
    )  # fmt: skip


@disposal.command()
@click.argument("number", metavar="清册")
@_HASH
@click.option("--items", "count", metavar="件数", type=int, help="清册共几件，不给时会询问")
@json_option
@home_option
def sign(number: str, prefix: str | None, count: int | None, as_json: bool, home: Path | None) -> None:
    """鉴定小组成员各自登录后签字：先逐件列出意见；给出校验值时不再询问件数。"""
    from archives.disposal.appraisal import sign_appraisal
    from archives.disposal.lists import entries, find_list, opinions_hash
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("disposal.appraise")
        with station.archive.looking(station.actor) as unit:
            facts = find_list(unit, number)
            sha256, rows = opinions_hash(unit, facts.id), [_item(row) for row in entries(unit, facts.id)]
        if prefix is not None:
            confirmed_hash(sha256, prefix)
        else:
            if not as_json:
                show_rows(rows, _ITEMS, "清册中没有档案。", as_json=False)
            confirmed_count(len(rows), count, f"清册 {facts.ref_code} 中的档案")
        with station.acting("disposal.sign") as unit:
            signed = sign_appraisal(unit, facts.id, sha256)
    say(f"已签字，现在共 {signed} 人签了这份意见。", {"signed": signed, "sha256": sha256}, as_json=as_json)


@disposal.command()
@click.argument("number", metavar="清册")
@json_option
@home_option
def finish(number: str, as_json: bool, home: Path | None) -> None:
    """结束鉴定：意见为销毁的列入清册并算出校验值，其余的按意见留存。"""
    from archives.disposal.appraisal import finish_appraisal
    from archives.disposal.lists import find_list
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("disposal.prepare")
        with station.acting("disposal.finish") as unit:
            facts = find_list(unit, number)
            sha256 = finish_appraisal(unit, facts.id)
    told = f"鉴定结束，清册 {facts.ref_code} 的校验值 {sha256}。请机构负责人审批。"
    if not sha256:
        told = f"鉴定结束，没有要销毁的件，清册 {facts.ref_code} 已撤回。"
    say(told, {"list": facts.ref_code, "sha256": sha256 or None}, as_json=as_json)


@disposal.command()
@click.argument("number", metavar="清册")
@click.option("--items", "count", metavar="件数", type=int, help="要销毁几件，不给时会询问")
@click.option("--word", metavar="销毁", help="输入“销毁”二字，不给时会询问")
@click.option("--sha256", "prefix", metavar="前8位", help="印在清册上的校验值前 8 位，给了就核对")
@json_option
@home_option
def approve(
    number: str, count: int | None, word: str | None, prefix: str | None, as_json: bool, home: Path | None
) -> None:
    """审批清册（机构负责人；不能审批自己编制的）：先逐件列出，再输入件数和“销毁”二字。

    批准后过了等待期才能执行。
    """
    from archives.disposal.approval import approve_list, require_approvable
    from archives.disposal.lists import find_list
    from desk.cli._station import open_station
    from desk.station.attempting import attempting

    with open_station(home) as station:
        station.allow("disposal.approve")
        with station.archive.looking(station.actor) as unit:
            facts = find_list(unit, number)
        with attempting(station, "disposal.approval", f"disposal:{facts.id}"):
            with station.archive.looking(station.actor) as unit:
                require_approvable(unit, facts.id)
            known_word("销毁", word)
            if prefix is not None:
                confirmed_hash(str(facts.list_sha256), prefix)
            listed = _shown(station, facts, as_json=as_json)
            confirmed_count(listed, count, f"清册 {facts.ref_code} 要销毁的档案")
            confirmed_word("销毁", word)
            with station.acting("disposal.approve") as unit:
                first = approve_list(unit, facts.id, str(facts.list_sha256))
    told = {"list": facts.ref_code, "items": listed, "not_before": first.isoformat(),
            "sha256": facts.list_sha256}  # fmt: skip
    say(f"清册 {facts.ref_code} 已批准，{first.isoformat()} 起可以执行。", told, as_json=as_json)


def _shown(station: OpenStation, facts: ListFacts, *, as_json: bool) -> int:
    """Show what would be destroyed, item by item; how many that are.  The looking is on the log."""
    from archives.disposal.lists import entries

    with station.acting("disposal.read") as unit:
        rows = [_item(row) for row in entries(unit, facts.id, "listed")]
        unit.log("register.read", f"disposal:{facts.id}", detail={"kind": "AR7", "rows": len(rows)})
    if not as_json:
        show_rows(rows, _ITEMS, "清册中没有档案。", as_json=False)
        click.echo(f"清册 {facts.ref_code} 的校验值 {facts.list_sha256}，印在销毁清册（AR7）上。")
    return len(rows)


@disposal.command()
@click.argument("number", metavar="清册")
@json_option
@home_option
def withdraw(number: str, as_json: bool, home: Path | None) -> None:
    """撤回一份还没有执行的清册；其中的件不受影响。"""
    from archives.disposal.approval import withdraw_list
    from archives.disposal.lists import find_list
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("disposal.prepare")
        with station.acting("disposal.withdraw") as unit:
            facts = find_list(unit, number)
            withdraw_list(unit, facts.id)
    say(f"清册 {facts.ref_code} 已撤回。", {"list": facts.ref_code}, as_json=as_json)


@disposal.command("list")
@json_option
@home_option
def list_command(as_json: bool, home: Path | None) -> None:
    """列出全部清册，最新的在前。"""
    from archives.disposal.lists import all_lists
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("disposal.appraise")
        with station.acting("disposal.read") as unit:
            rows = [_told(unit, facts) for facts in all_lists(unit)]
            unit.log("register.read", "station:1", detail={"kind": "AR7", "rows": len(rows)})
    headings = {
        "list": "清册",
        "state": "状态",
        "items": "件数",
        "not_before": "可执行日",
        "sha256": "校验值",
    }
    show_rows(rows, headings, "还没有清册。", as_json=as_json)


def _told(unit: Unit, facts: ListFacts) -> dict[str, Any]:
    from archives.disposal.lists import LIST_STATES, items_of_list, opinions_hash

    proposed = facts.state == "proposed"
    return {
        "list": facts.ref_code, "appraisal": facts.appraisal_no, "state": LIST_STATES[facts.state],
        "items": items_of_list(unit, facts.id),
        "not_before": facts.not_before.isoformat() if facts.not_before else None,
        "sha256": opinions_hash(unit, facts.id) if proposed else facts.list_sha256,
    }  # fmt: skip


@disposal.command()
@click.argument("number", metavar="清册")
@json_option
@home_option
def show(number: str, as_json: bool, home: Path | None) -> None:
    """逐件列出一份清册、鉴定意见、校验值和参与的人。"""
    from archives.disposal.agreement import PARTS, disagreements
    from archives.disposal.lists import entries
    from archives.disposal.proof import people_of
    from archives.duties.staff import names_of
    from desk.cli._station import open_station
    from desk.station.list_reading import list_to_read

    with open_station(home) as station:
        facts = list_to_read(station, number)
        with station.acting("disposal.read") as unit:
            told, people, names = _told(unit, facts), people_of(unit, facts), names_of(unit)
            rows = [_item(row) for row in entries(unit, facts.id)]
            doubts = [PARTS[part] for part in disagreements(unit.connection, facts)]
            unit.log("register.read", f"disposal:{facts.id}", detail={"kind": "AR7", "rows": len(rows)})
    told["people"] = {
        "列册": [names[people.lister]], "鉴定": [names[one] for one in people.signers],
        "审批": [names[people.approver]] if people.approver else [],
        "执行": [names[people.executor]] if people.executor else [],
        "监销": [names[one] for one in people.witnesses],
    }  # fmt: skip
    if as_json:
        echo_json({**told, "rows": rows, "doubts": doubts})
        return
    if doubts:
        click.echo(f"提醒 以下内容与日志不一致，不能作为凭据：{'；'.join(doubts)}。")
    click.echo(f"清册 {told['list']}（鉴定批次 {told['appraisal']}）：{told['state']}")
    show_rows(rows, _ITEMS, "清册中没有档案。", as_json=False)
    click.echo("；".join(f"{part} {'、'.join(who)}" for part, who in told["people"].items() if who))
    click.echo(f"校验值 {told['sha256']}")


def _item(row: Any) -> dict[str, Any]:
    from archives.disposal.lists import ITEM_STATES, OPINIONS

    names = ("position", "title", "held_through", "pages", "paper_pages", "paper_place")
    years = f" {row.opinion_years} 年" if row.opinion_years else ""
    return {
        **{name: getattr(row, name) for name in names}, "ref": row.ref_code,
        "state": ITEM_STATES[row.state], "reason": row.opinion_reason,
        "opinion": OPINIONS[row.opinion] + years if row.opinion else None,
    }  # fmt: skip


def _output(command: Any) -> Any:
    out = click.option("-o", "--output", "out", required=True, type=path_type(dir_okay=False),
                       help="输出的 PDF 文件")  # fmt: skip
    return out(font_options(json_option(home_option(command))))


@disposal.command()
@click.argument("number", metavar="清册")
@_output
def certificate(number: str, out: Path, **how: Any) -> None:
    """打印销毁清册和销毁证明（AR7），销毁完毕后才有证明，供执行人、监销人签字。"""
    _print("AR7", number, out, how, only_done=True)


@disposal.command("print")
@click.argument("number", metavar="清册")
@click.option(
    "--form", "code", type=click.Choice(["AR6", "AR7"]), required=True, help="AR6 鉴定意见表，AR7 销毁清册"
)
@_output
def print_command(number: str, code: str, out: Path, **how: Any) -> None:
    """打印鉴定意见表或销毁清册，供签字。"""
    _print(code, number, out, how, only_done=False)


def _print(code: str, number: str, out: Path, how: dict[str, Any], *, only_done: bool) -> None:
    from archives.disposal.lists import find_list, require_state
    from desk.cli._station import open_station
    from desk.station.registers import Wanted, print_register

    if out.suffix.lower() != ".pdf":
        raise click.UsageError(f"输出 {out.name} 应为 .pdf。")
    with open_station(how["home"]) as station:
        station.allow("register.print")
        with station.archive.looking(station.actor) as unit:
            facts = find_list(unit, number)
            if only_done:
                require_state(facts, "done")
        wanted = Wanted(code, number=facts.ref_code)
        chosen = font_set(how["fonts"], how["extra_fonts"])
        printed = print_register(station, wanted, out, chosen, secrets.token_bytes)
    told = {"output": str(out), "pages": printed.pages, "print_id": printed.print_id}
    say(f"已打印 {out}，{printed.pages} 页，打印编号 {printed.print_id}。", told, as_json=how["as_json"])
