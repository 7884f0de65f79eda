"""Measures what stands beside the plain purchase models, at a million customers: python -m benchmarks.contenders [N]

Processor seconds of one thread's and its helpers' work, of what a run does with each: regular buyers, a season, old and
new customers, covariates, the two regressions; and of the Pareto/GGG, which no run uses, on fewer customers. Each
task runs in a process of its own, which first does the same with 2,000 customers. Writes
benchmarks/results/contenders.json.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import measure
from benchmarks.page import machine, save
from patron.predict.models.time_units import DAYS_A_WEEK
from patron.simulate import histories

SIZE, WARM = 1_000_000, 2_000
GGG_SIZES = (10_000, 100_000)
DAYS, AS_OF = 730, dt.date(2025, 1, 1)
PLAIN = {"r": 0.9, "alpha": 6.0, "a": 0.9, "b": 2.5}
REGULAR = {"k": 3, "r": 0.9, "alpha": 2.0, "a": 0.9, "b": 2.5}
INDIVIDUAL = {"t": 4.5, "gamma": 1.5, "r": 0.9, "alpha": 5.0, "s": 0.8, "beta": 12.0}
WINDOWS, WINDOW_DAYS = 6, 90
GGG_SHARE = 20
"""Of the Pareto/GGG's steps, one in so many is taken: they are alike."""

Columns = tuple[Any, Any, Any]
Timed = dict[str, Callable[[], Any]]


def cells(customers: int) -> Columns:
    """Simulate histories in days, as weeks."""
    rng = np.random.default_rng(1)
    x, last, now = histories.mbg_nbd(PLAIN, rng.integers(1, DAYS + 1, customers) / DAYS_A_WEEK, rng)
    return x, np.minimum(np.ceil(last * DAYS_A_WEEK) / DAYS_A_WEEK, now), now


def group(columns: Columns) -> Any:
    """Group customers with equal histories, as an engine does before any model is fitted; not timed."""
    from patron.predict.models.cells import group_equal
    from patron.predict.models.histories import to_histories

    return group_equal(to_histories(*columns))


def regular(customers: int) -> Timed:
    """Time the MBG/CNBD-k: k and the parameters, then everybody's purchases of 90 days and P(alive)."""
    from patron.predict import MBGCNBDK

    rng = np.random.default_rng(1)
    (x, last, now), log_gaps = histories.mbg_cnbd_k(REGULAR, rng.integers(1, DAYS + 1, customers) / DAYS_A_WEEK, rng)
    seen = group((x, np.minimum(np.ceil(last * DAYS_A_WEEK) / DAYS_A_WEEK, now), now))
    model = MBGCNBDK()

    def fit() -> None:
        past = seen.frequency, seen.recency, seen.age, seen.weights
        model.fit(*past, log_gaps=log_gaps, resolution=1 / DAYS_A_WEEK)

    return {
        "fit, k among 1 to 12": fit,
        "score": lambda: model.expected_purchases(90 / DAYS_A_WEEK, seen.frequency, seen.recency, seen.age),
    }


def season(customers: int) -> Timed:
    """Time learning a season: the MBG/NBD fitted three times in the time of the months found before."""
    from patron.predict import MBGNBD
    from patron.predict.season.clock import Clock
    from patron.predict.season.learn import expect_by_day, learn_season

    seen = group(cells(customers))
    age, recency = (np.rint(one * DAYS_A_WEEK) for one in (seen.age, seen.recency))
    day = np.arange(-DAYS, 1)
    new = np.bincount(DAYS - age.astype(int), weights=seen.weights, minlength=DAYS + 1)
    even = expect_by_day(MBGNBD.from_params(PLAIN), Clock(AS_OF), new)
    came = np.rint(even * (1 + 0.5 * np.cos(2 * np.pi * day / 365)))

    def fit(clock: Clock) -> MBGNBD:
        past = seen.frequency, clock.to_recency(recency, age), clock.to_age(age), seen.weights
        return MBGNBD().fit(*past)

    def learn() -> None:
        assert learn_season(fit, AS_OF, age, seen.weights, (day, came)), "no season was found"

    return {"learn": learn}


def mixture(customers: int) -> Timed:
    """Time telling new customers from old ones, and each customer's probability of being new."""
    from patron.predict.models.left_truncation import fit_left_truncation

    seen = group(cells(customers))
    past, found = (seen.frequency, seen.recency, seen.age), {}

    def fit() -> None:
        found["model"] = fit_left_truncation(*past, seen.weights, span=DAYS / DAYS_A_WEEK, start=tuple(PLAIN.values()))

    return {"fit": fit, "score": lambda: found["model"].probability_new(*past)}


def covariates(customers: int) -> Timed:
    """Time effects of six columns on purchases and on leaving: of the run's sample, and of everybody."""
    from patron.predict import MBGNBD
    from patron.predict.clv.covariate_effects import MOST_BUYERS

    rng, columns = np.random.default_rng(2), cells(customers)
    known = {f"column {place}": (rng.random(customers) < 0.3).astype(np.float64) for place in range(6)}

    def fit(most: int, exact: bool) -> None:
        some = {name: own[:most] for name, own in known.items()}
        past = (one[:most] for one in columns)
        MBGNBD(exact=exact).fit(*past, purchase_covariates=some, dropout_covariates=some)

    return {
        f"fit on {MOST_BUYERS:,}, as a run does": lambda: fit(MOST_BUYERS, exact=False),
        "fit on all, by the library": lambda: fit(customers, exact=False),
    }


