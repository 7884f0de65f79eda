"""Simulated shops that are years older than their receipts: what a new customer does is known, and compared."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from patron.predict import MBGNBD
from patron.predict.models.left_truncation import fit_left_truncation

YEARS, SEEN_DAYS = 5, 365
CUSTOMERS = 8_000
START = dt.date(2023, 1, 1)
"""The first day of the receipts."""

_YEAR = 365.0
_MANY = 40_000


@dataclass(frozen=True)
class OldKind:
    """A kind of shop. shape, gap_days: of the gamma-distributed rates, and the mean gap at the mean rate.

    stop: parameters of the beta-distributed probability to stop after a purchase (MBG/NBD), or of the gamma-distributed
    rate of leaving, in days, at any time (Pareto/NBD).
    """

    name: str
    words: str
    shape: float
    gap_days: float
    stop: tuple[float, float]
    leaves_at_any_time: bool = False


OLD_KINDS = (
    OldKind("frequent", "a purchase every 33 days; one in five leaves after each", 1.2, 33.0, (1.0, 4.0)),
    OldKind("loyal", "a purchase every 60 days; one in ten leaves after each", 1.2, 60.0, (1.0, 9.0)),
    OldKind("uneven", "few buy often: rates of shape 0.6", 0.6, 20.0, (1.0, 4.0)),
    OldKind("Pareto/NBD", "customers leave at any time, a purchase every 93 days", 1.5, 93.0, (0.6, 210.0), True),
)


@dataclass(frozen=True)
class OldShop:
    """Purchase days of each customer, counted from the first day of the receipts, and whether the first is in them."""

    days: list[np.ndarray]
    is_new: np.ndarray

    def to_lines(self) -> list[dict[str, object]]:
        """List the receipts as lines of a till."""
        return [
            {"order": f"{who}-{number}", "customer": f"c{who}", "at": START + dt.timedelta(days=int(day)), "amount": 20}
            for who, own in enumerate(self.days)
            for number, day in enumerate(own)
        ]


@dataclass(frozen=True)
class OldResult:
    """Repeat purchases of a new customer in a year: the truth, as if all were new, and corrected; and who is new.

    new_share, true_share: of the customers seen first after the first sixth.
    """

    truth: float
    before: float
    now: float
    new_share: float
    true_share: float


def draw_old_shop(kind: OldKind, seed: int, customers: int = CUSTOMERS) -> OldShop:
    """Draw a shop of YEARS years, and keep the receipts of its last SEEN_DAYS."""
    rng = np.random.default_rng(seed)
    end = YEARS * _YEAR
    first = rng.uniform(0, end, customers)
    found, is_new = [], []
    for begins in first:
        days = np.unique(np.floor(_draw(kind, begins, end, rng))) - (end - SEEN_DAYS)
        seen = days[days >= 0]
        if len(seen):
            found.append(seen)
            is_new.append(days[0] >= 0)
    return OldShop(found, np.array(is_new))


def compute_truth(kind: OldKind) -> float:
    """Simulate the mean number of repeat purchases in the year after the first."""
    rng = np.random.default_rng(0)
    return fmean(len(np.unique(np.floor(_draw(kind, 0.0, _YEAR, rng)))) - 1 for _ in range(_MANY))


def compare(kind: OldKind, seed: int, truth: float) -> OldResult:
    """Fit new customers as if everybody were new, and with the correction."""
    shop = draw_old_shop(kind, seed)
    x = np.array([len(days) - 1 for days in shop.days], dtype=np.float64)
    last = np.array([days[-1] - days[0] for days in shop.days]) / 7
    now = np.array([SEEN_DAYS - days[0] for days in shop.days]) / 7
    everybody = MBGNBD(exact=False).fit(x, last, now)
    start = tuple(everybody.params_[name] for name in ("r", "alpha", "a", "b"))
    known = fit_left_truncation(x, last, now, np.ones(len(x)), span=SEEN_DAYS / 7, start=start)  # type: ignore[arg-type]
    new = known.probability_new(x, last, now)
    kept = new > 0
    corrected = MBGNBD(exact=False).fit(x[kept], last[kept], now[kept], new[kept])
    year = _YEAR / 7
    return OldResult(
        truth,
        float(everybody.expected_purchases_new(year)),
        float(corrected.expected_purchases_new(year)),
        float(new[kept].mean()),
        float(shop.is_new[kept].mean()),
    )


def _draw(kind: OldKind, begins: float, end: float, rng: np.random.Generator) -> np.ndarray:
    rate = rng.gamma(kind.shape, 1 / (kind.shape * kind.gap_days))
    if kind.leaves_at_any_time:
        shape, scale = kind.stop
        left = begins + rng.exponential(1 / rng.gamma(shape, 1 / scale))
        count = rng.poisson(rate * max(min(left, end) - begins, 0.0))
        return np.concatenate([[begins], rng.uniform(begins, min(left, end), count)])
    purchases = rng.geometric(rng.beta(*kind.stop))
    most = min(int(purchases), 3_000)
    times = begins + np.concatenate([[0.0], np.cumsum(rng.exponential(1 / rate, most - 1))])
    kept: np.ndarray = times[times < end]
    return kept
