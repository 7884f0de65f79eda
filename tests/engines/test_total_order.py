"""The check itself: it sees a missing tie-break, and not one that is there."""

from __future__ import annotations

import pytest
import sqlglot

from engines.total_order import doubtful_windows

KEYS = {"lines": frozenset({"line_id"}), "days": frozenset({"customer_id", "day"})}

SAFE = [
    "select row_number() over (partition by customer_id order by amount desc, line_id) as n from silver.lines",
    "select lag(day) over (partition by customer_id order by day) as d from silver.days",
    "select rank() over (order by amount) as n, sum(amount) over (order by day) as s from silver.lines",
    "with t as (select a, b as c from silver.lines group by a, b) select ntile(5) over (order by a, c) as n from t",
    "select sum(x) over (order by d rows unbounded preceding) as s from (select d, max(x) as x from silver.lines group by d)",
]
DOUBTFUL = [
    "select row_number() over (partition by customer_id order by amount desc) as n from silver.lines",
    "select lead(day) over (order by day) as d from silver.days",
    "select sum(amount) over (order by day rows unbounded preceding) as s from silver.lines",
    "with t as (select a, b from silver.lines group by a, b) select ntile(5) over (order by a) as n from t",
    "select first_value(amount) over (partition by who order by at) as n from silver.unheard_of",
]


@pytest.mark.parametrize("sql", SAFE)
def test_a_total_order_is_seen(sql: str) -> None:
    assert not list(doubtful_windows(sqlglot.parse_one(sql), KEYS))


@pytest.mark.parametrize("sql", DOUBTFUL)
def test_a_missing_tie_break_is_seen(sql: str) -> None:
    assert len(list(doubtful_windows(sqlglot.parse_one(sql), KEYS))) == 1
