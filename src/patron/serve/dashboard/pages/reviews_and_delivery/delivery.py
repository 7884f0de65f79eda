"""Delivery times, by the factor that the user chooses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.pages.reviews_and_delivery.words import label_factor, label_value
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_FACTORS = """
select factor
from gold.delivery_quality
where factor <> 'all'
group by factor
having
    min(factor_value) filter (where factor_value <> 'unknown')
    <> max(factor_value) filter (where factor_value <> 'unknown')
order by max(average_delivery_minutes) - min(average_delivery_minutes) desc nulls last, factor
"""

_OF_A_FACTOR = """
select
    factor_value,
    delivery_count,
    average_delivery_minutes,
    average_preparation_minutes,
    average_distance_km
from gold.delivery_quality
where factor = ?
order by factor_value = 'unknown', average_delivery_minutes desc nulls last, factor_value
"""

_MINUTES = {
    "delivery_count": "Deliveries",
    "average_delivery_minutes": "Minutes to deliver",
    "average_preparation_minutes": "Minutes to prepare",
    "average_distance_km": "Distance (km)",
}


def draw_delivery(view: View) -> None:
    """Draw the tiles of all deliveries, and delivery times by the chosen factor."""
    if not view.data.count("delivery_quality"):
        draw_empty_state("Deliveries: no data", explain_empty(view, "delivery_quality"))
        return
    _draw_tiles(view, view.data.first(_OF_A_FACTOR, ["all"]))
    factors = [row[0] for row in view.data.rows(_FACTORS).rows if row[0] != "delivery_minutes"]
    if not factors:
        return
    selected = choose("factor", "Deliveries by", factors, label_factor)
    found = view.data.rows(_OF_A_FACTOR, [selected])
    in_words = replace(found, rows=[(label_value(row[0]), *row[1:]) for row in found.rows])
    timed = [row for row in in_words.records() if row["average_delivery_minutes"] is not None]
    if timed:
        _draw_bars(view, in_words, timed, selected)
    draw_table(
        "Deliveries in detail",
        in_words,
        view.formats,
        definition=["delivery_quality", *(f"delivery_quality.{name}" for name in _MINUTES)],
        columns=[name for name in found.columns if any(one is not None for one in found.column(name))],
        labels={"factor_value": label_factor(selected), **_MINUTES},
    )


def _draw_tiles(view: View, found: dict[str, Any]) -> None:
    tiles = [Tile("Deliveries", view.formats.count(found["delivery_count"]))]
    for column, name in list(_MINUTES.items())[1:]:
        if found[column] is not None:
            tiles.append(Tile(name, view.formats.count(found[column], digits=1), against="on average"))
    draw_tiles(tiles)


def _draw_bars(view: View, found: Any, timed: list[dict[str, Any]], selected: str) -> None:
    known = [row for row in timed if row["factor_value"] != "Unknown"] or timed
    slow, quick = known[0], known[-1]
    minutes = [view.formats.count(row["average_delivery_minutes"], digits=1) for row in timed]
    summary = (
        f"{slow['factor_value']}: {view.formats.count(slow['average_delivery_minutes'], digits=1)} minutes, "
        f"{quick['factor_value']}: {view.formats.count(quick['average_delivery_minutes'], digits=1)}."
    )
    texts = [
        f"{minute} min, {view.formats.count(row['delivery_count'])} deliveries"
        for minute, row in zip(minutes, timed, strict=True)
    ]
    draw_figure(
        "Delivery time",
        bars.draw_named_bars(
            [row["factor_value"] for row in timed],
            [row["average_delivery_minutes"] for row in timed],
            texts,
            view.theme,
        ),
        data=found,
        definition=["delivery_quality.factor", "delivery_quality.average_delivery_minutes"],
        summary=summary,
        note=f"{label_factor(selected)}. {summary}",
        height=bars.compute_height(len(timed)),
    )
