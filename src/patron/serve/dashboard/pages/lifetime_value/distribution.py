"""The distribution of customer value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.axes import set_count_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.pages.lifetime_value.measures import Measure
    from patron.serve.dashboard.view import View

_VALUES = """
with
    chosen as (
        select cast({column} as double) as value
        from gold.customer_360
        where {column} is not null and {condition}
    ),
"""

_SUMMARY = (
    _VALUES
    + """
    customer_values as (select value, (select quantile_cont(value, 0.9) from chosen) as top_decile_from from chosen)

"""
    + select(
        ["customers", "customer_value", "mean_customer_value", "median_customer_value", "top_decile_share"],
        table="customer_values",
    )
)

_BINS = (
    _VALUES
    + """
    scaled as (select value, pow(10, floor(log10(greatest(value, 1)))) as decade from chosen),

    customer_values as (
        select
            value,
            case
                when value < 1 then 0
                else decade * case when value < 2 * decade then 1 when value < 5 * decade then 2 else 5 end
            end as at_least_value
        from scaled
    )

"""
    + select(
        {"customer_count": "customers", "sum_value": "customer_value"},
        table="customer_values",
        by=["at_least_value"],
        order_by="at_least_value",
    )
)


def draw_summary(view: View, measure: Measure) -> None:
    """Draw tiles: customers, total, mean and median value, and the share of the top decile."""
    condition, parameters = view.filters.customers()
    totals = view.data.first(_SUMMARY.format(column=measure.column, condition=condition), parameters)
    if not totals["customers"]:
        return
    formats = view.formats
    draw_tiles(
        [
            Tile("Customers", formats.count(totals["customers"])),
            Tile(measure.name, formats.short_money(totals["customer_value"]), against="total"),
            Tile("Mean per customer", formats.money(totals["mean_customer_value"])),
            Tile("Median per customer", formats.money(totals["median_customer_value"]), against="half have more"),
            Tile("Top decile", formats.share(totals["top_decile_share"]), against="of total value"),
        ]
    )


def draw_distribution(view: View, measure: Measure) -> None:
    """Draw customers by value, in list_steps of 1, 2, 5, 10, 20, …"""
    title = "Distribution of customer value"
    condition, parameters = view.filters.customers()
    data = view.data.rows(_BINS.format(column=measure.column, condition=condition), parameters)
    if not data:
        draw_empty_state(f"{title}: no customers match", "Choose another segment, region or channel, or all of them.")
        return
    summary = _summarize(view, data)
    draw_figure(
        title,
        _draw(view, data),
        data=data,
        definition=[f"customer_360.{measure.column}"],
        summary=summary,
        note=f"{measure.name}. {summary}",
        height=320,
    )


def list_steps(values: list[float]) -> list[float]:
    """Return all lower bounds from the smallest to the largest value: 0, 1, 2, 5, 10, 20, 50, …"""
    ends = [0.0, *(mantissa * 10.0**power for power in range(13) for mantissa in (1, 2, 5))]
    return [end for end in ends if values[0] <= end <= values[-1]]


def _draw(view: View, data: Result) -> object:
    import plotly.graph_objects as go

    ends = list_steps([value or 0.0 for value in data.numbers("at_least_value")])
    known = dict(zip(data.numbers("at_least_value"), data.column("customer_count"), strict=True))
    counts = [known.get(end, 0) for end in ends]
    hovers = [
        f"{_describe_range(view, end)}: {view.formats.count(count)} customers"
        for end, count in zip(ends, counts, strict=True)
    ]
    bars = go.Bar(x=list(range(len(ends))), y=counts, hovertext=hovers, hoverinfo="text")
    figure = go.Figure(bars.update(marker={"color": view.theme.series[0]}))
    shown = range(len(ends))[:: 3 if len(ends) > 9 else 2 if len(ends) > 5 else 1]
    figure.update_layout(
        bargap=0.06,
        xaxis={
            "tickvals": [place - 0.5 for place in shown],
            "ticktext": [view.formats.short_money(ends[place]) for place in shown],
            "fixedrange": True,
        },
        yaxis={"title": {"text": "Customers"}, "fixedrange": True},
    )
    set_count_axis(figure, counts, view.formats)
    return figure


def _summarize(view: View, data: Result) -> str:
    first = max(data.records(), key=lambda row: row["customer_count"])
    share = first["customer_count"] / sum(data.column("customer_count"))
    return f"Most common: {_describe_range(view, first['at_least_value'])} ({view.formats.share(share)} of customers)."


def _describe_range(view: View, end: float) -> str:
    """Return the range from a lower bound to the next one, in words."""
    money = view.formats.short_money
    if end < 1:
        return f"less than {money(1)}"
    mantissa = round(end / 10.0 ** (len(str(int(end))) - 1))
    return f"{money(end)} to {money(end * {1: 2, 2: 2.5, 5: 2}[mantissa])}"
