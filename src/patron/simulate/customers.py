"""Draws the customers and the truth about each: when they arrive, how they buy, when they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.clock import WEEK, Clock
from patron.simulate.streams import Floats, Ints, Subject, stream

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec


@dataclass(frozen=True)
class Customers:
    """One entry per customer, by order of arrival. `*_busy` counts the clock's busy weeks since the start."""

    arrived_busy: Floats
    left_busy: Floats
    purchase_rate_weeks: Floats
    dropout_rate_weeks: Floats
    lifetime_weeks: Floats
    mean_spend: Floats
    country: Ints

    @property
    def exposure_weeks(self) -> Floats:
        """Return the busy weeks in which repeat orders can fall; their count is Poisson(purchase rate x exposure)."""
        return self.left_busy - self.arrived_busy


def draw_customers(spec: ShopSpec, clock: Clock) -> Customers:
    """Draw the hidden truth of every customer. Memory: some 60 bytes a customer, however many lines."""
    rng, n = stream(spec.seed, Subject.CUSTOMERS), spec.customers
    arrived = np.sort(arrival_fraction(rng.random(n), spec.arrival_growth)) * clock.end_weeks
    purchase_rate = rng.gamma(spec.r, size=n) / spec.alpha_weeks
    # A gamma of a small shape can underflow to 0, and no lifetime is divided by that.
    dropout_rate = np.maximum(rng.gamma(spec.s, size=n) / spec.beta_weeks, 1e-300)
    lifetime = rng.standard_exponential(n) / dropout_rate
    left_seconds = clock.seconds_at(arrived) + np.minimum(lifetime, spec.days / 7 + 1) * WEEK
    return Customers(
        arrived_busy=arrived,
        left_busy=np.maximum(clock.weeks_at(left_seconds), arrived),
        purchase_rate_weeks=purchase_rate,
        dropout_rate_weeks=dropout_rate,
        lifetime_weeks=lifetime,
        mean_spend=draw_mean_spend(spec, n, rng),
        country=draw_countries(spec, n, rng),
    )


def arrival_fraction(chance: Floats, growth: float) -> Floats:
    """Turn uniform chances into moments of the period, whose density grows linearly from 1 to `growth`."""
    steepness = growth - 1
    area = chance * (1 + steepness / 2)
    moment: Floats = 2 * area / (1 + np.sqrt(1 + 2 * steepness * area))
    return moment


def draw_mean_spend(spec: ShopSpec, size: int, rng: np.random.Generator) -> Floats:
    """Draw the mean spend per order of `size` people, p / nu with nu ~ Gamma(q, gamma), in currency."""
    return spec.spend_p * spec.spend_gamma / rng.gamma(spec.spend_q, size=size)


def draw_countries(spec: ShopSpec, size: int, rng: np.random.Generator) -> Ints:
    """Draw the index of each person's country in `spec.countries`."""
    weights = np.cumsum([weight for _, weight in spec.countries])
    places: Ints = np.searchsorted(weights, rng.random(size) * weights[-1], side="right")
    return places
