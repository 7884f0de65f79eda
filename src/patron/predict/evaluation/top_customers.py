"""Tests the intervals of single customers where the money is: of the tenth with the highest predicted value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.holdout import CUSTOMERS, Holdout, query_window
from patron.predict.evaluation.metrics import compute_error_share
from patron.predict.evaluation.spending import predict_spend
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.prediction_intervals import Groups, Uncertainty, find_ends, simulate_values

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.purchase_model import PurchaseModel

SHARES = (0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99, 0.995)
"""Shares of simulated futures inside an interval, whose coverage is measured."""

MOST = 20_000
"""Of more customers, about so many are sampled, by a hash of their ids."""

_ENOUGH = {0.8: 0.75, 0.95: 0.92}
"""Share of futures -> the share of customers below which the interval is widened."""


@dataclass(frozen=True)
class Sample:
    """Customers known on an origin, one entry each: their history, and net amounts before and after it.

    near_count, late_count: purchase days in the last third of a window and in the last window up to the origin.
    """

    repeat_count: Floats
    recency_days: Floats
    age_days: Floats
    near_count: Floats
    late_count: Floats
    past_amount: Floats
    held_out_amount: Floats


def query_sample(warehouse: Warehouse, holdout: Holdout) -> Sample:
    """Read the customers of a holdout, or a sample of them. Raises EngineError."""
    share = MOST / max(float(holdout.customer_count.sum()), 1.0)
    below = "g" if share >= 1 else f"{int(share * 16**8):08x}"
    sql = _CUSTOMERS.replace("{below}", below)
    rows = query_window(warehouse, sql, holdout.origin, holdout.horizon_days)
    return Sample(*(np.asarray(rows.column(name).to_numpy(), dtype=np.float64) for name in rows.column_names))


def measure_coverage(
    model: PurchaseModel, spend: GammaGamma, correction: Recalibration, holdout: Holdout, sample: Sample
) -> Floats:
    """Return the share of top customers whose money was inside their interval, for each of SHARES."""
    expected, each = _predict(model, spend, correction, holdout, sample)
    top = np.argsort(-expected * each, kind="stable")[: -(-len(each) // 10)]
    x, recency, age = _get_past(holdout, sample)
    groups = Groups.from_histories(x[top], recency[top], age[top])
    uncertainty = Uncertainty(correction.spread)
    futures = simulate_values(model, holdout.horizon_weeks, groups, spend, groups.x + 1, uncertainty)
    found = []
    for share in SHARES:
        low, high = (end[groups.group] * each[top] for end in find_ends(futures, share))
        amount = sample.held_out_amount[top]
        found.append(float(((low <= amount) & (amount <= high)).mean()))
    return np.array(found)


def measure_error_share(
    model: PurchaseModel, spend: GammaGamma, correction: Recalibration, holdout: Holdout, sample: Sample
) -> float | None:
    """Return the sum of absolute errors of customers' amounts / the sum of their amounts; None if that is 0 or less."""
    expected, each = _predict(model, spend, correction, holdout, sample)
    return compute_error_share(expected * each, sample.held_out_amount, np.ones(len(each)))


def _predict(
    model: PurchaseModel, spend: GammaGamma, correction: Recalibration, holdout: Holdout, sample: Sample
) -> tuple[Floats, Floats]:
    """Return the purchases that the model expects of each customer, and what each is worth, with the correction."""
    expected = model.expected_purchases(holdout.horizon_weeks, *_get_past(holdout, sample))
    known = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    everybody = model.expected_purchases(holdout.horizon_weeks, *known)
    factors = correction.compute_factors(everybody, holdout.customer_count, of=expected)
    return expected, predict_spend(spend, sample.repeat_count + 1, sample.past_amount) * factors


def _get_past(holdout: Holdout, sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Return frequency, recency and age, in weeks of the holdout's clock."""
    clock = holdout.clock
    recency, age = clock.to_recency(sample.recency_days, sample.age_days), clock.to_age(sample.age_days)
    return sample.repeat_count, recency, age


def widen(coverage: Floats) -> dict[int, float]:
    """Choose the share of futures to put inside intervals of 80% and 95%. coverage: as measured, for each of SHARES.

    An interval that held its share of customers stays as it is.
    """
    found = {}
    for nominal, enough in _ENOUGH.items():
        held = coverage[SHARES.index(nominal)]
        wide = (share for share, inside in zip(SHARES, coverage, strict=True) if inside >= nominal)
        found[round(nominal * 100)] = nominal if held >= enough else max(nominal, next(wide, SHARES[-1]))
    return found


_CUSTOMERS = f"""
with {CUSTOMERS},
lately as (
    select
        customer_id,
        count(case when activity_date > {{near}} then 1 end) as near_count,
        count(*) as late_count
    from measures.customer_days
    where
        activity_date > {{late}} and activity_date <= {{origin}}
        and sale_line_count > 0 and coalesce(fully_refunded_date > {{origin}}, true)
    group by customer_id
),
later as (
    select customer_id, cast(sum(net_amount) as double) as held_out_amount
    from measures.customer_days
    where activity_date > {{origin}} and activity_date <= {{end}}
    group by customer_id
)
select
    cast(known.repeat_count as double) as repeat_count,
    cast(date_diff('day', known.first_date, known.last_date) as double) as recency_days,
    cast(date_diff('day', known.first_date, {{origin}}) as double) as age_days,
    cast(coalesce(lately.near_count, 0) as double) as near_count,
    cast(coalesce(lately.late_count, 0) as double) as late_count,
    paid.past_amount,
    coalesce(later.held_out_amount, 0) as held_out_amount
from known
inner join paid on known.customer_id = paid.customer_id
left join lately on known.customer_id = lately.customer_id
left join later on known.customer_id = later.customer_id
where substring(md5(cast(known.customer_id as varchar)), 1, 8) < '{{below}}'
order by md5(cast(known.customer_id as varchar))
"""
