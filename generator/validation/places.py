"""From a pointer into the answers to the form's own words: which field, which row, in what order."""

from __future__ import annotations

from collections.abc import Iterator

from generator.forms import pointer
from generator.forms.definition import FieldSpec, FormDefinition

MAX_SHOWN = 40


def _steps(form: FormDefinition, path: str) -> Iterator[tuple[str, str, bool]]:
    """(field pointer so far, token, whether the token is a row number) for each token of ``path``."""
    place = ""
    for token in pointer.split(path):
        around = form.fields.get(place)
        is_row = around is not None and around.kind in ("list", "set") and token.isdigit()
        place += "/*" if is_row else f"/{pointer.escape(token)}"
        yield place, token, is_row


def field_pointer(form: FormDefinition, path: str) -> str:
    """``/plan_rows/3/method`` → ``/plan_rows/*/method``."""
    steps = [place for place, _, _ in _steps(form, path)]
    return steps[-1] if steps else ""


def field_at(form: FormDefinition, path: str) -> FieldSpec | None:
    """The field at ``path``; for an item of a plain list, the list; None when there is no such field."""
    place = field_pointer(form, path)
    return form.fields.get(place) or form.fields.get(place.removesuffix("/*"))


def label(form: FormDefinition, path: str) -> str:
    """The place in words: ``服务计划 第2行 时间安排``; unknown names are shown as they are written."""
    words: list[str] = []
    for place, token, is_row in _steps(form, path):
        spec = form.fields.get(place)
        if is_row:
            rows = any(name.startswith(f"{place}/") for name in form.fields)
            words.append(f"第{int(token) + 1}{'行' if rows else '项'}")
        else:
            words.append(spec.label if spec is not None else shown(token))
    return " ".join(words) or form.title


def shown(name: str) -> str:
    """A name from outside, fit for a terminal: short, invisible characters as ``U+200B``."""
    short = name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…"
    return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in short)


def clause(form: FormDefinition, path: str) -> str | None:
    """The source clause of the field, else of the nearest field around it."""
    found: str | None = None
    for place, _, _ in _steps(form, path):
        spec = form.fields.get(place)
        found = spec.clause if spec is not None and spec.clause else found
    return found


def rank(form: FormDefinition, path: str) -> tuple[int, ...]:
    """Form order: at every depth the field's rank, then the row; unknown names come last."""
    last = len(form.order)
    return tuple(
        int(token) if is_row else form.order.get(place, last) for place, token, is_row in _steps(form, path)
    )
