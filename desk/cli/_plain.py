"""What commands say of the plain files they wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from desk.print_records import earlier_line

if TYPE_CHECKING:
    from pathlib import Path

    from desk.output import Outbox

_NAMED: Final = 3
"""How many files are named; of more the folders are."""
SHEET_PLAIN: Final = (
    "这个文件没有加密，任何拿到它的人都能读，也不随任何销毁清除；康档不登记它在哪里。"
    "请马上打印、封存，然后删除这个文件。"
)
"""The recovery sheet opens everything: where it lies is kept nowhere."""


def plain_lines(box: Outbox) -> Iterator[str]:
    """A line for kept print records, one for files whose place the station keeps, one for all others."""
    if box.earlier:
        yield earlier_line(_named(box.earlier))
    if box.known:
        yield (
            f"注意：{_named(box.known)}没有加密，任何人都能打开，档案销毁时不会随之销毁；"
            "位置已登记，用完请运行 kangdang tidy 清理。"
        )
    if box.unknown:
        yield (
            f"注意：{_named(box.unknown)}没有加密，任何人都能打开，档案销毁时不会随之销毁；"
            "康档没有登记位置，用完请自行删除。"
        )


def _named(paths: Sequence[Path]) -> str:
    different = list(dict.fromkeys(paths))
    if len(different) <= _NAMED:
        return "、".join(map(str, different)) + " "
    folders = "、".join(dict.fromkeys(str(path.parent) for path in different))
    return f"写到 {folders} 的 {len(different)} 个文件"
