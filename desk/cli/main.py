"""The command ``kangdang``: names the commands and loads each only when it is called.

Help and ``--version`` must answer at once on an old PC, so nothing heavy is imported here.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from desk.cli._common import EXIT_USAGE, show_error
from generator.errors import GeneratorError
from generator.version import __version__

COMMANDS = {
    "blank": ("desk.cli.render_cmds", "blank", "打印空白表；可只印上某人的表头"),
    "demo": ("desk.cli.demo_cmd", "demo", "生成一份完整的样例，含 docx、PDF 和页面图片"),
    "doctor": ("desk.cli.doctor_cmd", "doctor", "检查字体、排版引擎、模板和密钥是否齐全"),
    "form": ("desk.cli.form_cmds", "form", "表单目录：list 列表、show 字段、check 核对"),
    "render": ("desk.cli.render_cmds", "render", "把一份数据打印成 docx 或 PDF"),
    "template": ("desk.cli.template_cmds", "template", "模板：build 生成、check 检查、install 安装本站模板"),
    "validate": ("desk.cli.validate_cmd", "validate", "检查一份数据，一次列出全部问题"),
}


class _LazyCommands(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"是否想用 {close[0]}？" if close else "用 kangdang --help 查看全部命令。"
            raise click.UsageError(f"没有命令 {args[0]}。{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.group(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kangdang", message="康档 %(version)s")
def cli() -> None:
    """康档：精神障碍社区康复站点的文书与档案系统。"""


def main(args: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 fine, 1 findings, 2 usage, others per error class)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            # A console of another code page must not turn a finding into a crash.
            reconfigure(errors="replace")
    try:
        code = cli.main(args=args, prog_name="kangdang", standalone_mode=False)
    except GeneratorError as error:
        show_error(error)
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "kangdang"
        click.echo(f"用法不对：{usage_sentence(error)}\n用 {command} --help 查看用法。", err=True)
        return EXIT_USAGE
    except click.exceptions.Abort:
        click.echo("已中止。", err=True)
        return 130
    return code if isinstance(code, int) else 0


def usage_sentence(error: click.UsageError) -> str:
    """Click's English usage errors in Chinese; sentences of our own pass through."""
    name = getattr(getattr(error, "param", None), "human_readable_name", "")
    match error:
        case click.NoSuchOption():
            close = f"是否想用 {'、'.join(error.possibilities)}？" if error.possibilities else ""
            return f"没有选项 {error.option_name}。{close}"
        case click.MissingParameter():
            return f"缺少参数 {name}。"
        case click.BadParameter():
            return f"参数 {name} 的值不合适：{error.message}"
    if "unexpected extra argument" in error.message:
        return "多了参数。"
    if "requires an argument" in error.message:
        return "选项后面缺少值。"
    return error.message
