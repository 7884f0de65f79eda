"""The parts of a change of revenue add up to it, whatever the shop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.serve.periods import Period
from patron.serve.report.queries.revenue_decomposition import PARTS, decompose_revenue
from patron.serve.report.queries.spans import Comparison, DataDays

amounts = st.decimals(Decimal("0.01"), Decimal(10_000_000), places=2)
signed = st.decimals(Decimal(-1_000_000), Decimal(1_000_000), places=2)
counts = st.integers(1, 100_000)

MARCH, APRIL = dt.date(2024, 3, 1), dt.date(2024, 4, 1)
DATA = DataDays(MARCH, dt.date(2024, 5, 31))


@st.composite
def months(draw):
    """customers, their orders (one or more each), their amount, and the guests' amount."""
    customers = draw(counts)
    return customers, customers + draw(st.integers(0, 100_000)), draw(amounts), draw(signed)


def gold_of(before, now) -> duckdb.DuckDBPyConnection:
    """The tables that the parts are worked out from, with all of a month on its first day."""
    connection = duckdb.connect()
    connection.execute("""
        create schema gold;
        create table gold.daily_metrics (activity_date date, order_count bigint, guest_order_count bigint,
            net_amount decimal(38, 4));
        create table gold.kpi_overall (kpi_date date, total_historical_clv decimal(38, 4));
        create table gold.period_metrics (period_kind varchar, period_start_date date, customer_count bigint);
    """)
    total = Decimal(0)
    for first, (customers, orders, amount, guests) in ((MARCH, before), (APRIL, now)):
        last = Period.of("month", first).last
        total += amount
        connection.execute("insert into gold.daily_metrics values (?, ?, 7, ?)", [first, orders + 7, amount + guests])
        connection.execute("insert into gold.kpi_overall values (?, ?)", [last, total])
        connection.execute("insert into gold.period_metrics values ('month', ?, ?)", [first, customers])
    return connection


@settings(max_examples=60, deadline=None)
@given(months(), months())
def test_the_parts_add_up(before, now):
    with gold_of(before, now) as connection:
        result = decompose_revenue(connection, Comparison.of(Period.of("month", APRIL), DATA))
    change = (now[2] + now[3]) - (before[2] + before[3])
    assert result.value("change") == change
    assert sum(result.value(f"{part}_effect") for part in PARTS) == change


@settings(max_examples=25, deadline=None)
@given(months(), months())
def test_a_part_goes_the_way_of_its_factor(before, now):
    with gold_of(before, now) as connection:
        result = decompose_revenue(connection, Comparison.of(Period.of("month", APRIL), DATA))
    pairs = {
        "customers": (now[0], before[0]),
        "frequency": (now[1] * before[0], before[1] * now[0]),
        "order_value": (now[2] * before[1], before[2] * now[1]),
    }
    for part, (after, earlier) in pairs.items():
        effect = result.value(f"{part}_effect")
        assert effect * (1 if after >= earlier else -1) >= Decimal("-0.0002"), part


@settings(max_examples=25, deadline=None)
@given(months(), months())
def test_backwards_is_the_same_with_the_other_sign(before, now):
    with gold_of(before, now) as connection:
        there = decompose_revenue(connection, Comparison.of(Period.of("month", APRIL), DATA))
    with gold_of(now, before) as connection:
        back = decompose_revenue(connection, Comparison.of(Period.of("month", APRIL), DATA))
    for part in PARTS:
        assert abs(there.value(f"{part}_effect") + back.value(f"{part}_effect")) <= Decimal("0.0003")
