"""Standard templates with something changed in them, as an editor or a careless hand would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache

from generator.docx.check import check_template
from generator.docx.package import write_package
from generator.forms.catalogue import load_form
from generator.forms.finding import Finding
from generator.resources import data_dir

DOCUMENT = "word/document.xml"


@cache
def parts_of(form_id: str) -> Mapping[str, bytes]:
    """The parts of a standard template."""
    raw = (data_dir("templates") / f"{form_id}.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return {name: package.read(name) for name in package.namelist()}


def edited(form_id: str, change: Callable[[str], str], part: str = DOCUMENT) -> bytes:
    """A standard template with one part changed."""
    parts = parts_of(form_id)
    made = change(parts[part].decode())
    assert made != parts[part].decode(), "nothing was changed"
    return write_package({**parts, part: made.encode()})


def replaced(form_id: str, old: str, new: str, part: str = DOCUMENT) -> bytes:
    """A standard template with the first ``old`` replaced."""
    return edited(form_id, lambda text: text.replace(old, new, 1), part)


def with_end(form_id: str, *paragraphs: str) -> bytes:
    """A standard template with paragraphs of these texts at its end."""
    made = "".join(f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>' for text in paragraphs)
    return edited(form_id, lambda text: text.replace("<w:sectPr>", made + "<w:sectPr>", 1))


def findings(form_id: str, raw: bytes) -> list[Finding]:
    """What ``template check`` says."""
    return check_template(load_form(form_id), raw, subject="本站.docx")


def told(form_id: str, raw: bytes) -> str:
    """All sentences of ``template check``."""
    return "\n".join(map(str, findings(form_id, raw)))
