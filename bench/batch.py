"""A batch of people: documents per second with one worker and with two, memory, and where the time goes.

``python -m bench.batch [--people N] [--name seven|intake|…]`` prints JSON.  The default is a short run; the
issue's bar is 1,000 people.  Every person is another; the same rows are made by one worker and by two.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

AT = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
PEOPLE = 40


def recipe(name: str, out: Path) -> Any:
    """The seven forms A–G one by one, or a packet."""
    from desk.batch.plan import plan_for
    from desk.batch.work import Recipe
    from tests.batch.making import SEVEN

    if name == "seven":
        return Recipe(name, SEVEN, packet=False, out=out, at=AT, seed=bytes(32))
    plan = plan_for(name)
    return Recipe(name, plan.forms, packet=plan.packet, out=out, at=AT, seed=bytes(32))


def rows(forms: tuple[str, ...], people: int) -> Iterator[Any]:
    """One roster row for each invented person."""
    from desk.batch.roster import Row
    from generator.resources import data_dir
    from tests.batch.making import case_of, person

    examples = data_dir("schemas") / "examples"
    base = case_of([form for form in forms if (examples / form / "valid-full.json").is_file()])
    for number in range(1, people + 1):
        yield Row(number + 1, person(base, number))


def run_once(name: str, people: int, workers: int) -> dict[str, Any]:
    """One batch into a new folder; the start of the workers is not counted, a first person warms them."""
    from desk.batch.ledger import Ledger, open_seed
    from desk.batch.run import Batch, Runner
    from desk.batch.work import recipe_key
    from desk.cli.batch_cmd import processes

    with tempfile.TemporaryDirectory() as folder, processes(workers) as executor:
        out = Path(folder)
        how = recipe(name, out)
        open_seed(out, bytes(32))
        everyone = list(rows(how.forms, people + 2 * workers))
        with Ledger(out) as ledger:
            warm = Batch(how, recipe_key(how))
            Runner(warm, executor, ledger, workers, lambda _: None).run(iter(everyone[people:]))
            batch, peak = Batch(how, recipe_key(how)), Peak()
            with peak:
                used, start = worker_seconds(), time.perf_counter()
                Runner(batch, executor, ledger, workers, lambda _: None).run(iter(everyone[:people]))
                seconds, used = time.perf_counter() - start, worker_seconds() - used
    failed = [result.why for result in batch.results.values() if result.outcome != "完成"]
    if failed:
        raise SystemExit(f"{len(failed)} people failed: {failed[0]}")
    documents = sum(result.documents for result in batch.results.values())
    return {
        "documents": documents,
        "pages": sum(result.pages for result in batch.results.values()),
        "seconds": round(seconds, 2),
        "documents_per_second": round(documents / seconds, 1),
        "documents_per_cpu_second": round(documents / used, 1),
        "people_per_second": round(people / seconds, 2),
        "peak_mb_main": round(peak.main),
        "peak_mb_all": round(peak.all),
    }


def worker_seconds() -> float:
    """Processor time of all workers: on a computer that others use too, it says more than the clock."""
    import psutil

    return float(
        sum(
            sum(child.cpu_times()[:2])
            for child in psutil.Process().children(recursive=True)
            if child.is_running()
        )
    )


class Peak:
    """The most memory this process, and it with its workers, held (MB; shared pages are counted in each)."""

    def __init__(self) -> None:
        self.main = self.all = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        own = psutil.Process()
        while not self._stop.is_set():
            main = own.memory_info().rss / 1e6
            below = 0.0
            for child in own.children(recursive=True):
                try:
                    below += child.memory_info().rss / 1e6
                except psutil.Error:
                    continue
            self.main, self.all = max(self.main, main), max(self.all, main + below)
            self._stop.wait(0.1)


def shares(people: int = 8) -> dict[str, float]:
    """Where the time of the seven forms goes, in one process: share of each step."""
    from desk.batch.work import drawing, fonts_of, write_all
    from desk.documents import Issue, identity, kit_for, print_record
    from desk.home import StationHome
    from generator.identity.page_map import build_page_map
    from generator.prefill import prefill
    from generator.render import PrintOptions, Rendered, _overlays, page_codes, sheet_text
    from generator.typeset.layout import typeset
    from generator.typeset.pdf import to_pdf
    from generator.validation.validate import complete

    spent: dict[str, float] = {}

    def step(name: str, start: float) -> float:
        end = time.perf_counter()
        spent[name] = spent.get(name, 0.0) + end - start
        return end

    with tempfile.TemporaryDirectory() as folder:
        how = recipe("seven", Path(folder))
        fonts, home = fonts_of(how), StationHome()
        for number, row in enumerate(rows(how.forms, people + 1)):
            if number == 1:
                spent.clear()  # the first person warmed templates and fonts
            for form_id in how.forms:
                at = time.perf_counter()
                kit = kit_for(form_id, home)
                answers, _ = prefill(kit.form, row.case, AT, row.case["forms"][form_id][0], index=0)
                answers = complete(kit.form, answers, "final", AT).data
                at = step("prefill_and_validate", at)
                who = identity(home, drawing(bytes(32), f"{number}{form_id}"), print_id=None, at=AT)
                sheet = sheet_text(kit.form, answers, PrintOptions())
                docx = kit.template.fill(kit.context.build(answers, sheet))
                at = step("fill", at)
                layout = typeset(docx, fonts)
                at = step("layout", at)
                codes = page_codes(who, len(layout.pages))
                overlays = _overlays(layout, codes, demo=True)
                pdf = to_pdf(layout, overlays, title=kit.form.title, timestamp=AT, fonts=fonts)
                at = step("draw", at)
                where = build_page_map(layout, kit.fields)
                made = Rendered(pdf, "application/pdf", len(layout.pages), where, codes)
                record = print_record(kit, answers, Issue(PrintOptions(), who, fonts), made)
                at = step("page_map_and_record", at)
                write_all(how.out, {f"{number}-{form_id}.pdf": pdf, f"{number}-{form_id}.json": record})
                step("write", at)
    total = sum(spent.values())
    found = {name: round(seconds / total, 3) for name, seconds in spent.items()}
    return {**found, "ms_per_document": round(total / (people * len(how.forms)) * 1000, 1)}


def zip_share(people: int = 4) -> float:
    """Share of packing the docx again (zip) in filling it."""
    import io
    import zipfile

    from desk.documents import kit_for
    from desk.home import StationHome
    from generator.render import PrintOptions, sheet_text
    from tests.batch.making import SEVEN, example

    fill = pack = 0.0
    for form_id in SEVEN * people:
        kit, answers = kit_for(form_id, StationHome()), example(form_id)
        context = kit.context.build(answers, sheet_text(kit.form, answers, PrintOptions()))
        start = time.perf_counter()
        docx = kit.template.fill(context)
        fill += time.perf_counter() - start
        document = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml")
        start = time.perf_counter()
        with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("word/document.xml", document)
        pack += time.perf_counter() - start
    return round(pack / fill, 2)


def measure(people: int = PEOPLE, name: str = "seven") -> dict[str, Any]:
    """All numbers of this bench."""
    one, two = run_once(name, people, 1), run_once(name, people, 2)
    return {
        "name": name,
        "people": people,
        "one_worker": one,
        "two_workers": two,
        "speedup": round(one["seconds"] / two["seconds"], 2),
        "share_of_time": shares(),
        "zip_share_of_fill_at_most": zip_share(),
    }


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--name", default="seven")
    given = parser.parse_args()
    print(json.dumps(measure(given.people, given.name), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
