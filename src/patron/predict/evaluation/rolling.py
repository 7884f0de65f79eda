"""Corrects the forecast of each origin by the windows before it, as a run would have, and tests the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from patron.predict.evaluation import metrics, tables
from patron.predict.evaluation.intervals import CHANCES
from patron.predict.evaluation.judge import Tested, score_amount, score_expected, score_probability
from patron.predict.evaluation.recalibration import Recalibration, Window, correct_probability, learn
from patron.predict.evaluation.top_customers import SHARES, measure_coverage, measure_error_share, widen
from patron.predict.models.prediction_intervals import draw_shocks

SUFFIX = ", recalibrated"
"""After the name of a model, in model_scores."""


@dataclass(frozen=True)
class Corrected:
    """What a model's past windows teach.

    correction: of the next window. scores: rows of model_scores, of each origin's forecast as corrected by the windows
    before it. passed: how many of the tested windows had a total within its 95% interval. tested: of how many.
    """

    correction: Recalibration
    scores: list[dict[str, Any]]
    passed: int
    tested: int


def average_deviance(forecasts: Sequence[Tested]) -> float:
    """Average over origins the deviance of one model's forecasts, each corrected by the windows before it.

    Not a number without forecasts, as of a baseline.
    """
    if not forecasts:
        return float("nan")
    ordered = order(forecasts)
    windows = [to_window(one) for one in ordered]
    found = []
    for place, window in enumerate(windows):
        factors = learn(windows[:place]).compute_factors(window.expected, window.customers)
        found.append(metrics.compute_deviance(window.expected * factors, window.actual, window.customers))
    return float(np.mean(found))


def correct_past(forecasts: Sequence[Tested]) -> Corrected:
    """Correct and test one model's forecasts. forecasts: of one model, in any order."""
    ordered = order(forecasts)
    windows = [to_window(one) for one in ordered]
    scores: list[dict[str, Any]] = []
    coverage, passed = [], 0
    for place, one in enumerate(ordered):
        found, covered = _judge(one, learn(windows[:place]))
        holdout = one.origin.holdout
        scores += tables.to_score_rows(one.forecast.name + SUFFIX, holdout.origin, holdout.horizon_days, found)
        passed += bool(found["is_total_within_95"])
        coverage += [] if covered is None else [covered]
    correction = learn(windows)
    if coverage:
        correction = replace(correction, inside=widen(np.mean(coverage, axis=0)))
    return Corrected(correction, scores, passed, len(windows))


def order(forecasts: Sequence[Tested]) -> list[Tested]:
    """Order forecasts by their origins, the earliest first."""
    return sorted(forecasts, key=lambda one: one.origin.holdout.origin)


def to_window(one: Tested) -> Window:
    """Take a forecast and what came as a window to learn from."""
    holdout = one.origin.holdout
    return Window(one.forecast.expected, holdout.held_out_count, holdout.customer_count)


def _judge(one: Tested, correction: Recalibration) -> tuple[dict[str, float | None], Any]:
    """Return the scores by measure, and the coverage of top customers' money (None without a spend model)."""
    forecast, origin, holdout = one.forecast, one.origin, one.origin.holdout
    assert forecast.fitted is not None
    factors = correction.compute_factors(forecast.expected, holdout.customer_count)
    expected = forecast.expected * factors
    bins = metrics.bin_by_forecast(expected, holdout.held_out_count, holdout.customer_count)
    chance = correct_probability(forecast.compute_probability(holdout), factors, forecast.expected)
    scores: dict[str, float | None] = {
        **score_expected(expected, holdout.held_out_count, holdout.customer_count, bins),
        **score_amount(holdout.total(expected * origin.spend_per_purchase), holdout),
        **score_probability(chance, holdout),
        **_judge_total(one, correction),
    }
    if origin.spend is None:
        return scores, None
    known = (forecast.fitted, origin.spend, correction, holdout, origin.sample)
    covered = measure_coverage(*known)
    scores["amount_error_share"] = measure_error_share(*known)
    inside = {per_cent: covered[SHARES.index(per_cent / 100)] for per_cent in CHANCES}
    return scores | {f"top_tenth_within_{per_cent}": float(share) for per_cent, share in inside.items()}, covered


def _judge_total(one: Tested, correction: Recalibration) -> dict[str, float | None]:
    holdout = one.origin.holdout
    totals = one.totals * np.exp(correction.level)
    totals = totals * draw_shocks(correction.spread, len(totals))
    actual = holdout.total(holdout.held_out_count)
    found: dict[str, float | None] = {}
    for per_cent, ends in CHANCES.items():
        low, high = (float(end) for end in np.quantile(totals, ends))
        found |= {f"total_low_{per_cent}": low, f"total_high_{per_cent}": high}
        found[f"is_total_within_{per_cent}"] = float(low <= actual <= high)
    return found
