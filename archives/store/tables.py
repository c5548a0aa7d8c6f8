"""The tables of people and their files: persons, files, volumes, records, revisions, documents.

Dates and times are ISO 8601 text (``2026-11-22``, ``2026-11-22T09:30:00.000+08:00``): they sort, and read
the same in both databases.  Contents (identity, answers, bytes) are encrypted under item keys that
are not in this database; ``*_key`` columns name those keys.
Guards that no program may pass are in ``guards``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = BigInteger().with_variant(Integer, "sqlite")
Exact = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte in both databases, so that prefixes are ranges."""


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of these values."""
    # Not IN: for its list SQLite builds a table of its own each time a row is written.
    return CheckConstraint(" OR ".join(f"{column} = '{value}'" for value in values), name=column)


def identity() -> Column[int]:
    """A number the database gives; never used again.

    With ``sqlite_autoincrement`` SQLite keeps the highest number in one more table: one more page to write.
    Tables whose rows a guard never lets go do without: the highest number is in them.
    """
    return Column("id", Id, primary_key=True, autoincrement=True)


persons = Table(
    "persons",
    METADATA,
    identity(),
    Column("state", Text, nullable=False),
    Column("merged_into", Id, ForeignKey("persons.id")),
    Column("id_hash", Text),
    Column("name", Text),
    Column("sex", Text),
    Column("birth_date", Text),
    Column("phone", Text),
    Column("identity_key", Text),
    Column("identity", LargeBinary),
    Column("opened_at", Text, nullable=False),
    Column("opened_by", Id, ForeignKey("staff.id"), nullable=False),
    one_of("state", "present", "merged", "gone"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
    CheckConstraint(
        "state <> 'gone' OR (id_hash IS NULL AND name IS NULL AND identity IS NULL)", name="gone"
    ),
    sqlite_autoincrement=True,
)
# One living person, one ID number: the database says so, whatever the program does.
Index("uq_persons_id_hash", persons.c.id_hash, unique=True)

amendments = Table(
    "amendments",
    METADATA,
    identity(),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False, index=True),
    Column("field", Text, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("reason", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Old values and reasons, encrypted under the person's key: identity fields change only by amendment."""

merges = Table(
    "merges",
    METADATA,
    identity(),
    Column("kept", Id, ForeignKey("persons.id"), nullable=False),
    Column("merged", Id, ForeignKey("persons.id"), nullable=False, unique=True),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("reason", LargeBinary, nullable=False),
    CheckConstraint("kept <> merged", name="different"),
    sqlite_autoincrement=True,
)

search_terms = Table(
    "search_terms",
    METADATA,
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("term", Exact, nullable=False),
    UniqueConstraint("term", "kind", "person_id"),
    Index("ix_search_terms_person_id", "person_id"),
)

files = Table(
    "files",
    METADATA,
    identity(),
    Column("kind", Text, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), unique=True),
    Column("series", Text),
    Column("year", Integer, nullable=False),
    Column("ref_code", Exact, unique=True),
    Column("application_no", Exact, unique=True),
    Column("state", Text, nullable=False),
    Column("accepted_on", Text),
    Column("opened_at", Text, nullable=False),
    Column("note_key", Text),
    one_of("kind", "person", "series"),
    one_of("state", "open", "filed", "restricted", "merged", "destroyed"),
    CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name="of_person"),
    CheckConstraint("(kind = 'series') = (series IS NOT NULL)", name="of_series"),
    CheckConstraint(
        "kind = 'series' OR (accepted_on IS NULL) = (ref_code IS NULL)", name="numbered_when_accepted"
    ),
    UniqueConstraint("series", "year"),
    sqlite_autoincrement=True,
)
"""案卷.  A person's file has its 档号 from acceptance (接案) on; until then it holds an application.

A series (业务、质控、管理…) holds what is not one person's: multi-person sheets, registers; one a year.
"""

