"""Guards of marks that a document holds a program: nobody takes them off."""

from __future__ import annotations

from archives.store.guard import Guard, append_only

PROGRAM_GUARDS: tuple[Guard, ...] = (*append_only("document_programs"), *append_only("batch_programs"))
