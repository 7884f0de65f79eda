"""Sentences about revenue: how much it changed, what drove the change, refunds and large orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns
from patron.serve.report.queries.chance import FEW
from patron.serve.report.queries.change import Change, Part, find_direction, join_words, name_earlier_days
from patron.serve.report.queries.figures import Asked, Figure, ask
from patron.serve.report.queries.revenue_decomposition import PARTS
from patron.serve.report.queries.span_sql import spans, within
from patron.serve.report.sections.number_text import exact_share, price, signed, size

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison

LARGE_ORDER_RATE = 0.05
"""An order with at least this share of all sales is reported."""

LEAST_PART = 0.05
"""A part is reported when it is at least this share of the change."""

_REFUND_POINTS = 0.01


def describe_revenue(asked: Asked, comparison: Comparison, formats: Formats, topic: str = "revenue") -> Change | None:
    """Describe the change in revenue between two periods."""
    now, before = (asked.figure(name, formats.money) for name in ("net_amount", "net_amount_before"))
    if not now.value and not before.value:
        return None
    more = asked.figure("net_amount_more", formats.money)
    moved = find_direction(now.value, before.value)
    said, extra = _moved(asked, more, moved, formats)
    of_now, of_before = comparison.now.label(formats), name_earlier_days(comparison, formats)
    sentence = f"Revenue in {of_now} was {now}, {said} {of_before} ({before})."
    return Change(topic, sentence, moved, asked, (now, *extra, before))


def _moved(asked: Asked, more: Figure, moved: str, formats: Formats) -> tuple[str, tuple[Figure, ...]]:
    """Return `£5 (3%) more than in`; without the percentage where there are few orders or the base is not positive."""
    if moved == "level":
        return "about the same as in", ()
    word = "more" if moved == "up" else "less"
    few = min(asked.value("order_count"), asked.value("order_count_before")) < FEW
    if few or asked.value("net_amount_before") <= 0:
        return f"{more} {word} than in", (more,)
    rate = asked.figure("net_amount_more_rate", formats.share)
    return f"{more} ({rate}) {word} than in", (more, rate)


def describe_drivers(totals: Asked, asked: Asked, formats: Formats) -> Change | None:
    """Describe the parts of the change due to customers, order frequency and order value; they add up to it."""
    if min(totals.value("order_count"), totals.value("order_count_before")) < FEW:
        return None
    if asked.value("order_value_effect") is None:
        return None
    if find_direction(totals.value("net_amount"), totals.value("net_amount_before")) == "level":
        return None
    change = asked.figure("change", size(formats))
    effects = {part: asked.figure(f"{part}_effect", size(formats)) for part in PARTS}
    told = [part for part in PARTS if abs(effects[part].value) >= LEAST_PART * float(abs(change.value))]
    told.sort(key=lambda part: -abs(effects[part].value))
    rose = change.value > 0
    with_it = [part for part in told if (effects[part].value > 0) == rose]
    against = [part for part in told if part not in with_it]
    figures: list[Figure] = [change]
    said = join_words([f"{effects[part]} from {_cause(asked, effects, part, formats, figures)}" for part in with_it])
    sentence = f"Revenue {'rose' if rose else 'fell'} by {change}: {said}."
    if against:
        said = join_words(
            [f"{effects[part]} from {_cause(asked, effects, part, formats, figures)}" for part in against]
        )
        sentence += f" Partly offset by {said}."
    parts = tuple(Part(_PART_NAMES[part], asked.figure(f"{part}_effect", signed(formats))) for part in PARTS)
    return Change("drivers", sentence, "up" if rose else "down", asked, tuple(figures), parts)


_PART_NAMES = {
    "customers": "Number of customers",
    "frequency": "Orders per customer",
    "order_value": "Revenue per order",
    "guests": "Guest sales",
}

_FACTORS = {
    "customers": ("customer_count", "more customers", "fewer customers"),
    "frequency": ("orders_per_customer", "more orders per customer", "fewer orders per customer"),
    "order_value": ("amount_per_order", "more revenue per order", "less revenue per order"),
}


def _cause(asked: Asked, effects: dict[str, Figure], part: str, formats: Formats, figures: list[Figure]) -> str:
    """Return `more customers (120, previously 100)`; its figures are added to `figures`."""
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
    now, before = asked.figure(column, write), asked.figure(f"{column}_before", write)
    figures += [now, before]
    return f"{more if is_more else less} ({now}, previously {before})"


def describe_refunds(asked: Asked, comparison: Comparison, formats: Formats) -> Change | None:
    """Describe refunds, where their share of gross sales changed by a percentage point or more."""
    rate, rate_before = asked.value("refund_rate"), asked.value("refund_rate_before")
    if rate is None or rate_before is None or abs(rate - rate_before) < _REFUND_POINTS:
        return None
    if min(asked.value("order_count"), asked.value("order_count_before")) < FEW:
        return None
    back = asked.figure("refund_amount", size(formats))
    share = asked.figure("refund_rate", exact_share(formats))
    share_before = asked.figure("refund_rate_before", exact_share(formats))
    then = f"previously {share_before} in {name_earlier_days(comparison, formats)}"
    sentence = f"Refunds were {back}, {share} of gross sales ({then})."
    return Change("refunds", sentence, "up" if rate > rate_before else "down", asked, (back, share, share_before))


def describe_large_orders(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats
) -> Change | None:
    """Describe single orders that make up a large share of either period's sales."""
    sql = f"""with
{spans(comparison)},
sums as (
    select
        span,
        first_day,
        last_day,
        {columns("fct_orders", "sales", order_count="orders")},
        max(order_amount) as order_amount
    from spans
    inner join gold.fct_orders on order_date between first_day and last_day
    where {within(comparison, "order_date")}
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
    asked = ask(connection, sql)
    if not asked.rows:
        return None
    sentences, figures = [], []
    for row in range(len(asked.rows)):
        amount, day = asked.figure("order_amount", price(formats), row), asked.figure("order_date", formats.day, row)
        share = asked.figure("share", formats.share, row)
        is_now = asked.value("span", row) == "now"
        name = comparison.now.label(formats) if is_now else name_earlier_days(comparison, formats)
        sentences.append(f"A single order of {amount} on {day} made up {share} of sales before refunds in {name}.")
        figures += [amount, day, share]
    return Change("large order", " ".join(sentences), "level", asked, tuple(figures))
