"""The readable source of a template, ``templates/<form>.yaml``, as checked data.

    form: application_b
    blocks:
      - title                          the form's title
      - caption                        表B.1 … , as the user asks for captions
      - text: [paragraph, …]
      - seam                           joins two tables so closely that they look like one
      - table:
          columns: [27, 15, …]         widths in mm, together the text width
          rows:
            - height: 9                mm, at least
              cells: [{text: …, span: 4, rows: 2, style: Label}, …]
            - for: r in plan_rows      one row for each answer
              cells: [...]
      - when: v.audio                  blocks that are printed under a condition
        blocks: [...]

``- include: name`` among blocks, rows or cells stands for the list in ``templates/_name.yaml``.
A paragraph is a string in the inline marks of ``markup`` or a mapping with ``text`` and the members of
``ParagraphSource``.  Unknown members are errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from generator.errors import TemplateTagInvalid


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ParagraphSource(_Source):
    """One paragraph: ``when`` and ``loop`` wrap it in a docxtpl condition or loop; lengths in pt and em."""

    text: str = ""
    style: str | None = None
    align: Literal["left", "center", "right", "both"] | None = None
    line: float | None = None
    before: float | None = None
    after: float | None = None
    left: float | None = None
    first_line: float | None = None
    when: str | None = None
    loop: str | None = Field(default=None, alias="for")


def _one_paragraph(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _paragraphs(value: object) -> object:
    if isinstance(value, str):
        return [{"text": line} for line in value.split("\n")]
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [_one_paragraph(item) for item in value]
    return value


Paragraphs = Annotated[tuple[ParagraphSource, ...], BeforeValidator(_paragraphs)]


class CellSource(_Source):
    """One cell: ``span`` columns wide, ``rows`` rows high."""

    text: Paragraphs = ()
    span: int = Field(default=1, ge=1)
    rows: int = Field(default=1, ge=1)
    style: str = "Value"
    valign: Literal["top", "center", "bottom"] | None = None


class RowSource(_Source):
    """One row, at least ``height`` mm high; ``header`` repeats it on every page, ``keep`` forbids splitting.

    ``loop`` repeats it for each answer, ``least`` times at least.
    """

    cells: tuple[CellSource, ...]
    height: float = 9
    header: bool = False
    keep: bool = False
    loop: str | None = Field(default=None, alias="for")
    least: int = 0


class TableSource(_Source):
    """A fixed table."""

    columns: tuple[float, ...]
    rows: tuple[RowSource, ...]


def _block(value: object) -> object:
    shorthand: dict[str, dict[str, Any]] = {
        "title": {"title": True},
        "seam": {"seam": True},
        "caption": {"caption": "first"},
        "caption continued": {"caption": "continued", "page_break": True},
    }
    return shorthand.get(value, value) if isinstance(value, str) else value


class BlockSource(_Source):
    """One block of the document; exactly one member is given (for a condition ``when`` and ``blocks``)."""

    title: bool = False
    caption: Literal["", "first", "continued"] = ""
    page_break: bool = False
    seam: bool = False
    text: Paragraphs = ()
    table: TableSource | None = None
    when: str | None = None
    blocks: tuple[Annotated[BlockSource, BeforeValidator(_block)], ...] = ()


Blocks = tuple[Annotated[BlockSource, BeforeValidator(_block)], ...]


class TemplateSource(_Source):
    """A whole template source."""

    form: str
    blocks: Blocks


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _with_includes(node: Any, folder: Path) -> Any:
    """Replace each list item ``include: name`` by the items of ``_name.yaml``: rows that many forms share."""
    if isinstance(node, dict):
        return {key: _with_includes(value, folder) for key, value in node.items()}
    if not isinstance(node, list):
        return node
    items: list[Any] = []
    for item in node:
        if isinstance(item, dict) and set(item) == {"include"}:
            items.extend(_with_includes(_read(folder / f"_{item['include']}.yaml"), folder))
        else:
            items.append(_with_includes(item, folder))
    return items


def load_source(path: Path) -> TemplateSource:
    """Read one template source; a mistake is told with its place in the file."""
    try:
        return TemplateSource.model_validate(_with_includes(_read(path), path.parent))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行" if mark else "文件"
        raise TemplateTagInvalid(
            f"模板源 {path.name} {place}：YAML 语法错误。", hint="请检查缩进、引号和冒号。"
        ) from error
    except RecursionError as error:
        raise TemplateTagInvalid(
            f"模板源 {path.name} 的 include 互相包含。", hint="请去掉其中一处。"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TemplateTagInvalid(
            f"模板源 {path.name} 的 {place}：写法不对。", hint="请对照 docs/templates.md 改正。"
        ) from error
