"""``kangdang packet``: the papers of one person and one occasion as one file to print."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import (
    EXIT_FINDINGS,
    echo_json,
    font_set,
    problem_line,
    read_answers,
    read_bytes,
    show_findings,
    station_home,
    strict_option,
)
from desk.cli._packet_said import lacking_lines, refused_lines
from desk.cli.print_options import issue_time, looks, print_options

if TYPE_CHECKING:
    from desk.packets import PacketJob
    from generator.forms.finding import Finding
    from generator.packets.build import Packet
    from generator.packets.case import Case
    from generator.packets.papers import Refused
    from generator.packets.survey import Survey
    from generator.packets.working import WorkingPacket


def _output_name(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    known = (".pdf", ".zip", "")
    if value.suffix.lower() not in known and not value.is_dir():
        raise click.UsageError(f"输出 {value.name} 应为 .pdf（正式件）、.zip 或文件夹（docx 工作稿）。", ctx)
    return value


def _packet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        print_options,
        strict_option,
        click.option("--report", is_flag=True, help="报告有多少项不用录入（预填和计算的比例）"),
        click.option("--bind-original", "originals", multiple=True, metavar="文件",
                     type=path_type(exists=True, dir_okay=False),
                     help="把 PDF 原样附在包后；整包因此不再是 PDF/A。可多次给出"),
        click.option("--bind", "scans", multiple=True, metavar="文件",
                     type=path_type(exists=True, dir_okay=False),
                     help="绑定扫描件（JPEG、PNG、TIFF、PDF），仍为 PDF/A。可多次给出"),
        click.option("--copies", type=click.Choice(["all", "first"]), default="all", show_default=True,
                     help="一式多份的文书：全部印出 / 只印第 1 份"),
        click.option("--from-page", metavar="页号", type=click.IntRange(1, 9999), default=1,
                     show_default=True, help="卷内页号从几编起，用于接着上一包编号"),
        click.option("--blank-missing", is_flag=True, help="缺少或有误的文书印成带表头的空白表，供手写"),
        click.option("--duplex", is_flag=True, help="双面打印：每件从正面开始，空出的背面印“此页空白”"),
        click.option("-o", "--output", "out", required=True, callback=_output_name, type=path_type(),
                     help="输出：.pdf 为正式件；.zip 或文件夹为 docx 工作稿"),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(cls=Command)
@click.argument("name", metavar="文书包")
@click.argument("files", metavar="数据文件...", nargs=-1, required=True)
@_packet_options
def packet(name: str, files: tuple[str, ...], **how: Any) -> int:
    """把一个人的一组文书印成一个 PDF：intake 收案、plan 计划、service 服务、closing 结案、archive 归档。

    数据文件为 fill 写出的各份数据，或一份个案文件（JSON），用 - 从标准输入读取；认不出是哪份表单的，写成
    表单=文件。缺什么、为什么需要，会逐项列出。
    """
    from desk.packets import issue_packet, issue_working_copies, kind_of_output, load_case
    from generator.errors import PacketEmpty

    if (how["scans"] or how["originals"]) and kind_of_output(how["out"]) != "pdf":
        raise click.UsageError("docx 工作稿不能绑定扫描件，请输出为 .pdf，或去掉 --bind、--bind-original。")
    job = _job(how)
    case, findings = load_case(_document(files, job, as_json=how["as_json"]))
    if any(found.severity == "error" for found in findings):
        return _refused_case(findings, how)
    if how["strict"] and (code := _strictly(name, case, findings, job, how)):
        return code
    try:
        if kind_of_output(how["out"]) == "pdf":
            fonts = font_set(how["fonts"], how["extra_fonts"])
            printed = issue_packet(name, case, job, fonts, how["out"])
            return _told(printed.survey, printed.refused, findings, _printed(printed, how), job, how)
        copies = issue_working_copies(name, case, job, how["out"])
        return _told(copies.survey, copies.refused, findings, _copied(copies), job, how)
    except PacketEmpty as nothing:
        if how["as_json"]:
            echo_json({"output": None, **_listed(nothing.survey, nothing.refused, findings)})
            return nothing.exit_code
        _show(nothing.survey, nothing.refused, findings)
        raise


def _document(files: tuple[str, ...], job: PacketJob, *, as_json: bool) -> dict[str, Any]:
    """The CASE the files make, with what the station says of itself where the case does not."""
    from desk.gathering import Given, gathered, said_form

    given = []
    for argument in files:
        form, name = said_form(argument)
        given.append(Given(name, read_answers(name), form))
    document, told = gathered(given, job.options.at)
    for name, title in () if as_json else told:
        click.echo(f"{name}：{title}", err=True)
    station = document.get("station", {})
    if isinstance(station, dict):
        document["station"] = {**job.home.facts, **station}
    return document


def _job(how: dict[str, Any]) -> PacketJob:
    from desk.packets import PacketJob
    from generator.identity.code import DEMO_KEY
    from generator.packets.papers import PacketOptions

    home = station_home(how["home"])
    options = PacketOptions(
        at=issue_time(how),
        key=home.page_code_key() or DEMO_KEY,
        print=looks(how, home),
        duplex=how["duplex"],
        blank_missing=how["blank_missing"],
        all_copies=how["copies"] == "all",
        first_number=how["from_page"],
    )
    return PacketJob(options, home, secrets.token_bytes, _files(how["scans"]), _files(how["originals"]))


def _files(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    return [(path.name, read_bytes(str(path))) for path in paths]


def _refused_case(findings: list[Finding], how: dict[str, Any]) -> int:
    if how["as_json"]:
        echo_json({"output": None, "findings": [finding.to_dict() for finding in findings]})
    else:
        show_findings(findings, err=True)
        click.echo("个案文件有错误，没有打印。请改正后再打印。", err=True)
    return EXIT_FINDINGS


def _strictly(name: str, case: Case, findings: list[Finding], job: PacketJob, how: dict[str, Any]) -> int:
    """With --strict an incomplete packet is not printed at all; 0 when it is complete."""
    from generator.packets.survey import survey

    look = survey(name, case, job.options.at)
    warnings = any(paper.report.problems for paper in look.papers)
    if not (look.missing or look.too_many or findings or warnings):
        return 0
    if how["as_json"]:
        echo_json({"output": None, **_listed(look, (), findings)})
    else:
        _show(look, (), findings)
        for paper in look.papers:
            for problem in paper.report.problems:
                click.echo(f"　{paper.entry.code} {paper.form.title} {problem_line(problem)}", err=True)
        click.echo("文书不齐或有问题，没有打印（--strict）。", err=True)
    return EXIT_FINDINGS


def _told(
    look: Survey,
    refused: Iterable[Refused],
    findings: list[Finding],
    done: dict[str, Any],
    job: PacketJob,
    how: dict[str, Any],
) -> int:
    not_printed = tuple(refused)
    share = _share(look, job) if how["report"] else None
    if how["as_json"]:
        extra = {} if share is None else {"share": share.to_dict()}
        echo_json({"output": str(how["out"]), **done, **_listed(look, not_printed, findings), **extra})
    else:
        _show(look, not_printed, findings)
        pages = f"，共 {done['pages']} 页" if "pages" in done else "（docx 工作稿）"
        click.echo(f"已生成 {how['out']}：《{look.spec.title}》{len(done['documents'])} 件{pages}。")
        if how["originals"]:
            click.echo("附有原样 PDF，整个文件不再标为 PDF/A；长期保存请用 --bind。", err=True)
        if done.get("glyph_gaps"):
            gaps = "、".join(done["glyph_gaps"])
            click.echo(f"有 {len(done['glyph_gaps'])} 处缺字已留空，请打印后手写：{gaps}", err=True)
        if share is not None:
            click.echo(_share_line(share))
    return EXIT_FINDINGS if not_printed else 0


def _share(look: Survey, job: PacketJob) -> Any:
    from generator.packets.share import share_prefilled

    return share_prefilled(look, look.case, job.options.at)


def _share_line(share: Any) -> str:
    return (
        f"共 {share.fields} 项答案，{share.prefilled} 项不用录入（{share.ratio:.0%}）；"
        f"个人和个案资料 {share.entered_once} 项各录一次，计入后为 {share.strict_ratio:.0%}。"
    )


def _printed(packet: Packet, how: dict[str, Any]) -> dict[str, Any]:
    return {
        "pages": packet.pages,
        "pdf_a": not how["originals"],
        "service_id": packet.service.print_id,
        "documents": [
            {
                "form": document.laid.sheet.form.id,
                "title": document.laid.sheet.title,
                "print_id": document.laid.identity.print_id,
                "copy": document.laid.sheet.copy,
                "level": document.laid.sheet.level,
                "pages": len(document.laid.pages),
                "first_page": document.first_page,
                "volume_page": document.volume_page,
            }
            for document in packet.documents
        ],
        "bound": [
            {
                "name": scan.name,
                "pages": scan.pages,
                "first_page": scan.first_page,
                "volume_page": scan.volume_page,
            }
            for scan in packet.bound
        ],
        "glyph_gaps": list(packet.glyph_gaps),
    }


def _copied(packet: WorkingPacket) -> dict[str, Any]:
    return {
        "documents": [
            {
                "form": file.sheet.form.id,
                "title": file.sheet.title,
                "print_id": file.print_id,
                "file": file.name,
            }
            for file in packet.files
        ]
    }


def _listed(look: Survey, refused: tuple[Refused, ...], findings: list[Finding]) -> dict[str, Any]:
    return {
        "packet": look.spec.name,
        "track": look.track,
        "missing": [
            {"form": lack.entry.form_id, "code": lack.entry.code, "title": lack.entry.title,
             "count": lack.count, "reason": lack.reason, "in_catalogue": lack.form is not None}
            for lack in look.missing
        ],
        "not_applicable": [{"form": item.entry.form_id, "reason": item.reason} for item in look.waived],
        "too_many": [entry.form_id for entry in look.too_many],
        "refused": [item.to_dict() for item in refused],
        "findings": [finding.to_dict() for finding in findings],
    }  # fmt: skip


def _show(look: Survey, refused: tuple[Refused, ...], findings: list[Finding]) -> None:
    """What is missing, faulty or waived, on standard error."""
    show_findings(findings, err=True)
    for line in (*refused_lines(look, refused), *lacking_lines(look)):
        click.echo(line, err=True)
