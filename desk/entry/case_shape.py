"""The shape of a CASE (what is known of a person, the station and the forms) before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.errors import DataUnreadable
from generator.packets.case import PARTS

_MOST = 8


def misshapen(case: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What in a CASE is not of the shape it must have: (pointer, sentence)."""
    for name, part in case.items():
        if name not in PARTS:
            yield f"/{name}", f"没有这一项，可有：{'、'.join(sorted(PARTS))}。"
        elif not isinstance(part, dict):
            yield f"/{name}", "应是一个对象，即由 { 和 } 括起的各项。"
        elif name == "forms":
            for form, given in part.items():
                rows = given if isinstance(given, list) else [given]
                if not all(isinstance(row, dict) for row in rows):
                    yield f"/forms/{form}", "应是一个对象，或由对象组成的数组。"


def require_shape(case: Mapping[str, Any], subject: str) -> None:
    """Raises DataUnreadable that names every part of another shape."""
    wrong = [f"{place}：{why}" for place, why in misshapen(case)]
    if wrong:
        raise DataUnreadable(
            f"{subject}的{''.join(wrong[:_MOST])}", hint='写成 {"station": {"name": "样例站"}} 这样。'
        )
