"""Every attack is told in the same words by the library and by the independent program."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archives.log.anchor import read_anchors
from archives.log.verify import verify
from tests.log.attacks import ATTACKS, UNSEEN, Attack, public_of
from tests.log.station import KEY, OTHER_KEY, Station, anchor_of, build, by_library, by_tool, export_of
from tools import verify_log

Verifier = Callable[[Station, list[bytes], list[bytes], Path], tuple[int, list[str]]]
VERIFIERS = {"library": by_library, "tool": by_tool}


def attacked(attack: Attack) -> tuple[Station, list[bytes]]:
    station = build()
    anchors = [anchor_of(station, number) for number in attack.anchors]
    attack.do(station)
    return station, anchors


def findings(lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Findings and notes between the first line (counts) and the conclusion."""
    end = next(at for at, line in enumerate(lines) if line == "没有发现改动。" or line.startswith("发现 "))
    said = lines[1:end]
    if lines[end].startswith("发现 "):
        count = len([line for line in said if not line.startswith("提示：")])
        assert lines[end] == f"发现 {count} 处问题。"
    return (
        tuple(line for line in said if not line.startswith("提示：")),
        tuple(line.removeprefix("提示：") for line in said if line.startswith("提示：")),
    )


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attack_is_found(attack: Attack, verifier: Verifier, tmp_path: Path) -> None:
    station, anchors = attacked(attack)
    code, lines = verifier(station, anchors, [], tmp_path)
    assert findings(lines) == (attack.findings, attack.notes)
    assert code == (1 if attack.findings else 0)


