"""The tables of archive duties: disposal, loans, transfers, requests, copies out of reach.

Separation of duties is by natural person (``staff.id``) and written as constraints: composite foreign keys
carry the executor and the approver to where they must differ (design §4.10).
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from archives.store.tables import METADATA, Exact, Id, identity, one_of

disposal_lists = Table(
    "disposal_lists",
    METADATA,
    identity(),
    Column("ref_code", Exact, unique=True, nullable=False),
    Column("state", Text, nullable=False),
    Column("schedule_version", Text, ForeignKey("schedules.version"), nullable=False),
    Column("made_by", Id, ForeignKey("staff.id"), nullable=False),
    Column("made_at", Text, nullable=False),
    Column("list_sha256", Text),
    Column("not_before", Text),
    Column("method", Text),
    Column("place", Text),
    Column("done_at", Text),
    one_of("state", "proposed", "appraised", "approved", "executing", "done", "withdrawn"),
    CheckConstraint(
        "state NOT IN ('appraised', 'approved', 'executing', 'done') OR list_sha256 IS NOT NULL",
        name="hashed",
    ),
    CheckConstraint(
        "state NOT IN ('approved', 'executing', 'done') OR not_before IS NOT NULL", name="waiting_known"
    ),
    sqlite_autoincrement=True,
)
"""销毁清册 (AR7) from proposal to certificate; kept for ever."""

disposal_items = Table(
    "disposal_items",
    METADATA,
    Column("list_id", Id, ForeignKey("disposal_lists.id"), primary_key=True),
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("ref_code", Exact, nullable=False),
    Column("form_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("document_date", Text, nullable=False),
    Column("retention_class", Text, nullable=False),
    Column("years", Integer, nullable=False),
    Column("start_on", Text, nullable=False),
    Column("held_through", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("paper_pages", Integer, nullable=False),
    Column("paper_place", Text),
    Column("content_sha256", Text, nullable=False),
    Column("opinion", Text),
    Column("opinion_years", Integer),
    Column("opinion_reason", Text),
    Column("state", Text, nullable=False),
    Column("left_because", Text),
    Column("destroyed_at", Text),
    one_of("state", "proposed", "kept", "listed", "destroying", "destroyed", "withdrawn"),
    one_of("opinion", "destroy", "prolong", "permanent", "defer"),
    one_of("left_because", "held", "permanent", "not_due", "changed", "lent", "stopped"),
    CheckConstraint("retention_class = 'G3'", name="never_permanent"),
    CheckConstraint("(paper_pages = 0) = (paper_place IS NULL)", name="paper"),
    CheckConstraint(
        "state NOT IN ('listed', 'destroying', 'destroyed') OR opinion = 'destroy'", name="appraised"
    ),
    CheckConstraint("(opinion = 'prolong') = (opinion_years IS NOT NULL)", name="years"),
    UniqueConstraint("list_id", "position"),
)
"""One 件 of a list as it was appraised.  ``pages``: of the whole item; ``paper_pages``: of its paper, 0 when
there is none; ``left_because``: why it left the list at the execution.
"""
# An item stands in one live list at a time.
_LIVE = text("state IN ('proposed', 'listed', 'destroying', 'destroyed')")
Index(
    "uq_disposal_items_live",
    disposal_items.c.record_id,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)

appraisals = Table(
    "appraisals",
    METADATA,
    Column("list_id", Id, ForeignKey("disposal_lists.id"), primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("list_sha256", Text, primary_key=True),
    Column("at", Text, nullable=False),
)
"""鉴定小组: each member signs the opinions as they stand (their hash); changed opinions are signed again."""

disposal_approvals = Table(
    "disposal_approvals",
    METADATA,
    Column("list_id", Id, ForeignKey("disposal_lists.id"), primary_key=True),
    Column("approver", Id, ForeignKey("staff.id"), nullable=False),
    Column("list_sha256", Text, nullable=False),
    Column("at", Text, nullable=False),
    UniqueConstraint("list_id", "approver"),
)
disposal_executions = Table(
    "disposal_executions",
    METADATA,
    Column("list_id", Id, primary_key=True),
    Column("approver", Id, nullable=False),
    Column("executor", Id, ForeignKey("staff.id"), nullable=False),
    Column("list_sha256", Text, nullable=False),
    Column("paper_items", Integer, nullable=False),
    Column("paper_pages", Integer, nullable=False),
    Column("at", Text, nullable=False),
    ForeignKeyConstraint(
        ["list_id", "approver"], ["disposal_approvals.list_id", "disposal_approvals.approver"]
    ),
    CheckConstraint("executor <> approver", name="not_the_approver"),
    UniqueConstraint("list_id", "approver", "executor"),
)
"""Who executes which content.  ``paper_items`` and ``paper_pages``: the paper as counted against the list."""
disposal_witnesses = Table(
    "disposal_witnesses",
    METADATA,
    Column("list_id", Id, primary_key=True),
    Column("witness", Id, ForeignKey("staff.id"), primary_key=True),
    Column("approver", Id, nullable=False),
    Column("executor", Id, nullable=False),
    Column("proof", Text, nullable=False),
    Column("at", Text, nullable=False),
    ForeignKeyConstraint(
        ["list_id", "approver", "executor"],
        ["disposal_executions.list_id", "disposal_executions.approver", "disposal_executions.executor"],
    ),
    CheckConstraint("witness <> executor AND witness <> approver", name="a_third_person"),
    one_of("proof", "password", "one_time"),
)
"""监销人: two of them, each authenticated in the act."""

witness_credentials = Table(
    "witness_credentials",
    METADATA,
    identity(),
    Column("list_id", Id, ForeignKey("disposal_lists.id"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("list_sha256", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("valid_until", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", Text),
    sqlite_autoincrement=True,
)
"""One-time credentials of outside witnesses, bound to a list and its hash; only a verifier is kept."""

overrides = Table(
    "overrides",
    METADATA,
    identity(),
    Column("record_id", Id, ForeignKey("records.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("years", Integer),
    Column("decided_on", Text, nullable=False),
    Column("list_id", Id, ForeignKey("disposal_lists.id"), nullable=False),
    one_of("kind", "prolong", "permanent", "defer"),
    sqlite_autoincrement=True,
)
"""What an appraisal decided instead of destruction."""

tombstones = Table(
    "tombstones",
    METADATA,
    Column("record_id", Id, ForeignKey("records.id"), primary_key=True),
    Column("ref_code", Exact, nullable=False),
    Column("form_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("list_id", Id, ForeignKey("disposal_lists.id"), nullable=False),
    Column("destroyed_at", Text, nullable=False),
    Column("item_keys", Text, nullable=False),
    Column("blobs", Text, nullable=False),
)
"""What stays for ever.  ``item_keys`` and ``blobs`` (JSON lists of names) let a restore redo it."""

forgotten = Table(
    "forgotten",
    METADATA,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("list_id", Id, ForeignKey("disposal_lists.id"), nullable=False),
    Column("forgotten_at", Text, nullable=False),
    Column("item_keys", Text, nullable=False),
)
"""Persons of whom nothing remains: the list that took the last item, and the keys (JSON) a restore redoes."""

loans = Table(
    "loans",
    METADATA,
    identity(),
    Column("ref_code", Exact, unique=True, nullable=False),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("record_id", Id, ForeignKey("records.id")),
    Column("borrower", Id, ForeignKey("staff.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", LargeBinary),
    Column("approver", Id, ForeignKey("staff.id"), nullable=False),
    Column("lender", Id, ForeignKey("staff.id"), nullable=False),
    Column("lent_on", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("returned_on", Text),
    Column("pages_returned", Integer),
    Column("condition", LargeBinary),
    CheckConstraint("approver <> borrower", name="two_people"),
    CheckConstraint("due_on >= lent_on", name="dates"),
    CheckConstraint("(returned_on IS NULL) = (pages_returned IS NULL)", name="returned"),
    sqlite_autoincrement=True,
)
loan_reminders = Table(
    "loan_reminders",
    METADATA,
    Column("loan_id", Id, ForeignKey("loans.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Id, ForeignKey("staff.id"), nullable=False),
)
"""催还."""

transfers = Table(
    "transfers",
    METADATA,
    identity(),
    Column("ref_code", Exact, unique=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("handed_by", Id, ForeignKey("staff.id"), nullable=False),
    Column("received_by", Id, ForeignKey("staff.id")),
    Column("receiver_note", LargeBinary),
    Column("at", Text, nullable=False),
    one_of("kind", "filing", "handover"),
    CheckConstraint("received_by IS NULL OR received_by <> handed_by", name="two_people"),
    sqlite_autoincrement=True,
)
transfer_items = Table(
    "transfer_items",
    METADATA,
    Column("transfer_id", Id, ForeignKey("transfers.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False),
    Column("volume", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
)

rights_requests = Table(
    "rights_requests",
    METADATA,
    identity(),
    Column("ref_code", Exact, unique=True, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("by_guardian", Integer, nullable=False),
    Column("received_on", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Id, ForeignKey("staff.id")),
    Column("decided_on", Text),
    Column("decision", Text),
    Column("decision_reason", LargeBinary),
    one_of("kind", "consult", "copy", "correct", "delete", "restrict", "withdraw_consent", "explain"),
    one_of("state", "open", "decided"),
    one_of("decision", "granted", "partly", "refused", "restricted"),
    CheckConstraint("(state = 'decided') = (decided_by IS NOT NULL)", name="decided"),
    sqlite_autoincrement=True,
)

rights_looks = Table(
    "rights_looks",
    METADATA,
    Column("request_id", Id, ForeignKey("rights_requests.id"), primary_key=True),
    Column("file_id", Id, ForeignKey("files.id"), nullable=False, index=True),
    Column("since", Text, nullable=False),
    Column("looked_by", Id, ForeignKey("staff.id")),
    Column("looked_at", Text),
    CheckConstraint("(looked_by IS NULL) = (looked_at IS NULL)", name="looked"),
)
"""Requests registered for somebody else's file: the 档案员 looks at each before the file is held."""

outside_copies = Table(
    "outside_copies",
    METADATA,
    identity(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("file_id", Id, ForeignKey("files.id"), index=True),
    Column("sha256", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("made_by", Id, ForeignKey("staff.id")),
    Column("gone_by", Text, nullable=False),
    Column("gone_on", Text),
    one_of("kind", "backup", "export"),
    sqlite_autoincrement=True,
)
"""Copies the archive cannot reach: backups and exports, with the date by which they are to be gone."""
