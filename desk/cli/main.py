"""The command ``kangdang``: names the commands and loads each only when it is called.

Help and ``--version`` must answer at once on an old PC, so nothing heavy is imported here.  Every way a
command can end becomes an exit code and a sentence here; no traceback reaches the user.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from archives.errors import ArchiveError
from archives.system_words import reason
from desk.cli._chinese import Command, Group, chinese, usage_sentence
from desk.cli._common import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_PIPE, EXIT_USAGE, show_error
from desk.cli._plain import plain_lines
from desk.cli._streams import Streams
from desk.output import outbox
from generator.errors import DataUnreadable, GeneratorError, OutputUnwritable
from generator.version import __version__

_OBJECTS_BETWEEN_SEARCHES = 100_000
COMMANDS = {
    "backup": ("desk.cli.backup_cmds", "backup", "备份到别的盘：制作、列表、验证、清除到期的"),
    "batch": ("desk.cli.batch_cmd", "batch", "按名册为许多人生成文书"),
    "blank": ("desk.cli.render_cmds", "blank", "打印空白表；可只印上某人的表头"),
    "check": ("desk.cli.check_cmd", "check", "全面检查：内容、编号、日志、密钥是否完好"),
    "clock": ("desk.cli.clock_cmds", "clock", "日期：今天的日期是否已确认，由谁确认"),
    "copy": ("desk.cli.transfer_cmds", "copy", "馆外副本：导出件和备份应何时销毁"),
    "demo": ("desk.cli.demo_cmd", "demo", "生成一份完整的样例，含 docx、PDF 和页面图片"),
    "disposal": ("desk.cli.disposal_cmds", "disposal", "鉴定与销毁：清册、审批、执行、证明"),
    "doctor": ("desk.cli.doctor_cmd", "doctor", "检查程序和站点是否齐全：缺什么、怎么办"),
    "document": ("desk.cli.document_cmds", "document", "文件：归入签字扫描件和附件，列出、导出"),
    "export": ("desk.cli.export_cmd", "export", "导出整卷档案（加密），或打开导出件"),
    "file": ("desk.cli.file_cmds", "file", "个人档案：查看、接案、结案、归档、申请查阅、编目"),
    "fill": ("desk.cli.fill_cmd", "fill", "在终端里逐题填写一份表单；随时可停，接着再填"),
    "form": ("desk.cli.form_cmds", "form", "表单目录：list 列表、show 字段、check 核对"),
    "hold": ("desk.cli.hold_cmds", "hold", "冻结：冻结的档案和件一律不销毁"),
    "init": ("desk.cli.init_cmd", "init", "建立站点：人员、密钥、数据库、恢复单"),
    "loan": ("desk.cli.loan_cmds", "loan", "借阅：借出、催还、归还"),
    "log": ("desk.cli.log_cmds", "log", "访问日志：查看、封签、外存、核对、导出"),
    "login": ("desk.cli.login_cmds", "login", "登录站点"),
    "logout": ("desk.cli.login_cmds", "logout", "退出登录"),
    "packet": ("desk.cli.packet_cmd", "packet", "把一个人的一组文书印成一个 PDF，或一组 docx"),
    "person": ("desk.cli.person_cmds", "person", "服务对象：建档、检索、查看、更正、合并"),
    "record": ("desk.cli.record_cmds", "record", "文书：录入、查看、更正、正式打印、摘录"),
    "register": ("desk.cli.register_cmds", "register", "打印登记簿（查阅、借阅、移交、扫描、权利请求等）"),
    "render": ("desk.cli.render_cmds", "render", "把一份数据打印成 docx 或 PDF"),
    "restore": ("desk.cli.backup_cmds", "restore", "从备份恢复成一个新的站点"),
    "retention": ("desk.cli.retention_cmds", "retention", "保管期限：到期计划、保管期限表"),
    "rights": ("desk.cli.rights_cmds", "rights", "权利请求：受理、办理、封存"),
    "scan": ("desk.cli.scan_cmds", "scan", "扫描件：接收、处理、核对差异"),
    "station": ("desk.cli.station_cmds", "station", "站点设置：查看、确认改动"),
    "template": ("desk.cli.template_cmds", "template", "模板：build 生成、check 检查、install 安装本站模板"),
    "tidy": ("desk.cli.tidy_cmd", "tidy", "清理写出的未加密文件"),
    "transfer": ("desk.cli.transfer_cmds", "transfer", "归档、移交清单"),
    "user": ("desk.cli.user_cmds", "user", "人员和账号：登记、角色、密码、停用、离岗、恢复单"),
    "validate": ("desk.cli.validate_cmd", "validate", "检查一份数据，一次列出全部问题"),
}


class _LazyCommands(Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, Command | Group)  # noqa: S101 - the table above is ours
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:  # Click would look for near names among commands already imported
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.group(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kangdang", message="康档 %(version)s", help="显示版本号")
def cli() -> None:
    """康档：精神障碍社区康复站点的文书与档案系统。"""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    # A packet makes half a million small objects and hardly a cycle: looking for cycles every 700 objects
    # costs a tenth of its time.
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    streams = Streams()
    code = run(args)
    lost = streams.lost()
    if lost is not None:
        code = _output_lost(lost, code)
    # Python searches everything several times as it ends; what is frozen is not searched, but all the same
    # freed with the process.
    gc.freeze()
    sys.exit(code)


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0 fine · 1 findings · 2 usage · 10–49 and 50–89 one per error class · 70 a fault of the program ·
    130 interrupted · 141 the reader of the output went away.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            # A console of another code page must not turn a finding into a crash.
            reconfigure(errors="replace")
    arguments = list(sys.argv[1:] if args is None else args)
    with chinese():
        try:
            return _answered(arguments)
        except KeyboardInterrupt:
            return _say("已中止。", EXIT_INTERRUPTED)
        except OSError as error:
            return _file_trouble(error, as_json="--json" in arguments)


def _answered(arguments: list[str]) -> int:
    """Run one command, then say which plain files it wrote."""
    with outbox() as box:
        code = _ended(arguments)
    for line in plain_lines(box):
        click.echo(line, err=True)
    return code


def _ended(arguments: list[str]) -> int:
    """Run one command; what it raises becomes its sentence and exit code."""
    try:
        _require_a_folder()
        code = cli.main(args=arguments, prog_name="kangdang", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:  # Click ends so when the reader of a pipe has gone
        return EXIT_PIPE
    except (OSError, KeyboardInterrupt):
        raise
    except Exception as error:
        if os.environ.get("KANGDANG_DEBUG"):
            raise
        return _told(error, arguments)
    return code if isinstance(code, int) else 0


def _told(error: Exception, arguments: list[str]) -> int:
    """Say what went wrong and what to do; returns the exit code."""
    as_json = "--json" in arguments
    match error:
        case GeneratorError() | ArchiveError():
            return show_error(error, type(error).__name__, error.exit_code, as_json=as_json)
        case click.exceptions.Abort():
            return _say("已中止。", EXIT_INTERRUPTED)
        case click.exceptions.NoArgsIsHelpError():
            return _say(error.format_message(), EXIT_USAGE)
        case click.UsageError():
            hint = f"用 {_asked_for(arguments)} --help 查看用法。"
            wrong = GeneratorError(usage_sentence(error), hint=hint)
            return show_error(wrong, "Usage", EXIT_USAGE, as_json=as_json)
    return show_error(_fault(error), "Internal", EXIT_INTERNAL, as_json=as_json)


def _asked_for(arguments: list[str]) -> str:
    """The command as far as it was named rightly."""
    words = ["kangdang"]
    group: click.Group = cli
    for word in arguments:
        command = group.get_command(click.Context(group), word)
        if command is None:
            break
        words.append(word)
        if not isinstance(command, click.Group):
            break
        group = command
    return " ".join(words)


def _fault(error: Exception) -> GeneratorError:
    """A fault of ours, told by kind and place only: its own text may hold an answer."""
    trace = error.__traceback__
    # Ends: a trace has an innermost call.
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name} 第 {trace.tb_lineno} 行" if trace else "未知位置"
    return GeneratorError(
        f"程序内部出错（{type(error).__name__}，{place}），这次操作没有完成。",
        hint="这不是您的操作问题。请把这段提示、所用命令和康档版本告诉维护人员，不要附上服务对象的数据。",
    )


def _require_a_folder() -> None:
    """The folder the command runs in must still be there: names without a folder mean nothing else."""
    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd is the same
    except OSError as error:
        raise DataUnreadable(
            f"当前文件夹已经不在了（{reason(error)}）。", hint="请先用 cd 进入别的文件夹，再运行一次。"
        ) from error


def _output_lost(error: OSError, code: int) -> int:
    """Standard output was not written to its end: the disk behind ``>`` is full, or its reader has gone.

    What the command itself ended with says more, and stays.
    """
    if error.errno in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL for a closed pipe
        return code or EXIT_PIPE
    lost = OutputUnwritable(f"无法写出结果：{reason(error)}。")
    shown = show_error(lost, "OutputUnwritable", OutputUnwritable.exit_code, as_json=False)
    return code or shown


def _file_trouble(error: OSError, *, as_json: bool) -> int:
    """What the system said of a file, where no command put it into words of its own."""
    if error.errno == errno.EPIPE:
        return EXIT_PIPE
    what = f"文件 {error.filename}" if isinstance(error.filename, str | os.PathLike) else "文件"
    trouble = OutputUnwritable(f"无法读写{what}：{reason(error)}。")
    return show_error(trouble, "OutputUnwritable", OutputUnwritable.exit_code, as_json=as_json)


def _say(sentence: str, code: int) -> int:
    click.echo(sentence, err=True)
    return code
