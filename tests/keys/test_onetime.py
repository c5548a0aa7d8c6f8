"""The one-time credential of an outside witness: one person, one list, one use, five tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import ListChanged, WitnessRefused
from archives.keys.onetime import Credential, check, issue
from tests.keys.making import CHEAP, NOW, seeded

LIST = "a" * 64
DAY = timedelta(days=1)


def issued(seed: int = 1, list_hash: str = LIST, person: int = 7) -> tuple[str, Credential]:
    return issue("XH2026-01", list_hash, person, seeded(seed), NOW, DAY, cost=CHEAP)


def refusal(
    credential: Credential, code: str, *, list_hash: str = LIST, after: timedelta = timedelta()
) -> str:
    outcome = check(credential, code, list_hash, NOW + after)
    assert outcome.refusal is not None
    assert not outcome.accepted
    return outcome.refusal.message


def test_the_code_is_accepted_once() -> None:
    code, credential = issued()
    outcome = check(credential, code, LIST, NOW + timedelta(hours=1))
    assert outcome.accepted
    assert outcome.credential.used_at == NOW + timedelta(hours=1)
    assert refusal(outcome.credential, code) == "这份一次性凭证已经用过。"


def test_the_code_is_two_groups_of_five_characters() -> None:
    code, _ = issued()
    assert [len(group) for group in code.split(" ")] == [5, 5]


@given(st.integers(0, 10_000))
def test_typing_is_forgiven(seed: int) -> None:
    code, credential = issued(seed)
    for typed in (code.lower(), code.replace(" ", ""), code.replace("0", "O").replace("1", "l"), f" {code} "):
        assert check(credential, typed, LIST, NOW).accepted


def test_every_wrong_character_is_refused() -> None:
    code, credential = issued()
    for place, right in enumerate(code):
        wrong = "Z" if right != "Z" else "Y"
        assert not check(credential, code[:place] + wrong + code[place + 1 :], LIST, NOW).accepted
    for other in ("", " ", "U" * 10, code[:-1], code + "0", "样例"):
        assert not check(credential, other, LIST, NOW).accepted


def test_five_tries_and_no_more() -> None:
    code, credential = issued()
    told = []
    for _ in range(5):
        outcome = check(credential, "00000 00000", LIST, NOW)
        assert outcome.refusal is not None
        told.append(outcome.refusal.message)
        credential = outcome.credential
    assert told[:4] == [f"一次性凭证不正确，还可以试 {left} 次。" for left in (4, 3, 2, 1)]
    assert told[4] == "一次性凭证已输错 5 次，不能再用。"
    assert refusal(credential, code) == "一次性凭证已输错 5 次，不能再用。"
    assert credential.tries == 5


def test_it_ends_with_its_time_and_not_before() -> None:
    code, credential = issued()
    assert check(credential, code, LIST, NOW + DAY - timedelta(seconds=1)).accepted
    assert refusal(credential, code, after=DAY) == "这份一次性凭证已于 2026-11-23 09:00 过期。"
    assert refusal(credential, code, after=-timedelta(seconds=1)) == "这份一次性凭证的签发时间在将来。"


def test_a_list_changed_since_is_told_and_costs_no_try() -> None:
    code, credential = issued()
    outcome = check(credential, code, "b" * 64, NOW)
    assert isinstance(outcome.refusal, ListChanged)
    assert outcome.refusal.message == "销毁清册 XH2026-01 与签发凭证时不同。"
    assert outcome.credential.tries == 0


@pytest.mark.parametrize(
    "change", [{"person_id": 8}, {"list_number": "XH2026-02"}, {"list_sha256": "b" * 64}]
)
def test_a_verifier_moved_to_another_person_or_list_is_worthless(change: dict[str, object]) -> None:
    from dataclasses import replace

    code, credential = issued()
    moved = replace(credential, **change)  # type: ignore[arg-type]
    outcome = check(moved, code, moved.list_sha256, NOW)
    assert isinstance(outcome.refusal, WitnessRefused)


def test_every_changed_character_of_the_verifier_refuses() -> None:
    from dataclasses import replace

    code, credential = issued()
    for place, right in enumerate(credential.verifier):
        verifier = (
            credential.verifier[:place] + ("0" if right != "0" else "1") + credential.verifier[place + 1 :]
        )
        assert not check(replace(credential, verifier=verifier), code, LIST, NOW).accepted


def test_what_is_kept_and_what_is_told_never_holds_the_code() -> None:
    code, credential = issued()
    plain = code.replace(" ", "")
    assert plain not in repr(credential)
    assert plain not in credential.verifier
    assert credential.verifier not in repr(credential)
    assert plain not in refusal(credential, plain[:-1] + ("0" if plain[-1] != "0" else "1"))


def test_codes_come_from_the_random_source() -> None:
    assert issued(1)[0] == issued(1)[0]
    assert len({issued(seed)[0] for seed in range(200)}) == 200
