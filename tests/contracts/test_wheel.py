"""What a station installs: the wheel holds everything it needs, nothing else, and works away from here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from generator.forms.catalogue import list_forms
from generator.version import __version__
from tests.contracts.installing import EXTRAS, PYPROJECT, ROOT, call, need_registry, pins, uv

pytestmark = [pytest.mark.network, pytest.mark.long]
FORMS = sorted(form.id for form in list_forms())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published, from the files git knows and no others."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout: the wheel is not built")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    made = tmp_path_factory.mktemp("dist")
    ended = call(uv(), "build", "--wheel", "--no-build-isolation", "--python", sys.executable,
                 "--out-dir", made, source, cwd=made)  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    (path,) = made.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def station(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare environment with the wheel and the locked versions of its own dependencies only."""
    place = tmp_path_factory.mktemp("station")
    need_registry(call(uv(), "venv", "--quiet", "--python", sys.executable, place / "v", cwd=place))
    python = place / "v" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    (place / "lock.txt").write_text("\n".join(pin.line for pin in pins()), encoding="utf-8")
    need_registry(
        call(
            uv(),
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--only-binary",
            ":all:",
            "--constraint",
            place / "lock.txt",
            wheel,
            cwd=place,
        )
    )
    return python


@pytest.fixture(scope="session")
def command(station: Path) -> Path:
    return station.with_name("kangdang.exe" if sys.platform == "win32" else "kangdang")


def named(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_holds_forms_templates_pages_and_words(wheel: Path) -> None:
    held = set(names(wheel))
    data = [path for room in ("schemas", "templates") for path in (ROOT / room).rglob("*.*")]
    missing = {f"generator/_data/{path.relative_to(ROOT).as_posix()}" for path in data} - held
    assert missing == set()
    assert len(FORMS) >= 7
    assert {f"generator/_data/templates/{form_id}.docx" for form_id in FORMS} <= held
    assert "desk/pages/demo.html" in held
    assert "desk/cli/locale/zh_CN/LC_MESSAGES/kangdang.mo" in held


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    rooms = {name.split("/")[0] for name in names(wheel)}
    assert rooms == {"generator", "archives", "desk", f"kangdang-{__version__}.dist-info"}
    stray = [name for name in names(wheel) if re.search(r"__pycache__|\.pyc$|/tests?/|/bench/|/docs/", name)]
    assert not stray
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))


def test_every_module_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for room in ("generator", "archives", "desk")
        for path in (ROOT / room).rglob("*.py")
    }
    assert ours <= set(names(wheel))


def test_the_wheel_names_its_dependencies_and_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"kangdang-{__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    lines = metadata.splitlines()
    needed = named([line.split(": ", 1)[1] for line in lines if line.startswith("Requires-Dist: ")])
    assert needed == named([*PYPROJECT["project"]["dependencies"], *EXTRAS])
    assert named([line.split(": ", 1)[1] for line in lines if "; extra == 'ocr'" in line]) == named(EXTRAS)
    assert "kangdang = desk.cli.main:main" in archive.read(f"{info}/entry_points.txt").decode()


def test_an_installed_kangdang_lists_all_forms(command: Path, tmp_path: Path) -> None:
    ended = call(command, "form", "list", "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert sorted(form["id"] for form in json.loads(ended.stdout)) == FORMS


def test_an_installed_kangdang_prints_a_pdf(command: Path, tmp_path: Path) -> None:
    data = tmp_path / "数据.json"
    data.write_bytes((ROOT / "schemas/examples/record_e/valid-full.json").read_bytes())
    ended = call(command, "render", "record_e", data, "-o", tmp_path / "记录.pdf", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "记录.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert (tmp_path / "记录.print.json").is_file()


def test_an_installed_kangdang_is_whole(command: Path, tmp_path: Path) -> None:
    ended = call(command, "form", "check", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout[-2000:]
    ended = call(command, "doctor", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.slow
def test_an_installed_kangdang_makes_the_demonstration(command: Path, tmp_path: Path) -> None:
    ended = call(command, "demo", tmp_path / "样例", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "样例" / "index.html").is_file()


def test_only_the_declared_dependencies_were_installed(station: Path, tmp_path: Path) -> None:
    """What the demo and the check above ran with is what pyproject promises, no test tool among it."""
    ended = call(uv(), "pip", "list", "--format", "json", "--python", station, cwd=tmp_path)
    installed = {package["name"].lower() for package in json.loads(ended.stdout)}
    assert named(PYPROJECT["project"]["dependencies"]) <= installed
    assert not installed & named(PYPROJECT["dependency-groups"]["dev"])
