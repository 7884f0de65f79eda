"""Sentences about revenue: how much it changed, by which factors, and what refunds and single orders did to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patron.report.chance import FEW
from patron.report.change import Change, Part, direction, joined
from patron.report.drivers import PARTS, drivers
from patron.report.figures import Asked, Figure, ask
from patron.report.span_sql import day_literals
from patron.report.totals import totals

if TYPE_CHECKING:
    import duckdb

    from patron.formats import Formats
    from patron.report.spans import Comparison

LARGE_ORDER_RATE = 0.05
"""An order that brought this share of all sales is told of."""

LEAST_PART = 0.05
"""A part of a change is told that is at least this share of it."""

_REFUND_POINTS = 0.01


def of_revenue(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """How much more or less came in."""
    return _revenue(connection, comparison, formats, "revenue")


def of_year_before(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """The same beside the same period of the year before; None where the data do not reach back so far."""
    if comparison.before is None or comparison.now.period.kind == "year":
        return None
    return _revenue(connection, comparison, formats, "year before")


def _revenue(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, topic: str
) -> Change | None:
    asked = totals(connection, comparison)
    now, before = (asked.figure(name, formats.money) for name in ("net_amount", "net_amount_before"))
    if not now.value and not before.value:
        return None
    more = asked.figure("net_amount_more", formats.money)
    moved = direction(now.value, before.value)
    said, extra = _moved(asked, "net_amount", more, moved, formats)
    of_now, of_before = comparison.now.label(formats), _named_before(comparison, formats)
    sentence = f"Revenue in {of_now} was {now}, {said} {of_before} ({before})."
    return Change(topic, sentence, moved, asked, (now, *extra, before))


def _moved(asked: Asked, name: str, more: Figure, moved: str, formats: Formats) -> tuple[str, tuple[Figure, ...]]:
    """`£5 (3%) more than in`; without the percentage where few orders or nothing sensible stands below it."""
    if moved == "level":
        return "about the same as in", ()
    word = "more" if moved == "up" else "less"
    few = min(asked.value("order_count"), asked.value("order_count_before")) < FEW
    if few or asked.value(f"{name}_before") <= 0:
        return f"{more} {word} than in", (more,)
    rate = asked.figure(f"{name}_more_rate", formats.share)
    return f"{more} ({rate}) {word} than in", (more, rate)


def _named_before(comparison: Comparison, formats: Formats) -> str:
    return comparison.before.label(formats) if comparison.before else ""


def of_drivers(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """The parts of the change that customers, their orders and their spend an order brought; they add up to it."""
    volume = totals(connection, comparison)
    if min(volume.value("order_count"), volume.value("order_count_before")) < FEW:
        return None
    asked = drivers(connection, comparison)
    if asked.value("order_value_effect") is None:
        return None
    if direction(volume.value("net_amount"), volume.value("net_amount_before")) == "level":
        return None
    change = asked.figure("change", lambda amount: formats.money(abs(amount)))
    effects = {part: asked.figure(f"{part}_effect", lambda amount: formats.money(abs(amount))) for part in PARTS}
    told = [part for part in PARTS if abs(effects[part].value) >= LEAST_PART * float(abs(change.value))]
    told.sort(key=lambda part: -abs(effects[part].value))
    rose = change.value > 0
    with_it = [part for part in told if (effects[part].value > 0) == rose]
    against = [part for part in told if part not in with_it]
    figures: list[Figure] = [change]
    said = joined([f"{effects[part]} by {_cause(asked, effects, part, formats, figures)}" for part in with_it])
    sentence = f"Revenue {'rose' if rose else 'fell'} by {change}: {said}."
    if against:
        said = joined([f"{effects[part]} by {_cause(asked, effects, part, formats, figures)}" for part in against])
        sentence += f" In the other direction: {said}."
    parts = tuple(Part(_PART_NAMES[part], asked.figure(f"{part}_effect", formats.money)) for part in PARTS)
    return Change("drivers", sentence, "up" if rose else "down", asked, tuple(figures), parts)


_PART_NAMES = {
    "customers": "Number of customers",
    "frequency": "Orders per customer",
    "order_value": "Revenue per order",
    "guests": "Sales without a customer's name",
}

_FACTORS = {
    "customers": ("customer_count", "more customers", "fewer customers"),
    "frequency": ("orders_per_customer", "more orders per customer", "fewer orders per customer"),
    "order_value": ("amount_per_order", "more revenue per order", "less revenue per order"),
}


def _cause(asked: Asked, effects: dict[str, Figure], part: str, formats: Formats, figures: list[Figure]) -> str:
    """`more customers (120 against 100)`; its figures go to `figures`."""
    is_more = effects[part].value > 0
    figures.append(effects[part])
    if part == "guests":
        return f"{'more' if is_more else 'fewer'} sales without a customer's name"
    column, more, less = _FACTORS[part]
    writers: dict[str, Callable[[Any], str]] = {
        "customers": formats.count,
        "frequency": lambda number: formats.count(number, digits=2),
        "order_value": formats.money,
    }
    write = writers[part]
    now, before = asked.figure(column, write), asked.figure(f"{column}_before", write)
    figures += [now, before]
    return f"{more if is_more else less} ({now} against {before})"


def of_refunds(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """Refunds, where their share of what was sold moved by a point or more."""
    asked = totals(connection, comparison)
    rate, rate_before = asked.value("refund_rate"), asked.value("refund_rate_before")
    if rate is None or rate_before is None or abs(rate - rate_before) < _REFUND_POINTS:
        return None
    if min(asked.value("order_count"), asked.value("order_count_before")) < FEW:
        return None
    back = asked.figure("refund_amount", lambda amount: formats.money(abs(amount)))
    share = asked.figure("refund_rate", lambda rate: formats.share(rate, digits=1))
    share_before = asked.figure("refund_rate_before", lambda rate: formats.share(rate, digits=1))
    then = f"in {_named_before(comparison, formats)} it was {share_before}"
    sentence = f"Refunds took back {back}, {share} of gross sales; {then}."
    return Change("refunds", sentence, "up" if rate > rate_before else "down", asked, (back, share, share_before))


def of_large_orders(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """One order that brought much of the period's sales."""
    sql = f"""
with
    days as (select {day_literals(comparison.now)}),
    orders as (
        select order_date, order_amount, sum(order_amount) over () as sales, count(*) over () as order_count
        from days
        inner join gold.fct_orders on order_date between first_day and last_day
    )
select order_date, order_amount, cast(order_amount as double) / nullif(sales, 0) as share, order_count
from orders
order by order_amount desc, order_date
limit 1"""
    asked = ask(connection, sql)
    if not asked.rows or asked.value("order_count") < FEW or (asked.value("share") or 0) < LARGE_ORDER_RATE:
        return None
    amount, day = asked.figure("order_amount", formats.money), asked.figure("order_date", formats.day)
    share = asked.figure("share", formats.share)
    sentence = f"One order of {amount} on {day} is {share} of the period's sales before refunds."
    return Change("large order", sentence, "level", asked, (amount, day, share))
