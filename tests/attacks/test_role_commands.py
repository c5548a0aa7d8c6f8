"""Each role types every command it must not use: denied with a sentence, and the log says who tried what.

The table names every command that opens a station; one that is missing here fails the test.
"""

from __future__ import annotations

import importlib
import inspect
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import select

import desk.cli._station
from archives.errors import AccessDenied
from archives.items.documents import document_facts
from archives.people.series import series_file
from archives.ports import ROLES, Role
from archives.scans.questions import Asked, ask
from archives.store.tables_people import events
from desk.cli.main import COMMANDS
from desk.station.access import ACTS
from desk.station.opening import OpenStation
from docs.generate import leaves
from tests.attacks.test_roles import MAY
from tests.station.office import Office, office

FILE, APPLICATION = "{file}", "{application}"
RECORD, SHEET, DOCUMENT, QUESTION = "{record}", "{sheet}", "{document}", "{question}"
# command → (the act it needs, arguments that would do if one might)
TRIED: dict[str, tuple[str, tuple[str, ...]]] = {
    "backup settle": ("restore.settle", ("--word", "知悉")),
    "backup tombstones": ("restore.list", ("登记.jsonl",)),
    "backup verify": ("station.backup", ("备份", "--keys", "密钥备份")),
    "check": ("station.check", ()),
    "clock confirm": ("clock.confirm", ("2026-11-22",)),
    "copy gone": ("copy.gone", ("1",)),
    "copy list": ("copy.gone", ()),
    "disposal appraise": ("disposal.appraise", ("1", "--all", "--opinion", "销毁", "--reason", "到期")),
    "disposal approve": ("disposal.approve", ("1",)),
    "disposal certificate": ("register.print", ("1", "-o", "证明.pdf")),
    "disposal credential": ("disposal.approve", ("1", "--witness", "#8")),
    "disposal execute": ("disposal.execute", ("1", "--execute")),
    "disposal finish": ("disposal.prepare", ("1",)),
    "disposal list": ("disposal.appraise", ()),
    "disposal print": ("register.print", ("1", "--form", "AR6", "-o", "意见.pdf")),
    "disposal propose": ("disposal.prepare", ("--eligible",)),
    "disposal show": ("disposal.appraise", ("1",)),
    "disposal sign": ("disposal.appraise", ("1",)),
    "disposal stop": ("disposal.approve", ("1",)),
    "disposal withdraw": ("disposal.prepare", ("1",)),
    "document add": ("document.file", ("扫描.pdf", "--record", RECORD)),
    "document export": ("file.open", (DOCUMENT, "-o", "导出.pdf", "--purpose", "督导")),
    "document list": ("file.open", (FILE, "--purpose", "督导")),
    "document void": ("document.file", (DOCUMENT, "--reason", "归错")),
    "export make": ("file.export", (FILE, "-o", "导出.zip", "--purpose", "本人查询")),
    "file accept": ("file.accept", (APPLICATION,)),
    "file archive": ("file.archive", (FILE,)),
    "file assign": ("file.assign", (FILE, "user2")),
    "file catalogue": ("file.catalogue", (FILE, "-o", "目录")),
    "file close": ("file.close", (FILE,)),
    "file complete": ("file.open", (FILE, "--purpose", "督导")),
    "file end": ("file.close", (APPLICATION, "--outcome", "转介")),
    "file grant": ("file.grant", ("1",)),
    "file place": ("file.place", (FILE, "--cabinet", "1", "--shelf", "2", "--box", "3")),
    "file reopen": ("file.reopen", (FILE, "--reason", "再次来站")),
    "file request": ("file.request", (FILE, "--purpose", "督导")),
    "file requests": ("file.grant", ()),
    "file takeback": ("file.takeback", (FILE, "--reason", "误开")),
    "file show": ("file.open", (FILE, "--purpose", "督导")),
    "hold list": ("hold.list", ()),
    "hold place": ("hold.place", (FILE, "--reason", "审计")),
    "hold release": ("hold.release", ("1",)),
    "loan lend": (
        "loan.lend",
        (FILE, "--borrower", "user1", "--approver", "user4", "--purpose", "督导", "--pages", "3"),
    ),
    "loan list": ("register.print", ()),
    "loan remind": ("loan.lend", ("JY-2026-0001",)),
    "loan return": ("loan.lend", ("JY-2026-0001", "--pages", "3")),
    "log anchor": ("log.seal", ("-o", "凭证.json")),
    "log export": ("log.export", ("-o", "日志.jsonl")),
    "log seal": ("log.seal", ()),
    "log show": ("log.read", ()),
    "log verify": ("log.verify", ()),
    "person amend": ("person.amend", (FILE, "phone", "13900000002", "--reason", "录错")),
    "person merge": ("person.merge", (FILE, APPLICATION, "--reason", "同一人", "--execute")),
    "person open": ("person.open", ("--name", "样例丙")),
    "person search": ("person.search", ("样例",)),
    "person show": ("file.open", (FILE, "--purpose", "督导")),
    "record add": ("record.write", ("record_e", "记录.json", "--person", FILE)),
    "record add (site)": ("series.write", ("activity_record", "记录.json", "--site")),
    "record event": ("record.event", (RECORD, "到期", "2026-11-01")),
    "record extract": ("series.read", (SHEET, "--person", FILE)),
    "record history": ("file.open", (RECORD, "--purpose", "督导")),
    "record issue": ("record.issue", (RECORD, "-o", "正式件.pdf")),
    "record list": ("file.open", (FILE, "--purpose", "督导")),
    "record revise": ("record.write", (RECORD, "记录.json", "--reason", "录错")),
    "record show": ("file.open", (RECORD, "--purpose", "督导")),
    "record show (of the site)": ("series.names", (SHEET, "--purpose", "督导")),
    "record void": ("record.write", (RECORD, "--reason", "录错")),
    "register print": ("register.print", ("AR4", "-o", "登记簿.pdf")),
    "retention due": ("retention.plan", ()),
    "retention plan": ("retention.plan", ()),
    "retention schedule approve": ("schedule.approve", ("2026.1",)),
    "retention schedule propose": ("schedule.propose", ()),
    "retention schedule show": ("retention.plan", ()),
    "rights decide": ("rights.decide", ("QL-2026-0001", "--decision", "同意", "--reason", "核实")),
    "rights lift": ("rights.decide", ("QL-2026-0001",)),
    "rights list": ("register.print", ()),
    "rights look": ("rights.look", ("QL-2026-0001",)),
    "rights register": ("rights.register", (FILE, "--kind", "更正补充", "--scope", "电话")),
    "scan accept": ("scan.queue", ("1",)),
    "scan add": ("scan.add", ("扫描.pdf",)),
    "scan answer": ("document.file", (QUESTION, "--paper")),
    "scan assign": ("scan.queue", ("1", "--to", FILE)),
    "scan back": ("scan.queue", ("1",)),
    "scan blank": ("scan.queue", ("1",)),
    "scan blanks": ("scan.queue", ("1", "-o", "空白.pdf")),
    "scan clear": ("scan.queue", ("1", "--execute")),
    "scan clear (dry)": ("scan.queue", ("1",)),
    "scan confirm": ("document.file", (DOCUMENT,)),
    "scan differences": ("scan.status", ()),
    "scan differences (of one)": ("file.open", (DOCUMENT, "--purpose", "督导")),
    "scan original": ("scan.queue", ("1", "-o", "原件.pdf")),
    "scan pages": ("scan.queue", ("1",)),
    "scan queue": ("scan.queue", ()),
    "scan reject": ("scan.queue", ("1", "--reason", "不需要归档")),
    "scan separator": (
        "document.file",
        (FILE, "--pages", "2", "--title", "诊断证明复印件", "-o", "分隔页.pdf"),
    ),
    "scan show": ("scan.queue", ("1", "-o", "页.jpg")),
    "scan split": ("scan.queue", (DOCUMENT, "--reason", "归错")),
    "scan status": ("scan.status", ()),
    "scan watch": ("scan.add", ("备份", "--once")),
    "scan written": ("file.open", (DOCUMENT, "--purpose", "督导")),
    "tidy": ("plain.tidy", ("--list",)),
    "user add": ("user.manage", ("--people", "人员.json")),
    "user close": ("user.manage", ("user2",)),
    "user leave": ("user.manage", ("user2",)),
    "user list": ("user.manage", ()),
    "user role": ("user.manage", ("user2", "--give", "admin")),
    "user sheet": ("user.manage", ("-o", "恢复单.pdf")),
    "user supervisor": ("user.manage", ("user2", "--by", "user3")),
    "user unlock": ("user.manage", ("user2",)),
    "transfer list": ("register.print", ()),
    "transfer make": ("transfer.make", (FILE, "--to", "user5")),
    "station settings accept": ("station.settings", ()),
    "station settings show": ("station.settings", ()),
}
OPENS_NOTHING_OF_OTHERS = {
    "clock show": "says what the clock shows",
    "backup make": "copies what is encrypted, without anybody logged in",
    "backup list": "looks at the folder of backups",
    "backup expire": "looks at the folder of backups",
    "restore": "makes another station, with a password of that one",
    "user password": "one's own",
    "user recover": "with the recovery sheet, by somebody who cannot log in",
    "export open": "opens a file somebody was given, with its password",
}


