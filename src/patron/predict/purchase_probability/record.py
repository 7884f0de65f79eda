"""Compares churn's learners with the purchase model on the same customers at the same past cutoffs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.churn.choice import choose, compute_losses
from patron.predict.churn.evaluation import Rows, to_bins, to_scores
from patron.predict.churn.tables import EVERYBODY
from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation.holdout import CUSTOMERS, REPEATS, query_window, to_repeats
from patron.predict.purchase_probability.tables import CHURN, PURCHASES
from patron.predict.season.clock import Clock, Season
from patron.predict.season.learn import learn_season

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel


@dataclass(frozen=True)
class Comparison:
    """Whose probability is used for a window, the mean log losses behind that, and how good the purchase model was.

    chosen: CHURN or PURCHASES. losses: prediction -> mean log loss over all cutoffs. scores, bins: rows of model_scores
    and model_calibration of the purchase model.
    """

    days: int
    chosen: str
    losses: dict[str, float]
    scores: Rows
    bins: Rows

    def to_dict(self) -> dict[str, Any]:
        """Convert to what JSON can hold; `Comparison(**content)` reads it."""
        return asdict(self)


def compare(
    warehouse: Warehouse,
    model: PurchaseModel,
    record: pa.Table,
    baselines: dict[int, dict[str, float]],
    *,
    season: Season | None = None,
    is_seasonal: bool = False,
) -> list[Comparison]:
    """Compare the two for each window of the record; none if the purchase model cannot be fitted at one of the cutoffs.

    model: as fitted now; the same kind is fitted on each cutoff. record: as churn/record.py builds it. baselines: days
    -> measures of plain recency. season: that the shop supplied. is_seasonal: whether the model follows a season that
    is learnt; then each cutoff has that of the days before it. Raises EngineError.
    """
    rows = {name: record[name].to_numpy(zero_copy_only=False) for name in record.column_names}
    rows["as_of_date"] = rows["as_of_date"].astype("datetime64[D]")
    with read_sampled_days(warehouse) as days_read:
        cutoffs = _Cutoffs(warehouse, model, days_read, season, is_seasonal)
        try:
            return [_compare_window(cutoffs, rows, days, baselines[days]) for days in np.unique(rows["days"]).tolist()]
        except NotIdentifiableError:
            return []


@contextmanager
def read_sampled_days(warehouse: Warehouse) -> Iterator[str]:
    """Return the relation of the days of churn's sample of customers: in large shops a copy, made in one reading."""
    below = warehouse.query("select below_key from predictions.churn_sample").to_pylist()[0]["below_key"]
    if below == EVERYBODY:
        yield _DAYS
        return
    with warehouse.create_temporary("sampled_days", _SAMPLED.format(below=below)) as name:
        yield name


class _Cutoffs:
    """The purchase model as it would have been fitted on past days. days: the relation of customers' days."""

    def __init__(
        self, warehouse: Warehouse, model: PurchaseModel, days: str, season: Season | None, is_seasonal: bool
    ) -> None:
        self.warehouse, self.model, self.days = warehouse, model, days
        self.season, self.is_seasonal = season, is_seasonal
        self.fitted: dict[dt.date, tuple[PurchaseModel, Clock]] = {}

    def fit(self, origin: dt.date) -> tuple[PurchaseModel, Clock]:
        """Fit the model on what was known on that day, once; return it and its clock. Raises NotIdentifiableError."""
        if origin not in self.fitted:
            cells = self._query(_CELLS, origin)
            x, last, age, count = (cells[name].to_numpy().astype(np.float64) for name in cells.column_names)

            def fit(clock: Clock) -> PurchaseModel:
                past = x, clock.to_recency(last, age), clock.to_age(age), count
                return self.model.copy_unfitted(exact=False).fit(*past)

            clock = Clock(origin, self.season)
            if self.is_seasonal:
                repeats = to_repeats(self._query(REPEATS, origin))
                clock = Clock(origin, learn_season(fit, origin, age, count, repeats))
            self.fitted[origin] = fit(clock), clock
        return self.fitted[origin]

    def _query(self, sql: str, origin: dt.date) -> pa.Table:
        return query_window(self.warehouse, sql.replace(_DAYS, self.days), origin, 0)

    def predict(self, origin: dt.date, days: int, rows: dict[str, Any]) -> Floats:
        """Predict the probability of no purchase, shape (rows,); equal histories are computed once."""
        history = np.stack([rows[name] for name in ("repeat_count", "recency_days", "age_days")], axis=1)
        cells, which = np.unique(history, axis=0, return_inverse=True)
        x, last, age = cells.astype(np.float64).T
        model, clock = self.fit(origin)
        past = x, clock.to_recency(last, age), clock.to_age(age)
        chance = model.probability_of_purchase(clock.to_horizon(days), *past)
        found: Floats = 1 - chance[which.reshape(-1)]
        return found


def _compare_window(cutoffs: _Cutoffs, rows: dict[str, Any], days: int, baseline: dict[str, float]) -> Comparison:
    own = {name: values[rows["days"] == days] for name, values in rows.items()}
    origins = np.unique(own["as_of_date"])[::-1]
    parts = [{name: values[own["as_of_date"] == origin] for name, values in own.items()} for origin in origins]
    predicted = [cutoffs.predict(o.astype(dt.date), days, part) for o, part in zip(origins, parts, strict=True)]
    left = [part["has_left"] for part in parts]
    losses = {
        PURCHASES: np.concatenate([compute_losses(p, y) for p, y in zip(predicted, left, strict=True)]),
        CHURN: np.concatenate([compute_losses(part["probability"], part["has_left"]) for part in parts]),
    }
    customers = np.concatenate([part["sample_key"] for part in parts]).astype(str)
    name, origin = cutoffs.model.name, str(origins[0])
    return Comparison(
        days,
        choose(losses, customers),
        {which: float(loss.mean()) for which, loss in losses.items()},
        to_scores(name, days, origin, predicted, left, baseline),
        to_bins(name, days, origin, predicted[0], left[0], parts[0]["sample_key"].tolist()),
    )


_DAYS = "measures.customer_days"

_SAMPLED = f"select * from {_DAYS} where md5(cast(customer_id as string)) < '{{below}}'"
"""As the macro of_sample selects the customers that churn is trained on; the record holds no others."""

_CELLS = f"""
with {CUSTOMERS}
select repeat_count, recency_days, age_days, count(*) as customer_count
from (
    select
        repeat_count,
        date_diff('day', first_date, last_date) as recency_days,
        date_diff('day', first_date, {{origin}}) as age_days
    from known
) as histories
group by repeat_count, recency_days, age_days
order by repeat_count, recency_days, age_days
"""
