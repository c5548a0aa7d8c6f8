"""The standard templates: their sources, and the files each of them makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.docx.build import build_template
from generator.docx.package import read_package
from generator.docx.prepared import beside, to_json
from generator.docx.preparing import prepare_plainly
from generator.docx.source import load_source
from generator.errors import TemplateNotFound
from generator.forms.catalogue import load_form
from generator.forms.errata import corrections
from generator.resources import data_dir


def sources(form_ids: Sequence[str] = ()) -> list[Path]:
    """The template sources of the named forms, or all of them.  Raises TemplateNotFound."""
    folder = data_dir("templates")
    if not form_ids:
        return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))
    missing = [form_id for form_id in form_ids if not (folder / f"{form_id}.yaml").is_file()]
    if missing:
        raise TemplateNotFound(
            f"没有模板源文件：{'、'.join(missing)}。", hint="用 kangdang form list 查看表单编号。"
        )
    return [folder / f"{form_id}.yaml" for form_id in form_ids]


def build_form_template(source: Path) -> bytes:
    """The docx of one template source; the same bytes every time."""
    checked = load_source(source)
    return build_template(checked, load_form(checked.form), errata(checked.form))


def build_form_files(source: Path) -> dict[Path, bytes]:
    """The files ``template build`` makes of one source, below its folder: the docx and its prepared parts.

    A template with tags beyond the plain ones has no prepared parts, and is slower.
    """
    raw = build_form_template(source)
    docx = Path(f"{source.stem}.docx")
    plain = prepare_plainly(raw, read_package(raw))
    return {docx: raw} if plain is None else {docx: raw, beside(docx): to_json(raw, plain)}


def errata(form_id: str) -> Mapping[str, str]:
    """Seed wording → corrected wording of one form, from ``schemas/errata.json``."""
    return {one.seed: one.corrected for one in corrections(form_id)}
