"""Reading a roster: ten thousand rows of one sheet, each cell read, each row checked."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.batch.test_rosters import many_rows

ROWS = 10_000


def measure(count: int = ROWS) -> dict[str, Any]:
    """Rows a second of processor time, the sheet written before."""
    with tempfile.TemporaryDirectory() as folder:
        roster = many_rows(Path(folder), count)
        started = time.process_time()
        problems = sum(bool(row.problems) for row in roster.rows())
        taken = time.process_time() - started
    if problems:
        raise RuntimeError(f"{problems} rows of the sample are wrong")
    return {"rows": count, "rows_per_processor_second": round(count / taken), "must": 250}
