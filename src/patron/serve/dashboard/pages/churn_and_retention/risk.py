"""Churn risk against value tier: customers and value in each combination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns, load_tables
from patron.serve.dashboard.pages.churn_and_retention.summary import STAKE, is_scored
from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.shaded_table import Cell, draw_shaded_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Value by tier and churn risk"

_BY_SILENCE = f"""
with
    cells as (
        select
            clv_tier,
            churn_group,
            {columns("customer_360", customer_count="customers", sum_value="lifetime_value_to_date")}
        from gold.customer_360
        where churn_group is not null and clv_tier is not null and {{condition}}
        group by clv_tier, churn_group
    )

select
    cells.clv_tier,
    cells.churn_group as risk,
    cells.customer_count,
    cells.sum_value,
    groups.min_days,
    groups.max_days
from cells
inner join gold.dim_clv_tier as tiers on cells.clv_tier = tiers.clv_tier
inner join gold.dim_churn_group as groups on cells.churn_group = groups.churn_group
order by tiers.tier_order desc, groups.risk_order
"""

_BY_MODEL = f"""
with
    cells as (
        select
            clv_tier,
            cast(least(floor(churn_probability_90d * 5), 4) as integer) as fifth,
            {columns("customer_risk", customer_count="customers", sum_value="value_at_stake")}
        from {load_tables()["customer_risk"].source}
        where churn_probability_90d is not null and clv_tier is not null and {{condition}}
        group by clv_tier, fifth
    )

select cells.clv_tier, cells.fifth as risk, cells.customer_count, cells.sum_value
from cells
inner join gold.dim_clv_tier as tiers on cells.clv_tier = tiers.clv_tier
order by tiers.tier_order desc, cells.fifth
"""

_NAMES = {"silence": "Days since last order", "model": "Churn model, next 90 days"}


def draw_risk(view: View) -> None:
    """Draw a cell for each value tier and risk level."""
    by = choose("risk", "Risk by", list(_NAMES), _NAMES.__getitem__) if is_scored(view) else "silence"
    sql = _BY_MODEL if by == "model" else _BY_SILENCE
    condition, parameters = view.filters.customers("customer_360.")
    data = view.data.rows(sql.format(condition=condition), parameters)
    if not data:
        draw_empty_state(f"{_TITLE}: no customers match", "Choose another segment, region or channel, or all of them.")
        return
    heads = _label_fifths(view) if by == "model" else _query_groups(view)
    draw_heading(_TITLE, _write_note(view, by, data))
    tiers = list(dict.fromkeys(data.column("clv_tier")))
    cells = _build_cells(view, data, by)
    rows = [(tier, [cells.get((tier, place), Cell("–")) for place in heads]) for tier in tiers]
    draw_shaded_table(_TITLE, ["Value tier", *heads.values()], rows, view.theme)
    measures = ["customer_churn.churn_probability_90d", "customer_360.predicted_clv_1y"]
    if by == "silence":
        measures = ["customer_360.churn_group", "customer_360.historical_clv"]
    draw_footer(_TITLE, data, ["customer_360.clv_tier", *measures])


def _build_cells(view: View, data: Result, by: str) -> dict[tuple[str, object], Cell]:
    most = max((float(value or 0) for value in data.column("sum_value")), default=0.0) or 1.0
    found = {}
    for row in data.records():
        level = max(float(row["sum_value"] or 0), 0.0) / most
        money = view.formats.short_money(row["sum_value"])
        people = view.formats.count(row["customer_count"])
        hover = f"{people} customers, {money} {'at stake' if by == 'model' else 'lifetime value to date'}"
        found[row["clv_tier"], row["risk"]] = Cell(money, level, hover, below=people)
    return found


def _query_groups(view: View) -> dict[object, str]:
    """Return risk group -> its column heading, with its range of days."""
    groups = view.data.rows("select churn_group, min_days, max_days from gold.dim_churn_group order by risk_order")
    heads = {}
    for row in groups.records():
        days = (
            f"{row['min_days']}–{row['max_days']} days" if row["max_days"] is not None else f"{row['min_days']}+ days"
        )
        heads[row["churn_group"]] = f"{row['churn_group']}\n{days}"
    return heads


def _label_fifths(view: View) -> dict[object, str]:
    share = view.formats.share
    return {place: f"{share(place / 5)} to {share((place + 1) / 5)}" for place in range(5)}


def _write_note(view: View, by: str, data: Result) -> str:
    if by == "model":
        return f"Value at stake and number of customers, by the probability of no order in 90 days. {STAKE}"
    top = data.column("clv_tier")[0]
    silent = sum(
        row["sum_value"] or 0 for row in data.records() if row["clv_tier"] == top and row["risk"] in ("Medium", "High")
    )
    amount = view.formats.short_money(silent)
    summary = f"In the {top} tier, customers at risk who have not churned yet account for {amount}."
    return f"Lifetime value to date and number of customers, by days since the last order. {summary}"
