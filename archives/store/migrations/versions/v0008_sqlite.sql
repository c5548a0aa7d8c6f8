CREATE TABLE restore_gaps (
	id INTEGER NOT NULL,
	backup_at TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_restore_gaps PRIMARY KEY (id)
)
-- next
CREATE TABLE restore_gap_ends (
	gap_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	staff INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_restore_gap_ends PRIMARY KEY (gap_id),
	CONSTRAINT ck_restore_gap_ends_kind CHECK (kind = 'list' OR kind = 'signed'),
	CONSTRAINT fk_restore_gap_ends_gap_id FOREIGN KEY(gap_id) REFERENCES restore_gaps (id),
	CONSTRAINT fk_restore_gap_ends_staff FOREIGN KEY(staff) REFERENCES staff (id)
)
-- next
CREATE TRIGGER guard_restore_gaps_no_update BEFORE UPDATE ON restore_gaps WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'restore_gaps: append only'); END
-- next
CREATE TRIGGER guard_restore_gaps_no_delete BEFORE DELETE ON restore_gaps WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'restore_gaps: append only'); END
-- next
CREATE TRIGGER guard_restore_gap_ends_no_update BEFORE UPDATE ON restore_gap_ends WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'restore_gap_ends: append only'); END
-- next
CREATE TRIGGER guard_restore_gap_ends_no_delete BEFORE DELETE ON restore_gap_ends WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'restore_gap_ends: append only'); END
-- next
CREATE TRIGGER guard_restore_gap_signed_by_director BEFORE INSERT ON restore_gap_ends WHEN NEW.kind = 'signed' AND NOT EXISTS (SELECT 1 FROM staff_roles WHERE staff_roles.staff_id = NEW.staff AND staff_roles.role = 'director') BEGIN SELECT RAISE(ABORT, 'restore_gap_ends: signed by the 负责人'); END
