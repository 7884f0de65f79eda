"""Sentences about revenue: how much it changed, what drove the change, refunds and large orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns
from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Change, Part, find_direction, join_words, name_earlier_days
from patron.serve.report.queries.figures import Figure, QueryResult, run_query
from patron.serve.report.queries.revenue_decomposition import PARTS
from patron.serve.report.queries.span_sql import build_day_filter, build_spans
from patron.serve.report.sections.number_text import absolute_amount, exact_share, price, signed_amount

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison

LARGE_ORDER_RATE = 0.05
"""An order with at least this share of all sales is reported."""

LEAST_PART = 0.05
"""A part is reported when it is at least this share of the change."""

_REFUND_POINTS = 0.01


def describe_revenue(
    result: QueryResult, comparison: Comparison, formats: Formats, topic: str = "revenue"
) -> Change | None:
    """Describe the change in revenue between two periods."""
    now, before = (result.figure(name, formats.money) for name in ("net_amount", "net_amount_before"))
    if not now.value and not before.value:
        return None
    more = result.figure("net_amount_more", formats.money)
    direction = find_direction(now.value, before.value)
    comparison_text, extra = _describe_difference(result, more, direction, formats)
    of_now, of_before = comparison.now.label(formats), name_earlier_days(comparison, formats)
    sentence = f"Revenue in {of_now} was {now}, {comparison_text} {of_before} ({before})."
    return Change(topic, sentence, direction, result, (now, *extra, before))


def _describe_difference(
    result: QueryResult, more: Figure, direction: str, formats: Formats
) -> tuple[str, tuple[Figure, ...]]:
    """Write `£5 (3%) more than in`, without the percentage if there are few orders or the base is not positive."""
    if direction == "level":
        return "about the same as in", ()
    word = "more" if direction == "up" else "less"
    few = min(result.value("order_count"), result.value("order_count_before")) < FEW
    if few or result.value("net_amount_before") <= 0:
        return f"{more} {word} than in", (more,)
    rate = result.figure("net_amount_more_rate", formats.share)
    return f"{more} ({rate}) {word} than in", (more, rate)


def describe_drivers(totals: QueryResult, result: QueryResult, formats: Formats) -> Change | None:
    """Describe the parts of the change due to customers, order frequency and order value; they add up to it."""
    if min(totals.value("order_count"), totals.value("order_count_before")) < FEW:
        return None
    if result.value("order_value_effect") is None:
        return None
    if find_direction(totals.value("net_amount"), totals.value("net_amount_before")) == "level":
        return None
    change = result.figure("change", absolute_amount(formats))
    effects = {part: result.figure(f"{part}_effect", absolute_amount(formats)) for part in PARTS}
    reported = [part for part in PARTS if abs(effects[part].value) >= LEAST_PART * float(abs(change.value))]
    reported.sort(key=lambda part: -abs(effects[part].value))
    rose = change.value > 0
    aligned = [part for part in reported if (effects[part].value > 0) == rose]
    opposed = [part for part in reported if part not in aligned]
    figures: list[Figure] = [change]
    causes = join_words(
        [f"{effects[part]} from {_describe_cause(result, effects, part, formats, figures)}" for part in aligned]
    )
    sentence = f"Revenue {'rose' if rose else 'fell'} by {change}: {causes}."
    if opposed:
        causes = join_words(
            [f"{effects[part]} from {_describe_cause(result, effects, part, formats, figures)}" for part in opposed]
        )
        sentence += f" Partly offset by {causes}."
    parts = tuple(Part(_PART_NAMES[part], result.figure(f"{part}_effect", signed_amount(formats))) for part in PARTS)
    return Change("drivers", sentence, "up" if rose else "down", result, tuple(figures), parts)


_PART_NAMES = {
    "customers": "Number of customers",
    "frequency": "Orders per customer",
    "order_value": "Revenue per order",
    "guests": "Guest sales",
}

_FACTORS = {
    "customers": ("customer_count", "more customers", "fewer customers"),
    "frequency": ("orders_per_customer", "more orders per customer", "fewer orders per customer"),
    "order_value": ("amount_per_order", "higher revenue per order", "lower revenue per order"),
}


def _describe_cause(
    result: QueryResult, effects: dict[str, Figure], part: str, formats: Formats, figures: list[Figure]
) -> str:
    """Write `more customers (120, previously 100)`, and append its figures to `figures`."""
    is_more = effects[part].value > 0
    figures.append(effects[part])
    if part == "guests":
        return f"{'more' if is_more else 'fewer'} guest sales"
    column, more, less = _FACTORS[part]
    writers: dict[str, Callable[[Any], str]] = {
        "customers": formats.count,
        "frequency": lambda number: formats.count(number, digits=2),
        "order_value": price(formats),
    }
    write = writers[part]
    now, before = result.figure(column, write), result.figure(f"{column}_before", write)
    figures += [now, before]
    return f"{more if is_more else less} ({now}, previously {before})"


def describe_refunds(result: QueryResult, comparison: Comparison, formats: Formats) -> Change | None:
    """Describe refunds if their share of gross sales changed by a percentage point or more."""
    rate, rate_before = result.value("refund_rate"), result.value("refund_rate_before")
    if rate is None or rate_before is None or abs(rate - rate_before) < _REFUND_POINTS:
        return None
    if min(result.value("order_count"), result.value("order_count_before")) < FEW:
        return None
    back = result.figure("refund_amount", absolute_amount(formats))
    share = result.figure("refund_rate", exact_share(formats))
    share_before = result.figure("refund_rate_before", exact_share(formats))
    then = f"previously {share_before} in {name_earlier_days(comparison, formats)}"
    sentence = f"Refunds were {back}, {share} of gross sales ({then})."
    return Change("refunds", sentence, "up" if rate > rate_before else "down", result, (back, share, share_before))


def describe_large_orders(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats
) -> Change | None:
    """Describe single orders that make up a large share of either period's sales."""
    sql = f"""with
{build_spans(comparison)},
sums as (
    select
        span,
        first_day,
        last_day,
        {columns("fct_orders", "sales", order_count="orders")},
        max(order_amount) as order_amount
    from spans
    inner join gold.fct_orders on order_date between first_day and last_day
    where {build_day_filter(comparison, "order_date")}
    group by all
)
select
    sums.span,
    min(orders.order_date) as order_date,
    sums.order_amount,
    cast(sums.order_amount as double) / nullif(sums.sales, 0) as share
from sums
inner join gold.fct_orders as orders
    on orders.order_amount = sums.order_amount and orders.order_date between sums.first_day and sums.last_day
where sums.order_count >= {FEW} and sums.order_amount >= {LARGE_ORDER_RATE} * sums.sales and sums.sales > 0
group by all
order by span desc"""
    result = run_query(connection, sql)
    if not result.rows:
        return None
    sentences, figures = [], []
    for row in range(len(result.rows)):
        amount, day = result.figure("order_amount", price(formats), row), result.figure("order_date", formats.day, row)
        share = result.figure("share", formats.share, row)
        is_now = result.value("span", row) == "now"
        name = comparison.now.label(formats) if is_now else name_earlier_days(comparison, formats)
        sentences.append(f"A single order of {amount} on {day} made up {share} of sales before refunds in {name}.")
        figures += [amount, day, share]
    return Change("large order", " ".join(sentences), "level", result, tuple(figures))
