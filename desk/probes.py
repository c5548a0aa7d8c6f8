"""The checks of ``doctor``: each looks at one thing the program needs and says what to do without it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from archives.errors import ArchiveError
from desk.home import StationHome
from generator.errors import GeneratorError
from generator.version import __version__

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of one check."""

    name: str
    state: State
    detail: str
    cure: str = ""


def examine(home: StationHome) -> list[Probe]:
    """All checks, in the order they are read."""
    checks: tuple[Callable[[StationHome], Probe], ...] = (_program, _fonts, _forms, _engine, _station, _key)
    return [_guarded(check, home) for check in checks]


def _guarded(check: Callable[[StationHome], Probe], home: StationHome) -> Probe:
    try:
        return check(home)
    except (GeneratorError, ArchiveError) as error:
        return Probe(check.__doc__ or check.__name__, "bad", error.message, error.hint)
    except ImportError as error:
        return Probe(check.__doc__ or check.__name__, "bad", f"缺少组件 {error.name}。", "请重新安装康档。")


def _program(home: StationHome) -> Probe:
    """程序"""
    return Probe("程序", "ok", f"康档 {__version__}，Python {platform.python_version()}，{sys.platform}")


def _fonts(home: StationHome) -> Probe:
    """字体"""
    from generator.typeset.fonts import bundled_fonts

    names = "、".join(record.family for record in bundled_fonts().records())
    return Probe("字体", "ok", f"随软件附带：{names}")


def _forms(home: StationHome) -> Probe:
    """表单"""
    from generator.forms.catalogue import list_forms
    from generator.resources import data_dir

    forms = list_forms()
    missing = [form.id for form in forms if not (data_dir("templates") / f"{form.id}.docx").is_file()]
    if missing:
        return Probe(
            "表单",
            "bad",
            f"{len(missing)} 份表单没有模板：{'、'.join(missing)}",
            "运行 kangdang template build。",
        )
    return Probe("表单", "ok", f"{len(forms)} 份表单，模板齐全")


def _engine(home: StationHome) -> Probe:
    """排版引擎"""
    from generator.forms.catalogue import list_forms
    from generator.identity.print_id import blank_print_id
    from generator.render import PrintIdentity, PrintOptions, form_kit, render_pdf
    from generator.typeset.fonts import bundled_fonts

    form = list_forms()[0]
    kit = form_kit(form.id)
    identity = PrintIdentity(blank_print_id(form.code, form.version), datetime(2026, 1, 1, tzinfo=UTC))
    rendered = render_pdf(kit, {}, PrintOptions(), identity, bundled_fonts())
    return Probe("排版引擎", "ok", f"试排《{form.title}》{rendered.pages} 页，PDF/A-2b")


def _station(home: StationHome) -> Probe:
    """站点文件夹"""
    if home.folder is None:
        return Probe(
            "站点文件夹",
            "note",
            "没有指定，使用标准模板",
            "有本站模板或密钥时，用 --home 或 KANGDANG_HOME 指定。",
        )
    if not home.folder.is_dir():
        return Probe("站点文件夹", "bad", f"{home.folder} 不存在", "请核对 --home 或 KANGDANG_HOME。")
    own = sorted(path.stem for path in home.templates.glob("*.docx")) if home.templates else []
    return Probe("站点文件夹", "ok", f"{home.folder}，本站模板：{'、'.join(own) or '无'}")


def _key(home: StationHome) -> Probe:
    """页码密钥"""
    if home.sample:
        return Probe("页码密钥", "ok", "样例站点：打印件都印“样例”字样，不用本站的密钥")
    if home.page_code_key() is None:
        return Probe(
            "页码密钥",
            "note",
            "没有站点密钥，打印件印有“样例”字样",
            "建站（kangdang init）时生成；有站点时用 --home 指定。",
        )
    return Probe("页码密钥", "ok", "已设置")