@pytest.mark.parametrize("attack", [*ATTACKS.values(), *UNSEEN.values()], ids=[*ATTACKS, *UNSEEN])
def test_both_say_the_same_whole_report(attack: Attack, tmp_path: Path) -> None:
    station, anchors = attacked(attack)
    assert by_tool(station, anchors, [], tmp_path) == by_library(station, anchors, [], tmp_path)


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
@pytest.mark.parametrize("attack", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_told_as_not_anchored(
    attack: Attack, verifier: Verifier, tmp_path: Path
) -> None:
    station, anchors = attacked(attack)
    code, lines = verifier(station, anchors, [], tmp_path)
    assert code == 0
    if attack is UNSEEN["rolled back to the anchored state"]:
        assert lines[-1] == "至第 2 号封签（2026-11-17，共 14 个事件）为止有外存凭证。"
    else:
        assert "起尚未锚定" in lines[-1]


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
def test_a_known_key_unmasks_seals_of_another(verifier: Verifier, tmp_path: Path) -> None:
    station, _ = attacked(UNSEEN["rewritten with another key, nothing outside"])
    code, lines = verifier(station, [], [public_of(KEY)], tmp_path)
    expected = tuple(f"第 {number} 号封签换了签名公钥，新公钥未经确认。" for number in (1, 2, 3, 4))
    assert (code, findings(lines)[0]) == (1, expected)


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
def test_a_change_of_key_is_fine_when_known_or_anchored(verifier: Verifier, tmp_path: Path) -> None:
    station = build()
    ATTACKS["newest seal signed with another key"].do(station)
    known = [public_of(KEY), public_of(OTHER_KEY)]
    assert verifier(station, [], known, tmp_path)[0] == 0
    assert verifier(station, [anchor_of(station, 4)], [], tmp_path)[0] == 0


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
@pytest.mark.parametrize(
    ("anchored", "last"),
    [
        ([], ["自 2026-11-16T09:00:00.000+08:00 起尚未锚定：26 个事件，其中 4 个尚未封签。"]),
        (
            [2, 3],
            [
                "至第 3 号封签（2026-11-18，共 19 个事件）为止有外存凭证。",
                "自 2026-11-18T23:30:00.000+08:00 起尚未锚定：7 个事件，其中 4 个尚未封签。",
            ],
        ),
    ],
)
def test_untouched(verifier: Verifier, anchored: list[int], last: list[str], tmp_path: Path) -> None:
    station = build()
    anchors = [anchor_of(station, number) for number in anchored]
    assert verifier(station, anchors, [public_of(KEY)], tmp_path) == (
        0,
        ["共核对 4 条日志、26 个事件、4 个封签。", "没有发现改动。", *last],
    )


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
def test_wholly_anchored_says_nothing_of_a_rest(verifier: Verifier, tmp_path: Path) -> None:
    station = build(sealed=5)
    assert verifier(station, [anchor_of(station, 5)], [], tmp_path)[1][1:] == [
        "没有发现改动。",
        "至第 5 号封签（2026-11-20，共 26 个事件）为止有外存凭证。",
    ]


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
def test_empty_log_and_seals_of_nothing(verifier: Verifier, tmp_path: Path) -> None:
    assert verifier(Station(), [], [], tmp_path) == (
        0,
        ["共核对 0 条日志、0 个事件、0 个封签。", "没有发现改动。"],
    )
    quiet = build(days=(("2026-11-16", {}), ("2026-11-17", {})), sealed=2)
    assert verifier(quiet, [], [], tmp_path)[1][-1] == (
        "自 2026-11-16T23:30:00.000+08:00 起尚未锚定：0 个事件，其中 0 个尚未封签。"
    )


odd = st.one_of(st.none(), st.integers(-2, 12), st.sampled_from(["", "2026-11-17", "x", 5.0, 1e300, True]))
spot = st.integers(0, 25)
tamperings = st.lists(
    st.one_of(
        st.tuples(st.just("change"), spot, st.integers(1, 13), odd),
        st.tuples(st.just("chain"), spot, st.integers(0, 31)),
        st.tuples(st.just("hash"), spot, spot),
        st.tuples(st.just("drop"), spot),
        st.tuples(st.just("twice"), spot, spot),
        st.tuples(st.just("rehash"), st.sampled_from([0, 7, 12])),
        st.tuples(st.just("head"), st.integers(0, 8), st.integers(0, 8), st.integers(1, 5)),
        st.tuples(st.just("seal"), st.integers(0, 3), st.integers(0, 6)),
        st.tuples(st.just("reseal"), st.sampled_from([KEY, OTHER_KEY])),
        st.tuples(st.just("unseal"), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=5,
)


def tamper(station: Station, kind: str, *values: object) -> None:
    a, b, c = (*values, 0, 0)[:3]
    rows, heads, seals = station.rows, station.heads, station.seals
    if kind == "change":
        rows[a % len(rows)][b] = c
    elif kind == "chain":
        rows[a % len(rows)][0] = b
    elif kind == "hash":
        rows[a % len(rows)][14] = rows[b % len(rows)][14]
    elif kind == "drop" and len(rows) > 1:
        del rows[a % len(rows)]
    elif kind == "twice":
        rows.insert(b % len(rows), list(rows[a % len(rows)]))
    elif kind == "rehash":
        station.renumber(a)
    elif kind == "head":
        heads[a] = heads[a]._replace(seq=b, seal=c)
    elif kind == "seal" and seals:
        at = a % len(seals)
        field = ("number", "count_events", "day", "made_at", "prev_seal_hash", "heads_root", "public_key")[b]
        other = {"number": a, "count_events": b, "day": "2026-11-19", "made_at": "x\n"}.get(field, b"\7" * 32)
        station.replace_seal(at + 1, **{field: other})
    elif kind == "reseal":
        station.resign(len(seals), a) if seals else None
    elif kind == "unseal" and seals:
        del seals[a % len(seals)]


@settings(max_examples=150)
@given(tamperings, st.sampled_from([(), (2,), (3, 4)]))
def test_both_agree_on_whatever_is_done(done: list[tuple[object, ...]], anchored: tuple[int, ...]) -> None:
    station = build()
    anchors = [anchor for number in anchored for anchor in read_anchors(anchor_of(station, number))]
    for kind, *values in done:
        try:
            tamper(station, str(kind), *values)
        except (ValueError, TypeError):  # a number that is none cannot be hashed anew
            return
    report = verify(station.rows, station.seals, station.heads, anchors)
    export = verify_log.Export(io.BytesIO(export_of(station)))
    outside = [(anchor.number, anchor.hash) for anchor in anchors]
    assert verify_log.Examination(export, outside, []).run() == report.sentences
