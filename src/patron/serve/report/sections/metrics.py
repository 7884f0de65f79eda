"""The key figures at the top of a report, and their trends over the latest periods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Direction, find_direction
from patron.serve.report.queries.figures import Figure, QueryResult
from patron.serve.report.sections.charts import Chart, build_chart
from patron.serve.report.sections.number_text import exact_share, price
from patron.serve.report.sections.section import Section
from patron.serve.report.sections.tables import Row, Table, iterate_rows

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison
    from patron.serve.report.queries.trends import Trends


@dataclass(frozen=True)
class Tile:
    """A key figure: its name, current and earlier value, relative change and direction."""

    name: str
    now: Figure
    before: Figure | None
    rate: Figure | None
    direction: Direction


def build_tiles(result: QueryResult, trends: Trends, comparison: Comparison, formats: Formats) -> list[Tile]:
    """Build the tiles: revenue, customers, orders and average order value, then the rates that are known."""
    tiles = [
        _build_total_tile(result, "Net revenue", "net_amount", formats.money, comparison, formats),
        _build_total_tile(result, "Customers", "customer_count", formats.count, comparison, formats),
        _build_total_tile(result, "Orders", "order_count", formats.count, comparison, formats),
        _build_total_tile(result, "Average order value", "average_order_value", price(formats), comparison, formats),
    ]
    names = [
        ("Repeat purchase rate", "repeat_purchase_rate"),
        ("Retention rate", "retention_rate"),
        ("Churn rate", "window_churn_rate"),
    ]
    tiles += [tile for name, column in names if (tile := _build_rate_tile(trends, name, column, formats)) is not None]
    if trends.result.value("window_churn_rate", len(trends.periods) - 1) is None:
        tiles.append(_build_trend_tile(trends, "Churned, of all customers", "silent_rate", exact_share(formats)))
    tiles.append(_build_trend_tile(trends, "Lifetime value to date", "average_historical_clv", price(formats)))
    return [tile for tile in tiles if tile.now.value is not None]


def _build_total_tile(
    result: QueryResult, name: str, column: str, write: Callable[[Any], str], comparison: Comparison, formats: Formats
) -> Tile:
    now = result.figure(column, write)
    if comparison.before is None:
        return Tile(name, now, None, None, "level")
    before = result.figure(f"{column}_before", write)
    few = min(result.value("order_count"), result.value("order_count_before")) < FEW
    direction = find_direction(now.value, before.value)
    rate = None
    if not few and before.value is not None and before.value > 0 and now.value is not None:
        sign = "+" if now.value >= before.value else "−"
        rate = result.figure(
            f"{column}_more_rate", lambda share: (sign if share >= 0.005 else "") + formats.share(share)
        )
    return Tile(name, now, before, rate, direction)


def _build_rate_tile(trends: Trends, name: str, column: str, formats: Formats) -> Tile | None:
    row = len(trends.periods) - 1
    if trends.result.value(column, row) is None:
        return None
    return _build_trend_tile(trends, name, column, exact_share(formats))


def _build_trend_tile(trends: Trends, name: str, column: str, write: Callable[[Any], str]) -> Tile:
    row = len(trends.periods) - 1
    now = trends.result.figure(column, write, row)
    has_before = row > 0 and trends.result.value(column, row - 1) is not None
    return Tile(name, now, trends.result.figure(column, write, row - 1) if has_before else None, None, "level")


_CHARTS = (
    ("bars", "Net revenue", "net_amount"),
    ("bars", "Customers", "customer_count"),
    ("bars", "New customers", "new_customer_count"),
    ("bars", "Orders", "order_count"),
    ("line", "Average order value", "average_order_value"),
    ("line", "Repeat purchase rate", "repeat_purchase_rate"),
    ("line", "Retention rate", "retention_rate"),
    ("line", "Churn rate", "window_churn_rate"),
    ("line", "Churned, of all customers", "silent_rate"),
    ("line", "Lifetime value to date", "average_historical_clv"),
)


def build_trend_section(trends: Trends, formats: Formats) -> Section | None:
    """Build the charts and the table of the latest periods; None if there is only one period."""
    if len(trends.periods) < 2:
        return None
    kind = trends.periods[0].kind
    labels = [period.short_label(formats) for period in trends.periods]
    rows = iterate_rows(trends.result)
    charts: list[Chart] = []
    for shape, title, column in _CHARTS:
        write, tick = _choose_formats(column, formats)
        figures = [trends.result.figure(column, write, row) for row in rows]
        chart = build_chart(shape, title, labels, figures, trends.is_part, tick)  # type: ignore[arg-type]
        if chart.is_drawn and not (column == "silent_rate" and "Churn rate" in [one.title for one in charts]):
            charts.append(chart)
    return Section(
        "trends",
        f"The last {len(rows)} {kind}s",
        charts=tuple(charts),
        tables=(_build_trend_table(trends, labels, formats),),
    )


def _choose_formats(column: str, formats: Formats) -> tuple[Callable[[Any], str], Callable[[float], str]]:
    if column.endswith("_count"):
        return formats.count, formats.short_count
    if column.endswith("_rate"):
        return exact_share(formats), formats.share
    return price(formats), formats.short_money


_COLUMNS = (
    ("#Net revenue", "net_amount"),
    ("#Orders", "order_count"),
    ("#Customers", "customer_count"),
    ("#New", "new_customer_count"),
    ("#Average order value", "average_order_value"),
    ("#Repeat purchase rate", "repeat_purchase_rate"),
    ("#Retention rate", "retention_rate"),
    ("#Churn rate", "window_churn_rate"),
    ("#Churned, of all customers", "silent_rate"),
    ("#Lifetime value to date", "average_historical_clv"),
)


def _build_trend_table(trends: Trends, labels: list[str], formats: Formats) -> Table:
    kind = trends.periods[0].kind
    rows = iterate_rows(trends.result)
    columns = [
        (title, name) for title, name in _COLUMNS if any(trends.result.value(name, row) is not None for row in rows)
    ]
    table_rows = []
    for row in rows:
        figures = [trends.result.figure(name, _choose_formats(name, formats)[0], row) for _, name in columns]
        label = f"{labels[row]}*" if trends.is_part[row] else labels[row]
        table_rows.append(Row((label, *figures), is_strong=row == len(rows) - 1))
    note = _write_note(kind, {name for _, name in columns}, trends.result.value("window_days"), any(trends.is_part))
    return Table(
        f"Metrics by {kind}",
        (kind.capitalize(), *(title for title, _ in columns)),
        tuple(table_rows),
        (trends.result,),
        note,
    )


def _write_note(kind: str, columns: set[str], window: int, has_parts: bool) -> str:
    definitions = {
        "new_customer_count": "New: customers with their first order.",
        "repeat_purchase_rate": f"Repeat purchase rate: share of the {kind}'s customers with two or more orders in it.",
        "retention_rate": f"Retention rate: share of the previous {kind}'s customers who ordered again.",
        "window_churn_rate": f"Churn rate: share of the customers active at the start of the {kind} who passed "
        f"{window} days without an order.",
        "silent_rate": "Churned, of all customers: share of the customers to date with no order for more than "
        f"{window} days at the end of the {kind}.",
        "average_historical_clv": "Lifetime value to date: net revenue to date per customer, "
        f"at the end of the {kind}.",
    }
    parts = [f"* Incomplete {kind}."] if has_parts else []
    return " ".join([*parts, *(text for name, text in definitions.items() if name in columns)])
