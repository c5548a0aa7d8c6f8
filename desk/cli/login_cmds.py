"""``kangdang login`` and ``kangdang logout``."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from desk.cli._chinese import Command
from desk.cli._common import echo_json, home_option, json_option
from desk.cli._duties import asked_password, password_file_option


@click.command(cls=Command)
@click.argument("login", metavar="[用户名]", required=False)
@password_file_option
@home_option
@json_option
def login(login: str | None, password_file: Path | None, home: Path | None, as_json: bool) -> None:
    """登录站点；15 分钟不用或满 12 小时自动退出。"""
    from archives.errors import DateUnconfirmed
    from archives.ports import ROLE_NAMES
    from desk.cli._station import station_now
    from desk.station.disputed import CURE, question
    from desk.station.entrance import enter
    from desk.station.newcomers import in_order
    from desk.station.opening import home_of

    layout, settings = home_of(home)
    name = login or click.prompt("用户名")
    entered = enter(
        layout, settings, name, asked_password(password_file, confirm=False), station_now, secrets.token_bytes
    )
    who, since = entered.member, entered.since
    roles = "、".join(ROLE_NAMES[role] for role in in_order(who.roles)) or "没有角色"
    if as_json:
        echo_json(
            {
                "staff": who.id, "name": who.name, "roles": list(in_order(who.roles)),
                "idle_until": entered.idle_until.isoformat(), "last_login": since.last,
                "failures": since.failures, "password_changed_by": since.changed_by,
                "unsettled": list(entered.unsettled),
                "unseen_blanks": [{"batch": one.batch, "pages": one.pages} for one in entered.unseen],
                "rights_to_look_at": list(entered.to_look_at),
                "date_confirmed": not entered.unconfirmed,
            }
        )  # fmt: skip
        return
    click.echo(f"{who.name}（{roles}）已登录 {settings.station.name}。")
    if entered.unconfirmed:
        click.echo(f"提醒 {entered.unconfirmed}{DateUnconfirmed.default_hint}")
    if since.last:
        click.echo(f"上次登录 {since.last[:16].replace('T', ' ')}，此后失败 {since.failures} 次。")
    if since.changed_by is not None:
        by = f"人员 #{since.changed_by}" if since.changed_by else "恢复单"
        click.echo(f"提醒 您的密码在此期间由{by}重设过；如非您本人要求，请立即告诉审计员。")
    if entered.unsettled:
        click.echo(f"提醒 {question(entered.unsettled)}{CURE}")
    for one in entered.unseen:
        click.echo(
            f"提醒 第 {one.batch} 批有 {one.pages} 页空白还没有人看过：kangdang scan blanks {one.batch}"
        )
    for code in entered.to_look_at:
        click.echo(f"提醒 权利请求 {code} 等您今天核对：kangdang rights look {code}")


@click.command(cls=Command)
@home_option
def logout(home: Path | None) -> None:
    """退出登录。"""
    from desk.cli._station import station_now
    from desk.station.entrance import go_out
    from desk.station.opening import home_of

    layout, settings = home_of(home)
    click.echo(f"{go_out(layout, settings, station_now, secrets.token_bytes)} 已退出登录。")
