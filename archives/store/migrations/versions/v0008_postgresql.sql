CREATE TABLE restore_gaps (
	id BIGSERIAL NOT NULL,
	backup_at TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_restore_gaps PRIMARY KEY (id)
)
-- next
CREATE TABLE restore_gap_ends (
	gap_id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	staff BIGINT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_restore_gap_ends PRIMARY KEY (gap_id),
	CONSTRAINT ck_restore_gap_ends_kind CHECK (kind = 'list' OR kind = 'signed'),
	CONSTRAINT fk_restore_gap_ends_gap_id FOREIGN KEY(gap_id) REFERENCES restore_gaps (id),
	CONSTRAINT fk_restore_gap_ends_staff FOREIGN KEY(staff) REFERENCES staff (id)
)
-- next
CREATE FUNCTION guard_restore_gaps_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'restore_gaps: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_restore_gaps_no_update BEFORE UPDATE ON restore_gaps FOR EACH ROW EXECUTE FUNCTION guard_restore_gaps_no_update()
-- next
CREATE FUNCTION guard_restore_gaps_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'restore_gaps: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_restore_gaps_no_delete BEFORE DELETE ON restore_gaps FOR EACH ROW EXECUTE FUNCTION guard_restore_gaps_no_delete()
-- next
CREATE FUNCTION guard_restore_gap_ends_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'restore_gap_ends: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_restore_gap_ends_no_update BEFORE UPDATE ON restore_gap_ends FOR EACH ROW EXECUTE FUNCTION guard_restore_gap_ends_no_update()
-- next
CREATE FUNCTION guard_restore_gap_ends_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'restore_gap_ends: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_restore_gap_ends_no_delete BEFORE DELETE ON restore_gap_ends FOR EACH ROW EXECUTE FUNCTION guard_restore_gap_ends_no_delete()
-- next
CREATE FUNCTION guard_restore_gap_signed_by_director() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'signed' AND NOT EXISTS (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff AND staff_roles.role = 'director') THEN RAISE EXCEPTION 'restore_gap_ends: signed by the 负责人' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_restore_gap_signed_by_director BEFORE INSERT ON restore_gap_ends FOR EACH ROW EXECUTE FUNCTION guard_restore_gap_signed_by_director()
-- next
CREATE FUNCTION touched_restore_gaps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gaps' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."id" IS DISTINCT FROM OLD."id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gaps' || chr(31) || coalesce(OLD."id"::text, '') || chr(31) || '' || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gaps' || chr(31) || coalesce(NEW."id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_restore_gaps AFTER INSERT OR UPDATE OR DELETE ON restore_gaps FOR EACH ROW EXECUTE FUNCTION touched_restore_gaps()
-- next
CREATE FUNCTION touched_restore_gap_ends() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gap_ends' || chr(31) || coalesce(OLD."gap_id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END IF; IF TG_OP = 'UPDATE' THEN IF NEW."gap_id" IS DISTINCT FROM OLD."gap_id" THEN PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gap_ends' || chr(31) || coalesce(OLD."gap_id"::text, '') || chr(31) || '' || chr(30), true); END IF; END IF; PERFORM set_config('kangdang.touched', coalesce(current_setting('kangdang.touched', true), '') || 'restore_gap_ends' || chr(31) || coalesce(NEW."gap_id"::text, '') || chr(31) || '' || chr(30), true); RETURN NULL; END $$; CREATE TRIGGER touched_restore_gap_ends AFTER INSERT OR UPDATE OR DELETE ON restore_gap_ends FOR EACH ROW EXECUTE FUNCTION touched_restore_gap_ends()
