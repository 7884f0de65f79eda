"""Reproduces the published results on the online grocery of the package BTYDplus: 1,525 customers of early 2006.

The file is its data set groceryElog, written by R with `write.csv(groceryElog, "groceryElog.csv", row.names = FALSE)`:
columns cust and date. As in the package's vignette: weeks are days / 7; 2006 to calibrate on, and the year after it.
The vignette's forecast of all purchases is by an approximation (the BG/NBD's, scaled), which is computed here from the
parameters that patron finds, so that it is a test of these. patron's own forecast is exact, and has nothing to compare.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import hyp2f1

from patron.errors import SourceError
from patron.predict.models.time_units import DAYS_A_WEEK
from patron.predict.verify.check import Check

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.mbg_cnbd_k import MBGCNBDK

    History = tuple[Floats, Floats, Floats]

END = date(2006, 12, 31).toordinal()
STAGES, ACTUAL, FORECAST = 2, 3389, 3970
"""Published: k, the purchases of the second year, and the forecast of them."""

_SECTION = "MBG/CNBD-k, vignette of BTYDplus 1.2 on its groceryElog"


@dataclass(frozen=True)
class Grocery:
    """Customers of the first year. history: frequency, recency and age, in weeks. later: purchases of the second year.

    log_gaps: the sum of ln(gap in weeks) over a customer's gaps. ahead: weeks of the second year.
    """

    history: History
    log_gaps: Floats
    later: Floats
    ahead: float


def read_grocery(path: Path) -> Grocery:
    """Read the customers who bought in the first year. Raises SourceError."""
    of_all = _read_days(path)
    days = [own for own in of_all if own[0] <= END]
    known = [[day for day in own if day <= END] for own in days]
    x, last, now = (np.array([one(own) for own in known]) for one in (_count, _recency, _age))
    log_gaps = np.array([float(np.log(np.diff(own) / DAYS_A_WEEK).sum()) for own in known])
    later = np.array([float(sum(day > END for day in own)) for own in days])
    ahead = (max(own[-1] for own in of_all) - END) / DAYS_A_WEEK
    return Grocery((x, last, now), log_gaps, later, ahead)


def run_checks(path: Path) -> Iterator[Check]:
    """Check k, and the published forecast to the purchase. Raises SourceError."""
    from patron.predict import MBGCNBDK

    found = read_grocery(path)
    model = MBGCNBDK().fit(*found.history, log_gaps=float(found.log_gaps.sum()))
    yield Check(_SECTION, "purchases of the second year, counted", ACTUAL, float(found.later.sum()), 0)
    yield Check(_SECTION, "k", STAGES, model.params_["k"], 0)
    forecast = float(forecast_as_published(model, found).sum())
    yield Check(_SECTION, "forecast of the second year, by the approximation", FORECAST, forecast, 0.5)


def forecast_as_published(model: MBGCNBDK, found: Grocery) -> Floats:
    """Forecast as the package does: P(alive) x the BG/NBD's expectation with k alpha, scaled to the sum of all."""
    k, r, alpha, a, b = model.params_.values()
    (x, _, now), ahead = found.history, found.ahead
    tails = b + x + 1
    at = k * alpha + now
    form = hyp2f1(r + x, tails, a + tails - 1, ahead / (at + ahead))
    each = (
        (a + tails - 1)
        / (a - 1)
        * (1 - (at / (at + ahead)) ** (r + x) * form)
        * model.probability_alive(*found.history)
    )
    total = float((model.expected_purchases_new(now + ahead) - model.expected_purchases_new(now)).sum())
    scaled: Floats = each * (total / each.sum())
    return scaled


def _read_days(path: Path) -> list[list[int]]:
    """Read each customer's days of purchase, ascending, as ordinals."""
    days: dict[str, set[int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                days.setdefault(row["cust"], set()).add(date.fromisoformat(row["date"]).toordinal())
        if not any(day <= END for own in days.values() for day in own):
            raise ValueError("no purchase up to 2006-12-31")
    except (OSError, ValueError, KeyError) as error:
        what = f"The grocery's purchases cannot be read: {error}."
        raise SourceError(
            what, where=str(path), do="write BTYDplus's groceryElog as CSV, with cust and date"
        ) from error
    return [sorted(own) for own in days.values()]


def _count(own: list[int]) -> float:
    return len(own) - 1


def _recency(own: list[int]) -> float:
    return (own[-1] - own[0]) / DAYS_A_WEEK


def _age(own: list[int]) -> float:
    return (END - own[0]) / DAYS_A_WEEK
