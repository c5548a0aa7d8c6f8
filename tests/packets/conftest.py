"""The sample case as packets, made once."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from generator.identity.print_id import PrintKind, new_print_id
from generator.packets.build import Packet, build_packet
from generator.packets.case import Case, read_case
from generator.packets.papers import PacketOptions
from generator.resources import data_dir
from generator.typeset.fonts import FontSet, bundled_fonts
from generator.validation.validate import CHINA

AT = datetime(2026, 11, 20, 9, 30, tzinfo=CHINA)
SAMPLE = data_dir("schemas") / "cases" / "sample.json"
Make = Callable[..., Packet]


def drawn(seed: int = 1) -> Callable[[PrintKind], str]:
    """Print ids that come out the same each time."""
    source = random.Random(seed)
    return lambda kind: new_print_id(source.randbytes, kind)


def document() -> dict[str, Any]:
    """The sample CASE as its file says it."""
    loaded: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return loaded


def case_of(written: dict[str, Any]) -> Case:
    """A CASE that must be sound."""
    case, findings = read_case(written)
    assert not [str(found) for found in findings if found.severity == "error"]
    return case


@pytest.fixture(scope="session")
def fonts() -> FontSet:
    return bundled_fonts()


@pytest.fixture(scope="session")
def sample() -> Case:
    return case_of(document())


@pytest.fixture(scope="session")
def make(fonts: FontSet, sample: Case) -> Make:
    """Build a packet of the sample case (or of ``case``); one of the sample case is built once."""
    kept: dict[str, Packet] = {}

    def built(name: str, case: Case = sample, **how: Any) -> Packet:
        if case is sample and "scans" not in how:
            key = f"{name} {sorted(how.items())}"
            if key not in kept:
                kept[key] = once(name, case, **how)
            return kept[key]
        return once(name, case, **how)

    def once(name: str, case: Case, **how: Any) -> Packet:
        scans, originals = how.pop("scans", ()), how.pop("originals", ())
        seed = how.pop("seed", 1)
        options = PacketOptions(AT, **how)
        return build_packet(name, case, options, drawn(seed), fonts, scans=scans, originals=originals)

    return built
