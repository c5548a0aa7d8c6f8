"""What an exported file looks like: its catalogue, and the page a person reads first (index.html).

The page needs no program but a browser: no scripts, nothing from the network; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from archives.items.documents import DocumentFacts
from archives.items.records import STATE_NAMES
from desk.station.programs import warning

FORMAT: Final = "kangdang-file"
VERSION: Final = 1
_KINDS: Final = {"issued": "打印件", "scan": "签字扫描件", "attachment": "附件"}
_IDENTITY: Final = {
    "name": "姓名", "sex": "性别", "birth_date": "出生日期", "phone": "联系电话", "id_number": "身份证件号码",
}  # fmt: skip
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:56em;margin:2em auto;padding:0 1em;line-height:1.6}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0}td,th{border:1px solid #999;padding:.3em .6em;"
    "text-align:left;vertical-align:top}th{background:#f2f2f2;font-weight:normal;width:30%}h2{margin-top:2em}"
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document by its name in the ZIP."""

    name: str
    facts: DocumentFacts
    programs: tuple[str, ...] = ()
    """Kinds of programs in it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record; ``stem`` names its files in the ZIP."""

    stem: str
    ref_code: str
    title: str
    form_id: str
    form_version: int
    state: str
    document_date: str | None
    answers: Mapping[str, Any]
    papers: list[Paper]


@dataclass(frozen=True, slots=True)
class Exported:
    """A person's file as it goes out."""

    number: str
    station: str
    made_at: str
    person: Mapping[str, Any]
    items: list[Item]
    loose: list[Paper]
    """Documents that belong to no record."""

    def papers(self) -> Iterator[Paper]:
        """All documents in the order of the file."""
        for item in self.items:
            yield from item.papers
        yield from self.loose

    def catalogue(self) -> dict[str, Any]:
        """catalogue.json: what the ZIP holds, with the hash of every document."""
        return {
            "format": FORMAT, "version": VERSION, "number": self.number, "station": self.station,
            "made_at": self.made_at,
            "items": [
                {
                    "ref_code": item.ref_code or None, "title": item.title, "form": item.form_id,
                    "form_version": item.form_version, "state": item.state, "date": item.document_date,
                    "answers": f"records/{item.stem}.json", "documents": [_entry(one) for one in item.papers],
                }
                for item in self.items
            ],
            "documents": [_entry(one) for one in self.loose],
        }  # fmt: skip


def _entry(paper: Paper) -> dict[str, Any]:
    facts = paper.facts
    return {
        "name": paper.name, "kind": facts.kind, "media_type": facts.media_type, "pages": facts.pages,
        "sha256": facts.sha256, "print_id": facts.print_id,
        **({"programs": list(paper.programs)} if paper.programs else {}),
    }  # fmt: skip


def page(exported: Exported) -> str:
    """index.html."""
    rows = "".join(
        f"<tr><td>{place}</td><td>{escape(item.ref_code)}</td>"
        f'<td><a href="#r{item.stem}">{escape(item.title)}</a></td>'
        f"<td>{item.document_date or ''}</td><td>{STATE_NAMES[item.state]}</td></tr>"
        for place, item in enumerate(exported.items, 1)
    )
    loose = f"<h2>其他文件</h2>{_papers(exported.loose)}" if exported.loose else ""
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\"><title>"
        f"{escape(exported.number)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>个案服务档案 {escape(exported.number)}</h1>"
        f"<p>由{escape(exported.station)}于 {exported.made_at[:10]} 导出。"
        "含个人信息，请妥善保管，用毕销毁。</p>"
        f"<h2>基本信息</h2>{_table(_person(exported.person))}"
        "<h2>目录</h2><table><tr><td>序号</td><td>档号</td><td>题名</td><td>日期</td><td>状态</td></tr>"
        f"{rows}</table>{''.join(_item(item) for item in exported.items)}{loose}</body></html>\n"
    )


def _item(item: Item) -> str:
    return (
        f'<h2 id="r{item.stem}">{escape(item.title)}</h2>{_papers(item.papers)}'
        f"{_table(_labelled(item))}"
        f'<p><a href="records/{item.stem}.json">数据（JSON）</a></p>'
    )


def _papers(papers: list[Paper]) -> str:
    links = "".join(
        f'<li><a href="{paper.name}">{_KINDS[paper.facts.kind]}</a>，{paper.facts.pages} 页'
        f"{_warned(paper)}</li>"
        for paper in papers
    )
    return f"<ul>{links}</ul>" if links else ""


def _warned(paper: Paper) -> str:
    return f"　<strong>{escape(warning(paper.programs))}</strong>" if paper.programs else ""


def _person(person: Mapping[str, Any]) -> Mapping[str, Any]:
    return {_IDENTITY.get(name, name): value for name, value in person.items() if value not in (None, "", [])}


def _labelled(item: Item) -> Mapping[str, Any]:
    """The answers under the labels of their form; under their own names when the form is not known here."""
    from generator.errors import GeneratorError
    from generator.forms.catalogue import load_form

    try:
        form = load_form(item.form_id)
    except GeneratorError:
        return item.answers
    labels = {pointer: spec.label for pointer, spec in form.fields.items()}

    def told(value: Any, pointer: str) -> Any:
        if isinstance(value, Mapping):
            return {
                labels.get(f"{pointer}/{name}", name): told(inner, f"{pointer}/{name}")
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [told(inner, f"{pointer}/*") for inner in value]
        return value

    answers: Mapping[str, Any] = told(item.answers, "")
    return answers


def _table(values: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>" for name, value in values.items()
    )
    return f"<table>{rows}</table>" if rows else ""


def _cell(value: Any) -> str:
    match value:
        case Mapping():
            return _table(value)
        case list():
            plain = not any(isinstance(inner, Mapping | list) for inner in value)
            return "、".join(map(_cell, value)) if plain else "".join(map(_cell, value))
        case bool():
            return "是" if value else "否"
        case None:
            return ""
    return escape(str(value)).replace("\n", "<br>")
