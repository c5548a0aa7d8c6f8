"""``kangdang user``: the people of the station, their roles, accounts and passwords."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Group, path_type
from desk.cli._common import echo_json, home_option, json_option, read_bytes
from desk.cli._duties import asked_password, password_file_option, show_rows

if TYPE_CHECKING:
    from archives.staff.members import Member
    from desk.station.newcomers import Newcomer
    from desk.station.people import Roll

_HEADINGS = {
    "staff": "编号", "name": "姓名", "roles": "角色", "logins": "用户名", "supervisor": "督导",
    "state": "状态",
}  # fmt: skip
_WHO = click.argument("who", metavar="用户名或#编号")


@click.group(cls=Group)
def user() -> None:
    """人员和账号：登记、角色、密码、停用、离岗、恢复单。"""


@user.command()
@click.option("--name", metavar="姓名", help="姓名")
@click.option("--login", metavar="用户名", help="用户名；站外监销人不设")
@click.option("--role", "roles", metavar="角色", multiple=True, help="角色，可多次给出，如 --role 社工")
@click.option("--supervisor", metavar="用户名", help="督导的用户名")
@click.option("--outside", is_flag=True, help="站外人员：只能作监销人，没有账号")
@click.option("--people", type=path_type(), help="人员名单（.json 或 .yaml），一次登记多人")
@password_file_option
@home_option
@json_option
def add(
    people: Path | None, password_file: Path | None, home: Path | None, as_json: bool, **one: Any
) -> None:
    """登记人员和账号；证件号码相同的就是同一个人。没有做完的登记，重做一次即可。"""
    from desk.cli._station import open_station
    from desk.station.newcomers import check_each, read_people
    from desk.station.people import register

    given = any(one.values()) or password_file is not None
    if people is not None and given:
        raise click.UsageError("--people 不能和其他登记选项一起用。")
    with open_station(home) as station:
        station.allow("user.manage")
        if people is None:
            newcomers = [_asked(one, password_file)]
        else:
            newcomers = read_people(read_bytes(str(people)), people.parent)
            check_each(newcomers, station.settings.station.name)
        rows = []
        for who in newcomers:
            done = register(station, who)
            rows.append(
                {"staff": done.staff, "known": done.known, "login": done.account and done.account.login}
            )
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        account = f"，用户名 {row['login']}" if row["login"] else "，没有账号"
        known = "（此前已登记过的同一个人）" if row["known"] else ""
        click.echo(f"已登记人员 #{row['staff']}{account}{known}。")


def _asked(one: dict[str, Any], password_file: Path | None) -> Newcomer:
    from archives.staff.roles import role_of
    from desk.station.newcomers import Newcomer

    name = one["name"] or click.prompt("姓名")
    number = click.prompt("证件号码（只保存密文，用来认出同一个人）")
    login = one["login"]
    if login is None and not one["outside"]:
        login = click.prompt("用户名（不设账号时直接回车）", default="", show_default=False) or None
    roles = tuple(dict.fromkeys(role_of(role) for role in one["roles"] or _asked_roles(login)))
    password = asked_password(password_file, confirm=True) if login else None
    return Newcomer(name, number, roles, login, password, one["outside"], one["supervisor"])


def _asked_roles(login: str | None) -> list[str]:
    """The roles of a new account, asked until each is one; without an account there is none to give."""
    from archives.errors import ArchiveError
    from archives.ports import ROLE_NAMES
    from archives.staff.roles import role_of

    if login is None:
        return []

    def known(answer: str) -> list[str]:
        words = [word for word in re.split(r"[、，,\s]+", answer) if word]
        try:
            return [role_of(word) for word in words]
        except ArchiveError as error:  # asked again
            raise click.UsageError(f"{error.message}{error.hint}") from error

    asked = f"角色（{'、'.join(ROLE_NAMES.values())}；可填几个，暂不给时直接回车）"
    roles: list[str] = click.prompt(asked, default="", show_default=False, value_proc=known)
    return roles


@user.command("list")
@home_option
@json_option
def list_(home: Path | None, as_json: bool) -> None:
    """人员、角色和账号。"""
    from desk.cli._station import open_station
    from desk.station.people import roll

    with open_station(home) as station:
        told = roll(station)
    rows = [_row(one, told, as_json=as_json) for one in told.members]
    show_rows(rows, _HEADINGS, "还没有人员。", as_json=as_json)
    if not as_json:
        for one in told.mismatches:
            click.echo(f"提醒 账号 {one.login} 与密钥文件不一致，请运行 kangdang doctor 查看。")


def _row(one: Member, told: Roll, *, as_json: bool) -> dict[str, Any]:
    from archives.ports import ROLE_NAMES
    from desk.station.newcomers import in_order

    roles = in_order(one.roles)
    closed = [a.login for a in told.accounts if a.staff == one.id and a.state == "closed"]
    state = f"{one.left_on} 离岗" if one.left_on else "站外" if one.outside else "在岗"
    if as_json:
        return {
            "staff": one.id, "name": one.name, "roles": list(roles), "logins": list(one.logins),
            "closed_logins": closed, "supervisor": one.supervisor, "outside": one.outside,
            "left_on": one.left_on,
        }  # fmt: skip
    return {
        "staff": f"#{one.id}", "name": one.name, "roles": "、".join(ROLE_NAMES[role] for role in roles),
        "logins": " ".join([*one.logins, *(f"{login}（停用）" for login in closed)]),
        "supervisor": f"#{one.supervisor}" if one.supervisor else "", "state": state,
    }  # fmt: skip


@user.command()
@_WHO
@click.option("--give", metavar="角色", help="给予角色")
@click.option("--take", metavar="角色", help="撤去角色")
@home_option
def role(who: str, give: str | None, take: str | None, home: Path | None) -> None:
    """给予或撤去角色；档案员、审计员、系统管理员须由三个人分别担任。"""
    from archives.ports import ROLE_NAMES
    from archives.staff.roles import role_of
    from desk.cli._station import open_station
    from desk.station.newcomers import in_order
    from desk.station.people import change_role

    if give is None and take is None:
        raise click.UsageError("没有说明改什么角色：用 --give 给予，用 --take 撤去。")
    with open_station(home) as station:
        changed = change_role(
            station, who, give=role_of(give) if give else None, take=role_of(take) if take else None
        )
    roles = "、".join(ROLE_NAMES[one] for one in in_order(changed.roles)) or "无"
    click.echo(f"人员 #{changed.id} 的角色：{roles}。")


@user.command()
@_WHO
@click.option("--by", metavar="用户名或#编号", help="督导；不给则取消督导关系")
@home_option
def supervisor(who: str, by: str | None, home: Path | None) -> None:
    """指定或取消一个人的督导。"""
    from desk.cli._station import open_station
    from desk.station.people import supervise

    with open_station(home) as station:
        supervise(station, who, by)
    click.echo("已改好督导关系。")


@user.command()
@click.argument("login", metavar="[用户名]", required=False)
@click.option("--old-password-file", type=path_type(), help="从文件第一行读取原密码（供脚本使用）")
@password_file_option
@home_option
def password(
    login: str | None, old_password_file: Path | None, password_file: Path | None, home: Path | None
) -> None:
    """修改自己的密码；系统管理员可为别人重设，本人下次登录时会看到。"""
    from archives.keys.password import spelled
    from desk.cli._station import open_station
    from desk.station.people import own_password, reset_password

    with open_station(home) as station:
        if login is not None and spelled(login) != station.login:
            station.allow("user.manage")
            reset_password(station, login, asked_password(password_file, confirm=True))
            click.echo("已重设密码，请当面告诉本人，并请本人登录后马上修改。")
            return
        if old_password_file is None:
            old = click.prompt("原密码", hide_input=True)
        else:
            old = asked_password(old_password_file, confirm=False)
        own_password(station, old, asked_password(password_file, confirm=True))
    click.echo("密码已修改，请用新密码重新登录。")


@user.command()
@click.argument("login", metavar="用户名")
@home_option
def close(login: str, home: Path | None) -> None:
    """停用一个账号；本人仍在岗。"""
    from desk.cli._station import open_station
    from desk.station.people import close

    with open_station(home) as station:
        close(station, login)
    click.echo("账号已停用。密码可能已外泄时，请重做密钥备份。")


@user.command()
@_WHO
@home_option
def leave(who: str, home: Path | None) -> None:
    """办理离岗：角色、督导关系和全部账号到此为止。"""
    from desk.cli._station import open_station
    from desk.station.people import depart

    with open_station(home) as station:
        logins = depart(station, who)
    click.echo(f"已办理离岗，停用账号 {len(logins)} 个。请重做密钥备份：旧备份仍认旧密码。")


@user.command()
@click.argument("login", metavar="用户名")
@home_option
def unlock(login: str, home: Path | None) -> None:
    """解除因密码输错而锁定的账号；先问清是不是本人输错的。"""
    from desk.cli._station import open_station
    from desk.station.people import unlock

    with open_station(home) as station:
        unlock(station, login)
    click.echo("已解除锁定。")


@user.command()
@click.argument("login", metavar="用户名")
@click.option("--sheet-file", type=path_type(), help="从文件读取恢复单的四行（供演练使用）")
@password_file_option
@home_option
def recover(login: str, sheet_file: Path | None, password_file: Path | None, home: Path | None) -> None:
    """凭恢复单为一个账号设定新密码；不需要登录。"""
    from desk.cli._station import station_now
    from desk.station.opening import home_of
    from desk.station.people import recover

    layout, settings = home_of(home)
    if sheet_file is None:
        typed = "\n".join(click.prompt(f"恢复单第{number}行") for number in range(1, 5))
    else:
        typed = read_bytes(str(sheet_file)).decode("utf-8-sig", "replace")
    new = asked_password(password_file, confirm=True)
    recover(layout, settings, typed, login, new, station_now, secrets.token_bytes)
    click.echo("新密码已设定，请用它登录。恢复单请重新封存并登记；封条拆过的宜换印新单。")


@user.command()
@click.option("-o", "--output", "out", required=True, type=path_type(), help="新恢复单的 PDF")
@home_option
def sheet(out: Path, home: Path | None) -> None:
    """换印恢复单；旧单从此作废。"""
    from archives.keys import recovery
    from archives.keys.durable import write_private
    from desk.cli._plain import SHEET_PLAIN
    from desk.cli._station import open_station
    from desk.station.init import sheet_place
    from desk.station.people import renew_sheet
    from desk.station.recovery_sheet import recovery_pdf

    with open_station(home) as station:
        station.allow("user.manage")
        place, clock = sheet_place(out, station.layout), station.archive.clock
        printed, secret = recovery.make(secrets.token_bytes, clock().date(), station.settings.station.name)
        # Printed first: a sheet in force that nobody holds would be worse than one that opens nothing.
        write_private(place, recovery_pdf(printed, clock()), "recovery.sheet")
        renew_sheet(station, secret)
    click.echo(f"新恢复单：{place}（指纹 {printed.fingerprint}）。{SHEET_PLAIN}")
    click.echo("旧单已作废，请收回销毁；换单以前的密钥备份仍认旧单，请重做密钥备份。")
