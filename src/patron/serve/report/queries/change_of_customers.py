"""Sentences about customers: how many ordered, how many are new, how many returned or lapsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.report.queries.chance import FEW, shares_differ
from patron.serve.report.queries.change import Change, Direction, find_direction, name_earlier_days
from patron.serve.report.queries.figures import Figure, run_query
from patron.serve.report.sections.number_text import count_or_none

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.figures import QueryResult
    from patron.serve.report.queries.spans import Comparison, DataDays


def describe_customers(result: QueryResult, comparison: Comparison, formats: Formats) -> Change | None:
    """Describe how many customers ordered, and how many of them were new."""
    now, before = result.figure("customer_count", formats.count), result.figure("customer_count_before", formats.count)
    if not now.value and not before.value:
        return None
    new, new_before = (result.figure(f"new_customer_count{end}", count_or_none(formats)) for end in ("", "_before"))
    direction = find_direction(now.value, before.value)
    people = "customer" if now.value == 1 else "customers"
    sentence = f"{now} {people} ordered"
    figures: list[Figure] = [now]
    if direction == "level":
        sentence += f", about as many as in {name_earlier_days(comparison, formats)} ({before})"
    else:
        more, word = result.figure("customer_count_more", formats.count), "more" if direction == "up" else "fewer"
        rate = result.figure("customer_count_more_rate", formats.share)
        figures.append(more)
        difference = f"{more}"
        if min(now.value, before.value) >= FEW:
            difference, figures = f"{more} ({rate})", [*figures, rate]
        sentence += f", {difference} {word} than in {name_earlier_days(comparison, formats)} ({before})"
    if not new.value and not new_before.value:
        return Change("customers", f"{sentence}.", direction, result, (*figures, before))
    sentence += f"; {new} of them new (previously {new_before})."
    return Change("customers", sentence, direction, result, (*figures, before, new, new_before))


def describe_retention(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> Change | None:
    """Describe retention: the earlier period's customers who ordered again, against a period before."""
    before = comparison.before
    if before is None or not comparison.is_whole or before.period.previous().first < data.first:
        return None
    result = run_query(connection, _build_retention_sql(comparison))
    of_now, of_before = result.value("previous_customer_count"), result.value("previous_customer_count_before")
    if not of_now or not of_before:
        return None
    kept, kept_before = result.value("retained_customer_count"), result.value("retained_customer_count_before")
    counted, figures = _write_share(
        result, "retained_customer_count", "previous_customer_count", "retention_rate", formats
    )
    named = before.label(formats)
    sentence = f"Of the {figures[0]} customers in {named}, {counted} ordered again"
    share = result.figure("retention_rate_before", formats.share)
    if min(of_now, of_before) < FEW:
        return Change("retention", f"{sentence}.", "level", result, figures)
    direction = compare_shares(kept, of_now, kept_before, of_before)
    sentence += f", {_VERDICTS[direction]} {share} the {before.period.kind} before."
    return Change("retention", sentence, direction, result, (*figures, share))


def describe_churn(connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats) -> Change | None:
    """Describe churn: the active customers who lapsed during the period. Weeks and months only."""
    if comparison.before is None or not comparison.is_whole or comparison.now.period.kind not in ("week", "month"):
        return None
    result = run_query(connection, _build_churn_sql(comparison))
    of_now, of_before = result.value("window_customer_count"), result.value("window_customer_count_before")
    lost, lost_before = result.value("window_lost_customer_count"), result.value("window_lost_customer_count_before")
    if not of_now or not of_before or not (lost or lost_before):
        return None
    counted, figures = _write_share(
        result, "window_lost_customer_count", "window_customer_count", "window_churn_rate", formats
    )
    window = result.figure("window_days", formats.count)
    name = comparison.now.label(formats)
    sentence = f"Of the {figures[0]} customers who were active at the start of {name}, {counted} lapsed during it"
    sentence += f" (no order for more than {window} days)"
    back = result.figure("comeback_rate", formats.share)
    share = result.figure("window_churn_rate_before", formats.share)
    if min(of_now, of_before) < FEW or not lost_before:
        return Change("churn", f"{sentence}. {_tell_comebacks(back)}", "level", result, (*figures, window, back))
    direction = compare_shares(lost, of_now, lost_before, of_before)
    sentence += f", {_VERDICTS[direction]} {share} the {comparison.before.period.kind} before. {_tell_comebacks(back)}"
    return Change("churn", sentence, direction, result, (*figures, window, share, back))


def _tell_comebacks(rate: Figure) -> str:
    share = f"{rate}" if rate.value else "none"
    return f"Of all customers who lapsed so far, {share} have ordered again."


_VERDICTS: dict[Direction, str] = {"up": "up from", "down": "down from", "level": "no significant change from"}


def compare_shares(count: int, of: int, count_before: int, of_before: int) -> Direction:
    """Return which way a share moved; level if the difference is not significant."""
    if not shares_differ(count, of, count_before, of_before):
        return "level"
    return "up" if count * of_before > count_before * of else "down"


def _write_share(
    result: QueryResult, count: str, of: str, rate: str, formats: Formats
) -> tuple[str, tuple[Figure, ...]]:
    """Write `650 (48%)`, or just `6` if there are few; the figures begin with the denominator."""
    number, total = result.figure(count, formats.count), result.figure(of, formats.count)
    if total.value < FEW:
        return f"{number}", (total, number)
    share = result.figure(rate, formats.share)
    return f"{number} ({share})", (total, number, share)


def _build_retention_sql(comparison: Comparison) -> str:
    names = ("previous_customer_count", "retained_customer_count", "retention_rate")
    return _select_two_periods(comparison, "period_metrics", names)


def _build_churn_sql(comparison: Comparison) -> str:
    names = ("window_customer_count", "window_lost_customer_count", "window_churn_rate")
    window = "(select min(min_days) - 1 from gold.dim_churn_group where max_days is null) as window_days"
    rate = columns("churn_by_period", "comeback_rate")
    returns = f"(select {rate} from gold.churn_by_period where period_kind = 'month') as comeback_rate"
    return _select_two_periods(comparison, "churn_by_period", names, window, returns)


def _select_two_periods(comparison: Comparison, table: str, names: tuple[str, ...], *more: str) -> str:
    """Build a select of a published table's row next to that of the previous period."""
    before = comparison.before or comparison.now
    columns = [column for name in names for column in (f"now.{name}", f"before.{name} as {name}_before")]
    listed = ",\n    ".join((*columns, *more))
    kind = comparison.now.period.kind
    return f"""select
    {listed}
from gold.{table} as now, gold.{table} as before
where
    now.period_kind = '{kind}'
    and before.period_kind = '{kind}'
    and now.period_start_date = date '{comparison.now.period.first}'
    and before.period_start_date = date '{before.period.first}'"""
