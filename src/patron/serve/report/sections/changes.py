"""The changes and their causes, and the customers, cohorts, segments and regions that account for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import capitalize
from patron.serve.report.queries.change_of_groups import name_group
from patron.serve.report.queries.figures import QueryResult
from patron.serve.report.sections.charts import Bar, build_bars, build_floating_bars
from patron.serve.report.sections.number_text import share, signed_amount
from patron.serve.report.sections.section import Section, Sentence
from patron.serve.report.sections.tables import Cell, Row, Table, iterate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patron.project.number_format import Formats
    from patron.serve.report.queries.change import Change
    from patron.serve.report.queries.change_of_groups import GroupedSales
    from patron.serve.report.queries.spans import Comparison, Days

_MOST_ROWS = 12


def build_change_section(
    changes: Sequence[Change], totals: QueryResult, comparison: Comparison, formats: Formats
) -> Section:
    """Build the section of sentences about the changes, with the revenue bridge."""
    sentences = tuple(Sentence(one.sentence, one.figures, (one.result,), one.direction) for one in changes)
    drivers = next((one for one in changes if one.topic == "drivers"), None)
    tables = (_build_bridge(drivers, totals, comparison, formats),) if drivers is not None else ()
    return Section("changes", "What changed and why", comparison.remark(formats), sentences, tables=tables)


def _build_bridge(drivers: Change, totals: QueryResult, comparison: Comparison, formats: Formats) -> Table:
    """Build the bridge from the earlier revenue, part by part, to the current revenue."""
    assert comparison.before is not None
    before, now = totals.figure("net_amount_before", formats.money), totals.figure("net_amount", formats.money)
    spans, at = [(0.0, float(before.value))], float(before.value)
    for part in drivers.parts:
        spans.append((at, at + float(part.amount.value)))
        at = spans[-1][1]
    bars = build_floating_bars([*spans, (0.0, float(now.value))])
    names = [f"Revenue, {comparison.before.label(formats)}", *(part.name for part in drivers.parts)]
    names.append(f"Revenue, {comparison.now.label(formats)}")
    figures = [before, *(part.amount for part in drivers.parts), now]
    last = len(names) - 1
    rows = tuple(
        Row((name, figure, bar), is_strong=number in (0, last))
        for number, (name, figure, bar) in enumerate(zip(names, figures, bars, strict=True))
    )
    note = (
        "The parts add up to the change. Customers' revenue is customers × orders per customer × revenue per order; "
        "its change is split among the three with the logarithmic mean Divisia index (Ang 2005)."
    )
    return Table("Revenue bridge", ("", "#Amount", "|"), rows, (totals, drivers.result), note)


def build_driver_section(
    breakdowns: Sequence[GroupedSales], comparison: Comparison, formats: Formats
) -> Section | None:
    """Build one table per breakdown; None if there are no breakdowns or there is no earlier period."""
    if comparison.before is None or not breakdowns:
        return None
    tables = tuple(_build_group_table(one, comparison, formats) for one in breakdowns)
    lead = (
        "Sales before refunds, net of discounts on the lines themselves. "
        "The differences in each table add up to its last row."
    )
    return Section("drivers", "Where the change came from", lead, tables=tables)


def _build_group_table(grouped: GroupedSales, comparison: Comparison, formats: Formats) -> Table:
    result = grouped.result
    order = sorted(iterate_rows(result), key=lambda row: -result.value("more", row))
    shown = sorted(order if len(order) == _MOST_ROWS + 1 else order[:_MOST_ROWS])
    bars = build_bars([float(result.value("difference", row)) for row in shown])
    rows = [
        Row((capitalize(name_group(result, row, grouped.breakdown, formats)), *_build_cells(result, row, formats, bar)))
        for row, bar in zip(shown, bars, strict=True)
    ]
    totals: tuple[Cell, ...] = (
        result.figure("all_difference", signed_amount(formats)),
        "",
        result.figure("all_now", formats.money),
        result.figure("all_before", formats.money),
        "",
    )
    rows.append(Row(("Total", *totals), is_strong=True))
    left = len(order) - len(shown)
    note = grouped.note(formats)
    if left > 1:
        note = f"The {left} groups with the smallest differences are omitted; the query returns them. {note}".strip()
    before, now = comparison.before, comparison.now
    assert before is not None
    columns = (
        "",
        "#Difference",
        "|",
        f"#{_label_days(now, formats)}",
        f"#{_label_days(before, formats)}",
        "#Previous share",
    )
    return Table(grouped.title, columns, tuple(rows), (result,), note)


def _build_cells(result: QueryResult, row: int, formats: Formats, bar: Bar) -> tuple[Cell, ...]:
    return (
        result.figure("difference", signed_amount(formats), row),
        bar,
        result.figure("sales", formats.money, row),
        result.figure("sales_before", formats.money, row),
        result.figure("share_before", share(formats), row),
    )


def _label_days(days: Days, formats: Formats) -> str:
    name = days.period.short_label(formats)
    return name if days.is_whole else f"{name}, {days.count} {'day' if days.count == 1 else 'days'}"
