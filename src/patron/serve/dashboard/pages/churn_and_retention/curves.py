"""Curves of monthly cohorts by the week: how long customers stay, and how soon lost ones come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.axes import set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.cohort_lines import Line, draw_cohort_lines, pick_evenly
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST = 4
LEAST_CUSTOMERS = 20
"""Fewer customers make no curve."""


@dataclass(frozen=True)
class Curve:
    """A gold table of curves.

    month, rate: its columns. verb: what the rate is the share of. since: the axis title. rows: which are drawn, a
    condition.
    """

    title: str
    table: str
    month: str
    rate: str
    verb: str
    since: str
    rows: str = "true"

    @property
    def sql(self) -> str:
        return f"select * from gold.{self.table} where {self.rows} order by {self.month}, weeks_since"


def draw_curves(view: View, curve: Curve, data: Result, months: list[dt.date], summary: str, note: str) -> None:
    """Draw the curves of a few of the months with their 95% intervals; the CSV has all of them."""
    lines = {month: _build_line(view, curve, data, month) for month in pick_evenly(months, _MOST)}
    figure = draw_cohort_lines(lines, view.theme, view.formats)
    longest = max(max(line.at) for line in lines.values())
    figure.update_layout(xaxis={"title": {"text": curve.since}, "dtick": 13 if longest > 40 else 4})
    figure.update_layout(yaxis={"rangemode": "tozero"})
    set_share_axis(figure, [0.0, 1.0], view.formats)
    draw_figure(
        curve.title,
        figure,
        data=data,
        definition=[curve.table, f"{curve.table}.{curve.rate}", f"{curve.table}.{curve.rate}_low"],
        summary=summary,
        note=join_sentences(summary, note, "The CSV has all months.", note_unfiltered(view.filters)),
        height=400,
    )


def _build_line(view: View, curve: Curve, data: Result, month: dt.date) -> Line:
    rows = [row for row in data.records() if row[curve.month] == month]
    share, name = view.formats.share, view.formats.month(month)
    hover = [
        f"{name}, week {row['weeks_since']}: {share(row[curve.rate])} {curve.verb}, {row['at_risk_count']} observed"
        for row in rows
    ]
    return Line(
        [row["weeks_since"] for row in rows],
        [row[curve.rate] for row in rows],
        hover,
        [row[f"{curve.rate}_low"] for row in rows],
        [row[f"{curve.rate}_high"] for row in rows],
    )
