"""Queries are shown so that they run: each parameter with its value in its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from patron.serve.dashboard.registry import load_pages
from patron.serve.dashboard.widgets.shown_query import write_query
from patron.serve.query import select

SHOWN = [
    ("select ? as a, '?' as \"b?\" -- c?", ("it's",), "select 'it''s' as a, '?' as \"b?\" -- c?"),
    ("select ?, ?, ?", (None, True, 3), "select null, true, 3"),
    (
        "select ?, ?",
        (dt.date(2024, 2, 1), dt.datetime(2024, 2, 1, 5)),
        "select date '2024-02-01', timestamp '2024-02-01 05:00:00'",
    ),
    ("select ? where ? = any(?)", (Decimal("1.50"), "a?", ["a?", "b"]), "select 1.50 where 'a?' = any(['a?', 'b'])"),
]


@pytest.mark.parametrize(("sql", "values", "shown"), SHOWN, ids=lambda value: str(value)[:20])
def test_a_query_is_shown_with_the_values_of_its_parameters(sql, values, shown):
    assert write_query(sql, values) == shown
    duckdb.sql(shown)


@pytest.mark.parametrize("path", [page.path for listed in load_pages().values() for page in listed])
def test_every_query_that_a_page_shows_runs_as_it_is_shown(retailer, sheet, path):
    shown = sheet(retailer).open(path, period="2024-Q2", region="North").queries()
    for sql in shown:
        assert select(retailer, sql).columns, sql


def test_pages_show_queries(retailer, sheet):
    assert len(sheet(retailer).open("overview").queries()) > 3
