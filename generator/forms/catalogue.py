"""Finding and loading form definitions: a form is a JSON file in a folder, nothing to register.

Released versions never change: the newest version stands in ``<dir>/<id>.json``, earlier ones in
``<dir>/versions/``; each stays loadable by its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from generator.errors import FormDefinitionInvalid, FormNotFound
from generator.forms import profile
from generator.forms.definition import FormDefinition, from_schema
from generator.forms.finding import Finding, as_error
from generator.forms.resolve import Resolver
from generator.forms.suggest import did_you_mean
from generator.resources import data_dir

FAMILIES = ("附录A–G", "收案与协议", "服务过程", "结案与回访", "档案管理")
"""The order a case runs through them; a station's own families come after."""
Versions = Mapping[int, tuple[Path, Mapping[str, Any]]]
"""Number of a version → its file and what stands in it."""
_PREFILL = re.compile(rb'"x-prefill": *"([^"\\]*)"')


class Documents(Mapping[Path, Mapping[str, Any]]):
    """The JSON files of some folders, each read when it is asked for, and kept."""

    def __init__(self, dirs: Sequence[Path]) -> None:
        self._read: dict[Path, Mapping[str, Any] | None] = {
            path: None
            for folder in dirs
            for path in sorted([*folder.glob("*.json"), *folder.glob("versions/*.json")])
        }

    def __getitem__(self, path: Path) -> Mapping[str, Any]:
        document = self._read[path]
        if document is None:
            document = self._read[path] = read_json(path)
        return document

    def __iter__(self) -> Iterator[Path]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


class Catalogue:
    """The forms of some folders; definitions are read on first use and kept.

    ``released`` says that ``form check`` has passed them all: of such a definition only the keywords are
    looked at again, not what its conditions and functions refer to; and that each is in the file of its name.
    """

    def __init__(self, dirs: Sequence[Path], *, released: bool = False) -> None:
        self._dirs = tuple(dirs)
        self._released = released
        self._loaded: dict[tuple[str, int], FormDefinition] = {}
        self._asked: dict[str, Versions] = {}

    @cached_property
    def documents(self) -> Mapping[Path, Mapping[str, Any]]:
        """Every file of the folders as it is written: forms, earlier versions of them, and shared data."""
        return Documents(self._dirs)

    def prefill_sources(self) -> Iterator[str]:
        """Every ``x-prefill`` of the forms; found in their text, which takes a tenth of parsing it."""
        for path in self.documents:
            for source in _PREFILL.findall(path.read_bytes()):
                yield source.decode()

    @cached_property
    def _files(self) -> Mapping[str, Versions]:
        found: dict[str, dict[int, tuple[Path, Mapping[str, Any]]]] = {}
        for path, document in self.documents.items():
            if "x-form" in document:
                _register(found, path, document)
        return found

    def _known(self, form_id: str) -> Versions:
        """The versions of one form; empty when there is none of that id."""
        if not self._released:
            return self._files.get(form_id, {})
        if form_id not in self._asked:
            found: dict[str, dict[int, tuple[Path, Mapping[str, Any]]]] = {}
            for path in self._named.get(form_id, ()):
                if "x-form" in self.documents[path]:
                    _register(found, path, self.documents[path])
            self._asked[form_id] = found.get(form_id, {})
        return self._asked[form_id]

    @cached_property
    def _named(self) -> Mapping[str, list[Path]]:
        """The files that are named for a form: ``<id>.json``, ``versions/<id>.<number>.json``."""
        found: dict[str, list[Path]] = {}
        for path in self.documents:
            found.setdefault(path.name.partition(".")[0], []).append(path)
        return found

    def __contains__(self, form_id: str) -> bool:
        return bool(self._known(form_id))

    def ids(self) -> list[str]:
        """All form ids, family by family, in order of their codes (A, B … IN1, IN2 … IN10)."""
        newest = {name: versions[max(versions)][1] for name, versions in self._files.items()}
        return sorted(newest, key=lambda name: (*_place(newest[name]["x-form"]), name))

    def versions(self, form_id: str) -> list[int]:
        """The versions of a form, oldest first; raises FormNotFound."""
        known = self._known(form_id)
        if not known:
            raise FormNotFound(f"没有编号为“{form_id}”的表单。{did_you_mean(form_id, self._files)}")
        return sorted(known)

    def load(self, form_id: str, version: int | None = None) -> FormDefinition:
        """The form, newest version unless told; raises FormNotFound, FormDefinitionInvalid."""
        known = self.versions(form_id)
        number = known[-1] if version is None else version
        if number not in known:
            listed = "、".join(str(v) for v in known)
            raise FormNotFound(f"表单“{form_id}”没有第 {number} 版。", hint=f"现有版本：{listed}。")
        if (form_id, number) not in self._loaded:
            path, document = self._known(form_id)[number]
            self._loaded[form_id, number] = self._define(path, document)
        return self._loaded[form_id, number]

    def _define(self, path: Path, document: Mapping[str, Any]) -> FormDefinition:
        schema, findings = inspect(path, document, self.documents, references=not self._released)
        if findings:
            raise as_error(findings)
        return from_schema(schema, path)

    def path(self, form_id: str) -> Path:
        """The file of the newest version of a form."""
        return self._known(form_id)[self.versions(form_id)[-1]][0]


