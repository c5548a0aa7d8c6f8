"""Does a template fit its form?  All findings at once, each with the place a Word user can go to.

Checks tags against the schema, required fields against what is printed, options against tick boxes,
bookmarks against fields, and lays the blank out to meet constructs that cannot be printed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from generator.docx.bookmarks import base_name, field_name, field_refs, option_name, printed_options
from generator.docx.canonical import station_template
from generator.docx.context import ContextBuilder, SheetText
from generator.docx.fill import RESTORE_CODE, CompiledTemplate
from generator.docx.marks import mistakes
from generator.docx.package import IDENTITY_NAME
from generator.docx.prepared import read_beside
from generator.docx.room import off_paper, without_room
from generator.docx.tags import ROOMS, TagUse, tag_uses
from generator.errors import GeneratorError
from generator.forms.definition import FormDefinition
from generator.forms.finding import Finding
from generator.resources import data_dir
from generator.typeset.decisions import said

_ROW_EXTRAS = ("number", "line")
_BOOKMARK = re.compile(r'<w:bookmarkStart[^>]* w:name="(f_[^"]*)"')
_SHEET = set(SheetText._fields)


def check_template(form: FormDefinition, raw: bytes, *, subject: str) -> list[Finding]:
    """Every mismatch between a docx template and its form.

    Damage, danger and syntax errors, which stop the reading, come as the one finding they are.
    """
    try:
        wrong = [Finding(subject, "", *mistake) for mistake in mistakes(station_template(raw).package.parts)]
    except GeneratorError as error:
        return [Finding(subject, "", error.message, error.hint)]
    try:
        template = CompiledTemplate(raw)
    except GeneratorError as error:
        return wrong or [Finding(subject, "", error.message, error.hint)]
    uses = tag_uses(template)
    findings = [
        *wrong,
        *_unknown_names(form, uses, subject),
        *_unprinted_fields(form, uses, template, subject),
        *_missing_options(form, uses, subject),
        *_bookmarks(form, template, subject),
        *_lost_places(form, template, subject),
        *_code_picture(template, subject),
    ]
    if any(finding.severity == "error" for finding in findings):
        return findings
    return [*findings, *_trial(form, template, subject), *_nearly(template, subject)]


def _nearly(template: CompiledTemplate, subject: str) -> Iterator[Finding]:
    for words in said(template.package.parts):
        hint = "如果要与 Word 中完全一样，请关掉这项设置。"
        yield Finding(subject, "", f"模板用了{words}。", hint, "warning")


def _unknown_names(form: FormDefinition, uses: list[TagUse], subject: str) -> Iterator[Finding]:
    for use in uses:
        if use.room not in ROOMS:
            close = get_close_matches(use.room, [spec.name for spec in form.fields.values()], n=1)
            hint = f"是否想写 f.{close[0]}？" if close else "标签应以 f.、box.、mark. 或 sheet. 开头。"
            yield Finding(subject, "", f"{use.place}：标签用了不存在的名称“{use.room}”。", hint)
        elif use.room == "sheet":
            if not use.path or use.path[0] not in _SHEET:
                yield Finding(
                    subject, "", f"{use.place}：没有 {use.written}。", f"可用：{'、'.join(sorted(_SHEET))}。"
                )
        else:
            yield from _unknown_field(form, use, subject)


def _unknown_field(form: FormDefinition, use: TagUse, subject: str) -> Iterator[Finding]:
    spec = form.fields.get(use.pointer)
    if spec is None:
        if len(use.path) > 1 and use.path[-2] == "*" and use.path[-1] in _ROW_EXTRAS:
            return
        names = [pointer.strip("/").replace("/*/", ".").replace("/", ".") for pointer in form.fields]
        close = get_close_matches(".".join(part for part in use.path if part != "*"), names, n=1)
        hint = f"是否想写 {close[0]}？" if close else "用 kangdang form show 查看全部字段。"
        yield Finding(subject, use.pointer, f"{use.place}：标签 {use.written} 不是本表的字段。", hint)
    elif use.room in ("box", "mark") and use.option not in printed_options(spec):
        close = get_close_matches(use.option or "", printed_options(spec), n=1)
        hint = (
            f"是否想写“{close[0]}”？"
            if close
            else f"可选：{'、'.join(printed_options(spec)) or '（该字段没有选项）'}。"
        )
        yield Finding(subject, use.pointer, f"{use.place}：{use.written} 的选项不存在。", hint)


def _unprinted_fields(
    form: FormDefinition, uses: list[TagUse], template: CompiledTemplate, subject: str
) -> Iterator[Finding]:
    printed = {use.pointer for use in uses if use.room in ("f", "box", "mark")}
    marked = {base_name(name) for name in _bookmark_names(template)}
    header = {pointer for pointer in form.header.values() if pointer}
    for pointer, spec in form.fields.items():
        if (
            spec.required is None
            or spec.unprinted
            or pointer in header
            or (spec.kind in ("object", "sig") and "/*" in pointer)
        ):
            continue
        if spec.kind == "sig":
            if field_name(pointer) not in marked:
                yield Finding(subject, pointer, f"没有“{spec.label}”的签字处。", "请在签字处加上书签。")
            continue
        if not _printed(pointer, printed, form):
            yield Finding(
                subject,
                pointer,
                f"必填的“{spec.label}”没有印在表上。",
                "请加上标签，或在定义中写明 x-unprinted。",
            )


def _printed(pointer: str, printed: set[str], form: FormDefinition) -> bool:
    """A field is printed by itself, by a part of it, or by the whole it is a part of."""
    if any(use == pointer or use.startswith(pointer + "/") for use in printed):
        return True
    parent = pointer.rpartition("/")[0]
    # Ends: each round goes one step up the pointer.
    while parent:
        whole = form.fields.get(parent.removesuffix("/*"))
        shown_whole = parent.removesuffix("/*") in printed
        if whole is not None and (
            whole.unprinted or (shown_whole and whole.kind != "list") or whole.kind == "sig"
        ):
            return True
        if (
            whole is not None
            and whole.kind == "list"
            and (parent + "/line" in printed or _joined(parent, printed))
        ):
            return True
        parent = parent.removesuffix("/*").rpartition("/")[0]
    return False


def _joined(rows: str, printed: set[str]) -> bool:
    """The list is printed as one text (``f.assessors|map(attribute='line')``), no row by itself."""
    whole = rows.removesuffix("/*")
    return whole in printed and not any(use.startswith(rows + "/") for use in printed)


def _missing_options(form: FormDefinition, uses: list[TagUse], subject: str) -> Iterator[Finding]:
    ticked: dict[str, set[str]] = {}
    for use in uses:
        if use.room in ("box", "mark") and use.option is not None:
            ticked.setdefault(use.pointer, set()).add(use.option)
    for pointer, options in ticked.items():
        spec = form.fields.get(pointer)
        for option in printed_options(spec) if spec else ():
            if option not in options:
                yield Finding(subject, pointer, f"选项“{option}”没有印在表上。", "请补上该选项的勾选框。")


def _bookmark_names(template: CompiledTemplate) -> list[str]:
    return [name for source in template.sources.values() for name in _BOOKMARK.findall(source)]


def _bookmarks(form: FormDefinition, template: CompiledTemplate, subject: str) -> Iterator[Finding]:
    known = field_refs(form)
    present = {base_name(name) for name in _bookmark_names(template)}
    for name in sorted(present - set(known)):
        close = get_close_matches(name, known, n=1)
        hint = f"是否想写 {close[0]}？" if close else "请删除该书签。"
        yield Finding(subject, "", f"书签 {name} 不对应任何字段。", hint)
    for use in {(use.pointer, use.option) for use in tag_uses(template) if use.room in ("box", "mark")}:
        spec = form.fields.get(use[0])
        options = printed_options(spec) if spec else ()
        if use[1] in options and option_name(use[0], options.index(use[1] or "") + 1) not in present:
            yield Finding(
                subject,
                use[0],
                f"选项“{use[1]}”没有书签，扫描时认不出它的位置。",
                f"请给勾选框加上书签 {option_name(use[0], options.index(use[1] or '') + 1)}。",
                "warning",
            )


def _lost_places(form: FormDefinition, template: CompiledTemplate, subject: str) -> Iterator[Finding]:
    """Bookmarks that the standard template has and this one does not, where it still prints the field."""
    standard = data_dir("templates") / f"{form.id}.docx"
    if not standard.is_file():
        return
    prepared = read_beside(standard, hashlib.sha256(standard.read_bytes()).hexdigest())
    ours = Counter(map(base_name, _bookmark_names(CompiledTemplate(standard.read_bytes(), prepared))))
    here = Counter(map(base_name, _bookmark_names(template)))
    known = field_refs(form)
    printed = {use.pointer for use in tag_uses(template)}
    lost = {
        name: count
        for name, count in (ours - here).items()
        if name in known and known[name].pointer in printed and (here[name] or known[name].option is None)
    }
    if lost:
        labels = "、".join(dict.fromkeys(form.fields[known[name].pointer].label for name in lost))
        yield Finding(
            subject,
            "",
            f"比标准模板少了 {sum(lost.values())} 处书签（{labels}），扫描时找不到这些答案的位置。",
            "请从标准模板重新改起，或用“插入→书签”给这些地方补上；编辑时不要删去标签两边的书签。",
            "warning",
        )


def _code_picture(template: CompiledTemplate, subject: str) -> Iterator[Finding]:
    if not template.shows_code:
        message = f"页眉里没有页面识别码的图片（名称 {IDENTITY_NAME}），打印的工作稿会没有识别码。"
        yield Finding(subject, "", message, RESTORE_CODE)


def _trial(form: FormDefinition, template: CompiledTemplate, subject: str) -> list[Finding]:
    """Fill and lay out the blank and every way conditions can go: what only shows when printing."""
    context = ContextBuilder(form).build({}, SheetText(form.title, form.captions["corrected"]))
    try:
        found = list(_printed_faults(template.fill_parts(context)))
    except GeneratorError as error:
        return [Finding(subject, "", error.message, error.hint)]
    if found:
        return [Finding(subject, "", *fault) for fault in found]
    emptied: dict[str, int] = {}
    seen: set[tuple[bytes, ...]] = set()
    for holds, parts, cells in template.render_every_way(context):
        if (made := tuple(parts.values())) in seen:
            continue
        seen.add(made)
        try:
            found = list(_printed_faults({**template.package.parts, **parts}))
        except GeneratorError as error:
            found = [(error.message, error.hint)]
        if found:
            return [Finding(subject, "", f"{holds}：{message}", hint) for message, hint in found]
        if cells:
            emptied[holds] = max(cells, emptied.get(holds, 0))
    return [
        Finding(
            subject,
            "",
            f"{holds}：有 {cells} 个单元格的段落全被条件去掉了，打印时补一个空段。",
            "如不想要空格，请在单元格里留一个不受条件约束的段落。",
            "warning",
        )
        for holds, cells in emptied.items()
    ]


def _printed_faults(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    from generator.identity.placement import obstructions
    from generator.typeset.fonts import bundled_fonts
    from generator.typeset.layout import typeset

    yield from without_room(parts)
    layout = typeset(parts, bundled_fonts())
    yield from off_paper(layout)
    covered = [number for number, page in enumerate(layout.pages, start=1) if obstructions(page)]
    if covered:
        where = "、".join(f"第{number}页" for number in covered)
        yield f"{where}有内容印到了页面识别码的位置。", "请把页边距改为上 28、下 26、左 28、右 20 毫米。"
