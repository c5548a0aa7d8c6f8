"""The guards of disposal: what no program may do to lists, items, holds and what they destroy.

The way of a list and of its items is one-way; who may take which step is asked of the database's own rows, by
natural person; what is under destruction can neither grow nor move.
"""

from __future__ import annotations

from archives.store.guard import Guard, append_only, changed

_LIST = "(SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND {0})"
_TO_DESTROYING = "NEW.state = 'destroying' AND OLD.state <> 'destroying' AND "

OPEN_HOLD = (
    "EXISTS (SELECT 1 FROM holds h JOIN records r ON r.id = NEW.record_id"
    " WHERE h.released_at IS NULL AND h.file_id = r.file_id"
    " AND (h.record_id IS NULL OR h.record_id = r.id))"
)
"""A hold on the item or on its file."""
_HELD_EXTRACT = (
    "EXISTS (SELECT 1 FROM records x JOIN holds h ON h.file_id = x.file_id"
    " WHERE x.source_record = NEW.record_id AND h.released_at IS NULL"
    " AND (h.record_id IS NULL OR h.record_id = x.id))"
)
"""A hold on a person's extract holds the multi-person sheet it was taken from."""
_LENT = (
    "EXISTS (SELECT 1 FROM loans b JOIN records r ON r.id = NEW.record_id WHERE b.returned_on IS NULL"
    " AND b.file_id = r.file_id AND (b.record_id IS NULL OR b.record_id = r.id))"
)
_NOT_APPROVED = (
    "NOT EXISTS (SELECT 1 FROM disposal_lists l JOIN disposal_approvals a ON a.list_id = l.id"
    " JOIN disposal_executions e ON e.list_id = l.id WHERE l.id = NEW.list_id AND l.state = 'executing'"
    " AND a.list_sha256 = l.list_sha256 AND e.list_sha256 = l.list_sha256"
    " AND l.not_before <= substr(e.at, 1, 10))"
)
_TOO_FEW_WITNESSES = "(SELECT count(*) FROM disposal_witnesses w WHERE w.list_id = NEW.list_id) < 2"
_MADE_PERMANENT = (
    "EXISTS (SELECT 1 FROM overrides o WHERE o.record_id = NEW.record_id AND o.kind = 'permanent')"
)
_NOT_MERGED = (
    "NOT EXISTS (SELECT 1 FROM files f JOIN persons p ON p.id = f.person_id"
    " JOIN files k ON k.person_id = p.merged_into WHERE f.id = OLD.file_id AND k.id = NEW.file_id)"
)
_TOO_FEW_APPRAISERS = (
    "NOT EXISTS (SELECT 1 FROM appraisals a WHERE a.list_id = NEW.id"
    " GROUP BY a.list_sha256 HAVING count(*) >= 3)"
)
_UNDER_DESTRUCTION = (
    "EXISTS (SELECT 1 FROM disposal_items i JOIN disposal_lists l ON l.id = i.list_id"
    " WHERE i.record_id = NEW.record_id AND (i.state IN ('destroying', 'destroyed')"
    " OR (i.state = 'listed' AND l.state = 'executing')))"
)


def _lacks_role(column: str, role: str) -> str:
    who = f"s.staff_id = NEW.{column} AND s.role = '{role}'"
    return f"NOT EXISTS (SELECT 1 FROM staff_roles s WHERE {who})"  # noqa: S608 - names of ours


_FORWARD = (
    ("proposed", ("appraised", "withdrawn")),
    ("appraised", ("approved", "withdrawn")),
    ("approved", ("executing", "withdrawn")),
    ("executing", ("done",)),
)
_LIST_STEPS = " OR ".join(
    f"(OLD.state = '{before}' AND NEW.state IN ({', '.join(repr(state) for state in after)}))"
    for before, after in _FORWARD
)
_ITEM_STEPS = (
    "(OLD.state = 'proposed' AND NEW.state IN ('kept', 'listed', 'withdrawn'))"
    " OR (OLD.state = 'listed' AND NEW.state IN ('destroying', 'withdrawn'))"
    " OR (OLD.state = 'destroying' AND NEW.state = 'destroyed')"
)

