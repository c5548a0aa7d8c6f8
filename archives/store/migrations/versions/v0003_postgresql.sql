CREATE TABLE scan_clearings (
	batch_id BIGINT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_scan_clearings PRIMARY KEY (batch_id),
	CONSTRAINT fk_scan_clearings_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id)
)
-- next
CREATE TABLE scan_blank_looks (
	page_id BIGINT NOT NULL,
	by BIGINT NOT NULL,
	at TEXT NOT NULL,
	event_id BIGINT NOT NULL,
	CONSTRAINT pk_scan_blank_looks PRIMARY KEY (page_id),
	CONSTRAINT fk_scan_blank_looks_page_id FOREIGN KEY(page_id) REFERENCES scan_pages (id),
	CONSTRAINT fk_scan_blank_looks_by FOREIGN KEY(by) REFERENCES staff (id),
	CONSTRAINT fk_scan_blank_looks_event_id FOREIGN KEY(event_id) REFERENCES events (id)
)
-- next
CREATE FUNCTION guard_scan_blank_looks_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_blank_looks: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_blank_looks_no_update BEFORE UPDATE ON scan_blank_looks FOR EACH ROW EXECUTE FUNCTION guard_scan_blank_looks_no_update()
-- next
CREATE FUNCTION guard_scan_blank_looks_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_blank_looks: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_scan_blank_looks_no_delete BEFORE DELETE ON scan_blank_looks FOR EACH ROW EXECUTE FUNCTION guard_scan_blank_looks_no_delete()
-- next
CREATE FUNCTION guard_scan_clearings_no_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_clearings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_clearings_no_update BEFORE UPDATE ON scan_clearings FOR EACH ROW EXECUTE FUNCTION guard_scan_clearings_no_update()
-- next
CREATE FUNCTION guard_scan_clearings_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'scan_clearings: append only' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$; CREATE TRIGGER guard_scan_clearings_no_delete BEFORE DELETE ON scan_clearings FOR EACH ROW EXECUTE FUNCTION guard_scan_clearings_no_delete()
-- next
CREATE FUNCTION guard_scan_blank_looks_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM scan_pages p JOIN scan_batches b ON b.id = p.batch_id WHERE p.id = NEW.page_id AND p.state = 'blank' AND b.state IN ('open', 'balanced')) THEN RAISE EXCEPTION 'scans: blank pages are looked at while they are there' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_blank_looks_counted BEFORE INSERT ON scan_blank_looks FOR EACH ROW EXECUTE FUNCTION guard_scan_blank_looks_counted()
-- next
CREATE FUNCTION guard_scan_clearings_settled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM scan_batches b WHERE b.id = NEW.batch_id AND b.state = 'balanced') OR EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'waiting') THEN RAISE EXCEPTION 'scans: pages wait' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_clearings_settled BEFORE INSERT ON scan_clearings FOR EACH ROW EXECUTE FUNCTION guard_scan_clearings_settled()
-- next
CREATE FUNCTION guard_scan_clearings_seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.batch_id AND p.state = 'blank' AND p.settled_by IS NULL AND NOT EXISTS (SELECT 1 FROM scan_blank_looks l WHERE l.page_id = p.id)) THEN RAISE EXCEPTION 'scans: blank pages nobody saw' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_clearings_seen BEFORE INSERT ON scan_clearings FOR EACH ROW EXECUTE FUNCTION guard_scan_clearings_seen()
-- next
CREATE FUNCTION guard_scan_batches_clearing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'cleared' AND OLD.state = 'balanced' AND NOT EXISTS (SELECT 1 FROM scan_clearings c WHERE c.batch_id = NEW.id) THEN RAISE EXCEPTION 'scans: clearing begins with its row' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_batches_clearing BEFORE UPDATE ON scan_batches FOR EACH ROW EXECUTE FUNCTION guard_scan_batches_clearing()
-- next
CREATE FUNCTION guard_scan_pages_clearing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'waiting' AND OLD.state <> 'waiting' AND EXISTS (SELECT 1 FROM scan_clearings c WHERE c.batch_id = NEW.batch_id) THEN RAISE EXCEPTION 'scans: its batch is being cleared' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$; CREATE TRIGGER guard_scan_pages_clearing BEFORE UPDATE ON scan_pages FOR EACH ROW EXECUTE FUNCTION guard_scan_pages_clearing()
