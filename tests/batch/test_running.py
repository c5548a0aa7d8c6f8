"""Running a batch: names of files, running again, kills, people who fail, formulas in the result."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from desk.batch.plan import plan_for
from desk.batch.results import Result, result_workbook
from tests.batch.conftest import AT, Batch
from tests.batch.making import case_of, line, person, write_xlsx
from tests.batch.test_roster_mistakes import People, book_with

ROOT = Path(__file__).parents[2]
OUT = Path("文书")


def state(out: Path) -> dict[str, str]:
    """Every document of a folder and its content."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.glob("*.p*")}


def test_files_carry_numbers_and_never_names(people: People, batch: Batch) -> None:
    batch(book_with(people, lambda sheet: None))
    names = [path.name for path in OUT.rglob("*")]
    assert "GA-2026-0001-application_b.pdf" in names
    assert "GA-2026-0001-application_b.print.json" in names
    assert not any("样例" in name for name in names)
    for path in (OUT / ".kangdang-batch").iterdir():
        assert "样例" not in path.read_text(encoding="utf-8"), f"{path.name} names somebody"


def test_running_again_makes_nothing_again(people: People, batch: Batch) -> None:
    roster = book_with(people, lambda sheet: None)
    batch(roster)
    times = {path: path.stat().st_mtime_ns for path in OUT.glob("*.pdf")}
    ended = batch(roster)
    assert {result["outcome"] for result in ended.results.values()} == {"此前已完成"}
    assert {path: path.stat().st_mtime_ns for path in OUT.glob("*.pdf")} == times


def test_a_corrected_row_a_lost_file_and_a_new_person_are_made(people: People, batch: Batch) -> None:
    batch(book_with(people[:2], lambda sheet: None))
    before = state(OUT)
    people[0]["服务对象需求"] = "另一种需求。"
    (OUT / "GA-2026-0002-application_b.pdf").unlink()
    ended = batch(book_with(people, lambda sheet: None))
    assert [result["outcome"] for result in ended.results.values()] == ["完成", "完成", "完成"]
    after = state(OUT)
    assert after["GA-2026-0001-application_b.pdf"] != before["GA-2026-0001-application_b.pdf"]
    assert after["GA-2026-0002-application_b.pdf"] == before["GA-2026-0002-application_b.pdf"], (
        "the same sheet again"
    )
    record = before["GA-2026-0001-application_b.print.json"]
    kept = [name for name in after if name not in before and "GA-2026-0001" in name]
    assert [after[name] for name in kept] == [record], "the sheets printed before still come home"
    assert len(after) == 7


def test_a_bad_row_stops_nobody_else(people: People, batch: Batch) -> None:
    people[1]["性别"] = "女"
    ended = batch(book_with(people, lambda sheet: None))
    assert ended.code == 1
    assert [result["outcome"] for result in ended.results.values()] == ["完成", "未通过", "完成"]
    assert not (OUT / "GA-2026-0002-application_b.pdf").exists()


def test_a_fault_of_the_program_in_one_row_stops_nobody_else(
    people: People, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    import generator.render

    real = generator.render.render_pdf

    def faulty(kit: Any, answers: Any, *rest: Any) -> Any:
        if answers["case_no"] == "GA-2026-0002":
            raise KeyError(answers["client_name"])
        return real(kit, answers, *rest)

    monkeypatch.setattr(generator.render, "render_pdf", faulty)
    ended = batch(book_with(people, lambda sheet: None))
    assert [result["outcome"] for result in ended.results.values()] == ["完成", "未通过", "完成"]
    assert ended.results[3]["why"] == ["程序内部出错（KeyError），这一行没有完成。请告诉维护人员。"]


def test_a_row_without_a_number_is_called_by_its_row(people: People, batch: Batch) -> None:
    for one in people:
        del one["个案编号"], one["申请编号"]
    ended = batch(book_with(people, lambda sheet: None))
    assert ended.code == 1, "the form itself wants its number"
    assert ended.results[2]["number"] == "R00002"


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x","x")', "\t=1", "\r=1"]
)
def test_nothing_in_the_result_is_a_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    path.write_bytes(result_workbook([Result(2, text, "未通过", (text,), (text,), print_ids=(text,))], text))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    for cell in sheet[2]:
        assert cell.data_type in ("s", "n")
    assert str(sheet["C2"].value).endswith(text.strip())
    assert sheet["C2"].quotePrefix, "stays text after somebody opens the cell and presses Enter"


