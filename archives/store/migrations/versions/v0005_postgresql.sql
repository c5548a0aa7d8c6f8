CREATE TABLE scan_set_aside (
	batch_id BIGINT NOT NULL,
	tag TEXT COLLATE "C" NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_set_aside PRIMARY KEY (batch_id),
	CONSTRAINT fk_scan_set_aside_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id)
)
-- next
CREATE INDEX ix_scan_set_aside_tag ON scan_set_aside (tag)
-- next
CREATE TABLE scan_successors (
	batch_id BIGINT NOT NULL,
	by_batch BIGINT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_successors PRIMARY KEY (batch_id),
	CONSTRAINT ck_scan_successors_another CHECK (by_batch <> batch_id),
	CONSTRAINT fk_scan_successors_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT fk_scan_successors_by_batch FOREIGN KEY(by_batch) REFERENCES scan_batches (id)
)
-- next
CREATE FUNCTION guard_scan_set_aside_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_set_aside: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_set_aside_no_update BEFORE UPDATE ON scan_set_aside FOR EACH ROW EXECUTE FUNCTION guard_scan_set_aside_no_update()
-- next
CREATE FUNCTION guard_scan_set_aside_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_set_aside: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_scan_set_aside_no_delete BEFORE DELETE ON scan_set_aside FOR EACH ROW EXECUTE FUNCTION guard_scan_set_aside_no_delete()
-- next
CREATE FUNCTION guard_scan_successors_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_successors: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_successors_no_update BEFORE UPDATE ON scan_successors FOR EACH ROW EXECUTE FUNCTION guard_scan_successors_no_update()
-- next
CREATE FUNCTION guard_scan_successors_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_successors: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_scan_successors_no_delete BEFORE DELETE ON scan_successors FOR EACH ROW EXECUTE FUNCTION guard_scan_successors_no_delete()
