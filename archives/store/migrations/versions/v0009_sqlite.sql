CREATE TABLE batch_programs (
	batch_id INTEGER NOT NULL,
	kinds TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT pk_batch_programs PRIMARY KEY (batch_id),
	CONSTRAINT fk_batch_programs_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT fk_batch_programs_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TABLE document_programs (
	document_id INTEGER NOT NULL,
	kinds TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT pk_document_programs PRIMARY KEY (document_id),
	CONSTRAINT fk_document_programs_document_id FOREIGN KEY(document_id) REFERENCES documents (id),
	CONSTRAINT fk_document_programs_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TRIGGER guard_document_programs_no_update BEFORE UPDATE ON document_programs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'document_programs: append only'); END
-- next
CREATE TRIGGER guard_document_programs_no_delete BEFORE DELETE ON document_programs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'document_programs: append only'); END
-- next
CREATE TRIGGER guard_batch_programs_no_update BEFORE UPDATE ON batch_programs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'batch_programs: append only'); END
-- next
CREATE TRIGGER guard_batch_programs_no_delete BEFORE DELETE ON batch_programs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'batch_programs: append only'); END
-- next
CREATE TRIGGER guard_handover_of_filed BEFORE INSERT ON transfer_items WHEN (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND EXISTS (SELECT 1 FROM files WHERE files.id = NEW.file_id AND files.kind = 'person' AND files.state <> 'filed') BEGIN SELECT RAISE(ABORT, 'transfer_items: only a filed 案卷 is handed over'); END
-- next
CREATE TRIGGER guard_handover_of_free BEFORE INSERT ON transfer_items WHEN (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND (EXISTS (SELECT 1 FROM holds WHERE holds.file_id = NEW.file_id AND holds.released_at IS NULL) OR EXISTS (SELECT 1 FROM loans WHERE loans.file_id = NEW.file_id AND loans.returned_on IS NULL)) BEGIN SELECT RAISE(ABORT, 'transfer_items: nothing held or lent is handed over'); END
-- next
CREATE TRIGGER guard_handover_once BEFORE INSERT ON transfer_items WHEN (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND EXISTS (SELECT 1 FROM transfer_items AS earlier JOIN transfers AS lists ON lists.id = earlier.transfer_id WHERE lists.kind = 'handover' AND earlier.file_id = NEW.file_id AND earlier.volume = NEW.volume) BEGIN SELECT RAISE(ABORT, 'transfer_items: handed over once'); END
