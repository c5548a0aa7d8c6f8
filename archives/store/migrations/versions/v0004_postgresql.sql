CREATE TABLE store_marks (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	number INTEGER NOT NULL,
	CONSTRAINT pk_store_marks PRIMARY KEY (name),
	CONSTRAINT ck_store_marks_name CHECK (name = 'keys' OR name = 'page_code' OR name = 'seal' OR name = 'tombstones'),
	CONSTRAINT ck_store_marks_number CHECK (number >= 0)
)
-- next
CREATE TABLE station_settings (
	id BIGSERIAL NOT NULL,
	body TEXT NOT NULL,
	at TEXT NOT NULL,
	by BIGINT,
	CONSTRAINT pk_station_settings PRIMARY KEY (id),
	CONSTRAINT fk_station_settings_by FOREIGN KEY(by) REFERENCES staff (id)
)
-- next
CREATE FUNCTION guard_store_marks_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'marks: kept' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_store_marks_no_delete BEFORE DELETE ON store_marks FOR EACH ROW EXECUTE FUNCTION guard_store_marks_no_delete()
-- next
CREATE FUNCTION guard_store_marks_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW."name" IS DISTINCT FROM OLD."name") OR NEW.number < OLD.number THEN RAISE EXCEPTION 'marks: counters only go forward' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_store_marks_forward BEFORE UPDATE ON store_marks FOR EACH ROW EXECUTE FUNCTION guard_store_marks_forward()
-- next
CREATE FUNCTION guard_station_settings_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'station_settings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_station_settings_no_update BEFORE UPDATE ON station_settings FOR EACH ROW EXECUTE FUNCTION guard_station_settings_no_update()
-- next
CREATE FUNCTION guard_station_settings_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'station_settings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_station_settings_no_delete BEFORE DELETE ON station_settings FOR EACH ROW EXECUTE FUNCTION guard_station_settings_no_delete()
