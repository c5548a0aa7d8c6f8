"""The options of every command that prints: how a sheet looks, when it is issued, with which fonts.

Declared once, for ``render``, ``blank``, ``packet`` and ``batch``; what they stand for in the engine is read
here too, so that a command cannot declare one and leave it unused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from desk.cli._common import font_options, home_option, json_option, now

if TYPE_CHECKING:
    from desk.home import StationHome
    from generator.render import PrintOptions

_TIMES = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


captions_option = click.option(
    "--captions", type=click.Choice(["corrected", "verbatim", "none"]),
    help="表题：更正原文误植 / 照原文 / 不印；不写时正式件按 station.json（原为不印），样例和空白表更正",
)  # fmt: skip


def print_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Every print option on a command; the values reach it as ``as_json``, ``home``, ``fonts``, ``at`` …."""
    for option in (
        json_option,
        home_option,
        font_options,
        click.option("--at", metavar="时间", type=click.DateTime(_TIMES),
                     help="签发时间（北京时间），写成 2026-03-05T14:30，默认当前时间"),
        click.option("--glyph-gap", is_flag=True, help="缺字处留空，打印后手写"),
        click.option("--no-name", is_flag=True, help="页眉（文书包连同封面）不印姓名"),
        click.option("--typo-fix", is_flag=True, help="更正原文正文中的错字（见 errata）"),
        captions_option,
    ):  # fmt: skip
        command = option(command)
    return command


def looks(how: dict[str, Any], home: StationHome | None = None) -> PrintOptions:
    """How the sheets look, as the options say; what they leave open the ``home`` of papers decides."""
    from generator.render import PrintOptions

    captions = how["captions"] or (home.captions if home else "corrected")
    return PrintOptions(captions, how["typo_fix"], not how["no_name"], how["glyph_gap"])


def issue_time(how: dict[str, Any]) -> datetime:
    """When the sheets are issued.  A time given by hand is China's: one command, one sheet everywhere."""
    from generator.validation.validate import CHINA

    given: datetime | None = how["at"]
    return given.replace(tzinfo=CHINA) if given else now()
