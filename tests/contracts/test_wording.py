"""The fixed wording of forms A–G against the source document, character by character.

White space and underscores (the blanks to write in) are folded away on both sides; every other difference
must be an erratum in schemas/errata.json that is printed always.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import CompiledTemplate
from generator.docx.library import errata
from generator.docx.outline import cell_texts
from generator.forms.catalogue import load_form
from generator.resources import data_dir

SOURCE = Path(__file__).parents[1] / "resources" / "004-appendices.txt"
STARTS = {
    "consent_a": "图A.1 服务知情同意书（试样）\n",
    "application_b": "表B.1 个案申请表（试样）\n",
    "preassess_c": "表C.1 预估表（试样）\n",
    "plan_d": "表D.1 个案服务计划书（试样）\n",
    "record_e": "表E.1 个案服务记录表（试样）\n",
    "evaluation_f": "表F.1 个案服务记录表（试样）\n",
    "closure_g": "表G.1 个案服务记录表（试样）\n",
}
# The one erratum that is printed whatever is asked for (spec: the box before 女 is missing in the source).
ALWAYS = {"application_b": ("□男女", "□男□女")}


def folded(text: str) -> str:
    return re.sub(r"[\s_]+", "", text)


def seed(form_id: str) -> str:
    text = SOURCE.read_text(encoding="utf-8")
    tail = text[text.index(STARTS[form_id]) :]
    end = tail.find("（资料性）")
    whole = folded(tail if end < 0 else tail[:end])
    for before, after in [ALWAYS[form_id]] if form_id in ALWAYS else []:
        assert before in whole, "the erratum is not in the source any more"
        whole = whole.replace(before, after)
    return whole


def printed(form_id: str, *, typo_fix: bool = False) -> str:
    form = load_form(form_id)
    template = CompiledTemplate((data_dir("templates") / f"{form_id}.docx").read_bytes())
    sheet = SheetText(form.title, form.captions["verbatim"], typo_fix=typo_fix)
    texts = cell_texts(template.fill(ContextBuilder(form).build({}, sheet)))
    assert texts[0] == form.title
    return folded("".join(texts[1:]))


@pytest.mark.parametrize("form_id", STARTS)
def test_blank_prints_the_source_to_the_letter(form_id: str) -> None:
    assert printed(form_id) == seed(form_id)


@pytest.mark.parametrize("form_id", STARTS)
def test_typo_fix_changes_exactly_the_recorded_errata(form_id: str) -> None:
    expected = seed(form_id)
    for before, after in errata(form_id).items():
        if not before.startswith("表"):  # captions have a switch of their own
            expected = expected.replace(folded(before), folded(after))
    assert printed(form_id, typo_fix=True) == expected


def test_always_printed_errata_are_recorded() -> None:
    recorded = json.loads((data_dir("schemas") / "errata.json").read_text(encoding="utf-8"))["entries"]
    for form_id, (before, after) in ALWAYS.items():
        assert (form_id, before, after) in {
            (e["form"], folded(e["seed"]), folded(e["corrected"])) for e in recorded
        }
