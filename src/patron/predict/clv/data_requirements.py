"""Checks whether a shop, or a group of its customers, has enough purchases to fit a purchase model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.settings.predictions import PurchasePredictions


def find_missing(cells: pa.Table, settings: PurchasePredictions) -> list[str]:
    """Name what is missing, one sentence each; an empty list if nothing is.

    cells: columns repeat_count, age_days and customer_count.
    """
    import numpy as np

    count, repeats, age = (cells.column(name).to_numpy() for name in ("customer_count", "repeat_count", "age_days"))
    required = (
        (round(float(count.sum())), settings.least_customers, "buyers"),
        (
            round(float(np.sum(count[repeats > 0]))),
            settings.least_repeaters,
            "repeat customers (bought on two days or more)",
        ),
        (int(age.max(initial=0)), settings.least_days, "days of history"),
    )
    return [f"{found:,} {what} ({least:,} needed)" for found, least, what in required if found < least]
