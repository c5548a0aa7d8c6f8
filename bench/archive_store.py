"""A filled station for the measurements of the archive: a real one, filled in bulk.

Made by the program itself: the station (``desk.station.init``), its people, the schedule and its approval,
the log-in, the seal.  In bulk, without the acts: persons, files, volumes, records, revisions, facts,
documents (rows without bytes), holds and events are inserted directly, many in a transaction, with the guards
in force, under the real encryption, search terms and hash chains.  All people are invented (样例).
"""

from __future__ import annotations

import itertools
import json
import random
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from archives.archive import Archive
from archives.disposal.schedules import approve_schedule, schedule_of
from archives.home import Layout, Settings, StationFacts, open_archive
from archives.keys.bindings import IDENTITY, REVISION
from archives.keys.derive import Purpose, derive, id_hash
from archives.keys.suite import encrypt
from archives.keys.wrapping import Cost
from archives.log.event import NO_HASH, ROW_FIELDS, AccessEvent, check, digest
from archives.numbering import item_code, person_file_code, series_code
from archives.people.naming import number_terms, person_terms
from archives.ports import Actor
from archives.sealing import read_seal_key, seal_log
from archives.store.database import unlock
from desk.station.entrance import enter
from desk.station.init import InitPlan, create_station
from desk.station.newcomers import Newcomer
from desk.station.opening import actor_of, sessions_of
from generator.resources import data_dir

PASSWORD = "correct horse battery staple 1"
FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2026, 6, 30)
PER_PERSON = 19
"""Items in a person's file; one more for each person lies in the yearly series of the station."""
CASE_FORMS = ("record_e",) * 12 + (
    "consent_a", "plan_d", "evaluation_f", "preassess_c", "risk_assessment", "closure_g", "visit_record",
)  # fmt: skip
APPLICATION_FORMS = ("application_b", "record_e", "referral")
SITE_FORMS = ("activity_record", "activity_record", "attendance_sheet", "inquiry_log")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文国志海燕春梅晓宇浩欣怡子涵俊峰"


def now() -> datetime:
    """The clock of the bench."""
    return datetime.now().astimezone()


@dataclass
class Filled:
    """A station on the disk, who works in it, and how many persons and items it holds."""

    layout: Layout
    settings: Settings
    master: bytes
    actors: dict[str, Actor]
    persons: int
    items: int = 0
    events: int = 0
    seconds: float = 0.0

    def open(self) -> Archive:
        """The archive as one process opens it."""
        return open_archive(self.layout, self.settings, self.master, now, secrets.token_bytes)


def fill(folder: Path, persons: int) -> Filled:
    """Make and fill a station in an empty folder; the environment says where its session goes."""
    started = time.perf_counter()
    filled = _station(folder, persons)
    _Bulk(filled).run()
    archive = filled.open()
    try:
        seal_log(archive, filled.actors["worker"], read_seal_key(filled.layout, filled.master))
        archive.data.truncate_journal()
        archive.keys.database.truncate_journal()
        for first in range(256):  # a station of this size has all its folders of blobs
            (filled.layout.blobs / f"{first:02x}").mkdir(mode=0o700, exist_ok=True)
    finally:
        archive.close()
    filled.seconds = time.perf_counter() - started
    return filled


_PEOPLE = (
    ("样例社工甲", "11010519800101001X", ("worker",), "worker"),
    ("样例负责人", "110105198001010028", ("director",), "director"),
    ("样例档案员", "110105198001010036", ("records",), "records"),
    ("样例审计员", "110105198001010044", ("auditor",), "auditor"),
    ("样例管理员", "110105198001010052", ("admin",), "admin"),
)


def _station(folder: Path, persons: int) -> Filled:
    people = [Newcomer(name, _with_check(number), roles, login, PASSWORD)  # type: ignore[arg-type]
              for name, number, roles, login in _PEOPLE]  # fmt: skip
    plan = InitPlan(
        folder / "home", folder / "keys", StationFacts("", "样例站点", "PZ01"), people, folder / "sheet.pdf",
        (data_dir("schemas") / "retention.json").read_bytes(), sample=True, cost=Cost(8192, 1, 1),
    )  # fmt: skip
    made = create_station(plan, now, secrets.token_bytes, lambda _sheet, _at: b"%PDF-1.7\n")
    enter(made.layout, made.settings, "worker", PASSWORD, now, secrets.token_bytes)
    from archives.keys import vault

    session = sessions_of(made.layout, secrets.token_bytes).resume(vault.load(made.layout.vault), now())
    filled = Filled(made.layout, made.settings, session.master, {}, persons)
    archive = filled.open()
    try:
        filled.actors |= {login: actor_of(archive, login, "bench") for *_, login in _PEOPLE}
        with archive.acting("schedule.approve", filled.actors["director"]) as unit:
            version = json.loads(plan.schedule)["version"]
            approve_schedule(unit, version, schedule_of(unit, version).sha256)
    finally:
        archive.close()
    return filled


