"""The tables of performance.md, from the numbers of one whole run (bench/results/latest.json).

The page is prose with marked places; only what stands between the marks is written.  The row of a bar that
the run missed says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Report = Mapping[str, Any]
MARKS = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


class Row(NamedTuple):
    """One line: what is measured, the bars as a reader sees them, and what a run says of it."""

    what: str
    must: str
    aim: str
    found: Callable[[Report], tuple[str, bool]]
    """The measured cell, and whether the must is held; KeyError where the run has no such number."""


def page(text: str, report: Report) -> str:
    """The page with its tables as the report has them."""

    def told(match: re.Match[str]) -> str:
        return match[1] + "\n".join(TABLES[match[2]](report)) + "\n" + match[3]

    return MARKS.sub(told, text)


def _machine(report: Report) -> list[str]:
    of = report["machine"]
    where = f"{of['processor']}, {of['cores']} cores, {of['system']}, Python {of['python']}"
    return [
        f"One whole run of `make bench`, {of['at'][:10]}, commit {of.get('commit', 'unknown')}: {where}, "
        f"load {of['load']} when it began, {of['tools']['soffice']}.",
    ]


def _table(rows: Sequence[Row]) -> Callable[[Report], list[str]]:
    def lines(report: Report) -> list[str]:
        head = ["| what | must | aim | measured |", "|---|---|---|---|"]
        return head + [f"| {row.what} | {row.must} | {row.aim} | {_cell(row, report)} |" for row in rows]

    return lines


def _cell(row: Row, report: Report) -> str:
    try:
        said, held = row.found(report["results"])
    except KeyError:
        return "not measured in this run"
    return said if held else f"{said} **missed**"


def _fill_times(form_id: str) -> Callable[[Report], tuple[str, bool]]:
    def found(of: Report) -> tuple[str, bool]:
        one = of["docx_fill"][form_id]
        times = one["times_ours"]["docxtpl"]
        return f"{times}× ({one['ms']['ours']} ms)", times >= 30

    return found


def _fill_peer(of: Report) -> tuple[str, bool]:
    both = [of["docx_fill"][form_id]["times_ours"]["docxtemplater"] for form_id in ("record_e", "plan_d")]
    return f"{both[0]}× and {both[1]}×", min(both) >= 6


def _pdf(of: Report) -> tuple[str, bool]:
    one = of["pdf"]
    said = f"{one['times_faster']}× ({one['warm_ms']} ms against {one['libreoffice_ms']} ms)"
    return said, one["times_faster"] >= 6


def _pdf_memory(of: Report) -> tuple[str, bool]:
    most = of["pdf"]["resident_mb"][-1]
    return f"{most} MB", most <= 250


def _packet(of: Report) -> tuple[str, bool]:
    one = of["packet"]
    return f"{one['cold_s']} s ({one['documents']} documents, {one['pages']} pages)", one["cold_s"] <= 2.5


def _packet_share(of: Report) -> tuple[str, bool]:
    one = of["packet"]
    return f"{one['share_of_libreoffice']} (of {one['libreoffice_s']} s)", one["share_of_libreoffice"] <= 0.25


def _batch_rate(of: Report) -> tuple[str, bool]:
    one = of["batch"]["two_workers"]["documents_per_second"]
    return f"{one}/s ({of['batch']['people']} people)", one >= 30


def _intake_rate(of: Report) -> tuple[str, bool]:
    one = of["intake_batch"]["many"]
    size = f"{one['documents']:,} documents, {one['pages']:,} pages in {one['seconds']} s"
    return f"{one['documents_per_second']}/s ({size})", one["documents_per_second"] >= 30


def _intake_memory(of: Report) -> tuple[str, bool]:
    many, few = of["intake_batch"]["many"]["peak_mb_all"], of["intake_batch"]["two_workers"]["peak_mb_all"]
    return f"{many} MB; {few} MB for {of['intake_batch']['people']} people", True


def _intake_speedup(of: Report) -> tuple[str, bool]:
    one, two = (of["intake_batch"][name]["documents_per_second"] for name in ("one_worker", "two_workers"))
    speedup = of["intake_batch"]["speedup"]
    return f"{speedup}× ({two}/s against {one}/s)", speedup >= 1.7


def _scanning(of: Report) -> tuple[str, bool]:
    one = of["scanning"]
    rate = one["pages_per_second"]
    return f"{rate} ({one['pages']} pages, 300 dpi grey, signed)", rate >= 12


def _reading(of: Report) -> tuple[str, bool]:
    one = of["reading"]
    rate, times = one["codes"]["pages_per_second"], one.get("times_faster", "–")
    said = f"{rate} pages/s, {times}× pdf2image with pyzbar"
    return said, rate >= 30 and isinstance(times, float) and times >= 6


def _evidence(of: Report) -> tuple[str, bool]:
    one = of["evidence"]["records"]
    said = (
        f"{one['share']} (median of {one['turns']}, {one['lowest']} to {one['highest']}; "
        f"{one['per_s']:,}/s of {one['before_per_s']:,}/s, commit {one['before']})"
    )
    return said, one["share"] >= one["must"]


def _checked(at: int) -> Callable[[Report], tuple[str, bool]]:
    def found(of: Report) -> tuple[str, bool]:
        one = of["evidence"]["check"][at]
        size = f"{one['items']:,} items, {one['rows']:,} rows, {one['peak_mb_more']} MB more"
        return f"{one['check_s']} s ({size})", one["findings"] == 0

    return found


def _records(writers: str, name: str, must: float) -> Callable[[Report], tuple[str, bool]]:
    def found(of: Report) -> tuple[str, bool]:
        one = of["archive"]["writing"]["records"][writers]
        share = one[f"{name}_of_raw"]
        rate = one["raw_per_s" if name == "share" else "raw_at_our_gate_per_s"]
        said = (
            f"{share} (median of {one['turns']}, {one[f'{name}_lowest']} to {one[f'{name}_highest']}; "
            f"{one['per_s']:,}/s of {rate:,}/s; {one['failed']} failed"
        )
        if name == "share":
            said += f"; longest wait {one['worst_wait_ms']} ms, raw {one['raw_worst_wait_ms']} ms"
        return f"{said})", share >= must and not one["failed"]

    return found


def _records_processor(of: Report) -> tuple[str, bool]:
    one = of["archive"]["writing"]["records"]["one_writer"]
    ours, raw = one["processor_ms"], one["raw_processor_ms"]
    return f"{raw / ours:.2f} ({raw} ms of {ours} ms)", True


def _at_most(bar: float, unit: str, *path: str) -> Callable[[Report], tuple[str, bool]]:
    """A number that must not be above ``bar``."""

    def found(of: Report) -> tuple[str, bool]:
        value = _at(of, path)
        return f"{value} {unit}", value <= bar

    return found


def _at_least(bar: float, unit: str, *path: str) -> Callable[[Report], tuple[str, bool]]:
    """A number that must not be below ``bar``."""

    def found(of: Report) -> tuple[str, bool]:
        value = _at(of, path)
        return f"{value:,}{unit}", value >= bar

    return found


def _at(of: Any, path: Sequence[str]) -> Any:
    for name in path:
        of = of[name]
    return of


def _spread(name: str) -> Callable[[Report], tuple[str, bool]]:
    def found(of: Report) -> tuple[str, bool]:
        one = of["archive"][name]
        return f"{one['median_ms']} ms (p95 {one['p95_ms']})", one["median_ms"] <= 30

    return found


GENERAL = (
    Row("docx fill, record_e, times docxtpl", "30×", "60×", _fill_times("record_e")),
    Row("docx fill, plan_d, times docxtpl", "30×", "60×", _fill_times("plan_d")),
    Row("docx fill, record_e and plan_d, times docxtemplater", "6×", "12×", _fill_peer),
    Row("PDF warm, times LibreOffice (20 files in one call)", "6×", "15×", _pdf),
    Row("resident memory after 1,000 documents", "250 MB", "", _pdf_memory),
    Row("seven forms, cold process", "2 s", "1 s", _at_most(2.0, "s", "seven_forms", "seven_forms_cold_s")),
    Row("`--version`", "0.25 s", "", _at_most(0.25, "s", "seven_forms", "version_s")),
    Row(
        "validation at final, record_e", "20,000/s", "",
        _at_least(20_000, "/s", "validation", "record_e", "per_second"),
    ),
    Row("intake packet, cold process", "2.5 s", "1.2 s", _packet),
    Row("intake packet, share of LibreOffice", "0.25", "", _packet_share),
    Row("batch of seven forms, two workers", "30/s", "60/s", _batch_rate),
    Row("two workers against one", "1.7×", "", _at_least(1.7, "×", "batch", "speedup")),
    Row("batch of intake packets, two workers", "30/s", "60/s", _intake_rate),
    Row("the same, memory of all processes", "", "", _intake_memory),
    Row("the same, two workers against one", "1.7×", "", _intake_speedup),
    Row("roster rows read", "250/s", "", _at_least(250, "/s", "rosters", "rows_per_processor_second")),
    Row("codes of scanned pages read", "30 pages/s, 6×", "45", _reading),
    Row("scanned file read, stored, synced, read back, filed", "12 pages/s", "25", _scanning),
)  # fmt: skip
ARCHIVE = (
    Row("open a file (identity, items, documents, holds; logged)", "30 ms", "10 ms", _spread("open_file")),
    Row("search as typed (logged)", "30 ms", "10 ms", _spread("search")),
    Row("`retention plan` for all, with its sentences", "10 s", "", _at_most(10, "s", "archive", "plan_s")),
    Row("what falls due in 12 months", "0.5 s", "", _at_most(0.5, "s", "archive", "due_list_s")),
    Row(
        "`log verify`", "40,000/s", "100,000/s",
        _at_least(40_000, "/s", "archive", "log_verify", "events_per_s"),
    ),
    Row(
        "durable records, one writer, share of raw inserts", "1/4", "1/2",
        _records("one_writer", "share", 1 / 4),
    ),
    Row("the same, processor time only", "", "", _records_processor),
    Row(
        "durable records, eight processes, share of raw inserts", "1/5", "1/2",
        _records("8_writers", "share", 1 / 5),
    ),
    Row(
        "the same, raw inserts at our gate", "1/5", "1/2", _records("8_writers", "share_at_our_gate", 1 / 5)
    ),
    Row("records a second, share of those before rows were digested", "0.9", "", _evidence),
    Row("all rows compared with the log", "", "", _checked(0)),
    Row("the same, ten times as many", "", "", _checked(1)),
    Row(
        "blobs of 200 kB, share of raw write, fsync, read, hash", "1/2", "",
        _at_least(0.5, "", "archive", "writing", "blobs", "share_of_raw"),
    ),
    Row(
        "`kangdang person search`, whole command", "0.6 s", "",
        _at_most(0.6, "s", "archive", "commands", "person search", "s"),
    ),
)  # fmt: skip
TABLES: dict[str, Callable[[Report], list[str]]] = {
    "machine": _machine,
    "general": _table(GENERAL),
    "archive": _table(ARCHIVE),
}
