"""The expected size of a shop, by formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from patron.simulate.customers import arrival_fraction
from patron.simulate.spec import ShopSpec
from patron.simulate.streams import Floats

_ARRIVALS = 1000


def plan_shop(lines: int, **settings: Any) -> ShopSpec:
    """Return the spec whose expected number of order lines is `lines`; other settings of ShopSpec as given."""
    one = ShopSpec(customers=1, **settings)
    return replace(one, customers=max(1, round(lines / expect_lines(one))))


def expect_lines(spec: ShopSpec) -> float:
    """Compute how many order lines the shop will have, on average over seeds."""
    return spec.customers * lines_per_customer(spec)


def lines_per_customer(spec: ShopSpec) -> float:
    """Compute the expected order lines of every kind per acquired customer, including those of guests."""
    orders = orders_per_customer(spec) / (1 - spec.guest_rate)
    lines_per_order = spec.lines_per_order * (1 + spec.refund_rate) + spec.discount_rate + spec.charge_rate
    return orders * lines_per_order


def orders_per_customer(spec: ShopSpec) -> float:
    """Compute the expected orders per customer: the first one, and repeats until the end of the period."""
    arrived = arrival_fraction((np.arange(_ARRIVALS) + 0.5) / _ARRIVALS, spec.arrival_growth)
    seen_weeks = (1 - arrived) * spec.days / 7
    return 1 + float(repeats_within(spec, seen_weeks).mean())


def repeats_within(spec: ShopSpec, weeks: Floats) -> Floats:
    """Compute E[X(t)] of the Pareto/NBD: r beta / (alpha (s - 1)) (1 - (beta / (beta + t))^(s - 1)).

    At s = 1 the formula is 0 / 0; its limit is r beta / alpha log((beta + t) / beta).
    """
    stretch = np.log1p(weeks / spec.beta_weeks)
    power = spec.s - 1
    lasting: Floats = stretch if abs(power) < 1e-9 else -np.expm1(-power * stretch) / power
    return spec.r * spec.beta_weeks / spec.alpha_weeks * lasting