def poisson(customers: int) -> Timed:
    """Time the Poisson regression: learned from six windows of the run's sample; everybody's factor."""
    from patron.predict import MBGNBD
    from patron.predict.regression.adjustment import expect
    from patron.predict.regression.past import MOST_CUSTOMERS
    from patron.predict.regression.poisson import fit_poisson
    from patron.predict.regression.windows import WindowCells

    rng, columns = np.random.default_rng(3), cells(customers)
    model, found = MBGNBD.from_params(PLAIN), {}

    def to_cells(most: int) -> WindowCells:
        x, last, now = (one[:most] for one in columns)
        late = rng.binomial(x.astype(int), 0.2).astype(np.float64)
        bought = rng.poisson(0.3 * (x + 0.9) / (now + 6.0) * 12).astype(np.float64)
        near = np.minimum(late, rng.poisson(0.3, len(x)))
        days = (one * DAYS_A_WEEK for one in (last, now))
        return WindowCells(AS_OF, WINDOW_DAYS, x, *days, near, late, bought, np.ones(len(x)))

    learned, everybody = to_cells(min(MOST_CUSTOMERS, customers)), to_cells(customers)

    def fit() -> None:
        found["regression"] = fit_poisson([(learned, expect(model, learned)) for _ in range(WINDOWS)])

    return {
        f"fit on {WINDOWS} windows of {MOST_CUSTOMERS:,}": fit,
        "score": lambda: found["regression"].compute_factors(everybody, expect(model, everybody)),
    }


def lognormal(customers: int) -> Timed:
    """Time the zero-inflated lognormal learner, likewise."""
    from patron.predict import MBGNBD, GammaGamma
    from patron.predict.regression.spenders import MOST, Spenders
    from patron.predict.regression.zero_inflated import expect_amounts, fit_zero_inflated

    rng, columns = np.random.default_rng(4), cells(customers)
    model, found = MBGNBD.from_params(PLAIN), {}
    spend = GammaGamma.from_params({"p": 6.25, "q": 3.74, "gamma": 15.44})

    def to_spenders(most: int) -> Spenders:
        x, last, now = (one[:most] for one in columns)
        late = rng.binomial(x.astype(int), 0.2).astype(np.float64)
        each = 30 * np.exp(rng.normal(0, 0.8, len(x)))
        bought = rng.poisson(3.0 * (x + 0.9) / (now + 6.0))
        days = (one * DAYS_A_WEEK for one in (last, now))
        return Spenders(AS_OF, WINDOW_DAYS, x, *days, late, each * (x + 1), each * late, each * bought)

    learned, everybody = to_spenders(min(MOST, customers)), to_spenders(customers)

    def fit() -> None:
        expected = expect_amounts(model, spend, learned)
        found["learner"] = fit_zero_inflated([(learned, expected) for _ in range(WINDOWS)])

    return {
        f"fit on {WINDOWS} windows of {MOST:,}": fit,
        "score": lambda: found["learner"].predict(everybody, expect_amounts(model, spend, everybody)),
    }


def individual(customers: int) -> Timed:
    """Time one in GGG_SHARE of the Pareto/GGG's steps, and one in ten of the draws of a year."""
    from patron.predict import ParetoGGG

    rng = np.random.default_rng(5)
    seen, log_gaps = histories.pareto_ggg(INDIVIDUAL, rng.uniform(1, DAYS / DAYS_A_WEEK, customers), rng)
    settings = {"burn_in": 500 // GGG_SHARE, "steps": 2000 // GGG_SHARE, "kept": 10}
    model = ParetoGGG(**settings)
    return {"fit": lambda: model.fit(*seen, log_gaps), "score": lambda: model.expected_purchases(52)}


TASKS: dict[str, Callable[[int], Timed]] = {
    "MBG/CNBD-k": regular,
    "season": season,
    "new and old customers": mixture,
    "covariates": covariates,
    "Poisson regression": poisson,
    "zero-inflated lognormal": lognormal,
    "Pareto/GGG": individual,
}
_TIMES = {("Pareto/GGG", "fit"): GGG_SHARE, ("Pareto/GGG", "score"): 10}
"""What was measured a part of is multiplied by."""


def time_task(task: str, customers: int) -> list[dict[str, Any]]:
    """Return processor seconds of each part, once the same was done with a few."""
    for work in TASKS[task](WARM).values():
        work()
    rows = []
    for part, work in TASKS[task](customers).items():
        start = time.process_time()
        work()
        seconds = (time.process_time() - start) * _TIMES.get((task, part), 1)
        rows.append({"task": task, "part": part, "customers": customers, "cpu_seconds": seconds})
    return rows


def main(size: int) -> None:
    """Measure every task in a process of its own."""
    sizes = [(task, size) for task in TASKS if task != "Pareto/GGG"] + [("Pareto/GGG", one) for one in GGG_SIZES]
    rows = []
    for task, customers in sizes:
        once = measure([sys.executable, "-m", "benchmarks.contenders", task, str(customers)])
        own = json.loads(once.output.strip().splitlines()[-1])
        rows += [{**row, "peak_mb": once.peak_mb} for row in own]
        print(rows[-len(own) :], flush=True)
    save("contenders", {"machine": machine(), "rows": rows})


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(time_task(sys.argv[1], int(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
