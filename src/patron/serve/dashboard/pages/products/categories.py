"""Margin and returns of departments and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.contract.metrics import select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST = 12
_LEVELS = {"department": "Departments", "category": "Categories"}


def draw_categories(view: View) -> None:
    """Draw margin and returns side by side, and both with revenue as a table."""
    if not view.data.count("category_ranking"):
        draw_empty_state("Categories: no data", explain_empty(view, "category_ranking"))
        return
    found = view.data.rows(_SQL, [_choose_level(view)])
    left, right = st.columns(2, gap="large")
    with left:
        _draw_margins(view, found)
    with right:
        _draw_returns(view, found)
    columns = ["category_name", "product_count", "net_amount", "margin_amount", "margin_rate", "return_rate"]
    draw_table(
        "Categories in detail",
        found,
        view.formats,
        definition=[f"category_ranking.{name}" for name in columns[1:]],
        columns=[name for name in columns if any(value is not None for value in found.column(name))],
    )


def _choose_level(view: View) -> str:
    """Return the selected level, among those with more than one group."""
    counted = view.data.rows(_LEVEL_SIZES)
    levels = [level for level, count in counted.rows if count > 1] or [counted.rows[-1][0]]
    return levels[0] if len(levels) == 1 else choose("level", "Show", levels, lambda level: _LEVELS[level])


_LEVEL_SIZES = select(["categories"], table="category_ranking", by=["level"], order_by="categories")

_IS_IN_SEVERAL = "min(department) over (partition by level, name) <> max(department) over (partition by level, name)"
"""Whether several departments have a category of that name."""

_SQL = f"""
select
    case
        when name = 'unknown' then 'Unknown'
        when level = 'category' and {_IS_IN_SEVERAL} then name || ' (' || department || ')'
        else name
    end as category_name,
    product_count,
    net_amount,
    margin_amount,
    margin_rate,
    cost_known_rate,
    case when return_rate_source <> 'not known' then return_rate end as return_rate,
    return_rate_source
from gold.category_ranking
where level = ?
order by margin_amount desc nulls last, net_amount desc, name, department
"""


def _draw_margins(view: View, found: Result) -> None:
    has_costs = any(value is not None for value in found.column("margin_amount"))
    column, what = ("margin_amount", "margin") if has_costs else ("net_amount", "net revenue")
    groups = _select_largest(found, column)
    names = [row["category_name"] for row in groups]
    texts = [view.formats.money(row[column]) for row in groups]
    ranking_note = "" if has_costs else " Ranked by net revenue, as no product has a known cost."
    draw_figure(
        f"Top categories by {what}",
        bars.draw_named_bars(names, [float(row[column]) for row in groups], texts, view.theme),
        data=found,
        definition=[f"category_ranking.{column}"],
        summary=f"{names[0]} leads with {texts[0]} of {what}.",
        note=f"{names[0]} leads with {texts[0]} of {what}.{ranking_note}{_note_omitted(found, groups, view)}",
        height=bars.compute_height(len(groups)),
    )


def _draw_returns(view: View, found: Result) -> None:
    groups = _select_largest(found, "return_rate")
    if not groups:
        draw_empty_state("Returns: no data", "No returns are recorded, and no product states a return rate.")
        return
    rates = [float(row["return_rate"]) for row in groups]
    names = [row["category_name"] for row in groups]
    texts = [view.formats.share(rate, digits=1) for rate in rates]
    is_stated = {row["return_rate_source"] for row in groups} == {"stated"}
    source = "As stated in the product data." if is_stated else "Units returned as a share of units sold."
    draw_figure(
        "Categories by return rate",
        bars.draw_named_bars(names, rates, texts, view.theme, colour=view.theme.series[1]),
        data=found,
        definition=["category_ranking.return_rate", "category_ranking.return_rate_source"],
        summary=f"{names[0]} has the highest return rate: {texts[0]}.",
        note=f"{names[0]} has the highest return rate: {texts[0]}. {source}",
        height=bars.compute_height(len(groups)),
    )


def _select_largest(found: Result, column: str) -> list[dict[str, Any]]:
    known = [row for row in found.records() if row[column] is not None]
    return sorted(known, key=lambda row: -row[column])[:_MOST]


def _note_omitted(found: Result, groups: list[dict[str, Any]], view: View) -> str:
    more = len(found.rows) - len(groups)
    return f" {view.formats.count(more)} more in the table." if more > 0 else ""
