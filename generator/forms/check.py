"""``form check``, the half about schemas and examples: definitions keep to the dialect, examples do as recorded.

Examples lie in ``<dir>/examples/<form_id>/``: ``valid-*`` and ``long-*`` hold answers valid at final
(``valid-signed*`` also at signed), ``invalid-*`` holds level, now, data and the problems they must give.
Template checks are added by the caller through ``extra``; this module knows no docx.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from generator.errors import GeneratorError
from generator.forms.catalogue import Catalogue, inspect, read_json
from generator.forms.definition import FormDefinition, Level, from_schema
from generator.forms.finding import Finding
from generator.resources import data_dir

FormCheck = Callable[[FormDefinition], Iterable[Finding]]
"""A further check of one sound definition, e.g. of its template."""


EXAMPLES_AT = datetime(2026, 1, 5, 9, 0)
"""The moment the shipped examples are judged at: all their dates lie before it."""


def check_forms(
    dirs: Sequence[Path] | None = None,
    now: datetime = EXAMPLES_AT,
    *,
    only: Sequence[str] = (),
    extra: Sequence[FormCheck] = (),
) -> list[Finding]:
    """Check the forms of ``dirs`` (default: the shipped ones; ``only``: those ids).

    Each definition's dialect, then its examples (valid ones judged at ``now``), then each ``extra`` check.
    Raises FormNotFound for an unknown id and FormDefinitionInvalid
    for files that are not even JSON.
    """
    catalogue = Catalogue([data_dir("schemas")] if dirs is None else dirs)
    findings: list[Finding] = []
    for form_id in only or catalogue.ids():
        path = catalogue.path(form_id)
        schema, found = inspect(path, read_json(path))
        findings += found
        if not found:
            form = from_schema(schema, path)
            findings += check_examples(form, path.parent / "examples" / form_id, now)
            findings += [finding for check in extra for finding in check(form)]
    return findings


def check_examples(form: FormDefinition, folder: Path, now: datetime) -> Iterator[Finding]:
    """Findings of one form's examples; a form without a valid example is a finding too."""
    if not any(folder.glob("valid-*.json")):
        yield Finding(form.id, "", "没有 valid-*.json 示例。")
    for path in sorted(folder.glob("*.json")):
        subject = f"{form.id}/{path.name}"
        try:
            yield from _example(form, path, subject, now)
        except (GeneratorError, KeyError, ValueError, TypeError) as problem:
            yield Finding(subject, "", f"示例读不出来：{problem}")


def _example(form: FormDefinition, path: Path, subject: str, now: datetime) -> Iterator[Finding]:
    from generator.validation.strict_json import parse
    from generator.validation.validate import validate

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
