"""One act, one word: an event says what happened, and what it once said is still told rightly."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from archives.log.vocabulary import ACTIONS
from archives.log.words import act_name, act_of

ROOT = Path(__file__).parents[2]
SAME_ACT = {
    "register.read": "a list of the station was shown; the detail says which",
    "scan.read": "pages were shown: of a page, of a page with its neighbours, of all blank ones",
    "record.read": "answers were shown: one revision, or all",
    "file.create": "a file began: of a person, or of a series",
    "file.merge": "the same merger on the chain of both files",
    "login.failed": "failed logins, one by one or counted",
    "disposal.witness": "a witness authenticated, or tried to",
    "disposal.finish": "an appraisal came to its end: with items to destroy, or with none",
    "staff.role": "roles of a person changed: one given, or one taken",
    "station.renew": "a file that only checks others was written anew; the detail says which",
}
"""Word that several places write → why they are the same act."""
OTHERS_WORDS = {"login", "copy.made"}
"""Written once in the program and once for the sample station."""


def logged() -> Iterator[tuple[str, str]]:
    """(word, place) of every event the program writes; words chosen between are each told."""
    for room in ("archives", "desk"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr == "log" and node.args:
                    for word in ast.walk(node.args[0]):
                        if isinstance(word, ast.Constant) and word.value in ACTIONS:
                            yield str(word.value), f"{path.name}:{node.lineno}"


def test_one_word_stands_for_one_act() -> None:
    places = defaultdict(list)
    for word, place in logged():
        places[word].append(place)
    assert len(places) > 80
    shared = {word: where for word, where in places.items() if len(where) > 1}
    assert {
        word: where for word, where in shared.items() if word not in SAME_ACT | dict.fromkeys(OTHERS_WORDS)
    } == {}


def test_no_two_acts_have_one_name() -> None:
    names = defaultdict(list)
    for word, name in ACTIONS.items():
        names[name].append(word)
    assert {name: words for name, words in names.items() if len(words) > 1} == {}


@pytest.mark.parametrize(
    ("action", "subject", "detail", "name"),
    [
        ("disposal.execute", "disposal:1", {"dry_run": True, "items": 2}, "演练销毁（没有销毁任何内容）"),
        ("disposal.execute", "disposal:1", {"items": 2, "paper": True}, "执行销毁"),
        ("file.close", "file:1", {"volume": 1, "kind": "closed", "on": "2026-01-01"}, "结案"),
        ("file.close", "file:1", {"volume": 1, "kind": "filed"}, "归档"),
        ("file.close", "file:1", {"volume": 1, "kind": "rejected", "on": "2026-01-01"}, "申请办结"),
        ("file.open", "file:1", {"kind": "merge", "dry_run": True}, "比对拟合并的档案（没有合并）"),
        ("file.volume", "file:1", {"volume": 1, "kind": "accepted"}, "接案"),
        ("disposal.withdraw", "disposal:1", {}, "撤回销毁清册"),
        ("disposal.withdraw", "disposal:1", {"items": 1}, "中止执行销毁"),
        ("disposal.destroyed", "record:1", {"sha256": "0" * 64}, "单件销毁完成"),
        ("disposal.destroyed", "record:1", {"state": "restored"}, "恢复后再次销毁"),
        ("disposal.destroyed", "file:1", {"person": 1}, "清除服务对象的身份信息"),
        ("user.password", "user:1", {}, "修改密码"),
        ("user.password", "user:1", {"staff": 2}, "重设他人的密码"),
        ("transfer.complete", "transfer:1", {"volume": 1}, "列入归档、移交清单"),
        ("file.archive", "file:1", {"volume": 1}, "归档"),
        ("case.close", "file:1", {"volume": 1, "kind": "closed"}, "结案"),
    ],
)
def test_older_words_are_told_by_their_detail(
    action: str, subject: str, detail: dict[str, object], name: str
) -> None:
    assert act_name(action, subject, detail) == name
    assert act_of(action, subject, detail) in ACTIONS
