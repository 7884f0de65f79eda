"""Simulated shops that break what purchase models assume, one assumption at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

START = dt.date(2023, 1, 1)
KNOWN_DAYS, AHEAD_DAYS = 730, 90
CUSTOMERS = 3_000
LAST_DAY = START + dt.timedelta(days=KNOWN_DAYS + AHEAD_DAYS - 1)

_RATE_SHAPE, _DAYS_BETWEEN = 1.2, 33.0
_STOP_A, _STOP_B = 1.0, 4.0
_SPEND_SHAPE, _SPEND_SPREAD, _SPEND = 3.0, 4.0, 360.0


@dataclass(frozen=True)
class Kind:
    """A kind of shop.

    regularity: purchases are every so many events of a Poisson process. seasonality: by how much the peak of
    the year, on peak_day, is above its mean, as a share of it. growth: factor of everybody's rate over a
    year. spend_spread: standard deviation of the logarithm of an order's amount; 0 for a gamma distribution.
    correlation: power of a customer's rate that their mean spend is proportional to. is_contract: a purchase
    every 30 days until the contract ends.
    """

    name: str
    words: str
    regularity: int = 1
    seasonality: float = 0.0
    peak_day: int = 345
    growth: float = 1.0
    spend_spread: float = 0.0
    correlation: float = 0.0
    is_contract: bool = False


KINDS = (
    Kind("as assumed", "Poisson purchases, customers leave after a purchase, gamma-distributed amounts"),
    Kind("regular", "purchases at regular intervals (every fourth event)", regularity=4),
    Kind("seasonal", "a December 60% above the mean, measured before winter's low", seasonality=0.6),
    Kind("before the peak", "the same, measured before the peak", seasonality=0.6, peak_day=45),
    Kind("growing", "everybody buys 60% more often each year", growth=1.6),
    Kind("heavy tails", "log-normal amounts (sigma 1.2)", spend_spread=1.2),
    Kind("correlated", "who buys often spends more per order", correlation=0.5),
    Kind("contracts", "a purchase every 30 days until the contract ends", is_contract=True),
)


def simulate(kind: Kind, seed: int) -> pa.Table:
    """Draw a shop's purchases: customer_id, activity_date, net_amount."""
    rng = np.random.default_rng(seed)
    end = KNOWN_DAYS + AHEAD_DAYS
    first = rng.integers(0, KNOWN_DAYS, CUSTOMERS)
    rate = rng.gamma(_RATE_SHAPE, 1 / (_RATE_SHAPE * _DAYS_BETWEEN), CUSTOMERS)
    stop = rng.beta(_STOP_A, _STOP_B, CUSTOMERS)
    worth = _SPEND / rng.gamma(_SPEND_SPREAD, 1.0, CUSTOMERS) * (rate / rate.mean()) ** kind.correlation
    clock = _build_clock(kind, end)
    who, days = [], []
    for customer in range(CUSTOMERS):
        bought = _draw_days(kind, clock, first[customer], rate[customer], stop[customer], rng)
        who.append(np.full(len(bought), customer))
        days.append(bought)
    customers, day = np.concatenate(who), np.concatenate(days)
    amounts = _draw_amounts(kind, worth[customers], rng)
    dates = np.datetime64(START) + day.astype("timedelta64[D]")
    return pa.table({"customer_id": pa.array(customers), "activity_date": pa.array(dates), "net_amount": amounts})


def _build_clock(kind: Kind, end: int) -> np.ndarray:
    """Return how much time of the shop's own has passed by the start of each day: it runs faster in a season."""
    day = np.arange(end)
    speed = kind.growth ** (day / 365) * (1 + kind.seasonality * np.cos(2 * np.pi * (day - kind.peak_day) / 365))
    return np.concatenate([[0.0], np.cumsum(speed)])


def _draw_days(
    kind: Kind, clock: np.ndarray, first: int, rate: float, stop: float, rng: np.random.Generator
) -> np.ndarray:
    times = [clock[first]]
    while rng.random() >= (0.05 if kind.is_contract else stop):
        gap = 30.0 if kind.is_contract else rng.gamma(kind.regularity, 1 / (rate * kind.regularity))
        if times[-1] + gap >= clock[-1]:
            break
        times.append(times[-1] + gap)
    return np.unique(np.searchsorted(clock, times, side="right") - 1)


def _draw_amounts(kind: Kind, worth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if kind.spend_spread:
        noise = rng.normal(-(kind.spend_spread**2) / 2, kind.spend_spread, len(worth))
        return np.round(worth * np.exp(noise), 2)
    return np.round(rng.gamma(_SPEND_SHAPE, worth / _SPEND_SHAPE), 2)
