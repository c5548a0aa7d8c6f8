"""The errors of the generator: one class per thing a person can do something about.

Every error has a Chinese sentence (``message``), a cure (``hint``), a process exit code and an HTTP
status.  Messages name the *place* (form, field path, file), never an answer: answers are personal data.

    GeneratorError
    ├── FormNotFound              10
    ├── FormDefinitionInvalid     11
    ├── DataUnreadable            12
    ├── DataInvalid                1
    ├── TemplateNotFound          14
    ├── TemplateDamaged           15
    ├── TemplateUnsafe            16
    ├── TemplateTagInvalid        17
    ├── TemplateUnsupported       18
    ├── GlyphMissing              20
    ├── FontMissing               21
    ├── TooManyPages              22
    ├── OutputUnwritable          25
    ├── PacketNotFound            26
    ├── PacketEmpty               27
    ├── ScanUnusable              28
    ├── ScanTooLarge              29
    ├── PageCodeRefused           30
    ├── PrintIdInvalid            31
    ├── KeyInvalid                32
    └── TextEngineMissing         33
"""

from __future__ import annotations

from typing import Any, ClassVar


class GeneratorError(Exception):
    """Root of everything the generator raises on purpose.

    ``message`` says what is wrong and where; ``hint`` says what to do about it.
    """

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    default_hint: ClassVar[str] = "请把这段提示和所用命令发给维护人员。"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint if hint is not None else self.default_hint

    def __str__(self) -> str:
        return f"{self.message}{self.hint}"


class FormNotFound(GeneratorError):
    """No form of that id (or version) is in the catalogue."""

    exit_code = 10
    http_status = 404
    default_hint = "用 kangdang form list 查看可用的表单编号。"


class FormDefinitionInvalid(GeneratorError):
    """A schema file breaks the rules of form definitions (unknown keyword, bad condition …)."""

    exit_code = 11
    default_hint = "请改正该表单的定义文件，再运行 kangdang form check。"


class DataUnreadable(GeneratorError):
    """The answers are not one strict JSON object (syntax, NaN, duplicate keys, size, depth)."""

    exit_code = 12
    http_status = 400
    default_hint = "请用康档重新导出该数据文件，或按提示的行号改正后再试。"


class DataInvalid(GeneratorError):
    """The answers have error findings, so the official document is not made."""

    exit_code = 1
    http_status = 422
    default_hint = "先用 kangdang validate 看全部问题，改正后再打印。"


class TemplateNotFound(GeneratorError):
    """The form has no docx template."""

    exit_code = 14
    http_status = 404
    default_hint = "运行 kangdang template build 由模板源文件重新生成。"


class TemplateDamaged(GeneratorError):
    """The docx is not a readable Word package."""

    exit_code = 15
    http_status = 400
    default_hint = "请在 Word 或 WPS 中打开并另存为 .docx，再重新安装。"


class TemplateUnsafe(GeneratorError):
    """The docx or its tags reach for something a template must not have."""

    exit_code = 16
    http_status = 400
    default_hint = "请删除该内容后重新安装；标准模板可用 kangdang template build 恢复。"


class TemplateTagInvalid(GeneratorError):
    """A tag in the template is misspelt, unclosed or names an unknown field."""

    exit_code = 17
    http_status = 400
    default_hint = "请在 Word 或 WPS 中按提示的位置改正标签，再运行 kangdang template check。"


class TemplateUnsupported(GeneratorError):
    """The docx uses a construct that cannot be printed exactly."""

    exit_code = 18
    http_status = 400
    default_hint = "请改用普通段落和表格排版，再运行 kangdang template check。"


class GlyphMissing(GeneratorError):
    """No configured font has a character of an answer."""

    exit_code = 20
    http_status = 422
    default_hint = "请用 --font 指定含该字的字体（如 SimSun-ExtB），或加 --glyph-gap 留空后手写。"


class FontMissing(GeneratorError):
    """A font the station asked for is not on this computer."""

    exit_code = 21
    default_hint = "请安装该字体，或改用随软件附带的字体（--fonts bundled）。"


class TooManyPages(GeneratorError):
    """The document is longer than the page identity can number."""

    exit_code = 22
    http_status = 422
    default_hint = "请把过长的内容分成多份（如补充计划、另一次服务记录）。"


class OutputUnwritable(GeneratorError):
    """The output cannot be written (folder, permission, lock, full disk)."""

    exit_code = 25
    default_hint = "请关闭正在打开该文件的程序，检查文件夹权限和磁盘空间，或换一个位置。"


class PacketNotFound(GeneratorError):
    """No packet of that name is defined."""

    exit_code = 26
    http_status = 404
    default_hint = "文书包有：intake 收案、plan 计划、service 服务、closing 结案、archive 归档。"


class PacketEmpty(GeneratorError):
    """The case has nothing to print in this packet."""

    exit_code = 27
    http_status = 422
    default_hint = "请先填写该包中的文书；或加 --blank-missing 打印印有表头的空白表，供手写。"
    survey: Any = None
    """What was looked over (``packets.survey.Survey``), so that the caller can say what is missing."""
    refused: tuple[Any, ...] = ()
    """The faulty papers (``packets.papers.Refused``)."""


class ScanUnusable(GeneratorError):
    """A scan to bind cannot be read as a picture or PDF."""

    exit_code = 28
    http_status = 400
    default_hint = "可绑定 JPEG、PNG、TIFF 图片和未加密的 PDF；请重新扫描或另存后再试。"


class ScanTooLarge(GeneratorError):
    """A scan is beyond what is read at once: bytes, pages, or pixels of a page."""

    exit_code = 29
    http_status = 413
    default_hint = "请按 300 dpi、A4 或 A3 重新扫描，并把很厚的一叠分成几个文件。"


class PageCodeRefused(GeneratorError):
    """A page code has the wrong shape or its keyed check does not hold."""

    exit_code = 30
    http_status = 422
    default_hint = "请核对纸张是否由本站打印；无法确认时交档案员处理。"


class PrintIdInvalid(GeneratorError):
    """A print id given by hand is not ten characters of the print-id alphabet."""

    exit_code = 31
    http_status = 400
    default_hint = "打印编号为 10 位，由数字和大写字母组成（不含 I、L、O、U）；不指定时自动生成。"


class KeyInvalid(GeneratorError):
    """The station key for page codes is missing or too short."""

    exit_code = 32
    default_hint = "请检查站点密钥文件；没有密钥时只能打印样例。"


class TextEngineMissing(GeneratorError):
    """Character recognition was asked for and its extra is not installed (or not whole)."""

    exit_code = 33
    http_status = 501
    default_hint = (
        '请在康档的文件夹里执行 py -m pipx install --force ".[ocr]"（Linux 为 python3 -m pipx …），再试一次。'
        "有页码的页面不需要它。"
    )
