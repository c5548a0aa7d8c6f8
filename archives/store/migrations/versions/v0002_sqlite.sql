CREATE TABLE clock_readings (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	seconds BIGINT NOT NULL,
	staff INTEGER,
	last_event BIGINT NOT NULL,
	CONSTRAINT pk_clock_readings PRIMARY KEY (id),
	CONSTRAINT ck_clock_readings_kind CHECK (kind = 'kept' OR kind = 'doubted' OR kind = 'confirmed'),
	CONSTRAINT ck_clock_readings_confirmed CHECK ((kind = 'confirmed') = (staff IS NOT NULL)),
	CONSTRAINT fk_clock_readings_staff FOREIGN KEY(staff) REFERENCES staff (id)
)
-- next
CREATE TABLE clock_wrongs (
	id INTEGER NOT NULL,
	reading_id INTEGER NOT NULL,
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
CREATE TRIGGER guard_clock_readings_no_update BEFORE UPDATE ON clock_readings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'clock_readings: append only'); END
-- next
CREATE TRIGGER guard_clock_readings_no_delete BEFORE DELETE ON clock_readings WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'clock_readings: append only'); END
-- next
CREATE TRIGGER guard_clock_wrongs_no_update BEFORE UPDATE ON clock_wrongs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'clock_wrongs: append only'); END
-- next
CREATE TRIGGER guard_clock_wrongs_no_delete BEFORE DELETE ON clock_wrongs WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'clock_wrongs: append only'); END
-- next
CREATE TRIGGER guard_clock_no_leap BEFORE INSERT ON clock_readings WHEN NEW.kind = 'kept' AND (NEW.seconds > (SELECT seconds FROM clock_readings WHERE kind <> 'doubted' ORDER BY id DESC LIMIT 1) + 1209600 OR NEW.seconds < (SELECT seconds FROM clock_readings WHERE kind <> 'doubted' ORDER BY id DESC LIMIT 1) - 600) BEGIN SELECT RAISE(ABORT, 'clock_readings: the program takes no leap'); END
-- next
CREATE TRIGGER guard_clock_by_custodian BEFORE INSERT ON clock_readings WHEN NEW.kind = 'confirmed' AND NOT EXISTS (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff AND staff_roles.role IN ('records', 'admin')) BEGIN SELECT RAISE(ABORT, 'clock_readings: confirmed by 档案员 or 系统管理员'); END
-- next
CREATE TRIGGER guard_executions_by_confirmed_date BEFORE INSERT ON disposal_executions WHEN (SELECT kind FROM clock_readings ORDER BY id DESC LIMIT 1) = 'doubted' BEGIN SELECT RAISE(ABORT, 'disposal_executions: the date is unconfirmed'); END
