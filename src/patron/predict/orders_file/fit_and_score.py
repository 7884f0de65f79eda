"""Groups buyers into cells, fits the models on them, and scores each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.clv.collapse import find_collapse
from patron.predict.clv.data_requirements import find_missing
from patron.predict.clv.scores import KEY, score_cells
from patron.predict.evaluation.recalibration import learn
from patron.predict.models.likelihood.distinct import find_distinct
from patron.predict.one_table import TooLittleError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.orders_file.group_orders import GroupedOrders
    from patron.project.settings.predictions import PurchasePredictions

EXACT_CELLS = {"Pareto/NBD": 1_000_000}
"""A model that computes an integral per cell uses every cell up to so many; above, logarithmic bins of at most 1.6%.
The others use every cell, which takes them no longer than finding the bins."""

_UNITS = 10_000
_DIGITS = range(17, 2, -1)


@dataclass(frozen=True)
class Histories:
    """The purchase histories of buyers.

    cells: KEY and customer_count. cell: the row of each buyer's cell. The other arrays have one entry per buyer.
    """

    cells: pa.Table
    cell: npt.NDArray[np.intp]
    repeat_count: npt.NDArray[np.int32]
    recency_days: npt.NDArray[np.int32]
    age_days: npt.NDArray[np.int32]


def group_histories(grouped: GroupedOrders) -> Histories:
    """Group buyers by the history that purchase models use."""
    import pyarrow as pa

    buyers = grouped.buyers
    repeats, recency = buyers.purchase_days - 1, buyers.last_day - buyers.first_day
    age = ((grouped.as_of_date - grouped.first_date).days - buyers.first_day).astype(np.int32)
    width = int(age.max()) + 1
    key, cell, count = np.unique(
        (repeats.astype(np.int64) * width + recency) * width + age, return_inverse=True, return_counts=True
    )
    columns = key // width // width, key // width % width, key % width
    cells = pa.table({**dict(zip(KEY, columns, strict=True)), "customer_count": count})
    return Histories(cells, cell, repeats, recency, age)


def fit_purchases(cells: pa.Table, kind: type[PurchaseModel], settings: PurchasePredictions) -> PurchaseModel:
    """Fit the purchase model. Raises TooLittleError if there is too little data."""
    from patron.predict.errors import NotIdentifiableError

    if missing := find_missing(cells, settings):
        raise TooLittleError(
            f"Nothing is predicted: {'; '.join(missing)}.", do="provide more customers or a longer history"
        )
    x, last, now, count = (cells.column(name).to_numpy() for name in cells.column_names)
    try:
        return kind(exact=len(x) <= EXACT_CELLS.get(kind.name, len(x))).fit(x, last / 7, now / 7, count)
    except NotIdentifiableError as error:
        raise TooLittleError(f"Nothing is predicted: {error.what}", do=error.do) from error


def find_collapse_in(model: PurchaseModel, cells: pa.Table) -> str:
    """Explain why P(alive) is not to be shown; empty if it may be."""
    x, last, now, count = (cells.column(name).to_numpy() for name in cells.column_names)
    return find_collapse(model, x, last / 7, now / 7, count)


def group_spend(grouped: GroupedOrders) -> pa.Table:
    """Group buyers as predictions.spend_cells does: a buyer's mean to three digits, in units of 1/10,000."""
    import pyarrow as pa

    buyers, by = grouped.buyers, _UNITS // grouped.scale
    days, kept = buyers.purchase_days.astype(np.int64), np.maximum(buyers.spent + buyers.refunded, 0) * by
    mean = (2 * kept + days) // (2 * days)
    step = np.ones_like(mean)
    for digits in reversed(_DIGITS):
        step[mean >= 10**digits] = 10 ** (digits - 2)
    magnitude = np.log10(step).round().astype(np.int64)
    key, cell = find_distinct((days * len(_DIGITS) + magnitude) * 1_000 + mean // step)

    def total(column: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        return np.bincount(cell, weights=column, minlength=len(key)).astype(np.int64)

    counted = {"kept_day_count": key // 1_000 // len(_DIGITS), "customer_count": np.bincount(cell)}
    return pa.table({**counted, "mean_units": total(mean)})


def score(model: PurchaseModel, spend: GammaGamma | None, cells: pa.Table, settings: PurchasePredictions) -> pa.Table:
    """Score each cell; returns one row per cell, in the same order. There are no past windows to learn from."""
    return score_cells(
        model,
        cells,
        horizon_days=settings.horizon_days,
        discount_rate=settings.discount_rate,
        lifetime_years=settings.lifetime_years,
        spend=spend,
        correction=learn([]),
        history_days=int(cells.column("age_days").to_numpy().max()),
    )


def expected_spend(
    spend: GammaGamma | None, purchase_days: npt.NDArray[np.int32], net: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Predict each buyer's spend per future purchase day, after refunds, in currency. net: their spend so far."""
    if spend is None:
        return None
    from patron.predict.models.gamma_gamma import NEXT_TO_NOTHING

    return spend.expected_spend(purchase_days, np.maximum(net, NEXT_TO_NOTHING) / purchase_days)
