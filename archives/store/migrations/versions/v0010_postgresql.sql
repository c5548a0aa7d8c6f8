CREATE TABLE separator_titles (
	id BIGSERIAL NOT NULL,
	file_id BIGINT NOT NULL,
	print_id TEXT COLLATE "C" NOT NULL,
	title BYTEA NOT NULL,
	CONSTRAINT pk_separator_titles PRIMARY KEY (id),
	CONSTRAINT fk_separator_titles_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT uq_separator_titles_print_id UNIQUE (print_id)
)
-- next
CREATE INDEX ix_separator_titles_file_id ON separator_titles (file_id)
-- next
CREATE TABLE volume_facts (
	volume_id BIGINT NOT NULL,
	file_id BIGINT NOT NULL,
	accepted_on TEXT,
	application_no TEXT COLLATE "C",
	CONSTRAINT pk_volume_facts PRIMARY KEY (volume_id),
	CONSTRAINT fk_volume_facts_volume_id FOREIGN KEY(volume_id) REFERENCES volumes (id),
	CONSTRAINT fk_volume_facts_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT uq_volume_facts_application_no UNIQUE (application_no)
)
-- next
CREATE INDEX ix_volume_facts_file_id ON volume_facts (file_id)
-- next
CREATE TABLE disposal_written (
	list_id BIGINT NOT NULL,
	record_id BIGINT NOT NULL,
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
	id BIGSERIAL NOT NULL,
	file_id BIGINT NOT NULL,
	record_id BIGINT,
	kind TEXT NOT NULL,
	token TEXT COLLATE "C" NOT NULL,
	place BYTEA,
	state TEXT NOT NULL,
	at TEXT NOT NULL,
	by BIGINT NOT NULL,
	settled_at TEXT,
	settled_by BIGINT,
	CONSTRAINT pk_written_out PRIMARY KEY (id),
	CONSTRAINT ck_written_out_state CHECK (state = 'out' OR state = 'removed' OR state = 'missing' OR state = 'replaced'),
	CONSTRAINT ck_written_out_placed CHECK ((state = 'out') = (place IS NOT NULL)),
	CONSTRAINT ck_written_out_settled CHECK ((state = 'out') = (settled_at IS NULL)),
	CONSTRAINT ck_written_out_settled_by CHECK ((settled_at IS NULL) = (settled_by IS NULL)),
	CONSTRAINT fk_written_out_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_written_out_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT uq_written_out_token UNIQUE (token),
	CONSTRAINT fk_written_out_by FOREIGN KEY(by) REFERENCES staff (id),
	CONSTRAINT fk_written_out_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_written_out_file_id ON written_out (file_id)
-- next
CREATE INDEX ix_written_out_record_id ON written_out (record_id)
-- next
CREATE TABLE document_titles (
	id BIGSERIAL NOT NULL,
	document_id BIGINT NOT NULL,
	title BYTEA NOT NULL,
	CONSTRAINT pk_document_titles PRIMARY KEY (id),
	CONSTRAINT uq_document_titles_document_id UNIQUE (document_id),
	CONSTRAINT fk_document_titles_document_id FOREIGN KEY(document_id) REFERENCES documents (id)
)
-- next
CREATE FUNCTION guard_written_out_settled_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.state <> 'out' OR (NEW."file_id" IS DISTINCT FROM OLD."file_id" OR NEW."record_id" IS DISTINCT FROM OLD."record_id" OR NEW."kind" IS DISTINCT FROM OLD."kind" OR NEW."token" IS DISTINCT FROM OLD."token" OR NEW."at" IS DISTINCT FROM OLD."at" OR NEW."by" IS DISTINCT FROM OLD."by") THEN RAISE EXCEPTION 'written_out: settled once' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_written_out_settled_once BEFORE UPDATE ON written_out FOR EACH ROW EXECUTE FUNCTION guard_written_out_settled_once()
-- next
CREATE FUNCTION guard_disposal_written_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'disposal_written: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_disposal_written_no_update BEFORE UPDATE ON disposal_written FOR EACH ROW EXECUTE FUNCTION guard_disposal_written_no_update()
-- next
CREATE FUNCTION guard_disposal_written_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'disposal_written: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_disposal_written_no_delete BEFORE DELETE ON disposal_written FOR EACH ROW EXECUTE FUNCTION guard_disposal_written_no_delete()
-- next
CREATE FUNCTION touched_written_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'written_out' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."id" IS DISTINCT FROM OLD."id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'written_out' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'written_out' || chr(31) || coalesce(NEW."id"::text, '') || chr(31) || coalesce(NEW."file_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_written_out AFTER INSERT OR UPDATE OR DELETE ON written_out FOR EACH ROW EXECUTE FUNCTION touched_written_out()
-- next
CREATE FUNCTION touched_disposal_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'disposal_written' || chr(31) || coalesce(OLD."list_id"::text, '') || chr(31) || coalesce(OLD."record_id"::text, '') || chr(31) || coalesce(OLD."record_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."list_id" IS DISTINCT FROM OLD."list_id" OR NEW."record_id" IS DISTINCT FROM OLD."record_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'disposal_written' || chr(31) || coalesce(OLD."list_id"::text, '') || chr(31) || coalesce(OLD."record_id"::text, '') || chr(31) || coalesce(OLD."record_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'disposal_written' || chr(31) || coalesce(NEW."list_id"::text, '') || chr(31) || coalesce(NEW."record_id"::text, '') || chr(31) || coalesce(NEW."record_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_disposal_written AFTER INSERT OR UPDATE OR DELETE ON disposal_written FOR EACH ROW EXECUTE FUNCTION touched_disposal_written()
-- next
CREATE FUNCTION touched_document_titles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_titles' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."document_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."id" IS DISTINCT FROM OLD."id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_titles' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."document_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_titles' || chr(31) || coalesce(NEW."id"::text, '') || chr(31) || coalesce(NEW."document_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_document_titles AFTER INSERT OR UPDATE OR DELETE ON document_titles FOR EACH ROW EXECUTE FUNCTION touched_document_titles()
-- next
CREATE FUNCTION touched_separator_titles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'separator_titles' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."id" IS DISTINCT FROM OLD."id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'separator_titles' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'separator_titles' || chr(31) || coalesce(NEW."id"::text, '') || chr(31) || coalesce(NEW."file_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_separator_titles AFTER INSERT OR UPDATE OR DELETE ON separator_titles FOR EACH ROW EXECUTE FUNCTION touched_separator_titles()
-- next
CREATE FUNCTION touched_volume_facts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'volume_facts' || chr(31) || coalesce(OLD."volume_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."volume_id" IS DISTINCT FROM OLD."volume_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'volume_facts' || chr(31) || coalesce(OLD."volume_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'volume_facts' || chr(31) || coalesce(NEW."volume_id"::text, '') || chr(31) || coalesce(NEW."file_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_volume_facts AFTER INSERT OR UPDATE OR DELETE ON volume_facts FOR EACH ROW EXECUTE FUNCTION touched_volume_facts()
