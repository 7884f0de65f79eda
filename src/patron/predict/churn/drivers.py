"""Why a customer may leave, in words with the customer's own values.

What each feature adds to the log-odds is the model's own account (LightGBM's SHAP values). Features of one subject are
added up, so that "41 days silent" is told once; the three subjects that raise the risk most are told, strongest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from patron.predict.churn.driver_text import WORDS, Values
from patron.predict.churn.features import SUBJECTS, numbers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

MOST = 3
LEAST_LOG_ODDS = 0.05
"""What raises the risk by less (odds by 5%) is not told."""

KEEPS = "what keeps them: "


def drivers(rows: pa.Table, names: Sequence[str], contributions: NDArray[np.float64], currency: str = "") -> pa.Table:
    """Columns driver_1, driver_2, driver_3, a row for each of `rows`; null where fewer subjects raise the risk.

    names: the columns of contributions, whose shape is (rows, names). Where nothing raises the risk, driver_1 says what
    lowers it most. currency: written before amounts.
    """
    import numpy as np
    import pyarrow as pa

    subjects = list(dict.fromkeys(SUBJECTS[name] for name in names))
    sums = np.zeros((rows.num_rows, len(subjects)))
    for place, name in enumerate(names):
        sums[:, subjects.index(SUBJECTS[name])] += contributions[:, place]
    if {"purchases", "rhythm"} <= set(subjects):
        _bought_once_is_one_subject(rows, subjects, sums)
    order = np.argsort(-sums, axis=1, kind="stable")
    known = {name: rows[name].to_pylist() for name in SUBJECTS if name in rows.column_names}
    told = [_told(_values(known, row, currency), subjects, sums[row], order[row]) for row in range(rows.num_rows)]
    return pa.table({f"driver_{n + 1}": pa.array([one[n] for one in told], pa.string()) for n in range(MOST)})


def no_drivers() -> pa.Table:
    """The columns, without a row."""
    import pyarrow as pa

    return pa.table({f"driver_{n + 1}": pa.array([], pa.string()) for n in range(MOST)})


def _bought_once_is_one_subject(rows: pa.Table, subjects: list[str], sums: NDArray[np.float64]) -> None:
    """Who bought once has no rhythm but that: it is not told twice."""
    once = numbers(rows, "purchase_day_count") == 1
    sums[once, subjects.index("rhythm")] += sums[once, subjects.index("purchases")]
    sums[once, subjects.index("purchases")] = 0


def _told(values: Values, subjects: list[str], sums: Any, order: Any) -> list[str | None]:
    raising = [place for place in order[:MOST] if sums[place] >= LEAST_LOG_ODDS]
    if not raising:
        return [KEEPS + WORDS[subjects[order[-1]]](values), None, None]
    words: list[str | None] = [WORDS[subjects[place]](values) for place in raising]
    return words + [None] * (MOST - len(words))


def _values(known: dict[str, list[Any]], row: int, currency: str) -> Values:
    return {"currency": currency, **{name: column[row] for name, column in known.items()}}
