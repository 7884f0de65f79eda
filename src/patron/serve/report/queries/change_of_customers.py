"""Sentences about customers: how many ordered, how many are new, how many returned or lapsed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.serve.report.queries.chance import FEW, shares_differ
from patron.serve.report.queries.change import Change, Direction, find_direction, name_earlier_days
from patron.serve.report.queries.figures import Figure, ask
from patron.serve.report.sections.number_text import none_or

if TYPE_CHECKING:
    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.figures import Asked
    from patron.serve.report.queries.spans import Comparison, DataDays


def describe_customers(asked: Asked, comparison: Comparison, formats: Formats) -> Change | None:
    """Describe how many customers ordered, and how many of them were new."""
    now, before = asked.figure("customer_count", formats.count), asked.figure("customer_count_before", formats.count)
    if not now.value and not before.value:
        return None
    new, new_before = (asked.figure(f"new_customer_count{end}", none_or(formats)) for end in ("", "_before"))
    moved = find_direction(now.value, before.value)
    people = "customer" if now.value == 1 else "customers"
    sentence = f"{now} {people} ordered"
    figures: list[Figure] = [now]
    if moved == "level":
        sentence += f", about as many as in {name_earlier_days(comparison, formats)} ({before})"
    else:
        more, word = asked.figure("customer_count_more", formats.count), "more" if moved == "up" else "fewer"
        rate = asked.figure("customer_count_more_rate", formats.share)
        figures.append(more)
        said = f"{more}"
        if min(now.value, before.value) >= FEW:
            said, figures = f"{more} ({rate})", [*figures, rate]
        sentence += f", {said} {word} than in {name_earlier_days(comparison, formats)} ({before})"
    if not new.value and not new_before.value:
        return Change("customers", f"{sentence}.", moved, asked, (*figures, before))
    sentence += f"; {new} of them new (previously {new_before})."
    return Change("customers", sentence, moved, asked, (*figures, before, new, new_before))


def describe_retention(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> Change | None:
    """Describe retention: the earlier period's customers who ordered again, against a period before."""
    before = comparison.before
    if before is None or not comparison.is_whole or before.period.previous().first < data.first:
        return None
    asked = ask(connection, _returns_sql(comparison))
    of_now, of_before = asked.value("previous_customer_count"), asked.value("previous_customer_count_before")
    if not of_now or not of_before:
        return None
    kept, kept_before = asked.value("retained_customer_count"), asked.value("retained_customer_count_before")
    said, figures = _share(asked, "retained_customer_count", "previous_customer_count", "retention_rate", formats)
    named = before.label(formats)
    sentence = f"Of the {figures[0]} customers in {named}, {said} ordered again"
    share = asked.figure("retention_rate_before", formats.share)
    if min(of_now, of_before) < FEW:
        return Change("retention", f"{sentence}.", "level", asked, figures)
    moved = compare_shares(kept, of_now, kept_before, of_before)
    sentence += f", {_VERDICTS[moved]} {share} the {before.period.kind} before."
    return Change("retention", sentence, moved, asked, (*figures, share))


def describe_churn(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, formats: Formats, data: DataDays
) -> Change | None:
    """Describe churn: the active customers who lapsed in the period. Weeks and months only."""
    if comparison.before is None or not comparison.is_whole or comparison.now.period.kind not in ("week", "month"):
        return None
    asked = ask(connection, _lapses_sql(comparison))
    of_now, of_before = asked.value("window_customer_count"), asked.value("window_customer_count_before")
    lost, lost_before = asked.value("window_lost_customer_count"), asked.value("window_lost_customer_count_before")
    if not of_now or not of_before or not (lost or lost_before):
        return None
    if comparison.before.first < data.first + dt.timedelta(days=asked.value("window_days")):
        return None  # the data is younger than the churn window
    said, figures = _share(asked, "window_lost_customer_count", "window_customer_count", "window_churn_rate", formats)
    window = asked.figure("window_days", formats.count)
    name = comparison.now.label(formats)
    sentence = f"Of the {figures[0]} customers who were active at the start of {name}, {said} lapsed during it"
    sentence += f" (no order for more than {window} days)"
    share = asked.figure("window_churn_rate_before", formats.share)
    if min(of_now, of_before) < FEW or not lost_before:
        return Change("churn", f"{sentence}.", "level", asked, (*figures, window))
    moved = compare_shares(lost, of_now, lost_before, of_before)
    sentence += f", {_VERDICTS[moved]} {share} the {comparison.before.period.kind} before."
    return Change("churn", sentence, moved, asked, (*figures, window, share))


_VERDICTS: dict[Direction, str] = {"up": "up from", "down": "down from", "level": "no significant change from"}


def compare_shares(count: int, of: int, count_before: int, of_before: int) -> Direction:
    """Return which way a share moved; level where the difference is not significant."""
    if not shares_differ(count, of, count_before, of_before):
        return "level"
    return "up" if count * of_before > count_before * of else "down"


def _share(asked: Asked, count: str, of: str, rate: str, formats: Formats) -> tuple[str, tuple[Figure, ...]]:
    """Return `650 (48%)`, or `6` where there are few; the figures begin with the denominator."""
    number, whole = asked.figure(count, formats.count), asked.figure(of, formats.count)
    if whole.value < FEW:
        return f"{number}", (whole, number)
    share = asked.figure(rate, formats.share)
    return f"{number} ({share})", (whole, number, share)


def _returns_sql(comparison: Comparison) -> str:
    names = ("previous_customer_count", "retained_customer_count", "retention_rate")
    return _two_periods(comparison, "period_metrics", names)


def _lapses_sql(comparison: Comparison) -> str:
    names = ("window_customer_count", "window_lost_customer_count", "window_churn_rate")
    window = "(select min(min_days) - 1 from gold.dim_churn_group where max_days is null) as window_days"
    return _two_periods(comparison, "churn_by_period", names, window)


def _two_periods(comparison: Comparison, table: str, names: tuple[str, ...], *more: str) -> str:
    """Return a select of a published table's row beside that of the period before."""
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
