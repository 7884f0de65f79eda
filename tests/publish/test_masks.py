"""What a reader without permission reads of a snapshot, on every way to it: written out, value by value."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from patron.activate import audience
from patron.errors import SettingsError
from patron.publish.postgres import export
from patron.publish.reader import open_snapshot
from patron.publish.snapshot import Snapshot
from patron.serve.dashboard import data as dashboard_data
from patron.serve.dashboard.data import Data, SnapshotGoneError
from patron.serve.dashboard.widgets import customer_list

PEOPLE = "select * from gold.dim_customer order by customer_id"
MASKED = frozenset({"customer_name", "email", "birth_date", "phone"})
HIDDEN = [("c1", "•••", "•••", "•••", 5), ("c2", "•••", None, None, 7)]
SHOWN = [("c1", "Ann One", "ann@one.test", dt.date(1961, 3, 1), 5), ("c2", "Bo Two", None, None, 7)]


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Path, Snapshot]:
    """One table of two people; of the second neither address nor birth date is known."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "1").mkdir()
    with duckdb.connect() as engine:
        engine.execute(f"""
            copy (select * from (values
                ('c1', 'Ann One', 'ann@one.test', date '1961-03-01', 5), ('c2', 'Bo Two', null, null, 7)
            ) as people (customer_id, customer_name, email, birth_date, order_count))
            to '{folder / "1" / "dim_customer.parquet"}' (format parquet)
        """)
    return folder, Snapshot("1", "", "2024-01-01T00:00:00+00:00", "2024-01-01", {"dim_customer": 2})


def test_values_of_masked_columns_are_hidden_and_what_is_missing_stays_missing(published):
    with open_snapshot(*published, MASKED) as gold:
        assert gold.execute(PEOPLE).fetchall() == HIDDEN
    with open_snapshot(*published) as gold:
        assert gold.execute(PEOPLE).fetchall() == SHOWN


def test_a_masked_connection_can_neither_read_the_file_nor_be_unlocked(published):
    other = published[0] / "other.csv"
    other.write_text("a\n1\n")
    with open_snapshot(*published, MASKED) as gold:
        with pytest.raises(duckdb.Error):
            gold.execute(f"select * from read_csv('{other}')")
        with pytest.raises(duckdb.Error):
            gold.execute("set memory_limit = '1GB'")


def look(connection: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(PEOPLE).fetchall()
    return rows


@pytest.mark.parametrize("first", ["owner", "reader"])
def test_who_asks_first_does_not_decide_what_the_other_sees(published, first):
    """The caches hold the rows, results and connections of both."""
    for cache in (dashboard_data._query_cached, dashboard_data._compute_cached, dashboard_data._open_connection):
        cache.clear()
    roles = {"owner": (Data(*published), SHOWN), "reader": (Data(*published, MASKED), HIDDEN)}
    for role in (first, *(roles.keys() - {first})):
        data, expected = roles[role]
        assert data.rows(PEOPLE).rows == expected
        assert data.compute(look) == expected


def test_a_download_from_a_newer_snapshot_is_masked_too(published, monkeypatch):
    asked = []

    def gone(*_: Any) -> None:
        raise SnapshotGoneError

    def newer(_: Path, masked: frozenset[str]) -> Data:
        asked.append(masked)
        return SimpleNamespace(query=lambda *_: (["customer_name"], [("•••",)]))

    monkeypatch.setattr(customer_list, "open_latest", newer)
    old = SimpleNamespace(query=gone, published=published[0], masked_columns=MASKED)
    customer_list.export_all(old, PEOPLE, ())
    assert asked == [MASKED]


def shop_that_allows(*columns: str) -> Any:
    audiences = SimpleNamespace(personal=columns)
    return SimpleNamespace(settings=SimpleNamespace(audiences=audiences))


def test_an_audience_takes_only_the_personal_columns_that_are_allowed():
    audience._refuse_personal(shop_that_allows(), ("region", "net_amount"))
    audience._refuse_personal(shop_that_allows("email"), ("email", "region"))
    for allowed, asked in ((), ("email",)), (("email",), ("email", "phone")), (("email",), ("review_text",)):
        with pytest.raises(SettingsError, match=f"{asked[-1]}: personal data"):
            audience._refuse_personal(shop_that_allows(*allowed), asked)


@pytest.mark.parametrize("is_personal", [False, True])
def test_an_export_leaves_personal_columns_out_unless_the_shop_publishes_them(published, monkeypatch, is_personal):
    left_out, views = [], []
    monkeypatch.setattr(export, "postgres_types", lambda *_: {"email": "text", "order_count": "bigint"})
    monkeypatch.setattr(export, "derive_shape", lambda _table, _types, hidden: left_out.append(hidden))
    monkeypatch.setattr(export, "load_views", lambda *_, is_personal: views.append(is_personal) or [])
    monkeypatch.setattr(export, "read_shapes", lambda *_: {})
    record = SimpleNamespace(refuse_foreign_tables=lambda *_: None)
    monkeypatch.setattr(export, "Record", SimpleNamespace(read=lambda *_: record))
    publish = SimpleNamespace(personal=is_personal)
    project = SimpleNamespace(published=published[0], settings=SimpleNamespace(shop=None, publish=publish))
    writer = SimpleNamespace(explain_errors=nullcontext, engine=None)
    found = export._Exporter(project, published[1], writer, "gold", False)
    assert ("email" in left_out[0], views[0]) == (not is_personal, is_personal)
    assert found.report.left_out == ([] if is_personal else ["email"])
