"""Orders by hour: per region, and by weekday for one region or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns, share_of_groups, total_over_groups
from patron.serve.dashboard.widgets import heatmap as heat
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST_REGIONS = 20
_ALL_DAYS = "all"

_OF_THE_SHOP = f"""
with
    hours as (
        select
            source_name,
            isodow(order_date) as weekday,
            order_minute // 60 as hour_of_day,
            max(order_minute) as last_minute,
            {columns("fct_orders", order_count="orders")}
        from gold.fct_orders
        group by all
    ),

    known as (
        select
            weekday,
            case when max(last_minute) over (partition by source_name) > 0 then hour_of_day end as hour_of_day,
            order_count
        from hours
    )

select weekday, hour_of_day, {columns("region_hours", order_count="orders")}
from known
group by weekday, hour_of_day
order by weekday, hour_of_day
"""

_OF_A_REGION = """
select weekday, hour_of_day, order_count, spent_amount
from gold.region_hours
where region = ?
order by weekday, hour_of_day
"""

_OF_REGIONS = f"""
with
    hours as (
        select region, hour_of_day, {columns("region_hours", order_count="orders")}
        from gold.region_hours
        where hour_of_day is not null and (? = 0 or weekday = ?)
        group by region, hour_of_day
    )

select
    region,
    hour_of_day,
    order_count,
    {share_of_groups("order_count", "region")} as share_of_region,
    {total_over_groups("order_count", "region")} as region_order_count
from hours
order by region = 'unknown', region_order_count desc, region, hour_of_day
"""


def draw_hours(view: View) -> None:
    """Draw tiles and heatmaps for the selected region or for all."""
    region = view.filters.region
    found = view.data.rows(_OF_A_REGION, [region]) if region else view.data.rows(_OF_THE_SHOP)
    if not found:
        draw_empty_state("Orders by hour: no data", f"No orders from {region}.")
        return
    _draw_tiles(view, found)
    if not region and view.data.count("region_hours"):
        _draw_regions(view)
    _draw_weekdays(view, found, region or "")


def _draw_tiles(view: View, found: Result) -> None:
    by_hour, by_weekday = _sum_by_hour(found, "hour_of_day"), _sum_by_hour(found, "weekday")
    total = sum(by_weekday.values())
    weekday = max(by_weekday, key=lambda day: (by_weekday[day], -day))
    tiles = [
        Tile("Orders", view.formats.count(total)),
        _build_share_tile("Busiest weekday", view.formats.weekday(weekday), by_weekday[weekday], total, view),
    ]
    if by_hour:
        hour = max(by_hour, key=lambda one: (by_hour[one], -one))
        tiles.append(
            _build_share_tile("Busiest hour", view.formats.hour(hour), by_hour[hour], sum(by_hour.values()), view)
        )
    draw_tiles(tiles)


def _build_share_tile(name: str, value: str, count: int, total: int, view: View) -> Tile:
    return Tile(name, value, against=f"{view.formats.share(count / total)} of orders")


def _sum_by_hour(found: Result, column: str) -> dict[int, int]:
    summed: dict[int, int] = {}
    for row in found.records():
        if row[column] is not None:
            summed[row[column]] = summed.get(row[column], 0) + int(row["order_count"])
    return summed


def _draw_regions(view: View) -> None:
    days = [_ALL_DAYS, *(str(day) for day in range(1, 8))]
    names = {_ALL_DAYS: "All days"} | {day: view.formats.weekday(int(day)) for day in days[1:]}
    selected = choose("weekday", "Weekday", days, names.__getitem__)
    day = 0 if selected == _ALL_DAYS else int(selected)
    found = view.data.rows(_OF_REGIONS, [day, day])
    if not found:
        draw_empty_state("Orders by region and hour: no data", "No source of orders has the time of day.")
        return
    regions = list(dict.fromkeys(found.column("region")))
    shown = regions[:_MOST_REGIONS]
    cells = [row for row in found.records() if row["region"] in shown]
    at = {(row["hour_of_day"], shown.index(row["region"])): row for row in cells}
    figure = heat.draw_heatmap(
        [view.formats.hour(hour) for hour in range(24)],
        ["Unknown" if region == "unknown" else region for region in shown],
        {place: row["share_of_region"] for place, row in at.items()},
        {place: _describe_region(row, view) for place, row in at.items()},
        view.theme,
    )
    more = len(regions) - len(shown)
    left_out = f" Showing the {len(shown)} regions with the most orders; the CSV has all." if more > 0 else ""
    draw_figure(
        "Orders by region and hour",
        figure,
        data=found,
        definition=["region_hours", "region_hours.region", "region_hours.hour_of_day", "region_hours.order_count"],
        summary=f"Orders of {len(shown)} regions by hour, {names[selected]}.",
        note=f"{names[selected]}. Darker cells hold a larger share of the region's orders.{left_out}"
        if view.theme.name == "light"
        else f"{names[selected]}. Brighter cells hold a larger share of the region's orders.{left_out}",
        height=heat.compute_height(len(shown)),
    )


def _describe_region(row: dict[str, Any], view: View) -> str:
    count, share = view.formats.count(row["order_count"]), view.formats.share(row["share_of_region"], digits=1)
    return f"{row['region']}, {view.formats.hour(row['hour_of_day'])}: {count} orders, {share} of the region"


def _draw_weekdays(view: View, found: Result, region: str) -> None:
    timed = [row for row in found.records() if row["hour_of_day"] is not None]
    title = "Orders by weekday and hour"
    if not timed:
        draw_empty_state(f"{title}: no data", "No source of orders has the time of day.")
        return
    at = {(row["hour_of_day"], row["weekday"] - 1): row for row in timed}
    figure = heat.draw_heatmap(
        [view.formats.hour(hour) for hour in range(24)],
        [view.formats.weekday(day) for day in range(1, 8)],
        {place: float(row["order_count"]) for place, row in at.items()},
        {place: _describe_hour(row, view) for place, row in at.items()},
        view.theme,
    )
    top = max(timed, key=lambda row: (row["order_count"], -row["weekday"], -row["hour_of_day"]))
    summary = f"Peak: {_describe_hour(top, view)}."
    because = (
        ""
        if region or view.data.count("region_hours")
        else f" No regions: {_lower(explain_empty(view, 'region_hours'))}"
    )
    definition = ["region_hours.order_count"] if region else ["fct_orders.order_minute", "fct_orders.order_date"]
    draw_figure(
        title,
        figure,
        data=found,
        definition=definition,
        summary=summary,
        note=f"{region or 'The whole shop'}. {summary}{because}",
        height=heat.compute_height(7),
    )


def _describe_hour(row: dict[str, Any], view: View) -> str:
    day, hour = view.formats.weekday(row["weekday"]), view.formats.hour(row["hour_of_day"])
    return f"{day}, {hour}, {view.formats.count(row['order_count'])} orders"


def _lower(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"