volumes = Table(
    "volumes",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("case_no", Exact, unique=True),
    Column("opened_on", Text, nullable=False),
    Column("closed_on", Text),
    Column("outcome", Text),
    Column("outcome_on", Text),
    Column("pages_frozen_at", Text),
    one_of("outcome", "rejected", "referred_out", "served_briefly"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(outcome IS NULL) = (outcome_on IS NULL)", name="outcome_dated"),
    UniqueConstraint("file_id", "number"),
    sqlite_autoincrement=True,
)
"""分卷: one episode of a person's file.  ``closed_on`` ends a case; ``outcome`` what never was one."""

placements = Table(
    "placements",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("volume", Integer, nullable=False),
    Column("cabinet", Text, nullable=False),
    Column("shelf", Text, nullable=False),
    Column("box", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    sqlite_autoincrement=True,
)
"""Where the paper lies (柜/架/盒); the last one holds."""

records = Table(
    "records",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("volume_id", Id, ForeignKey("volumes.id")),
    Column("form_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("item_no", Integer),
    Column("ref_code", Exact, unique=True),
    Column("state", Text, nullable=False),
    Column("document_date", Text),
    Column("events", Text, nullable=False, server_default="{}"),
    Column("item_key", Text),
    Column("source_record", Id, ForeignKey("records.id")),
    Column("added_at", Text, nullable=False),
    Column("added_by", Id, ForeignKey("staff.id"), nullable=False),
    one_of("state", "draft", "final", "signed", "archived", "void", "destroying", "destroyed"),
    CheckConstraint("state <> 'destroyed' OR item_key IS NULL", name="key_gone"),
    Index("ix_records_file_id_form_id", "file_id", "form_id"),
    UniqueConstraint("file_id", "item_no"),
)
"""件: one filled form instance.  ``title`` names the form and its number, never the person.

``events`` is canonical JSON of retention events of this record alone ({"expired": "2027-03-01"});
``source_record`` is the multi-person sheet an extract was taken from.
"""
_EXTRACTS = records.c.source_record.is_not(None)
Index("ix_records_source_record", records.c.source_record, sqlite_where=_EXTRACTS, postgresql_where=_EXTRACTS)

revisions = Table(
    "revisions",
    METADATA,
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("form_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    Column("reason", LargeBinary),
)
"""Append-only; payload is the whole answer object encrypted under the record's key."""

facts = Table(
    "facts",
    METADATA,
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Small facts taken from the answers for lists and rules (x-index); they go with the record."""
RULE_FACTS = or_(*(facts.c.name == literal_column(f"'{name}'") for name in ("risk_level", "named", "yearly")))
"""The facts retention asks for of all items at once, said as the index says it; few items have one."""
Index("ix_facts_of_rules", facts.c.name, sqlite_where=RULE_FACTS, postgresql_where=RULE_FACTS)

documents = Table(
    "documents",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("record_id", Id, ForeignKey("records.id"), index=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("print_id", Exact, unique=True),
    Column("copy", Integer),
    Column("media_type", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("blob", Exact, unique=True),
    Column("item_key", Text),
    Column("sheet", LargeBinary),
    Column("form_version", Integer),
    Column("revision", Integer),
    Column("of_document", Id, ForeignKey("documents.id")),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
    one_of("kind", "issued", "scan", "attachment"),
    one_of("state", "present", "void", "destroying", "destroyed"),
    CheckConstraint("pages >= 0 AND size >= 0", name="counted"),
    CheckConstraint("state <> 'destroyed' OR (blob IS NULL AND item_key IS NULL)", name="gone"),
    sqlite_autoincrement=True,
)
"""Immutable bytes: a print as issued, a signed scan, an attachment.  ``sheet``, encrypted: what the row
says, and of an issued print its print record and page map.  ``sha256`` is of the plain bytes;
``of_document`` is the print a scan came home for."""

sequences = Table(
    "sequences",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("next", Integer, nullable=False),
    CheckConstraint("next >= 1", name="next"),
)
numbers = Table(
    "numbers",
    METADATA,
    Column("sequence", Text, ForeignKey("sequences.name"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("used_for", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("void_reason", Text),
    sqlite_with_rowid=False,
)
"""Every number ever given; one that came to nothing says why (缺号说明)."""

OPEN = text("released_at IS NULL")
holds = Table(
    "holds",
    METADATA,
    identity(),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("record_id", Id, ForeignKey("records.id")),
    Column("reason", Text, nullable=False),
    Column("note", LargeBinary),
    Column("owner", Id, ForeignKey("staff.id"), nullable=False),
    Column("placed_at", Text, nullable=False),
    Column("until", Text),
    Column("released_at", Text),
    Column("released_by", Id, ForeignKey("staff.id")),
    one_of("reason", "litigation", "complaint", "audit", "accident", "rights_request", "other"),
    CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
    sqlite_autoincrement=True,
)
"""冻结 of a whole file, or of one record of it."""

schedules = Table(
    "schedules",
    METADATA,
    Column("version", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("proposed_by", Id, ForeignKey("staff.id"), nullable=False),
    Column("proposed_at", Text, nullable=False),
    Column("approved_by", Id, ForeignKey("staff.id")),
    Column("approved_at", Text, unique=True),
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
)
"""保管期限表: the approved one with the latest approval holds."""
