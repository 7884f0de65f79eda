"""Sections of a report from numbers that are given: whole sentences, tiles, notes, and the days that queries take in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from patron.project.number_format import Formats
from patron.serve.dashboard.widgets.tiles import describe_change
from patron.serve.periods import Period
from patron.serve.report.queries.figures import QueryResult
from patron.serve.report.queries.segments import find_last_recorded_day, query_segment_moves, query_segment_sizes
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.trends import query_trends
from patron.serve.report.sections.metrics import _write_note, build_tiles
from patron.serve.report.sections.segments import build_programme_section
from patron.serve.report.sections.value import build_value_section
from patron.serve.report.write import choose_default_period

BRITISH = Formats("en_GB", "GBP")
DAY = dt.date(2024, 5, 31)
MAY = Comparison.of(Period.parse("2024-05"), DataDays(dt.date(2024, 1, 1), DAY))


def given(*rows: dict[str, Any]) -> QueryResult:
    return QueryResult(f"select {rows}", tuple(rows[0]) if rows else (), tuple(tuple(row.values()) for row in rows))


VALUE = {
    **{"customer_count": 40, "historical_amount": Decimal(4000), "historical_per_customer": Decimal(100)},
    **{"predicted_amount": 1200.0, "predicted_per_customer": 30.0, "predicted_low": 10.0, "predicted_high": 60.0},
}
ACQUIRED = {"expected_value_1y": 12.5, "expected_value_1y_low_80": 9.0, "expected_value_1y_high_80": 15.0}
TESTED = [
    {"origin_date": dt.date(2024, 1, 1), "amount_ratio": 0.97},
    {"origin_date": dt.date(2024, 3, 1), "amount_ratio": 1.04},
]


def value_of(changed: dict[str, Any], acquired: QueryResult, tested: QueryResult, cautions: str = "") -> list[str]:
    withheld = {"purchases": "30 repeat customers are needed"}
    value = given({**VALUE, **changed})
    section = build_value_section(value, given(), acquired, tested, withheld, cautions, given(), BRITISH, DAY)
    return [one.text for one in section.sentences]


def test_value_to_date_and_expected():
    assert value_of({}, given(ACQUIRED), given(*TESTED), "Beware.") == [
        "As of 31 May 2024, 40 customers have spent £4,000 net of refunds, £100 each.",
        "Their expected margin over the following year is £1,200, £30.00 each.",
        "A customer acquired today has an expected margin of £12.50 in the first year (80% interval of the mean: £9.00 to "
        "£15.00).",
        "Backtested from 1 Jan 2024 and 1 Mar 2024, the model predicted 97% and 104% of the revenue observed in the "
        "following 90 days.",
        "Beware.",
    ]


def test_value_that_is_not_predicted_says_why_and_no_more():
    assert value_of({"predicted_amount": None}, given(ACQUIRED), given(*TESTED), "Beware.")[1:] == [
        "Expected margin is not predicted: 30 repeat customers are needed."
    ]
    assert len(value_of({}, given(), given())) == 2


def programmes(*rows: tuple[str, Any, Any, Any], **withheld: str) -> Any:
    """rows: segment, value at stake, expected margin, lifetime value to date."""
    facts = {"recommended_action": "Call", "churn_risk": "High", "customer_count": 7, "churn_probability": 0.5}
    listed = [
        {"segment": name, **facts, "stake_amount": stake, "expected_amount": expected, "historical_amount": value}
        for name, stake, expected, value in rows
    ]
    return build_programme_section(given(*listed), withheld, DAY, BRITISH)


def test_programmes_are_ranked_by_the_best_measure_there_is():
    at_stake = programmes(("Lost", 500.0, 900.0, 100), ("New", None, 80.0, 50))
    assert [one.text for one in at_stake.sentences] == [
        "The segment Lost has the most value at stake: £500 of the £900 margin expected from its 7 customers over the next "
        "year."
    ]
    expected = programmes(("Lost", None, 900.0, 100), churn="100 churned customers are needed")
    assert (expected.tables[0].columns[2], expected.sentences) == ("#Expected margin, next year", ())
    assert expected.tables[0].note == (
        "The value at stake is withheld, because churn is not predicted: 100 churned customers are needed."
    )
    to_date = programmes(("Lost", None, None, 100), purchases="90 days are needed")
    assert to_date.tables[0].columns[2] == "#Lifetime value to date"
    assert to_date.tables[0].note.startswith(
        "There are no predictions, so the value at stake is withheld: 90 days are needed."
    )


def tiles_of(now: dict[str, Any], before: dict[str, Any], churn: float | None = 0.1) -> dict[str, tuple[str, ...]]:
    row = {}
    for name in ("net_amount", "customer_count", "order_count", "average_order_value"):
        row |= {name: now[name], f"{name}_before": before[name]}
        row[f"{name}_more_rate"] = abs(now[name] - before[name]) / before[name] if before[name] else None
    facts = {
        "repeat_purchase_rate": 0.25,
        "retention_rate": None,
        "silent_rate": 0.5,
        "average_historical_clv": Decimal(80),
    }
    periods = [{**facts, "window_churn_rate": 0.2}, {**facts, "window_churn_rate": churn, "repeat_purchase_rate": 0.3}]
    trends = SimpleNamespace(result=given(*periods), periods=("April", "May"))
    found = build_tiles(given(row), trends, MAY, BRITISH)
    return {
        one.name: (str(one.now), str(one.before), "" if one.rate is None else str(one.rate), one.direction)
        for one in found
    }


def facts(net: float, customers: int, orders: int, average: float) -> dict[str, Any]:
    names = ("net_amount", "customer_count", "order_count", "average_order_value")
    return dict(zip(names, (net, customers, orders, average), strict=True))


def test_tiles_tell_the_change_and_its_direction():
    assert tiles_of(facts(1200, 18, 20, 60), facts(1000, 20, 20, 60)) == {
        "Net revenue": ("£1,200", "£1,000", "+20%", "up"),
        "Customers": ("18", "20", "−10%", "down"),
        "Orders": ("20", "20", "0%", "level"),
        "Average order value": ("£60.00", "£60.00", "0%", "level"),
        "Repeat purchase rate": ("30.0%", "25.0%", "", "level"),
        "Churn rate": ("10.0%", "20.0%", "", "level"),
        "Lifetime value to date": ("£80.00", "£80.00", "", "level"),
    }


def test_tiles_of_few_orders_have_no_percentages_and_silence_stands_for_unknown_churn():
    found = tiles_of(facts(1200, 18, 19, 60), facts(1000, 20, 20, 60), churn=None)
    assert found["Net revenue"] == ("£1,200", "£1,000", "", "up")
    assert found["Churned, of all customers"] == ("50.0%", "50.0%", "", "level")
    assert "Churn rate" not in found


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (5, 4, ("▲ 1", True)),
        (3, 4, ("▼ 1", False)),
        (4, 4, ("→ unchanged", None)),
        (0, 4, ("▼ 1", False)),
        (None, 4, ("", None)),
        (4, None, ("", None)),
    ],
)
def test_a_change_on_the_dashboard_has_its_arrow(now, before, told):
    assert describe_change(now, before, "1") == told


def test_rates_are_defined_by_the_window_and_the_kind_of_period():
    assert _write_note("month", {"window_churn_rate", "retention_rate"}, 90, True) == (
        "* Incomplete month. Retention rate: share of the previous month's customers who ordered again. Churn rate: share of "
        "the customers active at the start of the month who passed 90 days without an order."
    )
    assert _write_note("week", {"silent_rate"}, 60, False) == (
        "Churned, of all customers: share of the customers to date with no order for more than 60 days at the end of the "
        "week."
    )


# Days that queries take in


@pytest.fixture
def history() -> Any:
    """ann was in A, from 1 May in B, and from 31 May in A again; bob came on 1 June."""
    with duckdb.connect() as gold:
        gold.execute("create schema gold")
        gold.execute("""
            create table gold.segment_moves as select * from (values
                (date '2024-04-30', 'A', 'C', 5), (date '2024-05-01', 'A', 'B', 2), (date '2024-05-15', 'A', 'B', 1),
                (date '2024-05-31', 'B', 'A', 1), (date '2024-06-01', 'C', 'A', 5), (date '2024-05-05', 'A', 'A', 5),
                (date '2024-05-05', null, 'A', 5), (date '2024-05-05', 'A', null, 5)
            ) as moves (moved_date, from_segment, to_segment, customer_count);
            create table gold.customer_history as select * from (values
                ('ann', 'A', date '2024-01-01', date '2024-05-01'), ('ann', 'B', date '2024-05-01', date '2024-05-31'),
                ('ann', 'A', date '2024-05-31', null), ('bob', 'A', date '2024-06-01', null)
            ) as history (customer_id, segment, valid_from_date, valid_to_date);
            create table gold.customer_360 as select * from (values
                ('ann', 'A', 10, 30::decimal(38, 4)), ('bob', 'A', 20, 60::decimal(38, 4)), ('cid', 'B', 5, 10::decimal(38, 4))
            ) as customers (customer_id, segment, days_since_last_order, net_amount);
            create table gold.dim_rfm_segment as select * from (values ('A', 'a', 1), ('B', 'b', 2), ('C', 'c', 3))
                as segments (segment, description, segment_order);
        """)
        yield gold


def test_moves_are_those_from_the_first_to_the_last_day(history):
    found = query_segment_moves(history, dt.date(2024, 5, 1), dt.date(2024, 5, 31))
    assert found.rows == (("A", "B", 3), ("B", "A", 1))


@pytest.mark.parametrize(
    ("until", "last"),
    [("2024-05-31", "2024-05-31"), ("2024-05-30", "2024-05-01"), ("2024-05-01", "2024-05-01"), ("2023-12-31", None)],
)
def test_the_last_recorded_day_may_be_the_day_itself(history, until, last):
    found = find_last_recorded_day(history, dt.date.fromisoformat(until))
    assert found == (last and dt.date.fromisoformat(last))


@pytest.mark.parametrize(("day", "then"), [("2024-05-01", {"A": 0, "B": 1}), ("2024-05-31", {"A": 1, "B": 0})])
def test_a_label_holds_from_its_own_day_until_the_day_of_the_next(history, day, then):
    found = query_segment_sizes(history, dt.date.fromisoformat(day))
    rows = range(len(found.rows))
    assert {found.value("segment", row): found.value("customers_then", row) for row in rows} == then
    assert [found.value("customer_count", row) for row in rows] == [2, 1]
    assert [float(found.value("amount_share", row)) for row in rows] == [0.9, 0.1]


def test_a_report_is_of_the_last_month_that_is_over_and_has_orders():
    def choose(first: str, last: str) -> str:
        return str(choose_default_period(DataDays(dt.date.fromisoformat(first), dt.date.fromisoformat(last))))

    assert choose("2024-01-01", "2024-05-31") == "2024-05"
    assert choose("2024-01-01", "2024-05-30") == "2024-04"
    assert choose("2024-04-30", "2024-05-30") == "2024-04"
    assert choose("2024-05-01", "2024-05-30") == "2024-05"


def test_thirteen_months_are_shown_if_the_data_are_as_long(monkeypatch):
    asked = []
    monkeypatch.setattr("patron.serve.report.queries.trends._sql", lambda earliest, period: asked.append(str(earliest)))
    monkeypatch.setattr("patron.serve.report.queries.trends.run_query", lambda *_: given())
    for first in ("2020-01-01", "2024-04-01", "2024-04-02"):
        query_trends(None, Period.parse("2024-05"), DataDays(dt.date.fromisoformat(first), DAY))
    assert asked == ["2023-05", "2024-04", "2024-04"]
