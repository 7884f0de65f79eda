"""Checks whether a shop has enough customers and history to train and evaluate a churn model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.predict.churn.training import Examples

CUTOFF_STEP_DAYS = 30
LOOK_BACK_DAYS = 90
"""As models/predictions/inputs/churn_cutoffs.sql has them."""


def find_missing_history(counts: Mapping[str, Any], least_leavers: int) -> str:
    """Name what is missing, as far as that is known without reading examples; empty if nothing is.

    counts: customer_count, cutoff_count and day_count (days with sales), as `refit.query_fit_state` returns them.
    """
    least = 2 * least_leavers
    needed = 2 * CUTOFF_STEP_DAYS + LOOK_BACK_DAYS
    if counts["customer_count"] < least:
        return f"{counts['customer_count']:,} customers with an order ({least:,} needed)"
    if counts["cutoff_count"] < 2:
        return f"{counts['day_count']:,} days of sales ({needed} needed)"
    return ""


def find_missing_examples(training: Examples, test: Examples, least_leavers: int) -> str:
    """Name what one window lacks; empty if nothing is missing.

    training: what a model evaluated on `test` may train on. least_leavers: the fewest examples of customers who
    churned, and of customers who did not, in each of the two.
    """
    if not len(training.cutoffs):
        needed = 2 * training.days + LOOK_BACK_DAYS
        return f"{needed} days of sales are needed to predict {training.days} days ahead"
    customers = len(set(training.rows["customer_id"].to_pylist()))
    if customers < 2 * least_leavers:
        return f"{customers:,} customers to train on ({2 * least_leavers:,} needed)"
    for part, purpose in ((training, "train on"), (test, "evaluate on")):
        for outcome, count in (("churned", part.has_left.sum()), ("stayed", (~part.has_left).sum())):
            if count < least_leavers:
                return f"{count:,} examples of customers who {outcome} to {purpose} ({least_leavers:,} needed)"
    return ""
