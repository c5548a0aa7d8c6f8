"""The draft of one form: all that was typed so far, in one file beside the output, replaced after each line.

    {"format": "kangdang-draft-1", "form", "version", "level", "answers", "position", "reviewing",
     "back", "lines", "origins", "replaces", "saved_at"}

A process killed at any moment leaves the draft before or after its last line, never half of one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.entry.durable import write_whole
from desk.entry.state import State
from generator.errors import DataUnreadable
from generator.forms.definition import LEVELS, Level
from generator.validation.strict_json import parse

FORMAT = "kangdang-draft-1"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as read: the form it belongs to and the state of its interview."""

    form: str
    version: int
    level: Level
    state: State
    replaces: str | None
    """SHA-256 of the data file as it was when filling began; None when there was none."""
    saved_at: str


def draft_path(data: Path) -> Path:
    """Where the draft of a data file is: ``申请.json`` → ``申请.draft.json``."""
    return data.with_name(f"{data.name.removesuffix('.json')}.draft.json")


def save_draft(path: Path, draft: Draft) -> None:
    """Replace the draft file.  Raises OutputUnwritable."""
    state = draft.state
    content = {
        "format": FORMAT,
        "form": draft.form,
        "version": draft.version,
        "level": draft.level,
        "answers": state.answers,
        "position": state.position,
        "reviewing": state.reviewing,
        "back": state.back,
        "lines": state.lines,
        "origins": dict(state.origins),
        "replaces": draft.replaces,
        "saved_at": draft.saved_at,
    }
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def load_draft(path: Path) -> Draft | None:
    """The draft in ``path``; None when there is none.  Raises DataUnreadable when it is no draft."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataUnreadable(
            f"无法读取草稿 {path}。", hint="请检查权限，或文件是否正被其他程序占用。"
        ) from error
    content = parse(raw)
    if not _is_draft(content):
        raise DataUnreadable(
            f"{path} 不是填写中的草稿。", hint="请把它移到别处，再重新填写；其中的内容不会丢失。"
        )
    state = State(
        answers=content["answers"],
        position=content["position"],
        reviewing=content["reviewing"],
        back=tuple(content["back"]) if content.get("back") else None,
        lines=content["lines"],
        origins=content["origins"],
    )
    return Draft(
        content["form"], content["version"], content["level"], state, content["replaces"], content["saved_at"]
    )


_SHAPE: dict[str, type | tuple[type, ...]] = {
    "form": str, "version": int, "level": str, "answers": dict, "position": (str, type(None)),
    "reviewing": bool, "lines": list, "origins": dict, "replaces": (str, type(None)), "saved_at": str,
}  # fmt: skip


def _is_draft(content: dict[str, Any]) -> bool:
    return (
        content.get("format") == FORMAT
        and all(name in content and isinstance(content[name], kind) for name, kind in _SHAPE.items())
        and content["level"] in LEVELS
        and all(isinstance(line, str) for line in content["lines"])
        and _is_way_back(content.get("back"))
    )


def _is_way_back(back: Any) -> bool:
    return back is None or (
        isinstance(back, list) and len(back) == 2 and all(isinstance(one, str) for one in back)
    )


def stamp(now: datetime) -> str:
    """A time as drafts keep it."""
    return now.isoformat(timespec="seconds")


def fingerprint(path: Path) -> str | None:
    """SHA-256 of a file; None when there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataUnreadable(f"无法读取文件 {path}。", hint="请检查它是不是文件，以及读取权限。") from error
