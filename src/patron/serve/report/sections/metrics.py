"""The key figures at the top of a report, and their trend over the last periods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Direction, find_direction
from patron.serve.report.queries.figures import Asked, Figure
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
    """One key figure: its name, current and earlier value, and direction."""

    name: str
    now: Figure
    before: Figure | None
    rate: Figure | None
    moved: Direction


def build_tiles(asked: Asked, shown: Trends, comparison: Comparison, formats: Formats) -> list[Tile]:
    """Revenue, orders, customers and average order, then the rates of whole periods that have them."""
    made = [
        _of_totals(asked, "Net revenue", "net_amount", formats.money, comparison, formats),
        _of_totals(asked, "Customers", "customer_count", formats.count, comparison, formats),
        _of_totals(asked, "Orders", "order_count", formats.count, comparison, formats),
        _of_totals(asked, "Average order value", "average_order_value", price(formats), comparison, formats),
    ]
    names = [
        ("Repeat purchase rate", "repeat_purchase_rate"),
        ("Retention rate", "retention_rate"),
        ("Churn rate", "window_churn_rate"),
    ]
    made += [tile for name, column in names if (tile := _of_rates(shown, name, column, formats)) is not None]
    if shown.asked.value("window_churn_rate", len(shown.periods) - 1) is None:
        made.append(_last_of(shown, "Churned, of all customers", "silent_rate", exact_share(formats)))
    made.append(_last_of(shown, "Lifetime value to date", "average_historical_clv", price(formats)))
    return [tile for tile in made if tile.now.value is not None]


def _of_totals(
    asked: Asked, name: str, column: str, write: Callable[[Any], str], comparison: Comparison, formats: Formats
) -> Tile:
    now = asked.figure(column, write)
    if comparison.before is None:
        return Tile(name, now, None, None, "level")
    before = asked.figure(f"{column}_before", write)
    few = min(asked.value("order_count"), asked.value("order_count_before")) < FEW
    moved = find_direction(now.value, before.value)
    rate = None
    if not few and before.value is not None and before.value > 0 and now.value is not None:
        sign = "+" if now.value >= before.value else "−"
        rate = asked.figure(
            f"{column}_more_rate", lambda share: (sign if share >= 0.005 else "") + formats.share(share)
        )
    return Tile(name, now, before, rate, moved)


def _of_rates(shown: Trends, name: str, column: str, formats: Formats) -> Tile | None:
    row = len(shown.periods) - 1
    if shown.asked.value(column, row) is None:
        return None
    return _last_of(shown, name, column, exact_share(formats))


def _last_of(shown: Trends, name: str, column: str, write: Callable[[Any], str]) -> Tile:
    row = len(shown.periods) - 1
    now = shown.asked.figure(column, write, row)
    has_before = row > 0 and shown.asked.value(column, row - 1) is not None
    return Tile(name, now, shown.asked.figure(column, write, row - 1) if has_before else None, None, "level")


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


def build_trend_section(shown: Trends, formats: Formats) -> Section | None:
    """The metrics of the last periods as charts, and all of them as a table; None where there is one period only."""
    if len(shown.periods) < 2:
        return None
    kind = shown.periods[0].kind
    labels = [period.short_label(formats) for period in shown.periods]
    rows = iterate_rows(shown.asked)
    charts: list[Chart] = []
    for shape, title, column in _CHARTS:
        write, tick = _writers(column, formats)
        figures = [shown.asked.figure(column, write, row) for row in rows]
        drawn = build_chart(shape, title, labels, figures, shown.is_part, tick)  # type: ignore[arg-type]
        if drawn.is_drawn and not (column == "silent_rate" and "Churn rate" in [one.title for one in charts]):
            charts.append(drawn)
    return Section(
        "trends",
        f"The last {len(rows)} {kind}s",
        charts=tuple(charts),
        tables=(_table(shown, labels, formats),),
    )


def _writers(column: str, formats: Formats) -> tuple[Callable[[Any], str], Callable[[float], str]]:
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


def _table(shown: Trends, labels: list[str], formats: Formats) -> Table:
    kind = shown.periods[0].kind
    rows = iterate_rows(shown.asked)
    columns = [
        (title, name) for title, name in _COLUMNS if any(shown.asked.value(name, row) is not None for row in rows)
    ]
    made = []
    for row in rows:
        figures = [shown.asked.figure(name, _writers(name, formats)[0], row) for _, name in columns]
        label = f"{labels[row]}*" if shown.is_part[row] else labels[row]
        made.append(Row((label, *figures), is_strong=row == len(rows) - 1))
    note = _note(kind, {name for _, name in columns}, shown.asked.value("window_days"), any(shown.is_part))
    return Table(
        f"Metrics by {kind}",
        (kind.capitalize(), *(title for title, _ in columns)),
        tuple(made),
        (shown.asked,),
        note,
    )


def _note(kind: str, columns: set[str], window: int, has_parts: bool) -> str:
    said = {
        "new_customer_count": "New: customers with their first order.",
        "repeat_purchase_rate": f"Repeat purchase rate: share of the {kind}'s customers with two or more orders in it.",
        "retention_rate": f"Retention rate: share of the previous {kind}'s customers who ordered again.",
        "window_churn_rate": "Churn rate: share of the customers active at its start who passed "
        f"{window} days without an order.",
        "silent_rate": "Churned, of all customers: share of the customers to date with no order for more than "
        f"{window} days at its end.",
        "average_historical_clv": "Lifetime value to date: net revenue to date per customer, at its end.",
    }
    parts = [f"* Incomplete {kind}."] if has_parts else []
    return " ".join([*parts, *(text for name, text in said.items() if name in columns)])
