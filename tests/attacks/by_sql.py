# ruff: noqa: E501 - a statement of SQL is read as one line
"""Changes somebody with the database key can make, guards aside, and where the check must point.

Each stands by its name in docs/threat-model.md.  Ids are those of ``test_by_sql.station``.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Change(NamedTuple):
    """What is done, and words of a finding that names it."""

    statements: tuple[str, ...]
    named: str
    alone: bool = False
    """It takes away what other changes are found by, so it is tried by itself."""


def _swapped(table: str, columns: str, one: int, other: int) -> tuple[str, ...]:
    """Two rows exchange columns; unique ones by way of a third value."""
    names = columns.split()
    kept = f"CREATE TEMP TABLE swap AS SELECT * FROM {table} WHERE id IN ({one}, {other})"
    free = [
        f"UPDATE {table} SET {name} = 'x' || id WHERE id IN ({one}, {other})"
        for name in names
        if name in ("blob", "item_no")
    ]
    put = [
        f"UPDATE {table} SET "
        + ", ".join(f"{name} = (SELECT {name} FROM swap WHERE id = {of})" for name in names)
        + f" WHERE id = {to}"
        for to, of in ((one, other), (other, one))
    ]
    return (kept, *free, *put, "DROP TABLE swap")


CHANGES: Final[dict[str, Change]] = {
    # holds, revisions, records, documents
    "a hold deleted": Change(("DELETE FROM holds WHERE id = 2",), "冻结 #2"),
    "a hold released": Change(("UPDATE holds SET released_at = placed_at, released_by = 5 WHERE id = 8",), "冻结 #8"),
    "a hold moved to another file": Change(("UPDATE holds SET file_id = 5 WHERE id = 5",), "冻结 #5"),
    "the newest revision removed": Change(("DELETE FROM revisions WHERE record_id = 1 AND number = 2",), "文书各稿 #1/2"),
    "a revision replaced by an older one": Change(("UPDATE revisions SET payload = (SELECT payload FROM revisions o WHERE o.record_id = 2 AND o.number = 1) WHERE record_id = 2 AND number = 2",), "文书各稿 #2/2"),
    "two people's records exchanged": Change(_swapped("records", "file_id volume_id item_no", 5, 13), "文书 #13"),
    "the contents of two records exchanged with their keys": Change((*_swapped("records", "item_key", 3, 12), "CREATE TEMP TABLE kept AS SELECT * FROM revisions WHERE record_id IN (3, 12) AND number = 1", "UPDATE revisions SET payload = (SELECT payload FROM kept WHERE record_id = 12) WHERE record_id = 3 AND number = 1", "UPDATE revisions SET payload = (SELECT payload FROM kept WHERE record_id = 3) WHERE record_id = 12 AND number = 1", "DROP TABLE kept"), "文书 #12"),
    "a void record made valid": Change(("UPDATE records SET state = 'final' WHERE id = 4",), "文书 #4"),
    "the title of a record": Change(("UPDATE records SET title = '别的题名' WHERE id = 7",), "文书 #7（题名）"),
    "a fact of a record": Change(("INSERT INTO facts VALUES (8, 'risk_level', '5')",), "文书 #8（索引）"),
    "a fact of a record that is destroyed": Change(("INSERT INTO facts SELECT id, 'note', '样例' FROM records WHERE state = 'destroyed' LIMIT 1",), "仍有内容"),
    "two scans exchanged with their keys": Change(_swapped("documents", "blob item_key sheet sha256 size", 6, 10), "文件 #6"),
    "two documents exchanged between files": Change(("UPDATE documents SET file_id = 9, record_id = 13 WHERE id = 2",), "文件 #2"),
    "a void document made valid": Change(("UPDATE documents SET state = 'present' WHERE id = 5",), "文件 #5"),
    "the pages of a document": Change(("UPDATE documents SET pages = 7 WHERE id = 4",), "文件 #4（页数）"),
    # destruction
    "a witness of a done list": Change(("UPDATE disposal_witnesses SET witness = 3 WHERE witness = 8",), "监销人与日志不符"),
    "the title of an item of a done list": Change(("UPDATE disposal_items SET title = '别的题名' WHERE position = 1",), "清册校验值与所列各件不符"),
    "an opinion replaced": Change(("UPDATE disposal_items SET opinion_reason = '另有原因' WHERE position = 2",), "清册条目 #1/10"),
    "an appraisal replaced": Change(("UPDATE appraisals SET staff_id = 3 WHERE staff_id = 1",), "鉴定小组与日志不符"),
    "an approval replaced": Change(("UPDATE disposal_approvals SET approver = 7",), "审批与日志不符"),
    "an item of a list removed": Change(("DELETE FROM disposal_items WHERE position = 3",), "清册条目 #1/11"),
    "an item of a list added": Change(("INSERT INTO disposal_items SELECT list_id, 12, 4, ref_code || 'x', form_id, title, document_date, retention_class, years, start_on, held_through, pages, paper_pages, paper_place, content_sha256, opinion, opinion_years, opinion_reason, 'destroyed', left_because, destroyed_at FROM disposal_items WHERE position = 1",), "清册条目 #1/12"),
    "the title of a tombstone": Change(("UPDATE tombstones SET title = '别的题名' WHERE record_id = 9",), "销毁登记 #9"),
    "a tombstone removed": Change(("DELETE FROM tombstones WHERE record_id = 10",), "销毁登记 #10"),
    "a person forgotten by hand": Change(("INSERT INTO forgotten SELECT 2, 2, list_id, forgotten_at, '[]' FROM forgotten",), "人员销毁登记 #2"),
    "an override put in": Change(("INSERT INTO overrides (id, record_id, kind, years, decided_on, list_id) VALUES (1, 2, 'prolong', 5, '2032-01-01', 1)",), "鉴定决定 #1"),
    "a whole list deleted with its tombstones": Change(tuple(f"DELETE FROM {name}" for name in ("tombstones", "forgotten", "disposal_witnesses", "disposal_executions", "disposal_approvals", "appraisals", "disposal_items", "disposal_lists")), "销毁清册 #1", alone=True),
    "the schedule in force": Change(("UPDATE schedules SET body = replace(body, '2026.1', '2026.2')",), "保管期限表 #"),
    # rights of people who work here
    "a grant extended": Change(("UPDATE access_requests SET until = '2040-01-01' WHERE id = 3",), "查阅申请 #3"),
    "a grant added": Change(("UPDATE access_requests SET decided_by = 4, decided_at = asked_at, granted = 1, until = '2040-01-01' WHERE id = 5",), "查阅申请 #5"),
    "a role added": Change(("INSERT INTO staff_roles VALUES (9, 'supervisor', '2026-11-22T09:00:00.000+08:00', NULL)",), "人员角色 #9/supervisor"),
    "a role removed": Change(("DELETE FROM staff_roles WHERE staff_id = 6",), "人员角色 #6/auditor"),
    "an assignment changed": Change(("UPDATE assignments SET staff_id = 2 WHERE id = 1",), "个案指派 #1"),
    "an assignment ended": Change(("UPDATE assignments SET to_on = '2027-01-01' WHERE id = 2",), "个案指派 #2"),
    "the name of a member of staff": Change(("UPDATE staff SET name = '样例他人' WHERE id = 2",), "工作人员 #2"),
    "an account given to somebody else": Change(("UPDATE users SET staff_id = 4 WHERE id = 3",), "账号 #3"),
    # persons and files
    "an amendment removed": Change(("DELETE FROM amendments WHERE id = 2",), "身份更正 #2"),
    "an amendment changed": Change(("UPDATE amendments SET before = (SELECT before FROM amendments o WHERE o.id = 4) WHERE id = 1",), "身份更正 #1"),
    "two persons exchanged": Change(_swapped("persons", "name sex birth_date phone identity identity_key", 2, 8), "服务对象 #8"),
    "a person renamed": Change(("UPDATE persons SET name = '样例他人' WHERE id = 9",), "服务对象 #9（姓名）"),
    "a person found under another name": Change(("INSERT INTO search_terms VALUES (5, 'name', '样例他人')",), "服务对象 #5 的查找用词"),
    "a term of a person who is gone": Change(("INSERT INTO search_terms SELECT id, 'name', '样例他人' FROM persons WHERE state = 'gone'",), "的查找用词"),
    "a merger undone": Change(("DELETE FROM merges WHERE id = 1", "UPDATE persons SET state = 'present', merged_into = NULL WHERE id = 4"), "档案合并 #1"),
    "the day a case was accepted": Change(("UPDATE files SET accepted_on = '2020-01-01' WHERE id = 1",), "案卷 #1"),
    "the day a case ended": Change(("UPDATE volumes SET closed_on = '2020-01-01' WHERE id = 9",), "分卷 #9"),
    "what an application came to": Change(("UPDATE volumes SET outcome = 'served_briefly', outcome_on = '2020-01-01' WHERE id = 8",), "分卷 #8"),
    "a file opened by hand": Change(("UPDATE files SET state = 'filed' WHERE id = 2",), "案卷 #2"),
    "where the paper lies": Change(("UPDATE placements SET box = '9'",), "存放位置 #1"),
    "a note of an event": Change(("UPDATE notes SET body = x'00' WHERE event_id = (SELECT min(event_id) FROM notes)",), "个事件的说明打不开"),
    "a note of an event moved to another file": Change(("UPDATE notes SET file_id = (SELECT min(id) FROM files WHERE id <> notes.file_id) WHERE event_id = (SELECT event_id FROM notes ORDER BY event_id LIMIT 1 OFFSET 1)",), "个事件的说明记在了另一份档案名下"),
    "a note of an event removed": Change(("DELETE FROM notes WHERE event_id = (SELECT max(event_id) FROM notes)",), "个事件的说明不见了"),
    # duties
    "a loan said to be returned": Change(("UPDATE loans SET returned_on = lent_on, pages_returned = pages WHERE id = 2",), "借阅 #2"),
    "a handing over removed": Change(("DELETE FROM transfer_items",), "移交条目 #1/1"),
    "a person's request decided": Change(("UPDATE rights_requests SET state = 'decided', decided_by = 4, decided_on = '2028-01-01', decision = 'refused' WHERE id = 3",), "权利请求 #3"),
    "a copy outside forgotten": Change(("DELETE FROM outside_copies",), "馆外副本 #1"),
    "a number given again": Change(("DELETE FROM numbers WHERE sequence = 'rights:2027' AND number = 3", "UPDATE sequences SET next = 3 WHERE name = 'rights:2027'"), "编号 rights:2027 第 3 号"),
    # scans
    "a question of a scan answered": Change(("UPDATE scan_questions SET state = 'settled', answer = 'record' WHERE id = 1",), "扫描核对事项 #1"),
    "a question of a scan removed": Change(("DELETE FROM scan_questions WHERE id = 3",), "扫描核对事项 #3"),
    "the state of a page": Change(("UPDATE scan_pages SET state = 'blank', reason = NULL WHERE id = 7",), "扫描页 #7"),
    "a page removed": Change(("DELETE FROM scan_pages WHERE id = 8",), "扫描页 #8"),
    "a batch said to be cleared": Change(("UPDATE scan_batches SET balanced_at = '2020-01-01T09:00:00.000+08:00' WHERE id = 1",), "扫描批次 #1"),
    # the station and its log
    "settings of the station put in": Change(("INSERT INTO station_settings VALUES (1, '{}', '2026-11-22T09:00:00.000+08:00', NULL)",), "站点设置 #1"),
    "a confirmed time": Change(("UPDATE clock_readings SET seconds = seconds + 99999999 WHERE id = 5",), "时间登记 #5"),
    "a confirmed time removed": Change(("DELETE FROM clock_readings WHERE id = 3",), "时间登记 #3"),
    "the numbers of two events exchanged": Change(("CREATE TEMP TABLE two AS SELECT min(id) AS a, max(id) AS b FROM events WHERE chain = 2", "UPDATE events SET id = -1 WHERE id = (SELECT a FROM two)", "UPDATE events SET id = (SELECT a FROM two) WHERE id = (SELECT b FROM two)", "UPDATE events SET id = (SELECT b FROM two) WHERE id = -1", "DROP TABLE two"), "日志链 #2 的事件编号"),
    "a trigger put in": Change(("CREATE TRIGGER stray AFTER INSERT ON placements BEGIN INSERT OR IGNORE INTO staff_roles SELECT 9, 'director', '2026-11-22T09:00:00.000+08:00', NULL; END",), "触发器 stray"),
    "a table put in": Change(("CREATE TABLE stray_rows (a)",), "表 stray_rows"),
    "a view put in": Change(("CREATE VIEW stray_view AS SELECT id FROM holds",), "视图 stray_view"),
    "a leap of the time put in": Change(("INSERT INTO clock_readings (id, kind, seconds, staff, last_event) SELECT 1000, 'kept', max(seconds) + 400 * 86400, NULL, (SELECT max(id) FROM events) FROM clock_readings",), "时间登记 #1000 跳得太远"),
    "rows and their newest events removed": Change(("DELETE FROM holds WHERE id = 8", "DELETE FROM events WHERE chain = 5 AND seq > 2"), "日志", alone=True),
    "an event changed with its row": Change(("UPDATE holds SET reason = 'other' WHERE id = 5", "UPDATE events SET detail = '{}' WHERE chain = 2 AND action = 'hold.place'"), "日志", alone=True),
}  # fmt: skip
"""Name of the change → the change."""
