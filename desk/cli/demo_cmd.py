"""``kangdang demo``: a look at everything without any set-up."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import click

from desk.cli._chinese import Command, path_type
from desk.cli._common import echo_json, json_option, now


@click.command(cls=Command)
@click.argument("folder", metavar="[文件夹]", default="康档样例", type=path_type(file_okay=False))
@json_option
def demo(folder: Path, as_json: bool) -> None:
    """把一位虚构服务对象（样例）的全部文书打印到文件夹，并生成可浏览的 index.html。"""
    from dataclasses import asdict

    from desk.demo import make_demo

    started = time.perf_counter()
    made = make_demo(folder, now(), secrets.token_bytes)
    if as_json:
        echo_json(asdict(made))
        return
    for packet in made.packets:
        click.echo(f"文书包  {packet.title}：{packet.pdf}（{packet.documents} 件，{packet.page_count} 页）")
    for item in made.forms:
        click.echo(f"{item.code}  {item.title}：{item.pdf}（{len(item.pages)} 页）、{item.docx}")
    seconds = time.perf_counter() - started
    counts = f"共 {len(made.packets)} 个文书包、{len(made.forms)} 份文书"
    click.echo(f"{counts}，用时 {seconds:.1f} 秒。请打开 {folder / 'index.html'}")
