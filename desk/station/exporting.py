"""Exporting a whole person file: an encrypted ZIP that any AES-capable unpacker opens (docs/export.md).

The export is on the log before anything is read, and listed as a copy outside before it is at its place.
Nothing of it touches the disk unencrypted.  Void items and drafts stay behind: what was filed by mistake may
be somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from archives.archive import Unit
from archives.duties.copies import register_copy
from archives.errors import InputRefused, StateForbids
from archives.items.documents import DocumentFacts, content_of, documents_of
from archives.items.programs import marked
from archives.items.records import RecordFacts, payload_of, record_facts
from archives.keys.crockford import encode
from archives.keys.password import PasswordOwner, check_password
from archives.log.purposes import Purpose
from archives.people.files import file_facts
from archives.people.persons import read_identity
from archives.ports import RandomBytes
from archives.store.moving import move_new
from archives.store.points import reached
from archives.store.tables import records
from desk.output import told
from desk.station.export_page import Exported, Item, Paper, page
from desk.station.opening import OpenStation
from generator.reading.programs import programs_in

SHORTEST_PASSWORD: Final = 16
"""The ZIP format stretches passwords a thousand times only, so the password itself must carry the weight."""
LONGEST_DAYS: Final = 365
_STATES: Final = ("final", "signed", "archived")
_EXTENSIONS: Final = {
    "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """What was exported: the ZIP's hash, its register number, and what it holds."""

    copy: int
    sha256: str
    size: int
    records: int
    documents: int
    gone_by: date


@dataclass(frozen=True, slots=True)
class Order:
    """Which file goes out, to be gone after how many days, why, and under which password."""

    file: int
    purpose: Purpose
    password: str
    days: int = 30


def check_export_password(password: str, station_name: str) -> None:
    """Refuse a password that does not carry an export.  Raises PasswordRefused."""
    from archives.errors import PasswordRefused

    check_password(password, PasswordOwner("", station_name))
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordRefused(
            f"导出件的密码至少 {SHORTEST_PASSWORD} 个字符。",
            hint="导出件离开本站后可被反复试密码；请用几个不相干的词，或用 --draw 由系统生成。",
        )


def drawn_password(random: RandomBytes) -> str:
    """A password nobody chose: 25 characters, 125 bits, in groups of five."""
    drawn = encode(random(20))[:25]
    return "-".join(drawn[start : start + 5] for start in range(0, 25, 5))


def export_file(station: OpenStation, order: Order, out: Path) -> Export:
    """Write the encrypted ZIP of a person's file to ``out``, which must not exist.

    Raises InputRefused, StateForbids, PasswordRefused, OutputUnwritable, ItemUnreadable.
    """
    if not 1 <= order.days <= LONGEST_DAYS:
        raise InputRefused(f"副本保留天数应为 1 至 {LONGEST_DAYS} 天。")
    if out.exists():
        raise InputRefused(f"文件 {out.name} 已存在，没有导出。", hint="请换一个文件名。")
    check_export_password(order.password, station.archive.station.name)
    with station.acting("export.begin") as unit:
        exported = _gathered(unit, order, out.name)
    with _temporary(out) as temporary:
        _pack(station, exported, order.password, temporary)
        size, sha256 = temporary.stat().st_size, _sha256(temporary)
        with station.acting("export.register") as unit:
            gone_by = unit.reference().day + timedelta(days=order.days)
            copy = register_copy(unit, "export", out.name, sha256, gone_by, file=order.file)
        with told(out):
            move_new(temporary, out)  # somebody may have written there meanwhile
        reached("export:renamed")
    count = sum(len(item.papers) for item in exported.items) + len(exported.loose)
    return Export(copy, sha256, size, len(exported.items), count, gone_by)


def _gathered(unit: Unit, order: Order, name: str) -> Exported:
    """Everything but the bytes of the documents; the export is on the log with it."""
    file = file_facts(unit, order.file)
    if file.person is None:
        raise StateForbids(f"{file.number} 不是个人档案，不能整卷导出。")
    if file.state in ("restricted", "merged", "destroyed"):
        raise StateForbids(f"档案 {file.number} 现在不能导出。")
    person = read_identity(unit, file.person)
    if any(known and known in name for known in (person["name"], person["id_number"], person["phone"])):
        raise InputRefused("文件名中有服务对象的姓名、证件号码或电话，没有导出。", hint="请用档号作文件名。")
    papers = [one for one in documents_of(unit, file=order.file) if one.state == "present"]
    chosen = unit.execute(
        select(records.c.id)
        .where(records.c.file_id == order.file, records.c.state.in_(_STATES))
        .order_by(records.c.volume_id, records.c.item_no, records.c.id)
    ).scalars()
    programs = _programs(unit, papers)
    items = [
        _item(unit, record_facts(unit, one), papers, place, programs)
        for place, one in enumerate(list(chosen), 1)
    ]
    loose = [one for one in papers if one.record is None]
    unit.log(
        "file.export", f"file:{order.file}", chain=order.file, purpose=str(order.purpose),
        detail={
            "records": len(items), "documents": sum(len(item.papers) for item in items) + len(loose),
            "format": "zip", "suite": "winzip-aes-256", "encrypted": True,
        },
    )  # fmt: skip
    return Exported(
        file.number, unit.archive.station.name, unit.at, person, items,
        [_paper(one, f"loose-{place}", programs) for place, one in enumerate(loose, 1)],
    )  # fmt: skip


