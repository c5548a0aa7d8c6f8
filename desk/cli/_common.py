"""What commands share: reading data files, showing findings and errors, JSON output, common options."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.errors import DataUnreadable, GeneratorError

if TYPE_CHECKING:
    from desk.home import StationHome
    from generator.typeset.fonts import FontSet
    from generator.validation.report import Problem, ValidationReport

EXIT_FINDINGS = 1
EXIT_USAGE = 2

json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出，供其他程序读取")
home_option = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), envvar="KANGDANG_HOME",
    help="站点文件夹（本站模板、密钥）；也可用环境变量 KANGDANG_HOME",
)


def font_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--fonts`` and ``--font`` on a command."""
    command = click.option(
        "--font", "extra_fonts", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="补充字体文件，用于生僻字，可多次给出",
    )(command)
    return click.option(
        "--fonts", type=click.Choice(["bundled", "system"]), default="bundled", show_default=True,
        help="bundled 用随软件附带的字体；system 用本机的宋体、黑体等",
    )(command)


def show_error(error: GeneratorError) -> None:
    """An error as a person reads it: what is wrong, what to do."""
    click.echo(f"错误：{error.message}", err=True)
    click.echo(f"办法：{error.hint}", err=True)


def read_bytes(source: str) -> bytes:
    """The bytes of a data file, or of standard input for ``-``."""
    if source == "-":
        return sys.stdin.buffer.read()
    path = Path(source)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataUnreadable(f"没有文件 {path}。", hint="请检查文件名和所在文件夹。") from error
    except OSError as error:
        raise DataUnreadable(f"无法读取文件 {path}。", hint="请检查权限，或文件是否正被其他程序占用。") from error


def echo_json(value: object) -> None:
    """Machine-readable output on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def now() -> datetime:
    """The clock of the command line, with the local time zone; the only place that reads it."""
    return datetime.now().astimezone()


def station_home(folder: Path | None) -> StationHome:
    """The station's home, or the empty one."""
    from desk.home import StationHome

    return StationHome(folder)


def font_set(fonts: str, extra: Iterable[Path]) -> FontSet:
    """The fonts a command prints with."""
    from generator.typeset.fonts import bundled_fonts, system_fonts

    return bundled_fonts(tuple(extra)) if fonts == "bundled" else system_fonts(font_folders(), tuple(extra))


def font_folders() -> tuple[Path, ...]:
    """Where this computer keeps its fonts."""
    import os

    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", r"C:\\Windows")) / "Fonts", Path.home() / r"AppData\\Local\\Microsoft\\Windows\\Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


def show_report(report: ValidationReport, *, as_json: bool = False) -> None:
    """All findings of a validation, errors first."""
    if as_json:
        echo_json(report.to_dict())
        return
    for problem in (*report.errors, *report.warnings):
        click.echo(problem_line(problem))
    click.echo(f"共 {len(report.errors)} 个错误，{len(report.warnings)} 个提醒。")


def problem_line(problem: Problem) -> str:
    """One finding: severity, sentence, cure, place and clause."""
    word = "错误" if problem.severity == "error" else "提醒"
    clause = f"〔{problem.clause}〕" if problem.clause else ""
    return f"{word} {problem.message}{problem.hint}（{problem.path or '/'}）{clause}"
