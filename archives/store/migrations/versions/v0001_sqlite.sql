CREATE TABLE events (
	id INTEGER NOT NULL,
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	at TEXT NOT NULL,
	user INTEGER,
	staff INTEGER,
	role TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	purpose TEXT,
	approval TEXT,
	client TEXT NOT NULL,
	result TEXT NOT NULL,
	detail TEXT NOT NULL,
	note_sha256 TEXT,
	hash BLOB NOT NULL,
	CONSTRAINT pk_events PRIMARY KEY (id),
	CONSTRAINT ck_events_result CHECK (result = 'ok' OR result = 'denied' OR result = 'failed'),
	CONSTRAINT uq_events_chain_seq UNIQUE (chain, seq)
)
-- next
CREATE TABLE seals (
	number INTEGER NOT NULL,
	day TEXT NOT NULL,
	made_at TEXT NOT NULL,
	last_event INTEGER NOT NULL,
	count_events INTEGER NOT NULL,
	prev_seal_hash BLOB NOT NULL,
	heads_root BLOB NOT NULL,
	public_key BLOB NOT NULL,
	signature BLOB NOT NULL,
	CONSTRAINT pk_seals PRIMARY KEY (number)
)
-- next
CREATE TABLE sequences (
	name TEXT NOT NULL,
	next INTEGER NOT NULL,
	CONSTRAINT pk_sequences PRIMARY KEY (name),
	CONSTRAINT ck_sequences_next CHECK (next >= 1)
)
-- next
CREATE TABLE staff (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL,
	id_hash TEXT NOT NULL,
	outside INTEGER NOT NULL,
	supervisor INTEGER,
	added_at TEXT NOT NULL,
	left_on TEXT,
	CONSTRAINT ck_staff_outside CHECK (outside IN (0, 1)),
	CONSTRAINT uq_staff_id_hash UNIQUE (id_hash),
	CONSTRAINT fk_staff_supervisor FOREIGN KEY(supervisor) REFERENCES staff (id)
)
-- next
CREATE TABLE numbers (
	sequence TEXT NOT NULL,
	number INTEGER NOT NULL,
	used_for TEXT NOT NULL,
	at TEXT NOT NULL,
	void_reason TEXT,
	CONSTRAINT pk_numbers PRIMARY KEY (sequence, number),
	CONSTRAINT fk_numbers_sequence FOREIGN KEY(sequence) REFERENCES sequences (name)
)
 WITHOUT ROWID
