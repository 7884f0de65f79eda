"""Ratings, and the sentiment of reviews over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.axes import set_day_axis, set_month_axis, set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_MANY_MONTHS = 4

_GROUPS = """
select breakdown, group_name, review_count, average_rating, average_sentiment_score, positive_rate, negative_rate
from gold.review_analytics
where period_kind = 'all' and breakdown <> 'all' and group_name not in ('unrated', 'no words')
order by breakdown, group_name desc
"""

_ALL = """
select review_count, rated_review_count, average_rating, worded_review_count, positive_rate, negative_rate
from gold.review_analytics
where period_kind = 'all' and breakdown = 'all'
"""

_OVER_TIME = """
select
    period_start_date,
    review_count,
    average_rating,
    worded_review_count,
    positive_rate,
    neutral_rate,
    negative_rate,
    is_complete
from gold.review_analytics
where period_kind = ? and breakdown = 'all'
order by period_start_date
"""

_SENTIMENTS = {"positive_rate": "Positive", "neutral_rate": "Neutral", "negative_rate": "Negative"}


def draw_reviews(view: View) -> None:
    """Draw tiles, ratings, and sentiment by month or week."""
    found = view.data.first(_ALL)
    if not found["review_count"]:
        draw_empty_state("Reviews: no data", explain_empty(view, "review_analytics"))
        return
    _draw_tiles(view, found)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_ratings(view, found)
    with right:
        _draw_sentiment(view, found)
    _draw_table(view)


def _draw_tiles(view: View, found: dict[str, Any]) -> None:
    formats = view.formats
    tiles = [Tile("Reviews", formats.count(found["review_count"]))]
    if found["rated_review_count"]:
        tiles.append(Tile("Average rating", formats.count(found["average_rating"], digits=2)))
    if found["worded_review_count"]:
        tiles.append(Tile("Positive", formats.share(found["positive_rate"]), against="of reviews with text"))
        tiles.append(Tile("Negative", formats.share(found["negative_rate"]), against="of reviews with text"))
    draw_tiles(tiles)


def _draw_ratings(view: View, found: dict[str, Any]) -> None:
    if not found["rated_review_count"]:
        draw_empty_state("Ratings: no data", "No review has a rating. Map the rating of reviews.")
        return
    groups = view.data.rows(_GROUPS)
    rated = [row for row in groups.records() if row["breakdown"] == "rating"]
    total = sum(row["review_count"] for row in rated)
    names = [f"Rated {row['group_name']}" for row in rated]
    shares = [row["review_count"] / total for row in rated]
    texts = [
        f"{view.formats.share(share)}, {view.formats.count(row['review_count'])}"
        for share, row in zip(shares, rated, strict=True)
    ]
    summary = (
        f"{view.formats.count(found['average_rating'], digits=2)} on average, from {view.formats.count(total)} ratings."
    )
    draw_figure(
        "Ratings",
        bars.draw_named_bars(names, shares, texts, view.theme),
        data=groups,
        definition=["review_analytics.breakdown", "review_analytics.group_name", "review_analytics.review_count"],
        summary=summary,
        note=summary,
        height=bars.compute_height(len(names)),
    )


def _draw_sentiment(view: View, found: dict[str, Any]) -> None:
    import plotly.graph_objects as go

    if not found["worded_review_count"]:
        draw_empty_state("Review sentiment: no data", "No review has text. Map the text of reviews.")
        return
    kind = "month" if len(view.data.rows(_OVER_TIME, ["month"]).rows) >= _MANY_MONTHS else "week"
    times = view.data.rows(_OVER_TIME, [kind])
    if not times:
        draw_empty_state(
            "Review sentiment: no data",
            "No review has a date. Map the time of reviews.",
        )
        return
    starts, format_start = (
        times.column("period_start_date"),
        view.formats.month if kind == "month" else view.formats.day,
    )
    figure = go.Figure()
    colours = (view.theme.series[2], view.theme.grid, view.theme.series[1])
    for (column, name), colour in zip(_SENTIMENTS.items(), colours, strict=True):
        rates = times.numbers(column)
        hover = [
            f"{format_start(start)}: {view.formats.share(rate)} {name.lower()}"
            for start, rate in zip(starts, rates, strict=True)
        ]
        figure.add_bar(
            x=starts, y=rates, name=name, text=hover, hoverinfo="text", textposition="none", marker_color=colour
        )
    figure.update_layout(legend_traceorder="normal", barmode="stack")
    set_share_axis(figure, [0.0, 1.0], view.formats)
    (set_month_axis if kind == "month" else set_day_axis)(figure, starts, view.formats)
    positive, negative = view.formats.share(found["positive_rate"]), view.formats.share(found["negative_rate"])
    summary = f"{positive} positive and {negative} negative overall."
    draw_figure(
        f"Review sentiment by {kind}",
        figure,
        data=times,
        definition=["review_analytics.positive_rate", "review_analytics.negative_rate", "review_sentiment"],
        summary=summary,
        note=f"{summary} Reviews with text only.",
    )


def _draw_table(view: View) -> None:
    groups = view.data.rows(_GROUPS)
    known = [name for name in groups.columns[1:] if any(value is not None for value in groups.column(name))]
    place = groups.columns.index("group_name")
    rows = [
        (
            *row[:place],
            f"Rated {row[place]}" if row[0] == "rating" and row[place] != "unrated" else row[place].capitalize(),
            *row[place + 1 :],
        )
        for row in groups.rows
    ]
    draw_table(
        "Reviews in detail",
        replace(groups, rows=rows),
        view.formats,
        definition=[f"review_analytics.{name}" for name in known],
        columns=known,
        labels={
            "group_name": "Group",
            "average_sentiment_score": "Sentiment, -1 to 1",
            "average_rating": "Average rating",
        },
    )
