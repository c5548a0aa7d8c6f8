"""Rows that must be there because another row names them: who deletes one by SQL gets a sentence."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Result

from archives.errors import RowMissing


class Known(dict[int, str]):
    """Words by number.  A number nobody is registered under raises RowMissing."""

    def __init__(self, what: str, words: dict[int, str]) -> None:
        """``what`` names the row of a number to a reader: ``人员登记``."""
        super().__init__(words)
        self._what = what

    def __missing__(self, number: int) -> str:
        raise RowMissing(f"{self._what} #{number}")


def the_row(result: Result[Any], what: str) -> Any:
    """The one row.  Raises RowMissing; ``what`` names it to a reader."""
    row = result.first()
    if row is None:
        raise RowMissing(what)
    return row


def the_value(result: Result[Any], what: str) -> Any:
    """The one value of the one row.  Raises RowMissing; ``what`` names the row to a reader."""
    return the_row(result, what)[0]
