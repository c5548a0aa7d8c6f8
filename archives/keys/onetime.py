"""The one-time credential of a witness (监销人) from another office, who has no account here.

Ten characters (50 bits), shown once to the witness, bound to one list as it stands at that moment and to
one natural person.  Only an Argon2id verifier is kept.  Every try is counted by the caller's saving the
credential that ``check`` returns, whatever the outcome.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from archives.errors import ArchiveError, ListChanged, WitnessRefused
from archives.keys import crockford
from archives.keys.wrapping import STANDARD, Cost, Stretch, parse_stretch, stretch
from archives.ports import RandomBytes

LENGTH = 10
TRIES = 5
_RANDOM_BYTES = 10
"""More than the 50 bits used, so that the cut is whole characters."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What is kept of a one-time credential; nothing in it lets anybody find the code."""

    list_number: str
    list_sha256: str
    person_id: int
    verifier: str = field(repr=False)
    made_at: datetime
    valid_until: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``credential`` is to be saved before anything else; then ``refusal``, if there is one, is raised."""

    credential: Credential
    refusal: ArchiveError | None

    @property
    def accepted(self) -> bool:
        """Whether the witness is who the code was given to."""
        return self.refusal is None


def issue(
    list_number: str,
    list_hash: str,
    person_id: int,
    random: RandomBytes,
    now: datetime,
    valid_for: timedelta,
    *,
    cost: Cost = STANDARD,
) -> tuple[str, Credential]:
    """(code to show once, what to keep) for one person, one list, one use."""
    code = crockford.encode(random(_RANDOM_BYTES))[:LENGTH]
    kdf = Stretch(cost, random(16))
    verifier = f"{kdf.text()}${_tag(code, kdf, list_number, list_hash, person_id)}"
    kept = Credential(list_number, list_hash, person_id, verifier, now, now + valid_for)
    return crockford.grouped(code, 5), kept


def check(credential: Credential, code: str, list_hash: str, now: datetime) -> Outcome:
    """Check a code typed by the witness against the list as it is at ``now``.

    The refusal is WitnessRefused, or ListChanged when the list is not the one the code was given for.
    """
    refusal = _usable(credential, list_hash, now)
    if refusal is not None:
        return Outcome(credential, refusal)
    tried = replace(credential, tries=credential.tries + 1)
    if _fits(tried, code):
        return Outcome(replace(tried, used_at=now), None)
    left = TRIES - tried.tries
    if left == 0:
        return Outcome(tried, _worn_out())
    return Outcome(tried, WitnessRefused(f"一次性凭证不正确，还可以试 {left} 次。"))


def _usable(credential: Credential, list_hash: str, now: datetime) -> ArchiveError | None:
    again = "请由负责人重新签发凭证。"
    if credential.used_at is not None:
        return WitnessRefused("这份一次性凭证已经用过。", hint=again)
    if credential.tries >= TRIES:
        return _worn_out()
    if now >= credential.valid_until:
        return WitnessRefused(
            f"这份一次性凭证已于 {credential.valid_until:%Y-%m-%d %H:%M} 过期。", hint=again
        )
    if now < credential.made_at:
        return WitnessRefused("这份一次性凭证的签发时间在将来。", hint="请先校正电脑的日期和时间。")
    if not hmac.compare_digest(credential.list_sha256.encode(), list_hash.encode()):
        return ListChanged(
            f"销毁清册 {credential.list_number} 与签发凭证时不同。",
            hint="请重新核对、审批清册，再重新签发凭证。",
        )
    return None


def _worn_out() -> WitnessRefused:
    return WitnessRefused(f"一次性凭证已输错 {TRIES} 次，不能再用。", hint="请由负责人重新签发凭证。")


def _fits(credential: Credential, code: str) -> bool:
    settings, _, tag = credential.verifier.rpartition("$")
    kdf = parse_stretch(settings)
    typed = crockford.typed(code)
    if kdf is None or typed is None:
        return False
    made = _tag(typed, kdf, credential.list_number, credential.list_sha256, credential.person_id)
    return hmac.compare_digest(made, tag)


def _tag(code: str, kdf: Stretch, list_number: str, list_hash: str, person_id: int) -> str:
    bound = "\x1f".join(("kangdang/1/witness", list_number, list_hash, str(person_id)))
    return hmac.new(stretch(code.encode(), kdf), bound.encode(), hashlib.sha256).hexdigest()
