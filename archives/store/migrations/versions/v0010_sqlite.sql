CREATE TABLE separator_titles (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	print_id TEXT NOT NULL,
	title BLOB NOT NULL,
	CONSTRAINT fk_separator_titles_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT uq_separator_titles_print_id UNIQUE (print_id)
)
-- next
CREATE INDEX ix_separator_titles_file_id ON separator_titles (file_id)
-- next
CREATE TABLE volume_facts (
	volume_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	accepted_on TEXT,
	application_no TEXT,
	CONSTRAINT pk_volume_facts PRIMARY KEY (volume_id),
	CONSTRAINT fk_volume_facts_volume_id FOREIGN KEY(volume_id) REFERENCES volumes (id),
	CONSTRAINT fk_volume_facts_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT uq_volume_facts_application_no UNIQUE (application_no)
)
-- next
CREATE INDEX ix_volume_facts_file_id ON volume_facts (file_id)
-- next
CREATE TABLE disposal_written (
	list_id INTEGER NOT NULL,
	record_id INTEGER NOT NULL,
	still_out INTEGER NOT NULL,
	removed INTEGER NOT NULL,
	missing INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_disposal_written PRIMARY KEY (list_id, record_id),
	CONSTRAINT fk_disposal_written_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id),
	CONSTRAINT fk_disposal_written_record_id FOREIGN KEY(record_id) REFERENCES records (id)
)
-- next
CREATE TABLE written_out (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	record_id INTEGER,
	kind TEXT NOT NULL,
	token TEXT NOT NULL,
	place BLOB,
	state TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	settled_at TEXT,
	settled_by INTEGER,
	CONSTRAINT ck_written_out_state CHECK (state = 'out' OR state = 'removed' OR state = 'missing' OR state = 'replaced'),
	CONSTRAINT ck_written_out_placed CHECK ((state = 'out') = (place IS NOT NULL)),
	CONSTRAINT ck_written_out_settled CHECK ((state = 'out') = (settled_at IS NULL)),
	CONSTRAINT ck_written_out_settled_by CHECK ((settled_at IS NULL) = (settled_by IS NULL)),
	CONSTRAINT fk_written_out_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_written_out_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT uq_written_out_token UNIQUE (token),
	CONSTRAINT fk_written_out_by FOREIGN KEY("by") REFERENCES staff (id),
	CONSTRAINT fk_written_out_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_written_out_file_id ON written_out (file_id)
-- next
CREATE INDEX ix_written_out_record_id ON written_out (record_id)
-- next
CREATE TABLE document_titles (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	document_id INTEGER NOT NULL,
	title BLOB NOT NULL,
	CONSTRAINT uq_document_titles_document_id UNIQUE (document_id),
	CONSTRAINT fk_document_titles_document_id FOREIGN KEY(document_id) REFERENCES documents (id)
)
-- next
CREATE TRIGGER guard_written_out_settled_once BEFORE UPDATE ON written_out WHEN OLD.state <> 'out' OR (NEW."file_id" IS DISTINCT FROM OLD."file_id" OR NEW."record_id" IS DISTINCT FROM OLD."record_id" OR NEW."kind" IS DISTINCT FROM OLD."kind" OR NEW."token" IS DISTINCT FROM OLD."token" OR NEW."at" IS DISTINCT FROM OLD."at" OR NEW."by" IS DISTINCT FROM OLD."by") BEGIN SELECT RAISE(ABORT, 'written_out: settled once'); END
-- next
CREATE TRIGGER guard_disposal_written_no_update BEFORE UPDATE ON disposal_written WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_written: append only'); END
-- next
CREATE TRIGGER guard_disposal_written_no_delete BEFORE DELETE ON disposal_written WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_written: append only'); END
