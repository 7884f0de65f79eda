"""Comparisons of two groups of customers: relative differences as a chart, and all averages as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets import intervals
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View


@dataclass(frozen=True)
class Wording:
    """The labels of a gold table's comparisons, measures and columns of averages.

    table_title: the heading of the table that shows them all.
    """

    comparisons: Mapping[str, str]
    measures: Mapping[str, str]
    table: str
    means: Mapping[str, str]
    table_title: str

    def name(self, row: Mapping[str, Any]) -> str:
        """Return the label of a comparison and its measure."""
        return f"{self.comparisons[row['comparison']]}: {self.measures[row['measure']]}"


def draw_differences(view: View, title: str, found: Result, wording: Wording, *, note: str) -> None:
    """Draw rows of comparison, measure, averages, customer_count, difference with its interval, and reading.

    base_mean: the average that a difference is relative to.
    """
    known = [row for row in found.records() if row["difference_low"] is not None and row["base_mean"]]
    if known:
        rows = [_build_interval(view, wording, row) for row in known]
        draw_figure(
            title,
            intervals.draw_intervals(rows, view.theme, view.formats.share),
            data=found,
            definition=[f"{wording.table}.{name}" for name in ("comparison", "difference", "difference_low")],
            summary=note,
            note=note,
            height=intervals.compute_height(len(rows)),
        )
    _draw_table(view, wording.table_title, found, wording)


def _build_interval(view: View, wording: Wording, row: Mapping[str, Any]) -> intervals.Interval:
    base = float(row["base_mean"])
    middle, low, high = (float(row[name]) / base for name in ("difference", "difference_low", "difference_high"))
    sign = "+" if middle > 0 else ""
    return intervals.Interval(
        wording.name(row),
        middle,
        low,
        high,
        f"{sign}{view.formats.share(middle)}",
        row["reading"] in ("higher", "lower"),
    )


def _draw_table(view: View, title: str, found: Result, wording: Wording) -> None:
    rows = [_label_row(view, wording, row) for row in found.records()]
    columns = ["what", *wording.means, "difference", "reading", "customer_count"]
    draw_table(
        title,
        replace(found, columns=columns, rows=rows),
        view.formats,
        definition=[wording.table, *(f"{wording.table}.{name}" for name in ("measure", "difference", "reading"))],
        labels={
            "what": "Comparison",
            **wording.means,
            "difference": "Difference (95% interval)",
            "reading": "Result",
        },
    )


def _label_row(view: View, wording: Wording, row: Mapping[str, Any]) -> tuple[Any, ...]:
    is_money = row["measure"] in ("net_amount", "historical_clv", "amount_per_week")

    def write(value: Any) -> str:
        return view.formats.money(value, cents=True) if is_money else view.formats.count(value, digits=2)

    between = f"{write(row['difference'])} ({write(row['difference_low'])} to {write(row['difference_high'])})"
    if row["difference_low"] is None:
        between = write(row["difference"])
    means = [write(row[name]) for name in wording.means]
    return (wording.name(row), *means, between, row["reading"].capitalize(), row["customer_count"])
