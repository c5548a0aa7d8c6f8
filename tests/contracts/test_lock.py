"""requirements.lock: everything pinned by hash, from any mirror, as wheels on every PC we promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.contracts.installing import EXTRAS, LOCK, PYPROJECT, call, need_registry, pins, uv

PLATFORMS = ("x86_64-pc-windows-msvc", "x86_64-manylinux_2_28")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EVERY_TIME = {
    ("x86_64-pc-windows-msvc", "3.11"),
    ("x86_64-pc-windows-msvc", "3.14"),
    ("x86_64-manylinux_2_28", "3.14"),
}
"""The ends of what is promised; what lies between is asked for in ``make soak``."""
SYSTEMS = [
    pytest.param(platform, python, marks=[] if (platform, python) in EVERY_TIME else [pytest.mark.slow])
    for platform in PLATFORMS
    for python in PYTHONS
]


def declared() -> list[Requirement]:
    lines = [*PYPROJECT["project"]["dependencies"], *EXTRAS, *PYPROJECT["dependency-groups"]["dev"]]
    return [Requirement(line) for line in lines]


def test_every_requirement_is_pinned_with_hashes() -> None:
    assert len(pins()) > 30
    assert [pin.name for pin in pins() if not pin.hashes] == []


def test_the_lock_names_no_index_and_no_address() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|-i |@ ", text)


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_the_lock_satisfies_the_declaration(requirement: Requirement) -> None:
    versions = [Version(pin.version) for pin in pins() if pin.name == canonicalize_name(requirement.name)]
    assert versions
    assert all(version in requirement.specifier for version in versions)


def test_only_one_package_brings_opencv() -> None:
    """Its packages write into one folder: the last one wins, and removing one breaks the other."""
    assert [pin.name for pin in pins() if pin.name.startswith("opencv")] == ["opencv-python-headless"]


def test_whoever_asks_for_a_pin_is_in_the_lock_too() -> None:
    """A pin whose only asker has gone is left over; the lock says beside each pin who asks."""
    text = LOCK.read_text(encoding="utf-8")
    known = {pin.name for pin in pins()} | {"kangdang", "kangdang:dev"}
    asked = re.findall(r"^    # via (.+)$|^    #   (.+)$", text, flags=re.MULTILINE)
    askers = {re.sub(r" \(.*", "", one or other) for one, other in asked}
    assert len(askers) > 10
    assert askers <= known


def meant_for(line: str, platform: str, python: str) -> bool:
    """Whether a pin holds on this system: one package may be pinned once for each range of Pythons."""
    marker = Requirement(line).marker
    windows = "windows" in platform
    return marker is None or marker.evaluate(
        {
            "python_version": python,
            "python_full_version": f"{python}.0",
            "sys_platform": "win32" if windows else "linux",
            "platform_system": "Windows" if windows else "Linux",
            "os_name": "nt" if windows else "posix",
        }
    )


@pytest.mark.network
@pytest.mark.parametrize(("platform", "python"), SYSTEMS)
def test_a_pc_gets_everything_as_wheels(platform: str, python: str, tmp_path: Path) -> None:
    """The dependencies of the program and its extras at the locked versions, with nothing to compile."""
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("\n".join([*PYPROJECT["project"]["dependencies"], *EXTRAS]), encoding="utf-8")
    constraint = tmp_path / "lock.txt"
    constraint.write_text("\n".join(pin.line for pin in pins()), encoding="utf-8")
    ended = call(
        uv(), "pip", "compile", "--only-binary", ":all:", "--python-platform", platform,
        "--python-version", python, "--no-header", "--no-annotate", "--constraint", constraint, wanted,
        cwd=tmp_path,
    )  # fmt: skip
    need_registry(ended)
    found = dict(line.split("==") for line in ended.stdout.split() if "==" in line)
    locked = {pin.name: pin.version for pin in pins() if meant_for(pin.line, platform, python)}
    assert len(found) >= len(PYPROJECT["project"]["dependencies"])
    assert {name: locked[name] for name in found} == found