def _programs(unit: Unit, papers: list[DocumentFacts]) -> dict[int, tuple[str, ...]]:
    """What each document holds: as it was marked when it came in, or, if that was before marks, as it is."""
    found = marked(unit, [one.id for one in papers])
    for one in papers:
        if one.id not in found and one.kind != "issued" and one.media_type == "application/pdf":
            found[one.id] = programs_in(content_of(unit.archive, one)).kinds
    return found


def _item(
    unit: Unit,
    record: RecordFacts,
    papers: list[DocumentFacts],
    place: int,
    programs: Mapping[int, tuple[str, ...]],
) -> Item:
    version, plain = payload_of(unit, record.id, record.revision)
    stem = f"{place:03d}"
    own = [one for one in papers if one.record == record.id]
    return Item(
        stem, record.ref_code or "", record.title, record.form_id, version, record.state,
        record.document_date.isoformat() if record.document_date else None, json.loads(plain),
        [_paper(one, f"{stem}-{number}", programs) for number, one in enumerate(own, 1)],
    )  # fmt: skip


def _paper(facts: DocumentFacts, stem: str, programs: Mapping[int, tuple[str, ...]]) -> Paper:
    extension = _EXTENSIONS.get(facts.media_type, "bin")
    return Paper(f"documents/{stem}.{extension}", facts, programs.get(facts.id, ()))


def _pack(station: OpenStation, exported: Exported, password: str, path: Path) -> None:
    import pyzipper

    moment = exported.made_at
    stamp = tuple(int(part) for part in (moment[:4], moment[5:7], moment[8:10], moment[11:13], moment[14:16]))
    with told(path), pyzipper.AESZipFile(path, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(password.encode())
        # AE-2: no checksum of the plain bytes, which would tell a guess right.
        archive.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=2)
        for name, content in _members(station, exported):
            info = pyzipper.zipfile_aes.AESZipInfo(name, (*stamp, 0))
            info.compress_type = pyzipper.ZIP_DEFLATED
            archive.writestr(info, content)
    with told(path), path.open("rb") as stream:
        os.fsync(stream.fileno())


def _members(station: OpenStation, exported: Exported) -> Iterator[tuple[str, bytes]]:
    """Names say nothing: a ZIP shows them without the password."""
    yield "index.html", page(exported).encode()
    yield "catalogue.json", _json(exported.catalogue())
    yield "person.json", _json(exported.person)
    for item in exported.items:
        yield f"records/{item.stem}.json", _json(item.answers)
    for paper in exported.papers():
        yield paper.name, content_of(station.archive, paper.facts)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


@contextmanager
def _temporary(out: Path) -> Iterator[Path]:
    """A file of our own beside ``out``; gone when the export fails."""
    with told(out):
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=".kangdang-", suffix=".tmp")
        os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_export(path: Path, password: str, folder: Path) -> int:
    """Unpack an export into an empty folder; returns how many files.

    Raises InputRefused (no export, wrong password, changed bytes, folder not empty), OutputUnwritable.
    """
    import pyzipper

    if folder.exists() and any(folder.iterdir()):
        raise InputRefused(f"文件夹 {folder.name} 不是空的。", hint="请给出一个新的文件夹。")
    try:
        with pyzipper.AESZipFile(path) as archive:
            archive.setpassword(password.encode())
            names = archive.namelist()
            if "catalogue.json" not in names or any(_outside(name) for name in names):
                raise _no_export(path)
            if archive.testzip() is not None:  # a damaged export leaves nothing behind
                raise _no_export(path)
            for name in names:
                _unpack(folder / name, archive.read(name))
            return len(names)
    except (RuntimeError, pyzipper.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        if "password" in str(error).lower():
            raise InputRefused("密码不对，导出件没有打开。", hint="请向导出单位核对密码。") from error
        raise _no_export(path) from error
    except FileNotFoundError as error:
        raise InputRefused(f"没有文件 {path.name}。", hint="请检查文件名和所在文件夹。") from error


def _outside(name: str) -> bool:
    parts = name.split("/")
    return name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "" in parts


def _no_export(path: Path) -> InputRefused:
    return InputRefused(f"{path.name} 不是康档的导出件，或已损坏。", hint="请向导出单位重新索取。")


def _unpack(path: Path, content: bytes) -> None:
    from desk.output import make_folder, write_output

    make_folder(path.parent)
    write_output(path, content)
