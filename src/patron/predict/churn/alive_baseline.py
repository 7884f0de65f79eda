"""The baseline that a churn model has to beat: P(alive) of a purchase model, for the same examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import PatronError
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def predict_alive(training: pa.Table, *examples: pa.Table) -> list[Numbers] | None:
    """Return P(alive), 0 to 1, for each table of `examples`, by an MBG/NBD fitted on the latest cutoff of `training`.

    Examples have purchase_day_count, tenure_days, days_since_last_order and as_of_date, as predictions.churn_training
    has them. There are none of customers who have not bought in `active_days`, so that in old shops the fit sees too
    few of the customers who left. Returns None if the model cannot be fitted.
    """
    import pyarrow.compute as pc

    from patron.predict import MBGNBD

    latest = training.filter(pc.equal(training["as_of_date"], pc.max(training["as_of_date"])))
    try:
        model = MBGNBD().fit(*_to_history(latest))
        return [model.probability_alive(*_to_history(rows)) for rows in examples]
    except PatronError:
        return None


def _to_history(rows: pa.Table) -> tuple[Numbers, Numbers, Numbers]:
    """Convert examples to frequency, recency and age, the latter two in weeks."""
    import numpy as np

    days, age, recency = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("purchase_day_count", "tenure_days", "days_since_last_order")
    )
    return days - 1, (age - recency) / DAYS_A_WEEK, age / DAYS_A_WEEK