def _place(meta: Mapping[str, Any]) -> tuple[int, str, int, str]:
    family, code = meta.get("family"), str(meta.get("code", ""))
    parts = re.match(r"([A-Z]*)(\d*)(.*)", code)
    letters, number, rest = parts.groups() if parts else (code, "", "")
    rank = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
    return rank, letters, int(number or 0), rest


def _register(
    found: dict[str, dict[int, tuple[Path, Mapping[str, Any]]]], path: Path, document: Mapping[str, Any]
) -> None:
    meta = document["x-form"]
    form_id = meta.get("id") if isinstance(meta, dict) else None
    version = meta.get("version") if isinstance(meta, dict) else None
    if not isinstance(form_id, str) or not isinstance(version, int):
        raise FormDefinitionInvalid(f"表单定义 {path.name} 的 x-form 缺少 id 或 version。")
    versions = found.setdefault(form_id, {})
    if version in versions:
        first = versions[version][0].name
        raise FormDefinitionInvalid(f"表单“{form_id}”第 {version} 版有两份定义：{first} 和 {path.name}。")
    versions[version] = (path, document)


def read_json(path: Path) -> Mapping[str, Any]:
    """The JSON object in a definition file; raises FormDefinitionInvalid with the line."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as problem:
        line = getattr(problem, "lineno", None)
        where = f"第 {line} 行" if line else ""
        raise FormDefinitionInvalid(f"表单定义 {path.name} {where}不是正确的 JSON。") from problem
    if not isinstance(document, dict):
        raise FormDefinitionInvalid(f"表单定义 {path.name} 的最外层应是对象。")
    return document


def inspect(
    path: Path,
    document: Mapping[str, Any],
    known: Mapping[Path, Mapping[str, Any]] = MappingProxyType({}),
    *,
    references: bool = True,
) -> tuple[dict[str, Any], list[Finding]]:
    """The resolved schema and everything wrong with it; without ``references`` only what it says itself.

    ``known`` are files read before.
    """

    def library(file: str) -> Mapping[str, Any] | None:
        for folder in (path.parent, path.parent.parent):
            if (folder / file) in known:
                return known[folder / file]
            if (folder / file).is_file():
                return read_json(folder / file)
        return None

    resolver = Resolver(path.name, document, library)
    schema = resolver.resolve(document)
    return schema, [*resolver.findings, *profile.check(path.name, schema, references=references)]


@lru_cache(maxsize=1)
def default() -> Catalogue:
    """The catalogue of the shipped forms."""
    return Catalogue([data_dir("schemas")], released=True)


def load_form(form_id: str, version: int | None = None) -> FormDefinition:
    """A shipped form; raises FormNotFound with a did-you-mean."""
    return default().load(form_id, version)


def list_forms() -> list[FormDefinition]:
    """All shipped forms, in order of their codes."""
    catalogue = default()
    return [catalogue.load(form_id) for form_id in catalogue.ids()]
