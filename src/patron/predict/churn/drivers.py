"""Explains why a customer may churn, in words and with the customer's own values.

What each feature adds to the log-odds comes from churn's learner itself: a regression's coefficient x (value - mean),
or LightGBM's SHAP values. Features of one subject are added up, so that days without a purchase are mentioned once; the
three subjects that raise the risk most are described, strongest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from patron.predict.churn.driver_text import DESCRIPTIONS, Values
from patron.predict.churn.features import SUBJECTS, to_numbers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

MOST = 3
LEAST_LOG_ODDS = 0.05
"""A subject that raises the risk by less (the odds by about 5%) is not mentioned."""

RETAINED_BY = "main reason to stay: "


def describe_drivers(
    rows: pa.Table, names: Sequence[str], contributions: NDArray[np.float64], currency: str = ""
) -> pa.Table:
    """Return driver_1, driver_2 and driver_3 for each of `rows`; null if fewer subjects raise the risk.

    rows: features by name. contributions: log-odds, shape (rows, names). names: the feature of each of its columns.
    currency: written before amounts. If nothing raises the risk, driver_1 describes what lowers it most.
    """
    import numpy as np
    import pyarrow as pa

    subjects = list(dict.fromkeys(SUBJECTS[name] for name in names))
    sums = np.zeros((rows.num_rows, len(subjects)))
    for place, name in enumerate(names):
        sums[:, subjects.index(SUBJECTS[name])] += contributions[:, place]
    if {"purchases", "rhythm"} <= set(subjects):
        _merge_subjects_of_one_purchase(rows, subjects, sums)
    order = np.argsort(-sums, axis=1, kind="stable")
    known = {name: rows[name].to_pylist() for name in SUBJECTS if name in rows.column_names}
    words = [
        _describe(_collect_values(known, row, currency), subjects, sums[row], order[row])
        for row in range(rows.num_rows)
    ]
    return pa.table({f"driver_{n + 1}": pa.array([one[n] for one in words], pa.string()) for n in range(MOST)})


def empty_drivers() -> pa.Table:
    """Return a table with the columns of `describe_drivers` and no rows."""
    import pyarrow as pa

    return pa.table({f"driver_{n + 1}": pa.array([], pa.string()) for n in range(MOST)})


def _merge_subjects_of_one_purchase(rows: pa.Table, subjects: list[str], sums: NDArray[np.float64]) -> None:
    """Add the purchases of customers who bought once to their rhythm, which says the same."""
    once = to_numbers(rows, "purchase_day_count") == 1
    sums[once, subjects.index("rhythm")] += sums[once, subjects.index("purchases")]
    sums[once, subjects.index("purchases")] = 0


def _describe(values: Values, subjects: list[str], sums: Any, order: Any) -> list[str | None]:
    raising = [place for place in order[:MOST] if sums[place] >= LEAST_LOG_ODDS]
    if not raising:
        return [RETAINED_BY + DESCRIPTIONS[subjects[order[-1]]](values), None, None]
    words: list[str | None] = [DESCRIPTIONS[subjects[place]](values) for place in raising]
    return words + [None] * (MOST - len(words))


def _collect_values(known: dict[str, list[Any]], row: int, currency: str) -> Values:
    return {"currency": currency, **{name: column[row] for name, column in known.items()}}
