"""Evaluates the forecasts made at one origin, as rows of the three tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation import metrics, spending, tables
from patron.predict.evaluation.forecasts import Forecast, forecast_baselines, forecast_by_model
from patron.predict.evaluation.holdout import Holdout, query_repeats
from patron.predict.evaluation.intervals import compute_intervals, simulate_totals
from patron.predict.evaluation.top_customers import Sample, query_sample
from patron.predict.evaluation.tracking import track
from patron.predict.models.likelihood.arrays import Floats

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.models.gamma_gamma import GammaGamma


@dataclass
class Rows:
    """Rows of the three tables (tables.py), as dicts, why a model has none, and the models' forecasts."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    calibration: list[dict[str, Any]] = field(default_factory=list)
    tracking: list[dict[str, Any]] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    forecasts: list[Tested] = field(default_factory=list)

    def add(self, other: Rows) -> None:
        """Append the rows of another."""
        self.scores += other.scores
        self.calibration += other.calibration
        self.tracking += other.tracking
        self.withheld += other.withheld
        self.forecasts += other.forecasts


@dataclass(frozen=True)
class Tested:
    """A model's forecast from an origin. totals: as intervals.simulate_totals returns them."""

    forecast: Forecast
    origin: Origin
    totals: Floats


@dataclass(frozen=True)
class Origin:
    """The data of one origin, read from the warehouse in advance.

    repeats: as `query_repeats` returns them. spend: None if amounts do not determine it. spend_per_purchase: in
    currency, a customer of each cell of the holdout. sample: of its customers, or all.
    """

    holdout: Holdout
    repeats: tuple[Floats, Floats]
    spend: GammaGamma | None
    spend_per_purchase: Floats
    sample: Sample


def query_origin(warehouse: Warehouse, holdout: Holdout) -> Origin:
    """Query the other data that the forecasts of a holdout need and are compared with. Raises EngineError."""
    repeats = query_repeats(warehouse, holdout.origin, holdout.horizon_days)
    spend = spending.fit_spend(warehouse, holdout)
    per_purchase = spending.predict_spend_per_purchase(spend, holdout)
    return Origin(holdout, repeats, spend, per_purchase, query_sample(warehouse, holdout))


def judge_baselines(origin: Origin, least_days: int) -> Rows:
    """Evaluate the baselines. least_days: the fewest days that a past rate is taken over."""
    rows = Rows()
    for forecast in forecast_baselines(origin.holdout, least_days):
        rows.add(_judge(forecast, origin))
    return rows


def judge_model(origin: Origin, name: str, suffix: str = "") -> Rows:
    """Fit a model on what was known on the origin, and evaluate it; without rows if it cannot be fitted.

    suffix: what rows and forecasts are called after its name.
    """
    try:
        forecast = forecast_by_model(name, origin.holdout)
    except NotIdentifiableError as error:
        return Rows(withheld=[f"{name} from {origin.holdout.origin}: {error.what}"])
    if forecast is None:
        return Rows()
    forecast = replace(forecast, name=name + suffix)
    assert forecast.fitted is not None
    totals = simulate_totals(forecast.fitted, origin.holdout)
    rows = _judge(forecast, origin, totals)
    rows.forecasts.append(Tested(forecast, origin, totals))
    return rows


def judge_run_rate(origin: Origin, least_days: int) -> Rows:
    """Evaluate the amount that the past run rate predicts."""
    holdout = origin.holdout
    scores = score_amount(spending.total_run_rate(holdout, least_days), holdout)
    return Rows(tables.to_score_rows(spending.RUN_RATE, holdout.origin, holdout.horizon_days, scores))


def _judge(forecast: Forecast, origin: Origin, totals: Floats | None = None) -> Rows:
    holdout = origin.holdout
    which = {"model": forecast.name, "origin_date": holdout.origin}
    bins = metrics.bin_by_forecast(forecast.expected, holdout.held_out_count, holdout.customer_count)
    amount = holdout.total(forecast.expected * origin.spend_per_purchase)
    scores = _score_purchases(forecast, holdout, bins, totals) | score_amount(amount, holdout)
    return Rows(
        scores=tables.to_score_rows(forecast.name, holdout.origin, holdout.horizon_days, scores),
        calibration=[
            {**which, "bin": one.number, "customer_count": int(one.customer_count), **_predicted_and_actual(one)}
            for one in bins
        ],
        tracking=[
            {**which, "week": one.week, "is_held_out": one.is_held_out, **_predicted_and_actual(one)}
            for one in track(forecast, holdout, origin.repeats)
        ],
    )


def score_expected(
    expected: Floats, actual: Floats, customers: Floats, bins: list[metrics.Bin]
) -> dict[str, float | None]:
    """Score expected purchases, (cells,), by measure; docs/evaluation.md defines each. bins: of the same forecast."""
    compared = (expected, actual, customers)
    return {
        "customers": float(customers.sum()),
        "predicted_purchases": float(expected @ customers),
        "actual_purchases": float(actual @ customers),
        "total_ratio": metrics.compute_total_ratio(*compared),
        "rmse": metrics.compute_rmse(*compared),
        "deviance": metrics.compute_deviance(*compared),
        "error_share": metrics.compute_error_share(*compared),
        "gini": metrics.compute_gini(*compared),
        "calibration_error": metrics.compute_calibration_error(bins),
    }


def score_probability(probability: Floats, holdout: Holdout) -> dict[str, float | None]:
    """Score the probability of a purchase in the test period, (cells,), by measure."""
    compared = (probability, (holdout.held_out_count > 0).astype(np.float64), holdout.customer_count)
    return {"brier": metrics.compute_brier(*compared), "log_loss": metrics.compute_log_loss(*compared)}


def _predicted_and_actual(one: Any) -> dict[str, float]:
    return {"predicted": one.predicted, "actual": one.actual}


def _score_purchases(
    forecast: Forecast, holdout: Holdout, bins: list[metrics.Bin], totals: Floats | None
) -> dict[str, float | None]:
    """Score a forecast of purchases and its intervals, by measure."""
    scores = score_expected(forecast.expected, holdout.held_out_count, holdout.customer_count, bins)
    if forecast.fitted is None or totals is None:
        return scores
    scores |= score_probability(forecast.compute_probability(holdout), holdout)
    for one in compute_intervals(forecast.fitted, holdout, totals):
        scores |= {
            f"total_low_{one.per_cent}": one.low,
            f"total_high_{one.per_cent}": one.high,
            f"is_total_within_{one.per_cent}": float(one.is_met),
            f"customers_within_{one.per_cent}": one.customers_inside,
        }
    return scores


def score_amount(predicted: float, holdout: Holdout) -> dict[str, float | None]:
    actual = float(holdout.held_out_amount.sum())
    ratio = predicted / actual if actual > 0 else None
    return {"predicted_amount": predicted, "actual_amount": actual, "amount_ratio": ratio}
