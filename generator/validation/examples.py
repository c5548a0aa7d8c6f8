"""Do the examples of a form do what their names say?

They lie in ``examples/<form_id>/`` beside the definition: ``valid-*`` and ``long-*`` hold answers valid at
draft and final (``valid-signed*`` also at signed), ``invalid-*`` holds level, now, data and the problems they
must give.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from generator.errors import GeneratorError
from generator.forms.definition import FormDefinition, Level
from generator.forms.finding import Finding
from generator.validation.strict_json import parse
from generator.validation.validate import validate

EXAMPLES_AT = datetime.fromisoformat("2026-01-05T09:00")
"""The moment the shipped examples are judged at: all their dates lie before it."""


def check_examples(
    form: FormDefinition, now: datetime = EXAMPLES_AT, folder: Path | None = None
) -> Iterator[Finding]:
    """Findings of one form's examples (in ``examples/<id>`` beside its definition unless told).

    Valid examples are judged at ``now``.  A form without a valid example is a finding too.
    """
    folder = folder or form.path.parent / "examples" / form.id
    if not any(folder.glob("valid-*.json")):
        yield Finding(form.id, "", "没有 valid-*.json 示例。")
    for path in sorted(folder.glob("*.json")):
        subject = f"{form.id}/{path.name}"
        try:
            yield from _example(form, path, subject, now)
        except (GeneratorError, KeyError, ValueError, TypeError) as problem:
            yield Finding(subject, "", f"示例读不出来：{problem}")


def _example(form: FormDefinition, path: Path, subject: str, now: datetime) -> Iterator[Finding]:
    document = parse(path.read_bytes())
    if path.name.startswith("invalid-"):
        level: Level = document["level"]
        report = validate(form, document["data"], level, datetime.fromisoformat(document["now"]))
        yield from _differences(subject, document["problems"], [p.to_dict() for p in report.problems])
        return
    levels: tuple[Level, ...] = ("draft", "final")
    for level in (*levels, "signed") if path.name.startswith("valid-signed") else levels:
        for problem in validate(form, document, level, now).errors:
            yield Finding(subject, problem.path, f"{level}：{problem.message}", problem.hint)


def _differences(
    subject: str, recorded: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    names = ("path", "keyword", "severity")
    want = [tuple(str(problem[name]) for name in names) for problem in recorded]
    have = [tuple(str(problem[name]) for name in names) for problem in found]
    for path, *rest in want:
        if (path, *rest) not in have:
            yield Finding(subject, path, f"应有的问题没有出现：{json.dumps(rest)}。")
    for path, *rest in have:
        if (path, *rest) not in want:
            yield Finding(subject, path, f"出现了没有记录的问题：{json.dumps(rest)}。")
    if sorted(want) == sorted(have) and want != have:
        yield Finding(subject, "", "问题的次序与表单的次序不同。")
