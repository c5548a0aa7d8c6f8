"""``kangdang loan``: originals lent, reminded, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import coded, purpose_option, show_rows

if TYPE_CHECKING:
    from archives.archive import Unit
    from archives.duties.loans import Loan

_BASES = {"duty": "岗位职责", "letter": "介绍信", "mandate": "授权", "law": "法定"}
_HEADINGS = {
    "loan": "借阅编号", "file": "档号", "item": "件", "borrower": "借阅人", "pages": "页数",
    "lent_on": "借出", "due_on": "应还", "days_late": "逾期天数", "reminders": "催还次数",
}  # fmt: skip


@click.group(cls=Group)
def loan() -> None:
    """借阅：借出、查看、催还、归还。"""


@loan.command()
@click.argument("number", metavar="档号")
@click.option("--borrower", required=True, metavar="账号", help="借阅人的账号")
@click.option("--approver", required=True, metavar="账号", help="书面批准的机构负责人的账号")
@purpose_option(required=True)
@click.option("--pages", type=int, required=True, metavar="页数", help="借出的页数，须逐页清点")
@click.option("--item", metavar="件", help="只借一件：该件的档号或 #编号")
@click.option("--days", type=int, metavar="天数", help="借期（日历天），默认为本站规定的最长借期")
@click.option(
    "--basis", default="duty", callback=coded(_BASES), metavar="依据", help="、".join(_BASES.values())
)
@click.option("--basis-note", metavar="文字", help="介绍信、授权书的文号，或法律条款")
@home_option
@json_option
def lend(number: str, home: Path | None, as_json: bool, **how: Any) -> None:
    """借出原件；须有机构负责人的书面批准。"""
    from archives.duties.loans import Terms, lend, loan
    from archives.duties.staff import staff_of_login
    from archives.people.files import find_file
    from desk.cli._station import open_station

    with open_station(home) as station:
        with station.archive.looking(station.actor) as unit:
            file = find_file(unit, number).id
        station.allow("loan.lend", file=file)
        with station.acting("loan.lend") as unit:
            terms = Terms(
                how["purpose"], how["pages"], how["basis"], how["basis_note"],
                _item(unit, how["item"]), how["days"],
            )  # fmt: skip
            people = (staff_of_login(unit, how["borrower"]), staff_of_login(unit, how["approver"]))
            lent = loan(unit, lend(unit, file, *people, terms))
    if as_json:
        echo_json({"loan": lent.ref_code, "due_on": lent.due_on.isoformat()})
    else:
        click.echo(f"已借出，借阅编号 {lent.ref_code}，应于 {lent.due_on} 归还。")


def _item(unit: Unit, item: str | None) -> int | None:
    from archives.items.lists import find_record

    return None if item is None else find_record(unit, item).id


@loan.command("list")
@click.option("--overdue", is_flag=True, help="只列逾期的（催还清单）")
@home_option
@json_option
def list_command(overdue: bool, home: Path | None, as_json: bool) -> None:
    """列出尚未归还的借阅，最早到期的在前。"""
    from archives.duties.loans import loans_out
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("register.print")
        with station.acting("register.read") as unit:
            rows = [_row(unit, one) for one in loans_out(unit, overdue_only=overdue)]
            unit.log("register.read", "form:loan_register", detail={"rows": len(rows)})
    show_rows(rows, _HEADINGS, "没有逾期的借阅。" if overdue else "没有借出的档案。", as_json=as_json)


def _row(unit: Unit, one: Loan) -> dict[str, Any]:
    from archives.duties.staff import names_of
    from archives.people.files import file_facts

    return {
        "loan": one.ref_code, "file": file_facts(unit, one.file).number,
        "item": None if one.record is None else f"#{one.record}", "borrower": names_of(unit)[one.borrower],
        "pages": one.pages, "lent_on": one.lent_on.isoformat(), "due_on": one.due_on.isoformat(),
        "days_late": one.days_late, "reminders": one.reminders,
    }  # fmt: skip


@loan.command()
@click.argument("number", metavar="借阅编号")
@home_option
@json_option
def remind(number: str, home: Path | None, as_json: bool) -> None:
    """登记一次催还；到期之日起可以催还。"""
    from archives.duties.loans import find_loan, remind
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("loan.lend")
        with station.acting("loan.remind") as unit:
            times = remind(unit, find_loan(unit, number))
    if as_json:
        echo_json({"reminders": times})
    else:
        click.echo(f"已登记第 {times} 次催还。")


@loan.command("return")
@click.argument("number", metavar="借阅编号")
@click.option("--pages", type=int, required=True, metavar="页数", help="归还的页数，须逐页清点")
@click.option("--damage", metavar="文字", help="缺页、破损等情况；完好的不填")
@home_option
@json_option
def return_command(number: str, pages: int, damage: str | None, home: Path | None, as_json: bool) -> None:
    """登记归还，清点页数和完好情况。"""
    from archives.duties.loans import find_loan, loan, take_back
    from desk.cli._station import open_station

    with open_station(home) as station:
        station.allow("loan.lend")
        with station.acting("loan.return") as unit:
            found = find_loan(unit, number)
            take_back(unit, found, pages, damage)
            back = loan(unit, found)
    if as_json:
        echo_json({"loan": back.ref_code, "pages": back.pages, "pages_returned": back.pages_returned})
    else:
        click.echo(f"借阅 {back.ref_code} 已归还，借出 {back.pages} 页，归还 {back.pages_returned} 页。")
