"""Checking definitions as files: the dialect, then whatever else the caller wants to know of each sound form.

Examples (``generator.validation.examples.check_examples``) and templates are such further checks; they come
in through ``extra``, because this room knows neither validation nor docx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from generator.forms.catalogue import Catalogue, inspect, read_json
from generator.forms.definition import FormDefinition, from_schema
from generator.forms.finding import Finding
from generator.resources import data_dir

FormCheck = Callable[[FormDefinition], Iterable[Finding]]
"""A further check of one sound definition, e.g. of its examples or its template."""


def check_forms(
    dirs: Sequence[Path] | None = None, *, only: Sequence[str] = (), extra: Sequence[FormCheck] = ()
) -> list[Finding]:
    """Check the newest version of the forms in ``dirs`` (default: the shipped ones; ``only``: those ids).

    Raises FormNotFound for an unknown id and FormDefinitionInvalid for files that are not even JSON.
    """
    catalogue = Catalogue([data_dir("schemas")] if dirs is None else dirs)
    findings: list[Finding] = []
    for form_id in only or catalogue.ids():
        path = catalogue.path(form_id)
        schema, found = inspect(path, read_json(path))
        findings += found
        if not found:
            form = from_schema(schema, path)
            findings += [finding for check in extra for finding in check(form)]
    return findings
