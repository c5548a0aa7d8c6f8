"""A station that was bound and has no marks is a lack: never bound anew to whatever stores are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from archives.errors import StoreUnusable
from archives.keeping.stores import bind_if_new, bind_stores, lacks
from archives.store.tables_people import events
from archives.store.tables_station import store_marks
from tests.attacks.test_by_sql import force
from tests.keeping.making import whole


@pytest.mark.parametrize("also", [(), ("DELETE FROM station_settings",)])
def test_marks_taken_away_are_named_and_nothing_is_bound(also: tuple[str, ...], tmp_path: Path) -> None:
    made = whole(tmp_path, records=1, documents=1)
    archive = made.made.archive
    bind_stores(archive, made.layout, made.master)
    force(archive, "DELETE FROM store_marks", *also)
    (made.layout.keys / "page-code.key").write_text("ab" * 32, encoding="ascii")
    told = [lack.message for lack in lacks(archive, made.layout, made.master, counting=True)]
    assert told == ["数据库中各库的标记不见了：认不出密钥库、封签密钥和页码密钥是不是本站的。"]
    with archive.data.reading() as connection:
        before = connection.execute(select(func.max(events.c.id))).scalar()
    with pytest.raises(StoreUnusable, match="标记不见了"):
        bind_if_new(archive, made.layout, made.master)
    with archive.data.reading() as connection:
        assert connection.execute(select(store_marks)).all() == []
        assert connection.execute(select(func.max(events.c.id))).scalar() == before
    archive.close()
