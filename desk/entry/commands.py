"""The commands of a prompt: one mark on a line by itself, in the width the input method gives it."""

from __future__ import annotations

from enum import Enum


class Command(Enum):
    """What a line may ask for instead of answering."""

    HELP = "?"
    BACK = "<"
    LEAVE = "!"
    CLEAR = "-"
    LIST = "="
    EDIT = "e"


_SPELLINGS = {
    "?": Command.HELP, "？": Command.HELP,
    # A Chinese input method turns < into 《.
    "<": Command.BACK, "《": Command.BACK, "＜": Command.BACK,
    "!": Command.LEAVE, "！": Command.LEAVE,
    "-": Command.CLEAR, "－": Command.CLEAR,
    "=": Command.LIST, "＝": Command.LIST, "list": Command.LIST, "列表": Command.LIST,
    "e": Command.EDIT, "E": Command.EDIT, "ｅ": Command.EDIT,
}  # fmt: skip

LEGEND = "? 说明　< 上一题　@17、@姓名 到那一题　- 清空　= 已填内容　! 保存并离开　\\ 开头的行照原文记"


def command_of(text: str) -> Command | None:
    """The command a line is; None for an answer."""
    return _SPELLINGS.get(text.strip())


def literal(text: str) -> str:
    """The line as an answer: one leading backslash only says that it is no command and no place to go."""
    return text.removeprefix("\\")


def escaped(text: str) -> str:
    """An answer typed so that it is taken as it stands."""
    return f"\\{text}"
