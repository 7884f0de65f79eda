"""Survey answers, with the value and churn of the customers who gave each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.serve.dashboard.pages.reviews_and_delivery.words import label_value
from patron.serve.dashboard.widgets import intervals
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.scope import join_sentences
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_ATTRIBUTES = """
select attribute
from gold.survey_segments
group by attribute
having min(answer) <> max(answer)
order by max(reading in ('higher', 'lower')) desc, attribute
"""

_ANSWERS = """
select
    answer,
    customer_count,
    amount_per_customer,
    amount_per_customer_low,
    amount_per_customer_high,
    churn_rate,
    churn_rate_low,
    churn_rate_high,
    reading,
    compared_count
from gold.survey_segments
where attribute = ?
order by customer_count desc, answer
"""

_CLEAR = """
select attribute, answer, customer_count, churn_rate, other_churn_rate, reading
from gold.survey_segments
where reading in ('higher', 'lower')
order by abs(difference) desc, attribute, answer
limit 20
"""


def draw_survey(view: View) -> None:
    """Draw value and churn by answer to the chosen question, and the answers that stand out."""
    attributes = [row[0] for row in view.data.rows(_ATTRIBUTES).rows]
    if not attributes:
        draw_empty_state("Survey: no data", explain_empty(view, "survey_segments"))
        return
    selected = choose("attribute", "Survey question", attributes, str.strip)
    found = view.data.rows(_ANSWERS, [selected])
    left, right = st.columns(2, gap="large")
    with left:
        _draw_value(view, found, selected)
    with right:
        _draw_churn(view, found, selected)
    clear = view.data.rows(_CLEAR)
    if clear:
        _draw_standouts(view, clear)


def _draw_value(view: View, found: Result, selected: str) -> None:
    rows = _build_intervals(found, "amount_per_customer", view.formats.money)
    most = max(rows, key=lambda one: one.middle)
    summary = f"{most.name} has the highest: {most.text}."
    draw_figure(
        "Revenue per customer by answer",
        intervals.draw_intervals(rows, view.theme, view.formats.short_money, reference=None),
        data=found,
        definition=["survey_segments.answer", "survey_segments.amount_per_customer"],
        summary=summary,
        note=f"{selected.strip()}. {summary} Net revenue per customer; lines are 95% intervals.",
        height=intervals.compute_height(len(rows)),
    )


def _draw_churn(view: View, found: Result, selected: str) -> None:
    rows = _build_intervals(found, "churn_rate", lambda rate: view.formats.share(rate, digits=1))
    if not rows:
        draw_empty_state("Churn by answer: no data", "None of these customers came before the churn window.")
        return
    most = max(rows, key=lambda one: one.middle)
    summary = f"{most.name} has the highest churn rate: {most.text}."
    draw_figure(
        "Churn rate by answer",
        intervals.draw_intervals(rows, view.theme, view.formats.share, reference=None),
        data=found,
        definition=["survey_segments.churn_rate", "survey_segments.reading"],
        summary=summary,
        note=join_sentences(
            f"{selected.strip()}. {summary} Highlighted where the difference from all others is significant.",
            intervals.note_adjusted(found),
            "Counts customers who came before the churn window.",
        ),
        height=intervals.compute_height(len(rows)),
    )


def _build_intervals(found: Result, column: str, write: Any) -> list[intervals.Interval]:
    """Return the intervals of a column; a value without one, such as a single customer's, is its own interval."""
    of_churn = column == "churn_rate"
    return [
        intervals.Interval(
            label_value(row["answer"]),
            float(row[column]),
            _end(row, column, "low"),
            _end(row, column, "high"),
            write(row[column]),
            row["reading"] in ("higher", "lower") if of_churn else True,
        )
        for row in found.records()
        if row[column] is not None
    ]


def _end(row: dict[str, Any], column: str, end: str) -> float:
    """Return an end of the interval; the value itself where too few customers answered for one."""
    found = row[f"{column}_{end}"]
    return float(row[column] if found is None else found)


def _draw_standouts(view: View, clear: Result) -> None:
    rows = [(row[0].strip(), label_value(row[1]), *row[2:5], row[5].capitalize()) for row in clear.rows]
    draw_table(
        "Answers that stand out",
        replace(clear, rows=rows),
        view.formats,
        definition=[
            "survey_segments",
            "survey_segments.churn_rate",
            "survey_segments.difference",
            "survey_segments.reading",
        ],
        labels={
            "attribute": "Question",
            "other_churn_rate": "Churn rate of others",
            "churn_rate": "Churn rate",
            "reading": "Result",
        },
        note="The churn rate of these answers differs significantly from all others, adjusted for all comparisons.",
    )
