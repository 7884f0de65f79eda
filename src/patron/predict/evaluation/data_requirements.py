"""Checks whether a shop has enough history and customers to evaluate forecasts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.predict.evaluation.holdout import Holdout
    from patron.project.settings.predictions import Evaluation


def find_origins(first: dt.date, last: dt.date, settings: Evaluation) -> list[dt.date]:
    """Return the days to forecast from, earliest first: one horizon apart, the last one horizon before `last`.

    An origin needs least_history_days before it.
    """
    found = [last - dt.timedelta(days=settings.horizon_days * steps) for steps in range(1, settings.origins + 1)]
    return sorted(day for day in found if (day - first).days >= settings.least_history_days)


def describe_short_history(first: dt.date, last: dt.date, settings: Evaluation) -> str:
    """Explain why there is no origin."""
    fit, test = settings.least_history_days, settings.horizon_days
    return f"{(last - first).days} days of purchases ({fit + test} needed: {fit} to fit on and {test} to test on)"


def find_missing(holdout: Holdout, settings: Evaluation) -> str:
    """Name what an origin lacks; empty if nothing is missing."""
    customers = int(holdout.customer_count.sum())
    repeaters = int(holdout.customer_count[holdout.repeat_count > 0].sum())
    missing = []
    if customers < settings.least_customers:
        missing.append(f"{customers:,} customers had bought ({settings.least_customers:,} needed)")
    if repeaters < settings.least_repeaters:
        missing.append(f"{repeaters:,} had bought on a second day ({settings.least_repeaters:,} needed)")
    if not holdout.held_out_count.any():
        missing.append(f"none of them bought in the {holdout.horizon_days} days after")
    return f"by {holdout.origin}, {' and '.join(missing)}" if missing else ""