def test_nothing_typed_into_a_roster_becomes_a_formula_in_the_result(people: People, batch: Batch) -> None:
    bad = "=cmd|' /C calc'!A0"
    people[1]["个案编号"] = bad
    ended = batch(book_with(people, lambda sheet: setattr(sheet["A1"], "data_type", "s")))
    assert ended.code == 1
    sheet = openpyxl.load_workbook(OUT / "结果.xlsx").active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_package_itself_holds_no_formula() -> None:
    content = result_workbook([Result(2, "=1+1", "未通过", ("@x", "=2+2"))], "=3")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet.replace("<formatCode", "")
    kinds = set(re.findall(r'<c [^>]*?\bt="(\w+)"', sheet))
    assert kinds <= {"s", "inlineStr", "n"}
    assert kinds & {"s", "inlineStr"}


# --- kills ------------------------------------------------------------------------------------------------

COUNT = 12


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    found, base = plan_for("application_b").columns(), case_of(["application_b"])
    lines = [line(found, person(base, number)) for number in range(1, COUNT + 1)]
    return write_xlsx(tmp_path / "名册.xlsx", list(lines[0]), [list(one.values()) for one in lines])


def start(roster: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    program = "from desk.cli.main import main\nif __name__ == '__main__': main()"
    script = roster.with_name("kangdang_main.py")
    script.write_text(program, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), "batch", "application_b", str(roster), "-o", str(out), "--at", AT,
         "--workers", "2", "--json", *more],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


