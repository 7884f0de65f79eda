"""The key figures of the overview: a period against the one before, and the shop to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import get_metric, select
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.definitions import load_definitions
from patron.serve.dashboard.widgets.tiles import Tile, describe_change
from patron.serve.periods import Period
from patron.serve.report.queries.spans import Comparison, DataDays
from patron.serve.report.queries.totals import query_totals

if TYPE_CHECKING:
    import duckdb

_METRICS = {
    "net_amount": "net_revenue",
    "order_count": "orders",
    "customer_count": "buyers",
    "new_customer_count": "new_customers",
    "average_order_value": "average_order_value",
}

_OF_PERIOD = select(_METRICS, table="period_metrics", where="period_kind = ? and period_start_date = ?")


def build_period_tiles(view: View, period: Period) -> list[Tile]:
    """Return revenue, orders, customers, new customers and average order value, each with its change."""
    found, against = view.data.compute(_query_totals, period)
    if found is None:
        found = view.data.first(_OF_PERIOD, [period.kind, period.first])
    formats = view.formats
    formats_by_column: dict[str, tuple[str, Callable[[Any], str]]] = {
        "net_amount": ("Net revenue", formats.money),
        "order_count": ("Orders", formats.count),
        "customer_count": ("Customers", formats.count),
        "new_customer_count": ("New customers", formats.count),
        "average_order_value": ("Average order value", lambda amount: formats.money(amount, cents=True)),
    }
    before = against.period.short_label(formats) if against and against.is_whole else against and against.label(formats)
    note = f"vs {before}" if against else f"no previous {period.kind}"
    return [_build_tile(view, column, name, write, found, note) for column, (name, write) in formats_by_column.items()]


def _query_totals(connection: duckdb.DuckDBPyConnection, period: Period) -> tuple[dict[str, Any] | None, Any]:
    """Return the totals of the period and the days it is compared with; None where there are none."""
    comparison = Comparison.of(period, DataDays.of(connection))
    if comparison.before is None:
        return None, None
    totals = query_totals(connection, comparison)
    return dict(zip(totals.columns, totals.rows[0], strict=True)), comparison.before


def _build_tile(
    view: View, column: str, name: str, write: Callable[[Any], str], found: dict[str, Any], note: str
) -> Tile:
    now, before = found[column], found.get(f"{column}_before")
    rate = found.get(f"{column}_more_rate")
    moved, is_up = describe_change(
        now, before, write(found.get(f"{column}_more")) if rate is None else view.formats.share(rate)
    )
    means = load_definitions([f"period_metrics.{column}"])[0].text
    return Tile(name, write(now), moved, is_up, note, means)


_TO_DATE = """
select
    customer_count,
    repeat_customer_rate,
    repeat_day_customer_rate,
    churn_rate,
    churn_rate_reason,
    net_amount
from gold.kpi_overall
order by kpi_date desc
limit 1
"""
_COMEBACKS = select(["comeback_rate"], table="churn_by_period", where="period_kind = 'month'")
_EXPECTED = select({"predicted_clv_1y": "expected_margin"}, table="customer_clv")


def build_to_date_tiles(view: View) -> list[Tile]:
    """Return the shop to date: customers, repeat customers, churn, revenue and expected margin."""
    formats, known = view.formats, view.data.first(_TO_DATE)
    expected = view.data.first(_EXPECTED)["predicted_clv_1y"]
    tiles = [
        Tile("Customers to date", formats.count(known["customer_count"]), means=_define("kpi_overall.customer_count")),
        Tile(
            "Repeat customers",
            formats.share(known["repeat_customer_rate"]),
            against=f"{formats.share(known['repeat_day_customer_rate'])} on two days or more",
            means=_define("kpi_overall.repeat_customer_rate"),
        ),
        Tile(
            get_metric("churn_rate").label,
            formats.share(known["churn_rate"]),
            against=known["churn_rate_reason"] or _describe_comebacks(view),
            means=_define("kpi_overall.churn_rate"),
        ),
        Tile("Net revenue to date", formats.money(known["net_amount"]), means=_define("kpi_overall.net_amount")),
    ]
    if expected is not None:
        name = "Expected margin, next year"
        tiles.append(Tile(name, formats.money(expected), means=_define("customer_clv.predicted_clv_1y")))
    return tiles


def _describe_comebacks(view: View) -> str:
    rate = view.data.first(_COMEBACKS)["comeback_rate"]
    return "" if rate is None else f"{view.formats.share(rate)} of lost customers came back"


def _define(column: str) -> str:
    return load_definitions([column])[0].text
