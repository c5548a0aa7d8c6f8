"""Writes the page pictures of docs/forms.md: every form, blank and filled, as it is printed.

``python -m docs.pictures [FORM…]`` rewrites them; look at each beside the source before committing it.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from generator.forms.catalogue import list_forms, load_form
from generator.forms.definition import FormDefinition
from generator.identity.print_id import blank_print_id
from generator.render import PrintIdentity, PrintOptions, form_kit, render_pdf
from generator.resources import data_dir
from generator.typeset.fonts import bundled_fonts
from generator.typeset.raster import page_png
from generator.validation.validate import complete

FOLDER = Path(__file__).parent / "pages"
DPI = 72
GREYS = 8
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def pictures(form: FormDefinition) -> Iterable[tuple[str, bytes]]:
    """(file name, PNG) of each page of the blank and of the full example."""
    path = data_dir("schemas") / "examples" / form.id / "valid-full.json"
    answers = complete(form, json.loads(path.read_text(encoding="utf-8")), "final", AT).data
    prints = {
        "blank": ({}, PrintIdentity(blank_print_id(form.code, form.version), AT)),
        "full": (answers, PrintIdentity("0000000000", AT)),
    }
    for kind, (printed, identity) in prints.items():
        rendered = render_pdf(form_kit(form.id), printed, PrintOptions(), identity, bundled_fonts())
        for page in range(rendered.pages):
            yield f"{form.id}-{kind}-{page + 1}.png", _small(page_png(rendered.content, page, dpi=DPI))


def _small(png: bytes) -> bytes:
    """The same page in few greys: a third of the size, as easy to read."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").quantize(GREYS).save(out, "PNG", optimize=True)
    return out.getvalue()


def main(form_ids: list[str]) -> None:
    """Rewrite the pictures of the named forms, or of all."""
    FOLDER.mkdir(exist_ok=True)
    for form in [load_form(form_id) for form_id in form_ids] or list_forms():
        for old in FOLDER.glob(f"{form.id}-*-*.png"):
            old.unlink()
        for name, png in pictures(form):
            (FOLDER / name).write_bytes(png)


if __name__ == "__main__":
    main(sys.argv[1:])
