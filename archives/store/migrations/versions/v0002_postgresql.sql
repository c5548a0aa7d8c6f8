CREATE TABLE clock_readings (
	id BIGSERIAL NOT NULL,
	kind TEXT NOT NULL,
	seconds BIGINT NOT NULL,
	staff BIGINT,
	last_event BIGINT NOT NULL,
	CONSTRAINT pk_clock_readings PRIMARY KEY (id),
	CONSTRAINT ck_clock_readings_kind CHECK (kind = 'kept' OR kind = 'doubted' OR kind = 'confirmed'),
	CONSTRAINT ck_clock_readings_confirmed CHECK ((kind = 'confirmed') = (staff IS NOT NULL)),
	CONSTRAINT fk_clock_readings_staff FOREIGN KEY(staff) REFERENCES staff (id)
)
-- next
CREATE TABLE clock_wrongs (
	id BIGSERIAL NOT NULL,
	reading_id BIGINT NOT NULL,
	first_event BIGINT NOT NULL,
	last_event BIGINT NOT NULL,
	first_seconds BIGINT NOT NULL,
	last_seconds BIGINT NOT NULL,
	found_seconds BIGINT NOT NULL,
	CONSTRAINT pk_clock_wrongs PRIMARY KEY (id),
	CONSTRAINT ck_clock_wrongs_ordered CHECK (first_event <= last_event AND first_seconds <= last_seconds),
	CONSTRAINT fk_clock_wrongs_reading_id FOREIGN KEY(reading_id) REFERENCES clock_readings (id)
)
-- next
CREATE FUNCTION guard_clock_readings_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'clock_readings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_clock_readings_no_update BEFORE UPDATE ON clock_readings FOR EACH ROW EXECUTE FUNCTION guard_clock_readings_no_update()
-- next
CREATE FUNCTION guard_clock_readings_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'clock_readings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_clock_readings_no_delete BEFORE DELETE ON clock_readings FOR EACH ROW EXECUTE FUNCTION guard_clock_readings_no_delete()
-- next
CREATE FUNCTION guard_clock_wrongs_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'clock_wrongs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_clock_wrongs_no_update BEFORE UPDATE ON clock_wrongs FOR EACH ROW EXECUTE FUNCTION guard_clock_wrongs_no_update()
-- next
CREATE FUNCTION guard_clock_wrongs_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'clock_wrongs: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_clock_wrongs_no_delete BEFORE DELETE ON clock_wrongs FOR EACH ROW EXECUTE FUNCTION guard_clock_wrongs_no_delete()
-- next
CREATE FUNCTION guard_clock_no_leap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'kept' AND (NEW.seconds > (SELECT seconds FROM clock_readings WHERE kind <> 'doubted' ORDER BY id DESC LIMIT 1) + 1209600 OR NEW.seconds < (SELECT seconds FROM clock_readings WHERE kind <> 'doubted' ORDER BY id DESC LIMIT 1) - 600) THEN RAISE EXCEPTION 'clock_readings: the program takes no leap' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_clock_no_leap BEFORE INSERT ON clock_readings FOR EACH ROW EXECUTE FUNCTION guard_clock_no_leap()
-- next
CREATE FUNCTION guard_clock_by_custodian() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'confirmed' AND NOT EXISTS (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff AND staff_roles.role IN ('records', 'admin')) THEN RAISE EXCEPTION 'clock_readings: confirmed by 档案员 or 系统管理员' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_clock_by_custodian BEFORE INSERT ON clock_readings FOR EACH ROW EXECUTE FUNCTION guard_clock_by_custodian()
-- next
CREATE FUNCTION guard_executions_by_confirmed_date() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT kind FROM clock_readings ORDER BY id DESC LIMIT 1) = 'doubted' THEN RAISE EXCEPTION 'disposal_executions: the date is unconfirmed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_executions_by_confirmed_date BEFORE INSERT ON disposal_executions FOR EACH ROW EXECUTE FUNCTION guard_executions_by_confirmed_date()