def command_of(tried: str) -> str:
    return tried.partition(" (")[0]


def commands_of_a_station() -> set[str]:
    found = set()
    for name, (module, attribute, _) in COMMANDS.items():
        for path, leaf in leaves(name, getattr(importlib.import_module(module), attribute)):
            assert leaf.callback is not None
            source = inspect.getmodule(inspect.unwrap(leaf.callback))
            if source is not None and "open_station" in inspect.getsource(source):
                found.add(path)
    return found


def test_every_command_of_a_station_is_tried() -> None:
    assert commands_of_a_station() == {*map(command_of, TRIED), *OPENS_NOTHING_OF_OTHERS}


def test_every_act_guards_a_command() -> None:
    untyped = {"loan.approve"}  # the leader's written approval is named, not typed
    assert {act for act, _ in TRIED.values()} == set(ACTS) - untyped


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_denied_the_commands_of_others(
    role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = office(tmp_path, monkeypatch, capsys)
    by_the_office(monkeypatch)
    words = things(made)
    lying = {path for path in made.folder.iterdir() if path.is_file()}
    wrong = []
    tried = []
    for command, (act, arguments) in TRIED.items():
        if act in MAY[role]:
            continue
        ended = made.run(role, *command_of(command).split(), *(words.get(word, word) for word in arguments))
        tried.append(act)
        if ended.code != AccessDenied.exit_code or "样例甲" in ended.out + ended.err:
            wrong.append(f"{command}: {ended.code} {ended.err or ended.out}")
    assert not wrong
    assert attempts(made, role) == tried
    assert {path for path in made.folder.iterdir() if path.is_file()} == lying


def things(made: Office) -> dict[str, str]:
    """What the arguments name: files, a record, a sheet about several people, a scan, papers on the disk."""
    for folder in ("备份", "密钥备份"):
        (made.folder / folder).mkdir()
    for name, content in (
        ("人员.json", '[{"name": "样例", "id_number": "SAMPLE01"}]'),
        ("记录.json", "{}"),
        ("扫描.pdf", "%PDF-1.4"),
    ):
        (made.folder / name).write_text(content, encoding="utf-8")
    record = made.add_record("个案服务记录表（第1次）")
    document = made.add_document(record, b"%PDF-1.4")
    with made.station.archive.acting("test.series", made.station.worker) as unit:
        series = series_file(unit, "YW", 2026).id
        ask(unit, document, document_facts(unit, document).item_key or "", [Asked("mark", 1, b"{}")])
    sheet = made.add_record("活动记录", form="activity_record", file=series)
    return {
        FILE: made.number, APPLICATION: made.other.application_no, RECORD: f"#{record}",
        SHEET: f"#{sheet}", DOCUMENT: str(document), QUESTION: "1",
    }  # fmt: skip


def opened_by_the_office(home: Path | None) -> AbstractContextManager[OpenStation]:
    return desk.cli._station.open_station(home)  # which Office.run exchanges at each command


def by_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that have the opening of a station by a name of their own ask the office too."""
    for module, _, _ in COMMANDS.values():
        if hasattr(importlib.import_module(module), "open_station"):
            monkeypatch.setattr(f"{module}.open_station", opened_by_the_office)


def attempts(made: Office, role: str) -> list[str]:
    """The acts this person was denied, as the log has them."""
    actor = getattr(made.station, role)
    with made.station.archive.looking(made.station.auditor) as unit:
        rows = unit.execute(
            select(events.c.id, events.c.detail)
            .where(events.c.action == "access.denied", events.c.staff == actor.staff)
            .order_by(events.c.id)
        )
        return [row.detail.split('"command":"')[1].split('"')[0] for row in rows]
