"""Forecasts of simulated shops, made as a run makes them, and what then came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.forecasts.measures import Measures
from benchmarks.forecasts.shops import Kind, simulate
from patron.predict.evaluation.evaluate import evaluate
from patron.predict.evaluation.rolling import SUFFIX
from patron.predict.evaluation.seasonal import SEASONAL
from patron.project.settings.predictions import Evaluation

ORIGINS = 4
"""The last of them is forecast with what the three before it taught."""


@dataclass(frozen=True)
class Forecast:
    """One shop's forecast for the last 90 days, predicted / actual, as a run publishes it.

    before: the total of purchases without season or correction. total, amount: of purchases and of money.
    is_total_inside: whether the 80% interval of the total holds it. top_inside: the share of the most
    valuable tenth of customers whose money is inside its 80% interval. model: its name. words: what the run
    says.
    """

    before: float
    total: float
    amount: float
    is_total_inside: bool
    top_inside: float
    model: str
    words: str


def forecast(kind: Kind, seed: int) -> Forecast:
    """Simulate a shop of a kind, forecast its last 90 days, and compare."""
    found = evaluate(Measures(simulate(kind, seed)), Evaluation(origins=ORIGINS))  # type: ignore[arg-type]
    model = str(found.choice.model)
    last = max(row["origin_date"] for row in found.scores.to_pylist())
    of = {
        (row["model"], row["measure"]): row["value"] for row in found.scores.to_pylist() if row["origin_date"] == last
    }
    used = model + SEASONAL if found.is_seasonal else model
    corrected = used + SUFFIX
    return Forecast(
        before=of[model, "total_ratio"],
        total=of[corrected, "total_ratio"],
        amount=of[corrected, "amount_ratio"],
        is_total_inside=bool(of[corrected, "is_total_within_80"]),
        top_inside=of[corrected, "top_tenth_within_80"],
        model=used,
        words=found.correction.describe(90),
    )


def average(forecasts: Sequence[Forecast], name: str) -> float:
    """Average a number of several shops."""
    return fmean(float(getattr(one, name)) for one in forecasts)
