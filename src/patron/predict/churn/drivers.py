"""Explains why a customer may churn, in words and with the customer's own values.

What each feature adds to the log-odds comes from churn's learner itself: a regression's coefficient x (value - mean),
or LightGBM's SHAP values. Features of one subject are added up, so that days without a purchase are mentioned once; the
three subjects that raise the risk most are described, strongest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    counts = np.minimum((sums >= LEAST_LOG_ODDS).sum(axis=1), MOST)  # of the subjects that raise the risk
    values = _Values({name: rows[name].to_pylist() for name in SUBJECTS if name in rows.column_names}, currency)
    words = [
        _describe(values.of(row), subjects, places, count)
        for row, (places, count) in enumerate(zip(order.tolist(), counts.tolist(), strict=True))
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


def _describe(values: Values, subjects: list[str], places: list[int], count: int) -> list[str | None]:
    """Describe the first `count` subjects. places: those of the subjects, in order of what they add."""
    if not count:
        return [RETAINED_BY + DESCRIPTIONS[subjects[places[-1]]](values), None, None]
    words: list[str | None] = [DESCRIPTIONS[subjects[place]](values) for place in places[:count]]
    return words + [None] * (MOST - count)


class _Values(Mapping[str, Any]):
    """The features of one row, and `currency`, each looked up when a description asks for it: few do."""

    def __init__(self, columns: dict[str, list[Any]], currency: str) -> None:
        self._columns, self._currency, self._row = columns, currency, 0

    def of(self, row: int) -> _Values:
        """Move to another row."""
        self._row = row
        return self

    def __getitem__(self, name: str) -> Any:
        return self._currency if name == "currency" else self._columns[name][self._row]

    def __iter__(self) -> Iterator[str]:
        yield from ("currency", *self._columns)

    def __len__(self) -> int:
        return len(self._columns) + 1
