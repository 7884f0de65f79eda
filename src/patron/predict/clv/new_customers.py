"""Predicts the value of a customer acquired today, by how and when similar customers were acquired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.clv.scores import MOST_TIMES
from patron.predict.models.time_units import WEEKS_A_MONTH, WEEKS_A_YEAR, continuous_rate

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.clv.wash_out import WashOut
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.left_truncation import LeftTruncation
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.season.clock import Clock
    from patron.project.settings.predictions import PurchasePredictions

TABLE = ("predictions", "new_customer_value")
YEARS = (1, 3, 5)
NUMBERS = (
    "expected_spend",
    "expected_purchases_365d",
    *(f"discounted_purchases_{years}y{bound}" for years in YEARS for bound in ("", "_low_80", "_high_80")),
)
MOST_GROUPS = 50
"""Of each kind, the largest; each gets a model of its own."""

_UP_TO_9_OF_10 = 1.2816
_NEARBY = 1e-4

_KINDS = {
    "everyone": "select customer_id, 'everyone' as acquired_by from measures.customer_measures",
    "month": """
        select customer_id, substring(cast(first_order_date as string), 1, 7) as acquired_by
        from measures.customer_measures""",
    "channel": """
        select firsts.customer_id, orders.channel as acquired_by
        from measures.customer_first_orders as firsts
        inner join measures.order_measures as orders
            on firsts.customer_id = orders.customer_id
            and firsts.id_namespace = orders.id_namespace
            and firsts.order_id = orders.order_id""",
    "region": "select customer_id, region as acquired_by from measures.customer_regions",
    "country": "select customer_id, country as acquired_by from silver.customers",
    "campaign": "select customer_id, first_campaign as acquired_by from measures.customer_touches",
}


def fit_groups(
    warehouse: Warehouse,
    everyone: PurchaseModel,
    settings: PurchasePredictions,
    correction: Recalibration,
    clock: Clock,
    wash_out: WashOut,
) -> list[dict[str, Any]]:
    """Fit a model for each group of customers; return a row per group, as it is stored.

    Keys: acquired_through (of _KINDS), acquired_by, customer_count, repeater_count, what_is_missing, and NUMBERS,
    which are None if something is missing. everyone: the model of all customers. correction: what its past windows
    taught. clock: that it was fitted in. wash_out: at the start of the data; in a shop that is older than its data,
    customers count for the probability that they were new. Raises EngineError.
    """
    rows, fitter = [], _Fitter(everyone, settings, correction, clock, wash_out)
    for through, members in _KINDS.items():
        cells = warehouse.query(_CELLS.format(members=members))
        if through == "everyone":
            fitter.tell_new_from_old(cells)
        rows += [fitter.fit(through, name, own) for name, own in _find_largest(cells)]
    return rows


def to_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Convert the rows that `fit_groups` returned to TABLE."""
    import pyarrow as pa

    fields = [("acquired_through", pa.string()), ("acquired_by", pa.string())]
    fields += [("customer_count", pa.int64()), ("repeater_count", pa.int64()), ("what_is_missing", pa.string())]
    return pa.Table.from_pylist(rows, pa.schema([*fields, *((name, pa.float64()) for name in NUMBERS)]))


def _find_largest(cells: pa.Table) -> list[tuple[str, pa.Table]]:
    """Return the largest groups: name -> its cells."""
    import pyarrow.compute as pc

    sizes = cells.group_by("acquired_by").aggregate([("customer_count", "sum")]).to_pylist()
    sizes.sort(key=lambda row: (-row["customer_count_sum"], row["acquired_by"]))
    names = sorted(row["acquired_by"] for row in sizes[:MOST_GROUPS])
    return [(name, cells.filter(pc.equal(cells.column("acquired_by"), name))) for name in names]


