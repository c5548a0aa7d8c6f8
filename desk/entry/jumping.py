"""Going straight to a question: ``@17`` by the number on the screen, ``@姓名`` by its name.

A number alone is an answer almost nowhere a text is asked for; it is taken for one only when it is said so.
"""

from __future__ import annotations

from collections.abc import Sequence

from desk.entry.questions import Question
from desk.entry.spelling import narrow
from generator.forms.definition import FormDefinition
from generator.validation import places

_MOST = 8


def named(text: str) -> str | None:
    """The name or number a line asks to go to; None for any other line."""
    plain = text.strip()
    return plain[1:].strip() if plain.startswith(("@", "＠")) else None


def found(
    form: FormDefinition, shown: Sequence[Question], everything: Sequence[Question], word: str
) -> list[Question]:
    """The questions a word may mean: one, none, or those to choose from.

    Numbers count the questions ``shown``; names are looked for among all that apply.
    """
    plain = narrow(word)
    if plain.isdigit():
        at = int(plain) if len(plain) < 6 else 0
        return [shown[at - 1]] if 1 <= at <= len(shown) else []
    labels = [(narrow(places.label(form, one.pointer)), narrow(one.spec.label), one) for one in everything]
    for fits in (
        [one for label, own, one in labels if plain in (label, own, one.pointer)],
        [one for label, own, one in labels if label.startswith(plain) or own.startswith(plain)],
        [one for label, _, one in labels if plain in label],
    ):
        if fits and plain:
            return fits
    return []


def not_clear(form: FormDefinition, word: str, fits: Sequence[Question], total: int) -> str:
    """What is said when a word means no question, or several."""
    if not fits:
        return f"没有这一题：{places.shown(word)}。写 @编号（1 至 {total}）或 @题目名称；= 列出已填内容。"
    names = "、".join(places.label(form, one.pointer) for one in fits[:_MOST])
    more = f"等 {len(fits)} 题" if len(fits) > _MOST else ""
    return f"有几题都像：{names}{more}。请把名称写全。"


def only_a_number(question: Question, text: str, total: int) -> str | None:
    """What is said to a number typed where a text is asked for; None where it is an answer."""
    plain = narrow(text)
    if question.widget.kind not in ("text", "items", "long", "section") or not plain.isdigit():
        return None
    if len(plain) > 4 or not 1 <= int(plain) <= total:
        return None
    if question.widget.kind == "section":
        return f"到第 {int(plain)} 题请写 @{int(plain)}。"
    return f"到第 {int(plain)} 题请写 @{int(plain)}；答案就是 {plain} 的，写 \\{plain}。"
