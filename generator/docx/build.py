"""Template source → docx template: the parts of a Word package with docxtpl tags and field bookmarks.

Pure: source, form and errata in, bytes out; the same input gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from generator.docx import markup, wordxml
from generator.docx.bookmarks import MAX_NAME, field_name, field_refs, option_name, printed_options
from generator.docx.keeping import kept_with_next
from generator.docx.markup import Piece
from generator.docx.package import IDENTITY_PART, write_package
from generator.docx.source import (
    BlockSource,
    CellSource,
    ParagraphSource,
    RowSource,
    TableSource,
    TemplateSource,
)
from generator.errors import TemplateTagInvalid
from generator.forms.definition import FormDefinition
from generator.identity.page_map import FieldRef


@dataclass
class _Builder:
    """State of one build: bookmark numbers, loop variables in sight, the place for error messages."""

    form: FormDefinition
    errata: Mapping[str, str]
    refs: Mapping[str, FieldRef]
    kept: frozenset[int]
    used: int = 0
    names: Counter[str] = field(default_factory=Counter)
    scope: dict[str, str] = field(default_factory=dict)
    place: str = ""
    row_kept: bool = False
    """The row being built stays on a page with the next."""

    # --- paragraphs -------------------------------------------------------------------------------

    def paragraphs(self, sources: Iterable[ParagraphSource], style: str) -> str:
        out = "".join(self.paragraph(source, style) for source in sources)
        return out or self.empty(style)

    def empty(self, style: str) -> str:
        return wordxml.paragraph("", style, wordxml.paragraph_properties(keep_next=self.row_kept))

    def paragraph(self, source: ParagraphSource, default_style: str) -> str:
        style = source.style or default_style
        if style not in wordxml.STYLES:
            raise TemplateTagInvalid(
                f"模板源 {self.place}：没有样式 {style}。", hint=f"可用：{'、'.join(wordxml.STYLES)}。"
            )
        properties = wordxml.paragraph_properties(
            line=source.line,
            before=source.before,
            after=source.after,
            align=source.align,
            left=source.left,
            first_line=source.first_line,
            size=wordxml.STYLES[style].size,
            keep_next=self.row_kept or id(source) in self.kept,
        )
        variable = self.enter(source.loop)
        content = "".join(self.piece(piece) for piece in markup.parse(source.text, place=self.place))
        body = wordxml.paragraph(content, style, properties)
        if source.loop:
            body = self.wrap("p", f"for {self.loop_expression(source.loop)}", "endfor", body)
            self.scope.pop(variable, None)
        if source.when:
            body = self.wrap("p", f"if {source.when}", "endif", body)
        return body

    @staticmethod
    def wrap(unit: str, start: str, end: str, body: str) -> str:
        """Put ``body`` between two paragraphs that hold docxtpl's paragraph tags."""
        opening = wordxml.paragraph(wordxml.run(f"{{%{unit} {start} %}}"), "Value")
        closing = wordxml.paragraph(wordxml.run(f"{{%{unit} {end} %}}"), "Value")
        return opening + body + closing

    # --- loops ------------------------------------------------------------------------------------

    def enter(self, loop: str | None) -> str:
        """Bring the variable of ``r in plan_rows`` into sight; returns its name."""
        if not loop:
            return ""
        variable, _, array = (part.strip() for part in loop.partition(" in "))
        if field_name(array) not in self.refs:
            raise TemplateTagInvalid(f"模板源 {self.place}：表单没有字段 {array}。", hint="请核对字段名。")
        self.scope[variable] = array
        return variable

    @staticmethod
    def loop_expression(loop: str) -> str:
        variable, _, array = (part.strip() for part in loop.partition(" in "))
        return f"{variable} in f.{array}"

    # --- pieces -----------------------------------------------------------------------------------

    def piece(self, piece: Piece, *, underline: bool = False) -> str:
        match piece.kind:
            case "text" | "tag":
                return wordxml.run(piece.text, underline=underline)
            case "field":
                return self.answer(piece, underline=underline)
            case "sign":
                return self.marked(self.path(piece.field), wordxml.run(piece.text, underline=True))
            case "box" | "mark" | "check":
                return self.option(piece)
            case "erratum":
                return wordxml.run(self.erratum(piece.text))
            case "underline":
                return "".join(self.piece(inner, underline=True) for inner in piece.inner)

    def path(self, name: str) -> str:
        """``r.schedule`` inside ``for: r in plan_rows`` → ``plan_rows.schedule``."""
        head, dot, rest = name.partition(".")
        return f"{self.scope[head]}.{rest}" if dot and head in self.scope else name

    def answer(self, piece: Piece, *, underline: bool) -> str:
        name = piece.field
        variable = name if name.partition(".")[0] in self.scope else f"f.{name}"
        blank = f" or '{piece.text}'" if piece.text else ""
        return self.marked(self.path(name), wordxml.run(f"{{{{ {variable}{blank} }}}}", underline=underline))

    def option(self, piece: Piece) -> str:
        path = self.path(piece.field)
        spec = self.form.fields.get("/" + path.replace(".", "/"))
        options = printed_options(spec) if spec else ()
        if piece.option not in options:
            raise TemplateTagInvalid(
                f"模板源 {self.place}：字段 {path} 没有选项“{piece.option}”。",
                hint="选项须与表单定义逐字相同。",
            )
        name = option_name(path, options.index(piece.option) + 1)
        chosen = f"mark.{path}['{piece.option}']"
        tags = {
            "box": f"{{{{ box.{path}['{piece.option}'] }}}}",
            "mark": f"{{{{ {chosen} }}}}{piece.option}",
            "check": f"{{{{ {chosen} or '   ' }}}}",
        }
        return self.bookmark(name, wordxml.run(tags[piece.kind]))

    def erratum(self, text: str) -> str:
        if text not in self.errata:
            raise TemplateTagInvalid(
                f"模板源 {self.place}：勘误表中没有“{text}”。", hint="请先在 schemas/errata.json 登记。"
            )
        return f"{{% if sheet.typo_fix %}}{self.errata[text]}{{% else %}}{text}{{% endif %}}"

    def marked(self, path: str, content: str) -> str:
        name = field_name(path)
        if name not in self.refs:
            raise TemplateTagInvalid(f"模板源 {self.place}：表单没有字段 {path}。", hint="请核对字段名。")
        return self.bookmark(name, content)

    def bookmark(self, name: str, content: str) -> str:
        if len(name) > MAX_NAME:
            raise TemplateTagInvalid(f"字段书签 {name} 超过 {MAX_NAME} 个字符。", hint="请缩短字段名。")
        self.used += 1
        self.names[name] += 1
        # Word keeps the last of two bookmarks of one name; filling takes the number off again.
        own = name if self.names[name] == 1 else f"{name}__{self.names[name]}"
        return wordxml.bookmarked(own, self.used, content)

    # --- tables -----------------------------------------------------------------------------------

    def table(self, source: TableSource, joined: tuple[bool, bool]) -> str:
        if abs(sum(source.columns) - wordxml.TEXT_WIDTH_MM) > 0.5:
            raise TemplateTagInvalid(
                f"模板源 {self.place}：列宽合计 {sum(source.columns):g} mm。",
                hint=f"应为 {wordxml.TEXT_WIDTH_MM:g} mm。",
            )
        edges = [wordxml.twips(sum(source.columns[:i])) for i in range(len(source.columns) + 1)]
        merged: dict[int, tuple[int, CellSource]] = {}
        rows = [self.row(row, number, edges, merged) for number, row in enumerate(source.rows, start=1)]
        return wordxml.table([b - a for a, b in pairwise(edges)], rows, joined=joined)

    def row(
        self, source: RowSource, number: int, edges: list[int], merged: dict[int, tuple[int, CellSource]]
    ) -> str:
        self.place = f"{self.form.id} 第 {number} 行"
        self.row_kept = id(source) in self.kept
        variable = self.enter(source.loop)
        cells: list[str] = []
        waiting = list(source.cells)
        column = 0
        # Ends: each round takes a cell or goes on by a column.
        while column < len(edges) - 1:
            if column in merged:
                left, owner = merged.pop(column)
                cells.append(self.cell(owner, edges, column, "continue"))
                if left > 1:
                    merged[column] = (left - 1, owner)
                column += owner.span
                continue
            if not waiting:
                raise TemplateTagInvalid(
                    f"模板源 {self.place}：单元格不够，少 {len(edges) - 1 - column} 列。", hint="请补足列数。"
                )
            source_cell = waiting.pop(0)
            cells.append(self.cell(source_cell, edges, column, "restart" if source_cell.rows > 1 else None))
            if source_cell.rows > 1:
                merged[column] = (source_cell.rows - 1, source_cell)
            column += source_cell.span
        if waiting or column > len(edges) - 1:
            raise TemplateTagInvalid(f"模板源 {self.place}：单元格超出列数。", hint="请核对 span。")
        self.row_kept = False
        body = wordxml.row(cells, height=source.height, header=source.header, keep=source.keep)
        if source.loop:
            body = self.loop_rows(source.loop, body, edges, source.least)
            self.scope.pop(variable, None)
        return body

    def loop_rows(self, loop: str, body: str, edges: list[int], least: int) -> str:
        def tag_row(tag: str) -> str:
            content = wordxml.paragraph(wordxml.run(tag), "Value")
            return wordxml.row([wordxml.cell(content, edges[-1], span=len(edges) - 1)], height=5)

        padded = f".at_least({least})" if least else ""
        return (
            tag_row(f"{{%tr for {self.loop_expression(loop)}{padded} %}}") + body + tag_row("{%tr endfor %}")
        )

    def cell(self, source: CellSource, edges: list[int], column: int, merge: str | None) -> str:
        width = edges[column + source.span] - edges[column]
        content = (
            self.empty(source.style) if merge == "continue" else self.paragraphs(source.text, source.style)
        )
        valign = source.valign or "center"
        return wordxml.cell(content, width, span=source.span, merge=merge, valign=valign)

    # --- blocks -----------------------------------------------------------------------------------

    def blocks(self, sources: Sequence[BlockSource], joined: tuple[bool, bool] = (False, False)) -> str:
        """The blocks in their order; ``joined`` tells whether a seam stands before and after them."""
        seams = [joined[0], *(block.seam for block in sources), joined[1]]
        return "".join(self.block(block, (seams[at], seams[at + 2])) for at, block in enumerate(sources))

    def block(self, source: BlockSource, joined: tuple[bool, bool]) -> str:
        if source.when:
            return self.wrap("p", f"if {source.when}", "endif", self.blocks(source.blocks, joined))
        if source.title:
            return wordxml.paragraph(wordxml.run("{{ sheet.title }}"), "Title1")
        if source.caption:
            return self.caption(source)
        if source.seam:
            # Only the first rows of a table repeat on every page, so a heading further down starts a table.
            kept = wordxml.paragraph_properties(keep_next=id(source) in self.kept)
            return wordxml.paragraph("", "Seam", kept)
        if source.table:
            return self.table(source.table, joined)
        return self.paragraphs(source.text, "Body")

    def caption(self, source: BlockSource) -> str:
        # The page break must stand whether or not a caption is printed, so it has a paragraph of its own.
        properties = wordxml.paragraph_properties(page_break=source.page_break, keep_next=True)
        anchor = wordxml.paragraph("", "End", properties) if source.page_break else ""
        tail = "（续）" if source.caption == "continued" else ""
        line = wordxml.paragraph(wordxml.run("{{ sheet.caption }}" + tail), "Caption1")
        return anchor + self.wrap("p", "if sheet.caption", "endif", line)


