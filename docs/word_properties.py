"""The page of Word's properties that are not set, and what is done about each (``typeset/decisions.py``)."""

from __future__ import annotations

from generator.typeset.decisions import TABLES, Decision

_KINDS = {"same": "no difference", "refused": "refused", "said": "said by `template check`"}


def page() -> str:
    """``docs/word-properties.md``."""
    lines = [
        "# Properties of Word that are not set",
        "",
        "Written by `make docs` from `generator/typeset/decisions.py`. Set as Word sets them: what "
        "[notes/typeset.md](notes/typeset.md) names, `contextualSpacing`, the place of a table by its rows "
        "(`jc`). Refused by name: everything that stands neither there nor here. The fields PAGE and "
        "NUMPAGES may have the switches `MERGEFORMAT` and `Arabic`; what changes the numeral is refused.",
        "",
        "| of | property | | why, and the values that change nothing |",
        "|---|---|---|---|",
    ]
    for place, table in TABLES.items():
        lines += [_line(place, name, decision) for name, decision in table.items()]
    return "\n".join(lines) + "\n"


def _line(place: str, name: str, decision: Decision) -> str:
    values = sorted(value or "(none)" for value in decision.harmless)
    fine = f" (fine: {', '.join(values)})" if values else ""
    return f"| {place} | `{name}` | {_KINDS[decision.kind]} | {decision.why}{fine} |"
