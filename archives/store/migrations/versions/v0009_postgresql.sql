CREATE TABLE batch_programs (
	batch_id BIGINT NOT NULL,
	kinds TEXT NOT NULL,
	at TEXT NOT NULL,
	by BIGINT NOT NULL,
	CONSTRAINT pk_batch_programs PRIMARY KEY (batch_id),
	CONSTRAINT fk_batch_programs_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT fk_batch_programs_by FOREIGN KEY(by) REFERENCES staff (id)
)
-- next
CREATE TABLE document_programs (
	document_id BIGINT NOT NULL,
	kinds TEXT NOT NULL,
	at TEXT NOT NULL,
	by BIGINT NOT NULL,
	CONSTRAINT pk_document_programs PRIMARY KEY (document_id),
	CONSTRAINT fk_document_programs_document_id FOREIGN KEY(document_id) REFERENCES documents (id),
	CONSTRAINT fk_document_programs_by FOREIGN KEY(by) REFERENCES staff (id)
)
-- next
CREATE FUNCTION guard_document_programs_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'document_programs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_document_programs_no_update BEFORE UPDATE ON document_programs FOR EACH ROW EXECUTE FUNCTION guard_document_programs_no_update()
-- next
CREATE FUNCTION guard_document_programs_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'document_programs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_document_programs_no_delete BEFORE DELETE ON document_programs FOR EACH ROW EXECUTE FUNCTION guard_document_programs_no_delete()
-- next
CREATE FUNCTION guard_batch_programs_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'batch_programs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_batch_programs_no_update BEFORE UPDATE ON batch_programs FOR EACH ROW EXECUTE FUNCTION guard_batch_programs_no_update()
-- next
CREATE FUNCTION guard_batch_programs_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'batch_programs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_batch_programs_no_delete BEFORE DELETE ON batch_programs FOR EACH ROW EXECUTE FUNCTION guard_batch_programs_no_delete()
-- next
CREATE FUNCTION guard_handover_of_filed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND EXISTS (SELECT 1 FROM files WHERE files.id = NEW.file_id AND files.kind = 'person' AND files.state <> 'filed') THEN RAISE EXCEPTION 'transfer_items: only a filed 案卷 is handed over' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_handover_of_filed BEFORE INSERT ON transfer_items FOR EACH ROW EXECUTE FUNCTION guard_handover_of_filed()
-- next
CREATE FUNCTION guard_handover_of_free() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND (EXISTS (SELECT 1 FROM holds WHERE holds.file_id = NEW.file_id AND holds.released_at IS NULL) OR EXISTS (SELECT 1 FROM loans WHERE loans.file_id = NEW.file_id AND loans.returned_on IS NULL)) THEN RAISE EXCEPTION 'transfer_items: nothing held or lent is handed over' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_handover_of_free BEFORE INSERT ON transfer_items FOR EACH ROW EXECUTE FUNCTION guard_handover_of_free()
-- next
CREATE FUNCTION guard_handover_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT kind FROM transfers WHERE transfers.id = NEW.transfer_id) = 'handover' AND EXISTS (SELECT 1 FROM transfer_items AS earlier JOIN transfers AS lists ON lists.id = earlier.transfer_id WHERE lists.kind = 'handover' AND earlier.file_id = NEW.file_id AND earlier.volume = NEW.volume) THEN RAISE EXCEPTION 'transfer_items: handed over once' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_handover_once BEFORE INSERT ON transfer_items FOR EACH ROW EXECUTE FUNCTION guard_handover_once()
-- next
CREATE FUNCTION touched_document_programs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_programs' || chr(31) || coalesce(OLD."document_id"::text, '') || chr(31) || coalesce(OLD."document_id"::text, '') || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."document_id" IS DISTINCT FROM OLD."document_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_programs' || chr(31) || coalesce(OLD."document_id"::text, '') || chr(31) || coalesce(OLD."document_id"::text, '') || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'document_programs' || chr(31) || coalesce(NEW."document_id"::text, '') || chr(31) || coalesce(NEW."document_id"::text, '') || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_document_programs AFTER INSERT OR UPDATE OR DELETE ON document_programs FOR EACH ROW EXECUTE FUNCTION touched_document_programs()
-- next
CREATE FUNCTION touched_batch_programs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'batch_programs' || chr(31) || coalesce(OLD."batch_id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."batch_id" IS DISTINCT FROM OLD."batch_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'batch_programs' || chr(31) || coalesce(OLD."batch_id"::text, '') || chr(31) || '' || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'batch_programs' || chr(31) || coalesce(NEW."batch_id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_batch_programs AFTER INSERT OR UPDATE OR DELETE ON batch_programs FOR EACH ROW EXECUTE FUNCTION touched_batch_programs()