_LISTS = (
    Guard(
        "lists_begin_proposed", "disposal_lists", "INSERT",
        "NEW.state <> 'proposed' OR NEW.list_sha256 IS NOT NULL OR NEW.not_before IS NOT NULL",
        "disposal: a list begins as a proposal",
    ),
    Guard(
        "lists_forward", "disposal_lists", "UPDATE",
        f"NEW.state <> OLD.state AND NOT ({_LIST_STEPS})", "disposal: a list only goes forward",
    ),
    Guard(
        "lists_appraised", "disposal_lists", "UPDATE",
        f"NEW.state = 'appraised' AND OLD.state <> 'appraised' AND {_TOO_FEW_APPRAISERS}",
        "disposal: three appraisers",
    ),
    Guard(
        "lists_approved", "disposal_lists", "UPDATE",
        "NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT EXISTS (SELECT 1 FROM disposal_approvals"
        " a WHERE a.list_id = NEW.id AND a.list_sha256 = NEW.list_sha256)", "disposal: not approved",
    ),
    Guard(
        "lists_executing", "disposal_lists", "UPDATE",
        "NEW.state = 'executing' AND OLD.state <> 'executing' AND NOT EXISTS (SELECT 1 FROM"
        " disposal_executions e WHERE e.list_id = NEW.id AND e.list_sha256 = NEW.list_sha256)",
        "disposal: nobody executes",
    ),
    Guard(
        "lists_done", "disposal_lists", "UPDATE",
        "NEW.state = 'done' AND OLD.state <> 'done' AND EXISTS (SELECT 1 FROM disposal_items i"
        " WHERE i.list_id = NEW.id AND i.state IN ('listed', 'destroying'))", "disposal: items are left",
    ),
    Guard("lists_no_delete", "disposal_lists", "DELETE", "1 = 1", "disposal: lists are kept"),
    Guard(
        "lists_as_made", "disposal_lists", "UPDATE",
        changed("id", "ref_code", "made_by", "made_at", "schedule_version")
        + " OR (OLD.list_sha256 IS NOT NULL AND " + changed("list_sha256") + ")"
        + " OR (OLD.not_before IS NOT NULL AND " + changed("not_before") + ")"
        + " OR (OLD.state IN ('executing', 'done') AND (" + changed("method", "place") + "))"
        + " OR (OLD.done_at IS NOT NULL AND " + changed("done_at") + ")",
        "disposal: a list stays as it was approved",
    ),
)  # fmt: skip
_ITEMS = (
    Guard(
        "items_begin_proposed", "disposal_items", "INSERT",
        "NEW.state <> 'proposed' OR NEW.opinion IS NOT NULL OR NOT EXISTS "
        + _LIST.format("l.state = 'proposed'"), "disposal: an item begins as a proposal",
    ),
    Guard(
        "items_not_held", "disposal_items", "INSERT", f"{OPEN_HOLD} OR {_HELD_EXTRACT}", "disposal: held",
    ),
    Guard("items_not_permanent", "disposal_items", "INSERT", _MADE_PERMANENT, "disposal: permanent"),
    Guard(
        "items_destroying_held", "disposal_items", "UPDATE",
        f"{_TO_DESTROYING}({OPEN_HOLD} OR {_HELD_EXTRACT})", "disposal: held",
    ),
    Guard("items_destroying_lent", "disposal_items", "UPDATE", f"{_TO_DESTROYING}{_LENT}", "disposal: lent"),
    Guard(
        "items_destroying_approved", "disposal_items", "UPDATE", f"{_TO_DESTROYING}{_NOT_APPROVED}",
        "disposal: not approved",
    ),
    Guard(
        "items_destroying_witnessed", "disposal_items", "UPDATE", f"{_TO_DESTROYING}{_TOO_FEW_WITNESSES}",
        "disposal: two witnesses",
    ),
    Guard(
        "items_destroying_permanent", "disposal_items", "UPDATE", f"{_TO_DESTROYING}{_MADE_PERMANENT}",
        "disposal: permanent",
    ),
    Guard(
        "items_forward", "disposal_items", "UPDATE",
        f"NEW.state <> OLD.state AND NOT ({_ITEM_STEPS})", "disposal: only goes forward",
    ),
    Guard(
        "items_listed_by_appraisal", "disposal_items", "UPDATE",
        "NEW.state IN ('listed', 'kept') AND OLD.state = 'proposed' AND NOT EXISTS "
        + _LIST.format("l.state = 'proposed'"), "disposal: the appraisal is over",
    ),
    Guard(
        "items_destroyed_proved", "disposal_items", "UPDATE",
        "NEW.state = 'destroyed' AND OLD.state <> 'destroyed' AND NOT EXISTS (SELECT 1 FROM tombstones t"
        " WHERE t.record_id = NEW.record_id AND t.list_id = NEW.list_id)", "disposal: no tombstone",
    ),
    Guard(
        "items_as_listed", "disposal_items", "UPDATE",
        changed("list_id", "record_id", "position", "ref_code", "form_id", "title", "document_date",
                "retention_class", "years", "start_on", "held_through", "pages", "paper_pages", "paper_place",
                "content_sha256")
        + " OR (OLD.state <> 'proposed' AND (" + changed("opinion", "opinion_years", "opinion_reason")
        + ")) OR (OLD.destroyed_at IS NOT NULL AND " + changed("destroyed_at") + ")",
        "disposal: a listed item stays as it was approved",
    ),
    Guard("items_no_delete", "disposal_items", "DELETE", "1 = 1", "disposal: lists are kept"),
)  # fmt: skip
_PEOPLE = (
    Guard(
        "appraisals_while_proposed", "appraisals", "INSERT",
        "NOT EXISTS " + _LIST.format("l.state = 'proposed'"), "disposal: the appraisal is over",
    ),
    Guard(
        "approvals_of_the_list", "disposal_approvals", "INSERT",
        "NOT EXISTS " + _LIST.format(
            "l.state = 'appraised' AND l.list_sha256 = NEW.list_sha256 AND l.made_by <> NEW.approver"
        ), "disposal: only the list as appraised, and not by its maker",
    ),
    Guard(
        "approvals_by_the_director", "disposal_approvals", "INSERT", _lacks_role("approver", "director"),
        "disposal: the director approves",
    ),
    Guard(
        "executions_of_the_list", "disposal_executions", "INSERT",
        "NOT EXISTS " + _LIST.format(
            "l.state = 'approved' AND l.list_sha256 = NEW.list_sha256"
            " AND l.not_before <= substr(NEW.at, 1, 10)"
        ), "disposal: only the list as approved, after its waiting period",
    ),
    Guard(
        "executions_by_records", "disposal_executions", "INSERT", _lacks_role("executor", "records"),
        "disposal: the records officer executes",
    ),
    Guard(
        "witnesses_in_the_act", "disposal_witnesses", "INSERT",
        "NOT EXISTS " + _LIST.format("l.state = 'executing'"), "disposal: witnesses only in the act",
    ),
    Guard(
        "credentials_as_issued", "witness_credentials", "UPDATE",
        changed("list_id", "staff_id", "list_sha256", "verifier", "made_at", "valid_until")
        + " OR NEW.tries < OLD.tries OR (OLD.used_at IS NOT NULL AND " + changed("used_at") + ")",
        "disposal: a credential stays as issued",
    ),
    Guard(
        "credentials_no_delete", "witness_credentials", "DELETE", "1 = 1", "disposal: credentials are kept",
    ),
)  # fmt: skip
_RECORDS = (
    Guard(
        "records_destroying_by_list", "records", "UPDATE",
        "NEW.state = 'destroying' AND OLD.state <> 'destroying' AND NOT EXISTS"
        " (SELECT 1 FROM disposal_items i WHERE i.record_id = NEW.id AND i.state = 'destroying')",
        "records: only a list under execution destroys",
    ),
    Guard(
        "records_destroyed_once", "records", "UPDATE",
        "(NEW.state = 'destroyed' AND OLD.state NOT IN ('destroying', 'destroyed'))"
        " OR (OLD.state = 'destroyed' AND NEW.state <> 'destroyed')"
        " OR (OLD.state = 'destroying' AND NEW.state NOT IN ('destroying', 'destroyed'))",
        "records: destruction only goes forward",
    ),
    Guard(
        "records_destroyed_proved", "records", "UPDATE",
        "NEW.state = 'destroyed' AND OLD.state <> 'destroyed' AND NOT EXISTS"
        " (SELECT 1 FROM tombstones t WHERE t.record_id = NEW.id)", "records: no tombstone",
    ),
    Guard(
        "records_key_stays", "records", "UPDATE",
        changed("item_key") + " AND NEW.state <> 'destroyed'", "records: the key stays",
    ),
    Guard(
        "records_form_stays", "records", "UPDATE", changed("form_id", "source_record"),
        "records: the form stays",
    ),
    Guard(
        "records_file_stays", "records", "UPDATE",
        changed("file_id") + " AND " + _NOT_MERGED,
        "records: only a merger moves them",
    ),
    Guard("records_no_delete", "records", "DELETE", "1 = 1", "records: only disposal ends them"),
    Guard("revisions_no_update", "revisions", "UPDATE", "1 = 1", "revisions: append only"),
    Guard(
        "revisions_no_delete", "revisions", "DELETE",
        "NOT EXISTS (SELECT 1 FROM records r WHERE r.id = OLD.record_id AND r.state = 'destroying')",
        "revisions: only disposal removes them",
    ),
    *(
        Guard(
            f"{table}_not_under_destruction", table, "INSERT", _UNDER_DESTRUCTION,
            f"{table}: the item is being destroyed",
        )
        for table in ("revisions", "facts", "documents")
    ),
)  # fmt: skip
_DOCUMENTS = (
    Guard("documents_no_delete", "documents", "DELETE", "1 = 1", "documents: only disposal ends them"),
    Guard(
        "documents_immutable", "documents", "UPDATE",
        changed("kind", "print_id", "copy", "media_type", "pages", "size", "sha256", "at", "by")
        + " OR (NEW.state NOT IN ('destroying', 'destroyed') AND ("
        + changed("blob", "item_key", "sheet") + "))"
        + " OR (OLD.record_id IS NOT NULL AND " + changed("record_id") + ")",
        "documents: immutable",
    ),
    Guard(
        "documents_not_moved_in", "documents", "UPDATE",
        changed("record_id") + " AND " + _UNDER_DESTRUCTION, "documents: the item is being destroyed",
    ),
    Guard(
        "documents_destroyed_with_record", "documents", "UPDATE",
        "NEW.state IN ('destroying', 'destroyed') AND OLD.state <> NEW.state AND NOT EXISTS"
        " (SELECT 1 FROM records r WHERE r.id = NEW.record_id AND r.state IN ('destroying', 'destroyed'))",
        "documents: only with their record",
    ),
    Guard(
        "documents_destroyed_once", "documents", "UPDATE",
        "(OLD.state = 'destroyed' AND NEW.state <> 'destroyed')"
        " OR (OLD.state = 'destroying' AND NEW.state NOT IN ('destroying', 'destroyed'))",
        "documents: destruction only goes forward",
    ),
)  # fmt: skip
_PERSONS = (
    Guard(
        "persons_gone_when_empty", "persons", "UPDATE",
        "NEW.state = 'gone' AND OLD.state <> 'gone' AND (EXISTS (SELECT 1 FROM records r JOIN files f"
        " ON f.id = r.file_id WHERE f.person_id = NEW.id AND r.state <> 'destroyed')"
        " OR EXISTS (SELECT 1 FROM files f JOIN holds h ON h.file_id = f.id"
        " WHERE f.person_id = NEW.id AND h.released_at IS NULL AND f.state <> 'merged')"
        " OR NOT EXISTS (SELECT 1 FROM forgotten g WHERE g.person_id = NEW.id))",
        "persons: something remains",
    ),
    Guard(
        "persons_gone_once", "persons", "UPDATE", "OLD.state = 'gone' AND NEW.state <> 'gone'",
        "persons: gone stays gone",
    ),
    Guard(
        "files_destroyed_once", "files", "UPDATE", "OLD.state = 'destroyed' AND NEW.state <> 'destroyed'",
        "files: destroyed stays destroyed",
    ),
    Guard(
        "files_note_key_stays", "files", "UPDATE",
        "OLD.note_key IS NOT NULL AND " + changed("note_key") + " AND NEW.state <> 'destroyed'",
        "files: the key stays",
    ),
    Guard(
        "tombstones_of_destroying", "tombstones", "INSERT",
        "NOT EXISTS (SELECT 1 FROM disposal_items i WHERE i.record_id = NEW.record_id"
        " AND i.list_id = NEW.list_id AND i.state = 'destroying')", "tombstones: nothing was destroyed",
    ),
)  # fmt: skip
_HOLDS = (
    Guard(
        "holds_once", "holds", "UPDATE",
        changed("file_id", "record_id", "reason", "owner", "placed_at")
        + " OR (OLD.released_at IS NOT NULL AND (" + changed("released_at", "released_by", "until") + "))"
        + " OR (NEW.note IS NOT NULL AND " + changed("note") + ")",
        "holds: only released, once",
    ),
    Guard("holds_no_delete", "holds", "DELETE", "1 = 1", "holds: kept"),
    Guard("holds_open_when_placed", "holds", "INSERT", "NEW.released_at IS NOT NULL", "holds: placed open"),
    Guard(
        "volumes_end_once", "volumes", "UPDATE",
        "(OLD.closed_on IS NOT NULL AND " + changed("closed_on") + ")"
        + " OR (OLD.outcome_on IS NOT NULL AND (" + changed("outcome_on", "outcome") + "))",
        "volumes: an ending stays",
    ),
)  # fmt: skip

DISPOSAL_GUARDS: tuple[Guard, ...] = (
    *(
        guard
        for table in ("tombstones", "forgotten", "appraisals", "disposal_approvals", "disposal_executions",
                      "disposal_witnesses", "overrides")
        for guard in append_only(table)
    ),
    *_LISTS, *_ITEMS, *_PEOPLE, *_RECORDS, *_DOCUMENTS, *_PERSONS, *_HOLDS,
)  # fmt: skip
