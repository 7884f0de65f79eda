"""Whether a shop has seen enough for anything to be said of its future."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.settings.predictions import PurchasePredictions


def what_is_missing(cells: pa.Table, settings: PurchasePredictions) -> list[str]:
    """What is lacking, each in words; empty where nothing is. cells: repeat_count, age_days, customer_count."""
    import pyarrow.compute as pc

    count = cells.column("customer_count")
    came_back = pc.if_else(pc.greater(cells.column("repeat_count"), 0), count, 0)
    wanted = (
        (pc.sum(count).as_py() or 0, settings.least_customers, "buyers"),
        (pc.sum(came_back).as_py() or 0, settings.least_repeaters, "buyers who came back on another day"),
        (pc.max(cells.column("age_days")).as_py() or 0, settings.least_days, "days of history"),
    )
    return [f"{least:,} {what} are needed and there are {there:,}" for there, least, what in wanted if there < least]
