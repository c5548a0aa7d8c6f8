"""The text of a page code: ``KD1*<print id:10>*<page:2>*<pages:2>*<check:4>``, 25 characters.

Owns the shape of the text and the sentence that says which part of it is wrong.  The check is ``check``'s,
the ids are ``print_id``'s.  A docx working copy (工作稿) does not know its pages and is page 00 of 00.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import KeyInvalid, PageCodeRefused, PrintIdInvalid, TooManyPages
from generator.identity.check import CHECK_LENGTH, check_of
from generator.identity.print_id import ALPHABET, PrintKind, kind_of

PREFIX = "KD1"
LENGTH = 25
MAX_PAGES = 99

DEMO_KEY = b"kangdang demo key: prints made with it are samples"
"""Public on purpose.  What is printed with it carries the word 样例, and no station takes it in."""

_CHECK = re.compile(rf"[{ALPHABET}]{{{CHECK_LENGTH}}}", re.ASCII)
_TWO_DIGITS = re.compile(r"[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a page says of itself.

    Raises PrintIdInvalid, TooManyPages (over 99) or PageCodeRefused (page not among its pages) when made.
    """

    print_id: str
    page: int
    pages: int
    demo: bool = False
    """Made with DEMO_KEY; set by ``decode``, no part of the text."""

    def __post_init__(self) -> None:
        kind_of(self.print_id)
        if self.pages > MAX_PAGES:
            raise TooManyPages(f"文书共 {self.pages} 页，页码最多只能编到 {MAX_PAGES} 页。")
        if not 1 <= self.page <= self.pages and (self.page, self.pages) != (0, 0):
            raise PageCodeRefused("页码中的页号不对：页号应在第 1 页与总页数之间。")

    @property
    def kind(self) -> PrintKind:
        """Copy, blank or service sheet."""
        return kind_of(self.print_id)

    @property
    def working_copy(self) -> bool:
        """Printed from a docx: which page it is is not known, a scan of it always goes to a person."""
        return self.pages == 0


def encode(code: PageCode, key: bytes) -> str:
    """Write the 25 characters to print.  Raises KeyInvalid for a key under 16 bytes."""
    body = f"{PREFIX}*{code.print_id}*{code.page:02d}*{code.pages:02d}"
    return f"{body}*{check_of(body + '*', key)}"


def decode(text: str, keys: Sequence[bytes]) -> PageCode:
    """Read the text of a page code made with one of ``keys`` (the station's present key and earlier ones).

    Only a caller that passes DEMO_KEY itself gets sample codes, with ``demo=True``.
    Raises PageCodeRefused naming the part that is wrong; KeyInvalid when there is no usable key.
    """
    if not keys:
        raise KeyInvalid("没有页码密钥，无法核对页码。")
    code, body, check = _split(text)
    for key in keys:
        if hmac.compare_digest(check_of(body, key), check):
            demo = hmac.compare_digest(key, DEMO_KEY)
            return PageCode(code.print_id, code.page, code.pages, demo=demo)
    if hmac.compare_digest(check_of(body, DEMO_KEY), check):
        raise PageCodeRefused(
            "这是样例页码：该页由演示密钥打印，本站不收样例。",
            hint="请用本站密钥重新打印正式文书；样例纸张不要归档。",
        )
    raise PageCodeRefused("页码的校验位（最后 4 位）与前面的内容不符。")


def _split(text: str) -> tuple[PageCode, str, str]:
    """Take a text apart: the code, what the check covers, the check as printed; each in its shape."""
    parts = text.split("*")
    if not re.fullmatch(r"KD[0-9]", parts[0], re.ASCII):
        raise PageCodeRefused("这不是康档的页码：页码以 KD1 开头。")
    if parts[0] != PREFIX:
        raise PageCodeRefused(
            "页码的版本本软件不认识（只认 KD1）。", hint="请升级康档后再读；或交档案员人工登记。"
        )
    if len(parts) != 5 or len(text) != LENGTH:
        raise PageCodeRefused(f"页码不完整：应为 {LENGTH} 个字符，用 * 分成 5 段。")
    _, print_id, page, pages, check = parts
    if not _TWO_DIGITS.fullmatch(page) or not _TWO_DIGITS.fullmatch(pages):
        raise PageCodeRefused("页码中的页号或总页数不是两位数字。")
    if not _CHECK.fullmatch(check):
        raise PageCodeRefused("页码的校验位（最后 4 位）里有不该出现的字符。")
    try:
        code = PageCode(print_id, int(page), int(pages))
    except PrintIdInvalid as error:
        raise PageCodeRefused("页码中的打印编号（第 2 段）写法不对。") from error
    return code, text[: LENGTH - CHECK_LENGTH], check
