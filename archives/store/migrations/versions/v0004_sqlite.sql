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
	id INTEGER NOT NULL,
	body TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER,
	CONSTRAINT pk_station_settings PRIMARY KEY (id),
	CONSTRAINT fk_station_settings_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TRIGGER guard_store_marks_no_delete BEFORE DELETE ON store_marks WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'marks: kept'); END
-- next
CREATE TRIGGER guard_store_marks_forward BEFORE UPDATE ON store_marks WHEN (NEW."name" IS DISTINCT FROM OLD."name") OR NEW.number < OLD.number BEGIN SELECT RAISE(ABORT, 'marks: counters only go forward'); END
-- next
CREATE TRIGGER guard_station_settings_no_update BEFORE UPDATE ON station_settings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'station_settings: append only'); END
-- next
CREATE TRIGGER guard_station_settings_no_delete BEFORE DELETE ON station_settings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'station_settings: append only'); END
