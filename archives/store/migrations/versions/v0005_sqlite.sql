CREATE TABLE scan_set_aside (
	batch_id INTEGER NOT NULL,
	tag TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_set_aside PRIMARY KEY (batch_id),
	CONSTRAINT fk_scan_set_aside_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id)
)
 WITHOUT ROWID
-- next
CREATE INDEX ix_scan_set_aside_tag ON scan_set_aside (tag)
-- next
CREATE TABLE scan_successors (
	batch_id INTEGER NOT NULL,
	by_batch INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_successors PRIMARY KEY (batch_id),
	CONSTRAINT ck_scan_successors_another CHECK (by_batch <> batch_id),
	CONSTRAINT fk_scan_successors_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT fk_scan_successors_by_batch FOREIGN KEY(by_batch) REFERENCES scan_batches (id)
)
 WITHOUT ROWID
-- next
CREATE TRIGGER guard_scan_set_aside_no_update BEFORE UPDATE ON scan_set_aside WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_set_aside: append only'); END
-- next
CREATE TRIGGER guard_scan_set_aside_no_delete BEFORE DELETE ON scan_set_aside WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_set_aside: append only'); END
-- next
CREATE TRIGGER guard_scan_successors_no_update BEFORE UPDATE ON scan_successors WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_successors: append only'); END
-- next
CREATE TRIGGER guard_scan_successors_no_delete BEFORE DELETE ON scan_successors WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_successors: append only'); END
