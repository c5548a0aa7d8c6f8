"""A file about a person (``--person``): what it may hold, and what its author misspelt.

It may be the basic data of a person, a whole filled form, or a case with ``person`` and ``case`` in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from generator.errors import DataInvalid
from generator.forms.suggest import nearest

_PARTS = ("person", "case")
_OTHER_PARTS = ("station", "forms", "site")
"""Members of a case that say nothing of the person."""
_MOST, _LONGEST = 8, 40


def facts_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Field → answer.  Raises DataInvalid naming what no form knows, never its value.

    An unknown name is an error: a misspelt one would print a header without it.
    """
    facts = {name: value for name, value in given.items() if name not in (*_PARTS, *_OTHER_PARTS)}
    for part in _PARTS:
        inner = given.get(part, {})
        if not isinstance(inner, Mapping):
            raise DataInvalid(f"人员数据文件的 /{part}：应是一个对象，即由 {{ 和 }} 括起的各项。", hint=_CURE)
        facts |= inner
    unknown = [name for name in facts if name not in known_names()]
    if unknown:
        told = [_suggested(name) for name in unknown[:_MOST]]
        more = f"……共 {len(unknown)} 个" if len(unknown) > _MOST else ""
        raise DataInvalid(f"人员数据文件中有各表都没有的字段：{'、'.join(told)}{more}。", hint=_CURE)
    if not facts:
        raise DataInvalid("人员数据文件中没有任何栏目，印不出表头。", hint=_CURE)
    return facts


_CURE = "字段名见 kangdang form show 表单 或 docs/forms.md；改正后再打印。"


def _suggested(name: str) -> str:
    near = nearest(name[:_LONGEST], known_names())
    shown = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
    return f"{shown}（是否为 {near}？）" if near else shown


@cache
def known_names() -> frozenset[str]:
    """Every field of every form, and every fact of a person or case."""
    from generator.forms.catalogue import list_forms
    from generator.packets.case import vocabulary

    forms = list_forms()
    fields = {spec.name for form in forms for spec in form.fields.values() if spec.pointer == f"/{spec.name}"}
    return frozenset(fields.union(*(vocabulary()[part] for part in _PARTS)))
