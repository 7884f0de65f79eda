"""Judges every forecast of one holdout: the rows of the three tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patron.predict.errors import NotIdentifiableError
from patron.predict.evaluation import forecasts, spending, tables
from patron.predict.evaluation import metrics as scores
from patron.predict.evaluation.forecasts import Forecast
from patron.predict.evaluation.holdout import Holdout, read_repeats
from patron.predict.evaluation.intervals import intervals
from patron.predict.evaluation.tracking import tracking

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


@dataclass
class Found:
    """What has been found so far."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    calibration: list[dict[str, Any]] = field(default_factory=list)
    tracking: list[dict[str, Any]] = field(default_factory=list)


def judge(warehouse: Warehouse, holdout: Holdout, least_days: int, rows: Found, withheld: list[str]) -> None:
    """Add the rows of a holdout; a model that cannot be fitted has none, and `withheld` says why."""
    repeats = read_repeats(warehouse, holdout)
    spend = spending.spend_per_purchase(warehouse, holdout)
    for forecast in [*forecasts.baselines(holdout, least_days), *_of_models(holdout, withheld)]:
        known = {"model": forecast.name, "origin_date": holdout.origin}
        bins = scores.calibration(forecast.expected, holdout.held_out_count, holdout.customer_count)
        amount = _amount_scores(spending.predicted_amount(forecast, holdout, spend), holdout)
        found = _purchase_scores(forecast, holdout, bins) | amount
        rows.scores += tables.score_rows(forecast.name, holdout.origin, holdout.horizon_days, found)
        rows.calibration += [
            {**known, "bin": one.number, "customer_count": int(one.customer_count), **_both(one)} for one in bins
        ]
        rows.tracking += [
            {**known, "week": one.week, "is_held_out": one.is_held_out, **_both(one)}
            for one in tracking(forecast, holdout, repeats)
        ]
    run_rate = _amount_scores(spending.run_rate_total(holdout, least_days), holdout)
    rows.scores += tables.score_rows(spending.RUN_RATE, holdout.origin, holdout.horizon_days, run_rate)


def _of_models(holdout: Holdout, withheld: list[str]) -> Iterator[Forecast]:
    for name in forecasts.model_names():
        try:
            yield forecasts.forecast(name, holdout)
        except NotIdentifiableError as error:
            withheld.append(f"{name} from {holdout.origin}: {error.what}")


def _both(one: Any) -> dict[str, float]:
    return {"predicted": one.predicted, "actual": one.actual}


def _purchase_scores(forecast: Forecast, holdout: Holdout, bins: list[scores.Bin]) -> dict[str, float | None]:
    """By measure; docs/evaluation.md defines each."""
    said = (forecast.expected, holdout.held_out_count, holdout.customer_count)
    found: dict[str, float | None] = {
        "customers": float(holdout.customer_count.sum()),
        "predicted_purchases": holdout.total(forecast.expected),
        "actual_purchases": holdout.total(holdout.held_out_count),
        "total_ratio": scores.total_ratio(*said),
        "rmse": scores.rmse(*said),
        "gini": scores.normalised_gini(*said),
        "calibration_error": scores.calibration_error(bins),
    }
    for one in intervals(forecast.fitted, holdout) if forecast.fitted else ():
        found |= {
            f"total_low_{one.per_cent}": one.low,
            f"total_high_{one.per_cent}": one.high,
            f"is_total_within_{one.per_cent}": float(one.is_met),
            f"customers_within_{one.per_cent}": one.customers_inside,
        }
    return found


def _amount_scores(predicted: float, holdout: Holdout) -> dict[str, float | None]:
    came = float(holdout.held_out_amount.sum())
    ratio = predicted / came if came > 0 else None
    return {"predicted_amount": predicted, "actual_amount": came, "amount_ratio": ratio}