def _with_check(number: str) -> str:
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return number[:17] + "10X98765432"[total % 11]


@dataclass
class _Rows:
    """Rows of one transaction, by table."""

    of: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, *values: Any) -> None:
        self.of.setdefault(table, []).append(values)


_COLUMNS = {
    "persons": "id state id_hash name sex birth_date phone identity_key identity opened_at opened_by",
    "files": "id kind person_id series year ref_code application_no state accepted_on opened_at note_key",
    "volumes": "id file_id number case_no opened_on closed_on outcome outcome_on",
    "assignments": "file_id staff_id from_on",
    "records": "id file_id volume_id form_id title item_no ref_code state document_date events item_key "
    "added_at added_by",
    "revisions": "record_id number form_version state payload at by",
    "facts": "record_id name value",
    "documents": "file_id record_id kind state print_id copy media_type pages size sha256 blob item_key "
    "form_version revision at by",
    "holds": "file_id reason owner placed_at",
    "events": " ".join((*ROW_FIELDS, "hash")),
    "search_terms": "person_id kind term",
}


class _Bulk:
    """Fills the tables; the same persons and items whenever it runs, under other keys."""

    def __init__(self, filled: Filled) -> None:
        self._filled = filled
        self._draw = random.Random(20)
        self._hash_key = derive(filled.master, Purpose.ID_HASH)
        self._staff = filled.actors["worker"].staff or 0
        self._keys: list[tuple[str, bytes, str]] = []
        self._terms: list[tuple[int, str, str]] = []
        self._rows = _Rows()
        self._heads: dict[int, tuple[int, bytes]] = {}
        self._ids = itertools.count(1)
        self._payload = _answers()

    def run(self) -> None:
        """Persons first, then the series; keys and search terms in the order of their index."""
        data = _plain(self._filled.layout.database, derive(self._filled.master, Purpose.DATA))
        try:
            first = data.execute("SELECT coalesce(max(id), 0) + 1 FROM files").fetchone()[0]
            for number in range(1, self._filled.persons + 1):
                self._person(number, first + number - 1)
                if number % 1000 == 0:
                    self._write(data)
            self._series(first + self._filled.persons)
            self._terms.sort(key=lambda row: (row[2], row[1], row[0]))
            self._rows.of["search_terms"] = self._terms
            self._write(data)
        finally:
            data.close()
        self._write_keys()

    def _write(self, data: Any) -> None:
        data.execute("BEGIN IMMEDIATE")
        for table, columns in _COLUMNS.items():
            _insert(data, table, columns.split(), self._rows.of.get(table, ()))
        data.execute("COMMIT")
        self._filled.events += len(self._rows.of.get("events", ()))
        self._rows = _Rows()

    def _write_keys(self) -> None:
        keys = _plain(self._filled.layout.key_store, derive(self._filled.master, Purpose.KEYS))
        try:
            keys.execute("BEGIN IMMEDIATE")
            _insert(keys, "item_keys", ["id", "key", "made_at"], sorted(self._keys))
            keys.execute("UPDATE key_mark SET kept = kept + ?", (len(self._keys),))
            keys.execute("COMMIT")
        finally:
            keys.close()

    def _key(self, at: str) -> tuple[str, bytes]:
        name, key = self._draw.randbytes(16).hex(), secrets.token_bytes(32)
        self._keys.append((name, key, at))
        return name, key

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(self._draw.randrange(max(1, (last - first).days)))

    def _person(self, number: int, file: int) -> None:
        draw, rows = self._draw, self._rows
        began = self._day(FIRST_DAY, LAST_DAY)
        at = f"{began}T09:00:00.000+08:00"
        name = draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))
        birth, phone = str(self._day(date(1950, 1, 1), date(2008, 1, 1))), f"139{draw.randrange(10**8):08d}"
        identity, key = self._key(at)
        hashed = id_hash(self._hash_key, _with_check(f"110105{19_000_000_000 + number:011d}0"))
        plain = b'{"id_number":null,"more":{}}'
        sealed = encrypt(key, plain, IDENTITY.of(id=number), secrets.token_bytes(12))
        rows.add("persons", number, "present", hashed, name, draw.choice("男女"), birth, phone, identity,
                 sealed, at, self._staff)  # fmt: skip
        application = f"SQ-{began.year}-{number:06d}"
        accepted = draw.random() < 0.85
        code = person_file_code("PZ01", began.year, number) if accepted else None
        case = f"GA-{began.year}-{number:06d}" if accepted else None
        rows.add("files", file, "person", number, None, began.year, code, application, "open",
                 str(began) if accepted else None, at, self._key(at)[0])  # fmt: skip
        ended = self._day(began, LAST_DAY) if draw.random() < 0.7 else None
        refused = draw.choice(("rejected", "referred_out", "served_briefly"))
        outcome = refused if ended and not accepted else None
        rows.add("volumes", file, file, 1, case, str(began), str(ended) if ended and accepted else None,
                 outcome, str(ended) if outcome else None)  # fmt: skip
        rows.add("assignments", file, self._staff, str(began))
        if draw.random() < 0.02:
            rows.add("holds", file, "audit", self._staff, at)
        numbers = [term for text in (application, code, case) if text for term in number_terms(text)]
        terms = dict.fromkeys((*person_terms(name, phone, birth), *numbers))
        self._terms += [(number, kind, term) for kind, term in terms]
        self._event(file, at, "file.create", f"file:{file}", {"person": number, "volume": 1, "exact": True})
        if accepted:
            self._event(file, at, "file.volume", f"file:{file}", {"volume": 1, "kind": "accepted"})
        for item in range(1, PER_PERSON + 1):
            form = CASE_FORMS[item - 1] if accepted else draw.choice(APPLICATION_FORMS)
            ref = item_code(code, item) if code else None
            self._record(file, file, form, item, ref, self._day(began, ended or LAST_DAY))

    def _series(self, first: int) -> None:
        years = range(FIRST_DAY.year, LAST_DAY.year + 1)
        share = -(-self._filled.persons // len(years))
        left = self._filled.persons
        for file, year in enumerate(years, start=first):
            code, at = series_code("PZ01", "YW", year), f"{year}-01-02T09:00:00.000+08:00"
            self._rows.add("files", file, "series", None, "YW", year, code, None, "open", None, at,
                           self._key(at)[0])  # fmt: skip
            for item in range(1, min(share, left) + 1):
                form, day = self._draw.choice(SITE_FORMS), self._day(date(year, 1, 3), date(year, 6, 30))
                self._record(file, None, form, item, item_code(code, item, in_series=True), day)
            left -= min(share, left)

    def _record(
        self, file: int, volume: int | None, form: str, item: int, ref: str | None, day: date
    ) -> None:
        rows, record, at = self._rows, next(self._ids), f"{day}T10:30:00.000+08:00"
        name, key = self._key(at)
        self._filled.items += 1
        rows.add("records", record, file, volume, form, f"{form}（第{item}次）", item, ref, "signed",
                 str(day), "{}", name, at, self._staff)  # fmt: skip
        sealed = encrypt(key, self._payload, REVISION.of(record_id=record, number=1), secrets.token_bytes(12))
        rows.add("revisions", record, 1, 1, "signed", sealed, at, self._staff)
        if form == "risk_assessment":
            rows.add("facts", record, "risk_level", str(self._draw.randrange(6)))
        rows.add("facts", record, "date", str(day))
        if item % 4 == 1:
            blob = self._draw.randbytes(16).hex()
            rows.add("documents", file, record, "scan", "present", None, None, "application/pdf", 2, 50_000,
                     blob * 2, blob, self._key(at)[0], None, None, at, self._staff)  # fmt: skip
        self._event(file, at, "record.add", f"record:{record}",
                    {"form": form, "version": "1", "state": "signed"})  # fmt: skip

    def _event(self, chain: int, at: str, action: str, subject: str, detail: dict[str, Any]) -> None:
        seq, prev = self._heads.get(chain, (0, NO_HASH))
        actor = self._filled.actors["worker"]
        event = AccessEvent(chain, seq + 1, at, actor.user, actor.staff, actor.role, action, subject,
                            "cli@bench", detail=detail)  # fmt: skip
        if seq < 3:  # the rest are of the same make
            check(event)
        hashed = digest(event, prev)
        self._rows.add("events", *event.row(), hashed)
        self._heads[chain] = (event.seq, hashed)


def _answers() -> bytes:
    example = data_dir("schemas") / "examples" / "record_e" / "valid-phone.json"
    return json.dumps(json.loads(example.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()


def _plain(path: Path, key: bytes) -> Any:
    import sqlcipher3.dbapi2 as sqlcipher

    connection = sqlcipher.connect(str(path), isolation_level=None)
    unlock(connection, key)
    for pragma in ("journal_mode = WAL", "synchronous = OFF", "foreign_keys = ON", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _insert(connection: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)


def folders(root: Path) -> Iterator[tuple[str, str]]:
    """Environment of processes that work with a station in ``root``: where its session is kept."""
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        folder = root / name.lower()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield name, str(folder)