class _Fitter:
    """Fits one group after the other."""

    def __init__(
        self,
        everyone: PurchaseModel,
        settings: PurchasePredictions,
        correction: Recalibration,
        clock: Clock,
        wash_out: WashOut,
    ) -> None:
        self.everyone, self.settings, self.correction = everyone, settings, correction
        self.clock, self.wash_out = clock, wash_out
        self.truncation: LeftTruncation | None = None

    def tell_new_from_old(self, cells: pa.Table) -> None:
        """Find out who is new where the shop is older than its data. cells: of all customers."""
        from patron.errors import PatronError

        if not self.wash_out.days:
            return
        try:
            self.truncation = self.wash_out.fit(*self._get_past(cells), self.clock)
        except PatronError:  # these customers determine no model, which is said of each group
            return

    def fit(self, through: str, name: str, cells: pa.Table) -> dict[str, Any]:
        """Return the row of a group."""
        from patron.errors import PatronError
        from patron.predict.clv.data_requirements import find_missing

        cells = self._keep_new(cells)
        x, last, now, count = self._get_past(cells)
        row: dict[str, Any] = {
            "acquired_through": through,
            "acquired_by": name,
            "customer_count": round(float(count.sum())),
            "repeater_count": round(float(count[x > 0].sum())),
            "what_is_missing": self._find_old(through, name) or "; ".join(find_missing(cells, self.settings)) or None,
            **dict.fromkeys(NUMBERS),
        }
        if row["what_is_missing"]:
            return row
        try:
            model = self.everyone.copy_unfitted(exact=False).fit(x, last, now, count)
        except PatronError as error:
            return row | {"what_is_missing": error.what}
        spend = max(float(cells.column("mean_spend_total").to_numpy().sum() / count.sum()), 0.0)
        found = _predict(model, self.settings, self._correction, self._list_years())
        return row | {"expected_spend": spend, **found}

    def _list_years(self) -> list[int]:
        """List how many years ahead the history supports, as of customers that are known."""
        if self.wash_out.data_start is None:
            return list(YEARS)
        seen = (self.clock.as_of - self.wash_out.data_start).days
        return [years for years in YEARS if years * 365 <= seen * MOST_TIMES]

    @property
    def _correction(self) -> Recalibration:
        """The correction of the forecasts, which are of old customers too: its level is not that of new ones alone."""
        return self.correction if self.truncation is None else replace(self.correction, level=0.0)

    def _keep_new(self, cells: pa.Table) -> pa.Table:
        """Weigh customers by the probability that they were new; leave out who certainly was not."""
        if self.truncation is None:
            return cells
        x, last, now, count = self._get_past(cells)
        new = self.truncation.probability_new(x, last, now)
        for name, values in (("customer_count", count), ("mean_spend_total", cells["mean_spend_total"].to_numpy())):
            cells = cells.set_column(cells.column_names.index(name), name, [values * new])
        return cells.filter(new > 0)

    def _find_old(self, through: str, name: str) -> str:
        """Explain why a month has no new customers; empty if it has, and for other groups."""
        since = self.wash_out.new_since
        if through != "month" or self.truncation is None or since is None or f"{name}-01" >= since.isoformat():
            return ""
        return f"customers first seen before {since} are not all new: {self.wash_out.reason}"

    def _get_past(self, cells: pa.Table) -> tuple[Any, Any, Any, Any]:
        """Return frequency, recency, age, in weeks of the clock, and customers of each cell."""
        x, recency, age, count = (
            cells.column(name).to_numpy() for name in ("repeat_count", "recency_days", "age_days", "customer_count")
        )
        return x, self.clock.to_recency(recency, age), self.clock.to_age(age), count


def _predict(
    model: PurchaseModel, settings: PurchasePredictions, correction: Recalibration, ahead: list[int]
) -> dict[str, float]:
    """Predict repeat purchases, with bounds of their mean from the uncertainty of the parameters and of all windows."""
    rate, raised = continuous_rate(settings.discount_rate), exp(correction.level)
    found = {"expected_purchases_365d": float(model.expected_purchases_new(WEEKS_A_YEAR)) * raised}
    for years in ahead:
        weeks = years * WEEKS_A_YEAR

        def discounted(one: PurchaseModel, weeks: float = weeks) -> float:
            return float(one.discounted_purchases_new(weeks, rate, WEEKS_A_MONTH))

        error = sqrt(_log_error(model, discounted) ** 2 + correction.spread**2)
        value, factor = discounted(model) * raised, exp(_UP_TO_9_OF_10 * error)
        found |= {f"discounted_purchases_{years}y": value}
        found |= {f"discounted_purchases_{years}y_low_80": value / factor}
        found |= {f"discounted_purchases_{years}y_high_80": value * factor}
    return found


def _log_error(model: PurchaseModel, of: Callable[[PurchaseModel], float]) -> float:
    """Compute the standard error of a figure's logarithm, by the delta method on the log-parameters."""

    def moved(name: str, by: float) -> float:
        return log(of(type(model).from_params({**model.params_, name: model.params_[name] * exp(by)})))

    slopes = np.array([moved(name, _NEARBY) - moved(name, -_NEARBY) for name in model.parameter_names]) / (2 * _NEARBY)
    return sqrt(max(float(slopes @ model.covariance_log_ @ slopes), 0.0))


_CELLS = """
select
    members.acquired_by,
    cast(buyers.repeat_count as bigint) as repeat_count,
    cast(round(buyers.recency_weeks * 7) as bigint) as recency_days,
    cast(round(buyers.age_weeks * 7) as bigint) as age_days,
    cast(count(*) as bigint) as customer_count,
    cast(
        sum(cast(cast(buyers.net_amount as double) / buyers.kept_day_count as decimal(38, 8))) as double
    ) as mean_spend_total
from measures.customer_measures as buyers
inner join ({members}) as members on buyers.customer_id = members.customer_id
where buyers.kept_day_count > 0 and members.acquired_by is not null
group by 1, 2, 3, 4
order by 1, 2, 3, 4
"""
