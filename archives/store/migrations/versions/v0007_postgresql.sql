CREATE TABLE leaves_to_reopen (
	request_id BIGINT NOT NULL,
	file_id BIGINT NOT NULL,
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
	request_id BIGINT NOT NULL,
	file_id BIGINT NOT NULL,
	since TEXT NOT NULL,
	looked_by BIGINT,
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
CREATE FUNCTION guard_leaves_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'leaves: kept' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_leaves_no_delete BEFORE DELETE ON leaves_to_reopen FOR EACH ROW EXECUTE FUNCTION guard_leaves_no_delete()
-- next
CREATE FUNCTION guard_leaves_asked_unused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.used_at IS NOT NULL OR EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id AND a.decided_by IS NOT NULL) THEN RAISE EXCEPTION 'leaves: asked before they are decided' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_leaves_asked_unused BEFORE INSERT ON leaves_to_reopen FOR EACH ROW EXECUTE FUNCTION guard_leaves_asked_unused()
-- next
CREATE FUNCTION guard_leaves_used_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW."request_id" IS DISTINCT FROM OLD."request_id" OR NEW."file_id" IS DISTINCT FROM OLD."file_id") OR OLD.used_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM access_requests a WHERE a.id = NEW.request_id AND a.granted = 1) THEN RAISE EXCEPTION 'leaves: given, and used once' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_leaves_used_once BEFORE UPDATE ON leaves_to_reopen FOR EACH ROW EXECUTE FUNCTION guard_leaves_used_once()
-- next
CREATE FUNCTION guard_looks_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'looks: kept' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_looks_no_delete BEFORE DELETE ON rights_looks FOR EACH ROW EXECUTE FUNCTION guard_looks_no_delete()
-- next
CREATE FUNCTION guard_looks_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW."request_id" IS DISTINCT FROM OLD."request_id" OR NEW."file_id" IS DISTINCT FROM OLD."file_id" OR NEW."since" IS DISTINCT FROM OLD."since") OR OLD.looked_at IS NOT NULL THEN RAISE EXCEPTION 'looks: once' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_looks_once BEFORE UPDATE ON rights_looks FOR EACH ROW EXECUTE FUNCTION guard_looks_once()
-- next
CREATE FUNCTION guard_items_not_while_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'destroying' AND OLD.state <> 'destroying' AND (EXISTS (SELECT 1 FROM rights_requests q JOIN records r ON r.file_id = q.file_id WHERE r.id = NEW.record_id AND q.state = 'open') OR EXISTS (SELECT 1 FROM records x JOIN rights_requests q ON q.file_id = x.file_id WHERE x.source_record = NEW.record_id AND q.state = 'open')) THEN RAISE EXCEPTION 'disposal: a person''s request is open' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_items_not_while_asked BEFORE UPDATE ON disposal_items FOR EACH ROW EXECUTE FUNCTION guard_items_not_while_asked()
-- next
CREATE FUNCTION guard_persons_not_while_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'gone' AND OLD.state <> 'gone' AND EXISTS (SELECT 1 FROM rights_requests q JOIN files f ON f.id = q.file_id WHERE f.person_id = NEW.id AND q.state = 'open') THEN RAISE EXCEPTION 'persons: a person''s request is open' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_persons_not_while_asked BEFORE UPDATE ON persons FOR EACH ROW EXECUTE FUNCTION guard_persons_not_while_asked()
-- next
CREATE FUNCTION touched_leaves_to_reopen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'leaves_to_reopen' || chr(31) || coalesce(OLD."request_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."request_id" IS DISTINCT FROM OLD."request_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'leaves_to_reopen' || chr(31) || coalesce(OLD."request_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'leaves_to_reopen' || chr(31) || coalesce(NEW."request_id"::text, '') || chr(31) || coalesce(NEW."file_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_leaves_to_reopen AFTER INSERT OR UPDATE OR DELETE ON leaves_to_reopen FOR EACH ROW EXECUTE FUNCTION touched_leaves_to_reopen()
-- next
CREATE FUNCTION touched_rights_looks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'rights_looks' || chr(31) || coalesce(OLD."request_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."request_id" IS DISTINCT FROM OLD."request_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'rights_looks' || chr(31) || coalesce(OLD."request_id"::text, '') || chr(31) || coalesce(OLD."file_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'rights_looks' || chr(31) || coalesce(NEW."request_id"::text, '') || chr(31) || coalesce(NEW."file_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_rights_looks AFTER INSERT OR UPDATE OR DELETE ON rights_looks FOR EACH ROW EXECUTE FUNCTION touched_rights_looks()
