"""Who is to be registered: one entry of a people file, or the answers to the same questions.

    [{"name": "…", "id_number": "…", "roles": ["admin"], "login": "wang", "password_file": "wang.txt"},
     {"name": "…", "id_number": "…", "outside": true}]

Messages name the place of an entry, never what stands in it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from archives.errors import ArchiveError, InputRefused
from archives.keys.derive import normal_id
from archives.keys.password import PasswordOwner, check_password, normal_login
from archives.people.naming import clean
from archives.ports import ROLES, Role
from archives.staff.members import own_id
from archives.staff.roles import require_separate, role_of

_FIELDS: Final = frozenset(("name", "id_number", "roles", "login", "outside", "supervisor", "password_file"))
_MOST: Final = 500
_EXAMPLE: Final = '写法：[{"name": "…", "id_number": "…", "roles": ["admin"], "login": "…"}]。'
_NAMES: Final = {"name": "姓名（name）", "id_number": "证件号码（id_number）"}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One person to register, with an account or without; ``supervisor`` is a login."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    roles: tuple[Role, ...] = ()
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    outside: bool = False
    supervisor: str | None = None


def read_people(raw: bytes, folder: Path) -> list[Newcomer]:
    """The entries of a people file (JSON or YAML); password files are found from ``folder``.

    Raises InputRefused naming the entry and the field.
    """
    body = _parsed(raw)
    if not isinstance(body, list) or not body or len(body) > _MOST:
        raise InputRefused("人员名单应是一个列表，每人一项。", hint=_EXAMPLE)
    return [_entry(item, number, folder) for number, item in enumerate(body, start=1)]


def _parsed(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
        if text.lstrip().startswith(("[", "{")):
            return json.loads(text)
        import yaml

        return yaml.safe_load(text)
    except (ValueError, RecursionError) as error:
        raise InputRefused("人员名单无法读取。", hint="应为 UTF-8 编码的 JSON 或 YAML 文件。") from error
    except Exception as error:  # yaml's own errors, without importing it for their class
        if type(error).__module__.startswith("yaml"):
            raise InputRefused("人员名单无法读取。", hint="应为 UTF-8 编码的 JSON 或 YAML 文件。") from error
        raise


def _entry(item: Any, number: int, folder: Path) -> Newcomer:
    where = f"人员名单第 {number} 人"
    if not isinstance(item, Mapping):
        raise InputRefused(f"{where}不是一组“项目: 内容”。", hint=_EXAMPLE)
    unknown = sorted(str(key) for key in item if key not in _FIELDS)
    if unknown:
        raise InputRefused(f"{where}有不认识的项目。", hint=f"可用的项目：{'、'.join(sorted(_FIELDS))}。")
    for key, told in _NAMES.items():
        if not isinstance(item.get(key), str) or not item[key].strip():
            raise InputRefused(
                f"{where}缺少{told}，或没有写成文字。", hint="姓名和证件号码都必填，号码要加引号。"
            )
    roles = item.get("roles", [])
    if (
        not isinstance(roles, Sequence)
        or isinstance(roles, str)
        or not all(isinstance(r, str) for r in roles)
    ):
        raise InputRefused(f"{where}的 roles 应是一个列表。", hint='例如 ["worker"]，没有角色时写 []。')
    try:
        held = tuple(dict.fromkeys(role_of(role) for role in roles))
    except InputRefused as error:
        raise InputRefused(f"{where}的 roles 中有不认识的角色。", hint=error.hint) from None
    return Newcomer(
        item["name"], item["id_number"], held, _text(item, "login", where),
        _password(_text(item, "password_file", where), folder), _truth(item, "outside", where),
        _text(item, "supervisor", where),
    )  # fmt: skip


def _text(item: Mapping[str, Any], key: str, where: str) -> str | None:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise InputRefused(f"{where}的 {key} 没有写成文字。", hint="请给内容加上引号。")
    return value or None


def _truth(item: Mapping[str, Any], key: str, where: str) -> bool:
    value = item.get(key, False)
    if not isinstance(value, bool):
        raise InputRefused(
            f"{where}的 {key} 应为 true 或 false。", hint="是站外人员写 true，本站人员可不写。"
        )
    return value


def _password(name: str | None, folder: Path) -> str | None:
    return None if name is None else first_line(folder / name)


def first_line(path: Path) -> str:
    """The password in a file: its first line, without the line end.  Raises InputRefused."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(10_000)
        lines = raw.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefused(f"密码文件 {path} 无法读取。", hint="密码写在文件第一行，UTF-8 编码。") from error
    if not lines or not lines[0]:
        raise InputRefused(f"密码文件 {path} 的第一行是空的。", hint="密码写在文件第一行。")
    return lines[0]


def check_newcomer(who: Newcomer, station_name: str) -> None:
    """Everything about one entry that can be judged before anything is written.

    Raises InputRefused, PasswordRefused, SeparationBroken.
    """
    clean(who.name, "姓名", most=50)
    own_id(who.id_number)
    require_separate(who.roles)
    if who.outside and (who.roles or who.login):
        raise InputRefused("站外人员没有角色，也不设账号。", hint="请去掉 roles 和 login，或去掉 outside。")
    if who.login is None:
        if who.password is not None:
            raise InputRefused("有密码而没有用户名。", hint="请补上 login，或去掉 password_file。")
        return
    login = normal_login(who.login)
    if who.password is None:
        raise InputRefused(f"用户名 {login} 还没有密码。", hint="请输入密码，或在名单中写 password_file。")
    check_password(who.password, PasswordOwner(login, station_name))


def check_each(people: Collection[Newcomer], station_name: str) -> None:
    """``check_newcomer`` for all; of several the message says which."""
    for place, who in enumerate(people, start=1):
        try:
            check_newcomer(who, station_name)
        except ArchiveError as error:
            where = f"人员名单第 {place} 人：" if len(people) > 1 else ""
            raise type(error)(where + error.message, hint=error.hint) from None


def check_first_people(people: Collection[Newcomer], station_name: str) -> None:
    """The people a station starts with: each entry by itself, and all of them together.

    Raises InputRefused, PasswordRefused, SeparationBroken.
    """
    roles: dict[str, set[Role]] = {}
    names: dict[str, str] = {}
    logins: set[str] = set()
    check_each(people, station_name)
    for who in people:
        number = normal_id(who.id_number)
        if names.setdefault(number, clean(who.name, "姓名", most=50)) != clean(who.name, "姓名", most=50):
            raise InputRefused("名单中有两项证件号码相同而姓名不同。", hint="请核对这两个人的证件号码。")
        roles.setdefault(number, set()).update(who.roles)
        require_separate(roles[number])
        if who.login is not None:
            login = normal_login(who.login)
            if login in logins:
                raise InputRefused(f"用户名 {login} 用了两次。", hint="每个账号的用户名不能相同。")
            logins.add(login)
    if not any("admin" in who.roles and who.login for who in people):
        raise InputRefused(
            "建站时至少要有一位能登录的系统管理员。", hint="请在名单中给一个人 admin 角色和用户名。"
        )


def in_order(roles: Collection[Role]) -> tuple[Role, ...]:
    """Roles in the order people read them."""
    return tuple(role for role in ROLES if role in roles)
