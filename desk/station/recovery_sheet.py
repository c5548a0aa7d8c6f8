"""The printed recovery sheet (恢复单): one page with the secret in four lines and what to do with it.

Not a form: it carries no page code and is never filed.
"""

from __future__ import annotations

from datetime import datetime

from archives.keys.recovery import RecoverySheet
from generator.packets.pen import HEI, MM, Pen, ruled_box
from generator.typeset.fonts import bundled_fonts
from generator.typeset.model import Layout, PageLayout, Rule
from generator.typeset.pdf import to_pdf

_WIDTH, _HEIGHT = 210 * MM, 297 * MM
_LEFT, _RIGHT = 25 * MM, 185 * MM
_TITLE = "康档恢复单"
_USE = (
    "一、用途：凭本单运行 kangdang user recover 可为一个账号设定新密码，只在所有人都忘记密码或不在岗时使用。",
    "二、保管：印好后即封入信封，由机构负责人和另一人在封口签字，锁入保险柜；不要与电脑、密钥文件夹放在一处。",
    "三、不得拍照、复印、扫描或录入任何电脑、手机；印出后请删除本文件并清空回收站。",
    "四、遗失或泄露时，立即由系统管理员运行 kangdang user sheet 换印新单，旧单随即作废。"
    "拿到本单和密钥文件夹的人能打开全部档案；换单以前的密钥备份仍能被旧单打开，应一并重做。",
    "五、每年核对一次：拆封、核对指纹、重新封存，并在下方登记。",
    "六、输入时字母不分大小写；单上没有字母 I、L、O、U。每行最后一个字符是校验字符，输错时会指出是哪一行。",
)


def recovery_pdf(sheet: RecoverySheet, at: datetime) -> bytes:
    """The sheet as PDF bytes.  Raises GlyphMissing for a station name no font can print."""
    fonts = bundled_fonts()
    pen = Pen(fonts)
    page = PageLayout(_WIDTH, _HEIGHT)
    _head(page, pen, sheet)
    y = _secret(page, pen, sheet, 78 * MM)
    y = _instructions(page, pen, y + 12 * MM)
    _register(page, pen, y + 6 * MM)
    return to_pdf(Layout([page]), [], title=_TITLE, timestamp=at, fonts=fonts)


def _head(page: PageLayout, pen: Pen, sheet: RecoverySheet) -> None:
    pen.write(page, _WIDTH / 2, 34 * MM, _TITLE, 24, family=HEI, align="centre")
    pen.write(
        page, _WIDTH / 2, 43 * MM, "严格保密　只印一份　凭此单可打开全部档案", 12, family=HEI, align="centre"
    )
    lines = pen.fold(f"站点：{sheet.station}", 11, _RIGHT - _LEFT)[:2]
    for row, line in enumerate(lines):
        pen.write(page, _LEFT, (54 + 6 * row) * MM, line, 11)
    pen.write(page, _LEFT, 67 * MM, f"印制日期：{sheet.made_on.isoformat()}", 11)
    pen.write(page, _RIGHT, 67 * MM, f"指纹：{sheet.fingerprint}", 11, align="right")


def _secret(page: PageLayout, pen: Pen, sheet: RecoverySheet, top: float) -> float:
    height = 14 * MM
    ruled_box(page, _LEFT, top - 4 * MM, _RIGHT - _LEFT, len(sheet.lines) * height + 8 * MM, 1.5)
    for number, line in enumerate(sheet.lines, start=1):
        base = top + (number - 1) * height + 9 * MM
        pen.write(page, _LEFT + 8 * MM, base, f"第{number}行", 12, family=HEI)
        x = _LEFT + 34 * MM
        for group in line.split(" "):
            _spaced(page, pen, x, base, group)
            x += 48 * MM
    return top + len(sheet.lines) * height


def _spaced(page: PageLayout, pen: Pen, x: float, y: float, group: str) -> None:
    """A group with every character in a place of its own, so that it can be read off and counted."""
    for place, char in enumerate(group):
        pen.write(page, x + place * 9.5 * MM, y, char, 22, family=HEI, align="centre")


def _instructions(page: PageLayout, pen: Pen, y: float) -> float:
    for text in _USE:
        for line in pen.fold(text, 10.5, _RIGHT - _LEFT):
            pen.write(page, _LEFT, y, line, 10.5)
            y += 6 * MM
        y += 1 * MM
    return y


def _register(page: PageLayout, pen: Pen, top: float) -> None:
    """Who sealed it and who looked at it, by hand."""
    columns = (("日　期", 32), ("事　由", 56), ("签　字", 36), ("签　字", 36))
    x, rows, height = _LEFT, 4, 9 * MM
    for heading, width in columns:
        ruled_box(page, x, top, width * MM, rows * height)
        pen.write(page, x + width * MM / 2, top + 6 * MM, heading, 10.5, family=HEI, align="centre")
        x += width * MM
    for row in range(1, rows):
        page.rules.append(Rule(_LEFT, top + row * height, x, top + row * height, 0.75))
