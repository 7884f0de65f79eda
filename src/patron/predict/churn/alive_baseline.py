"""P(alive) of the purchase model, for those examples that a churn model is judged on: what it has to be better than."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import PatronError
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def probability_alive(known: pa.Table, *asked: pa.Table) -> list[Numbers] | None:
    """P(alive) of each example of `asked`, by an MBG/NBD fitted on the newest day of `known`.

    Examples as predictions.churn_training has them: purchase_day_count, tenure_days, days_since_last_order, as_of_date.
    There are none of customers who have not bought in `active_days`, so that on old shops the fit sees too few of those
    who left. None where such a model cannot be fitted.
    """
    import pyarrow.compute as pc

    from patron.predict import MBGNBD

    newest = known.filter(pc.equal(known["as_of_date"], pc.max(known["as_of_date"])))
    try:
        model = MBGNBD().fit(*_history(newest))
        return [model.probability_alive(*_history(rows)) for rows in asked]
    except PatronError:
        return None


def _history(rows: pa.Table) -> tuple[Numbers, Numbers, Numbers]:
    """Frequency, recency and age, in weeks."""
    import numpy as np

    bought, age, silent = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("purchase_day_count", "tenure_days", "days_since_last_order")
    )
    return bought - 1, (age - silent) / DAYS_A_WEEK, age / DAYS_A_WEEK
