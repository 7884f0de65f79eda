"""Recovers parameters from data that were simulated with them.

The distance between truth and estimate, measured by the covariance that the fit itself states, is a chi-square of as
many degrees as there are parameters: above the bound with a probability of 1 in 10,000. The seeds are fixed, so what
passes once passes always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtri

from patron.predict.verify.check import Check
from patron.predict.verify.points import REGULAR

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.likelihood.estimator import Estimated
    from patron.predict.models.regular_geometric import RegularGeometric

CUSTOMERS, FEW_CUSTOMERS = 20_000, 1_000
INDIVIDUAL = {"t": 4.5, "gamma": 1.5, "r": 0.9, "alpha": 5.0, "s": 0.8, "beta": 12.0}
"""Of the Pareto/GGG, as in the recovery test of the package BTYDplus."""

_SEED = 7
_WEEKS = 104
_RARE = 1e-4


def run_checks() -> Iterator[Check]:
    """Check each model on data drawn from it, and the Pareto/NBD on a simulated shop as well."""
    from patron import predict
    from patron.predict.verify.cdnow import PUBLISHED
    from patron.predict.verify.donors import PUBLISHED as DONORS
    from patron.simulate import histories

    rng = np.random.default_rng(_SEED)
    age = rng.uniform(1, _WEEKS, CUSTOMERS)
    models: list[tuple[type[Any], Mapping[str, float], Callable[..., Any], Floats]] = [
        (predict.BGNBD, PUBLISHED["BGNBD"][0], histories.bg_nbd, age),
        (predict.MBGNBD, PUBLISHED["MBGNBD"][0], histories.mbg_nbd, age),
        (predict.ParetoNBD, PUBLISHED["ParetoNBD"][0], histories.pareto_nbd, age),
        (predict.BGBB, DONORS, histories.bg_bb, rng.integers(1, 20, CUSTOMERS).astype(np.float64)),
    ]
    for kind, truth, draw, ages in models:
        yield from check_recovery(f"{CUSTOMERS:,} simulated customers", kind().fit(*draw(truth, ages, rng)), truth)
    for regular, draw_regular in ((predict.BGCNBDK, histories.bg_cnbd_k), (predict.MBGCNBDK, histories.mbg_cnbd_k)):
        yield from _check_regular_recovery(regular, *draw_regular(REGULAR, age, rng))
    truth, orders = PUBLISHED["GammaGamma"][0], rng.integers(0, 8, CUSTOMERS).astype(np.float64)
    spend = predict.GammaGamma().fit(orders, histories.mean_values(truth, orders, rng))
    yield from check_recovery(f"{CUSTOMERS:,} simulated customers", spend, truth)
    yield from _check_individual_regularity(rng)
    shop, truth = simulate_histories(CUSTOMERS)
    yield from check_recovery(f"a simulated shop of {CUSTOMERS:,}", predict.ParetoNBD().fit(*shop), truth)


def _check_regular_recovery(kind: type[RegularGeometric], history: Any, log_gaps: float) -> Iterator[Check]:
    """Check that k is found, and the other parameters."""
    model, section = kind().fit(*history, log_gaps=log_gaps), f"{CUSTOMERS:,} simulated customers"
    yield Check(section, f"{kind.name}'s k", REGULAR["k"], model.params_["k"], 0)
    yield from check_recovery(section, model, {name: REGULAR[name] for name in kind.parameter_names})


def _check_individual_regularity(rng: np.random.Generator) -> Iterator[Check]:
    """Check the distance of the Pareto/GGG's parameters from the truth, by the covariance of their draws."""
    from patron.predict import ParetoGGG
    from patron.simulate import histories

    history, log_gaps = histories.pareto_ggg(INDIVIDUAL, rng.uniform(36, 96, FEW_CUSTOMERS), rng)
    model = ParetoGGG(burn_in=200, steps=600).fit(*history, log_gaps)
    logs = np.log([model.draws_[name].ravel() for name in INDIVIDUAL])
    off = logs.mean(axis=1) - np.log(list(INDIVIDUAL.values()))
    square = float(off @ np.linalg.solve(np.cov(logs), off))
    section = f"{FEW_CUSTOMERS:,} simulated customers"
    yield Check(section, f"{model.name}'s parameters, chi-square", 0.0, square, float(chdtri(len(off), _RARE)))


def check_recovery(section: str, model: Estimated, truth: Mapping[str, float]) -> Iterator[Check]:
    """Check the joint distance of the estimates from the truth, in standard errors (chi-square)."""
    found = np.array([model.params_[name] for name in truth])
    off = np.log(found / np.array(list(truth.values())))
    square = float(off @ np.linalg.solve(model.covariance_log_, off))
    yield Check(section, f"{model.name}'s parameters, chi-square", 0.0, square, float(chdtri(len(off), _RARE)))
    message = f"{model.name}: starts that agree"
    yield Check(section, message, len(model.convergence_.starts), _count_agreeing_starts(model), 0)


def simulate_histories(customers: int) -> tuple[tuple[Floats, Floats, Floats], dict[str, float]]:
    """Simulate a shop; return its customers' histories, in weeks, and the true parameters."""
    from patron.simulate import ShopSpec, simulate_shop

    steady: dict[str, Any] = {"weekly_amplitude": 0.0, "yearly_amplitude": 0.0, "opening_hours": (0, 24)}
    spec = ShopSpec(customers=customers, days=364, seed=_SEED, lines_per_order=1.0, refund_rate=0.0, **steady)
    table = simulate_shop(spec).table()
    table = table.filter(table["kind"].cast("string").to_numpy(zero_copy_only=False) == "sale")
    orders = table.group_by(["customer_id", "order_id"]).aggregate([("ordered_at", "min")])
    grouped = orders.group_by("customer_id").aggregate(
        [("ordered_at_min", "min"), ("ordered_at_min", "max"), ("order_id", "count")]
    )
    grouped = grouped.filter(grouped["customer_id"].is_valid())
    first, last = (grouped[f"ordered_at_min_{end}"].to_numpy().astype("datetime64[s]") for end in ("min", "max"))
    end = np.datetime64(spec.start, "s") + np.timedelta64(spec.days, "D")
    week = np.timedelta64(7, "D") / np.timedelta64(1, "s")
    recency, age = ((moment - first).astype(np.float64) / week for moment in (last, end))
    frequency = grouped["order_id_count"].to_numpy().astype(np.float64) - 1
    return (frequency, recency, age), {"r": spec.r, "alpha": spec.alpha_weeks, "s": spec.s, "beta": spec.beta_weeks}


def _count_agreeing_starts(model: Estimated) -> int:
    heights = model.convergence_.log_likelihoods
    return sum(max(heights) - height < 1e-4 for height in heights)
