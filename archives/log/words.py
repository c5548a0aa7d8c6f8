"""What an event says to a reader: the name of the act, its result, what changed.  Pure.

An event keeps the word it was written with.  Words that once stood for two acts are told apart by the detail
beside them, so that an old line says what happened and no new line needs the detail for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from archives.log.vocabulary import ACTIONS

Detail = Mapping[str, Any]
_Test = Callable[[str, Detail], bool]

RESULTS: Final[Mapping[str, str]] = {"ok": "成功", "denied": "被拒绝", "failed": "没有成功"}


def _says(key: str, *values: object) -> _Test:
    return lambda _subject, detail: detail.get(key) in values


def _has(key: str) -> _Test:
    return lambda _subject, detail: key in detail


_ONCE: Final[tuple[tuple[str, _Test, str], ...]] = (
    ("file.close", _says("kind", "filed"), "file.archive"),
    ("file.close", _says("kind", "closed"), "case.close"),
    ("file.close", _has("on"), "application.end"),
    ("file.volume", _says("kind", "accepted"), "file.accept"),
    ("file.open", _says("dry_run", True), "person.compare"),
    ("file.open", _says("kind", "completeness"), "file.complete"),
    ("file.open", _says("kind", "documents"), "document.list"),
    ("disposal.execute", _says("dry_run", True), "disposal.rehearse"),
    ("disposal.appraise", _has("list_sha256"), "disposal.sign"),
    ("disposal.list", _has("list_sha256"), "disposal.finish"),
    ("disposal.refuse", _has("record"), "disposal.leave"),
    ("disposal.withdraw", lambda _subject, detail: bool(detail.get("items")), "disposal.stop"),
    ("disposal.destroyed", _says("state", "restored"), "disposal.repeat"),
    ("disposal.destroyed", lambda subject, _detail: subject.startswith("file:"), "person.forget"),
    ("record.state", _has("kind"), "retention.event"),
    ("scan.settle", _says("reason", "only_copy"), "scan.wait"),
    ("scan.settle", _has("document"), "scan.point"),
    ("scan.reject", _says("reason", "gone_unseen"), "scan.gone"),
    ("staff.change", _says("state", "left"), "staff.leave"),
    ("staff.change", _says("state", "present"), "staff.return"),
    ("staff.change", _says("kind", "supervisor"), "staff.supervisor"),
    ("user.change", _says("kind", "unlock"), "user.unlock"),
    ("user.change", _says("state_after", "active"), "user.enable"),
    ("user.password", _has("staff"), "user.reset"),
    ("station.configure", _says("kind", "recovery_sheet"), "station.sheet"),
    ("station.configure", _says("kind", "tombstones", "newest_mark"), "station.renew"),
    ("transfer.complete", _has("volume"), "transfer.item"),
)
"""Word of an older event, what its detail says, the word for that act today."""


def act_of(action: str, subject: str, detail: Detail) -> str:
    """The word for what was done, as it would be written today."""
    for word, fits, today in _ONCE:
        if word == action and fits(subject, detail):
            return today
    return action


def act_name(action: str, subject: str, detail: Detail) -> str:
    """What a reader is told was done."""
    word = act_of(action, subject, detail)
    return ACTIONS.get(word, word)


def result_name(result: str) -> str:
    """What a reader is told came of it."""
    return RESULTS.get(result, result)
