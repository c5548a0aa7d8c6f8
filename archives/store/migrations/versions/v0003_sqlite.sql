CREATE TABLE scan_clearings (
	batch_id INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_clearings PRIMARY KEY (batch_id),
	CONSTRAINT fk_scan_clearings_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id)
)
 WITHOUT ROWID
-- next
CREATE TABLE scan_blank_looks (
	page_id INTEGER NOT NULL,
	"by" INTEGER NOT NULL,
	at TEXT NOT NULL,
	event_id INTEGER NOT NULL,
	CONSTRAINT pk_scan_blank_looks PRIMARY KEY (page_id),
	CONSTRAINT fk_scan_blank_looks_page_id FOREIGN KEY(page_id) REFERENCES scan_pages (id),
	CONSTRAINT fk_scan_blank_looks_by FOREIGN KEY("by") REFERENCES staff (id),
	CONSTRAINT fk_scan_blank_looks_event_id FOREIGN KEY(event_id) REFERENCES events (id)
)
 WITHOUT ROWID
-- next
CREATE TRIGGER guard_scan_blank_looks_no_update BEFORE UPDATE ON scan_blank_looks WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_blank_looks: append only'); END
-- next
CREATE TRIGGER guard_scan_blank_looks_no_delete BEFORE DELETE ON scan_blank_looks WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_blank_looks: append only'); END
-- next
CREATE TRIGGER guard_scan_clearings_no_update BEFORE UPDATE ON scan_clearings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_clearings: append only'); END
-- next
CREATE TRIGGER guard_scan_clearings_no_delete BEFORE DELETE ON scan_clearings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scan_clearings: append only'); END
-- next
CREATE TRIGGER guard_scan_blank_looks_counted BEFORE INSERT ON scan_blank_looks WHEN NOT EXISTS (SELECT 1 FROM scan_pages p JOIN scan_batches b ON b.id = p.batch_id WHERE p.id = NEW.page_id AND p.state = 'blank' AND b.state IN ('open', 'balanced')) BEGIN SELECT RAISE(ABORT, 'scans: blank pages are looked at while they are there'); END
-- next
CREATE TRIGGER guard_scan_clearings_settled BEFORE INSERT ON scan_clearings WHEN NOT EXISTS (SELECT 1 FROM scan_batches b WHERE b.id = NEW.batch_id AND b.state = 'balanced') OR EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'waiting') BEGIN SELECT RAISE(ABORT, 'scans: pages wait'); END
-- next
CREATE TRIGGER guard_scan_clearings_seen BEFORE INSERT ON scan_clearings WHEN EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'blank' AND p.settled_by IS NULL AND NOT EXISTS (SELECT 1 FROM scan_blank_looks l WHERE l.page_id = p.id)) BEGIN SELECT RAISE(ABORT, 'scans: blank pages nobody saw'); END
-- next
CREATE TRIGGER guard_scan_batches_clearing BEFORE UPDATE ON scan_batches WHEN NEW.state = 'cleared' AND OLD.state = 'balanced' AND NOT EXISTS (SELECT 1 FROM scan_clearings c WHERE c.batch_id = NEW.id) BEGIN SELECT RAISE(ABORT, 'scans: clearing begins with its row'); END
-- next
CREATE TRIGGER guard_scan_pages_clearing BEFORE UPDATE ON scan_pages WHEN NEW.state = 'waiting' AND OLD.state <> 'waiting' AND EXISTS (SELECT 1 FROM scan_clearings c WHERE c.batch_id = NEW.batch_id) BEGIN SELECT RAISE(ABORT, 'scans: its batch is being cleared'); END