-- next
CREATE TABLE persons (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	state TEXT NOT NULL,
	merged_into INTEGER,
	id_hash TEXT,
	name TEXT,
	sex TEXT,
	birth_date TEXT,
	phone TEXT,
	identity_key TEXT,
	identity BLOB,
	opened_at TEXT NOT NULL,
	opened_by INTEGER NOT NULL,
	CONSTRAINT ck_persons_state CHECK (state = 'present' OR state = 'merged' OR state = 'gone'),
	CONSTRAINT ck_persons_merged CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
	CONSTRAINT ck_persons_gone CHECK (state <> 'gone' OR (id_hash IS NULL AND name IS NULL AND identity IS NULL)),
	CONSTRAINT fk_persons_merged_into FOREIGN KEY(merged_into) REFERENCES persons (id),
	CONSTRAINT fk_persons_opened_by FOREIGN KEY(opened_by) REFERENCES staff (id)
)
-- next
CREATE UNIQUE INDEX uq_persons_id_hash ON persons (id_hash)
-- next
CREATE TABLE scan_batches (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	state TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	size INTEGER NOT NULL,
	pages_in INTEGER,
	item_key TEXT,
	received_at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	balanced_at TEXT,
	cleared_at TEXT,
	CONSTRAINT ck_scan_batches_state CHECK (state = 'receiving' OR state = 'open' OR state = 'balanced' OR state = 'cleared'),
	CONSTRAINT ck_scan_batches_counted CHECK ((state = 'receiving') = (pages_in IS NULL)),
	CONSTRAINT ck_scan_batches_balanced CHECK (state NOT IN ('balanced', 'cleared') OR balanced_at IS NOT NULL),
	CONSTRAINT ck_scan_batches_cleared CHECK (state <> 'cleared' OR (item_key IS NULL AND cleared_at IS NOT NULL)),
	CONSTRAINT uq_scan_batches_sha256 UNIQUE (sha256),
	CONSTRAINT fk_scan_batches_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TABLE schedules (
	version TEXT NOT NULL,
	body TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	proposed_by INTEGER NOT NULL,
	proposed_at TEXT NOT NULL,
	approved_by INTEGER,
	approved_at TEXT,
	CONSTRAINT pk_schedules PRIMARY KEY (version),
	CONSTRAINT ck_schedules_two_people CHECK (approved_by IS NULL OR approved_by <> proposed_by),
	CONSTRAINT ck_schedules_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
	CONSTRAINT fk_schedules_proposed_by FOREIGN KEY(proposed_by) REFERENCES staff (id),
	CONSTRAINT fk_schedules_approved_by FOREIGN KEY(approved_by) REFERENCES staff (id),
	CONSTRAINT uq_schedules_approved_at UNIQUE (approved_at)
)
-- next
CREATE TABLE seal_heads (
	seal INTEGER NOT NULL,
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	hash BLOB NOT NULL,
	CONSTRAINT pk_seal_heads PRIMARY KEY (seal, chain),
	CONSTRAINT fk_seal_heads_seal FOREIGN KEY(seal) REFERENCES seals (number)
)
 WITHOUT ROWID
-- next
CREATE TABLE staff_roles (
	staff_id INTEGER NOT NULL,
	role TEXT NOT NULL,
	given_at TEXT NOT NULL,
	given_by INTEGER,
	CONSTRAINT pk_staff_roles PRIMARY KEY (staff_id, role),
	CONSTRAINT ck_staff_roles_role CHECK (role = 'worker' OR role = 'supervisor' OR role = 'director' OR role = 'records' OR role = 'auditor' OR role = 'admin'),
	CONSTRAINT fk_staff_roles_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_staff_roles_given_by FOREIGN KEY(given_by) REFERENCES staff (id)
)
 WITHOUT ROWID
-- next
CREATE UNIQUE INDEX uq_staff_roles_exclusive ON staff_roles (staff_id) WHERE role IN ('records', 'auditor', 'admin')
-- next
CREATE TABLE transfers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	ref_code TEXT NOT NULL,
	kind TEXT NOT NULL,
	handed_by INTEGER NOT NULL,
	received_by INTEGER,
	receiver_note BLOB,
	at TEXT NOT NULL,
	CONSTRAINT ck_transfers_kind CHECK (kind = 'filing' OR kind = 'handover'),
	CONSTRAINT ck_transfers_two_people CHECK (received_by IS NULL OR received_by <> handed_by),
	CONSTRAINT uq_transfers_ref_code UNIQUE (ref_code),
	CONSTRAINT fk_transfers_handed_by FOREIGN KEY(handed_by) REFERENCES staff (id),
	CONSTRAINT fk_transfers_received_by FOREIGN KEY(received_by) REFERENCES staff (id)
)
-- next
CREATE TABLE users (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	staff_id INTEGER NOT NULL,
	login TEXT NOT NULL,
	state TEXT NOT NULL,
	added_at TEXT NOT NULL,
	CONSTRAINT ck_users_state CHECK (state = 'active' OR state = 'closed'),
	CONSTRAINT fk_users_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT uq_users_login UNIQUE (login)
)
-- next
CREATE INDEX ix_users_staff_id ON users (staff_id)
-- next
CREATE TABLE amendments (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	person_id INTEGER NOT NULL,
	field TEXT NOT NULL,
	"before" BLOB NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	reason BLOB NOT NULL,
	CONSTRAINT fk_amendments_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
	CONSTRAINT fk_amendments_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE INDEX ix_amendments_person_id ON amendments (person_id)
-- next
CREATE TABLE disposal_lists (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	ref_code TEXT NOT NULL,
	state TEXT NOT NULL,
	schedule_version TEXT NOT NULL,
	made_by INTEGER NOT NULL,
	made_at TEXT NOT NULL,
	list_sha256 TEXT,
	not_before TEXT,
	method TEXT,
	place TEXT,
	done_at TEXT,
	CONSTRAINT ck_disposal_lists_state CHECK (state = 'proposed' OR state = 'appraised' OR state = 'approved' OR state = 'executing' OR state = 'done' OR state = 'withdrawn'),
	CONSTRAINT ck_disposal_lists_hashed CHECK (state NOT IN ('appraised', 'approved', 'executing', 'done') OR list_sha256 IS NOT NULL),
	CONSTRAINT ck_disposal_lists_waiting_known CHECK (state NOT IN ('approved', 'executing', 'done') OR not_before IS NOT NULL),
	CONSTRAINT uq_disposal_lists_ref_code UNIQUE (ref_code),
	CONSTRAINT fk_disposal_lists_schedule_version FOREIGN KEY(schedule_version) REFERENCES schedules (version),
	CONSTRAINT fk_disposal_lists_made_by FOREIGN KEY(made_by) REFERENCES staff (id)
)
-- next
CREATE TABLE files (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	person_id INTEGER,
	series TEXT,
	year INTEGER NOT NULL,
	ref_code TEXT,
	application_no TEXT,
	state TEXT NOT NULL,
	accepted_on TEXT,
	opened_at TEXT NOT NULL,
	note_key TEXT,
	CONSTRAINT ck_files_kind CHECK (kind = 'person' OR kind = 'series'),
	CONSTRAINT ck_files_state CHECK (state = 'open' OR state = 'filed' OR state = 'restricted' OR state = 'merged' OR state = 'destroyed'),
	CONSTRAINT ck_files_of_person CHECK ((kind = 'person') = (person_id IS NOT NULL)),
	CONSTRAINT ck_files_of_series CHECK ((kind = 'series') = (series IS NOT NULL)),
	CONSTRAINT ck_files_numbered_when_accepted CHECK (kind = 'series' OR (accepted_on IS NULL) = (ref_code IS NULL)),
	CONSTRAINT uq_files_series_year UNIQUE (series, year),
	CONSTRAINT uq_files_person_id UNIQUE (person_id),
	CONSTRAINT fk_files_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
	CONSTRAINT uq_files_ref_code UNIQUE (ref_code),
	CONSTRAINT uq_files_application_no UNIQUE (application_no)
)
-- next
CREATE TABLE merges (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kept INTEGER NOT NULL,
	merged INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	reason BLOB NOT NULL,
	CONSTRAINT ck_merges_different CHECK (kept <> merged),
	CONSTRAINT fk_merges_kept FOREIGN KEY(kept) REFERENCES persons (id),
	CONSTRAINT uq_merges_merged UNIQUE (merged),
	CONSTRAINT fk_merges_merged FOREIGN KEY(merged) REFERENCES persons (id),
	CONSTRAINT fk_merges_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TABLE scan_parts (
	batch_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	blob TEXT NOT NULL,
	CONSTRAINT pk_scan_parts PRIMARY KEY (batch_id, number),
	CONSTRAINT fk_scan_parts_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT uq_scan_parts_blob UNIQUE (blob)
)
 WITHOUT ROWID
-- next
CREATE TABLE search_terms (
	person_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	term TEXT NOT NULL,
	CONSTRAINT uq_search_terms_term_kind_person_id UNIQUE (term, kind, person_id),
	CONSTRAINT fk_search_terms_person_id FOREIGN KEY(person_id) REFERENCES persons (id)
)
-- next
CREATE INDEX ix_search_terms_person_id ON search_terms (person_id)
-- next
CREATE TABLE access_requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	requester INTEGER NOT NULL,
	purpose TEXT NOT NULL,
	note BLOB,
	asked_at TEXT NOT NULL,
	decided_by INTEGER,
	decided_at TEXT,
	granted INTEGER,
	until TEXT,
	CONSTRAINT ck_access_requests_two_people CHECK (decided_by IS NULL OR decided_by <> requester),
	CONSTRAINT ck_access_requests_decided CHECK ((decided_by IS NULL) = (granted IS NULL)),
	CONSTRAINT ck_access_requests_granted CHECK (granted IS NULL OR granted IN (0, 1)),
	CONSTRAINT fk_access_requests_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_access_requests_requester FOREIGN KEY(requester) REFERENCES staff (id),
	CONSTRAINT fk_access_requests_decided_by FOREIGN KEY(decided_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_access_requests_file_id ON access_requests (file_id)
-- next
CREATE TABLE appraisals (
	list_id INTEGER NOT NULL,
	staff_id INTEGER NOT NULL,
	list_sha256 TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_appraisals PRIMARY KEY (list_id, staff_id, list_sha256),
	CONSTRAINT fk_appraisals_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id),
	CONSTRAINT fk_appraisals_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
)
-- next
CREATE TABLE assignments (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	staff_id INTEGER NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT,
	CONSTRAINT fk_assignments_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_assignments_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_assignments_file_id ON assignments (file_id)
-- next
CREATE INDEX ix_assignments_staff_id_file_id ON assignments (staff_id, file_id)
-- next
CREATE TABLE disposal_approvals (
	list_id INTEGER NOT NULL,
	approver INTEGER NOT NULL,
	list_sha256 TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_disposal_approvals PRIMARY KEY (list_id),
	CONSTRAINT uq_disposal_approvals_list_id_approver UNIQUE (list_id, approver),
	CONSTRAINT fk_disposal_approvals_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id),
	CONSTRAINT fk_disposal_approvals_approver FOREIGN KEY(approver) REFERENCES staff (id)
)
-- next
CREATE TABLE forgotten (
	person_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	list_id INTEGER NOT NULL,
	forgotten_at TEXT NOT NULL,
	item_keys TEXT NOT NULL,
	CONSTRAINT pk_forgotten PRIMARY KEY (person_id),
	CONSTRAINT fk_forgotten_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
	CONSTRAINT fk_forgotten_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_forgotten_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id)
)
-- next
CREATE TABLE notes (
	event_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	body BLOB NOT NULL,
	CONSTRAINT pk_notes PRIMARY KEY (event_id),
	CONSTRAINT fk_notes_event_id FOREIGN KEY(event_id) REFERENCES events (id),
	CONSTRAINT fk_notes_file_id FOREIGN KEY(file_id) REFERENCES files (id)
)
-- next
CREATE INDEX ix_notes_file_id ON notes (file_id)
-- next
CREATE TABLE outside_copies (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	file_id INTEGER,
	sha256 TEXT NOT NULL,
	made_at TEXT NOT NULL,
	made_by INTEGER,
	gone_by TEXT NOT NULL,
	gone_on TEXT,
	CONSTRAINT ck_outside_copies_kind CHECK (kind = 'backup' OR kind = 'export'),
	CONSTRAINT fk_outside_copies_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_outside_copies_made_by FOREIGN KEY(made_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_outside_copies_file_id ON outside_copies (file_id)
-- next
CREATE TABLE placements (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	volume INTEGER NOT NULL,
	cabinet TEXT NOT NULL,
	shelf TEXT NOT NULL,
	box TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT fk_placements_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_placements_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE INDEX ix_placements_file_id ON placements (file_id)
-- next
CREATE TABLE rights_requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	ref_code TEXT NOT NULL,
	person_id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	by_guardian INTEGER NOT NULL,
	received_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	content BLOB NOT NULL,
	state TEXT NOT NULL,
	decided_by INTEGER,
	decided_on TEXT,
	decision TEXT,
	decision_reason BLOB,
	CONSTRAINT ck_rights_requests_kind CHECK (kind = 'consult' OR kind = 'copy' OR kind = 'correct' OR kind = 'delete' OR kind = 'restrict' OR kind = 'withdraw_consent' OR kind = 'explain'),
	CONSTRAINT ck_rights_requests_state CHECK (state = 'open' OR state = 'decided'),
	CONSTRAINT ck_rights_requests_decision CHECK (decision = 'granted' OR decision = 'partly' OR decision = 'refused' OR decision = 'restricted'),
	CONSTRAINT ck_rights_requests_decided CHECK ((state = 'decided') = (decided_by IS NOT NULL)),
	CONSTRAINT uq_rights_requests_ref_code UNIQUE (ref_code),
	CONSTRAINT fk_rights_requests_person_id FOREIGN KEY(person_id) REFERENCES persons (id),
	CONSTRAINT fk_rights_requests_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_rights_requests_decided_by FOREIGN KEY(decided_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_rights_requests_file_id ON rights_requests (file_id)
-- next
CREATE TABLE transfer_items (
	transfer_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	volume INTEGER NOT NULL,
	pieces INTEGER NOT NULL,
	pages INTEGER NOT NULL,
	CONSTRAINT pk_transfer_items PRIMARY KEY (transfer_id, position),
	CONSTRAINT fk_transfer_items_transfer_id FOREIGN KEY(transfer_id) REFERENCES transfers (id),
	CONSTRAINT fk_transfer_items_file_id FOREIGN KEY(file_id) REFERENCES files (id)
)
-- next
CREATE TABLE volumes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	case_no TEXT,
	opened_on TEXT NOT NULL,
	closed_on TEXT,
	outcome TEXT,
	outcome_on TEXT,
	pages_frozen_at TEXT,
	CONSTRAINT ck_volumes_outcome CHECK (outcome = 'rejected' OR outcome = 'referred_out' OR outcome = 'served_briefly'),
	CONSTRAINT ck_volumes_number CHECK (number >= 1),
	CONSTRAINT ck_volumes_outcome_dated CHECK ((outcome IS NULL) = (outcome_on IS NULL)),
	CONSTRAINT uq_volumes_file_id_number UNIQUE (file_id, number),
	CONSTRAINT fk_volumes_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT uq_volumes_case_no UNIQUE (case_no)
)
-- next
CREATE TABLE witness_credentials (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	list_id INTEGER NOT NULL,
	staff_id INTEGER NOT NULL,
	list_sha256 TEXT NOT NULL,
	verifier TEXT NOT NULL,
	made_at TEXT NOT NULL,
	valid_until TEXT NOT NULL,
	tries INTEGER NOT NULL,
	used_at TEXT,
	CONSTRAINT fk_witness_credentials_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id),
	CONSTRAINT fk_witness_credentials_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
)
-- next
CREATE TABLE disposal_executions (
	list_id INTEGER NOT NULL,
	approver INTEGER NOT NULL,
	executor INTEGER NOT NULL,
	list_sha256 TEXT NOT NULL,
	paper_items INTEGER NOT NULL,
	paper_pages INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_disposal_executions PRIMARY KEY (list_id),
	CONSTRAINT fk_disposal_executions_list_id_approver FOREIGN KEY(list_id, approver) REFERENCES disposal_approvals (list_id, approver),
	CONSTRAINT ck_disposal_executions_not_the_approver CHECK (executor <> approver),
	CONSTRAINT uq_disposal_executions_list_id_approver_executor UNIQUE (list_id, approver, executor),
	CONSTRAINT fk_disposal_executions_executor FOREIGN KEY(executor) REFERENCES staff (id)
)
-- next
CREATE TABLE records (
	id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	volume_id INTEGER,
	form_id TEXT NOT NULL,
	title TEXT NOT NULL,
	item_no INTEGER,
	ref_code TEXT,
	state TEXT NOT NULL,
	document_date TEXT,
	events TEXT DEFAULT '{}' NOT NULL,
	item_key TEXT,
	source_record INTEGER,
	added_at TEXT NOT NULL,
	added_by INTEGER NOT NULL,
	CONSTRAINT pk_records PRIMARY KEY (id),
	CONSTRAINT ck_records_state CHECK (state = 'draft' OR state = 'final' OR state = 'signed' OR state = 'archived' OR state = 'void' OR state = 'destroying' OR state = 'destroyed'),
	CONSTRAINT ck_records_key_gone CHECK (state <> 'destroyed' OR item_key IS NULL),
	CONSTRAINT uq_records_file_id_item_no UNIQUE (file_id, item_no),
	CONSTRAINT fk_records_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_records_volume_id FOREIGN KEY(volume_id) REFERENCES volumes (id),
	CONSTRAINT uq_records_ref_code UNIQUE (ref_code),
	CONSTRAINT fk_records_source_record FOREIGN KEY(source_record) REFERENCES records (id),
	CONSTRAINT fk_records_added_by FOREIGN KEY(added_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_records_file_id_form_id ON records (file_id, form_id)
-- next
CREATE INDEX ix_records_source_record ON records (source_record) WHERE source_record IS NOT NULL
-- next
CREATE TABLE disposal_items (
	list_id INTEGER NOT NULL,
	record_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	ref_code TEXT NOT NULL,
	form_id TEXT NOT NULL,
	title TEXT NOT NULL,
	document_date TEXT NOT NULL,
	retention_class TEXT NOT NULL,
	years INTEGER NOT NULL,
	start_on TEXT NOT NULL,
	held_through TEXT NOT NULL,
	pages INTEGER NOT NULL,
	paper_pages INTEGER NOT NULL,
	paper_place TEXT,
	content_sha256 TEXT NOT NULL,
	opinion TEXT,
	opinion_years INTEGER,
	opinion_reason TEXT,
	state TEXT NOT NULL,
	left_because TEXT,
	destroyed_at TEXT,
	CONSTRAINT pk_disposal_items PRIMARY KEY (list_id, record_id),
	CONSTRAINT ck_disposal_items_state CHECK (state = 'proposed' OR state = 'kept' OR state = 'listed' OR state = 'destroying' OR state = 'destroyed' OR state = 'withdrawn'),
	CONSTRAINT ck_disposal_items_opinion CHECK (opinion = 'destroy' OR opinion = 'prolong' OR opinion = 'permanent' OR opinion = 'defer'),
	CONSTRAINT ck_disposal_items_left_because CHECK (left_because = 'held' OR left_because = 'permanent' OR left_because = 'not_due' OR left_because = 'changed' OR left_because = 'lent' OR left_because = 'stopped'),
	CONSTRAINT ck_disposal_items_never_permanent CHECK (retention_class = 'G3'),
	CONSTRAINT ck_disposal_items_paper CHECK ((paper_pages = 0) = (paper_place IS NULL)),
	CONSTRAINT ck_disposal_items_appraised CHECK (state NOT IN ('listed', 'destroying', 'destroyed') OR opinion = 'destroy'),
	CONSTRAINT ck_disposal_items_years CHECK ((opinion = 'prolong') = (opinion_years IS NOT NULL)),
	CONSTRAINT uq_disposal_items_list_id_position UNIQUE (list_id, position),
	CONSTRAINT fk_disposal_items_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id),
	CONSTRAINT fk_disposal_items_record_id FOREIGN KEY(record_id) REFERENCES records (id)
)
-- next
CREATE UNIQUE INDEX uq_disposal_items_live ON disposal_items (record_id) WHERE state IN ('proposed', 'listed', 'destroying', 'destroyed')
-- next
CREATE TABLE disposal_witnesses (
	list_id INTEGER NOT NULL,
	witness INTEGER NOT NULL,
	approver INTEGER NOT NULL,
	executor INTEGER NOT NULL,
	proof TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_disposal_witnesses PRIMARY KEY (list_id, witness),
	CONSTRAINT fk_disposal_witnesses_list_id_approver_executor FOREIGN KEY(list_id, approver, executor) REFERENCES disposal_executions (list_id, approver, executor),
	CONSTRAINT ck_disposal_witnesses_a_third_person CHECK (witness <> executor AND witness <> approver),
	CONSTRAINT ck_disposal_witnesses_proof CHECK (proof = 'password' OR proof = 'one_time'),
	CONSTRAINT fk_disposal_witnesses_witness FOREIGN KEY(witness) REFERENCES staff (id)
)
-- next
CREATE TABLE documents (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	record_id INTEGER,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	print_id TEXT,
	copy INTEGER,
	media_type TEXT NOT NULL,
	pages INTEGER NOT NULL,
	size INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	blob TEXT,
	item_key TEXT,
	sheet BLOB,
	form_version INTEGER,
	revision INTEGER,
	of_document INTEGER,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT ck_documents_kind CHECK (kind = 'issued' OR kind = 'scan' OR kind = 'attachment'),
	CONSTRAINT ck_documents_state CHECK (state = 'present' OR state = 'void' OR state = 'destroying' OR state = 'destroyed'),
	CONSTRAINT ck_documents_counted CHECK (pages >= 0 AND size >= 0),
	CONSTRAINT ck_documents_gone CHECK (state <> 'destroyed' OR (blob IS NULL AND item_key IS NULL)),
	CONSTRAINT fk_documents_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_documents_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT uq_documents_print_id UNIQUE (print_id),
	CONSTRAINT uq_documents_blob UNIQUE (blob),
	CONSTRAINT fk_documents_of_document FOREIGN KEY(of_document) REFERENCES documents (id),
	CONSTRAINT fk_documents_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE INDEX ix_documents_file_id ON documents (file_id)
-- next
CREATE INDEX ix_documents_record_id ON documents (record_id)
-- next
CREATE TABLE facts (
	record_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_facts PRIMARY KEY (record_id, name),
	CONSTRAINT fk_facts_record_id FOREIGN KEY(record_id) REFERENCES records (id)
)
 WITHOUT ROWID
-- next
CREATE INDEX ix_facts_of_rules ON facts (name) WHERE name = 'risk_level' OR name = 'named' OR name = 'yearly'
-- next
CREATE TABLE holds (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	file_id INTEGER NOT NULL,
	record_id INTEGER,
	reason TEXT NOT NULL,
	note BLOB,
	owner INTEGER NOT NULL,
	placed_at TEXT NOT NULL,
	until TEXT,
	released_at TEXT,
	released_by INTEGER,
	CONSTRAINT ck_holds_reason CHECK (reason = 'litigation' OR reason = 'complaint' OR reason = 'audit' OR reason = 'accident' OR reason = 'rights_request' OR reason = 'other'),
	CONSTRAINT ck_holds_released CHECK ((released_at IS NULL) = (released_by IS NULL)),
	CONSTRAINT fk_holds_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_holds_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_holds_owner FOREIGN KEY(owner) REFERENCES staff (id),
	CONSTRAINT fk_holds_released_by FOREIGN KEY(released_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_holds_file_id ON holds (file_id)
-- next
CREATE TABLE loans (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	ref_code TEXT NOT NULL,
	file_id INTEGER NOT NULL,
	record_id INTEGER,
	borrower INTEGER NOT NULL,
	purpose TEXT NOT NULL,
	basis BLOB,
	approver INTEGER NOT NULL,
	lender INTEGER NOT NULL,
	lent_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	pages INTEGER NOT NULL,
	returned_on TEXT,
	pages_returned INTEGER,
	condition BLOB,
	CONSTRAINT ck_loans_two_people CHECK (approver <> borrower),
	CONSTRAINT ck_loans_dates CHECK (due_on >= lent_on),
	CONSTRAINT ck_loans_returned CHECK ((returned_on IS NULL) = (pages_returned IS NULL)),
	CONSTRAINT uq_loans_ref_code UNIQUE (ref_code),
	CONSTRAINT fk_loans_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_loans_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_loans_borrower FOREIGN KEY(borrower) REFERENCES staff (id),
	CONSTRAINT fk_loans_approver FOREIGN KEY(approver) REFERENCES staff (id),
	CONSTRAINT fk_loans_lender FOREIGN KEY(lender) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_loans_file_id ON loans (file_id)
-- next
CREATE TABLE overrides (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	record_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	years INTEGER,
	decided_on TEXT NOT NULL,
	list_id INTEGER NOT NULL,
	CONSTRAINT ck_overrides_kind CHECK (kind = 'prolong' OR kind = 'permanent' OR kind = 'defer'),
	CONSTRAINT fk_overrides_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_overrides_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id)
)
-- next
CREATE INDEX ix_overrides_record_id ON overrides (record_id)
-- next
CREATE TABLE revisions (
	record_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	form_version INTEGER NOT NULL,
	state TEXT NOT NULL,
	payload BLOB NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	reason BLOB,
	CONSTRAINT pk_revisions PRIMARY KEY (record_id, number),
	CONSTRAINT fk_revisions_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_revisions_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TABLE scan_separators (
	print_id TEXT NOT NULL,
	file_id INTEGER NOT NULL,
	record_id INTEGER,
	pages INTEGER NOT NULL,
	made_at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT pk_scan_separators PRIMARY KEY (print_id),
	CONSTRAINT ck_scan_separators_pages CHECK (pages BETWEEN 1 AND 99),
	CONSTRAINT fk_scan_separators_file_id FOREIGN KEY(file_id) REFERENCES files (id),
	CONSTRAINT fk_scan_separators_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_scan_separators_by FOREIGN KEY("by") REFERENCES staff (id)
)
 WITHOUT ROWID
-- next
CREATE TABLE tombstones (
	record_id INTEGER NOT NULL,
	ref_code TEXT NOT NULL,
	form_id TEXT NOT NULL,
	title TEXT NOT NULL,
	content_sha256 TEXT NOT NULL,
	list_id INTEGER NOT NULL,
	destroyed_at TEXT NOT NULL,
	item_keys TEXT NOT NULL,
	blobs TEXT NOT NULL,
	CONSTRAINT pk_tombstones PRIMARY KEY (record_id),
	CONSTRAINT fk_tombstones_record_id FOREIGN KEY(record_id) REFERENCES records (id),
	CONSTRAINT fk_tombstones_list_id FOREIGN KEY(list_id) REFERENCES disposal_lists (id)
)
-- next
CREATE TABLE loan_reminders (
	loan_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" INTEGER NOT NULL,
	CONSTRAINT pk_loan_reminders PRIMARY KEY (loan_id, number),
	CONSTRAINT fk_loan_reminders_loan_id FOREIGN KEY(loan_id) REFERENCES loans (id),
	CONSTRAINT fk_loan_reminders_by FOREIGN KEY("by") REFERENCES staff (id)
)
-- next
CREATE TABLE scan_pages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	batch_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	state TEXT NOT NULL,
	reason TEXT,
	sha256 TEXT,
	size INTEGER NOT NULL,
	media_type TEXT,
	blob TEXT,
	item_key TEXT,
	print_id TEXT,
	page INTEGER,
	pages INTEGER,
	print_document INTEGER,
	filed_as INTEGER,
	position INTEGER,
	reading BLOB,
	settled_at TEXT,
	settled_by INTEGER,
	CONSTRAINT ck_scan_pages_state CHECK (state = 'waiting' OR state = 'filed' OR state = 'duplicate' OR state = 'blank' OR state = 'service' OR state = 'rejected'),
	CONSTRAINT ck_scan_pages_filed CHECK ((state = 'filed') = (filed_as IS NOT NULL AND position IS NOT NULL)),
	CONSTRAINT ck_scan_pages_reasoned CHECK (state <> 'waiting' OR reason IS NOT NULL),
	CONSTRAINT ck_scan_pages_kept CHECK ((blob IS NULL) = (item_key IS NULL)),
	CONSTRAINT uq_scan_pages_batch_id_number UNIQUE (batch_id, number),
	CONSTRAINT uq_scan_pages_filed_as_position UNIQUE (filed_as, position),
	CONSTRAINT fk_scan_pages_batch_id FOREIGN KEY(batch_id) REFERENCES scan_batches (id),
	CONSTRAINT uq_scan_pages_blob UNIQUE (blob),
	CONSTRAINT fk_scan_pages_print_document FOREIGN KEY(print_document) REFERENCES documents (id),
	CONSTRAINT fk_scan_pages_filed_as FOREIGN KEY(filed_as) REFERENCES documents (id),
	CONSTRAINT fk_scan_pages_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_scan_pages_print_document ON scan_pages (print_document)
-- next
CREATE INDEX ix_scan_pages_print_id ON scan_pages (print_id)
-- next
CREATE INDEX ix_scan_pages_state ON scan_pages (state)
-- next
CREATE TABLE scan_questions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	document_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	page INTEGER NOT NULL,
	state TEXT NOT NULL,
	body BLOB,
	answer TEXT,
	settled_at TEXT,
	settled_by INTEGER,
	CONSTRAINT ck_scan_questions_kind CHECK (kind = 'tick' OR kind = 'signature' OR kind = 'mark' OR kind = 'text' OR kind = 'unread'),
	CONSTRAINT ck_scan_questions_state CHECK (state = 'open' OR state = 'settled'),
	CONSTRAINT ck_scan_questions_answer CHECK (answer = 'paper' OR answer = 'record'),
	CONSTRAINT ck_scan_questions_answered CHECK ((state = 'settled') = (answer IS NOT NULL)),
	CONSTRAINT fk_scan_questions_document_id FOREIGN KEY(document_id) REFERENCES documents (id),
	CONSTRAINT fk_scan_questions_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id)
)
-- next
CREATE INDEX ix_scan_questions_document_id ON scan_questions (document_id)
-- next
CREATE TRIGGER guard_events_no_update BEFORE UPDATE ON events WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'events: append only'); END
-- next
CREATE TRIGGER guard_events_no_delete BEFORE DELETE ON events WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'events: append only'); END
-- next
CREATE TRIGGER guard_seals_no_update BEFORE UPDATE ON seals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'seals: append only'); END
-- next
CREATE TRIGGER guard_seals_no_delete BEFORE DELETE ON seals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'seals: append only'); END
-- next
CREATE TRIGGER guard_seal_heads_no_update BEFORE UPDATE ON seal_heads WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'seal_heads: append only'); END
-- next
CREATE TRIGGER guard_seal_heads_no_delete BEFORE DELETE ON seal_heads WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'seal_heads: append only'); END
-- next
CREATE TRIGGER guard_merges_no_update BEFORE UPDATE ON merges WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'merges: append only'); END
-- next
CREATE TRIGGER guard_merges_no_delete BEFORE DELETE ON merges WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'merges: append only'); END
-- next
CREATE TRIGGER guard_placements_no_update BEFORE UPDATE ON placements WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'placements: append only'); END
-- next
CREATE TRIGGER guard_placements_no_delete BEFORE DELETE ON placements WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'placements: append only'); END
-- next
CREATE TRIGGER guard_loan_reminders_no_update BEFORE UPDATE ON loan_reminders WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'loan_reminders: append only'); END
-- next
CREATE TRIGGER guard_loan_reminders_no_delete BEFORE DELETE ON loan_reminders WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'loan_reminders: append only'); END
-- next
CREATE TRIGGER guard_files_no_delete BEFORE DELETE ON files WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'files: never removed'); END
-- next
CREATE TRIGGER guard_persons_no_delete BEFORE DELETE ON persons WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'persons: never removed'); END
-- next
CREATE TRIGGER guard_numbers_no_delete BEFORE DELETE ON numbers WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'numbers: never used again'); END
-- next
CREATE TRIGGER guard_files_ref_code_stays BEFORE UPDATE ON files WHEN OLD.ref_code IS NOT NULL AND (NEW."ref_code" IS DISTINCT FROM OLD."ref_code") BEGIN SELECT RAISE(ABORT, 'files: 档号 stays'); END
-- next
CREATE TRIGGER guard_records_ref_code_stays BEFORE UPDATE ON records WHEN OLD.ref_code IS NOT NULL AND (NEW."ref_code" IS DISTINCT FROM OLD."ref_code") BEGIN SELECT RAISE(ABORT, 'records: 档号 stays'); END
-- next
CREATE TRIGGER guard_sequences_forward BEFORE UPDATE ON sequences WHEN NEW.next <= OLD.next BEGIN SELECT RAISE(ABORT, 'sequences: only forward'); END
-- next
CREATE TRIGGER guard_schedules_as_proposed BEFORE UPDATE ON schedules WHEN (NEW."version" IS DISTINCT FROM OLD."version" OR NEW."body" IS DISTINCT FROM OLD."body" OR NEW."sha256" IS DISTINCT FROM OLD."sha256" OR NEW."proposed_by" IS DISTINCT FROM OLD."proposed_by") OR OLD.approved_by IS NOT NULL BEGIN SELECT RAISE(ABORT, 'schedules: versions stay'); END
-- next
CREATE TRIGGER guard_schedules_no_delete BEFORE DELETE ON schedules WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'schedules: versions stay'); END
-- next
CREATE TRIGGER guard_staff_same_person BEFORE UPDATE ON staff WHEN (NEW."id_hash" IS DISTINCT FROM OLD."id_hash") BEGIN SELECT RAISE(ABORT, 'staff: one natural person, one row'); END
-- next
CREATE TRIGGER guard_users_same_person BEFORE UPDATE ON users WHEN (NEW."staff_id" IS DISTINCT FROM OLD."staff_id") BEGIN SELECT RAISE(ABORT, 'users: an account keeps its person'); END
-- next
CREATE TRIGGER guard_tombstones_no_update BEFORE UPDATE ON tombstones WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'tombstones: append only'); END
-- next
CREATE TRIGGER guard_tombstones_no_delete BEFORE DELETE ON tombstones WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'tombstones: append only'); END
-- next
CREATE TRIGGER guard_forgotten_no_update BEFORE UPDATE ON forgotten WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'forgotten: append only'); END
-- next
CREATE TRIGGER guard_forgotten_no_delete BEFORE DELETE ON forgotten WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'forgotten: append only'); END
-- next
CREATE TRIGGER guard_appraisals_no_update BEFORE UPDATE ON appraisals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'appraisals: append only'); END
-- next
CREATE TRIGGER guard_appraisals_no_delete BEFORE DELETE ON appraisals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'appraisals: append only'); END
-- next
CREATE TRIGGER guard_disposal_approvals_no_update BEFORE UPDATE ON disposal_approvals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_approvals: append only'); END
-- next
CREATE TRIGGER guard_disposal_approvals_no_delete BEFORE DELETE ON disposal_approvals WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_approvals: append only'); END
-- next
CREATE TRIGGER guard_disposal_executions_no_update BEFORE UPDATE ON disposal_executions WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_executions: append only'); END
-- next
CREATE TRIGGER guard_disposal_executions_no_delete BEFORE DELETE ON disposal_executions WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_executions: append only'); END
-- next
CREATE TRIGGER guard_disposal_witnesses_no_update BEFORE UPDATE ON disposal_witnesses WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_witnesses: append only'); END
-- next
CREATE TRIGGER guard_disposal_witnesses_no_delete BEFORE DELETE ON disposal_witnesses WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal_witnesses: append only'); END
-- next
CREATE TRIGGER guard_overrides_no_update BEFORE UPDATE ON overrides WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'overrides: append only'); END
-- next
CREATE TRIGGER guard_overrides_no_delete BEFORE DELETE ON overrides WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'overrides: append only'); END
-- next
CREATE TRIGGER guard_lists_begin_proposed BEFORE INSERT ON disposal_lists WHEN NEW.state <> 'proposed' OR NEW.list_sha256 IS NOT NULL OR NEW.not_before IS NOT NULL BEGIN SELECT RAISE(ABORT, 'disposal: a list begins as a proposal'); END
-- next
CREATE TRIGGER guard_lists_forward BEFORE UPDATE ON disposal_lists WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'proposed' AND NEW.state IN ('appraised', 'withdrawn')) OR (OLD.state = 'appraised' AND NEW.state IN ('approved', 'withdrawn')) OR (OLD.state = 'approved' AND NEW.state IN ('executing', 'withdrawn')) OR (OLD.state = 'executing' AND NEW.state IN ('done'))) BEGIN SELECT RAISE(ABORT, 'disposal: a list only goes forward'); END
-- next
CREATE TRIGGER guard_lists_appraised BEFORE UPDATE ON disposal_lists WHEN NEW.state = 'appraised' AND OLD.state <> 'appraised' AND NOT EXISTS (SELECT 1 FROM appraisals a WHERE a.list_id = NEW.id GROUP BY a.list_sha256 HAVING count(*) >= 3) BEGIN SELECT RAISE(ABORT, 'disposal: three appraisers'); END
-- next
CREATE TRIGGER guard_lists_approved BEFORE UPDATE ON disposal_lists WHEN NEW.state = 'approved' AND OLD.state <> 'approved' AND NOT EXISTS (SELECT 1 FROM disposal_approvals a WHERE a.list_id = NEW.id AND a.list_sha256 = NEW.list_sha256) BEGIN SELECT RAISE(ABORT, 'disposal: not approved'); END
-- next
CREATE TRIGGER guard_lists_executing BEFORE UPDATE ON disposal_lists WHEN NEW.state = 'executing' AND OLD.state <> 'executing' AND NOT EXISTS (SELECT 1 FROM disposal_executions e WHERE e.list_id = NEW.id AND e.list_sha256 = NEW.list_sha256) BEGIN SELECT RAISE(ABORT, 'disposal: nobody executes'); END
-- next
CREATE TRIGGER guard_lists_done BEFORE UPDATE ON disposal_lists WHEN NEW.state = 'done' AND OLD.state <> 'done' AND EXISTS (SELECT 1 FROM disposal_items i WHERE i.list_id = NEW.id AND i.state IN ('listed', 'destroying')) BEGIN SELECT RAISE(ABORT, 'disposal: items are left'); END
-- next
CREATE TRIGGER guard_lists_no_delete BEFORE DELETE ON disposal_lists WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal: lists are kept'); END
-- next
CREATE TRIGGER guard_lists_as_made BEFORE UPDATE ON disposal_lists WHEN (NEW."id" IS DISTINCT FROM OLD."id" OR NEW."ref_code" IS DISTINCT FROM OLD."ref_code" OR NEW."made_by" IS DISTINCT FROM OLD."made_by" OR NEW."made_at" IS DISTINCT FROM OLD."made_at" OR NEW."schedule_version" IS DISTINCT FROM OLD."schedule_version") OR (OLD.list_sha256 IS NOT NULL AND (NEW."list_sha256" IS DISTINCT FROM OLD."list_sha256")) OR (OLD.not_before IS NOT NULL AND (NEW."not_before" IS DISTINCT FROM OLD."not_before")) OR (OLD.state IN ('executing', 'done') AND ((NEW."method" IS DISTINCT FROM OLD."method" OR NEW."place" IS DISTINCT FROM OLD."place"))) OR (OLD.done_at IS NOT NULL AND (NEW."done_at" IS DISTINCT FROM OLD."done_at")) BEGIN SELECT RAISE(ABORT, 'disposal: a list stays as it was approved'); END
-- next
CREATE TRIGGER guard_items_begin_proposed BEFORE INSERT ON disposal_items WHEN NEW.state <> 'proposed' OR NEW.opinion IS NOT NULL OR NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'proposed') BEGIN SELECT RAISE(ABORT, 'disposal: an item begins as a proposal'); END
-- next
CREATE TRIGGER guard_items_not_held BEFORE INSERT ON disposal_items WHEN EXISTS (SELECT 1 FROM holds h JOIN records r ON r.id = NEW.record_id WHERE h.released_at IS NULL AND h.file_id = r.file_id AND (h.record_id IS NULL OR h.record_id = r.id)) OR EXISTS (SELECT 1 FROM records x JOIN holds h ON h.file_id = x.file_id WHERE x.source_record = NEW.record_id AND h.released_at IS NULL AND (h.record_id IS NULL OR h.record_id = x.id)) BEGIN SELECT RAISE(ABORT, 'disposal: held'); END
-- next
CREATE TRIGGER guard_items_not_permanent BEFORE INSERT ON disposal_items WHEN EXISTS (SELECT 1 FROM overrides o WHERE o.record_id = NEW.record_id AND o.kind = 'permanent') BEGIN SELECT RAISE(ABORT, 'disposal: permanent'); END
-- next
CREATE TRIGGER guard_items_destroying_held BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND (EXISTS (SELECT 1 FROM holds h JOIN records r ON r.id = NEW.record_id WHERE h.released_at IS NULL AND h.file_id = r.file_id AND (h.record_id IS NULL OR h.record_id = r.id)) OR EXISTS (SELECT 1 FROM records x JOIN holds h ON h.file_id = x.file_id WHERE x.source_record = NEW.record_id AND h.released_at IS NULL AND (h.record_id IS NULL OR h.record_id = x.id))) BEGIN SELECT RAISE(ABORT, 'disposal: held'); END
-- next
CREATE TRIGGER guard_items_destroying_lent BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND EXISTS (SELECT 1 FROM loans b JOIN records r ON r.id = NEW.record_id WHERE b.returned_on IS NULL AND b.file_id = r.file_id AND (b.record_id IS NULL OR b.record_id = r.id)) BEGIN SELECT RAISE(ABORT, 'disposal: lent'); END
-- next
CREATE TRIGGER guard_items_destroying_approved BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND NOT EXISTS (SELECT 1 FROM disposal_lists l JOIN disposal_approvals a ON a.list_id = l.id JOIN disposal_executions e ON e.list_id = l.id WHERE l.id = NEW.list_id AND l.state = 'executing' AND a.list_sha256 = l.list_sha256 AND e.list_sha256 = l.list_sha256 AND l.not_before <= substr(e.at, 1, 10)) BEGIN SELECT RAISE(ABORT, 'disposal: not approved'); END
-- next
CREATE TRIGGER guard_items_destroying_witnessed BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND (SELECT count(*) FROM disposal_witnesses w WHERE w.list_id = NEW.list_id) < 2 BEGIN SELECT RAISE(ABORT, 'disposal: two witnesses'); END
-- next
CREATE TRIGGER guard_items_destroying_permanent BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND EXISTS (SELECT 1 FROM overrides o WHERE o.record_id = NEW.record_id AND o.kind = 'permanent') BEGIN SELECT RAISE(ABORT, 'disposal: permanent'); END
-- next
CREATE TRIGGER guard_items_forward BEFORE UPDATE ON disposal_items WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'proposed' AND NEW.state IN ('kept', 'listed', 'withdrawn')) OR (OLD.state = 'listed' AND NEW.state IN ('destroying', 'withdrawn')) OR (OLD.state = 'destroying' AND NEW.state = 'destroyed')) BEGIN SELECT RAISE(ABORT, 'disposal: only goes forward'); END
-- next
CREATE TRIGGER guard_items_listed_by_appraisal BEFORE UPDATE ON disposal_items WHEN NEW.state IN ('listed', 'kept') AND OLD.state = 'proposed' AND NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'proposed') BEGIN SELECT RAISE(ABORT, 'disposal: the appraisal is over'); END
-- next
CREATE TRIGGER guard_items_destroyed_proved BEFORE UPDATE ON disposal_items WHEN NEW.state = 'destroyed' AND OLD.state <> 'destroyed' AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.record_id = NEW.record_id AND t.list_id = NEW.list_id) BEGIN SELECT RAISE(ABORT, 'disposal: no tombstone'); END
-- next
CREATE TRIGGER guard_items_as_listed BEFORE UPDATE ON disposal_items WHEN (NEW."list_id" IS DISTINCT FROM OLD."list_id" OR NEW."record_id" IS DISTINCT FROM OLD."record_id" OR NEW."position" IS DISTINCT FROM OLD."position" OR NEW."ref_code" IS DISTINCT FROM OLD."ref_code" OR NEW."form_id" IS DISTINCT FROM OLD."form_id" OR NEW."title" IS DISTINCT FROM OLD."title" OR NEW."document_date" IS DISTINCT FROM OLD."document_date" OR NEW."retention_class" IS DISTINCT FROM OLD."retention_class" OR NEW."years" IS DISTINCT FROM OLD."years" OR NEW."start_on" IS DISTINCT FROM OLD."start_on" OR NEW."held_through" IS DISTINCT FROM OLD."held_through" OR NEW."pages" IS DISTINCT FROM OLD."pages" OR NEW."paper_pages" IS DISTINCT FROM OLD."paper_pages" OR NEW."paper_place" IS DISTINCT FROM OLD."paper_place" OR NEW."content_sha256" IS DISTINCT FROM OLD."content_sha256") OR (OLD.state <> 'proposed' AND ((NEW."opinion" IS DISTINCT FROM OLD."opinion" OR NEW."opinion_years" IS DISTINCT FROM OLD."opinion_years" OR NEW."opinion_reason" IS DISTINCT FROM OLD."opinion_reason"))) OR (OLD.destroyed_at IS NOT NULL AND (NEW."destroyed_at" IS DISTINCT FROM OLD."destroyed_at")) BEGIN SELECT RAISE(ABORT, 'disposal: a listed item stays as it was approved'); END
-- next
CREATE TRIGGER guard_items_no_delete BEFORE DELETE ON disposal_items WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal: lists are kept'); END
-- next
CREATE TRIGGER guard_appraisals_while_proposed BEFORE INSERT ON appraisals WHEN NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'proposed') BEGIN SELECT RAISE(ABORT, 'disposal: the appraisal is over'); END
-- next
CREATE TRIGGER guard_approvals_of_the_list BEFORE INSERT ON disposal_approvals WHEN NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'appraised' AND l.list_sha256 = NEW.list_sha256 AND l.made_by <> NEW.approver) BEGIN SELECT RAISE(ABORT, 'disposal: only the list as appraised, and not by its maker'); END
-- next
CREATE TRIGGER guard_approvals_by_the_director BEFORE INSERT ON disposal_approvals WHEN NOT EXISTS (SELECT 1 FROM staff_roles s WHERE s.staff_id = NEW.approver AND s.role = 'director') BEGIN SELECT RAISE(ABORT, 'disposal: the director approves'); END
-- next
CREATE TRIGGER guard_executions_of_the_list BEFORE INSERT ON disposal_executions WHEN NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'approved' AND l.list_sha256 = NEW.list_sha256 AND l.not_before <= substr(NEW.at, 1, 10)) BEGIN SELECT RAISE(ABORT, 'disposal: only the list as approved, after its waiting period'); END
-- next
CREATE TRIGGER guard_executions_by_records BEFORE INSERT ON disposal_executions WHEN NOT EXISTS (SELECT 1 FROM staff_roles s WHERE s.staff_id = NEW.executor AND s.role = 'records') BEGIN SELECT RAISE(ABORT, 'disposal: the records officer executes'); END
-- next
CREATE TRIGGER guard_witnesses_in_the_act BEFORE INSERT ON disposal_witnesses WHEN NOT EXISTS (SELECT 1 FROM disposal_lists l WHERE l.id = NEW.list_id AND l.state = 'executing') BEGIN SELECT RAISE(ABORT, 'disposal: witnesses only in the act'); END
-- next
CREATE TRIGGER guard_credentials_as_issued BEFORE UPDATE ON witness_credentials WHEN (NEW."list_id" IS DISTINCT FROM OLD."list_id" OR NEW."staff_id" IS DISTINCT FROM OLD."staff_id" OR NEW."list_sha256" IS DISTINCT FROM OLD."list_sha256" OR NEW."verifier" IS DISTINCT FROM OLD."verifier" OR NEW."made_at" IS DISTINCT FROM OLD."made_at" OR NEW."valid_until" IS DISTINCT FROM OLD."valid_until") OR NEW.tries < OLD.tries OR (OLD.used_at IS NOT NULL AND (NEW."used_at" IS DISTINCT FROM OLD."used_at")) BEGIN SELECT RAISE(ABORT, 'disposal: a credential stays as issued'); END
-- next
CREATE TRIGGER guard_credentials_no_delete BEFORE DELETE ON witness_credentials WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'disposal: credentials are kept'); END
-- next
CREATE TRIGGER guard_records_destroying_by_list BEFORE UPDATE ON records WHEN NEW.state = 'destroying' AND OLD.state <> 'destroying' AND NOT EXISTS (SELECT 1 FROM disposal_items i WHERE i.record_id = NEW.id AND i.state = 'destroying') BEGIN SELECT RAISE(ABORT, 'records: only a list under execution destroys'); END
-- next
CREATE TRIGGER guard_records_destroyed_once BEFORE UPDATE ON records WHEN (NEW.state = 'destroyed' AND OLD.state NOT IN ('destroying', 'destroyed')) OR (OLD.state = 'destroyed' AND NEW.state <> 'destroyed') OR (OLD.state = 'destroying' AND NEW.state NOT IN ('destroying', 'destroyed')) BEGIN SELECT RAISE(ABORT, 'records: destruction only goes forward'); END
-- next
CREATE TRIGGER guard_records_destroyed_proved BEFORE UPDATE ON records WHEN NEW.state = 'destroyed' AND OLD.state <> 'destroyed' AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.record_id = NEW.id) BEGIN SELECT RAISE(ABORT, 'records: no tombstone'); END
-- next
CREATE TRIGGER guard_records_key_stays BEFORE UPDATE ON records WHEN (NEW."item_key" IS DISTINCT FROM OLD."item_key") AND NEW.state <> 'destroyed' BEGIN SELECT RAISE(ABORT, 'records: the key stays'); END
-- next
CREATE TRIGGER guard_records_form_stays BEFORE UPDATE ON records WHEN (NEW."form_id" IS DISTINCT FROM OLD."form_id" OR NEW."source_record" IS DISTINCT FROM OLD."source_record") BEGIN SELECT RAISE(ABORT, 'records: the form stays'); END
-- next
CREATE TRIGGER guard_records_file_stays BEFORE UPDATE ON records WHEN (NEW."file_id" IS DISTINCT FROM OLD."file_id") AND NOT EXISTS (SELECT 1 FROM files f JOIN persons p ON p.id = f.person_id JOIN files k ON k.person_id = p.merged_into WHERE f.id = OLD.file_id AND k.id = NEW.file_id) BEGIN SELECT RAISE(ABORT, 'records: only a merger moves them'); END
-- next
CREATE TRIGGER guard_records_no_delete BEFORE DELETE ON records WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'records: only disposal ends them'); END
-- next
CREATE TRIGGER guard_revisions_no_update BEFORE UPDATE ON revisions WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'revisions: append only'); END
-- next
CREATE TRIGGER guard_revisions_no_delete BEFORE DELETE ON revisions WHEN NOT EXISTS (SELECT 1 FROM records r WHERE r.id = OLD.record_id AND r.state = 'destroying') BEGIN SELECT RAISE(ABORT, 'revisions: only disposal removes them'); END
-- next
CREATE TRIGGER guard_revisions_not_under_destruction BEFORE INSERT ON revisions WHEN EXISTS (SELECT 1 FROM disposal_items i JOIN disposal_lists l ON l.id = i.list_id WHERE i.record_id = NEW.record_id AND (i.state IN ('destroying', 'destroyed') OR (i.state = 'listed' AND l.state = 'executing'))) BEGIN SELECT RAISE(ABORT, 'revisions: the item is being destroyed'); END
-- next
CREATE TRIGGER guard_facts_not_under_destruction BEFORE INSERT ON facts WHEN EXISTS (SELECT 1 FROM disposal_items i JOIN disposal_lists l ON l.id = i.list_id WHERE i.record_id = NEW.record_id AND (i.state IN ('destroying', 'destroyed') OR (i.state = 'listed' AND l.state = 'executing'))) BEGIN SELECT RAISE(ABORT, 'facts: the item is being destroyed'); END
-- next
CREATE TRIGGER guard_documents_not_under_destruction BEFORE INSERT ON documents WHEN EXISTS (SELECT 1 FROM disposal_items i JOIN disposal_lists l ON l.id = i.list_id WHERE i.record_id = NEW.record_id AND (i.state IN ('destroying', 'destroyed') OR (i.state = 'listed' AND l.state = 'executing'))) BEGIN SELECT RAISE(ABORT, 'documents: the item is being destroyed'); END
-- next
CREATE TRIGGER guard_documents_no_delete BEFORE DELETE ON documents WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'documents: only disposal ends them'); END
-- next
CREATE TRIGGER guard_documents_immutable BEFORE UPDATE ON documents WHEN (NEW."kind" IS DISTINCT FROM OLD."kind" OR NEW."print_id" IS DISTINCT FROM OLD."print_id" OR NEW."copy" IS DISTINCT FROM OLD."copy" OR NEW."media_type" IS DISTINCT FROM OLD."media_type" OR NEW."pages" IS DISTINCT FROM OLD."pages" OR NEW."size" IS DISTINCT FROM OLD."size" OR NEW."sha256" IS DISTINCT FROM OLD."sha256" OR NEW."at" IS DISTINCT FROM OLD."at" OR NEW."by" IS DISTINCT FROM OLD."by") OR (NEW.state NOT IN ('destroying', 'destroyed') AND ((NEW."blob" IS DISTINCT FROM OLD."blob" OR NEW."item_key" IS DISTINCT FROM OLD."item_key" OR NEW."sheet" IS DISTINCT FROM OLD."sheet"))) OR (OLD.record_id IS NOT NULL AND (NEW."record_id" IS DISTINCT FROM OLD."record_id")) BEGIN SELECT RAISE(ABORT, 'documents: immutable'); END
-- next
CREATE TRIGGER guard_documents_not_moved_in BEFORE UPDATE ON documents WHEN (NEW."record_id" IS DISTINCT FROM OLD."record_id") AND EXISTS (SELECT 1 FROM disposal_items i JOIN disposal_lists l ON l.id = i.list_id WHERE i.record_id = NEW.record_id AND (i.state IN ('destroying', 'destroyed') OR (i.state = 'listed' AND l.state = 'executing'))) BEGIN SELECT RAISE(ABORT, 'documents: the item is being destroyed'); END
-- next
CREATE TRIGGER guard_documents_destroyed_with_record BEFORE UPDATE ON documents WHEN NEW.state IN ('destroying', 'destroyed') AND OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM records r WHERE r.id = NEW.record_id AND r.state IN ('destroying', 'destroyed')) BEGIN SELECT RAISE(ABORT, 'documents: only with their record'); END
-- next
CREATE TRIGGER guard_documents_destroyed_once BEFORE UPDATE ON documents WHEN (OLD.state = 'destroyed' AND NEW.state <> 'destroyed') OR (OLD.state = 'destroying' AND NEW.state NOT IN ('destroying', 'destroyed')) BEGIN SELECT RAISE(ABORT, 'documents: destruction only goes forward'); END
-- next
CREATE TRIGGER guard_persons_gone_when_empty BEFORE UPDATE ON persons WHEN NEW.state = 'gone' AND OLD.state <> 'gone' AND (EXISTS (SELECT 1 FROM records r JOIN files f ON f.id = r.file_id WHERE f.person_id = NEW.id AND r.state <> 'destroyed') OR EXISTS (SELECT 1 FROM files f JOIN holds h ON h.file_id = f.id WHERE f.person_id = NEW.id AND h.released_at IS NULL AND f.state <> 'merged') OR NOT EXISTS (SELECT 1 FROM forgotten g WHERE g.person_id = NEW.id)) BEGIN SELECT RAISE(ABORT, 'persons: something remains'); END
-- next
CREATE TRIGGER guard_persons_gone_once BEFORE UPDATE ON persons WHEN OLD.state = 'gone' AND NEW.state <> 'gone' BEGIN SELECT RAISE(ABORT, 'persons: gone stays gone'); END
-- next
CREATE TRIGGER guard_files_destroyed_once BEFORE UPDATE ON files WHEN OLD.state = 'destroyed' AND NEW.state <> 'destroyed' BEGIN SELECT RAISE(ABORT, 'files: destroyed stays destroyed'); END
-- next
CREATE TRIGGER guard_files_note_key_stays BEFORE UPDATE ON files WHEN OLD.note_key IS NOT NULL AND (NEW."note_key" IS DISTINCT FROM OLD."note_key") AND NEW.state <> 'destroyed' BEGIN SELECT RAISE(ABORT, 'files: the key stays'); END
-- next
CREATE TRIGGER guard_tombstones_of_destroying BEFORE INSERT ON tombstones WHEN NOT EXISTS (SELECT 1 FROM disposal_items i WHERE i.record_id = NEW.record_id AND i.list_id = NEW.list_id AND i.state = 'destroying') BEGIN SELECT RAISE(ABORT, 'tombstones: nothing was destroyed'); END
-- next
CREATE TRIGGER guard_holds_once BEFORE UPDATE ON holds WHEN (NEW."file_id" IS DISTINCT FROM OLD."file_id" OR NEW."record_id" IS DISTINCT FROM OLD."record_id" OR NEW."reason" IS DISTINCT FROM OLD."reason" OR NEW."owner" IS DISTINCT FROM OLD."owner" OR NEW."placed_at" IS DISTINCT FROM OLD."placed_at") OR (OLD.released_at IS NOT NULL AND ((NEW."released_at" IS DISTINCT FROM OLD."released_at" OR NEW."released_by" IS DISTINCT FROM OLD."released_by" OR NEW."until" IS DISTINCT FROM OLD."until"))) OR (NEW.note IS NOT NULL AND (NEW."note" IS DISTINCT FROM OLD."note")) BEGIN SELECT RAISE(ABORT, 'holds: only released, once'); END
-- next
CREATE TRIGGER guard_holds_no_delete BEFORE DELETE ON holds WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'holds: kept'); END
-- next
CREATE TRIGGER guard_holds_open_when_placed BEFORE INSERT ON holds WHEN NEW.released_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'holds: placed open'); END
-- next
CREATE TRIGGER guard_volumes_end_once BEFORE UPDATE ON volumes WHEN (OLD.closed_on IS NOT NULL AND (NEW."closed_on" IS DISTINCT FROM OLD."closed_on")) OR (OLD.outcome_on IS NOT NULL AND ((NEW."outcome_on" IS DISTINCT FROM OLD."outcome_on" OR NEW."outcome" IS DISTINCT FROM OLD."outcome"))) BEGIN SELECT RAISE(ABORT, 'volumes: an ending stays'); END
-- next
CREATE TRIGGER guard_scan_batches_no_delete BEFORE DELETE ON scan_batches WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scans: batches are kept'); END
-- next
CREATE TRIGGER guard_scan_pages_no_delete BEFORE DELETE ON scan_pages WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scans: no page is lost'); END
-- next
CREATE TRIGGER guard_scan_batches_same_file BEFORE UPDATE ON scan_batches WHEN (NEW."id" IS DISTINCT FROM OLD."id" OR NEW."sha256" IS DISTINCT FROM OLD."sha256" OR NEW."size" IS DISTINCT FROM OLD."size" OR NEW."received_at" IS DISTINCT FROM OLD."received_at" OR NEW."by" IS DISTINCT FROM OLD."by") OR (OLD.pages_in IS NOT NULL AND (NEW."pages_in" IS DISTINCT FROM OLD."pages_in")) BEGIN SELECT RAISE(ABORT, 'scans: a batch is one file'); END
-- next
CREATE TRIGGER guard_scan_batches_forward BEFORE UPDATE ON scan_batches WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'receiving' AND NEW.state = 'open') OR (OLD.state = 'open' AND NEW.state = 'balanced') OR (OLD.state = 'balanced' AND NEW.state = 'cleared')) BEGIN SELECT RAISE(ABORT, 'scans: a batch only goes forward'); END
-- next
CREATE TRIGGER guard_scan_batches_counted BEFORE UPDATE ON scan_batches WHEN NEW.state = 'open' AND OLD.state = 'receiving' AND NEW.pages_in <> (SELECT count(*) FROM scan_pages p WHERE p.batch_id = NEW.id) BEGIN SELECT RAISE(ABORT, 'scans: pages do not add up'); END
-- next
CREATE TRIGGER guard_scan_batches_balanced BEFORE UPDATE ON scan_batches WHEN NEW.state = 'balanced' AND OLD.state = 'open' AND EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.id AND p.state = 'waiting') BEGIN SELECT RAISE(ABORT, 'scans: pages wait'); END
-- next
CREATE TRIGGER guard_scan_batches_cleared BEFORE UPDATE ON scan_batches WHEN NEW.state = 'cleared' AND OLD.state = 'balanced' AND (EXISTS (SELECT 1 FROM scan_parts q WHERE q.batch_id = NEW.id) OR EXISTS (SELECT 1 FROM scan_pages p WHERE p.batch_id = NEW.id AND p.blob IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'scans: something is left'); END
-- next
CREATE TRIGGER guard_scan_pages_while_receiving BEFORE INSERT ON scan_pages WHEN NEW.state = 'filed' OR NOT EXISTS (SELECT 1 FROM scan_batches b WHERE b.id = NEW.batch_id AND b.state = 'receiving') BEGIN SELECT RAISE(ABORT, 'scans: pages come while a file is received'); END
-- next
CREATE TRIGGER guard_scan_pages_same_page BEFORE UPDATE ON scan_pages WHEN (NEW."id" IS DISTINCT FROM OLD."id" OR NEW."batch_id" IS DISTINCT FROM OLD."batch_id" OR NEW."number" IS DISTINCT FROM OLD."number" OR NEW."sha256" IS DISTINCT FROM OLD."sha256" OR NEW."size" IS DISTINCT FROM OLD."size" OR NEW."media_type" IS DISTINCT FROM OLD."media_type") BEGIN SELECT RAISE(ABORT, 'scans: a page stays itself'); END
-- next
CREATE TRIGGER guard_scan_pages_stay_filed BEFORE UPDATE ON scan_pages WHEN OLD.state = 'filed' AND (NEW."state" IS DISTINCT FROM OLD."state" OR NEW."filed_as" IS DISTINCT FROM OLD."filed_as" OR NEW."position" IS DISTINCT FROM OLD."position") BEGIN SELECT RAISE(ABORT, 'scans: filed stays filed'); END
-- next
CREATE TRIGGER guard_scan_pages_own_file BEFORE UPDATE ON scan_pages WHEN NEW.state = 'filed' AND OLD.state <> 'filed' AND NEW.print_document IS NOT NULL AND NOT EXISTS (SELECT 1 FROM documents f JOIN documents p ON p.id = NEW.print_document WHERE f.id = NEW.filed_as AND f.file_id = p.file_id AND f.record_id = p.record_id AND f.of_document = p.id) BEGIN SELECT RAISE(ABORT, 'scans: another document''s page'); END
-- next
CREATE TRIGGER guard_scan_pages_own_separator BEFORE UPDATE ON scan_pages WHEN NEW.state = 'filed' AND OLD.state <> 'filed' AND EXISTS (SELECT 1 FROM scan_separators s WHERE s.print_id = NEW.print_id) AND NOT EXISTS (SELECT 1 FROM documents f JOIN scan_separators s ON s.print_id = NEW.print_id WHERE f.id = NEW.filed_as AND f.file_id = s.file_id) BEGIN SELECT RAISE(ABORT, 'scans: another file''s attachment'); END
-- next
CREATE TRIGGER guard_scan_separators_same BEFORE UPDATE ON scan_separators WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'scans: separators stay'); END