def whole(out: Path) -> None:
    for path in out.glob("*.pdf"):
        content = path.read_bytes()
        assert content.startswith(b"%PDF")
        assert content.rstrip().endswith(b"%%EOF"), f"{path.name} is half a file"
    for path in out.glob("*.json"):
        json.loads(path.read_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is Unix")
def test_killed_at_any_moment_and_run_again_it_ends_the_same(roster: Path, tmp_path: Path) -> None:
    """The main process, or it and its workers, are killed at many moments; then one run goes to its end."""
    out = tmp_path / "文书"
    begun = out / ".kangdang-batch" / "batch.json"
    for round_, pause in enumerate((0.3, 0.0, 0.1, 0.3, 0.5, 0.8)):
        process = start(roster, out)
        # The first is killed as it starts; the others have begun, however busy the machine is.
        while round_ and not begun.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(pause)
        if round_ % 2:
            process.kill()  # the workers notice that they are orphans
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if out.exists():
            whole(out)
    seed = json.loads(begun.read_bytes())
    told = ended(start(roster, out))
    assert {result["outcome"] for result in told["results"]} <= {"完成", "此前已完成"}
    assert not list(out.glob(".*kangdang-tmp")), "what the kills left is swept up"
    whole(out)

    plain = tmp_path / "一次做完"
    (plain / ".kangdang-batch").mkdir(parents=True)
    (plain / ".kangdang-batch" / "batch.json").write_text(json.dumps(seed), encoding="utf-8")
    ended(start(roster, plain))
    assert state(out) == state(plain)
    assert len(state(out)) == 2 * COUNT


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix")
def test_ctrl_c_writes_the_result_so_far(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "文书"
    process = start(roster, out)
    # A sheet may be on the disk before its row is noted; of four at least one is.
    while len(list(out.glob("*.pdf"))) < 4 and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert b"Traceback" not in err
    sheet = openpyxl.load_workbook(out / "结果.xlsx").active
    assert sheet is not None
    outcomes = {row[3] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert "完成" in outcomes
    whole(out)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix")
def test_two_runs_into_one_folder_do_not_meet(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "文书"
    with start(roster, out) as first:
        while not list(out.glob("*.pdf")) and first.poll() is None:
            time.sleep(0.005)
        os.killpg(first.pid, signal.SIGSTOP)  # or it is done before the second has started
        try:
            with start(roster, out) as second:
                second.communicate(timeout=300)
        finally:
            os.killpg(first.pid, signal.SIGCONT)
        assert second.returncode == 25
        ended(first)


def test_any_executor_will_do(roster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work goes through the executor it is given; jobs and recipe can be sent to another computer."""
    import pickle

    from desk.batch.ledger import Ledger, open_seed
    from desk.batch.roster import Roster
    from desk.batch.run import Batch, Runner
    from desk.batch.work import Recipe, recipe_key
    from tests.conftest import NOW

    sent = []

    class Sending(ThreadPoolExecutor):
        def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Any:
            sent.append(len(pickle.dumps((call, args))))
            return super().submit(call, *args, **kwargs)

    out = tmp_path / "文书"
    out.mkdir()
    recipe = Recipe(
        "application_b", ("application_b",), packet=False, out=out, at=NOW, seed=open_seed(out, bytes(32))
    )
    batch = Batch(recipe, recipe_key(recipe))
    with Ledger(out) as ledger, Sending(2) as executor:
        people = Roster(roster, plan_for("application_b").columns()).rows()
        Runner(batch, executor, ledger, 2, lambda result: None).run(people)
    assert len(sent) == COUNT
    assert {result.outcome for result in batch.results.values()} == {"完成"}


def test_a_ledger_cut_off_by_a_kill_is_read(people: People, batch: Batch) -> None:
    roster = book_with(people, lambda sheet: None)
    batch(roster)
    ledger = OUT / ".kangdang-batch" / "done.jsonl"
    raw = ledger.read_bytes()
    ledger.write_bytes(raw[: len(raw) - 40])
    assert [result["outcome"] for result in batch(roster).results.values()] == [
        "此前已完成",
        "此前已完成",
        "完成",
    ]
    assert len(ledger.read_bytes().splitlines()) == 3


class Idle(ThreadPoolExecutor):
    """An executor that makes nothing: what is left is the memory of the run itself."""

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Any:
        from concurrent.futures import Future

        from desk.batch.work import Made

        job = args[1]
        done: Future[Made] = Future()
        done.set_result(
            Made(job.row, job.stem, job.key, {f"{job.stem}.pdf": (1, "0" * 64)}, ("0" * 10,), 2, 1)
        )
        return done


def test_memory_does_not_grow_with_the_cases_of_five_thousand_people(tmp_path: Path) -> None:
    """What stays of a person is a line of the result, not the case (about 6 kB each here)."""
    import tracemalloc

    from desk.batch.ledger import Ledger, open_seed
    from desk.batch.roster import Row
    from desk.batch.run import Batch, Runner
    from desk.batch.work import Recipe
    from tests.conftest import NOW

    recipe = Recipe("x", (), packet=False, out=tmp_path, at=NOW, seed=open_seed(tmp_path, bytes(32)))
    batch = Batch(recipe, "key")
    rows = (
        Row(n, {"case": {"case_no": f"GA-2026-{n:04d}"}, "person": {"note": f"样例{n}" * 1000}})
        for n in range(5000)
    )
    tracemalloc.start()
    with Ledger(tmp_path) as ledger:
        Runner(batch, Idle(), ledger, 2, lambda result: None).run(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(batch.results) == 5000
    assert peak < 20_000_000


@pytest.mark.parametrize("name", ["intake", "plan", "closing"])
def test_a_packet_for_everyone(name: str, batch: Batch) -> None:
    """One PDF and its record for each person; nobody else in its bytes; what is missing is noted."""
    from pypdf import PdfReader

    from generator.resources import data_dir

    forms = [
        form
        for form in plan_for(name, "sw").forms
        if (data_dir("schemas") / "examples" / form / "valid-full.json").is_file()
    ]
    lines = [json.dumps(person(case_of(forms), number), ensure_ascii=False) for number in (1, 2)]
    Path("名册.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ended = batch("名册.jsonl", "--track", "sw", name=name)
    assert ended.code == 0, ended.told
    for number, other in ((1, 2), (2, 1)):
        path = OUT / f"GA-2026-{number:04d}-{name}.pdf"
        record = json.loads(path.with_suffix(".print.json").read_bytes())
        assert record["packet"] == name
        text = "".join(page.extract_text() for page in PdfReader(path).pages)
        assert f"GA-2026-{number:04d}" in text
        assert f"GA-2026-{other:04d}" not in text


def test_a_packet_with_a_faulty_paper_fails_with_its_title_or_prints_a_blank(batch: Batch) -> None:
    case = person(case_of(["application_b", "consent_a"]), 1)
    del case["forms"]["application_b"][0]["client_needs"]
    Path("名册.jsonl").write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    ended = batch("名册.jsonl", "--track", "sw", name="intake")
    assert ended.code == 1
    assert ended.results[1]["why"] == ["《个案申请表》服务对象需求：必填，未填写。请写明服务对象的需求。"]
    ended = batch("名册.jsonl", "--track", "sw", "--blank-missing", name="intake")
    assert ended.code == 0
    assert "有误，印成空白表：个案申请表。" in ended.results[1]["why"]
