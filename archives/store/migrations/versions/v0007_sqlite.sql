CREATE TABLE leaves_to_reopen (
	request_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	used_at TEXT,
	volume INTEGER,
	CONSTRAINT pk_leaves_to_reopen PRIMARY KEY (request_id),
	CONSTRAINT ck_leaves_to_reopen_used CHECK ((used_at IS NULL) = (volume IS NULL)),
	CONSTRAINT fk_leaves_to_reopen_request_id FOREIGN KEY(request_id) REFERENCES access_requests (id),
	CONSTRAINT fk_leaves_to_reopen_file_id FOREIGN KEY(file_id) REFERENCES files (id)
)
-- next
CREATE INDEX ix_leaves_to_reopen_file_id ON leaves_to_reopen (file_id)
-- next
CREATE TABLE rights_looks (
	request_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	since TEXT NOT NULL,
	looked_by INTEGER,
	looked_at TEXT,
	CONSTRAINT pk_rights_looks PRIMARY KEY (request_id),
	CONSTRAINT ck_rights_looks_looked CHECK ((looked_by IS NULL) = (looked_at IS NULL)),
	CONSTRAINT fk_rights_looks_request_id FOREIGN KEY(request_id) REFERENCES rights_requests (id),
	CONSTRAINT fk_rights_looks_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_rights_looks_looked_by FOREIGN KEY(looked_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_rights_looks_file_id ON rights_looks (file_id)
-- next
CREATE TRIGGER guard_leaves_no_delete BEFORE DELETE ON leaves_to_reopen WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'leaves: kept'); END
-- next
CREATE TRIGGER guard_leaves_asked_unused BEFORE INSERT ON leaves_to_reopen WHEN NEW.used_at IS NOT NULL OR EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id AND a.decided_by IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'leaves: asked before they are decided'); END
-- next
CREATE TRIGGER guard_leaves_used_once BEFORE UPDATE ON leaves_to_reopen WHEN (NEW."request_id" IS DISTINCT FROM OLD."request_id" OR NEW."file_id" IS DISTINCT FROM OLD."file_id") OR OLD.used_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id AND a.granted = 1) BEGIN SELECT RAISE(ABORT, 'leaves: given, and used once'); END
-- next
CREATE TRIGGER guard_looks_no_delete BEFORE DELETE ON rights_looks WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'looks: kept'); END
-- next
CREATE TRIGGER guard_looks_once BEFORE UPDATE ON rights_looks WHEN (NEW."request_id" IS DISTINCT FROM OLD."request_id" OR NEW."file_id" IS DISTINCT FROM OLD."file_id" OR NEW."since" IS DISTINCT FROM OLD."since") OR OLD.looked_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'looks: once'); END
-- next
CREATE TRIGGER guard_items_not_while_asked BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND (EXISTS (SELECT 1 FROM rights_requests q JOIN records r ON r.file_id = q.file_id WHERE r.id = NEW.record_id AND q.state = 'open') OR EXISTS (SELECT 1 FROM records x JOIN rights_requests q ON q.file_id = x.file_id WHERE x.source_record = NEW.record_id AND q.state = 'open')) BEGIN SELECT RAISE(ABORT, 'disposal: a person''s request is open'); END
-- next
CREATE TRIGGER guard_persons_not_while_asked BEFORE UPDATE ON persons WHEN NEW.state = 'gone' AND OLD.state <> 'gone' AND EXISTS (SELECT 1 FROM rights_requests q JOIN files f ON f.id = q.file_id WHERE f.person_id = NEW.id AND q.state = 'open') BEGIN SELECT RAISE(ABORT, 'persons: a person''s request is open'); END
