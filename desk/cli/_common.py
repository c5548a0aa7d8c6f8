"""What commands share: reading data files, showing findings and errors, JSON output, common options."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archives.errors import ArchiveError
from archives.system_words import reason
from desk.cli._chinese import path_type
from desk.cli._clock import shanghai_now
from generator.errors import DataUnreadable, GeneratorError

if TYPE_CHECKING:
    from desk.home import StationHome
    from generator.forms.finding import Finding
    from generator.typeset.fonts import FontSet
    from generator.validation.report import Problem, ValidationReport

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141

MAX_INPUT = 64_000_000
"""Bytes read of any input file: more is no data file and no template, and must not fill the memory."""

json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出，供其他程序读取")
strict_option = click.option("--strict", is_flag=True, help="有提醒也算不通过")
home_option = click.option(
    "--home",
    type=path_type(file_okay=False),
    envvar="KANGDANG_HOME",
    help="站点文件夹（本站模板、密钥）；也可用环境变量 KANGDANG_HOME",
)


def font_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--fonts`` and ``--font`` on a command."""
    command = click.option(
        "--font",
        "extra_fonts",
        multiple=True,
        type=path_type(exists=True, dir_okay=False),
        help="补充字体文件，用于生僻字，可多次给出",
    )(command)
    return click.option(
        "--fonts",
        type=click.Choice(["bundled", "system"]),
        default="bundled",
        show_default=True,
        help="bundled 用随软件附带的字体；system 用本机的宋体、黑体等",
    )(command)


def show_error(error: GeneratorError | ArchiveError, kind: str, code: int, *, as_json: bool) -> int:
    """An error as a person reads it (what is wrong, what to do), or as data; returns its exit code."""
    if as_json:
        told = {"class": kind, "message": error.message, "hint": error.hint, "exit_code": code}
        echo_json({"error": told})
    else:
        click.echo(f"错误：{visible(error.message)}", err=True)
        click.echo(f"办法：{visible(error.hint)}", err=True)
    return code


_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal: an argument repeated in a sentence must not move its cursor."""


_ENDLESS = re.compile(r"[^\s。；：]{240,}")
"""No sentence of ours is so long without a stop: a name somebody typed or made."""


def visible(text: str) -> str:
    """The text with every sign that steers a terminal replaced, and endless names cut short."""
    return _ENDLESS.sub(lambda found: f"{found[0][:80]}…{found[0][-20:]}", _STEERING.sub("\ufffd", text))


def read_bytes(source: str) -> bytes:
    """The bytes of an input file, or of standard input for ``-``."""
    if source == "-":
        return _all_of(sys.stdin.buffer.read(MAX_INPUT + 1), "标准输入")
    path = Path(source)
    try:
        # A pipe with a name would keep the command waiting for ever, a device never ends.
        _require_a_file(path, path.stat().st_mode)
        with path.open("rb") as stream:
            return _all_of(stream.read(MAX_INPUT + 1), f"文件 {path}")
    except FileNotFoundError as error:
        raise DataUnreadable(f"没有文件 {path}。", hint="请检查文件名和所在文件夹。") from error
    except OSError as error:
        raise DataUnreadable(
            f"无法读取文件 {path}：{reason(error)}。", hint="请检查文件名、权限，或文件是否正被其他程序占用。"
        ) from error
    except ValueError as error:  # a zero character in the name
        raise DataUnreadable("文件名中有不能用的字符。", hint="请检查文件名和所在文件夹。") from error


def _require_a_file(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise DataUnreadable(f"{path} 是文件夹，不是文件。", hint="请给出文件夹中某个文件的名称。")
    if not stat.S_ISREG(mode):
        raise DataUnreadable(
            f"{path} 是管道或设备，不是文件。", hint="请给出文件；从其他程序接收数据时，文件名写成 -。"
        )


def _all_of(raw: bytes, name: str) -> bytes:
    if len(raw) > MAX_INPUT:
        raise DataUnreadable(f"{name}超过 {MAX_INPUT // 1_000_000} MB。", hint="请确认选对了文件。")
    return raw


_NOT_DATA = {
    b"PK\x03\x04": " Word、Excel 或压缩文件",
    b"\xd0\xcf\x11\xe0": "旧版 Word 或 Excel 文件",
    b"%PDF": " PDF 文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
}


def read_answers(source: str) -> dict[str, Any]:
    """The answers in a data file, or on standard input for ``-``; other kinds of file are called by name."""
    from desk.documents import load_answers

    raw = read_bytes(source)
    name = "标准输入" if source == "-" else source
    if not raw.strip():
        raise DataUnreadable(f"{name} 是空的，没有数据。", hint="请检查是否选对了文件、是否已保存。")
    for start, kind in _NOT_DATA.items():
        if raw.startswith(start):
            raise DataUnreadable(
                f"{name} 是{kind}，不是数据文件。", hint="数据文件是 JSON 文本，扩展名一般为 .json。"
            )
    return load_answers(raw)


def echo_json(value: object) -> None:
    """Machine-readable output on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def at_terminal() -> bool:
    """Whether a person sits there to read and to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def now() -> datetime:
    """The clock of commands that know no station: the same as the station's."""
    return shanghai_now()


def station_home(folder: Path | None) -> StationHome:
    """The station's home, or the empty one; a folder that is not there is a typing mistake."""
    from desk.home import StationHome

    if folder is not None and not folder.is_dir():
        # Going on would print with the standard template and as a sample, which nobody asked for.
        raise click.UsageError(f"站点文件夹 {folder} 不存在，请检查 --home 或环境变量 KANGDANG_HOME。")
    return StationHome(folder)


def font_set(fonts: str, extra: Iterable[Path]) -> FontSet:
    """The fonts a command prints with."""
    from generator.typeset.fonts import bundled_fonts, system_fonts

    if fonts == "bundled":
        return bundled_fonts(tuple(extra))
    return system_fonts(font_folders(), tuple(extra))


def font_folders() -> tuple[Path, ...]:
    """Where this computer keeps its fonts."""
    import os

    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        return (windows, Path.home() / "AppData/Local/Microsoft/Windows/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


def show_report(report: ValidationReport, *, err: bool = False) -> None:
    """All findings of a validation, errors first, and what was dropped."""
    for problem in (*report.errors, *report.warnings):
        click.echo(problem_line(problem), err=err)
    if report.dropped:
        click.echo(f"已去掉不再适用的答案：{'、'.join(report.dropped)}", err=err)


def problem_line(problem: Problem) -> str:
    """One finding: severity, sentence, cure, place and clause."""
    word = "错误" if problem.severity == "error" else "提醒"
    clause = f"〔{problem.clause}〕" if problem.clause else ""
    return f"{word} {problem.message}{problem.hint}（{problem.path or '/'}）{clause}"


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Findings on definitions and templates, one a line."""
    for finding in findings:
        click.echo(("错误 " if finding.severity == "error" else "提醒 ") + str(finding), err=err)


def findings_exit(findings: Iterable[Finding], *, strict: bool) -> int:
    """1 when there are errors, or warnings under ``--strict``."""
    return EXIT_FINDINGS if any(strict or found.severity == "error" for found in findings) else 0
