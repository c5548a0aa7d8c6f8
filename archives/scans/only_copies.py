"""Duplicates whose other copy is gone: they are the only copy of their page now, and wait for a person.

A page is a duplicate because another one is filed or waits.  When that one is rejected or its document void,
destroying the duplicate with its batch would destroy the last picture of a signed page.
"""

from __future__ import annotations

from sqlalchemy import exists, or_, select, update

from archives.archive import Archive, Unit
from archives.ports import Actor
from archives.store.tables import documents
from archives.store.tables_scans import scan_pages

REASON = "only_copy"


def only_copies(unit: Unit) -> list[int]:
    """Pages told as duplicates of a page that is no longer kept anywhere."""
    page, other = scan_pages.alias("page"), scan_pages.alias("other")
    filed, own = documents.alias("filed"), scan_pages.alias("own")
    kept = select(filed.c.id).where(filed.c.kind == "scan", filed.c.state != "void")
    twin = exists().where(
        other.c.id != page.c.id,
        other.c.print_document == page.c.print_document,
        other.c.page == page.c.page,
        or_(other.c.state == "waiting", other.c.filed_as.in_(kept)),
    )
    # A scan that came in without the queue has no rows of pages: it is taken as whole.
    whole = exists().where(
        filed.c.of_document == page.c.print_document,
        filed.c.kind == "scan",
        filed.c.state != "void",
        ~exists().where(own.c.filed_as == filed.c.id),
    )
    query = select(page.c.id, page.c.item_key).where(
        page.c.state == "duplicate", page.c.blob.is_not(None), page.c.print_document.is_not(None), ~twin,
        ~whole,
    )  # fmt: skip
    found = unit.execute(query.order_by(page.c.id)).all()
    # What a clearing that a crash cut off has destroyed is no copy any more.
    there = unit.archive.keys.has(row.item_key for row in found)
    return [row.id for row in found if row.item_key in there]


def ask_about_only_copies(archive: Archive, actor: Actor) -> None:
    """Such pages wait again, with a reason of their own.  Raises StoreUnusable."""
    with archive.looking(actor) as unit:
        if not only_copies(unit):
            return
    with archive.acting("scan.only_copy", actor) as unit:
        found = only_copies(unit)
        unit.execute(
            update(scan_pages)
            .where(scan_pages.c.id.in_(found), scan_pages.c.state == "duplicate")
            .values(state="waiting", reason=REASON)
        )
        for page in unit.execute(select(scan_pages).where(scan_pages.c.id.in_(found))).all():
            unit.log(
                "scan.wait", f"page:{page.id}",
                detail={
                    "scan": page.batch_id, "number": page.number, "state_before": "duplicate",
                    "state_after": "waiting", "reason": REASON,
                },
            )  # fmt: skip
