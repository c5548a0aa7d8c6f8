"""Names of the bookmarks that mark fields in a template, and what each of them means.

A name is ``f_<path>`` for a field and ``f_<path>_o<n>`` for its n-th option (``/plan_rows/*/method`` →
``f_plan_rows_method``): bookmarks survive Word, WPS, LibreOffice and docxtpl.  Rows of a loop repeat a name;
after filling the second gets the suffix ``__2``, since Word wants names to be unique.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from generator.errors import FormDefinitionInvalid
from generator.forms.definition import FieldSpec, FormDefinition
from generator.identity.page_map import FieldRef

MAX_NAME = 34
"""Word allows 40 characters; six are left for the suffix of repeated rows."""

_SUFFIX = re.compile(r"__\d+\Z")
_COPY = re.compile(r"_Copy_\d+\Z")

Kind = Literal["tick", "mark", "signature", "text"]


def field_name(path: str) -> str:
    """``plan_rows.method`` or ``/plan_rows/*/method`` → ``f_plan_rows_method``."""
    return "f_" + path.strip("/").replace("/*/", "_").replace("/", "_").replace(".", "_")


def option_name(path: str, index: int) -> str:
    """Name of the ``index``-th option, counted from 1."""
    return _option(field_name(path), index)


def _option(name: str, index: int) -> str:
    return f"{name}_o{index}"


def base_name(name: str) -> str:
    """The name without the suffix of a repeated row, or the one LibreOffice gives."""
    return _SUFFIX.sub("", without_copy(name))


def without_copy(name: str) -> str:
    """The name without ``_Copy_1``, which LibreOffice adds where a template has a name twice.

    Twice is right where only one of the places is printed: an address in the source's wording or corrected.
    """
    return _COPY.sub("", name)


def printed_options(spec: FieldSpec) -> tuple[str, ...]:
    """The words a sheet offers for a field: its options, 否 and 是 for yes-or-no fields, none for others."""
    if spec.kind == "bool":
        return ("否", "是")
    return tuple(str(option) for option in spec.options)


def field_refs(form: FormDefinition) -> Mapping[str, FieldRef]:
    """Every bookmark name of a form with the field, option and kind behind it."""
    refs: dict[str, FieldRef] = {}
    for pointer, spec in form.fields.items():
        kind: Kind = "signature" if spec.kind == "sig" else "text"
        name = field_name(pointer)
        _add(refs, name, FieldRef(pointer, None, kind))
        for index, option in enumerate(printed_options(spec), start=1):
            _add(refs, _option(name, index), FieldRef(pointer, option, "tick"))
    return refs


def _add(refs: dict[str, FieldRef], name: str, ref: FieldRef) -> None:
    if name in refs:
        raise FormDefinitionInvalid(
            f"字段 {ref.pointer} 与 {refs[name].pointer} 的书签名相同（{name}）。",
            hint="请改其中一个字段名。",
        )
    refs[name] = ref