def build_template(source: TemplateSource, form: FormDefinition, errata: Mapping[str, str]) -> bytes:
    """The docx template of ``source``.

    ``errata`` maps the seed's wording to the corrected wording for this form (schemas/errata.json).
    Raises TemplateTagInvalid naming the place in the source.
    """
    from generator.identity.symbol import placeholder_png

    builder = _Builder(form, errata, field_refs(form), kept_with_next(source.blocks), place=form.id)
    body = builder.blocks(source.blocks)
    # A table may not be the last thing of a document; a condition may end with one.
    last = source.blocks[-1]
    end = wordxml.paragraph("", "End") if last.table or last.when else ""
    content = f"<w:body>{body}{end}{wordxml.section()}</w:body>"
    document = f"{wordxml.XML}<w:document {wordxml.NAMESPACES}>{content}</w:document>"
    return write_package(package_parts(document, form.title, placeholder_png()))


def package_parts(document: str, title: str, picture: bytes) -> dict[str, bytes]:
    """The parts of a package around ``word/document.xml``, in the order they are written."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    openxml = "application/vnd.openxmlformats"
    word = f"{openxml}-officedocument.wordprocessingml"
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "header1": "header",
        "footer1": "footer",
    }
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{word}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    text = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{openxml}-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'{overrides}<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{package}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/>'
        "</Relationships>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{office}/settings" Target="settings.xml"/>'
        f'<Relationship Id="rId4" Type="{office}/header" Target="header1.xml"/>'
        f'<Relationship Id="rId5" Type="{office}/footer" Target="footer1.xml"/></Relationships>',
        "word/_rels/header1.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/image" Target="media/identity.png"/></Relationships>',
        "word/styles.xml": wordxml.styles_part(),
        "word/settings.xml": wordxml.settings_part(),
        "word/header1.xml": _header(),
        "word/footer1.xml": _footer(),
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{package}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
        "<dc:creator>康档</dc:creator></cp:coreProperties>",
        "word/document.xml": document,
    }
    parts = {
        name: (value if value.startswith("<?xml") else wordxml.XML + value).encode()
        for name, value in text.items()
    }
    return {**parts, IDENTITY_PART: picture}


def _header() -> str:
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{wordxml.twips(wordxml.TEXT_WIDTH_MM)}"/></w:tabs>'
    content = (
        wordxml.run(
            "{{ sheet.number_line }}    {{ sheet.copy_label }}    {{ sheet.mark }}    {{ sheet.code_text }}"
        )
        + "<w:r><w:tab/></w:r>"
        + wordxml.identity_picture("rId1")
    )
    return f"<w:hdr {wordxml.NAMESPACES}>{wordxml.paragraph(content, 'Header', tabs)}</w:hdr>"


def _footer() -> str:
    content = (
        wordxml.run("第 ")
        + wordxml.field("PAGE", "1")
        + wordxml.run(" 页 / 共 ")
        + wordxml.field("NUMPAGES", "1")
        + wordxml.run(" 页")
    )
    return f"<w:ftr {wordxml.NAMESPACES}>{wordxml.paragraph(content, 'Footer')}</w:ftr>"
